//! Facts of a visit (`visit.proto`, S22 and 3.3).

use super::form::{self, Parsed};
use crate::v1;
use v1::visit_cause_decided::Basis;
use xiaoer_domain::{
    Fact,
    event::{CauseDecided, Decider, Visit, VisitCause, VisitPurpose, VisitWho},
};

pub(super) fn visited(m: &v1::ApplicantVisited) -> Parsed<Fact> {
    let cases = form::some("case_nos", &m.case_nos, form::case_ref)?;
    let place = form::code("place", &m.place)?;
    let who = who("who", m.who)?;
    let purpose = purpose("purpose", m.purpose)?;
    let cause = cause("cause", m.cause)?;
    Ok(Fact::ApplicantVisited(Visit { cases, place, who, purpose, required: m.required, cause }))
}

pub(super) fn cause_decided(m: &v1::VisitCauseDecided) -> Parsed<Fact> {
    let cause = cause("cause", m.cause)?;
    let decider = decider("decider", m.decider)?;
    match &m.basis {
        Some(Basis::SourceEvent(event)) => form::source_event(event)?,
        Some(Basis::RecordRef(record)) => form::record_ref(record)?,
        None => {}
    }
    Ok(Fact::VisitCauseDecided(CauseDecided { cause, decider }))
}

fn who(field: &str, number: i32) -> Parsed<VisitWho> {
    use v1::VisitWho as Wire;
    Ok(match form::named::<Wire>(field, number)? {
        Wire::Unspecified | Wire::Applicant => VisitWho::Applicant,
        Wire::Proxy => VisitWho::Proxy,
        Wire::Agent => VisitWho::Agent,
    })
}

fn purpose(field: &str, number: i32) -> Parsed<VisitPurpose> {
    use v1::VisitPurpose as Wire;
    Ok(match form::named::<Wire>(field, number)? {
        Wire::Unspecified => VisitPurpose::Unknown,
        Wire::Submit => VisitPurpose::Submit,
        Wire::Sign => VisitPurpose::Sign,
        Wire::IdentityCheck => VisitPurpose::IdentityCheck,
        Wire::Collect => VisitPurpose::Collect,
        Wire::Correct => VisitPurpose::Correct,
        Wire::Consult => VisitPurpose::Consult,
        Wire::Other => VisitPurpose::Other,
    })
}

fn cause(field: &str, number: i32) -> Parsed<VisitCause> {
    use v1::VisitCause as Wire;
    Ok(match form::named::<Wire>(field, number)? {
        Wire::Unspecified => VisitCause::Unknown,
        Wire::NoticeBreach => VisitCause::NoticeBreach,
        Wire::WrongGuide => VisitCause::WrongGuide,
        Wire::WrongReferral => VisitCause::WrongReferral,
        Wire::WindowClosed => VisitCause::WindowClosed,
        Wire::SystemDown => VisitCause::SystemDown,
        Wire::LostMaterial => VisitCause::LostMaterial,
        Wire::WrongResult => VisitCause::WrongResult,
        Wire::JointAskedSeparately => VisitCause::JointAskedSeparately,
        Wire::ListedMaterialMissing => VisitCause::ListedMaterialMissing,
        Wire::RequestChanged => VisitCause::RequestChanged,
        Wire::LawRequiresPresence => VisitCause::LawRequiresPresence,
        Wire::ChoseToCollect => VisitCause::ChoseToCollect,
    })
}

fn decider(field: &str, number: i32) -> Parsed<Decider> {
    use v1::VisitDecider as Wire;
    Ok(match form::named::<Wire>(field, number)? {
        Wire::Unspecified => return Err(form::not_stated(field)),
        Wire::Window => Decider::Window,
        Wire::Callback => Decider::Callback,
        Wire::Hotline => Decider::Hotline,
        Wire::Reviewer => Decider::Reviewer,
        Wire::Supervision => Decider::Supervision,
    })
}
