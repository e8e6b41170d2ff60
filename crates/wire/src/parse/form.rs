//! Forms of single fields: texts, codes, dates, times, references.
//!
//! Each function names the field it was given, relative to the message that holds it; [`Inside`] puts the names of the outer
//! messages before it. A message never repeats what the sender wrote: it could be personal data.

use crate::{time, v1};
use jiff::{Timestamp, civil::Date};
use uuid::Uuid;
use xiaoer_domain::{
    Code, Identity, Refusal, Subject,
    event::CodeText,
    ids::{CODE_LEN_MAX, LOG_NAME_LEN_MAX, LogName, kind, usci_is_valid},
};

pub(super) type Parsed<T> = Result<T, Refusal>;

/// Longest name of a sending or numbering system, in characters.
pub(super) const SYSTEM_LEN_MAX: usize = 64;
/// Length of a 统一社会信用代码.
pub(super) const USCI_LEN: usize = 18;
/// Longest list of codes, notice items or cases in one event.
pub(super) const LIST_LEN_MAX: usize = 200;
/// Longest limit, extension or expected procedure, in whatever unit: rules count day by day, and eight centuries of months
/// still end inside the calendar.
pub(super) const COUNT_MAX: u32 = 10_000;
/// Years of local dates and times: rules count day by day, so a date far off would cost more than it says.
pub(super) const YEARS: std::ops::RangeInclusive<i16> = 1900..=2200;
/// Length of a commitment, a SHA-256.
const COMMITMENT_LEN: usize = 32;

/// Puts the name of the message around before the field of a refusal.
pub(super) trait Inside {
    /// Names the field that holds the message.
    fn inside(self, field: &str) -> Self;
}

impl<T> Inside for Parsed<T> {
    fn inside(self, field: &str) -> Self {
        self.map_err(|refusal| {
            let separator = if refusal.field.is_empty() || refusal.field.starts_with('[') { "" } else { "." };
            let path = format!("{field}{separator}{}", refusal.field);
            refusal.at(path)
        })
    }
}

pub(super) fn missing(field: &str, what: &str) -> Refusal {
    Refusal::new(Code::MissingField, format!("{what} is missing")).at(field)
}

pub(super) fn invalid(field: &str, why: impl Into<String>) -> Refusal {
    Refusal::new(Code::InvalidField, why).at(field)
}

/// A message that must be there.
pub(super) fn present<'a, T>(field: &str, message: Option<&'a T>) -> Parsed<&'a T> {
    message.ok_or_else(|| missing(field, "a field the contract requires"))
}

/// A text of at most `len_max` characters without control characters; may be empty.
pub(super) fn text(field: &str, text: &str, len_max: usize) -> Parsed<CodeText> {
    // Bytes are never fewer than characters, so short texts need no count.
    if text.len() > len_max {
        let len = text.chars().count();
        if len > len_max {
            let message = format!("{len} characters, where at most {len_max} are allowed");
            return Err(Refusal::new(Code::FieldTooLong, message).at(field));
        }
    }
    if text.chars().any(char::is_control) {
        return Err(invalid(field, "a control character stands in it"));
    }
    Ok(text.into())
}

/// A text that must be there.
pub(super) fn given(field: &str, value: &str, len_max: usize) -> Parsed<CodeText> {
    if value.is_empty() {
        return Err(missing(field, "a value"));
    }
    text(field, value, len_max)
}

/// A code, empty where there is none.
pub(super) fn code(field: &str, value: &str) -> Parsed<CodeText> {
    text(field, value, CODE_LEN_MAX)
}

/// A code that must be there.
pub(super) fn given_code(field: &str, value: &str) -> Parsed<CodeText> {
    given(field, value, CODE_LEN_MAX)
}

/// A list of at most `len_max` members, each parsed.
pub(super) fn each<T, U>(field: &str, items: &[T], len_max: usize, parse: impl Fn(&T) -> Parsed<U>) -> Parsed<Vec<U>> {
    if items.len() > len_max {
        let message = format!("{} members, where at most {len_max} are allowed", items.len());
        return Err(Refusal::new(Code::FieldTooLong, message).at(field));
    }
    let member = |(index, item)| parse(item).or_else(|refusal| Err(refusal).inside(&format!("{field}[{index}]")));
    items.iter().enumerate().map(member).collect()
}

