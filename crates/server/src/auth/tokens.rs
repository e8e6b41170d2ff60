//! Tokens: JSON Web Tokens (RFC 7519), verified with keys of a JWK set (RFC 7517) that may change at any time.
//!
//! The claim `xiaoer` is what [`Claims`] says of the caller; its name is `sub`. `exp` and `aud` must be there.

use super::{files, keys, ring};
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, errors::ErrorKind, jwk::JwkSet};
use lru::LruCache;
use serde::Deserialize;
use std::{
    io,
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};
use xiaoer_domain::permit::{Caller, Claims};

/// Audience of tokens where none is configured.
pub const TOKEN_AUDIENCE: &str = "xiaoer";
/// Longest token.
const TOKEN_LEN_MAX: usize = 8 << 10;
/// Most keys of a set.
const KEYS_MAX: usize = 64;
/// Callers whose tokens are held as verified, so that a token is not verified at every call.
const HELD_MAX: NonZeroUsize = NonZeroUsize::new(4_096).unwrap();
/// How late new keys of a file are noticed, and those of a URL.
const RELOAD: [Duration; 2] = [files::RELOAD, Duration::from_secs(60)];
/// How much the clocks of who signs and who verifies may differ, seconds.
const LEEWAY: u64 = 30;

/// Who signs tokens, and for whom.
#[derive(Debug, Clone)]
pub struct TokenSource {
    /// A file or URL with the public keys, as a JWK set.
    pub keys: String,
    /// `iss` that tokens must have; empty for any.
    pub issuer: String,
    /// `aud` that tokens must have.
    pub audience: String,
}

/// The keys in force.
pub(super) struct Tokens {
    source: TokenSource,
    keys: RwLock<Arc<Keys>>,
}

pub(super) struct Keys {
    text: String,
    keys: Vec<(Option<String>, DecodingKey)>,
    /// Tokens that these keys verified, with the second they end.
    held: Mutex<LruCache<String, (Arc<Caller>, i64)>>,
}

/// What a token says.
#[derive(Deserialize)]
struct Said {
    sub: String,
    exp: i64,
    xiaoer: Claims,
}

impl Tokens {
    pub(super) async fn read(source: TokenSource) -> io::Result<Self> {
        ring::install();
        let keys = Keys::read(keys::read(&source.keys).await?)?;
        Ok(Self { source, keys: RwLock::new(Arc::new(keys)) })
    }

    /// Reads the keys again and again.
    pub(super) async fn keep(&self) {
        let every = RELOAD[usize::from(self.source.keys.contains("://"))];
        let mut said = String::new();
        loop {
            tokio::time::sleep(every).await;
            let taken = keys::read(&self.source.keys).await.and_then(|text| self.take(text));
            files::tell("the keys of tokens", taken, &mut said);
        }
    }

    fn take(&self, text: String) -> io::Result<bool> {
        let mut held = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        if held.text == text {
            return Ok(false);
        }
        *held = Arc::new(Keys::read(text)?);
        Ok(true)
    }

    /// Whom a token stands for, or why it stands for nobody.
    pub(super) fn caller(&self, token: &str) -> Result<Arc<Caller>, String> {
        let keys = Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner));
        let now = Timestamp::now().as_second();
        let held = keys.held.lock().unwrap_or_else(PoisonError::into_inner).get(token).cloned();
        if let Some((caller, _)) = held.filter(|(_, ends)| now < *ends) {
            return Ok(caller);
        }
        let (caller, ends) = keys.caller(&self.source, token)?;
        let caller = Arc::new(caller);
        keys.held.lock().unwrap_or_else(PoisonError::into_inner).put(token.to_owned(), (Arc::clone(&caller), ends));
        Ok(caller)
    }
}

impl Keys {
    pub(super) fn read(text: String) -> io::Result<Self> {
        let wrong = |why: String| io::Error::new(io::ErrorKind::InvalidData, format!("the keys of tokens: {why}"));
        let set: JwkSet = serde_json::from_str(&text).map_err(|error| wrong(format!("no JWK set: {}", place(&error))))?;
        if set.keys.is_empty() || set.keys.len() > KEYS_MAX {
            return Err(wrong(format!("{} keys, and 1 to {KEYS_MAX} are taken", set.keys.len())));
        }
        let mut keys = Vec::new();
        for jwk in &set.keys {
            let key = DecodingKey::from_jwk(jwk).map_err(|error| wrong(told(&error)))?;
            if !ring::ALGORITHMS.iter().any(|algorithm| algorithm.family() == key.family()) {
                return Err(wrong("a shared secret: who verifies could sign".into()));
            }
            keys.push((jwk.common.key_id.clone(), key));
        }
        Ok(Self { text, keys, held: Mutex::new(LruCache::new(HELD_MAX)) })
    }

    pub(super) fn caller(&self, source: &TokenSource, token: &str) -> Result<(Caller, i64), String> {
        if token.len() > TOKEN_LEN_MAX {
            return Err(format!("a token of {} bytes", token.len()));
        }
        let header = decode_header(token).map_err(|error| told(&error))?;
        if !ring::ALGORITHMS.contains(&header.alg) {
            return Err("a token of an algorithm that is not taken".into());
        }
        // By its id where it names one; a key without an id verifies any.
        let of = |id: &Option<String>| id.is_none() || header.kid.is_none() || *id == header.kid;
        let mut why = "a token signed by a key that is not there".to_owned();
        for (_, key) in self.keys.iter().filter(|(id, key)| of(id) && key.family() == header.alg.family()) {
            match decode::<Said>(token, key, &validation(source, header.alg)) {
                Ok(said) => {
                    let Said { sub, exp, xiaoer } = said.claims;
                    return Ok((Caller::new(&Claims { name: sub, ..xiaoer })?, exp));
                }
                Err(error) => why = told(&error),
            }
        }
        Err(why)
    }
}

/// What is wrong, without what stands there: anyone can send a token, and would write into the log; and a set of keys may hold more
/// than it should.
fn told(error: &jsonwebtoken::errors::Error) -> String {
    match error.kind() {
        ErrorKind::Json(error) => place(error),
        ErrorKind::Base64(_) => "no base64url".into(),
        ErrorKind::Utf8(_) => "no text".into(),
        _ => error.to_string(),
    }
}

/// Where JSON is not of its form.
fn place(error: &serde_json::Error) -> String {
    format!("not of its form at line {}, column {}", error.line(), error.column())
}

fn validation(source: &TokenSource, algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.leeway = LEEWAY;
    validation.validate_nbf = true;
    validation.set_required_spec_claims(&["exp", "aud", "sub"]);
    validation.set_audience(&[&source.audience]);
    if !source.issuer.is_empty() {
        validation.set_required_spec_claims(&["exp", "aud", "sub", "iss"]);
        validation.set_issuer(&[&source.issuer]);
    }
    validation
}
