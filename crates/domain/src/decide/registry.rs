//! The gate for what changes an answer: rules, the calendar, items, units (domain.md 3.10, S7, S14, section 6).

use super::forbidden;
use crate::event::{CalendarPublished, Event, Fact, ItemPosted, ItemVersion, RuleSet, ToleranceList};
use crate::history::History;
use crate::knowledge::Knowledge;
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

/// What the registry does not hold yet.
pub(super) fn state(history: &History, event: &Event) -> Result<(), Refusal> {
    let any = |is: &dyn Fn(&Fact) -> bool| history.counting().any(|recorded| is(&recorded.event.fact));
    match &event.fact {
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