/// A list of 1 to [`LIST_LEN_MAX`] members, each parsed.
pub(super) fn some<T, U>(field: &str, items: &[T], parse: impl Fn(&T) -> Parsed<U>) -> Parsed<Vec<U>> {
    if items.is_empty() {
        return Err(missing(field, "at least one member"));
    }
    each(field, items, LIST_LEN_MAX, parse)
}

/// A list of codes, none empty.
pub(super) fn codes(field: &str, items: &[String]) -> Parsed<Vec<CodeText>> {
    each(field, items, LIST_LEN_MAX, |item| given_code("", item))
}

/// A unit's code, empty where there is none. A wrong check character is no matter of form: units are trusted as registered.
pub(super) fn unit(field: &str, value: &str) -> Parsed<CodeText> {
    let code = text(field, value, USCI_LEN)?;
    let plain = value.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase());
    if value.is_empty() || (plain && value.len() == USCI_LEN) {
        return Ok(code);
    }
    Err(invalid(field, "no code of a unit, which has 18 digits and capital letters"))
}

/// A unit's code that must be there.
pub(super) fn given_unit(field: &str, value: &str) -> Parsed<CodeText> {
    given(field, value, USCI_LEN)?;
    unit(field, value)
}

/// The code of a legal person, which is refused where its check character is wrong; empty where there is none.
pub(super) fn legal_person(field: &str, value: &str) -> Parsed<()> {
    text(field, value, USCI_LEN)?;
    if value.is_empty() || usci_is_valid(value) {
        return Ok(());
    }
    Err(Refusal::new(Code::InvalidUsci, "no 统一社会信用代码: its form or its check character is wrong").at(field))
}

/// Name of a sending system: `[a-z0-9._-]{1,64}`.
pub(super) fn source_system(field: &str, value: &str) -> Parsed<CodeText> {
    let system = given(field, value, SYSTEM_LEN_MAX)?;
    let plain = value.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-'));
    if plain { Ok(system) } else { Err(invalid(field, "a character other than a-z, 0-9, dot, underscore and hyphen")) }
}

/// Name of a log.
pub(super) fn log_name(field: &str, value: &str) -> Parsed<CodeText> {
    let refusal = || {
        Refusal::new(Code::InvalidLogName, format!("no name of a log, which has 1 to {LOG_NAME_LEN_MAX} of a-z, 0-9 and hyphen"))
    };
    LogName::new(value).map(|name| name.as_str().into()).ok_or_else(|| refusal().at(field))
}

/// An event's id, in the one form that is its identity.
pub(super) fn event_id(field: &str, value: &str) -> Parsed<Uuid> {
    let id = Uuid::try_parse(value).ok().filter(|id| id.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == value);
    id.ok_or_else(|| Refusal::new(Code::InvalidEventId, "no UUID in lower-case hyphenated form").at(field))
}

/// An enum of the contract by its number.
pub(super) fn named<E: TryFrom<i32>>(field: &str, number: i32) -> Parsed<E> {
    E::try_from(number)
        .map_err(|_| Refusal::new(Code::UnknownEnum, format!("{number} stands for nothing in the contract")).at(field))
}

/// An enum that must be stated was not.
pub(super) fn not_stated(field: &str) -> Refusal {
    missing(field, "a choice other than UNSPECIFIED")
}

/// A local date (YYYY-MM-DD), absent where empty.
pub(super) fn date(field: &str, value: &str) -> Parsed<Option<Date>> {
    if value.is_empty() { Ok(None) } else { given_date(field, value).map(Some) }
}

/// A local date that must be there.
pub(super) fn given_date(field: &str, value: &str) -> Parsed<Date> {
    if value.is_empty() {
        return Err(missing(field, "a date"));
    }
    // jiff reads more forms than the contract has; the one allowed is the one it writes.
    let date = value.parse::<Date>().ok().filter(|date| date.to_string() == value);
    let date = date.ok_or_else(|| invalid(field, "no date of the form YYYY-MM-DD"))?;
    if YEARS.contains(&date.year()) { Ok(date) } else { Err(out_of_years(field)) }
}

