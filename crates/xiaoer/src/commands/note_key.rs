//! Keys of signed notes (C2SP `signed-note`), as text: what checkpoints of the tree are signed with, and what witnesses add.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::{
    digest,
    signature::{Ed25519KeyPair, KeyPair as _},
};

/// What a key signs; the byte stands before the key and in its id.
#[derive(Clone, Copy)]
pub(super) enum Signs {
    /// The note itself, Ed25519.
    Note = 0x01,
    /// A timestamped cosignature of a witness (C2SP `tlog-cosignature`).
    Cosignature = 0x04,
}

/// The private and the public line of a key with a name.
pub(super) fn lines(name: &str, signs: Signs, seed: &[u8; 32]) -> Option<[String; 2]> {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
    let with_kind = |key: &[u8]| [&[signs as u8], key].concat();
    let public = with_kind(pair.public_key().as_ref());
    let named = digest::digest(&digest::SHA256, &[name.as_bytes(), b"\n", &public].concat());
    let id: String = named.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let private = format!("PRIVATE+KEY+{name}+{id}+{}\n", STANDARD.encode(with_kind(seed)));
    Some([private, format!("{name}+{id}+{}\n", STANDARD.encode(public))])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of golang.org/x/mod/sumdb/note, whose form C2SP describes.
    #[test]
    fn the_published_example() {
        let [private, public] = ["AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz", "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"];
        let seed: [u8; 32] = STANDARD.decode(private).unwrap()[1..].try_into().unwrap();
        let expected = [format!("PRIVATE+KEY+PeterNeumann+c74f20a3+{private}\n"), format!("PeterNeumann+c74f20a3+{public}\n")];
        assert_eq!(lines("PeterNeumann", Signs::Note, &seed).unwrap(), expected);
        let [_, witness] = lines("PeterNeumann", Signs::Cosignature, &seed).unwrap();
        assert!(!witness.contains("c74f20a3") && witness.contains("+BBpc2Qc"), "{witness}");
    }
}
