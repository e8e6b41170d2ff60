//! The gate for what changes an answer: rules, the calendar, items with their editions, units, figures of other districts (domain.md
//! 3.10, S7, S14, S23, section 6).

use super::forbidden;
use crate::catalogue::Item;
use crate::event::{
    CalendarPublished, CodeText, Event, Fact, FlowsConsolidated, ItemPosted, ItemVersion, LimitChanged, PeerFigure, RuleSet,
    ToleranceList,
};
use crate::flag::Flag;
use crate::history::History;
use crate::knowledge::{Knowledge, item};
use crate::metric::is_longer;
use crate::refusal::{Code, Refusal};
use crate::rules::def;
use std::collections::BTreeSet;

/// What is wrong whatever the mode: a wrong value here would change figures for ever.
pub(super) fn form(history: &History, knowledge: &Knowledge, event: &Event) -> Result<(), Refusal> {
    match &event.fact {
        Fact::LogOpened(_) => Err(Refusal::new(Code::GenesisOnly, "a genesis is posted by the server alone").at("log_opened")),
        Fact::LogRecovered => {
            Err(Refusal::new(Code::RecoveryOnly, "a recovery is recorded by the program alone").at("log_recovered"))
        }
        Fact::RuleSet(rule) => rule_form(rule),
        Fact::CalendarPublished(calendar) => calendar_form(history, calendar),
        Fact::ItemVersionPublished(version) => version_form(history, knowledge, event, version),
        Fact::ToleranceListPublished(list) => tolerance_form(knowledge, event, list),
        Fact::ItemFlowsConsolidated(flows) => edition_form(history, flows),
        Fact::PeerFigurePublished(figure) => figure_form(event, figure),
        _ => Ok(()),
    }
}

fn rule_form(rule: &RuleSet) -> Result<(), Refusal> {
    let Some(def) = def(&rule.rule_id) else {
        return Err(Refusal::new(Code::RuleUnknown, "there is no such rule").at("rule_set.rule_id").by_rule("3.10"));
    };
    if !def.accepts(&rule.value) {
        let message = format!("{} takes a value of kind {}", def.id, def.default.kind());
        return Err(Refusal::new(Code::RuleValue, message).at("rule_set.value").by_rule(def.id));
    }
    Ok(())
}

fn calendar_form(history: &History, calendar: &CalendarPublished) -> Result<(), Refusal> {
    let refuse = |code, field: String, message: &str| Err(Refusal::new(code, message).at(field).by_rule("calendar"));
    let mut seen = BTreeSet::new();
    for (index, (day, _)) in calendar.days.iter().enumerate() {
        let field = format!("calendar_published.days[{index}].date");
        if day.year() != calendar.year {
            return refuse(Code::CalendarInvalid, field, "a day of another year");
        }
        if !seen.insert(day) {
            return refuse(Code::CalendarInvalid, field, "a day that is given twice");
        }
    }
    let of_year = history.counting().filter_map(|recorded| match &recorded.event.fact {
        Fact::CalendarPublished(other) if other.year == calendar.year => Some(other.version),
        _ => None,
    });
    match of_year.max() {
        Some(version) if calendar.version <= version => {
            refuse(Code::CalendarVersion, "calendar_published.version".into(), &format!("the year stands at version {version}"))
        }
        _ => Ok(()),
    }
}

fn version_form(history: &History, knowledge: &Knowledge, event: &Event, version: &ItemVersion) -> Result<(), Refusal> {
    let refuse = |code, field: &str, message: &str| {
        Err(Refusal::new(code, message).at(format!("item_version_published.{field}")).by_rule("C3"))
    };
    // Whichever system published it: the item is known by its code alone. A stream may be ahead of what is known besides.
    let here = history
        .counting()
        .any(|recorded| matches!(&recorded.event.fact, Fact::ItemVersionPublished(other) if other.version == version.version));
    if here || knowledge.catalogue.item_version(&event.subject.id, &version.version).is_some() {
        return refuse(Code::ItemVersionExists, "version", "the item has this version");
    }
    match (version.promised, version.statutory) {
        // Limits in different units are not compared: which is longer depends on the calendar.
        (Some(promised), Some(statutory)) if promised.unit == statutory.unit && promised.n > statutory.n => {
            refuse(Code::ItemLimits, "promised_limit", "longer than the statutory limit")
        }
        _ => Ok(()),
    }
}

