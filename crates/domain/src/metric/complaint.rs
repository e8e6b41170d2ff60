//! Where a complaint stands (评议热线, domain.md S8, 3.7).
//!
//! Promises: praise and suggestions stand in no figure but that of transfers; a further complaint on the same matter is counted as a
//! repeat and nowhere else; what was taken back is no finding. Leaves to the gate who may be told of small counts.

use super::timeline::{DimsRef, Draft, Timeline, day_after, earliest_after, pieces};
use super::{Metric, Place, Standing};
use crate::complaint::{ComplaintOnDay, complaint_on};
use crate::event::{ComplaintKind, ComplaintOutcome, Finding};
use crate::history::History;
use crate::knowledge::Knowledge;
use jiff::civil::Date;

/// Standings of a complaint, in no order.
pub(super) fn standings(history: &History, knowledge: &Knowledge) -> Vec<Standing> {
    let view = |day| complaint_on(history, knowledge, day);
    let marks = |complaint: &ComplaintOnDay| [complaint.due.on, complaint.due.certain, day_after(complaint.due.certain)];
    let pieces = pieces(history, view, |complaint, from| earliest_after(marks(complaint), from));
    let mut timeline = Timeline::default();
    for (from, complaint) in &pieces {
        timeline.piece(*from, drafts(complaint, *from));
    }
    timeline.finish()
}

fn drafts(complaint: &ComplaintOnDay, from: Date) -> Vec<Draft<'_>> {
    let mut drafts: Vec<Draft<'_>> = transfers(complaint).collect();
    if complaint.told.kind != ComplaintKind::Complaint {
        return drafts;
    }
    let received = complaint.received;
    if !complaint.told.repeat_of.is_empty() {
        drafts.push(draft(complaint, Metric::ComplaintRepeats, Place::Numerator, "repeat", received.day, &[received.position]));
        return drafts;
    }
    let (place, why, accepted) = match complaint.accepted {
        Some(accepted) => (Place::Numerator, "accepted", accepted.position),
        None => (Place::Denominator, "not_accepted", 0),
    };
    drafts.push(draft(complaint, Metric::ComplaintAccepted, place, why, received.day, &[received.position, accepted]));
    drafts.extend(on_time(complaint, from));
    drafts.extend(finding(complaint));
    drafts
}

fn draft<'a>(
    complaint: &'a ComplaintOnDay,
    metric: Metric,
    place: Place,
    why: &'static str,
    day: Date,
    evidence: &[u64],
) -> Draft<'a> {
    Draft::new(metric, place, why, day, dims(complaint, &complaint.told.unit), evidence)
}

fn dims<'a>(complaint: &'a ComplaintOnDay, unit: &'a str) -> DimsRef<'a> {
    let told = &complaint.told;
    DimsRef { unit, staff: &told.staff, channel: told.channel.code(), kind: told.category.code(), ..DimsRef::default() }
}

/// Closed by the last day; of that day.
fn on_time(complaint: &ComplaintOnDay, from: Date) -> Option<Draft<'_>> {
    let due = complaint.due;
    let closed = complaint.closed.map_or(0, |(_, closed)| closed.position);
    let evidence = [complaint.received.position, complaint.accepted.map_or(0, |accepted| accepted.position), closed];
    let say = |place, why| Some(draft(complaint, Metric::ComplaintOnTime, place, why, due.on, &evidence));
    let in_time = complaint.closed.filter(|(_, closed)| closed.day <= due.certain);
    match in_time {
        _ if from < due.certain => None,
        Some((ComplaintOutcome::Withdrawn, _)) => say(Place::Excluded, "withdrawn"),
        Some((ComplaintOutcome::Handled, _)) if due.is_final() => say(Place::Numerator, "closed_in_time"),
        _ if !due.is_final() => say(Place::Unknown, "no_calendar"),
        _ if complaint.closed.is_some() => say(Place::Denominator, "closed_late"),
        _ => say(Place::Denominator, "open_past_due"),
    }
}

/// The latest finding, on its day.
fn finding(complaint: &ComplaintOnDay) -> Option<Draft<'_>> {
    let (finding, found) = complaint.finding?;
    let (place, why) = match finding {
        Finding::Substantiated => (Place::Numerator, "substantiated"),
        Finding::Unsubstantiated => (Place::Denominator, "unsubstantiated"),
        Finding::Unverifiable => (Place::Unknown, "unverifiable"),
    };
    let evidence = [complaint.received.position, found.position];
    Some(draft(complaint, Metric::SubstantiatedRate, place, why, found.day, &evidence))
}

/// Transfers, each of the unit that had to answer, on its day.
fn transfers(complaint: &ComplaintOnDay) -> impl Iterator<Item = Draft<'_>> {
    complaint.transfers.iter().map(|transfer| {
        let moment = transfer.moment;
        let dims = dims(complaint, &transfer.unit);
        Draft::new(Metric::ComplaintTransfers, Place::Numerator, "transferred", moment.day, dims, &[moment.position])
    })
}
