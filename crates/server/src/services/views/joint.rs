//! Joint handling and visits to the site, as the contract shows them.

use super::{clock_view, subject};
use xiaoer_domain::{
    Subject,
    case::{Joint, Member, Round, Stamp, Trip, Which},
};
use xiaoer_wire::v1;

/// 联办 of a round.
pub(super) fn joint_view(round: &Round, joint: &Joint) -> v1::JointView {
    let on = |stamp: Option<Stamp>| stamp.map(|stamp| stamp.day.to_string()).unwrap_or_default();
    let late = round.promised.overdue_on(round.promised.valid_on);
    let charged = if late { joint.charged() } else { Vec::new() };
    let other = [Which::PromisedOfficial, Which::StatutoryInternal];
    let started = other.into_iter().filter_map(|which| Some((which, round.clock(which).filter(|clock| clock.start.is_some())?)));
    v1::JointView {
        project: joint.project.as_ref().map(subject),
        stage: joint.stage.to_string(),
        lead_usci: joint.lead.to_string(),
        opened_on: joint.opened.day.to_string(),
        members: joint.members.iter().map(member_view).collect(),
        clocks: started.map(|(which, clock)| clock_view(which.name(), clock)).collect(),
        listed_on: on(joint.lists.last().map(|(stamp, _)| *stamp)),
        rectified_on: on(joint.rectified),
        concluded_on: on(joint.concluded.map(|(stamp, _)| stamp)),
        result: joint.concluded.map(|(_, result)| result.code().to_owned()).unwrap_or_default(),
        charged_usci: charged.into_iter().map(|unit| unit.to_string()).collect(),
    }
}

fn member_view(member: &Member) -> v1::JointMemberView {
    let Subject { system, id, .. } = &member.sub_case;
    v1::JointMemberView {
        usci: member.unit.to_string(),
        sub_case: Some(v1::CaseRef { system: system.to_string(), no: id.to_string() }),
        sent_on: member.clock.start.map(|day| day.to_string()).unwrap_or_default(),
        opinion_on: member.opinion.map(|(stamp, _)| stamp.day.to_string()).unwrap_or_default(),
        opinion: member.opinion.map(|(_, opinion)| opinion.code().to_owned()).unwrap_or_default(),
        agreed_on: member.agreed.map(|day| day.to_string()).unwrap_or_default(),
        clock: Some(clock_view(super::MEMBER, &member.clock)),
    }
}

/// A visit to the site.
pub(super) fn trip_view(trip: &Trip) -> v1::TripView {
    let texts = |units: &[xiaoer_domain::event::CodeText]| units.iter().map(|unit| unit.to_string()).collect();
    let (scheduled_on, units) = trip.scheduled.as_ref().map(|(_, on, units)| (on.to_string(), texts(units))).unwrap_or_default();
    let (held_on, present) = trip.done.as_ref().map(|(stamp, present)| (stamp.day.to_string(), texts(present))).unwrap_or_default();
    let absent = trip.absent.iter().map(|(_, unit)| unit.to_string()).collect();
    v1::TripView { visit_id: trip.visit_id.to_string(), scheduled_on, units, held_on, present, absent }
}
