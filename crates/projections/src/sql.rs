//! The statements over the read tables, with the number of their parameters. Where the texts differ, the one for Postgres stands
//! beside the other in `sql/` and says why.
//!
//! To add one: its file and a line here; a test prepares all of them on both databases.

use xiaoer_journal::statements;

statements! {
    ACCESSES, 8, "../sql/accesses.sql";
    ACCESSES_DIFFER, 6, "../sql/accesses_differ.sql";
    CASES, 11, "../sql/cases.sql";
    CASE_STATES_DROP, 1, "../sql/case_states_drop.sql", "../sql/case_states_drop.postgres.sql";
    CASE_STATES_OPEN, 1, "../sql/case_states_open.sql", "../sql/case_states_open.postgres.sql";
    COUNT, 13, "../sql/count.sql";
    MEMBERS, 14, "../sql/members.sql";
    NIGHTS, 13, "../sql/nights.sql";
    PROJECTIONS, 1, "../sql/projections.sql", "../sql/projections.postgres.sql";
    PROJECTIONS_GONE, 3, "../sql/projections_gone.sql", "../sql/projections_gone.postgres.sql";
    PROJECTIONS_RENEW, 2, "../sql/projections_renew.sql", "../sql/projections_renew.postgres.sql";
    PROJECTIONS_RELEASE, 1, "../sql/projections_release.sql";
    PROJECTION_ACCEPT, 1, "../sql/projection_accept.sql";
    PROJECTION_FIND, 3, "../sql/projection_find.sql";
    PROJECTION_GET, 1, "../sql/projection_get.sql";
    PROJECTION_INSERT, 4, "../sql/projection_insert.sql", "../sql/projection_insert.postgres.sql";
    PROJECTION_LEASE, 3, "../sql/projection_lease.sql", "../sql/projection_lease.postgres.sql";
    PROJECTION_MOVE, 10, "../sql/projection_move.sql", "../sql/projection_move.postgres.sql";
    PROJECTION_REMOVE, 1, "../sql/projection_remove.sql";
    PROJECTION_STOP, 2, "../sql/projection_stop.sql";
    PROJECTION_TURN, 4, "../sql/projection_turn.sql", "../sql/projection_turn.postgres.sql";
    REMOVE_ACCESS, 2, "../sql/remove_access.sql";
    REMOVE_CASE_STATE, 3, "../sql/remove_case_state.sql";
    REMOVE_STANDING, 3, "../sql/remove_standing.sql";
    REMOVE_TALLY, 2, "../sql/remove_tally.sql";
    REMOVE_TALLY_BEFORE, 2, "../sql/remove_tally_before.sql";
    REMOVE_TALLY_MARK, 1, "../sql/remove_tally_mark.sql";
    REMOVE_THING, 3, "../sql/remove_thing.sql";
    REMOVE_TOUCH, 3, "../sql/remove_touch.sql";
    ROW_LAST, 2, "../sql/row_last.sql";
    STANDINGS_DROP, 1, "../sql/standings_drop.sql", "../sql/standings_drop.postgres.sql";
    STANDINGS_OPEN, 1, "../sql/standings_open.sql", "../sql/standings_open.postgres.sql";
    TALLY, 19, "../sql/tally.sql";
    TALLY_DIFFERS, 7, "../sql/tally_differs.sql";
    TALLY_MARK_LAST, 1, "../sql/tally_mark_last.sql";
    TALLY_MARK_PUT, 2, "../sql/tally_mark_put.sql";
    TALLY_TIDY, 1, "../sql/tally_tidy.sql";
    THINGS_AFTER, 3, "../sql/things_after.sql";
    THINGS_DIFFER, 7, "../sql/things_differ.sql";
    THINGS_FIND, 2, "../sql/things_find.sql", "../sql/things_find.postgres.sql";
    THINGS_FROM, 4, "../sql/things_from.sql";
    THINGS_ITEMS, 3, "../sql/things_items.sql";
    THINGS_OF_ITEM, 4, "../sql/things_of_item.sql";
    THING_ITEM, 2, "../sql/thing_item.sql";
    TOUCHES, 1, "../sql/touches.sql", "../sql/touches.postgres.sql";
    VALUES, 14, "../sql/values.sql";
}

#[cfg(test)]
#[path = "../../../tests/src/postgres.rs"]
mod server;

#[cfg(test)]
#[path = "../../../tests/src/prepared.rs"]
mod prepared;

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqlSafeStr as _, SqliteConnection};
    use xiaoer_journal::sqlite;

    /// Both databases, with the tables.
    async fn both(folder: &tempfile::TempDir) -> (SqliteConnection, PgConnection) {
        let (file, url) = (folder.path().join("a.db"), server::database("").await);
        crate::Store::open(&file).await.unwrap();
        crate::Store::connect(&url).await.unwrap();
        let options = sqlite::options(&file, sqlx::sqlite::SqliteSynchronous::Normal);
        (sqlite::writer(&options).await.unwrap(), PgConnection::connect(&url).await.unwrap())
    }

    #[tokio::test]
    async fn every_statement_is_prepared_on_both_databases() {
        let folder = tempfile::TempDir::new().unwrap();
        let (mut sqlite, mut postgres) = both(&folder).await;
        let all = ALL.iter().map(|(name, s)| (*name, [s.sqlite, s.postgres], s.parameters));
        prepared::on_both(all, &mut sqlite, &mut postgres).await;
        for bulk in crate::tables::bulks() {
            prepared::parameters(&mut postgres, AssertSqlSafe(bulk.postgres()).into_sql_str()).await;
        }
    }

    /// A statement in a file that nobody lists would be prepared by no test.
    #[test]
    fn every_file_is_listed() {
        let mut listed: Vec<String> =
            ALL.iter().flat_map(|(_, statement)| [statement.sqlite, statement.postgres]).map(str::to_owned).collect();
        listed.extend(crate::tables::bulks().map(|bulk| bulk.postgres().to_owned()));
        for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/sql")).unwrap().map(|entry| entry.unwrap().path()) {
            let text = std::fs::read_to_string(&entry).unwrap();
            assert!(listed.iter().any(|listed| listed.contains(&text)), "{}", entry.display());
        }
    }

    /// The same tables and columns in the same order: what is read by its place must be there on both.
    #[tokio::test]
    async fn both_schemas_have_the_same_columns() {
        let folder = tempfile::TempDir::new().unwrap();
        let (mut sqlite, mut postgres) = both(&folder).await;
        let one = "SELECT m.name || '.' || c.name FROM sqlite_schema AS m, pragma_table_info(m.name) AS c
                   WHERE m.type = 'table' AND m.name NOT LIKE '%migrations' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, c.cid";
        let other = "SELECT CAST(table_name || '.' || column_name AS TEXT) FROM information_schema.columns
                     WHERE table_schema = 'public' AND table_name NOT LIKE '%migrations' ORDER BY table_name, ordinal_position";
        let one: Vec<String> = sqlx::query_scalar(one).fetch_all(&mut sqlite).await.unwrap();
        let other: Vec<String> = sqlx::query_scalar(other).fetch_all(&mut postgres).await.unwrap();
        assert!(one == other && one.len() > 40, "{one:?} {other:?}");
    }
}
