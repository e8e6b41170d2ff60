//! What the domain knows, as the contract shows it.

mod complaint;
mod joint;

use jiff::civil::Date;
use xiaoer_domain::Recorded;
use xiaoer_domain::{
    Subject,
    case::{CaseOnDay, DayTold, Explained, Gap, Reason, Stamp, Tolerance, Which, case_on},
    clock::{Clock, Due},
    complaint::complaint_on,
    contact::contact_on,
    event::{Channel, Limit, LimitUnit},
    history::History,
    ids::kind,
    knowledge::Knowledge,
    metric::Place,
    project::project_on,
    vault::Held,
};
use xiaoer_journal::Row;
use xiaoer_projections::Member;
use xiaoer_wire::{time::Timestamp, v1};

/// Name of the clock of a member's part of a joint case.
pub(crate) const MEMBER: &str = "member";

/// An event as the log holds it.
pub(crate) fn recorded(log: &str, row: &Row) -> Result<v1::RecordedEvent, xiaoer_journal::Error> {
    Ok(v1::RecordedEvent {
        log: log.to_owned(),
        position: row.position,
        revision: row.revision,
        recorded_at: Some(Timestamp::from_micros(row.recorded_at)),
        actor: row.actor.as_str().to_owned(),
        mode: i32::from(row.mode),
        flags: row.flags.clone(),
        event: Some(row.event()?),
        leaf_hash: row.leaf_hash.to_vec(),
    })
}

/// A subject.
pub(crate) fn subject(subject: &Subject) -> v1::Subject {
    v1::Subject { kind: subject.kind.to_string(), system: subject.system.to_string(), id: subject.id.to_string() }
}

/// The state of a thing on a day.
pub(crate) fn state(history: &History, knowledge: &Knowledge, valid_on: Date) -> v1::StateView {
    let events = history.counting_on(valid_on).filter(|recorded| recorded.event.subject == *history.subject()).count();
    let mut view = v1::StateView {
        subject: Some(subject(history.subject())),
        state: "Recorded".into(),
        state_zh: "已记录".into(),
        events: events as u64,
        ..v1::StateView::default()
    };
    match &*history.subject().kind {
        kind::CASE => match case_on(history, knowledge, valid_on) {
            Some(case) => {
                view.state = case.state.name().into();
                view.state_zh = case.state.zh().into();
                view.flags = case.flags.iter().map(|flag| flag.code().to_owned()).collect();
                view.case = Some(case_view(&case));
            }
            None => unreceived(&mut view),
        },
        kind::CONTACT | kind::STAFF => match contact_on(history, knowledge, valid_on) {
            Some(contact) => {
                let (state, zh) = contact.state();
                view.state = state.into();
                view.state_zh = zh.into();
            }
            // Of a person may be told without an allegation.
            None if &*history.subject().kind == kind::STAFF && events > 0 => {}
            None => unreceived(&mut view),
        },
        _ if events == 0 => unreceived(&mut view),
        kind::COMPLAINT => match complaint_on(history, knowledge, valid_on) {
            Some(complaint) => {
                let (state, zh) = complaint.state();
                view.state = state.into();
                view.state_zh = zh.into();
                view.complaint = Some(complaint::complaint_view(&complaint, knowledge, valid_on));
            }
            None => unreceived(&mut view),
        },
        kind::SUBJECT => {
            let (state, zh) = project_on(history, valid_on).state();
            view.state = state.into();
            view.state_zh = zh.into();
        }
        kind::PERSON => {
            let (state, zh) = Held::of(history.counting_on(valid_on)).state();
            view.state = state.into();
            view.state_zh = zh.into();
        }
        _ => {}
    }
    view
}

/// A day, empty where there is none.
pub(crate) fn day(day: Option<Date>) -> String {
    day.map(|day| day.to_string()).unwrap_or_default()
}

fn unreceived(view: &mut v1::StateView) {
    view.state = "None".into();
    view.state_zh = "未收件".into();
}

fn case_view(case: &CaseOnDay) -> v1::CaseView {
    let round = case.round();
    let clocks = [Which::Promised, Which::Statutory, Which::Delivery, Which::Hearing];
    let started = clocks.into_iter().filter_map(|which| Some((which, round.clock(which).filter(|clock| clock.start.is_some())?)));
    v1::CaseView {
        item_code: case.received.item_code.to_string(),
        item_version: case.version.as_ref().map_or(case.received.item_version.to_string(), |version| version.version.to_string()),
        unit_usci: case.unit.to_string(),
        channel: channel(case.received.channel) as i32,
        received_on: case.received.day.to_string(),
        accepted_on: day(round.accepted.as_ref().map(|accepted| accepted.day)),
        deemed_accepted: round.accepted.as_ref().is_some_and(|accepted| accepted.deemed),
        decided_on: day(round.outcome_stated_on()),
        completed_on: day(round.completed.map(|stamp| stamp.day)),
        delivered_on: day(round.delivered.map(|stamp| stamp.day)),
        renews_until: day(case.received.renews_until),
        renewed_on: day(round.renewed_on()),
        tolerance: round.tolerance.as_ref().map(tolerance_view),
        clocks: std::iter::once(receipt_clock(case)).chain(started.map(|(which, clock)| clock_view(which.name(), clock))).collect(),
        joint: round.joint.as_ref().map(|joint| joint::joint_view(round, joint)),
        trips: round.trips.iter().map(joint::trip_view).collect(),
    }
}

