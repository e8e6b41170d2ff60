//! The connections to a database that do one kind of work, shared by all its logs: never more than so many, and most at rest.
//!
//! Promise: a connection that rests has nothing under way in it. One of which that is not known, because a call was cancelled or its
//! answer did not come, is closed, and its end undoes what was begun in it. Only a reader whose call was cancelled begins nothing:
//! its answer is waited for, since a caller that cancels a thousand calls a second would else have a thousand connections made.

use super::{
    ANSWER_MAX, CANCELLED_MAX, CONNECTION_WAIT, RESTED,
    servers::{Connection, Servers},
};
use crate::Error;
use sqlx::{Connection as _, postgres::PgConnection};
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{error::Elapsed, timeout},
};

/// What shuts a connection down says so with a code of this class.
const CODES_OF_THE_END: &str = "57P";

/// What connections are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Single statements that change nothing.
    Read,
    /// Transactions.
    Write,
}

/// The connections that do one kind of work.
pub struct Pool {
    servers: Arc<Servers>,
    work: Work,
    /// Statements run once in each.
    prepare: &'static str,
    permits: Arc<Semaphore>,
    /// The one used last comes last, and is taken first.
    resting: Mutex<Vec<(Connection, Instant)>>,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("servers", &self.servers).finish_non_exhaustive()
    }
}

impl Pool {
    pub(crate) fn new(servers: Arc<Servers>, work: Work, connections: usize, prepare: &'static str) -> Arc<Self> {
        Arc::new(Self { servers, work, prepare, permits: Arc::new(Semaphore::new(connections)), resting: Mutex::default() })
    }

    /// A connection, once there is one that nobody uses.
    pub(crate) async fn take(self: &Arc<Self>) -> Result<Taken, Error> {
        let permit = timeout(CONNECTION_WAIT, Arc::clone(&self.permits).acquire_owned()).await;
        let permit = permit.ok().and_then(Result::ok).ok_or(sqlx::Error::PoolTimedOut)?;
        loop {
            let Some((mut connection, since)) = self.resting().pop() else {
                // Where the caller goes away meanwhile, the next has the connection.
                let made = tokio::spawn(Arc::clone(self).make(permit));
                return made.await.unwrap_or(Err(Error::Away(sqlx::Error::WorkerCrashed)));
            };
            let fits = self.servers.takes(&connection) && !connection.is_old();
            if fits && (since.elapsed() < RESTED || matches!(timeout(ANSWER_MAX, connection.session.ping()).await, Ok(Ok(())))) {
                return Ok(self.taken(connection, permit));
            }
        }
    }

    async fn make(self: Arc<Self>, permit: OwnedSemaphorePermit) -> Result<Taken, Error> {
        let mut connection = self.servers.connect().await?;
        sqlx::raw_sql(self.prepare).execute(&mut connection.session).await?;
        Ok(self.taken(connection, permit))
    }

    fn taken(self: &Arc<Self>, connection: Connection, permit: OwnedSemaphorePermit) -> Taken {
        Taken { pool: Arc::clone(self), held: Some((connection, permit)), state: State::Sound }
    }

    fn rest(&self, connection: Connection) {
        self.resting().push((connection, Instant::now()));
    }

    fn resting(&self) -> MutexGuard<'_, Vec<(Connection, Instant)>> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection in use; it goes back to rest where it is dropped.
pub struct Taken {
    pool: Arc<Pool>,
    /// The connection, and the right to it; there until the drop.
    held: Option<(Connection, OwnedSemaphorePermit)>,
    state: State,
}

/// What is known of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Everything asked in it was answered.
    Sound,
    /// Something was asked in it.
    Asked,
    /// An answer did not come.
    Broken,
}

impl fmt::Debug for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Taken").field("state", &self.state).finish_non_exhaustive()
    }
}

impl Taken {
    /// The connection, for one question whose answer goes to [`Taken::heard`].
    pub(crate) fn ask(&mut self) -> &mut PgConnection {
        self.state = State::Asked;
        let (connection, _) = self.held.as_mut().expect("it is there until the drop");
        &mut connection.session
    }

