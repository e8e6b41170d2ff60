//! The leaf of an event in the tamper-evident log.
//!
//! A leaf hash is the RFC 6962 one, SHA-256 over a zero byte and the encoding below. The encoding never changes; another one
//! would have another first line. Integers are big-endian; a text is its length in bytes as `u16`, then its UTF-8.
//!
//! | part          | form                | what                                                        |
//! |---------------|---------------------|-------------------------------------------------------------|
//! | version       | 14 bytes            | `xiaoer-leaf/1` and a line feed                             |
//! | log           | text                | name of the log                                             |
//! | position      | `u64`               | position in the log                                         |
//! | recorded_at   | `i64`               | microseconds since 1970-01-01T00:00:00Z                     |
//! | subject       | 3 texts             | kind, system, id                                            |
//! | revision      | `u64`               | revision in the stream                                      |
//! | actor         | text                | who posted, as authenticated                                |
//! | mode          | `u8`                | number of `PostMode`: 1 strict, 2 record                    |
//! | flags         | `u16`, then texts   | how many, then each, in the order of the receipt            |
//! | body          | 32 bytes            | SHA-256 of the stored bytes of the event                    |
//!
//! Computing tree hashes over leaves, and keeping them, is left to `journal`.

use sha2::{Digest, Sha256};
use xiaoer_domain::Subject;

const VERSION: &[u8] = b"xiaoer-leaf/1\n";
/// Before the encoding of a leaf (RFC 6962 section 2.1), so that no leaf is ever read as an inner node.
const LEAF_PREFIX: [u8; 1] = [0];

/// What a leaf covers.
#[derive(Debug, Clone, Copy)]
pub struct LeafInput<'a> {
    /// Name of the log.
    pub log: &'a str,
    /// Position in the log, from 1.
    pub position: u64,
    /// When it was recorded, in microseconds since 1970.
    pub recorded_at_micros: i64,
    /// The stream.
    pub subject: &'a Subject,
    /// Revision in the stream, from 1.
    pub revision: u64,
    /// Who posted it.
    pub actor: &'a str,
    /// Number of the `PostMode`.
    pub mode: u8,
    /// Flags as of posting, in the order of the receipt.
    pub flags: &'a [&'a str],
    /// The stored bytes.
    pub body: &'a [u8],
}

/// The leaf hash of an event.
pub fn leaf_hash(leaf: &LeafInput<'_>) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(LEAF_PREFIX);
    hash.update(VERSION);
    text(&mut hash, leaf.log);
    hash.update(leaf.position.to_be_bytes());
    hash.update(leaf.recorded_at_micros.to_be_bytes());
    text(&mut hash, &leaf.subject.kind);
    text(&mut hash, &leaf.subject.system);
    text(&mut hash, &leaf.subject.id);
    hash.update(leaf.revision.to_be_bytes());
    text(&mut hash, leaf.actor);
    hash.update([leaf.mode]);
    hash.update(length(leaf.flags.len()));
    for flag in leaf.flags {
        text(&mut hash, flag);
    }
    hash.update(Sha256::digest(leaf.body));
    hash.finalize().into()
}

fn text(hash: &mut Sha256, text: &str) {
    hash.update(length(text.len()));
    hash.update(text);
}

/// Every text of a leaf is bounded at 512 bytes at the gate, so the last value stands for nothing that can be recorded.
fn length(len: usize) -> [u8; 2] {
    u16::try_from(len).unwrap_or(u16::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    }

    /// Computed with Python, which knows nothing of this code:
    ///
    /// ```python
    /// from hashlib import sha256; from struct import pack
    /// t = lambda s: pack(">H", len(s.encode())) + s.encode()
    /// def leaf(log, pos, at, subject, rev, actor, mode, flags, body):
    ///     e = b"xiaoer-leaf/1\n" + t(log) + pack(">Q", pos) + pack(">q", at) + b"".join(map(t, subject)) + pack(">Q", rev)
    ///     e += t(actor) + bytes([mode]) + pack(">H", len(flags)) + b"".join(map(t, flags)) + sha256(body).digest()
    ///     return sha256(b"\x00" + e).hexdigest()
    /// ```
    #[test]
    fn vectors() {
        let case = Subject::new("case", "hall", "37030620260420-0001");
        let log = Subject::new("log", "xiaoer", "370306");
        let place = Subject::new("item", "山东", "事项-1");
        let check = |leaf: LeafInput<'_>, expected: &str| assert_eq!(hex(&leaf_hash(&leaf)), expected, "{leaf:?}");
        let genesis = LeafInput {
            log: "370306",
            position: 1,
            recorded_at_micros: 0,
            subject: &log,
            revision: 1,
            actor: "local",
            mode: 1,
            flags: &[],
            body: b"",
        };
        check(genesis, "1f486d4b390a04e2381f18db998abb496a396d6be9d5b69dec6265f55e37f1a9");
        check(
            LeafInput {
                log: "370306",
                position: 42,
                recorded_at_micros: 1_776_651_120_000_001,
                subject: &case,
                revision: 3,
                actor: "local",
                mode: 2,
                flags: &["irregular", "late_posted"],
                body: b"{\"eventId\":\"x\"}",
            },
            "d2b9fe120fcbdc4537694a12087dd00d820f40c980d54e0ce879b95a36f12d40",
        );
        check(
            LeafInput {
                log: "a",
                position: u64::MAX,
                recorded_at_micros: -1,
                subject: &place,
                revision: 256,
                actor: "",
                mode: 0,
                flags: &[""],
                body: "收件".as_bytes(),
            },
            "9c1e3bb0c8ea193613e694df3faf774cec8c6ad884b2f7f3b40baee96facd184",
        );
    }

    #[test]
    fn every_part_counts() {
        let subject = Subject::new("case", "hall", "1");
        let subjects = [Subject::new("cas", "ehall", "1"), Subject::new("case", "hal", "l1"), Subject::new("case", "hall", "2")];
        let base = LeafInput {
            log: "l",
            position: 1,
            recorded_at_micros: 2,
            subject: &subject,
            revision: 3,
            actor: "a",
            mode: 1,
            flags: &["f", "g"],
            body: b"b",
        };
        let leaves = [
            base,
            LeafInput { log: "m", ..base },
            LeafInput { position: 2, ..base },
            LeafInput { recorded_at_micros: 3, ..base },
            LeafInput { subject: &subjects[0], ..base },
            LeafInput { subject: &subjects[1], ..base },
            LeafInput { subject: &subjects[2], ..base },
            LeafInput { revision: 4, ..base },
            LeafInput { actor: "b", ..base },
            LeafInput { mode: 2, ..base },
            LeafInput { flags: &["f"], ..base },
            LeafInput { flags: &["g", "f"], ..base },
            LeafInput { flags: &["fg", ""], ..base },
            LeafInput { flags: &["fg"], ..base },
            LeafInput { body: b"c", ..base },
        ];
        let hashes: HashSet<_> = leaves.iter().map(leaf_hash).collect();
        assert_eq!(hashes.len(), leaves.len());
    }
}
