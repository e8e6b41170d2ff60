//! What a question asks: times, days, scopes, page tokens.

use super::small;
use crate::{
    Node,
    node::{Gate, Reading, Served},
};
use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use std::sync::Arc;
use xiaoer_domain::{
    Code, LogName, Refusal, Scope, Subject,
    ids::kind,
    metric::Metric,
    permit::{self, Caller, Right},
};
use xiaoer_projections::{Error, Known, KnownAt, Question, Where};
use xiaoer_wire::{
    page_token,
    v1::{self, MetricScope, known_at},
};

/// Most logs of one question.
const LOGS_MAX: usize = 100;

/// A day that may be left out.
pub(crate) fn day(text: &str, field: &str) -> Result<Option<Date>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || Refusal::new(Code::InvalidField, "a date is YYYY-MM-DD").at(field);
    if text.len() != 10 {
        return Err(wrong());
    }
    text.parse().map(Some).map_err(|_| wrong())
}

/// As known when.
pub(crate) fn known_at(known_at: Option<&v1::KnownAt>) -> Result<KnownAt, Refusal> {
    match known_at.and_then(|known_at| known_at.bound.as_ref()) {
        None => Ok(KnownAt::Now),
        Some(known_at::Bound::Position(position)) => Ok(KnownAt::Position(*position)),
        Some(known_at::Bound::Time(time)) => match time.to_jiff() {
            Ok(time) => Ok(KnownAt::Time(time)),
            Err(_) => Err(Refusal::new(Code::InvalidField, "no time to the microsecond").at("known_at.time")),
        },
    }
}

/// A subject that must be given whole.
pub(crate) fn subject(subject: Option<&v1::Subject>) -> Result<Subject, Refusal> {
    let missing = |field: &str| Refusal::new(Code::MissingField, "a subject has a kind, a system and an id").at(field);
    let subject = subject.ok_or_else(|| missing("subject"))?;
    for (part, field) in [(&subject.kind, "subject.kind"), (&subject.system, "subject.system"), (&subject.id, "subject.id")] {
        if part.is_empty() {
            return Err(missing(field));
        }
    }
    Ok(Subject::new(&subject.kind, &subject.system, &subject.id))
}

/// A member's part of a joint case.
pub(crate) fn part(sub_case: Option<&v1::CaseRef>) -> Result<Subject, Refusal> {
    match sub_case {
        Some(v1::CaseRef { system, no }) if !system.is_empty() && !no.is_empty() => Ok(Subject::new(kind::CASE, system, no)),
        _ => {
            Err(Refusal::new(Code::MissingField, "the clock of a member is that of a part, with a system and a number")
                .at("sub_case"))
        }
    }
}

/// The unit whose things are listed: the one asked for, which is the caller's own where he sees no other.
pub(crate) fn of_unit(scope: &Scope, asked: String, things: &str) -> Result<String, Refusal> {
    match scope {
        Scope::Unit(unit) if asked.is_empty() || *asked == **unit => Ok(unit.as_ref().into()),
        Scope::Everything => Ok(asked),
        _ => Err(Refusal::new(Code::Forbidden, format!("the caller sees the {things} of its own unit")).at("unit_usci")),
    }
}

/// The last microsecond of a local day; none beyond the days there are.
pub(crate) fn end_of(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    let next = zone.to_timestamp(day.tomorrow().ok()?.at(0, 0, 0, 0)).ok()?;
    next.checked_sub(1.microsecond()).ok()
}

/// A metric by its id.
pub(crate) fn metric(id: &str) -> Result<Metric, Refusal> {
    Metric::by_id(id).ok_or_else(|| Refusal::new(Code::UnknownMetric, "there is no such metric").at("metric_id"))
}

/// Puts `scope.` before the field of a refusal.
fn in_scope(error: Error) -> Error {
    match error {
        Error::Refused(refusal) if !refusal.field.is_empty() => {
            let field = format!("scope.{}", refusal.field);
            refusal.at(field).into()
        }
        other => other,
    }
}

