//! Who may do what: callers with their roles, and the one decision that every post and every read goes through.
//!
//! What a role may post and read is data ([`table`]), from which `docs/permits.md` is made; the functions here read it and nothing
//! else. They fail closed: what no line allows is refused, and a refusal says nothing of what is there.
//!
//! [`enters`] judges a post by itself, before anything is looked up; [`judges`] the verdicts that nobody gives in a matter of his
//! own, when the history is at hand; [`reads`] gives a read its [`Scope`], which becomes part of the query:
//! a condition of the statement where rows are counted or listed, and [`sees`] where the history of one thing is read whole.

mod caller;
mod matter;
mod table;
#[cfg(test)]
mod tests;

pub use caller::{Caller, Claims, NAME_LEN_MAX};
pub use matter::{judges, sees, sees_text};
pub use table::{Extent, Group, Line, OfLog, POSTS, READS, RECORDED, Right, Role, page};

use crate::event::Event;
use crate::ids::{LogName, Scope};
use crate::refusal::{Code, Refusal};

/// Whether a caller may post an event to a log, as far as the event alone says: the role, the system that sends, the unit that
/// acted.
///
/// # Errors
/// [`Code::Forbidden`], or [`Code::WrongLog`], of every caller; the field is relative to the event.
pub fn enters(caller: &Caller, log: &LogName, event: &Event) -> Result<(), Refusal> {
    let (fact, of) = (event.fact.name(), OfLog::of(log));
    let groups = || POSTS.iter().filter(|group| group.facts.contains(&fact));
    let wrong_log = || Refusal::new(Code::WrongLog, format!("{fact} stands in no log of this kind")).at("fact");
    if caller.is_local() {
        // What no group has is the server's own.
        let stands = groups().next().is_none() || groups().any(|group| group.of.contains(&of));
        return if stands { Ok(()) } else { Err(wrong_log()) };
    }
    in_log(caller, log)?;
    if *event.identity.system != *caller.system {
        return Err(forbidden("an event is sent by the system of who posts it, and by no other").at("source.system"));
    }
    let mut lines = groups().flat_map(|group| group.posters).filter(|line| caller.has(line.role)).peekable();
    if lines.peek().is_none() {
        return Err(forbidden(format!("none of the caller's roles posts {fact}")));
    }
    if !groups().any(|group| group.of.contains(&of)) {
        return Err(wrong_log());
    }
    let own = || !caller.unit.is_empty() && *event.unit == *caller.unit;
    if lines.any(|line| line.extent == Extent::Log || own()) {
        return Ok(());
    }
    Err(forbidden(format!("{fact} is posted in the name of the caller's own unit")).at("source.unit_usci"))
}

/// What a caller sees of a log, where he has a right to it at all.
///
/// # Errors
/// [`Code::Forbidden`], whether or not there is such a log.
pub fn reads(caller: &Caller, log: &LogName, right: Right) -> Result<Scope, Refusal> {
    if caller.is_local() {
        return Ok(Scope::Everything);
    }
    in_log(caller, log)?;
    let of = OfLog::of(log);
    let lines = READS.iter().filter(|read| read.right == right && read.of.contains(&of));
    let mut lines = lines.flat_map(|read| read.readers).filter(|line| caller.has(line.role)).peekable();
    if lines.peek().is_none() {
        return Err(forbidden(format!("none of the caller's roles has the right `{}` here", right.name())).at("log"));
    }
    if lines.any(|line| line.extent == Extent::Log) {
        return Ok(Scope::Everything);
    }
    // A caller of a unit that names none sees that of no unit.
    if caller.unit.is_empty() {
        return Err(forbidden("the caller's role sees what is of its own unit, and the caller has none").at("log"));
    }
    Ok(Scope::Unit(caller.unit.clone()))
}

/// Whether a caller is told counts of a log however small: of every log but a sealed one whoever is told them at all.
pub fn tells_small(caller: &Caller, log: &LogName) -> bool {
    OfLog::of(log) != OfLog::Sealed || reads(caller, log, Right::Members).is_ok()
}

/// Whether a caller has a right in any log, for what is of no log.
///
/// # Errors
/// [`Code::Forbidden`].
pub fn somewhere(caller: &Caller, right: Right) -> Result<(), Refusal> {
    let readers = || READS.iter().filter(|read| read.right == right).flat_map(|read| read.readers);
    match caller.is_local() || readers().any(|line| caller.has(line.role)) {
        true => Ok(()),
        false => Err(forbidden(format!("none of the caller's roles has the right `{}`", right.name()))),
    }
}

/// Whether a caller has anything to do with a log.
pub fn in_log(caller: &Caller, log: &LogName) -> Result<(), Refusal> {
    match caller.is_local() || caller.covers(log) {
        true => Ok(()),
        false => Err(forbidden("the caller has no right to a log of this name").at("log")),
    }
}

fn forbidden(message: impl Into<String>) -> Refusal {
    Refusal::new(Code::Forbidden, message)
}
