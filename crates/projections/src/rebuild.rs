//! Building a projection anew beside the one that answers, comparing the two, and changing them over.
//!
//! That one is being built stands in the tables, so that whoever asked may go away, and another process goes on where one ended.
//! Posts and reads go on meanwhile; answers change over in one transaction, never to an earlier position.

use crate::{Cursor, Error, Known, Limits, Projection, Question, Role, Where, Worker, compare::Differences, projection::is_away};
use jiff::{Timestamp, civil::Date};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use xiaoer_domain::metric::Metric;

/// Wait before building goes on after a database was away.
const RETRY_WAIT: Duration = Duration::from_millis(500);
/// Into how many parts the log is cut; the figures known at the end of each are compared.
const ASKED_BEFORE: u64 = 8;

/// How a rebuild stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rebuild {
    /// It is on its way, here.
    Building(Cursor),
    /// What was built is compared with what answers.
    Comparing(Cursor),
    /// It says something else, or cannot go on: it waits for somebody to accept or abandon it.
    Waiting(Cursor),
    /// Nothing is being built; this one answers.
    None(Cursor),
}

impl Projection {
    /// Begins to build it anew, or goes on with what was begun.
    pub async fn rebuild(&self) -> Result<(), Error> {
        self.store().make(&self.log().genesis().name, Role::Building).await?;
        self.store().look().await
    }

    /// Lets what was built answer although it differs. What could not be compared for another reason goes on.
    pub async fn accept(&self) -> Result<(), Error> {
        if let Some(built) = self.built().await? {
            self.store().accept(&built).await?;
        }
        self.store().look().await
    }

    /// Gives up what is being built.
    pub async fn abandon(&self) -> Result<(), Error> {
        if let Some(built) = self.built().await? {
            self.store().abandon(&built).await?;
        }
        self.store().look().await
    }

    /// How a rebuild stands, whichever process does it.
    pub async fn rebuilding(&self) -> Result<Rebuild, Error> {
        // In this order, so that what is changed over meanwhile is seen as one that answers.
        let built = self.built().await?;
        let live = self.store().live(&self.log().genesis().name).await?;
        Ok(match built {
            None => Rebuild::None(live),
            Some(built) if !built.error.is_empty() => Rebuild::Waiting(built),
            Some(built) if built.position < live.position.min(self.log().last_committed()) => Rebuild::Building(built),
            Some(built) => Rebuild::Comparing(built),
        })
    }

    async fn built(&self) -> Result<Option<Cursor>, Error> {
        self.store().find(&self.log().genesis().name, Role::Building).await
    }

    /// Builds what is to be built, until told to stop.
    pub(crate) async fn run_rebuilds(self, shutdown: CancellationToken) {
        let name = &self.log().genesis().name;
        let mut seen = self.store().seen.subscribe();
        loop {
            let due = seen
                .wait_for(|seen| seen.of(name, Role::Building).is_some_and(|(built, is_free)| *is_free && built.error.is_empty()));
            let built = tokio::select! {
                () = shutdown.cancelled() => return,
                due = due => due.ok().and_then(|seen| seen.of(name, Role::Building).map(|(built, _)| built.clone())),
            };
            let Some(built) = built else { return };
            let building = self.beside(built);
            let done = tokio::select! {
                () = shutdown.cancelled() => return,
                done = self.build(&building) => done,
            };
            match done {
                Ok(()) | Err(Error::Overtaken) => {}
                Err(error) if is_away(&error) => {
                    tracing::warn!(log = %name, %error, "a rebuild was interrupted, trying again");
                    tokio::time::sleep(RETRY_WAIT).await;
                }
                Err(error) => building.stopped(&error).await,
            }
            // What was done must be seen before more is begun.
            let _ = self.store().look().await;
        }
    }

