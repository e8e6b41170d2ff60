//! The statements that every database runs, with the number of their parameters. Where the texts differ, the one for Postgres
//! stands beside the other in `sql/` and says why.
//!
//! To add one: its file, a line here, and its name in `ALL`, which is prepared on both databases by a test.

use crate::statements;

statements! {
    HEAD, 1, "../sql/head.sql";
    HEAD_MARK, 3, "../sql/head_mark.sql";
    HEAD_MOVE, 5, "../sql/head_move.sql";
    LOG_INSERT, 5, "../sql/log_insert.sql";
    LOG_REPLICA, 1, "../sql/log_replica.sql";
    READ_AFTER, 3, "../sql/read_after.sql";
    READ_IDENTITIES, 2, "../sql/read_identities.sql", "../sql/read_identities.postgres.sql";
    READ_KIND, 3, "../sql/read_kind.sql";
    READ_POSITIONS, 2, "../sql/read_positions.sql", "../sql/read_positions.postgres.sql";
    READ_STREAMS, 3, "../sql/read_streams.sql", "../sql/read_streams.postgres.sql";
    REFUSED_INSERT, 6, "../sql/refused_insert.sql";
    REFUSED_LAST, 2, "../sql/refused_last.sql";
    REFUSED_TRIM, 3, "../sql/refused_trim.sql";
    STAMP_AT, 2, "../sql/stamp_at.sql";
    VAULT_COMPLETED, 2, "../sql/vault_completed.sql";
    VAULT_CONTENT, 2, "../sql/vault_content.sql";
    VAULT_CONTENT_ANY, 1, "../sql/vault_content_any.sql";
    VAULT_CONTENT_CLEAR, 2, "../sql/vault_content_clear.sql";
    VAULT_CONTENT_INSERT, 13, "../sql/vault_content_insert.sql";
    VAULT_CONTENT_REQUEST, 2, "../sql/vault_content_request.sql";
    VAULT_EPOCH_INSERT, 2, "../sql/vault_epoch_insert.sql";
    VAULT_EPOCH_STATE, 2, "../sql/vault_epoch_state.sql";
    VAULT_EPOCHS, 0, "../sql/vault_epochs.sql";
    VAULT_ERASURE, 2, "../sql/vault_erasure.sql";
    VAULT_ERASURE_DELETE, 3, "../sql/vault_erasure_delete.sql";
    VAULT_ERASURE_INSERT, 8, "../sql/vault_erasure_insert.sql";
    VAULT_ERASURES_ASKED, 1, "../sql/vault_erasures_asked.sql";
    VAULT_KEPT, 2, "../sql/vault_kept.sql";
    VAULT_KEY, 2, "../sql/vault_key.sql";
    VAULT_KEY_COUNT, 1, "../sql/vault_key_count.sql";
    VAULT_KEY_DELETE, 2, "../sql/vault_key_delete.sql";
    VAULT_KEY_INSERT, 5, "../sql/vault_key_insert.sql";
    VAULT_KEY_WRAP, 5, "../sql/vault_key_wrap.sql";
    VAULT_KEYS_BEFORE, 2, "../sql/vault_keys_before.sql";
    VAULT_PENDING, 2, "../sql/vault_pending.sql";
    VAULT_STATUS, 0, "../sql/vault_status.sql";
}

#[cfg(test)]
#[path = "../../../tests/src/prepared.rs"]
mod prepared;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server;
    use sqlx::{
        AssertSqlSafe, Connection as _, PgConnection, SqlSafeStr as _, SqlStr, SqliteConnection, sqlite::SqliteSynchronous,
    };

    /// What stands for one database only.
    const POSTGRES: [(&str, usize); 9] = [
        (include_str!("../sql/lock.postgres.sql"), 1),
        (include_str!("../sql/lock_logs.postgres.sql"), 0),
        (include_str!("../sql/log_find.postgres.sql"), 1),
        (include_str!("../sql/logs.postgres.sql"), 0),
        (include_str!("../sql/positions.postgres.sql"), 0),
        (include_str!("../sql/settings.postgres.sql"), 3),
        (include_str!("../sql/vault_durable.postgres.sql"), 0),
        (include_str!("../sql/vault_lock.postgres.sql"), 0),
        ("BEGIN ISOLATION LEVEL READ COMMITTED", 0),
    ];

    /// The tables of the vault, with a list of migrations of their own.
    fn beside(mut tables: sqlx::migrate::Migrator) -> sqlx::migrate::Migrator {
        tables.dangerous_set_table_name("_vault_migrations");
        tables
    }

    async fn sqlite(folder: &tempfile::TempDir) -> SqliteConnection {
        let options = crate::sqlite::options(&folder.path().join("a.db"), SqliteSynchronous::Full);
        let mut connection = crate::sqlite::writer(&options).await.unwrap();
        sqlx::migrate!("../../migrations/sqlite/journal").run_direct(None, &mut connection, false).await.unwrap();
        beside(sqlx::migrate!("../../migrations/sqlite/vault")).run_direct(None, &mut connection, false).await.unwrap();
        connection
    }

    async fn postgres() -> PgConnection {
        let mut connection = PgConnection::connect(&server::database("").await).await.unwrap();
        sqlx::migrate!("../../migrations/postgres/journal").run_direct(None, &mut connection, false).await.unwrap();
        beside(sqlx::migrate!("../../migrations/postgres/vault")).run_direct(None, &mut connection, false).await.unwrap();
        connection
    }

    #[tokio::test]
    async fn every_statement_is_prepared_on_both_databases() {
        let folder = tempfile::TempDir::new().unwrap();
        let (mut sqlite, mut postgres) = (sqlite(&folder).await, postgres().await);
        let all = ALL.iter().map(|(name, s)| (*name, [s.sqlite, s.postgres], s.parameters));
        prepared::on_both(all, &mut sqlite, &mut postgres).await;
        for (statement, count) in POSTGRES {
            assert_eq!(prepared::parameters(&mut postgres, SqlStr::from_static(statement)).await, count, "{statement}");
        }
    }

    #[tokio::test]
    async fn events_and_head_are_one_statement_on_postgres() {
        let statement = AssertSqlSafe(crate::placed::INSERT_AND_MOVE.postgres()).into_sql_str();
        assert_eq!(prepared::parameters(&mut postgres().await, statement).await, 20);
    }

    /// A statement in a file that nobody lists would be prepared by no test.
    #[test]
    fn every_file_is_listed() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("sql");
        let mut listed: Vec<&str> = ALL.iter().flat_map(|(_, statement)| [statement.sqlite, statement.postgres]).collect();
        listed.extend(POSTGRES.map(|(statement, _)| statement));
        listed.push(include_str!("../sql/event_insert.sql"));
        listed.push(include_str!("../sql/event_insert.postgres.sql"));
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let text = std::fs::read_to_string(&entry).unwrap();
            assert!(listed.contains(&text.as_str()), "{}", entry.display());
        }
    }
}