/// A list is of a version's own materials.
fn tolerance_form(knowledge: &Knowledge, event: &Event, list: &ToleranceList) -> Result<(), Refusal> {
    let Some(version) = knowledge.catalogue.item_version(&event.subject.id, &list.version) else { return Ok(()) };
    let stray = list.materials.iter().position(|(code, _)| !version.materials.iter().any(|own| own.code == *code));
    let Some(index) = stray else { return Ok(()) };
    let field = format!("tolerance_list_published.materials[{index}].code");
    Err(Refusal::new(Code::MaterialUnknown, "the version has no such material").at(field).by_rule("S21"))
}

/// A category of an edition is told once, and an item stands in one of them.
fn edition_form(history: &History, flows: &FlowsConsolidated) -> Result<(), Refusal> {
    let (mut categories, mut items): (BTreeSet<&str>, BTreeSet<&str>) = Default::default();
    for recorded in history.counting() {
        let Fact::ItemFlowsConsolidated(told) = &recorded.event.fact else { continue };
        categories.extend(told.categories.iter().map(|category| &*category.code));
        items.extend(told.categories.iter().flat_map(|category| &category.items).map(|item| &**item));
    }
    let refuse = |field: String, message: &str| Err(Refusal::new(Code::EditionInvalid, message).at(field).by_rule("S14"));
    for (index, category) in flows.categories.iter().enumerate() {
        let field = format!("item_flows_consolidated.categories[{index}]");
        if !categories.insert(&category.code) {
            return refuse(format!("{field}.code"), "a category that the edition has already");
        }
        if let Some(again) = category.items.iter().position(|item| !items.insert(item)) {
            return refuse(format!("{field}.item_codes[{again}]"), "an item that stands in the edition already");
        }
    }
    Ok(())
}

/// A figure is about a day that has come.
fn figure_form(event: &Event, figure: &PeerFigure) -> Result<(), Refusal> {
    if figure.valid_on <= event.day {
        return Ok(());
    }
    let message = format!("{} is after the day it was published", figure.valid_on);
    Err(Refusal::new(Code::TimeAhead, message).at("peer_figure_published.valid_on").by_rule("S23"))
}

/// What the registry does not hold yet, and what does not fit what it holds.
pub(super) fn state(history: &History, knowledge: &Knowledge, event: &Event) -> Result<(), Refusal> {
    let any = |is: &dyn Fn(&Fact) -> bool| history.counting().any(|recorded| is(&recorded.event.fact));
    match &event.fact {
        Fact::CalendarPublished(calendar) => without_a_hole(history, knowledge, calendar),
        Fact::ItemVersionPublished(version) => version_state(&item(history), event, version),
        Fact::ItemLimitChanged(change) => limit_state(&item(history), change),
        Fact::ItemCancelled | Fact::ItemDelegated => end_state(&item(history), event),
        Fact::ItemFlowsConsolidated(flows) => {
            let unknown = |item: &&CodeText| knowledge.catalogue.item(item).is_none_or(|item| item.versions.is_empty());
            match flows.categories.iter().flat_map(|category| &category.items).find(unknown) {
                Some(_) => Err(forbidden(Code::ItemUnknown, "None", event)),
                None => Ok(()),
            }
        }
        Fact::ItemPosted(ItemPosted { version, .. }) | Fact::ToleranceListPublished(ToleranceList { version, .. }) => {
            let known = any(&|fact| matches!(fact, Fact::ItemVersionPublished(own) if own.version == *version));
            if known { Ok(()) } else { Err(forbidden(Code::ItemUnknown, "None", event)) }
        }
        Fact::ItemWithdrawn if !any(&|fact| matches!(fact, Fact::ItemVersionPublished(_))) => {
            Err(forbidden(Code::ItemUnknown, "None", event))
        }
        Fact::UnitHeadAppointed(_) | Fact::UnitHeadRelieved(_) if !any(&|fact| matches!(fact, Fact::UnitRegistered(_))) => {
            Err(forbidden(Code::UnitUnknown, "None", event))
        }
        _ => Ok(()),
    }
}

