//! Where the projections of a log stand, and who moves them.
//!
//! A log has one that answers, perhaps one that is built beside it, and those of other versions of the formulas, which programs of
//! those versions read and move. Of the processes that share a database, one moves a projection: it holds a lease. A lease saves
//! work, it protects nothing: what protects is that a cursor is moved from where it stood, together with its rows.

use crate::{Error, Store, VERSION, sql};
use std::time::Duration;
use xiaoer_domain::LogName;
use xiaoer_journal::{bulk::Value, connection::Found};

/// How long a projection stays with a process that says nothing: another takes over so many seconds after its end.
const LEASE: Duration = Duration::from_secs(5);
/// The same in a file, which has one process: whoever opens it next takes over, so nobody need say that he goes on.
const LEASE_OF_A_FILE: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
/// Numbers of rows in a projection's range: for a thousand years of a large city.
const NUMBERS: i64 = 1 << 40;

/// What a projection is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// It answers.
    Live,
    /// It is built beside the one that answers.
    Building,
    /// Its rows are being removed.
    Gone,
}

impl Role {
    const ALL: [Self; 3] = [Self::Live, Self::Building, Self::Gone];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Building => "building",
            Self::Gone => "gone",
        }
    }
}

/// Where a projection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) id: i64,
    /// The log it is of.
    pub log: String,
    /// Version of the formulas.
    pub version: u32,
    /// What it is there for.
    pub role: Role,
    /// Answers reflect this position.
    pub position: u64,
    /// Leaf hash there.
    pub leaf_hash: Vec<u8>,
    /// A wide event under way, else 0.
    pub wide_position: u64,
    /// The last thing it has reached.
    pub wide_after: i64,
    /// Rows written so far.
    pub rows: u64,
    /// Somebody said that it may answer although it differs from the one that does.
    pub(crate) is_accepted: bool,
    /// Why it stopped; empty where it did not.
    pub error: String,
}

impl Cursor {
    /// Columns as every statement that reads one has them.
    pub(crate) fn read(row: &Found) -> Result<Self, Error> {
        let wrong = |what: String| Error::Corrupt { table: "projection", what };
        let role: &str = row.get(3)?;
        Ok(Self {
            id: row.get(0)?,
            log: row.get(1)?,
            version: u32::try_from(row.get::<i64>(2)?).unwrap_or(0),
            role: Role::ALL.into_iter().find(|known| known.name() == role).ok_or_else(|| wrong(format!("{role} is no state")))?,
            position: row.get::<i64>(4)?.unsigned_abs(),
            leaf_hash: row.get(5)?,
            wide_position: row.get::<i64>(6)?.unsigned_abs(),
            wide_after: row.get(7)?,
            rows: row.get::<i64>(8)?.unsigned_abs(),
            is_accepted: row.get::<i64>(9)? != 0,
            error: row.get(10)?,
        })
    }

    /// Whether this is the same projection, wherever it stands.
    pub fn is_same(&self, other: &Self) -> bool {
        self.id == other.id
    }

    /// The numbers of its rows, from and to (exclusive). They tell it from every other, also in the token of a page.
    pub(crate) fn numbers(&self) -> (i64, i64) {
        numbers(self.id)
    }
}

pub(crate) fn numbers(projection_id: i64) -> (i64, i64) {
    (projection_id * NUMBERS, (projection_id + 1) * NUMBERS)
}

impl Store {
    /// The projection of a log that answers; a new one stands before the genesis.
    pub async fn live(&self, log: &LogName) -> Result<Cursor, Error> {
        self.make(log, Role::Live).await
    }

    /// The projection of a log in a role; made where there is none.
    pub(crate) async fn make(&self, log: &LogName, role: Role) -> Result<Cursor, Error> {
        if let Some(cursor) = self.find(log, role).await? {
            return Ok(cursor);
        }
        let values = [log.as_str().into(), i64::from(VERSION).into(), role.name().into(), Value::Bytes(&[0; 32])];
        self.change(&sql::PROJECTION_INSERT, values).await?;
        self.find(log, role).await?.ok_or(Error::Corrupt { table: "projection", what: format!("no row of {log}") })
    }

    /// The projection of a log in a role, where there is one of this program's version.
    pub async fn find(&self, log: &LogName, role: Role) -> Result<Option<Cursor>, Error> {
        let mut reader = self.readers.acquire().await?;
        let query = reader.query(&sql::PROJECTION_FIND).bind(log.as_str()).bind(i64::from(VERSION)).bind(role.name());
        query.first().await?.as_ref().map(Cursor::read).transpose()
    }

