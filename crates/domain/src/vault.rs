//! What the log says of a person or text in the vault: under a legal hold, kept by law until a day, erased.
//!
//! Promises: the facts are the vault's own, in the order of its clock, so nothing here depends on the order of posting; what was
//! erased stays so.
//! Left to others: the content and its keys (`xiaoer-journal`), and which streams these are: one for each data key, of a person or of
//! a text that belongs to none.

use crate::event::{CodeText, Fact, Kept, Recorded, RetentionClass};
use crate::knowledge::Knowledge;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// A person or text, as its events say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// Every hold that was placed, and whether it stands.
    holds: BTreeMap<CodeText, bool>,
    /// It was erased.
    pub erased: bool,
}

impl Held {
    /// What these events say.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> Self {
        let mut held = Self::default();
        let mut lifted = Vec::new();
        for recorded in events {
            match &recorded.event.fact {
                Fact::LegalHoldPlaced(hold) => _ = held.holds.insert(hold.clone(), true),
                Fact::LegalHoldLifted(hold) => lifted.push(hold),
                Fact::PersonErased(_) => held.erased = true,
                _ => {}
            }
        }
        // A lift may be dated before its hold, by a clock that was set back between.
        for hold in lifted {
            held.holds.insert(hold.clone(), false);
        }
        held
    }

    /// Whether a hold of this id was placed, and whether it stands.
    pub fn hold(&self, id: &str) -> Option<bool> {
        self.holds.get(id).copied()
    }

    /// Whether any hold stands.
    pub fn is_held(&self) -> bool {
        self.holds.values().any(|stands| *stands)
    }

    /// Its state, in both languages.
    pub fn state(&self) -> (&'static str, &'static str) {
        match (self.erased, self.is_held()) {
            (true, _) => ("Erased", "已删除"),
            (false, true) => ("Held", "依法保全"),
            (false, false) => ("Kept", "留存"),
        }
    }
}

/// The first day on which content may be erased, by the rule in force on a day; none where it is kept for ever.
///
/// Calendar years after the day it was put, to the same date: a keeping period (保管期限) is a number of years.
pub fn erasable_from(kept: &Kept, knowledge: &Knowledge, on: Date) -> Option<Date> {
    let years = match kept.class {
        RetentionClass::None => 0,
        RetentionClass::Permanent => return None,
        // A class that the table has left out has no end that anybody knows.
        RetentionClass::Short | RetentionClass::Long => knowledge.rules.named("retention_years", kept.class.code(), on)?,
    };
    let years = i32::try_from(years).ok()?;
    // Beyond the end of all dates is for ever.
    kept.since.checked_add(jiff::Span::new().try_years(years).ok()?).ok()
}