/// Notices come year after year, so that a year that adjoins none is a slip, or one before it is to be posted first.
fn without_a_hole(history: &History, knowledge: &Knowledge, calendar: &CalendarPublished) -> Result<(), Refusal> {
    let beside = |year: i16| (calendar.year - 1..=calendar.year + 1).contains(&year);
    // A stream may be ahead of what is known besides.
    let here =
        history.counting().any(|recorded| matches!(&recorded.event.fact, Fact::CalendarPublished(other) if beside(other.year)));
    if here || knowledge.calendar.adjoins(calendar.year) {
        return Ok(());
    }
    let message = "no year beside it is published, though others are";
    Err(Refusal::new(Code::CalendarHole, message).at("calendar_published.year").by_rule("calendar"))
}

/// A version comes into force when it is published or later, brings the limit that was announced for it, and is none of an item that
/// the district does not handle any more.
fn version_state(item: &Item, event: &Event, version: &ItemVersion) -> Result<(), Refusal> {
    let refuse = |code, field: &str, message: &str| {
        Err(Refusal::new(code, message).at(format!("item_version_published.{field}")).by_rule("S23"))
    };
    if version.in_force_from < event.day {
        return refuse(Code::ItemVersionBackdated, "in_force_from", &format!("before {}, the day it was published", event.day));
    }
    if !item.is_handled(version.in_force_from) {
        return refuse(Code::ItemEnded, "in_force_from", "the item is cancelled or handed down by then");
    }
    match item.limit_change(&version.version).map(|said| &said.change) {
        Some(said) if Some(said.new) != version.promised => {
            refuse(Code::ItemLimitDiffers, "promised_limit", "another limit than was announced for this version")
        }
        Some(said) if said.in_force_from != version.in_force_from => {
            refuse(Code::ItemLimitDiffers, "in_force_from", "another first day than was announced for this version")
        }
        _ => Ok(()),
    }
}

/// What is said of a change agrees with the version that was in force before, and with the one that brings it.
fn limit_state(item: &Item, change: &LimitChanged) -> Result<(), Refusal> {
    let refuse = |code, field: &str, message: &str| {
        Err(Refusal::new(code, message).at(format!("item_limit_changed.{field}")).by_rule("S23"))
    };
    if item.versions.is_empty() {
        return refuse(Code::ItemUnknown, "version", "the item has no version");
    }
    let before = change.in_force_from.yesterday().ok().and_then(|day| item.last_version(day));
    if before.is_some_and(|before| before.promised != change.old) {
        return refuse(Code::ItemLimitDiffers, "promised_old", "not the limit of the version before");
    }
    match item.version(&change.version) {
        Some(version) if version.promised != Some(change.new) => {
            refuse(Code::ItemLimitDiffers, "promised_new", "not the limit of the version")
        }
        Some(version) if version.in_force_from != change.in_force_from => {
            refuse(Code::ItemLimitDiffers, "in_force_from", "not the first day of the version")
        }
        _ => Ok(()),
    }
}

/// Only what the district handles is cancelled or handed down, and once.
fn end_state(item: &Item, event: &Event) -> Result<(), Refusal> {
    if item.versions.is_empty() && item.turns.is_empty() {
        return Err(forbidden(Code::ItemUnknown, "None", event));
    }
    if item.is_handled(event.day) { Ok(()) } else { Err(forbidden(Code::ItemEnded, "Ended", event)) }
}

/// What is worth knowing of an event of an item and forbids nothing.
pub(super) fn remarks(history: &History, event: &Event) -> Vec<Flag> {
    let Fact::ItemVersionPublished(version) = &event.fact else { return Vec::new() };
    let item = item(history);
    let before = version.in_force_from.yesterday().ok().and_then(|day| item.last_version(day));
    let longer = before.is_some_and(|before| is_longer(before.promised, version.promised) == Some(true));
    let said = item.limit_change(&version.version).is_some();
    if longer && !said { vec![Flag::LimitLengthened] } else { Vec::new() }
}
