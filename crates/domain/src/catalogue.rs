//! The catalogue of items and the registries of units, windows and zones, as known (domain.md S14, S23, S7, S15, S16).
//!
//! Promises: an item's identity is (code, version), whichever system published it; what is in force on a day follows from the days
//! of the facts alone, whenever they were recorded.
//! Left to others: refusing a version that exists ([`crate::decide`]); successors of units, which no rule reads yet.

use crate::event::{
    CodeText, Configured, FigureKind, HotlineDesignation, ItemVersion, LimitChanged, PeerFigure, ToleranceList, WindowKind,
};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is known of items, units, windows and zones, of editions, and of other districts.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    items: Arc<BTreeMap<CodeText, Arc<Item>>>,
    units: Arc<BTreeMap<CodeText, Arc<Unit>>>,
    windows: Arc<BTreeMap<CodeText, Arc<Window>>>,
    /// By item, the windows that took it at any time.
    takers: Arc<BTreeMap<CodeText, BTreeSet<CodeText>>>,
    editions: Arc<BTreeMap<CodeText, Arc<Edition>>>,
    peers: Arc<BTreeMap<CodeText, Arc<Peer>>>,
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
    /// What became of it as a whole, by day.
    pub turns: Vec<Turn>,
    /// What was said of changes of its limit, in the order of recording.
    pub limit_changes: Vec<LimitChange>,
}

/// What becomes of an item as a whole, from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// Since when.
    pub on: Date,
    /// What.
    pub what: TurnKind,
}

/// What may become of an item as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnKind {
    /// 承接: what ended before ends nothing any more.
    TakenOver,
    /// 撤下: ends every version whose first day is not later.
    Withdrawn,
    /// 取消: ends every version.
    Cancelled,
    /// 下放: ends every version here.
    Delegated,
}

impl TurnKind {
    /// Those that end a version.
    const ENDS: [Self; 3] = [Self::Withdrawn, Self::Cancelled, Self::Delegated];
}

/// What was said of a change of the limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitChange {
    /// What changes.
    pub change: LimitChanged,
    /// The day it was said.
    pub on: Date,
    /// The event.
    pub position: u64,
}

/// 办理流程汇编.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edition {
    /// What was told of it, in the order of recording: since when, and the event.
    pub told: Vec<(Date, u64)>,
    /// Where each item stands.
    pub items: BTreeMap<CodeText, Sorted>,
}

/// Where an item stands in an edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sorted {
    /// Code of the category.
    pub category: CodeText,
    /// Since when.
    pub on: Date,
    /// The event.
    pub position: u64,
}

/// 区县: what another one publishes, in the order of recording, each with its event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peer {
    /// System that numbers it, as the first event has it.
    pub system: CodeText,
    /// Its figures.
    pub figures: Vec<(PeerFigure, u64)>,
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
    /// Of the hotline centre: who handles complaints (专人, S8), in the order of recording.
    pub hotline: Vec<HotlineDesignation>,
}

/// 窗口.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Window {
    /// What it was set up for since which day, in the order of recording.
    pub configured: Vec<(Date, Configured)>,
}

impl Window {
    /// What it is for on a day: the last that was set by then, of one day the last recorded. None before the first.
    pub fn on(&self, day: Date) -> Option<&Configured> {
        self.configured.iter().filter(|(from, _)| *from <= day).max_by_key(|(from, _)| *from).map(|(_, configured)| configured)
    }
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

    /// The version in force on a day: the last one, where nothing has ended it by then.
    pub fn in_force(&self, on: Date) -> Option<&Arc<ItemVersion>> {
        let ended = |version: &ItemVersion| TurnKind::ENDS.iter().any(|what| self.end_of(version, *what, on).is_some());
        self.last_version(on).filter(|version| !ended(version))
    }

    /// The version with the latest first day up to a day, of equal ones the last recorded, whether it has ended or not.
    pub fn last_version(&self, on: Date) -> Option<&Arc<ItemVersion>> {
        self.versions.iter().filter(|v| v.in_force_from <= on).max_by_key(|v| v.in_force_from)
    }

    /// Since when such a turn has ended a version, as of a day: the last of them, where the item was not taken over since.
    pub fn end_of(&self, version: &ItemVersion, what: TurnKind, by: Date) -> Option<Date> {
        self.turns.iter().filter(|turn| turn.on <= by).fold(None, |ended, turn| match turn.what {
            TurnKind::TakenOver => None,
            // A withdrawal takes away what had come into force, and no later version.
            TurnKind::Withdrawn if version.in_force_from > turn.on => ended,
            other if other == what => Some(turn.on),
            _ => ended,
        })
    }

    /// Whether the district handles it on a day: it was not cancelled or handed down, or was taken over since.
    pub fn is_handled(&self, on: Date) -> bool {
        let last = self.turns.iter().rfind(|turn| turn.on <= on && turn.what != TurnKind::Withdrawn);
        last.is_none_or(|turn| turn.what == TurnKind::TakenOver)
    }

