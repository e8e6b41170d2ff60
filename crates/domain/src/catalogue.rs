//! The catalogue of items and the registries of units and zones, as known (domain.md S14, S7, S16).
//!
//! Promises: an item's identity is (code, version), whichever system published it; what is in force on a day follows from first
//! days alone, whenever it was recorded.
//! Left to others: refusing a version that exists ([`crate::decide`]); successors of units, which no rule reads yet.

use crate::event::{CodeText, ItemVersion, ToleranceList};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is known of items, units and zones.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    items: Arc<BTreeMap<CodeText, Arc<Item>>>,
    units: Arc<BTreeMap<CodeText, Arc<Unit>>>,
    zones: Arc<BTreeMap<CodeText, Arc<Zone>>>,
}

/// 事项.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Item {
    /// Its versions, in the order of recording.
    pub versions: Vec<Arc<ItemVersion>>,
    /// Where which version stands.
    pub posted: Vec<Posted>,
    /// 容缺受理清单, in the order of recording.
    pub tolerance: Vec<Listed>,
    /// Day of the last withdrawal. It ends every version whose first day is not later.
    pub withdrawn_on: Option<Date>,
}

/// 容缺受理清单, as published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What may be missing of which version.
    pub list: ToleranceList,
    /// Since when.
    pub on: Date,
    /// The event.
    pub position: u64,
}

/// 公开: a version stands on a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The version.
    pub version: CodeText,
    /// Code of the channel.
    pub channel: CodeText,
    /// Since when.
    pub on: Date,
}

/// 单位.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unit {
    /// First days of validity, one for each registration, in the order of recording; none where not stated.
    pub registered: Vec<Option<Date>>,
    /// Appointments (true) and reliefs of heads, by day; of one day in the order of recording.
    pub heads: Vec<(Date, bool, CodeText)>,
}

/// 区域.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Zone {
    /// 区域评估, in the order of recording.
    pub assessments: Vec<Assessment>,
}

/// 区域评估, as approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessment {
    /// The zone's id of it.
    pub id: CodeText,
    /// What is assessed.
    pub kind: CodeText,
    /// First day it may be used: of its validity, or of its approval where that is later.
    pub from: Date,
    /// Last day; none where it does not end.
    pub to: Option<Date>,
    /// The event.
    pub position: u64,
}

impl Zone {
    /// The assessments that may be used on a day.
    pub fn valid(&self, on: Date) -> impl Iterator<Item = &Assessment> {
        self.assessments.iter().filter(move |assessment| assessment.is_valid(on))
    }
}

impl Assessment {
    /// Whether it may be used on a day.
    pub fn is_valid(&self, on: Date) -> bool {
        self.from <= on && self.to.is_none_or(|to| on <= to)
    }
}

impl Item {
    /// A version by its name.
    pub fn version(&self, version: &str) -> Option<&Arc<ItemVersion>> {
        self.versions.iter().find(|v| *v.version == *version)
    }

    /// The version in force on a day: the one with the latest first day, of equal ones the last recorded.
    pub fn in_force(&self, on: Date) -> Option<&Arc<ItemVersion>> {
        let version = self.versions.iter().filter(|v| v.in_force_from <= on).max_by_key(|v| v.in_force_from)?;
        let withdrawn = self.withdrawal_of(version).is_some_and(|day| day <= on);
        (!withdrawn).then_some(version)
    }

    /// From which day on a version is withdrawn.
    pub fn withdrawal_of(&self, version: &ItemVersion) -> Option<Date> {
        self.withdrawn_on.filter(|day| version.in_force_from <= *day)
    }

    /// The tolerance list of a version on a day: the last one published by then.
    pub fn tolerance_list(&self, version: &str, on: Date) -> Option<&Listed> {
        let lists = self.tolerance.iter().filter(|listed| listed.on <= on && *listed.list.version == *version);
        lists.max_by_key(|listed| listed.on)
    }

    /// Channels on which a version stands on a day.
    pub fn channels(&self, version: &str, on: Date) -> impl Iterator<Item = &CodeText> {
        self.posted.iter().filter(move |p| *p.version == *version && p.on <= on).map(|p| &p.channel)
    }
}

impl Unit {
    /// Whether it is registered and valid on a day.
    pub fn is_valid(&self, on: Date) -> bool {
        self.registered.iter().any(|from| from.is_none_or(|from| from <= on))
    }

    /// Its head on a day: the last one appointed on or before it and not relieved since. A head relieved on a day is no longer
    /// head on it.
    pub fn head(&self, on: Date) -> Option<&str> {
        let mut head = None;
        for (_, appointed, person) in self.heads.iter().filter(|(day, ..)| *day <= on) {
            if *appointed {
                head = Some(&**person);
            } else if head == Some(person) {
                head = None;
            }
        }
        head
    }
}

impl Catalogue {
    /// An item by its code.
    pub fn item(&self, code: &str) -> Option<&Arc<Item>> {
        self.items.get(code)
    }

    /// A version of an item.
    pub fn item_version(&self, code: &str, version: &str) -> Option<&Arc<ItemVersion>> {
        self.item(code)?.version(version)
    }

    /// The version of an item in force on a day.
    pub fn item_in_force(&self, code: &str, on: Date) -> Option<&Arc<ItemVersion>> {
        self.item(code)?.in_force(on)
    }

    /// Every item, by code.
    pub fn items(&self) -> impl Iterator<Item = (&CodeText, &Arc<Item>)> {
        self.items.iter()
    }

    /// A unit by its code.
    pub fn unit(&self, usci: &str) -> Option<&Arc<Unit>> {
        self.units.get(usci)
    }

    /// Every unit, by code.
    pub fn units(&self) -> impl Iterator<Item = (&CodeText, &Arc<Unit>)> {
        self.units.iter()
    }

    /// A zone by its id.
    pub fn zone(&self, id: &str) -> Option<&Arc<Zone>> {
        self.zones.get(id)
    }

    /// Sets what is known of an item.
    pub(crate) fn put_item(&mut self, code: &str, item: Item) {
        Arc::make_mut(&mut self.items).insert(code.into(), Arc::new(item));
    }

    /// Sets what is known of a unit.
    pub(crate) fn put_unit(&mut self, usci: &str, unit: Unit) {
        Arc::make_mut(&mut self.units).insert(usci.into(), Arc::new(unit));
    }

    /// Sets what is known of a zone.
    pub(crate) fn put_zone(&mut self, id: &str, zone: Zone) {
        Arc::make_mut(&mut self.zones).insert(id.into(), Arc::new(zone));
    }
}

#[cfg(test)]
mod tests;
