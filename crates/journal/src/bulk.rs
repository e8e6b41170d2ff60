//! Statements over many rows at once. One row a statement costs a hop to SQLite's thread each (about 80 µs); many share it.

use sqlx::{
    AssertSqlSafe, Sqlite,
    query::Query,
    sqlite::{SqliteArguments, SqliteConnection},
};

/// Rows of the statements, largest first; what is left over goes in the next smaller. Few sizes, so that all stay prepared, and
/// each half of the one before, so that any number of rows takes few statements.
const SIZES: [usize; 8] = [128, 64, 32, 16, 8, 4, 2, 1];

/// A statement with a list of rows in `VALUES`, in a few sizes.
#[derive(Debug)]
pub struct Bulk(Vec<(usize, String)>);

/// A query under way.
pub type Bound<'q> = Query<'q, Sqlite, SqliteArguments>;

impl Bulk {
    /// `before VALUES (…), (…) after`, with so many columns a row. Both texts are the program's own.
    pub fn new(before: &'static str, columns: usize, after: &'static str) -> Self {
        // Without a number: sqlx looks the name of each numbered parameter up among all of them, which for two thousand of them
        // is dearer than the insert.
        let row = format!("({})", vec!["?"; columns].join(", "));
        let statement = |size: usize| (size, format!("{before} VALUES {} {after}", vec![row.as_str(); size].join(", ")));
        Self(SIZES.map(statement).into())
    }

    /// Runs it over all rows; `bind` binds the columns of one, in order.
    pub async fn run<'q, T>(
        &'q self,
        connection: &mut SqliteConnection,
        mut rows: &'q [T],
        bind: impl Fn(Bound<'q>, &'q T) -> Bound<'q>,
    ) -> Result<(), sqlx::Error> {
        for (size, statement) in &self.0 {
            while rows.len() >= *size {
                let (chunk, rest) = rows.split_at(*size);
                let query = chunk.iter().fold(sqlx::query(AssertSqlSafe(statement.as_str())), &bind);
                query.execute(&mut *connection).await?;
                rows = rest;
            }
        }
        Ok(())
    }
}
