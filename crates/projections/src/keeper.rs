//! What a process does for all projections of its tables: it sees where they stand, keeps what it holds, and removes what is gone.
//!
//! One look is one statement however many logs there are, so that a process that moves none of them costs nearly nothing.

use crate::{
    Cursor, Error, Role, Store, VERSION,
    cursor::{micros, numbers},
    sql,
};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;
use xiaoer_domain::LogName;

/// How late a process sees what another did.
const LOOK: Duration = Duration::from_millis(250);
/// How often a process says that it goes on; several times in a lease.
const RENEW: Duration = Duration::from_secs(1);
/// How often what is gone is looked for.
const REMOVE: Duration = Duration::from_secs(30);
/// How long what is gone is kept, so that a question that began with it ends with it.
const GONE_KEPT: Duration = Duration::from_secs(60);
/// How long the tables of another version are kept after a program of that version moved them last: one may be put back.
const VERSION_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);
/// Rows removed in one transaction.
const REMOVED_ROWS: i64 = 2_000;
/// How long giving back may take at a stop.
const RELEASE_WAIT: Duration = Duration::from_secs(2);

/// Where all projections stood at the last look. Clones share it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Seen(Arc<Vec<(Cursor, bool)>>);

impl Seen {
    /// The projection of a log in a role, and whether this process may take it.
    pub(crate) fn of(&self, log: &LogName, role: Role) -> Option<&(Cursor, bool)> {
        self.0.iter().find(|(at, _)| at.log == log.as_str() && at.role == role && at.version == VERSION)
    }
}

impl Store {
    /// Looks at all projections until told to stop, then gives back what this process holds.
    pub async fn keep(self, shutdown: CancellationToken) {
        let mut ticks = interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut renewed, mut removed) = (Instant::now(), Instant::now());
        loop {
            let kept = tokio::select! {
                () = shutdown.cancelled() => break,
                kept = async {
                    ticks.tick().await;
                    self.look().await?;
                    if self.is_shared() && renewed.elapsed() >= RENEW {
                        renewed = Instant::now();
                        self.renew().await?;
                    }
                    if removed.elapsed() >= REMOVE {
                        removed = Instant::now();
                        self.remove_gone(GONE_KEPT).await?;
                    }
                    Ok::<_, Error>(())
                } => kept,
            };
            if let Err(error) = kept {
                tracing::warn!(%error, "the projections could not be looked at, trying again");
            }
        }
        // What is not given back is taken when its lease is over.
        let _ = timeout(RELEASE_WAIT, self.release()).await;
    }

    /// Looks where all projections stand, and tells who waits for it.
    pub(crate) async fn look(&self) -> Result<(), Error> {
        let seen = Seen(Arc::new(self.read_all().await?));
        self.seen.send_if_modified(|before| {
            let is_new = *before != seen;
            *before = seen;
            is_new
        });
        Ok(())
    }

    async fn read_all(&self) -> Result<Vec<(Cursor, bool)>, Error> {
        let mut reader = self.readers.acquire().await?;
        let rows = reader.query(&sql::PROJECTIONS).bind(&*self.worker).all().await?;
        rows.iter().map(|row| Ok((Cursor::read(row)?, row.get::<i64>(11)? != 0))).collect()
    }

    /// Removes what is gone for so long, in bounded steps.
    #[doc(hidden)]
    pub async fn remove_gone(&self, kept: Duration) -> Result<(), Error> {
        let mut reader = self.readers.acquire().await?;
        let query = reader.query(&sql::PROJECTIONS_GONE).bind(i64::from(VERSION)).bind(micros(kept)).bind(micros(VERSION_KEPT));
        let gone: Vec<i64> = query.all().await?.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        drop(reader);
        for id in gone {
            let (from, to) = numbers(id);
            for statement in [&sql::REMOVE_STANDING, &sql::REMOVE_CASE_STATE, &sql::REMOVE_TOUCH, &sql::REMOVE_THING] {
                while self.change(statement, [from.into(), to.into(), REMOVED_ROWS.into()]).await? > 0 {}
            }
            for statement in [&sql::REMOVE_TALLY, &sql::REMOVE_TALLY_BEFORE, &sql::REMOVE_ACCESS] {
                while self.change(statement, [id.into(), REMOVED_ROWS.into()]).await? > 0 {}
            }
            self.change(&sql::REMOVE_TALLY_MARK, [id.into()]).await?;
            self.change(&sql::PROJECTION_REMOVE, [id.into()]).await?;
            tracing::info!(projection = id, "the rows of a projection that answers no longer are removed");
        }
        Ok(())
    }
}
