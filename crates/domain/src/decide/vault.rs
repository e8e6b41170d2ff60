//! The gate for persons and texts in the vault: holds, and erasures (domain.md section 5).
//!
//! The facts are the vault's own, told one after the other; so all that is recorded counts, whatever its time.

use super::forbidden;
use crate::event::{Event, Fact, Kept};
use crate::history::History;
use crate::knowledge::Knowledge;
use crate::refusal::{Code, Refusal};
use crate::vault::{Held, erasable_from};

/// What a hold, a keeping period or an erasure forbids; most specific first.
pub(super) fn state(history: &History, knowledge: &Knowledge, event: &Event) -> Result<(), Refusal> {
    let held = Held::of(history.counting());
    let code = match &event.fact {
        Fact::LegalHoldPlaced(hold) if held.hold(hold).is_some() => Some(Code::HoldExists),
        Fact::LegalHoldLifted(hold) if held.hold(hold) != Some(true) => Some(Code::HoldUnknown),
        Fact::LegalHoldLifted(_) => None,
        _ if held.erased => Some(Code::Erased),
        Fact::PersonErased(_) if held.is_held() => Some(Code::LegalHold),
        Fact::PersonErased(erased) => return erased.kept.iter().try_for_each(|kept| over(kept, knowledge, event)),
        _ => None,
    };
    code.map_or(Ok(()), |code| Err(forbidden(code, held.state().0, event)))
}

/// The keeping period of a class is over.
fn over(kept: &Kept, knowledge: &Knowledge, event: &Event) -> Result<(), Refusal> {
    let message = match erasable_from(kept, knowledge, event.day) {
        Some(from) if from <= event.day => return Ok(()),
        Some(from) => format!("content of class {} is kept until {from}", kept.class.code()),
        None => format!("content of class {} is kept for ever", kept.class.code()),
    };
    Err(Refusal::new(Code::Retention, message).at("fact").by_rule("retention_years"))
}
