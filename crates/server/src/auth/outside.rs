//! What is read of a caller before anyone knows him, by itself: for the fuzzing of `tests/`, which reads it as the server does.

use super::{
    actors::Actors,
    incoming::Certificate,
    ring,
    tokens::{Keys, TokenSource},
};
use rustls::pki_types::CertificateDer;
use std::sync::Arc;
use xiaoer_domain::permit::Caller;

/// Keys that verify tokens.
#[expect(missing_debug_implementations, reason = "they are keys")]
pub struct TokenKeys(Keys);

impl TokenKeys {
    /// Reads a JWK set.
    ///
    /// # Errors
    /// What the log of the server would say.
    pub fn read(text: &str) -> Result<Self, String> {
        ring::install();
        Keys::read(text.to_owned()).map(Self).map_err(|error| error.to_string())
    }

    /// Whom a token stands for.
    ///
    /// # Errors
    /// What the log of the server would say.
    pub fn caller(&self, source: &TokenSource, token: &str) -> Result<Caller, String> {
        self.0.caller(source, token).map(|(caller, _)| caller)
    }
}

/// A list of actors.
#[expect(missing_debug_implementations, reason = "nobody prints a list of callers")]
pub struct ActorList(Actors);

impl ActorList {
    /// Reads one.
    ///
    /// # Errors
    /// What the server would say.
    pub fn read(text: &str) -> Result<Self, String> {
        Actors::read(text).map(Self).map_err(|error| error.to_string())
    }

    /// Whom the certificate with these bytes stands for. Whether it is signed was asked before.
    ///
    /// # Errors
    /// What the log of the server would say.
    pub fn caller(&self, der: &[u8]) -> Result<Arc<Caller>, String> {
        self.0.find(&Certificate::read(&CertificateDer::from(der)))
    }
}

/// The names in a certificate.
pub fn names(der: &[u8]) -> Vec<String> {
    Certificate::read(&CertificateDer::from(der)).names
}
