//! Sealing: AES-256-GCM-SIV (RFC 8452) with all that the content belongs to as associated data; and the commitment.
//!
//! Sealed is `version (1) ‖ nonce (12) ‖ ciphertext and tag`. The nonce is random; where the system's randomness repeated itself, this
//! cipher would only tell that two contents are equal.

use super::keys::KeyError;
use aes_gcm_siv::{
    Aes256GcmSiv, KeyInit,
    aead::{Aead, Payload},
};
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroizing;

/// Length of a key, of a salt and of a commitment.
pub(super) const LEN: usize = 32;
const NONCE_LEN: usize = 12;
/// How it is sealed; another way would have another number.
const VERSION: u8 = 1;
/// What a commitment is of; another way to make one would have another name.
const COMMITMENT: &[u8] = b"xiaoer/vault/commitment/1";
/// Letters of a reference: no digits, so that none looks like the number of somebody.
const LETTERS: &[u8; 16] = b"abcdefghijklmnop";

/// A key; overwritten where it is dropped, and shown nowhere.
pub struct DataKey(Zeroizing<[u8; LEN]>);

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey")
    }
}

impl DataKey {
    /// A new one.
    pub fn draw() -> Result<Self, KeyError> {
        let mut key = Zeroizing::new([0; LEN]);
        getrandom::fill(&mut key[..])?;
        Ok(Self(key))
    }

    /// The one of these bytes, where they have the length of one.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let mut key = Zeroizing::new([0; LEN]);
        if bytes.len() != LEN {
            return None;
        }
        key.copy_from_slice(bytes);
        Some(Self(key))
    }

    /// Its bytes, to be wrapped.
    pub fn bytes(&self) -> &[u8; LEN] {
        &self.0
    }

    /// Seals a text that belongs to what is bound.
    pub fn seal(&self, text: &[u8], bound: &Bound) -> Result<Vec<u8>, KeyError> {
        let mut sealed = vec![0; 1 + NONCE_LEN];
        sealed[0] = VERSION;
        getrandom::fill(&mut sealed[1..])?;
        let payload = Payload { msg: text, aad: &bound.0 };
        let text = self.cipher().encrypt(&nonce(&sealed), payload);
        sealed.extend(text.expect("a text shorter than 64 GiB"));
        Ok(sealed)
    }

    /// Opens what it sealed; none where that was changed, or belongs to something else.
    pub fn open(&self, sealed: &[u8], bound: &Bound) -> Option<Zeroizing<Vec<u8>>> {
        let (head, text) = sealed.split_at_checked(1 + NONCE_LEN).filter(|(head, _)| head[0] == VERSION)?;
        let payload = Payload { msg: text, aad: &bound.0 };
        self.cipher().decrypt(&nonce(head), payload).ok().map(Zeroizing::new)
    }

    fn cipher(&self) -> Aes256GcmSiv {
        Aes256GcmSiv::new((&*self.0).into())
    }
}

fn nonce(head: &[u8]) -> aes_gcm_siv::Nonce {
    let mut nonce = aes_gcm_siv::Nonce::default();
    nonce.copy_from_slice(&head[1..=NONCE_LEN]);
    nonce
}

/// What something sealed belongs to.
#[derive(Debug, Clone)]
pub struct Bound(Vec<u8>);

impl Bound {
    /// A purpose, and parts in order. Each has its length before it, so that no two lists are the same bytes.
    pub fn new<'a>(purpose: &'a str, parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut bound = Vec::with_capacity(256);
        for part in std::iter::once(purpose.as_bytes()).chain(parts) {
            put(part, &mut bound);
        }
        Self(bound)
    }
}

fn put(part: &[u8], to: &mut Vec<u8>) {
    to.extend((part.len() as u64).to_be_bytes());
    to.extend(part);
}

/// The commitment to a content under a salt.
pub(super) fn commitment(salt: &[u8], log: &str, reference: &str, content: &[u8]) -> [u8; LEN] {
    let mut hash = Sha256::new();
    for part in [COMMITMENT, salt, log.as_bytes(), reference.as_bytes(), content] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// A new reference: 32 letters, which say nothing.
pub(super) fn draw_reference() -> Result<String, KeyError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|n| char::from(LETTERS[usize::from(n)])).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// A vector of RFC 8452, C.2: the cipher is the one it says it is.
    #[test]
    fn the_cipher_is_that_of_the_standard() {
        let mut key = [0; LEN];
        key[0] = 1;
        let key = DataKey::of(&key).unwrap();
        let mut nonce = aes_gcm_siv::Nonce::default();
        nonce[0] = 3;
        let text = [1, 0, 0, 0, 0, 0, 0, 0];
        let sealed = key.cipher().encrypt(&nonce, Payload { msg: &text, aad: &[] }).unwrap();
        assert_eq!(hex(&sealed), "c2ef328e5c71c83b843122130f7364b761e0b97427e3df28");
    }

    #[test]
    fn what_is_bound_must_be_the_same() {
        let key = DataKey::draw().unwrap();
        let bound = |parts: &[&'static [u8]]| Bound::new("p", parts.iter().copied());
        let sealed = key.seal(b"text", &bound(&[b"a", b"bc"])).unwrap();
        assert_eq!(key.open(&sealed, &bound(&[b"a", b"bc"])).unwrap().as_slice(), b"text");
        for other in [&[&b"ab"[..], b"c"][..], &[b"a", b"bc", b""], &[b"a"], &[]] {
            assert!(key.open(&sealed, &bound(other)).is_none(), "{other:?}");
        }
        assert!(key.open(&sealed, &Bound::new("q", [&b"a"[..], b"bc"])).is_none());
        assert!(DataKey::draw().unwrap().open(&sealed, &bound(&[b"a", b"bc"])).is_none());
        for at in 0..sealed.len() {
            let mut spoilt = sealed.clone();
            spoilt[at] ^= 1;
            assert!(key.open(&spoilt, &bound(&[b"a", b"bc"])).is_none(), "{at}");
            assert!(key.open(&sealed[..at], &bound(&[b"a", b"bc"])).is_none(), "{at}");
        }
        assert_ne!(sealed, key.seal(b"text", &bound(&[b"a", b"bc"])).unwrap(), "a nonce of its own");
    }

    #[test]
    fn a_commitment_is_to_every_part() {
        let table = [
            (&b"s"[..], "l", "r", &b"c"[..]),
            (b"t", "l", "r", b"c"),
            (b"s", "lr", "", b"c"),
            (b"s", "l", "q", b"c"),
            (b"s", "l", "r", b"d"),
            (b"sl", "", "r", b"c"),
            (b"s", "l", "rc", b""),
        ];
        let all: std::collections::BTreeSet<_> = table.iter().map(|(salt, l, r, c)| commitment(salt, l, r, c)).collect();
        assert_eq!(all.len(), table.len());
        // Events hold it for ever: this way of making one never changes.
        let fixed = commitment(&[7; LEN], "370306", "abc", "内容".as_bytes());
        assert_eq!(hex(&fixed), FIXED);
    }

    const FIXED: &str = "7e2f2824c0d609602d10b1e3ac99b9a1b5cc44db235571749082c8bddcc39846";

    #[test]
    fn nothing_shows_a_key() {
        let key = DataKey::of(&[0xAB; LEN]).unwrap();
        assert_eq!(format!("{key:?}"), "DataKey");
        assert!(DataKey::of(&[1; 31]).is_none());
        let reference = draw_reference().unwrap();
        assert!(reference.len() == 32 && reference.bytes().all(|b| LETTERS.contains(&b)), "{reference}");
    }
}