    /// One rebuild, from where it stands to the end.
    async fn build(&self, building: &Projection) -> Result<(), Error> {
        let name = &self.log().genesis().name;
        let mut worker = Worker::new(building.clone(), Limits::default());
        tracing::info!(log = %name, position = building.cursor().position, "building a projection anew");
        self.catch_up(&mut worker, building).await?;
        if !building.cursor().is_accepted {
            let (live, built) = (self.store().live(name).await?, building.cursor());
            if let Some(difference) = self.difference(&live, &built).await? {
                tracing::warn!(log = %name, difference, "what was built does not answer yet");
                return self.store().stop(built.id, &difference).await;
            }
        }
        while !self.change_over(&building.cursor()).await? {
            self.catch_up(&mut worker, building).await?;
        }
        tracing::info!(log = %name, position = building.cursor().position, "what was built answers now");
        Ok(())
    }

    /// Steps until nothing that the one which answers reflects, and that the log still holds, is missing.
    async fn catch_up(&self, worker: &mut Worker, building: &Projection) -> Result<(), Error> {
        loop {
            building.paced_step(worker).await?;
            // As this process sees it, which may be a little late; the change over looks again.
            let (built, live) = (building.cursor().position, self.cursor());
            if built >= live.position || (built >= self.log().last_committed() && self.is_of_another_past(&live).await?) {
                return Ok(());
            }
        }
    }

    /// Makes what was built answer, unless what does is ahead of it in the same past; says whether it did.
    async fn change_over(&self, built: &Cursor) -> Result<bool, Error> {
        let live = self.store().live(&self.log().genesis().name).await?;
        let up_to = if self.is_of_another_past(&live).await? { u64::MAX } else { built.position };
        self.store().swap(&live, built, up_to).await
    }

    /// Whether the log was put back and no longer holds what a projection reflects.
    async fn is_of_another_past(&self, live: &Cursor) -> Result<bool, Error> {
        match self.log().check(live.position, &live.leaf_hash).await {
            Err(xiaoer_journal::Error::Rewound { .. }) => Ok(true),
            checked => Ok(checked.map(|()| false)?),
        }
    }

    /// The local date on which an event was recorded.
    async fn day_of(&self, position: u64) -> Result<Option<Date>, Error> {
        let log = self.log();
        let Some(stamp) = log.stamp(position).await? else { return Ok(None) };
        let at = Timestamp::from_microsecond(stamp.recorded_at).unwrap_or_default();
        Ok(Some(at.to_zoned_datetime(log.genesis().zone.clone()).date()))
    }

    /// How many figures of cells, as known at a position, are others in another projection.
    async fn differs_at(&self, other: &Self, position: u64, day: Date) -> Result<u64, Error> {
        let known = Known { position, at: Timestamp::MIN, last_day: day, day };
        let mut differ = 0;
        for &metric in Metric::ALL {
            let question = Question { metric, known, valid_on: day, period: (Date::MIN, Date::MAX), of: Where::default() };
            let same = self.figure_of_cells(&question, "unit").await? == other.figure_of_cells(&question, "unit").await?;
            differ += u64::from(!same);
        }
        Ok(differ)
    }

    /// What differs, in words; nothing where all is the same.
    async fn difference(&self, live: &Cursor, built: &Cursor) -> Result<Option<String>, Error> {
        if self.is_of_another_past(live).await? {
            return Ok(Some(format!("what answers is of another history: the log holds something else at {}", live.position)));
        }
        let position = live.position.min(built.position);
        let Some(day) = self.day_of(position).await? else { return Ok(None) };
        let mut differences = self.store().compare(live, built, position, day).await?;
        let (live, built) = (self.beside(live.clone()), self.beside(built.clone()));
        for of in 1..ASKED_BEFORE {
            let before = position * of / ASKED_BEFORE;
            if let Some(day) = self.day_of(before).await? {
                differences.cells += live.differs_at(&built, before, day).await?;
            }
        }
        Ok((differences != Differences::default()).then(|| differences.to_string()))
    }
}
