//! The leaf hash, written out once more from its documentation. It shares nothing with the code under test but the hash function.

use crate::lab::Stored;
use sha2::{Digest, Sha256};

/// SHA-256 over a zero byte and the encoding of the leaf.
pub(crate) fn of(log: &str, row: &Stored) -> [u8; 32] {
    let mut leaf = vec![0_u8];
    leaf.extend(b"xiaoer-leaf/1\x0a");
    text(&mut leaf, log);
    leaf.extend(row.position.to_be_bytes());
    leaf.extend(row.recorded_at.to_be_bytes());
    for part in &row.subject {
        text(&mut leaf, part);
    }
    leaf.extend(row.revision.to_be_bytes());
    text(&mut leaf, &row.actor);
    leaf.push(u8::try_from(row.mode).unwrap());
    let flags: Vec<_> = row.flags.split(' ').filter(|flag| !flag.is_empty()).collect();
    leaf.extend(u16::try_from(flags.len()).unwrap().to_be_bytes());
    for flag in flags {
        text(&mut leaf, flag);
    }
    leaf.extend(Sha256::digest(&row.body));
    Sha256::digest(&leaf).into()
}

fn text(leaf: &mut Vec<u8>, text: &str) {
    leaf.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
    leaf.extend(text.bytes());
}

/// The vector of `wire/src/leaf.rs`, which was computed with Python: this encoding is the documented one.
#[test]
fn the_documented_vector() {
    let row = Stored {
        position: 42,
        recorded_at: 1_776_651_120_000_001,
        subject: ["case", "hall", "37030620260420-0001"].map(str::to_owned),
        revision: 3,
        actor: "local".into(),
        mode: 2,
        flags: "irregular late_posted".into(),
        body: b"{\"eventId\":\"x\"}".to_vec(),
        leaf_hash: Vec::new(),
    };
    let hex: String = of("370306", &row).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "d2b9fe120fcbdc4537694a12087dd00d820f40c980d54e0ce879b95a36f12d40");
}