    /// Since when the district has taken it over, as of a day.
    pub fn taken_over(&self, by: Date) -> Option<Date> {
        self.turns.iter().rfind(|turn| turn.on <= by && turn.what == TurnKind::TakenOver).map(|turn| turn.on)
    }

    /// The last word on the limit of a version.
    pub fn limit_change(&self, version: &str) -> Option<&LimitChange> {
        self.limit_changes.iter().rfind(|said| *said.change.version == *version)
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

impl Edition {
    /// The first day of it.
    fn first_day(&self) -> Option<Date> {
        self.told.iter().map(|(on, _)| *on).min()
    }

    /// The event that told the last of it by a day.
    pub fn last_told(&self, on: Date) -> u64 {
        self.told.iter().filter(|(day, _)| *day <= on).map(|(_, position)| *position).max().unwrap_or_default()
    }

    /// Where an item stands in it on a day.
    pub fn sorted(&self, item: &str, on: Date) -> Option<&Sorted> {
        self.items.get(item).filter(|sorted| sorted.on <= on)
    }
}

impl Peer {
    /// A figure as it holds on a day, with its event: that of the latest day, of equal ones the last recorded.
    pub fn figure(&self, kind: FigureKind, on: Date) -> Option<&(PeerFigure, u64)> {
        let published = self.figures.iter().filter(|(figure, _)| figure.figure == kind && figure.valid_on <= on);
        published.max_by_key(|(figure, _)| figure.valid_on)
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

    /// Whether a person was designated to handle complaints on a day: what was said last of the person and the day holds.
    pub fn is_of_the_hotline(&self, staff: &str, on: Date) -> bool {
        let of_unit = |unit: &Unit| {
            let said = unit.hotline.iter().rev().find(|said| *said.staff == *staff && said.from <= on);
            said.is_some_and(|said| said.to.is_none_or(|to| on <= to))
        };
        !staff.is_empty() && self.units.values().any(|unit| of_unit(unit))
    }

    /// Every unit, by code.
    pub fn units(&self) -> impl Iterator<Item = (&CodeText, &Arc<Unit>)> {
        self.units.iter()
    }

    /// A window by the id that events name it by.
    pub fn window(&self, id: &str) -> Option<&Arc<Window>> {
        self.windows.get(id)
    }

    /// Every window, by id.
    pub fn windows(&self) -> impl Iterator<Item = (&CodeText, &Arc<Window>)> {
        self.windows.iter()
    }

    /// Whether any window is set up on a day.
    pub fn has_windows(&self, on: Date) -> bool {
        self.windows.values().any(|window| window.on(on).is_some())
    }

    /// Whether a general window takes an item on a day (S15).
    pub fn is_of_general_windows(&self, item: &str, on: Date) -> bool {
        let takes = |set: &Configured| set.kind == WindowKind::General && set.items.iter().any(|code| **code == *item);
        let mut takers = self.takers.get(item).into_iter().flatten().filter_map(|window| self.windows.get(window));
        takers.any(|window| window.on(on).is_some_and(takes))
    }

    /// Sets what is known of a window.
    pub(crate) fn put_window(&mut self, id: &str, window: Window) {
        let takers = Arc::make_mut(&mut self.takers);
        for item in window.configured.iter().flat_map(|(_, configured)| &configured.items) {
            takers.entry(item.clone()).or_default().insert(id.into());
        }
        Arc::make_mut(&mut self.windows).insert(id.into(), Arc::new(window));
    }

    /// The latest edition on a day, of equal ones the one told last.
    pub fn edition(&self, on: Date) -> Option<(&CodeText, &Arc<Edition>)> {
        let begun = |edition: &Edition| edition.first_day().filter(|first| *first <= on);
        let last = |edition: &Edition| edition.told.last().map(|(_, position)| *position);
        let editions = self.editions.iter().filter_map(|(id, edition)| Some((begun(edition)?, last(edition), id, edition)));
        editions.max_by_key(|(first, last, ..)| (*first, *last)).map(|(.., id, edition)| (id, edition))
    }

    /// The days from which an edition says something else than before.
    pub fn edition_days(&self) -> impl Iterator<Item = Date> {
        self.editions.values().flat_map(|edition| edition.told.iter().map(|(on, _)| *on))
    }

    /// What another district publishes.
    pub fn peer(&self, district: &str) -> Option<&Arc<Peer>> {
        self.peers.get(district)
    }

    /// Sets what is known of an edition.
    pub(crate) fn put_edition(&mut self, id: &str, edition: Edition) {
        Arc::make_mut(&mut self.editions).insert(id.into(), Arc::new(edition));
    }

    /// Sets what is known of another district.
    pub(crate) fn put_peer(&mut self, district: &str, peer: Peer) {
        Arc::make_mut(&mut self.peers).insert(district.into(), Arc::new(peer));
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
