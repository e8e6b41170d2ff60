//! The epochs of the keys that wrap data keys: a new one begins, keys are wrapped anew in steps, the key of an old one is destroyed.
//!
//! ```text
//!            begin            rewrap, in steps                    retire               destroyed
//!  living 1 ──────► living 1, 2 ──────► no data key is under 1 ──────► being destroyed ──────► destroyed 1
//!                  new keys under 2                                     the key is destroyed here
//! ```

use super::{
    Error, Vault, Write,
    content::{Key, Kind, count},
    keys::{Epoch, KeyError},
    seal::{Bound, DataKey, LEN},
};
use crate::sql;
use xiaoer_domain::{Code, LogName, Refusal};

/// Data keys that are wrapped anew in one transaction.
const STEP: i64 = 200;
const LIVING: i64 = 1;
const RETIRED: i64 = 2;
const DESTROYED: i64 = 3;

/// What became of an epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EpochState {
    /// Its key is there.
    Living,
    /// Its key is being destroyed.
    Retired,
    /// Its key is destroyed.
    Destroyed,
}

/// How an epoch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochStatus {
    /// Its number.
    pub epoch: Epoch,
    /// What became of it.
    pub state: EpochState,
    /// Data keys that it wraps.
    pub keys: u64,
    /// Erasures that are pending until its key is destroyed.
    pub pending: u64,
}

/// An epoch, and what its key wrapped when it was made.
struct Known {
    epoch: Epoch,
    state: EpochState,
    proof: Vec<u8>,
}

impl Vault {
    /// How every epoch stands, oldest first.
    pub async fn epochs(&self) -> Result<Vec<EpochStatus>, Error> {
        let mut reader = self.0.readers.acquire().await?;
        let rows = reader.query(&sql::VAULT_STATUS).all().await?;
        let read = |row: &crate::connection::Found| {
            let epoch = number(row.get(0)?)?;
            Ok(EpochStatus { epoch, state: state(epoch, row.get(1)?)?, keys: count(row, 2)?, pending: count(row, 3)? })
        };
        rows.iter().map(read).collect()
    }

    /// Begins an epoch whose number is higher than those before, with a key that is made where it is missing. New keys are wrapped by
    /// it from now on.
    pub async fn begin_epoch(&self, epoch: Epoch) -> Result<(), Error> {
        self.0.keys.make(epoch).await?;
        let proof = self.0.keys.wrap(epoch, &zeros()?, &bound_to(epoch)).await?;
        let mut write = self.write().await?;
        if write.epochs().await?.iter().any(|known| known.epoch >= epoch) {
            return Ok(());
        }
        let query = write.writer.query(&sql::VAULT_EPOCH_INSERT)?.bind(i64::from(epoch)).bind(&proof[..]);
        query.run().await?;
        write.commit().await
    }

    /// The newest epoch there is a key of; 0 where there is none.
    pub async fn newest_key(&self) -> Result<Epoch, Error> {
        Ok(self.0.keys.newest().await?)
    }