    /// Takes a projection for this process, for a moment that is renewed; gives where it stands, or none where another holds it.
    pub(crate) async fn lease(&self, id: i64) -> Result<Option<Cursor>, Error> {
        let leased = self.change(&sql::PROJECTION_LEASE, [id.into(), (&*self.worker).into(), self.lease_micros().into()]).await?;
        if leased == 0 {
            return Ok(None);
        }
        let mut reader = self.readers.acquire().await?;
        reader.query(&sql::PROJECTION_GET).bind(id).first().await?.as_ref().map(Cursor::read).transpose()
    }

    /// For how long a projection is taken.
    pub(crate) fn lease_micros(&self) -> i64 {
        micros(if self.is_shared() { LEASE } else { LEASE_OF_A_FILE })
    }

    /// Keeps what this process holds.
    pub(crate) async fn renew(&self) -> Result<(), Error> {
        self.change(&sql::PROJECTIONS_RENEW, [(&*self.worker).into(), self.lease_micros().into()]).await.map(drop)
    }

    /// Gives back what this process holds, so that another takes over at once.
    pub async fn release(&self) -> Result<(), Error> {
        self.change(&sql::PROJECTIONS_RELEASE, [(&*self.worker).into()]).await.map(drop)
    }

    /// Says in the tables why a projection stopped; empty lets it go on.
    pub(crate) async fn stop(&self, id: i64, error: &str) -> Result<(), Error> {
        self.change(&sql::PROJECTION_STOP, [id.into(), error.into()]).await.map(drop)
    }

    /// Makes what was built the one that answers, unless the one that does stands past a position; says whether it did.
    pub(crate) async fn swap(&self, live: &Cursor, built: &Cursor, up_to: u64) -> Result<bool, Error> {
        let mut writer = self.writer.lock().await;
        writer.begin().await?;
        let up_to = i64::try_from(up_to).unwrap_or(i64::MAX);
        for (id, from, to, up_to) in [(live.id, Role::Live, Role::Gone, up_to), (built.id, Role::Building, Role::Live, i64::MAX)] {
            let turn = writer.query(&sql::PROJECTION_TURN)?.bind(id).bind(from.name()).bind(to.name());
            if turn.bind(up_to).run().await? == 0 {
                writer.clean().await;
                return Ok(false);
            }
        }
        Ok(writer.commit().await.map(|()| true)?)
    }

    /// Lets what was built answer although it differs.
    pub(crate) async fn accept(&self, built: &Cursor) -> Result<(), Error> {
        self.change(&sql::PROJECTION_ACCEPT, [built.id.into()]).await.map(drop)
    }

    /// Gives up what was being built.
    pub(crate) async fn abandon(&self, built: &Cursor) -> Result<(), Error> {
        let (from, to) = (Role::Building.name(), Role::Gone.name());
        self.change(&sql::PROJECTION_TURN, [built.id.into(), from.into(), to.into(), i64::MAX.into()]).await.map(drop)
    }

    /// The first free number of a projection.
    pub(crate) async fn next_number(&self, cursor: &Cursor) -> Result<i64, Error> {
        let (from, to) = cursor.numbers();
        let mut reader = self.readers.acquire().await?;
        let row = reader.query(&sql::ROW_LAST).bind(from).bind(to).first().await?;
        let last: Option<i64> = row.map_or(Ok(None), |row| row.get(0))?;
        Ok(last.unwrap_or(from) + 1)
    }

    /// Runs one statement that changes something; gives how many rows.
    pub(crate) async fn change<const N: usize>(
        &self,
        statement: &'static xiaoer_journal::Statement,
        values: [Value<'_>; N],
    ) -> Result<u64, Error> {
        let mut writer = self.writer.lock().await;
        writer.begin().await?;
        let changed = writer.query(statement)?.values(values).run().await?;
        writer.commit().await?;
        Ok(changed)
    }
}

/// How a cursor is moved from where it stood, by this process, and with how many rows.
pub(crate) fn a_move<'q>(store: &'q Store, before: &Cursor, after: &'q Cursor, rows: usize) -> [Value<'q>; 10] {
    [
        before.id.into(),
        before.position.cast_signed().into(),
        before.wide_after.into(),
        (&*store.worker).into(),
        after.position.cast_signed().into(),
        Value::Bytes(&after.leaf_hash),
        after.wide_position.cast_signed().into(),
        after.wide_after.into(),
        (rows as u64).cast_signed().into(),
        store.lease_micros().into(),
    ]
}

pub(crate) fn micros(of: Duration) -> i64 {
    i64::try_from(of.as_micros()).unwrap_or(i64::MAX)
}
