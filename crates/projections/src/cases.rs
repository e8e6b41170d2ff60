//! Cases in pages, by filter.

use crate::{Error, Projection, question::Known, sql, tables};
use jiff::civil::Date;

/// Most cases of one page.
pub const PAGE_MAX: u32 = 1_000;

/// Only these cases; empty is any.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// 单位.
    pub unit: String,
    /// 事项.
    pub item: String,
    /// Name of the state.
    pub state: String,
    /// Received on or after this day.
    pub received_from: String,
    /// Received on or before this day.
    pub received_to: String,
}

/// A case in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The system that numbers it.
    pub system: String,
    /// Its number.
    pub id: String,
    /// Its state.
    pub state: String,
    /// The unit it stands with.
    pub unit: String,
    /// The item applied for.
    pub item: String,
    /// 收件 (YYYY-MM-DD).
    pub received_on: String,
}

impl Projection {
    /// The next cases after (system, number), with every fact known and derived states as of a day.
    pub async fn cases(
        &self,
        known: &Known,
        valid_on: Date,
        filter: &Filter,
        after: (&str, &str),
        limit: u32,
    ) -> Result<Vec<Case>, Error> {
        let mut reader = self.store().readers.acquire().await?;
        let rows = reader
            .query(&sql::CASES)
            .bind(self.cursor().id)
            .bind(known.position.cast_signed())
            .bind(tables::text(valid_on))
            .bind(after.0)
            .bind(after.1)
            .bind(filter.unit.as_str())
            .bind(filter.item.as_str())
            .bind(filter.state.as_str())
            .bind(filter.received_from.as_str())
            .bind(filter.received_to.as_str())
            .bind(i64::from(limit.clamp(1, PAGE_MAX)))
            .all()
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Case {
                    system: row.get(0)?,
                    id: row.get(1)?,
                    state: row.get(2)?,
                    unit: row.get(3)?,
                    item: row.get(4)?,
                    received_on: row.get(5)?,
                })
            })
            .collect()
    }
}