/// Begins to read the logs of a scope, of which no more are read than a question may name.
pub(crate) fn reading<'a>(
    node: &'a Node,
    caller: &'a Caller,
    call: &str,
    right: Right,
    scope: Option<&MetricScope>,
) -> Reading<'a> {
    node.reading(caller, call, right, scope.into_iter().flat_map(|scope| &scope.logs).take(LOGS_MAX))
}

/// A scope over one log or several, each settled.
pub(crate) struct Scoped {
    /// The logs with what is known of each.
    pub logs: Vec<(Arc<Served>, Known)>,
    /// The day asked about, where one was.
    pub valid_on: Option<Date>,
    /// First and last day of the period.
    pub period: (Date, Date),
    /// Whether the caller gave the period's end.
    pub ends: bool,
    /// Of whom.
    pub of: Where,
    /// Smallest count that the caller is told; none where it is told all.
    pub least: Option<u64>,
}

impl Scoped {
    /// Settles a scope for some metrics, waiting for the projections where need be.
    pub async fn settle(gate: &Gate<'_>, scope: Option<&MetricScope>, metrics: &[Metric]) -> Result<Self, Error> {
        let none = MetricScope::default();
        let scope = scope.unwrap_or(&none);
        let seen = seen(gate.caller(), gate.right(), scope);
        let of = narrowed(filter(&scope.r#where, metrics)?, &seen, metrics)?;
        let valid_on = day(&scope.valid_on, "scope.valid_on")?;
        let from = period_day(scope, |period| &period.from, "scope.period.from")?;
        let to = period_day(scope, |period| &period.to, "scope.period.to")?;
        let period = (from.unwrap_or(Date::MIN), to.unwrap_or(Date::MAX));
        if period.0 > period.1 {
            return Err(Refusal::new(Code::InvalidScope, "the period ends before it begins").at("scope.period").into());
        }
        if scope.logs.is_empty() || scope.logs.len() > LOGS_MAX {
            return Err(Refusal::new(Code::InvalidScope, format!("name 1 to {LOGS_MAX} logs")).at("scope.logs").into());
        }
        let known_at = known_at(scope.known_at.as_ref()).map_err(|refusal| refusal.at("scope.known_at"))?;
        if matches!(known_at, KnownAt::Position(_)) && scope.logs.len() > 1 {
            return Err(Refusal::new(Code::InvalidScope, "a position is of one log").at("scope.known_at.position").into());
        }
        at_least_of_named_logs(scope)?;
        let is_coarse = small::is_coarse(gate.caller(), scope);
        let mut least = None;
        let now = gate.node().now();
        let mut logs = Vec::new();
        for (index, name) in scope.logs.iter().enumerate() {
            let field = format!("scope.logs[{index}]");
            if scope.logs[..index].contains(name) {
                return Err(Refusal::new(Code::InvalidScope, "a log named twice would count twice").at(field).into());
            }
            let (served, _) = gate.open(name).map_err(|refusal| refusal.at(field))?;
            if is_coarse {
                small::refuse_narrow(scope, &seen, metrics, period)?;
                let month = small::settle(&served, period.1, now).await?;
                least = Some(month.least);
                logs.push((served, month.known));
                continue;
            }
            let at_least = scope.at_least.iter().filter(|at| at.log == *name).map(|at| at.position).max().unwrap_or(0);
            let known = served.projection.settle(known_at, at_least, now).await.map_err(in_scope)?;
            logs.push((served, known));
        }
        Ok(Self { logs, valid_on, period, ends: to.is_some(), of, least })
    }

    /// The question of one of the logs.
    pub fn question(&self, known: &Known, metric: Metric) -> Result<Question, Refusal> {
        let end = self.ends.then_some(self.period.1);
        let valid_on = known.valid_on(self.valid_on, end).map_err(|refusal| refusal.at("scope.valid_on"))?;
        Ok(Question { metric, known: *known, valid_on, period: self.period, of: self.of.clone() })
    }
}

/// What a caller sees of the logs of a question: of all of them no more than of each.
///
/// Whoever has no right to one of them is told so when that log is opened, with the field that names it.
pub(crate) fn seen(caller: &Caller, right: Right, scope: &MetricScope) -> Scope {
    let rights = scope.logs.iter().filter_map(|log| permit::reads(caller, &LogName::new(log)?, right).ok());
    rights.fold(Scope::Everything, |seen, scope| if seen == Scope::Everything { scope } else { seen })
}

/// Figures of a unit alone, where the caller sees no more.
fn narrowed(mut of: Where, seen: &Scope, metrics: &[Metric]) -> Result<Where, Refusal> {
    let Scope::Unit(unit) = seen else { return Ok(of) };
    let forbidden = |message: String, field: &str| Refusal::new(Code::Forbidden, message).at(field);
    if let Some(metric) = metrics.iter().find(|metric| !metric.def().dimensions.contains(&"unit")) {
        return Err(forbidden(format!("{} is not told by unit, and the caller sees its own unit's", metric.id()), "metric_id"));
    }
    if !of.unit.is_empty() && *of.unit != **unit {
        return Err(forbidden("the caller sees the figures of its own unit".into(), "scope.where"));
    }
    of.unit = unit.as_ref().into();
    Ok(of)
}

/// Who waits for a position of a log that he does not ask about would read an answer that does not hold it.
fn at_least_of_named_logs(scope: &MetricScope) -> Result<(), Refusal> {
    match scope.at_least.iter().position(|at| !scope.logs.contains(&at.log)) {
        None => Ok(()),
        Some(index) => {
            let field = format!("scope.at_least[{index}].log");
            Err(Refusal::new(Code::InvalidScope, "a position of a log that the question does not name").at(field))
        }
    }
}

fn period_day(scope: &MetricScope, part: impl Fn(&v1::Period) -> &String, field: &str) -> Result<Option<Date>, Refusal> {
    scope.period.as_ref().map_or(Ok(None), |period| day(part(period), field))
}

fn filter(dimensions: &[v1::Dimension], metrics: &[Metric]) -> Result<Where, Refusal> {
    let mut of = Where::default();
    for (index, v1::Dimension { name, value }) in dimensions.iter().enumerate() {
        dimension(name, metrics).map_err(|refusal| refusal.at(format!("scope.where[{index}].name")))?;
        if value.is_empty() || !of.set(name, value) {
            return Err(Refusal::new(Code::MissingField, "a dimension has a value").at(format!("scope.where[{index}].value")));
        }
    }
    Ok(of)
}

/// Refuses a dimension that one of the metrics does not have.
pub(crate) fn dimension(name: &str, metrics: &[Metric]) -> Result<(), Refusal> {
    // A figure that is put together of several has the dimensions of each; one that lacks it would be silently unfiltered.
    match metrics.iter().find(|metric| !metric.def().dimensions.contains(&name)) {
        None => Ok(()),
        Some(metric) => Err(Refusal::new(Code::UnknownDimension, format!("{} has no dimension of this name", metric.id()))),
    }
}

/// Size of a page: 100 where none is asked, at most 1,000.
pub(crate) fn page_size(asked: u32) -> u32 {
    if asked == 0 { 100 } else { asked.min(xiaoer_projections::cases::PAGE_MAX) }
}

pub(crate) use page_token::write as token;

/// A page token that this server did not make for this list.
pub(crate) fn wrong_token() -> Refusal {
    Refusal::new(Code::PageToken, "not a token of this list").at("page_token")
}

/// The parts of a page token, where one was sent.
pub(crate) fn parts<const N: usize>(token: &str) -> Result<Option<[String; N]>, Refusal> {
    if token.is_empty() {
        return Ok(None);
    }
    page_token::read(token).map(Some).ok_or_else(wrong_token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_of_this_list_or_none() {
        assert_eq!(parts::<3>(&page_token::write(&["1", "", "号"])).unwrap().unwrap(), ["1", "", "号"].map(str::to_owned));
        assert_eq!(parts::<3>("61.62").unwrap_err().code, Code::PageToken);
        assert_eq!(parts::<3>("").unwrap(), None);
    }

    #[test]
    fn days_are_whole() {
        assert_eq!(day("2026-05-12", "valid_on").unwrap(), Some(jiff::civil::date(2026, 5, 12)));
        for wrong in ["2026-5-12", "2026-02-30", "20260512", "yesterday!"] {
            assert_eq!(day(wrong, "valid_on").unwrap_err().field, "valid_on", "{wrong}");
        }
    }
}