/// A point in time no finer than a microsecond, absent where not given.
pub(super) fn time(field: &str, value: Option<&time::Timestamp>) -> Parsed<Option<Timestamp>> {
    value.map(|value| given_time(field, *value)).transpose()
}

/// A point in time no finer than a microsecond.
pub(super) fn given_time(field: &str, value: time::Timestamp) -> Parsed<Timestamp> {
    let instant = value.to_jiff().map_err(|error| match error {
        time::TimeError::TooFine => Refusal::new(Code::TimeTooFine, "finer than a microsecond").at(field),
        time::TimeError::OutOfRange => invalid(field, "no time between the years 1 and 9999"),
    })?;
    let year = jiff::tz::TimeZone::UTC.to_datetime(instant).year();
    if YEARS.contains(&year) { Ok(instant) } else { Err(out_of_years(field)) }
}

fn out_of_years(field: &str) -> Refusal {
    invalid(field, format!("outside the years {} to {}", YEARS.start(), YEARS.end()))
}

/// A number of days or other units that is bounded and not zero.
pub(super) fn count(field: &str, n: u32) -> Parsed<u32> {
    if n == 0 {
        return Err(missing(field, "a number"));
    }
    bounded(field, n)
}

/// A number of days that is bounded; 0 is not known.
pub(super) fn bounded(field: &str, n: u32) -> Parsed<u32> {
    if n > COUNT_MAX { Err(invalid(field, format!("more than {COUNT_MAX}"))) } else { Ok(n) }
}

/// A reference into the vault, where one is given.
pub(super) fn text_ref(field: &str, value: Option<&v1::TextRef>) -> Parsed<()> {
    let Some(v1::TextRef { r#ref, commitment }) = value else {
        return Ok(());
    };
    given_code("ref", r#ref).inside(field)?;
    if commitment.len() == COMMITMENT_LEN {
        return Ok(());
    }
    let why = format!("{} bytes, where a commitment has {COMMITMENT_LEN}", commitment.len());
    Err(invalid("commitment", why)).inside(field)
}

/// A reference to a case's stream.
pub(super) fn case_ref(value: &v1::CaseRef) -> Parsed<Subject> {
    let system = given("system", &value.system, SYSTEM_LEN_MAX)?;
    let no = given("no", &value.no, CODE_LEN_MAX)?;
    Ok(Subject { kind: kind::CASE.into(), system, id: no })
}

/// A reference to a case's stream that must be there.
pub(super) fn given_case_ref(field: &str, value: Option<&v1::CaseRef>) -> Parsed<Subject> {
    case_ref(present(field, value)?).inside(field)
}

/// A reference to the stream of an enterprise or project.
pub(super) fn subject_ref(value: &v1::SubjectRef) -> Parsed<Subject> {
    let system = given("system", &value.system, SYSTEM_LEN_MAX)?;
    let id = given("id", &value.id, CODE_LEN_MAX)?;
    Ok(Subject { kind: kind::SUBJECT.into(), system, id })
}

/// A reference to an event.
pub(super) fn event_ref(value: &v1::EventRef) -> Parsed<Identity> {
    let system = source_system("system", &value.system)?;
    Ok(Identity { system, event_id: event_id("event_id", &value.event_id)? })
}

/// A reference to an event that must be there.
pub(super) fn given_event_ref(field: &str, value: Option<&v1::EventRef>) -> Parsed<Identity> {
    event_ref(present(field, value)?).inside(field)
}

/// An event that an allegation or decision rests on.
pub(super) fn source_event(value: &v1::EventRef) -> Parsed<()> {
    event_ref(value).inside("source_event").map(drop)
}

/// A sealed record that an allegation or decision rests on.
pub(super) fn record_ref(value: &str) -> Parsed<()> {
    given_code("record_ref", value).map(drop)
}
