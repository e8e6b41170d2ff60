//! Who calls: a client certificate or a token becomes a [`Caller`], before anything of ours runs.
//!
//! ```text
//!  certificate ──► name in the list of actors ──┐
//!                                               ├──► Caller ──► domain::permit ──► Scope, or a refusal
//!  Authorization: Bearer … ──► claims ──────────┘
//! ```
//!
//! Promises: without authentication every caller is `local`, and the server listens on loopback only; with it, nothing but the
//! health is answered to whoever is not known. Certificates, keys and the list of actors are read again when they change, without
//! a restart, and what cannot be read leaves in force what was.
//! Invariant: why somebody is not known is in the log and not in the answer, and no token or claim is in either.

mod actors;
mod files;
mod incoming;
mod keys;
mod layer;
pub mod outside;
mod rates;
mod ring;
mod tokens;
mod waits;

pub(crate) use incoming::incoming;
pub(crate) use layer::{AuthLayer, caller, known};
pub use rates::CALLS_PER_SECOND;
pub use tokens::{TOKEN_AUDIENCE, TokenSource};

use crate::seldom::Seldom;
use actors::Actors;
use files::Watched;
use incoming::Peer;
use rates::Rates;
use std::{
    io,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::Instant,
};
use tokens::Tokens;
use tokio_util::sync::CancellationToken;
use xiaoer_domain::{Code, Refusal, permit::Caller};

/// How callers are known, and how the connection is kept private.
#[derive(Debug, Clone, Default)]
pub struct Security {
    /// The server's certificate; none where it speaks plain.
    pub tls: Option<Tls>,
    /// The list of actors that certificates stand for, as TOML.
    pub actors: Option<PathBuf>,
    /// Who signs tokens; none where they are not taken.
    pub tokens: Option<TokenSource>,
    /// Calls a second that one caller may make; [`CALLS_PER_SECOND`] where nothing is said.
    pub calls_per_second: Option<u32>,
}

impl Security {
    /// Whether callers have to be known.
    pub fn is_on(&self) -> bool {
        self.actors.is_some() || self.tokens.is_some()
    }
}

/// PEM files of a server.
#[derive(Debug, Clone)]
pub struct Tls {
    /// Its certificate, with those between it and the root behind it.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// The roots that certificates of clients are signed by; none where clients have none.
    pub client_roots: Option<PathBuf>,
}

/// Calls of somebody who is not known, which cost him nothing.
static UNKNOWN: Seldom = Seldom::new();

/// What is known of callers now.
pub(crate) struct Authority {
    /// Everyone, where authentication is off.
    local: Option<Arc<Caller>>,
    actors: RwLock<Arc<Actors>>,
    tokens: Option<Tokens>,
    rates: Rates,
}

impl Authority {
    /// Reads what there is, and reads it again when it changes until `stop`.
    pub(crate) async fn start(security: &Security, stop: &CancellationToken) -> io::Result<Arc<Self>> {
        let tokens = match &security.tokens {
            Some(source) => Some(Tokens::read(source.clone()).await?),
            None => None,
        };
        let rates = Rates::new(security.calls_per_second.unwrap_or(CALLS_PER_SECOND));
        let local = (!security.is_on()).then(|| Arc::new(Caller::local()));
        let authority = Arc::new(Self { local, actors: RwLock::default(), tokens, rates });
        if let Some(path) = &security.actors {
            let mut watched = Watched::new([path.clone()]);
            *authority.actors.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Actors::read(&watched.read()?[0])?);
            let held = Arc::clone(&authority);
            watched.watch("the list of actors", stop, move |files| {
                let actors = Actors::read(&files[0])?;
                *held.actors.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(actors);
                Ok(())
            });
        }
        if authority.tokens.is_some() {
            let (held, stop) = (Arc::clone(&authority), stop.clone());
            tokio::spawn(async move {
                let Some(tokens) = &held.tokens else { return };
                stop.run_until_cancelled(tokens.keep()).await;
            });
        }
        Ok(authority)
    }

    /// Who calls: the bearer of a token where there is one, else whom the certificate stands for.
    pub(crate) fn caller(&self, peer: Option<&Peer>, token: Option<&str>) -> Result<Arc<Caller>, Refusal> {
        if let Some(local) = &self.local {
            return Ok(Arc::clone(local));
        }
        let known = match (token, &self.tokens) {
            (Some(token), Some(tokens)) => tokens.caller(token),
            (Some(_), None) => Err("a token, and no keys of tokens are configured".to_owned()),
            (None, _) => {
                let actors = Arc::clone(&self.actors.read().unwrap_or_else(PoisonError::into_inner));
                let certificate = peer.and_then(|peer| peer.certificate.as_ref());
                certificate.ok_or("neither a certificate nor a token".to_owned()).and_then(|certificate| actors.find(certificate))
            }
        };
        let caller = known.map_err(|why| {
            if let Some(others) = UNKNOWN.says(Instant::now()) {
                tracing::warn!(why, others, "a caller is not known");
            }
            let message = "the call has neither a client certificate that the server knows nor a valid token";
            Refusal::new(Code::Unauthenticated, message)
        })?;
        self.rates.take(&caller, Instant::now())?;
        Ok(caller)
    }
}
