//! The `diag_*` metrics: what a record holds, without legal meaning. They check an import against figures computed elsewhere.
//!
//! Promises: only source events count; what an import adds for the begin and the end of a trace does not. The day a question is
//! about (`valid_on`) cuts nothing. They are not stored: the projections evaluate them by scanning.

use super::standing::sort;
use super::{Days, Dims, Metric, Place, Standing};
use crate::event::{Event, Fact, Recorded};
use crate::history::History;
use crate::ids::kind;
use crate::knowledge::Knowledge;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

const ALWAYS: Days = Days { from: Date::MIN, until: Date::MAX };

/// Whether the source recorded the event itself: not the begin (a receipt of nothing, numbered 0) and not the end or another
/// mark (`trace.…`) that an import adds.
pub fn is_source_event(event: &Event) -> bool {
    match &event.fact {
        Fact::CaseNoteRecorded(note) => !note.code.starts_with("trace."),
        Fact::CaseReceived(case) => !(case.window.is_empty() && case.item_code.is_empty() && event.source_seq == Some(0)),
        _ => true,
    }
}

/// Where a case stands in the metrics without legal meaning, in canonical order. Nothing for other things.
pub fn diag_standings(history: &History, knowledge: &Knowledge) -> Vec<Standing> {
    let is_own = |recorded: &&Recorded| recorded.event.subject == *history.subject() && is_source_event(&recorded.event);
    let events: Vec<&Recorded> = history.counting().filter(is_own).collect();
    let (Some(first), Some(last)) = (events.first(), events.last()) else {
        return Vec::new();
    };
    if &*history.subject().kind != kind::CASE {
        return Vec::new();
    }

    let day = first.event.day;
    let ends = vec![first.position.min(last.position), first.position.max(last.position)];
    let mut all = vec![
        standing(Metric::DiagCases, "case", day, None, vec![first.position]),
        standing(Metric::DiagSourceEvents, "events", day, Some(as_value(events.len())), ends.clone()),
    ];
    let night = |at: Timestamp| night_after(at, knowledge);
    let open = Days { from: night(first.event.occurred_at), until: night(last.event.occurred_at) };
    if open.from < open.until {
        let open = Standing { valid: open, ..standing(Metric::DiagOpenCases, "open", open.from, None, ends) };
        all.push(open);
    }
    all.extend(cases_with(&events));
    all.extend(corrections(&events, day));
    sort(&mut all);
    all
}

/// The first date whose end is not before an instant: its own, and at midnight the date before.
fn night_after(at: Timestamp, knowledge: &Knowledge) -> Date {
    let before = at.checked_sub(SignedDuration::from_micros(1)).unwrap_or(at);
    before.to_zoned_datetime(knowledge.zone.clone()).date()
}

fn cases_with(events: &[&Recorded]) -> impl Iterator<Item = Standing> {
    let mut first: BTreeMap<&str, &Recorded> = BTreeMap::new();
    for recorded in events {
        first.entry(recorded.event.fact.name()).or_insert(recorded);
    }
    first.into_iter().map(|(name, recorded)| {
        let mut standing = standing(Metric::DiagCasesWith, "has_type", recorded.event.day, None, vec![recorded.position]);
        standing.dims.kind = name.into();
        standing
    })
}

/// Each notice with the first correction at or after it that answers no earlier notice.
fn corrections(events: &[&Recorded], day: Date) -> Vec<Standing> {
    let mut corrections: Vec<&Recorded> =
        events.iter().copied().filter(|recorded| matches!(recorded.event.fact, Fact::CorrectionSubmitted(_))).collect();
    let notices = events.iter().filter(|recorded| matches!(recorded.event.fact, Fact::NoticeGiven(_)));
    let mut all = Vec::new();
    for notice in notices {
        let asked = notice.event.occurred_at;
        let Some(at) = corrections.iter().position(|correction| correction.event.occurred_at >= asked) else {
            all.push(standing(Metric::DiagNoticesUnanswered, "unanswered", day, None, vec![notice.position]));
            continue;
        };
        let correction = corrections.remove(at);
        let mut evidence = vec![notice.position, correction.position];
        evidence.sort_unstable();
        let seconds = correction.event.occurred_at.duration_since(asked).as_secs_f64();
        all.push(standing(Metric::DiagNoticesAnswered, "answered", day, None, evidence.clone()));
        all.push(standing(Metric::DiagCorrectionSeconds, "answered", day, Some(seconds), evidence));
    }
    all
}

fn standing(metric: Metric, why: &'static str, counts_on: Date, value: Option<f64>, evidence: Vec<u64>) -> Standing {
    Standing { metric, place: Place::Numerator, why, counts_on, valid: ALWAYS, value, dims: Dims::default(), evidence }
}

#[allow(clippy::cast_precision_loss)] // a case has far fewer than 2^53 events
fn as_value(count: usize) -> f64 {
    count as f64
}