/// 容缺.
fn tolerance_view(tolerance: &Tolerance) -> v1::ToleranceView {
    let on = |stamp: Option<Stamp>| day(stamp.map(|stamp| stamp.day));
    let gap = |gap: &Gap| v1::GapView {
        material_code: gap.material.to_string(),
        filed_on: on(gap.filed),
        made_good_on: on(gap.made_good),
    };
    v1::ToleranceView {
        granted_on: tolerance.granted.day.to_string(),
        promised_on: tolerance.promised_on.to_string(),
        gaps: tolerance.gaps.iter().map(gap).collect(),
        lapsed_on: day(tolerance.lapsed),
        on_lapse: tolerance.on_lapse.code().into(),
        closed_on: on(tolerance.closed.map(|(stamp, _)| stamp)),
        outcome: tolerance.closed.map(|(_, outcome)| outcome.code().to_owned()).unwrap_or_default(),
    }
}

/// The receipt window (C6) as a clock.
fn receipt_clock(case: &CaseOnDay) -> v1::ClockView {
    let window = &case.window;
    let state = match window {
        window if window.answered.is_some() => "stopped",
        window if window.unknown_from.is_some() => "provisional",
        window if case.valid_on > window.last => "overdue",
        _ => "running",
    };
    let budget = v1::Limit { n: xiaoer_domain::case::RECEIPT_WD, unit: v1::LimitUnit::WorkingDay as i32 };
    v1::ClockView {
        clock: Which::Receipt.name().into(),
        budget: Some(budget),
        due_on: window.last.to_string(),
        state: state.into(),
        ..v1::ClockView::default()
    }
}

/// A clock with its days; the rest of the answer is not of it.
pub(crate) fn explained(name: &str, Explained { clock, days, is_cut, warns }: &Explained) -> v1::ExplainDeadlineResponse {
    let (yellow, red) = warns.unzip();
    v1::ExplainDeadlineResponse {
        clock: Some(clock_view(name, clock)),
        days: days.iter().map(day_told).collect(),
        cut: *is_cut,
        strict: clock.proven_only.as_ref().map(|strict| clock_view(name, strict)),
        yellow_on: day(yellow),
        red_on: day(red),
        ..v1::ExplainDeadlineResponse::default()
    }
}

fn day_told(told: &DayTold) -> v1::DeadlineDay {
    let reason = |reason: Reason| {
        let [code, zh, en, source] = [reason.code(), reason.zh(), reason.en(), reason.source()].map(str::to_owned);
        Some(v1::DeadlineReason { code, zh, en, source })
    };
    let event = |&(position, what): &(u64, Reason)| v1::DeadlineEvent { position, what: reason(what) };
    v1::DeadlineDay {
        day: told.day.to_string(),
        why: reason(told.why),
        counts: told.why.counts(),
        counted: told.counted,
        over: told.over,
        last: told.is_last,
        provisional: told.is_provisional,
        events: told.events.iter().map(event).collect(),
    }
}

fn clock_view(name: &str, clock: &Clock) -> v1::ClockView {
    v1::ClockView {
        clock: name.into(),
        budget: clock.limit.map(limit),
        used_wd: clock.used_wd,
        paused_wd: clock.paused_wd,
        due_on: match clock.due {
            Due::On { day, .. } => day.to_string(),
            Due::Paused | Due::Unknown(_) => String::new(),
        },
        state: clock.state().into(),
        overdue_wd: clock.overdue_wd,
    }
}

fn limit(limit: Limit) -> v1::Limit {
    let unit = match limit.unit {
        LimitUnit::WorkingDay => v1::LimitUnit::WorkingDay,
        LimitUnit::CalendarDay => v1::LimitUnit::CalendarDay,
        LimitUnit::Month => v1::LimitUnit::Month,
        LimitUnit::Hour => v1::LimitUnit::Hour,
        LimitUnit::Immediate => v1::LimitUnit::Immediate,
    };
    v1::Limit { n: limit.n, unit: unit as i32 }
}

fn channel(channel: Channel) -> v1::Channel {
    match channel {
        Channel::Unknown => v1::Channel::Unspecified,
        Channel::Window => v1::Channel::Window,
        Channel::Online => v1::Channel::Online,
        Channel::Phone => v1::Channel::Phone,
        Channel::Mail => v1::Channel::Mail,
        Channel::Kiosk => v1::Channel::Kiosk,
        Channel::Desk => v1::Channel::Desk,
        Channel::Hotline => v1::Channel::Hotline,
        Channel::Other => v1::Channel::Other,
    }
}

/// Whether an event does not fit the state it found, as known now.
pub(crate) fn is_irregular(history: &History, knowledge: &Knowledge, event: &Recorded) -> bool {
    &*history.subject().kind == kind::CASE
        && case_on(history, knowledge, event.event.day).is_some_and(|case| case.irregular.contains(&event.position))
}

/// A member of a figure.
pub(crate) fn member(log: &str, version: u32, member: &Member) -> v1::ExplainMetricResponse {
    let standing = match member.place {
        Place::Numerator => v1::Standing::Numerator,
        Place::Denominator => v1::Standing::Denominator,
        Place::Unknown => v1::Standing::Unknown,
        Place::Excluded => v1::Standing::Excluded,
    };
    let dims = &member.dims;
    let dimensions = [
        ("unit", &dims.unit),
        ("item", &dims.item),
        ("staff", &dims.staff),
        ("window", &dims.window),
        ("channel", &dims.channel),
        ("kind", &dims.kind),
    ];
    let given = dimensions.into_iter().filter(|(_, value)| !value.is_empty());
    v1::ExplainMetricResponse {
        subject: Some(subject(&member.subject)),
        log: log.to_owned(),
        standing: standing as i32,
        why: member.why.clone(),
        counts_on: member.counts_on.to_string(),
        value: member.value,
        dimensions: given.map(|(name, value)| v1::Dimension { name: name.into(), value: value.to_string() }).collect(),
        positions: member.positions.clone(),
        version,
    }
}
