//! Facts of the vault (`vault.proto`), and requests to it (`person.proto`).

use super::form::{self, Inside, Parsed};
use crate::v1;
use uuid::Uuid;
use xiaoer_domain::{
    Code, Fact, Refusal, Subject,
    event::{CodeText, Erased, Kept, RetentionClass},
    ids::CODE_LEN_MAX,
};

/// Longest content (256 KiB). It is encrypted and compared whole, in memory.
pub const CONTENT_BYTES_MAX: usize = 256 * 1_024;
/// Classes that an erasure names.
const CLASSES_MAX: usize = 4;
/// Highest number of an epoch: one a day for nearly three centuries.
const EPOCH_MAX: u32 = 100_000;

pub(super) fn hold_placed(m: &v1::LegalHoldPlaced) -> Parsed<Fact> {
    hold(&m.hold_id, &m.authority, &m.reason).map(Fact::LegalHoldPlaced)
}

pub(super) fn hold_lifted(m: &v1::LegalHoldLifted) -> Parsed<Fact> {
    hold(&m.hold_id, &m.authority, &m.reason).map(Fact::LegalHoldLifted)
}

fn hold(id: &str, authority: &str, reason: &str) -> Parsed<CodeText> {
    let id = form::given_code("hold_id", id)?;
    form::given_code("authority", authority)?;
    form::given_code("reason", reason)?;
    Ok(id)
}

pub(super) fn erased(m: &v1::PersonErased) -> Parsed<Fact> {
    kind("kind", m.kind)?;
    form::given_code("authority", &m.authority)?;
    form::given_code("reason", &m.reason)?;
    let kept = form::each("kept", &m.kept, CLASSES_MAX, kept)?;
    epoch("first_epoch", m.first_epoch)?;
    if epoch("last_epoch", m.last_epoch)? < m.first_epoch {
        return Err(form::invalid("last_epoch", "before the first"));
    }
    Ok(Fact::PersonErased(Erased { kept }))
}

fn kept(m: &v1::RetainedContent) -> Parsed<Kept> {
    Ok(Kept { class: class("retention_class", m.retention_class)?, since: form::given_date("since", &m.since)? })
}

fn kind(field: &str, number: i32) -> Parsed<v1::VaultKind> {
    match form::named(field, number)? {
        v1::VaultKind::Unspecified => Err(form::not_stated(field)),
        kind => Ok(kind),
    }
}

fn class(field: &str, number: i32) -> Parsed<RetentionClass> {
    match form::named(field, number)? {
        v1::RetentionClass::Unspecified => Err(form::not_stated(field)),
        v1::RetentionClass::None => Ok(RetentionClass::None),
        v1::RetentionClass::Short => Ok(RetentionClass::Short),
        v1::RetentionClass::Long => Ok(RetentionClass::Long),
        v1::RetentionClass::Permanent => Ok(RetentionClass::Permanent),
    }
}

fn epoch(field: &str, epoch: u32) -> Parsed<u32> {
    match epoch {
        0 => Err(form::missing(field, "an epoch from 1")),
        1..=EPOCH_MAX => Ok(epoch),
        _ => Err(form::invalid(field, format!("more than {EPOCH_MAX}"))),
    }
}

/// Content to put, of good form.
#[allow(missing_debug_implementations)] // It shows itself in no log.
pub struct Put {
    /// The caller's own id for it.
    pub request_id: Uuid,
    /// A person or a text.
    pub kind: v1::VaultKind,
    /// Whose text it is; none for a person, and for a text of nobody.
    pub person: Option<CodeText>,
    /// The content.
    pub content: Vec<u8>,
    /// How long it is kept.
    pub retention: v1::RetentionClass,
    /// The stream it is for, where the caller knows.
    pub subject: Option<Subject>,
    /// The field it is for, where the caller knows.
    pub field: CodeText,
}

/// Checks content to put.
pub fn put(m: v1::PutRequest) -> Parsed<Put> {
    let request_id = form::event_id("request_id", &m.request_id)?;
    let kind = kind("kind", m.kind)?;
    let person = form::code("person", &m.person)?;
    if kind == v1::VaultKind::Person && !person.is_empty() {
        return Err(form::invalid("person", "a person belongs to nobody"));
    }
    if m.content.is_empty() {
        return Err(form::missing("content", "the content"));
    }
    if m.content.len() > CONTENT_BYTES_MAX {
        let message = format!("{} bytes, where at most {CONTENT_BYTES_MAX} are allowed", m.content.len());
        return Err(Refusal::new(Code::FieldTooLong, message).at("content"));
    }
    class("retention_class", m.retention_class)?;
    let retention = form::named("retention_class", m.retention_class)?;
    let subject = m.subject.as_ref().map(super::subject).transpose().inside("subject")?;
    let field = form::code("field", &m.field)?;
    Ok(Put { request_id, kind, person: Some(person).filter(|it| !it.is_empty()), content: m.content, retention, subject, field })
}

/// Checks a reference into the vault.
pub fn reference(field: &str, value: &str) -> Parsed<CodeText> {
    form::given(field, value, CODE_LEN_MAX)
}

/// Checks the commitment that content is held against; none where none is given.
pub fn commitment(value: &[u8]) -> Parsed<Option<[u8; 32]>> {
    if value.is_empty() {
        return Ok(None);
    }
    let why = || form::invalid("commitment", format!("{} bytes, where a commitment has 32", value.len()));
    value.try_into().map(Some).map_err(|_| why())
}

/// Checks what allows an erasure or a hold, and why.
pub fn authorised(authority: &str, reason: &str) -> Parsed<()> {
    form::given_code("authority", authority)?;
    form::given_code("reason", reason).map(drop)
}

/// Checks the id of a hold.
pub fn hold_id(value: &str) -> Parsed<()> {
    form::given_code("hold_id", value).map(drop)
}
