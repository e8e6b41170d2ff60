//! Complaints to the hotline (`complaint_events.proto`, S8).

use super::{case, form, form::Inside, form::Parsed, notice};
use crate::v1;
use xiaoer_domain::{
    Fact,
    event::{
        CodeText, ComplaintCategory, ComplaintKind, ComplaintOutcome, ComplaintReceived, ComplaintTransferred, HotlineDesignation,
    },
};

pub(super) fn designated(m: &v1::HotlineStaffDesignated) -> Parsed<Fact> {
    let staff = form::given_code("staff_id", &m.staff_id)?;
    let from = form::given_date("from", &m.from)?;
    let to = form::date("to", &m.to)?;
    if to.is_some_and(|to| to < from) {
        return Err(form::invalid("to", "before the first day"));
    }
    Ok(Fact::HotlineStaffDesignated(HotlineDesignation { staff, from, to }))
}

pub(super) fn received(m: &v1::ComplaintReceived) -> Parsed<Fact> {
    let kind = kind("kind", m.kind)?;
    let category = category("category", m.category)?;
    form::named::<v1::ComplainantKind>("complainant_kind", m.complainant_kind)?;
    let channel = case::channel("channel", m.channel)?;
    let unit = form::unit("subject_unit", &m.subject_unit)?;
    let staff = form::code("subject_staff", &m.subject_staff)?;
    m.case.as_ref().map(form::case_ref).transpose().inside("case")?;
    let text = reference("text_ref", m.text_ref.as_ref())?;
    let repeat_of = form::code("repeat_of", &m.repeat_of)?;
    Ok(Fact::ComplaintReceived(ComplaintReceived { kind, category, channel, unit, staff, text, repeat_of }))
}

pub(super) fn accepted(m: &v1::ComplaintAccepted) -> Parsed<Fact> {
    form::date("due_on", &m.due_on).map(Fact::ComplaintAccepted)
}

pub(super) fn verification_started(m: &v1::ComplaintVerificationStarted) -> Parsed<Fact> {
    form::given_code("verifier", &m.verifier).map(Fact::ComplaintVerificationStarted)
}

pub(super) fn verified(m: &v1::ComplaintVerified) -> Parsed<Fact> {
    notice::finding("finding", m.finding).map(Fact::ComplaintVerified)
}

pub(super) fn transferred(m: &v1::ComplaintTransferred) -> Parsed<Fact> {
    let unit = form::given_unit("to_unit", &m.to_unit)?;
    form::present("redacted_ref", m.redacted_ref.as_ref())?;
    let redacted = reference("redacted_ref", m.redacted_ref.as_ref())?;
    let due_on = form::date("due_on", &m.due_on)?;
    Ok(Fact::ComplaintTransferred(ComplaintTransferred { unit, redacted, due_on }))
}

pub(super) fn replied(m: &v1::ComplaintReplied) -> Parsed<Fact> {
    form::text_ref("reply_ref", m.reply_ref.as_ref())?;
    Ok(Fact::ComplaintReplied)
}

pub(super) fn rework_ordered(m: &v1::ComplaintReworkOrdered) -> Parsed<Fact> {
    form::date("due_on", &m.due_on).map(Fact::ComplaintReworkOrdered)
}

pub(super) fn extended(m: &v1::ComplaintExtended) -> Parsed<Fact> {
    let due_on = form::given_date("due_on", &m.due_on)?;
    form::code("reason", &m.reason)?;
    Ok(Fact::ComplaintExtended(due_on))
}

pub(super) fn closed(m: &v1::ComplaintClosed) -> Parsed<Fact> {
    Ok(Fact::ComplaintClosed(match form::named("outcome", m.outcome)? {
        v1::ComplaintOutcome::Unspecified => return Err(form::not_stated("outcome")),
        v1::ComplaintOutcome::Handled => ComplaintOutcome::Handled,
        v1::ComplaintOutcome::Withdrawn => ComplaintOutcome::Withdrawn,
    }))
}

pub(super) fn record_ref_issued(m: &v1::RecordRefIssued) -> Parsed<Fact> {
    form::given_code("complaint_id", &m.complaint_id).map(Fact::RecordRefIssued)
}

pub(super) fn digest_compiled(m: &v1::ComplaintDigestCompiled) -> Parsed<Fact> {
    let period = form::present("period", m.period.as_ref())?;
    let from = form::given_date("from", &period.from).inside("period")?;
    if form::given_date("to", &period.to).inside("period")? < from {
        return Err(form::invalid("to", "before the first day")).inside("period");
    }
    form::given_date("valid_on", &m.valid_on)?;
    if m.figures.is_empty() {
        return Err(form::missing("figures", "a figure"));
    }
    form::each("figures", &m.figures, form::LIST_LEN_MAX, |figure: &v1::FigureTold| {
        form::given_code("metric_id", &figure.metric_id)?;
        form::count("version", figure.version)?;
        form::unit("unit_usci", &figure.unit_usci).map(drop)
    })?;
    Ok(Fact::ComplaintDigestCompiled)
}

/// The reference of a text in the vault; empty where there is none.
fn reference(field: &str, value: Option<&v1::TextRef>) -> Parsed<CodeText> {
    form::text_ref(field, value)?;
    Ok(value.map_or_else(|| "".into(), |text| text.r#ref.as_str().into()))
}

fn kind(field: &str, number: i32) -> Parsed<ComplaintKind> {
    use v1::ComplaintKind as Wire;
    Ok(match form::named::<Wire>(field, number)? {
        Wire::Unspecified => return Err(form::not_stated(field)),
        Wire::Complaint => ComplaintKind::Complaint,
        Wire::Praise => ComplaintKind::Praise,
        Wire::Suggestion => ComplaintKind::Suggestion,
    })
}

fn category(field: &str, number: i32) -> Parsed<ComplaintCategory> {
    use v1::ComplaintCategory as Wire;
    Ok(match form::named::<Wire>(field, number)? {
        Wire::Unspecified => return Err(form::not_stated(field)),
        Wire::Attitude => ComplaintCategory::Attitude,
        Wire::Bounced => ComplaintCategory::Bounced,
        Wire::Refused => ComplaintCategory::Refused,
        Wire::Unclear => ComplaintCategory::Unclear,
        Wire::Delay => ComplaintCategory::Delay,
        Wire::Notice => ComplaintCategory::Notice,
        Wire::Disturbance => ComplaintCategory::Disturbance,
        Wire::Integrity => ComplaintCategory::Integrity,
        Wire::Other => ComplaintCategory::Other,
    })
}
