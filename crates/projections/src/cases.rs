//! Cases in pages, by filter.

use crate::{Error, Projection, question::Known, store};
use jiff::civil::Date;
use sqlx::Row as _;

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
        let rows = sqlx::query(include_str!("../sql/cases.sql"))
            .bind(self.cursor().log_id)
            .bind(known.position.cast_signed())
            .bind(store::text(valid_on))
            .bind(after.0)
            .bind(after.1)
            .bind(filter.unit.as_str())
            .bind(filter.item.as_str())
            .bind(filter.state.as_str())
            .bind(filter.received_from.as_str())
            .bind(filter.received_to.as_str())
            .bind(i64::from(limit.clamp(1, PAGE_MAX)))
            .fetch_all(&self.store().readers)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Case {
                    system: row.try_get(0)?,
                    id: row.try_get(1)?,
                    state: row.try_get(2)?,
                    unit: row.try_get(3)?,
                    item: row.try_get(4)?,
                    received_on: row.try_get(5)?,
                })
            })
            .collect()
    }
}
