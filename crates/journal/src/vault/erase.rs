//! Erasing: asked for first, so that nothing is put beside it and no epoch wraps the key anew; then the log has its event; then key and
//! content are destroyed.
//!
//! Destroying cannot be taken back, so it comes last: a hold or a keeping period is judged where the event is appended, and until it
//! stands there nothing is lost. After a crash between, whoever starts finds the event in the log, or the asking here, and goes on.

use super::{
    Error, Vault,
    content::{Kind, unknown},
    epochs::number,
    keys::Epoch,
};
use crate::{
    connection::{Found, Query},
    row::{signed, unsigned},
    sql,
};
use xiaoer_domain::{Actor, Code, LogName, Refusal};

const ASKED: i64 = 1;
const DONE: i64 = 2;

/// What an erasure would take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToErase {
    /// What it is.
    pub kind: Kind,
    /// The last content of each retention class, as the contract numbers them: when it was put, microseconds of UTC.
    pub kept: Vec<(i32, i64)>,
    /// The first epoch that wrapped the data key.
    pub first_epoch: Epoch,
    /// The last.
    pub last_epoch: Epoch,
}

/// How an erasure stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erasure {
    /// It was asked for; its event may be in the log.
    Asked {
        /// Who asked.
        actor: Actor,
        /// The event, in stored form.
        event: Vec<u8>,
    },
    /// Key and content are gone.
    Done {
        /// Position of its event.
        position: u64,
        /// Epochs whose keys are still there.
        pending: Vec<Epoch>,
    },
}

impl Vault {
    /// Asks for an erasure, with the event that will say so; gives how it stands where it was asked for before.
    pub async fn ask_erasure(
        &self,
        log: &LogName,
        owner: &str,
        actor: Actor,
        event: impl FnOnce(&ToErase) -> Result<Vec<u8>, Refusal> + Send,
    ) -> Result<Erasure, Error> {
        if let Some(stands) = self.erasure(log, owner).await? {
            return Ok(stands);
        }
        let mut write = self.write().await?;
        let rows = write.writer.query(&sql::VAULT_ERASURE)?.bind(log.as_str()).bind(owner).first().await?;
        if rows.is_some() {
            drop(write);
            return self.erasure(log, owner).await?.ok_or_else(|| unknown("nothing is erased here").into());
        }
        let key = write.writer.query(&sql::VAULT_KEY)?.bind(log.as_str()).bind(owner).first().await?;
        let key = key.map(|row| super::content::Key::read(&row, 0, owner)).transpose()?;
        let key = key.ok_or_else(|| unknown("there is nothing of this reference"))?;
        let kept = write.writer.query(&sql::VAULT_KEPT)?.bind(log.as_str()).bind(owner).all().await?;
        let kept = kept.iter().map(|row| Ok((class(row)?, row.get(1)?))).collect::<Result<_, Error>>()?;
        let what = ToErase { kind: key.kind, kept, first_epoch: key.first_epoch, last_epoch: key.epoch };
        let body = event(&what)?;
        let query = write.writer.query(&sql::VAULT_ERASURE_INSERT)?.bind(log.as_str()).bind(owner).bind(ASKED);
        let query = query.bind(i64::from(key.first_epoch)).bind(i64::from(key.epoch));
        query.bind(actor.as_str()).bind(&body[..]).bind(0_i64).run().await?;
        write.commit().await?;
        Ok(Erasure::Asked { actor, event: body })
    }

    /// Takes back what was asked, because the log refused its event.
    pub async fn take_back(&self, log: &LogName, owner: &str) -> Result<(), Error> {
        let mut write = self.write().await?;
        write.writer.query(&sql::VAULT_ERASURE_DELETE)?.bind(log.as_str()).bind(owner).bind(ASKED).run().await?;
        write.commit().await
    }

    /// Destroys data key and content, because the log says at a position that it was erased, with a key that these epochs wrapped.
    /// Again it changes nothing.
    pub async fn destroy(&self, log: &LogName, owner: &str, epochs: (Epoch, Epoch), position: u64) -> Result<(), Error> {
        let mut write = self.write().await?;
        write.writer.query(&sql::VAULT_KEY_DELETE)?.bind(log.as_str()).bind(owner).run().await?;
        write.writer.query(&sql::VAULT_CONTENT_CLEAR)?.bind(log.as_str()).bind(owner).run().await?;
        for state in [ASKED, DONE] {
            write.writer.query(&sql::VAULT_ERASURE_DELETE)?.bind(log.as_str()).bind(owner).bind(state).run().await?;
        }
        let query = write.writer.query(&sql::VAULT_ERASURE_INSERT)?.bind(log.as_str()).bind(owner).bind(DONE);
        let query =
            query.bind(i64::from(epochs.0)).bind(i64::from(epochs.1)).bind("").bind([0_u8; 0].as_slice()).bind(signed(position));
        query.run().await?;
        write.commit().await?;
        // Of a file, nothing of it is left in the write-ahead file either.
        Ok(self.close().await?)
    }

    /// How an erasure stands; none where nobody asked for it.
    pub async fn erasure(&self, log: &LogName, owner: &str) -> Result<Option<Erasure>, Error> {
        let mut reader = self.0.readers.acquire().await?;
        let Some(row) = reader.query(&sql::VAULT_ERASURE).bind(log.as_str()).bind(owner).first().await? else { return Ok(None) };
        let (state, first, last, position): (i64, i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(5)?);
        if state == ASKED {
            return Ok(Some(Erasure::Asked { actor: Actor::named(row.get(3)?), event: row.get(4)? }));
        }
        let rows = reader.query(&sql::VAULT_PENDING).bind(first).bind(last).all().await?;
        let pending = rows.iter().map(|row| number(row.get(0)?)).collect::<Result<_, _>>()?;
        Ok(Some(Erasure::Done { position: unsigned(position)?, pending }))
    }

    /// The erasures of a log that were asked for and are not done.
    pub async fn asked(&self, log: &LogName) -> Result<Vec<String>, Error> {
        let mut reader = self.0.readers.acquire().await?;
        let rows = reader.query(&sql::VAULT_ERASURES_ASKED).bind(log.as_str()).all().await?;
        rows.iter().map(|row| Ok(row.get(0)?)).collect()
    }
}

/// Refuses what would stand beside an erasure, asked for or done.
pub(super) async fn refuse_erased(query: Query<'_>, log: &LogName, owner: &str) -> Result<(), Error> {
    match query.bind(log.as_str()).bind(owner).first().await? {
        None => Ok(()),
        Some(_) => Err(Refusal::new(Code::Erased, "the person was erased").at("person").into()),
    }
}

fn class(row: &Found) -> Result<i32, Error> {
    let class: i64 = row.get(0)?;
    i32::try_from(class).map_err(|_| crate::Error::corrupt("vault_content", class, "a retention class that is none").into())
}
