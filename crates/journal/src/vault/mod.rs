//! The vault: personal data and texts, which stand in no event, each under a data key that can be destroyed.
//!
//! ```text
//!  event ── TextRef{ref, commitment} ──► content, sealed by a data key ──► wrapped by the key of an epoch, which is elsewhere
//!                                        salt beside it, in the seal        (files, a credential, a KMS)
//! ```
//!
//! Promises, proved for both databases by `tests/conformance/vault.rs`:
//! - **V1 durable.** [`Vault::put`] answers after the commit, and a repeated request is known for ever.
//! - **V2 sealed.** Content and salt are stored as AES-256-GCM-SIV alone, under a key of one person, or of one text that belongs to
//!   nobody; all that the row says besides is bound to it. A row that was changed, or moved, is an [`crate::Error::Corrupt`].
//! - **V3 committed.** The commitment is a hash over salt, log, reference and content: as long as the content is there anyone who may
//!   read it can prove it unchanged; afterwards nobody can tell what it was, for the salt is gone with it.
//! - **V4 erased.** [`Vault::destroy`] takes data key and content together. It is pending while the key of an epoch exists that
//!   wrapped that data key: a backup may hold it.
//! - **V5 rotation** goes on where it stopped; no data key is ever without an epoch that opens it.
//!
//! Left to others: whether content may be erased (`domain`), and that the log has the event first (`server`).
//!
//! Invariant: no key of an epoch is kept in memory between two uses, and nothing of a key, a salt or a content is in an error, in
//! `Debug` or in a log.

mod content;
mod epochs;
mod erase;
mod folder;
mod keys;
mod seal;

pub use content::{Content, Kind, NewContent, Placed};
pub use epochs::{EpochState, EpochStatus};
pub use erase::{Erasure, ToErase};
pub use folder::Folder;
pub use keys::{Answer, Epoch, KeyEncryption, KeyError};
pub use seal::{Bound, DataKey};

use crate::{
    connection::{Readers, Writer},
    database,
};
use std::{fmt, path::Path, sync::Arc};
use tokio::sync::{Mutex, OwnedMutexGuard};
use xiaoer_domain::{Code, Refusal};

/// Attempts at a write that others got in the way of: each time another epoch began, or another call put the same.
const ATTEMPTS_MAX: u32 = 8;

/// A vault. Clones share it.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    readers: Readers,
    writer: Arc<Mutex<Writer>>,
    keys: Arc<dyn KeyEncryption>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("keys", &self.0.keys).finish_non_exhaustive()
    }
}

/// Why the vault did not do it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It may not be done.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The keys cannot be used.
    #[error("keys of the vault: {0}")]
    Keys(#[from] KeyError),
    /// The database is away, or our own data is wrong.
    #[error(transparent)]
    Failed(#[from] crate::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<&Error> for Refusal {
    /// What a caller is told; the detail stays in the server's own log.
    fn from(error: &Error) -> Self {
        match error {
            Error::Refused(refusal) => refusal.clone(),
            Error::Keys(_) => Refusal::new(Code::VaultKeys, "the vault has no key that it can use"),
            Error::Failed(error) => Refusal::from(error),
        }
    }
}

impl Vault {
    /// The vault in a file, made where it is missing.
    pub async fn open(file: &Path, keys: Arc<dyn KeyEncryption>) -> Result<Self, crate::Error> {
        let (writer, readers) = database::vault_file(file).await?;
        Ok(Self::of(writer, readers, keys))
    }

    /// The vault in a Postgres database, named by a URL.
    pub async fn connect(url: &str, keys: Arc<dyn KeyEncryption>) -> Result<Self, crate::Error> {
        let (writer, readers) = database::vault_database(url).await?;
        Ok(Self::of(writer, readers, keys))
    }

    fn of(writer: Writer, readers: Readers, keys: Arc<dyn KeyEncryption>) -> Self {
        Self(Arc::new(Inner { readers, writer: Arc::new(Mutex::new(writer)), keys }))
    }

    /// Begins a write; nobody else writes until it is committed or dropped.
    async fn write(&self) -> Result<Write, Error> {
        let writer = Arc::clone(&self.0.writer).lock_owned().await;
        let mut write = Write { writer, of: Arc::clone(&self.0.writer) };
        write.writer.begin_vault().await?;
        Ok(write)
    }

    /// Of a file, brings what stands in the write-ahead file into it: nothing is left there of what was erased.
    pub async fn close(&self) -> Result<(), crate::Error> {
        self.0.writer.lock().await.close().await
    }
}

/// A write under way; dropped, it changes nothing.
struct Write {
    writer: OwnedMutexGuard<Writer>,
    of: Arc<Mutex<Writer>>,
}

impl Write {
    async fn commit(mut self) -> Result<(), Error> {
        Ok(self.writer.commit().await?)
    }
}

impl Drop for Write {
    /// Lets others write, as soon as the connection is free.
    fn drop(&mut self) {
        let writer = Arc::clone(&self.of);
        if self.writer.is_open()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move { writer.lock().await.clean().await });
        }
    }
}