    /// Begins the epochs that there are keys of and that the vault does not know: it was put back to an earlier point, or an operator
    /// put a key there. One that has no content yet knows none, and begins with the newest.
    pub async fn adopt(&self) -> Result<(), Error> {
        let newest = self.0.keys.newest().await?;
        let Some(last) = self.known().await?.last().map(|known| known.epoch) else { return Ok(()) };
        for epoch in last + 1..=newest {
            match self.0.keys.wrap(epoch, &zeros()?, &bound_to(epoch)).await {
                Ok(_) => self.begin_epoch(epoch).await?,
                Err(KeyError::Missing(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// That the key of the newest epoch is there and is the one it was; nothing where there is no epoch.
    pub async fn check(&self) -> Result<(), Error> {
        match self.known().await?.pop() {
            None => Ok(()),
            Some(newest) => self.prove(&newest).await,
        }
    }

    /// Wraps the next keys by the newest epoch that an older one still wraps; gives how many there were.
    pub async fn rewrap(&self) -> Result<usize, Error> {
        let known = self.known().await?;
        let Some(newest) = known.last() else { return Ok(0) };
        let mut reader = self.0.readers.acquire().await?;
        let rows = reader.query(&sql::VAULT_KEYS_BEFORE).bind(i64::from(newest.epoch)).bind(STEP).all().await?;
        drop(reader);
        let mut wrapped = Vec::with_capacity(rows.len());
        for row in &rows {
            let (log, owner): (String, String) = (row.get(0)?, row.get(1)?);
            let log = LogName::new(&log).ok_or_else(|| crate::Error::corrupt("vault_key", &owner, "of a log that can be none"))?;
            let key = Key::read(row, 2, &owner)?;
            let data = self.unwrapped(&log, &owner, &key).await?;
            let anew = self.wrapped(&log, &owner, key.kind, key.first_epoch, newest.epoch, &data).await?;
            wrapped.push((log, owner, key.epoch, anew));
        }
        let mut write = self.write().await?;
        for (log, owner, from, anew) in &wrapped {
            let query = write.writer.query(&sql::VAULT_KEY_WRAP)?.bind(log.as_str()).bind(&**owner);
            query.bind(i64::from(*from)).bind(i64::from(newest.epoch)).bind(&anew[..]).run().await?;
        }
        write.commit().await?;
        Ok(wrapped.len())
    }

    /// Refuses to let an epoch go that is the newest, or that wraps a data key; else nothing uses it any more.
    pub async fn retire(&self, epoch: Epoch) -> Result<(), Error> {
        let mut write = self.write().await?;
        let known = write.epochs().await?;
        let refuse = |code, message: String| Err(Refusal::new(code, message).at("epoch").into());
        let Some(this) = known.iter().find(|known| known.epoch == epoch) else {
            return refuse(Code::UnknownEpoch, format!("there is no epoch {epoch}"));
        };
        if this.state != EpochState::Living {
            return Ok(());
        }
        if known.last().is_some_and(|newest| newest.epoch == epoch) {
            return refuse(Code::EpochInUse, format!("epoch {epoch} is the current one"));
        }
        let keys = write.writer.query(&sql::VAULT_KEY_COUNT)?.bind(i64::from(epoch)).first().await?;
        let keys = keys.map_or(Ok(0), |row| count(&row, 0))?;
        if keys > 0 {
            return refuse(Code::EpochInUse, format!("epoch {epoch} wraps {keys} data keys"));
        }
        write.state(epoch, RETIRED).await?;
        write.commit().await
    }

    /// Destroys the key of an epoch that was retired; it is gone for every vault whose keys are kept there.
    pub async fn destroy_key(&self, epoch: Epoch) -> Result<(), Error> {
        Ok(self.0.keys.destroy(epoch).await?)
    }

    /// That the key of an epoch is gone.
    pub async fn destroyed(&self, epoch: Epoch) -> Result<(), Error> {
        let mut write = self.write().await?;
        write.state(epoch, DESTROYED).await?;
        write.commit().await
    }

    /// Erasures of a log that are complete with the end of an epoch.
    pub async fn completed(&self, log: &LogName, epoch: Epoch) -> Result<u64, Error> {
        let mut reader = self.0.readers.acquire().await?;
        let row = reader.query(&sql::VAULT_COMPLETED).bind(log.as_str()).bind(i64::from(epoch)).first().await?;
        row.map_or(Ok(0), |row| count(&row, 0))
    }

    /// Whether anything was ever put for a log.
    pub async fn holds(&self, log: &LogName) -> Result<bool, Error> {
        let mut reader = self.0.readers.acquire().await?;
        Ok(reader.query(&sql::VAULT_CONTENT_ANY).bind(log.as_str()).first().await?.is_some())
    }

    /// The epoch that wraps new keys, begun where there is none; its key is the one it was.
    pub(super) async fn current(&self) -> Result<Epoch, Error> {
        if self.known().await?.is_empty() {
            let first = self.0.keys.newest().await?.max(1);
            self.begin_epoch(first).await?;
        }
        let newest = self.known().await?.pop().ok_or(KeyError::Missing(1))?;
        self.prove(&newest).await?;
        Ok(newest.epoch)
    }

    /// Wraps a data key.
    pub(super) async fn wrapped(
        &self,
        log: &LogName,
        owner: &str,
        kind: Kind,
        first: Epoch,
        epoch: Epoch,
        key: &DataKey,
    ) -> Result<Vec<u8>, Error> {
        Ok(self.0.keys.wrap(epoch, key, &bound(log, owner, kind, first, epoch)).await?)
    }

    /// The data key of an owner. One that does not open was changed or moved, or another key is in the place of its epoch's.
    pub(super) async fn unwrapped(&self, log: &LogName, owner: &str, key: &Key) -> Result<DataKey, Error> {
        let bound = bound(log, owner, key.kind, key.first_epoch, key.epoch);
        match self.0.keys.unwrap(key.epoch, &key.wrapped, &bound).await {
            Err(KeyError::Foreign(epoch)) => {
                if let Some(known) = self.known().await?.into_iter().find(|known| known.epoch == epoch) {
                    self.prove(&known).await?;
                }
                Err(crate::Error::corrupt("vault_key", owner, "it was changed, or belongs elsewhere").into())
            }
            unwrapped => Ok(unwrapped?),
        }
    }

    /// That the key of an epoch is the one it was.
    async fn prove(&self, known: &Known) -> Result<(), Error> {
        self.0.keys.unwrap(known.epoch, &known.proof, &bound_to(known.epoch)).await?;
        Ok(())
    }

    async fn known(&self) -> Result<Vec<Known>, Error> {
        let mut reader = self.0.readers.acquire().await?;
        read(&reader.query(&sql::VAULT_EPOCHS).all().await?)
    }
}

impl Write {
    /// The epoch that wraps new keys.
    pub(super) async fn current(&mut self) -> Result<Option<Epoch>, Error> {
        Ok(self.epochs().await?.last().map(|known| known.epoch))
    }

    async fn epochs(&mut self) -> Result<Vec<Known>, Error> {
        read(&self.writer.query(&sql::VAULT_EPOCHS)?.all().await?)
    }

    async fn state(&mut self, epoch: Epoch, state: i64) -> Result<(), Error> {
        self.writer.query(&sql::VAULT_EPOCH_STATE)?.bind(i64::from(epoch)).bind(state).run().await?;
        Ok(())
    }
}

fn read(rows: &[crate::connection::Found]) -> Result<Vec<Known>, Error> {
    let read = |row: &crate::connection::Found| {
        let epoch = number(row.get(0)?)?;
        Ok(Known { epoch, state: state(epoch, row.get(1)?)?, proof: row.get(2)? })
    };
    rows.iter().map(read).collect()
}

pub(super) fn number(epoch: i64) -> Result<Epoch, Error> {
    Epoch::try_from(epoch).map_err(|_| crate::Error::corrupt("vault_epoch", epoch, "an epoch that is none").into())
}

fn state(epoch: Epoch, state: i64) -> Result<EpochState, Error> {
    match state {
        LIVING => Ok(EpochState::Living),
        RETIRED => Ok(EpochState::Retired),
        DESTROYED => Ok(EpochState::Destroyed),
        _ => Err(crate::Error::corrupt("vault_epoch", epoch, "a state that is none").into()),
    }
}

/// What a wrapped data key belongs to.
fn bound(log: &LogName, owner: &str, kind: Kind, first: Epoch, epoch: Epoch) -> Bound {
    let numbers = [kind.number(), i64::from(first), i64::from(epoch)].map(i64::to_be_bytes);
    Bound::new("xiaoer/vault/key/1", [log.as_str().as_bytes(), owner.as_bytes(), &numbers[0], &numbers[1], &numbers[2]])
}

/// What the proof of an epoch belongs to.
fn bound_to(epoch: Epoch) -> Bound {
    Bound::new("xiaoer/vault/proof/1", [&epoch.to_be_bytes()[..]])
}

/// What a new key of an epoch wraps to be known again.
fn zeros() -> Result<DataKey, KeyError> {
    DataKey::of(&[0; LEN]).ok_or(KeyError::Missing(0))
}
