//! Who read what: by what the records of an access log are found, and finding them.
//!
//! A record is found by the log that was read, the caller, the thing and the reference into the vault; each makes a row that names it
//! and the position. What a record says stands in the log alone. Times need no rows: they never fall along the positions.

use crate::{Error, Projection, sql, tables::json};
use xiaoer_domain::{Fact, Subject, event::Accessed};
use xiaoer_journal::Row;

/// Most records of one page.
pub const PAGE_MAX: u32 = 1_000;
/// What a record may be found by.
const KEYS_MAX: usize = 4;

/// Only these records; empty is any.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The log that was read.
    pub log: String,
    /// Name of the caller's account.
    pub caller: String,
    /// The thing that was asked about.
    pub subject: Option<Subject>,
    /// The reference into the vault.
    pub reference: String,
}

impl Filter {
    /// What to look for; what fewer records have stands first.
    fn keys(&self) -> Vec<String> {
        let subject = self.subject.as_ref().map(|of| key(&["subject", &of.kind, &of.system, &of.id]));
        let (reference, caller, log) = (named("ref", &self.reference), named("caller", &self.caller), named("log", &self.log));
        [reference, subject, caller, log].into_iter().flatten().collect()
    }
}

/// As text that no value can break out of, and that every database takes.
fn key(parts: &[&str]) -> String {
    json(parts)
}

fn named(what: &str, value: &str) -> Option<String> {
    (!value.is_empty()).then(|| key(&[what, value]))
}

/// The name of the account that an event was recorded for: what stands before everything else that was known of the caller.
pub fn account(row: &Row) -> &str {
    row.actor.as_str().split(' ').next().unwrap_or_default()
}

/// What a record is found by; nothing where it is none.
pub(crate) fn keys(row: &Row, fact: &Fact) -> Vec<String> {
    let Fact::AccessRecorded(Accessed { log, subject, reference }) = fact else { return Vec::new() };
    let subject = subject.as_ref().map(|of| key(&["subject", &of.kind, &of.system, &of.id]));
    [named("log", log), named("caller", account(row)), subject, named("ref", reference)].into_iter().flatten().collect()
}

impl Projection {
    /// The positions of the next records after a position, up to another.
    pub async fn accesses(&self, filter: &Filter, after: u64, until: u64, limit: u32) -> Result<Vec<u64>, Error> {
        let limit = limit.clamp(1, PAGE_MAX);
        let mut keys = filter.keys();
        if keys.is_empty() {
            // Every event but the first is a record.
            let first = after.max(1).saturating_add(1);
            return Ok((first..=until).take(limit as usize).collect());
        }
        keys.resize(KEYS_MAX, String::new());
        let mut reader = self.store().readers.acquire().await?;
        let mut query = reader.query(&sql::ACCESSES).bind(self.cursor().id).bind(after.cast_signed()).bind(until.cast_signed());
        for key in keys {
            query = query.bind(key);
        }
        let rows = query.bind(i64::from(limit)).all().await?;
        rows.iter().map(|row| Ok(row.get::<i64>(0)?.unsigned_abs())).collect()
    }
}
