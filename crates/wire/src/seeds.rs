//! What an empty log is seeded with: the working-day calendar of the years 2004 to 2026.
//!
//! The files in `seeds/` are the proto3 JSON of `CalendarPublished`; `seeds/README.md` names their source and licence. They are
//! compiled in and posted once, as events, when a log is opened; after that the log alone is the truth. To add a year, add its
//! file and its line here; a log that is open already gets it as a posted event.

use crate::{parse::LOG_SYSTEM, v1};
use jiff::Timestamp;
use uuid::{Uuid, uuid};
use xiaoer_domain::{LogName, ids::kind};

macro_rules! years {
    ($($year:literal)*) => {
        &[$(include_str!(concat!("../../../seeds/calendar/cn/", $year, ".json"))),*]
    };
}

const CALENDAR_YEARS: &[&str] = years! {
    2004 2005 2006 2007 2008 2009 2010 2011 2012 2013 2014 2015 2016 2017 2018 2019 2020 2021 2022 2023 2024 2025 2026
};

/// Namespace of the ids of seed events; drawn once, never changed.
const NAMESPACE: Uuid = uuid!("5b0c41c5-6d1f-4a0e-9d4e-6f1c3a2e8b57");

/// The seeded calendar years, oldest first.
pub fn calendar_years() -> Vec<v1::CalendarPublished> {
    // The texts are compiled in, and a test reads every one of them.
    CALENDAR_YEARS.iter().map(|json| serde_json::from_str(json).expect("a seed of this build")).collect()
}

/// The seeded calendar years as events of a log, at one time. The same log gets the same ids, so posting twice changes nothing.
pub fn calendar_events(log: &LogName, at: Timestamp) -> Vec<v1::Event> {
    calendar_years().into_iter().map(|year| calendar_event(log, at, year)).collect()
}

fn calendar_event(log: &LogName, at: Timestamp, year: v1::CalendarPublished) -> v1::Event {
    let name = format!("{log}/calendar/{}/{}", year.year, year.version);
    v1::Event {
        event_id: Uuid::new_v5(&NAMESPACE, name.as_bytes()).to_string(),
        subject: Some(v1::Subject { kind: kind::LOG.into(), system: LOG_SYSTEM.into(), id: log.to_string() }),
        occurred_at: Some(at.into()),
        legal_date: None,
        source: Some(v1::Source { system: LOG_SYSTEM.into(), ..v1::Source::default() }),
        source_seq: None,
        fact: Some(v1::event::Fact::CalendarPublished(year)),
    }
}
