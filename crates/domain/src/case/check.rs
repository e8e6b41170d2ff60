//! Whether a fact may find a case: the state table, and what a state does not tell.
//!
//! Promises: one ladder for the gate, which refuses, and for the fold, which flags; most specific first.

use super::state::allowed_group;
use super::{CaseOnDay, Group, Phase, allowed, inspection, joint, tolerance};
use crate::event::{Event, Fact, Recorded};
use crate::knowledge::Knowledge;
use crate::refusal::Code;

/// Whether a fact may find this case, and these events before it.
///
/// # Errors
/// The code of the refusal.
pub(crate) fn check(case: Option<&CaseOnDay>, earlier: &[&Recorded], event: &Event, knowledge: &Knowledge) -> Result<(), Code> {
    let fact = &event.fact;
    match case {
        Some(case) if confirms(case, fact) => Ok(()),
        Some(case) => {
            // What stops a member's part leaves the whole in hand.
            let is_part = case.part_of(fact).is_some();
            let by_state = if is_part { allowed_group(Some(case.state), Group::OpenCase) } else { allowed(Some(case.state), fact) };
            by_state?;
            let joint = || joint::check(case, event).or_else(|| inspection::check(case, fact));
            let tolerance = || tolerance::check(case, earlier, event, knowledge);
            details(case, earlier, fact).or_else(joint).or_else(tolerance).map_or(Ok(()), Err)
        }
        None => allowed(None, fact),
    }
}

/// What says once more, once, what time alone has done: `CaseAccepted` after a deemed acceptance (C6), `CaseTerminated` after a lapse
/// that ended the case (3.5).
fn confirms(case: &CaseOnDay, fact: &Fact) -> bool {
    let round = case.round();
    if matches!(fact, Fact::CaseTerminated) {
        return round.is_ended_by_lapse() && round.confirmed_end.is_none();
    }
    matches!(fact, Fact::CaseAccepted(_))
        && matches!(case.state.phase(), Phase::InHand | Phase::SpecialProcedure)
        && round.accepted.as_ref().is_some_and(|accepted| accepted.deemed)
        && round.confirmed.is_none()
}

fn details(case: &CaseOnDay, earlier: &[&Recorded], fact: &Fact) -> Option<Code> {
    // Of the part that the fact is about, or of the whole.
    let mut procedures = case.part_of(fact).map_or(&case.round().procedures, |member| &member.procedures).iter();
    let all = || case.round().joint.iter().flat_map(|joint| &joint.members).flat_map(|member| &member.procedures);
    let alleged = |id: &str| {
        earlier.iter().any(|r| matches!(&r.event.fact, Fact::NoticeBreachAlleged(alleged) if *alleged.allegation_id == *id))
    };
    let noticed = |id: &str| case.notices.iter().any(|notice| *notice.notice_id == *id);
    let (wrong, code) = match fact {
        Fact::NoticeGiven(notice) => (!notice.notice_id.is_empty() && noticed(&notice.notice_id), Code::NoticeExists),
        Fact::CorrectionSubmitted(correction) => {
            (!correction.notice_id.is_empty() && !noticed(&correction.notice_id), Code::CorrectionNotAsked)
        }
        Fact::SpecialProcedureStarted(started) => {
            let same_id = |p: &super::Procedure| p.proc_id == started.proc_id;
            let meets = |p: &super::Procedure| same_id(p) || p.ended.is_none() && p.kind == started.kind;
            (procedures.any(meets) || all().chain(&case.round().procedures).any(same_id), Code::ProcedureExists)
        }
        Fact::SpecialProcedureEnded(ended) => {
            (!procedures.any(|p| p.proc_id == ended.proc_id && p.ended.is_none()), Code::ProcedureUnknown)
        }
        Fact::NoticeBreachAlleged(alleges) => (alleged(&alleges.allegation_id), Code::AllegationExists),
        Fact::NoticeBreachFound(found) => (!alleged(&found.allegation_id), Code::AllegationUnknown),
        _ => return None,
    };
    wrong.then_some(code)
}