    /// What came of the question, and of the connection.
    pub(crate) fn heard<T>(&mut self, answer: Result<Result<T, sqlx::Error>, Elapsed>) -> Result<T, Error> {
        let answer = answer.unwrap_or_else(|elapsed| Err(sqlx::Error::Io(elapsed.into())));
        let sound = match &answer {
            Ok(_) => true,
            Err(sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed) => false,
            Err(sqlx::Error::Database(error)) => error.code().is_some_and(|code| !code.starts_with(CODES_OF_THE_END)),
            Err(_) => true,
        };
        self.state = if sound { State::Sound } else { State::Broken };
        if !sound {
            // Those at rest led to the same server.
            self.pool.resting().clear();
        }
        Ok(answer?)
    }

    /// Runs a statement.
    pub(crate) async fn run(&mut self, statement: &'static str) -> Result<(), Error> {
        let done = timeout(ANSWER_MAX, sqlx::query(statement).execute(self.ask())).await;
        self.heard(done).map(|_| ())
    }

    pub(crate) fn is_sound(&self) -> bool {
        self.state == State::Sound
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let Some((mut connection, permit)) = self.held.take() else { return };
        match (self.state, self.pool.work, Handle::try_current()) {
            (State::Sound, ..) => self.pool.rest(connection),
            (State::Asked, Work::Read, Ok(runtime)) => {
                let pool = Arc::clone(&self.pool);
                runtime.spawn(async move {
                    // sqlx first reads to the end of what was asked before.
                    if matches!(timeout(CANCELLED_MAX, connection.session.ping()).await, Ok(Ok(()))) {
                        pool.rest(connection);
                    }
                    drop(permit);
                });
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Database, READERS, WRITERS},
        *,
    };
    use crate::{database::tables, server};
    use std::time::Duration;

    /// A thousand cancelled calls a second made a thousand connections a second, and the server had no time for anything else.
    #[tokio::test]
    async fn a_cancelled_reader_keeps_its_connection_and_a_cancelled_writer_loses_it() {
        let database = Database::open(&server::database("").await, tables()).await.unwrap();
        let server_process = async |pool: &Arc<Pool>| -> i32 {
            let mut taken = pool.take().await.unwrap();
            let asked = timeout(ANSWER_MAX, sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(taken.ask())).await;
            taken.heard(asked).unwrap()
        };
        let cancel_after = async |pool: &Arc<Pool>, statement: &'static str, wait| {
            let mut taken = pool.take().await.unwrap();
            timeout(wait, sqlx::query(statement).fetch_all(taken.ask())).await.unwrap_err();
        };
        let free = async |pool: &Arc<Pool>, connections: usize| {
            drop(pool.permits.acquire_many(connections.try_into().unwrap()).await.unwrap());
        };

        let reader = server_process(&database.readers).await;
        for micros in 0..100 {
            cancel_after(&database.readers, "SELECT 7, pg_sleep(0.05)", Duration::from_micros(micros * 20)).await;
            free(&database.readers, READERS).await;
            assert_eq!(server_process(&database.readers).await, reader, "cancelled after {micros} times 20 µs");
        }
        cancel_after(&database.readers, "SELECT pg_sleep(30)", Duration::from_millis(50)).await;
        free(&database.readers, READERS).await;
        assert_ne!(server_process(&database.readers).await, reader, "it would keep others waiting");

        let writer = server_process(&database.writers).await;
        cancel_after(&database.writers, "SELECT pg_sleep(0.05)", Duration::from_millis(1)).await;
        free(&database.writers, WRITERS).await;
        assert_ne!(server_process(&database.writers).await, writer, "nobody knows what it began");
    }

    /// A caller that goes away before its connection stands leaves it for the next.
    #[tokio::test]
    async fn a_connection_is_made_to_its_end() {
        let database = Database::open(&server::database("").await, tables()).await.unwrap();
        timeout(Duration::from_micros(100), database.readers.take()).await.unwrap_err();
        drop(database.readers.permits.acquire_many(READERS.try_into().unwrap()).await.unwrap());
        assert_eq!(database.readers.resting().len(), 1);
    }
}
