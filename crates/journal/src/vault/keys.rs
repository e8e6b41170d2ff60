//! The keys that wrap data keys, one an epoch, behind a port: where they are is this side's affair, and a key-management service or a
//! PKCS#11 module can stand there. [`super::Folder`] keeps them in files.
//!
//! Promises of an implementation: what it wraps it unwraps as long as the epoch's key is not destroyed, and only with the same bound
//! data; a key that was destroyed never comes back; no key of an epoch leaves it, nor shows in an error.

use super::seal::{Bound, DataKey};
use std::{fmt, future::Future, pin::Pin};

/// Number of an epoch, from 1.
pub type Epoch = u32;

/// An answer that may have to be waited for.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, KeyError>> + Send + 'a>>;

/// Who keeps the keys of the epochs.
pub trait KeyEncryption: fmt::Debug + Send + Sync {
    /// The newest epoch it has a key of; 0 where it has none.
    fn newest(&self) -> Answer<'_, Epoch>;

    /// Makes the key of an epoch; one that is there stays.
    fn make(&self, epoch: Epoch) -> Answer<'_, ()>;

    /// Wraps a data key.
    fn wrap<'a>(&'a self, epoch: Epoch, key: &'a DataKey, bound: &'a Bound) -> Answer<'a, Vec<u8>>;

    /// Gives the data key that was wrapped.
    fn unwrap<'a>(&'a self, epoch: Epoch, wrapped: &'a [u8], bound: &'a Bound) -> Answer<'a, DataKey>;

    /// Destroys the key of an epoch for ever; one that is gone is destroyed.
    fn destroy(&self, epoch: Epoch) -> Answer<'_, ()>;
}

/// Why a key was not used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is none.
    #[error("there is no key of epoch {0}")]
    Missing(Epoch),
    /// It did not wrap this, or what it wrapped was changed, or stands elsewhere.
    #[error("the key of epoch {0} does not open what it should have wrapped")]
    Foreign(Epoch),
    /// Others could read it, or it is no key.
    #[error("{path}: {why}")]
    Unfit {
        /// Which file or folder, by its last name.
        path: String,
        /// What is wrong.
        why: &'static str,
    },
    /// The world failed.
    #[error("{path}: {error}")]
    Failed {
        /// Which file or folder, by its last name.
        path: String,
        /// Why.
        error: std::io::Error,
    },
    /// The system gives no random numbers.
    #[error("no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}
