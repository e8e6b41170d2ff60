//! V1 to V5 of the vault (`src/vault/mod.rs`): what is put is durable, sealed, committed to, erased for ever, and wrapped anew.

use crate::{
    base::Found,
    lab::{Lab, cut, name},
};
use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf, sync::Arc};
use tempfile::TempDir;
use uuid::Uuid;
use xiaoer_domain::{Actor, Code, Subject};
use xiaoer_journal::{
    Error as Failed,
    vault::{Content, EpochState, Erasure, Error, Folder, Kind, NewContent, Placed, Vault},
};

const LOG: &str = "370306";
const TEXT: &[u8] = "张三，桓台县人，电话另记".as_bytes();
/// The file of the vault, as [`Lab::sql`] names it.
const FILE: &str = "vault";

/// The keys of a lab's vault.
struct Keys(TempDir);

impl Keys {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn folder(&self) -> PathBuf {
        self.0.path().join("keys")
    }

    /// The vault with connections of its own: another process, as far as the database can tell.
    async fn open(&self, lab: &Lab) -> Vault {
        lab.vault(Arc::new(Folder::open(&self.folder()).unwrap())).await
    }
}

fn person(request: u128, content: &[u8]) -> NewContent {
    NewContent {
        request: Uuid::from_u128(request),
        kind: Kind::Person,
        person: None,
        content: content.to_vec().into(),
        retention: 1,
        put_at: 1_700_000_000_000_000,
        subject: None,
        field: String::new(),
    }
}

fn text(request: u128, content: &[u8], of: Option<&Placed>) -> NewContent {
    let subject = Some(Subject::new("case", "hall", "2026-0001"));
    let person_of = of.map(|placed| placed.reference.clone());
    NewContent { kind: Kind::Text, person: person_of, subject, field: "notice_given.note".into(), ..person(request, content) }
}

async fn put(vault: &Vault, new: &NewContent) -> Placed {
    vault.put(&name(LOG), new).await.unwrap()
}

async fn get(vault: &Vault, placed: &Placed) -> Content {
    vault.get(&name(LOG), &placed.reference).await.unwrap().unwrap()
}

async fn read(vault: &Vault, placed: &Placed) -> Vec<u8> {
    let (content, commitment) = get(vault, placed).await.text.expect("it is not erased");
    assert_eq!(commitment, placed.commitment, "what was committed to");
    content.to_vec()
}

/// The event of an erasure, as the log would have it.
async fn ask(vault: &Vault, placed: &Placed) -> Erasure {
    vault.ask_erasure(&name(LOG), &placed.reference, Actor::named("clerk"), |_| Ok(b"{}".to_vec())).await.unwrap()
}

async fn erase(vault: &Vault, placed: &Placed, epochs: (u32, u32)) {
    ask(vault, placed).await;
    vault.destroy(&name(LOG), &placed.reference, epochs, 7).await.unwrap();
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Error>) -> Code {
    match result {
        Err(Error::Refused(refusal)) => refusal.code,
        other => panic!("not refused: {other:?}"),
    }
}

/// The table and row that an error names.
#[track_caller]
fn named<T: std::fmt::Debug>(result: Result<T, Error>) -> (&'static str, String) {
    match result {
        Err(Error::Failed(Failed::Corrupt { table, row, .. })) => (table, row),
        other => panic!("no error that names a row: {other:?}"),
    }
}

pub(crate) async fn content_comes_back_with_its_commitment(lab: Lab) {
    let keys = Keys::new();
    let vault = keys.open(&lab).await;
    let owner = put(&vault, &person(1, TEXT)).await;
    let of_owner = put(&vault, &text(2, b"a text of his", Some(&owner))).await;
    let of_nobody = put(&vault, &text(3, &[0, 255, 0], None)).await;
    assert!(owner.reference.len() == 32 && owner.reference.bytes().all(|b| b.is_ascii_lowercase()), "{owner:?}");
    for vault in [&vault, &keys.open(&lab).await] {
        assert_eq!(read(vault, &owner).await, TEXT);
        assert_eq!(read(vault, &of_owner).await, b"a text of his");
        assert_eq!(read(vault, &of_nobody).await, [0, 255, 0]);
        let held = get(vault, &of_owner).await;
        assert_eq!(
            (held.kind, held.owner, held.retention, held.put_at),
            (Kind::Text, owner.reference.clone(), 1, 1_700_000_000_000_000)
        );
        assert_eq!((held.subject.unwrap().id.as_ref(), held.field.as_str()), ("2026-0001", "notice_given.note"));
        let held = get(vault, &owner).await;
        assert_eq!((held.kind, held.owner == owner.reference, held.subject), (Kind::Person, true, None));
        assert_eq!(vault.get(&name("other"), &owner.reference).await.unwrap(), None, "each log has its own");
        assert_eq!(vault.get(&name(LOG), "").await.unwrap(), None);
    }
    // Equal contents look like nothing of each other.
    let twin = put(&vault, &person(4, TEXT)).await;
    assert!(twin.reference != owner.reference && twin.commitment != owner.commitment);
    assert!(!format!("{:?} {vault:?}", get(&vault, &owner).await).contains("张三"));
}

pub(crate) async fn a_request_is_known_for_ever(lab: Lab) {
    let keys = Keys::new();
    let vault = keys.open(&lab).await;
    let first = put(&vault, &person(1, TEXT)).await;
    assert!(!first.existed);
    let again = put(&keys.open(&lab).await, &NewContent { put_at: 0, ..person(1, TEXT) }).await;
    assert_eq!(again, Placed { existed: true, ..first.clone() });
    let others = [
        person(1, b"other"),
        NewContent { retention: 2, ..person(1, TEXT) },
        NewContent { kind: Kind::Text, ..person(1, TEXT) },
        NewContent { field: "f".into(), ..person(1, TEXT) },
        text(1, TEXT, Some(&first)),
    ];
    for other in &others {
        assert_eq!(refused(vault.put(&name(LOG), other).await), Code::RequestReused);
    }
    assert!(!vault.put(&name("other"), &person(1, b"other")).await.unwrap().existed, "each log has its own");
    assert_eq!(
        refused(vault.put(&name(LOG), &text(9, TEXT, Some(&Placed { reference: "nobody".into(), ..first.clone() }))).await),
        Code::UnknownRef
    );
    let of_nobody = put(&vault, &text(3, b"x", None)).await;
    assert_eq!(refused(vault.put(&name(LOG), &text(9, TEXT, Some(&of_nobody))).await), Code::UnknownRef, "a text is no person");
    erase(&vault, &first, (1, 1)).await;
    assert_eq!(refused(vault.put(&name(LOG), &person(1, TEXT)).await), Code::Erased);
    assert_eq!(refused(vault.put(&name(LOG), &text(9, TEXT, Some(&first))).await), Code::Erased);
}

pub(crate) async fn one_request_at_once_is_one_content(lab: Lab) {
    let keys = Keys::new();
    let vaults = [keys.open(&lab).await, keys.open(&lab).await];
    for request in 0..5 {
        let puts = (0..6).map(|n| {
            let vault = vaults[n % 2].clone();
            tokio::spawn(async move { put(&vault, &person(request, TEXT)).await })
        });
        let mut placed = Vec::new();
        for put in puts.collect::<Vec<_>>() {
            placed.push(put.await.unwrap());
        }
        assert_eq!(placed.iter().filter(|placed| !placed.existed).count(), 1, "{placed:?}");
        assert!(placed.iter().all(|other| other.reference == placed[0].reference), "{placed:?}");
    }
    let (_, rows) = lab.table(FILE, "SELECT ref FROM vault_key").await;
    assert_eq!(rows.len(), 5, "a key for each");
}

/// All that is stored of something.
async fn stored(lab: &Lab, select: &str) -> Vec<Vec<u8>> {
    lab.table(FILE, select).await.1.iter().map(|row: &Found| row.get(0)).collect()
}

/// The files of the vault that hold some bytes.
fn files_with(lab: &Lab, bytes: &[u8]) -> Vec<PathBuf> {
    let Some(folder) = lab.folder() else { return Vec::new() };
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|file| fs::read(file).unwrap().windows(bytes.len()).any(|found| found == bytes)).collect()
}

pub(crate) async fn nothing_is_stored_in_plain(lab: Lab) {
    let keys = Keys::new();
    let vault = keys.open(&lab).await;
    let owner = put(&vault, &person(1, TEXT)).await;
    put(&vault, &text(2, TEXT, Some(&owner))).await;
    for select in ["SELECT sealed FROM vault_content", "SELECT wrapped FROM vault_key", "SELECT proof FROM vault_epoch"] {
        let rows = stored(&lab, select).await;
        assert!(
            !rows.is_empty()
                && rows.iter().all(|row| row.len() > 32 && !row.windows(9).any(|part| TEXT.windows(9).any(|text| text == part))),
            "{select}"
        );
    }
    assert_eq!(files_with(&lab, &TEXT[..9]), [] as [PathBuf; 0]);
    let key = fs::read(keys.folder().join("vault-epoch-1.key")).unwrap();
    assert_eq!(files_with(&lab, &key), [] as [PathBuf; 0]);
}

pub(crate) async fn a_moved_or_changed_row_is_refused(lab: Lab) {
    let keys = Keys::new();
    let vault = keys.open(&lab).await;
    let owner = put(&vault, &person(1, TEXT)).await;
    let (a, b) = (put(&vault, &text(2, b"first", Some(&owner))).await, put(&vault, &text(3, b"other", Some(&owner))).await);
    let (c, d) = (put(&vault, &text(4, b"third", None)).await, put(&vault, &text(5, b"fourth", None)).await);
    let content = |change: &str, of: &Placed| format!("UPDATE vault_content SET {change} WHERE ref = '{}'", of.reference);
    let key = |change: &str, of: &Placed| format!("UPDATE vault_key SET {change} WHERE ref = '{}'", of.reference);
    // Each, and what takes it back.
    let changes = [
        "retention = retention + 1",
        "put_at = put_at - 1",
        "field = field || 'x'",
        "subject_id = subject_id || 'x'",
        "subject_kind = subject_kind || 'x'",
        "subject_system = subject_system || 'x'",
        "kind = 3 - kind",
    ];
    let keep = |table: &str, of: &Placed| format!("CREATE TABLE kept AS SELECT * FROM {table} WHERE ref = '{}'", of.reference);
    let put_back = |table: &str, of: &Placed| {
        format!("DELETE FROM {table} WHERE ref = '{}'; INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept", of.reference)
    };
    for change in changes {
        lab.sql(FILE, &keep("vault_content", &a)).await;
        lab.sql(FILE, &content(change, &a)).await;
        assert_eq!(named(vault.get(&name(LOG), &a.reference).await), ("vault_content", a.reference.clone()), "{change}");
        lab.sql(FILE, &put_back("vault_content", &a)).await;
        read(&vault, &a).await;
    }
    // Of one key: only what is bound tells the two apart.
    let other = format!("sealed = (SELECT sealed FROM vault_content WHERE ref = '{}')", b.reference);
    let commitment = format!("commitment = (SELECT commitment FROM vault_content WHERE ref = '{}')", b.reference);
    let belongs = format!("owner = '{}'", c.reference);
    for (change, of) in [(other, &a), (commitment, &a), (belongs, &a)] {
        lab.sql(FILE, &keep("vault_content", of)).await;
        lab.sql(FILE, &content(&change, of)).await;
        assert_eq!(named(vault.get(&name(LOG), &of.reference).await).0, "vault_content", "{change}");
        lab.sql(FILE, &put_back("vault_content", of)).await;
    }
    let wrapped = format!("wrapped = (SELECT wrapped FROM vault_key WHERE ref = '{}')", d.reference);
    for change in [&wrapped, "first_epoch = 0", "kind = 3 - kind"] {
        lab.sql(FILE, &keep("vault_key", &c)).await;
        lab.sql(FILE, &key(change, &c)).await;
        assert_eq!(named(vault.get(&name(LOG), &c.reference).await), ("vault_key", c.reference.clone()), "{change}");
        lab.sql(FILE, &put_back("vault_key", &c)).await;
    }
    // All of it under another log.
    lab.sql(
        FILE,
        &format!(
            "UPDATE vault_content SET log = 'other' WHERE ref = '{0}'; UPDATE vault_key SET log = 'other' WHERE ref = '{0}'",
            d.reference
        ),
    )
    .await;
    assert_eq!(named(vault.get(&name("other"), &d.reference).await).0, "vault_key");
    for (placed, content) in [(&owner, TEXT), (&a, b"first"), (&b, b"other"), (&c, b"third")] {
        assert_eq!(read(&vault, placed).await, content);
    }
}

pub(crate) async fn what_is_erased_is_gone(lab: Lab) {
    let keys = Keys::new();
    let vault = keys.open(&lab).await;
    let owner = put(&vault, &person(1, TEXT)).await;
    let of_owner = put(&vault, &NewContent { retention: 2, put_at: 5, ..text(2, &[7; 9_000], Some(&owner)) }).await;
    let other = put(&vault, &person(3, b"another")).await;
    let was = [
        stored(&lab, "SELECT sealed FROM vault_content ORDER BY put_at").await,
        stored(&lab, "SELECT wrapped FROM vault_key").await,
    ];
    let (mut seen, log) = (None, name(LOG));
    let asked = vault.ask_erasure(&log, &owner.reference, Actor::named("clerk"), |what| {
        seen = Some(what.clone());
        Ok(b"event".to_vec())
    });
    assert_eq!(asked.await.unwrap(), Erasure::Asked { actor: Actor::named("clerk"), event: b"event".to_vec() });
    let seen = seen.unwrap();
    assert_eq!(
        (seen.kind, seen.kept, seen.first_epoch, seen.last_epoch),
        (Kind::Person, vec![(1, 1_700_000_000_000_000), (2, 5)], 1, 1)
    );
    // Nothing is lost yet, nothing is put beside it, and who asks again gets the first event.
    assert_eq!(read(&vault, &owner).await, TEXT);
    assert_eq!(refused(vault.put(&name(LOG), &text(4, b"x", Some(&owner))).await), Code::Erased);
    assert_eq!(ask(&vault, &owner).await, Erasure::Asked { actor: Actor::named("clerk"), event: b"event".to_vec() });
    assert_eq!(vault.asked(&name(LOG)).await.unwrap(), std::slice::from_ref(&owner.reference));
    vault.take_back(&name(LOG), &owner.reference).await.unwrap();
    assert_eq!(vault.erasure(&name(LOG), &owner.reference).await.unwrap(), None);
    put(&vault, &text(4, b"x", Some(&owner))).await;

    for _ in 0..2 {
        erase(&vault, &owner, (1, 1)).await;
        let done = Erasure::Done { position: 7, pending: vec![1] };
        for vault in [&vault, &keys.open(&lab).await] {
            assert_eq!(vault.erasure(&name(LOG), &owner.reference).await.unwrap(), Some(done.clone()));
            for placed in [&owner, &of_owner] {
                let gone = get(vault, placed).await;
                assert_eq!((gone.text, gone.commitment), (None, placed.commitment), "nobody can tell what it was");
            }
            assert_eq!(read(vault, &other).await, b"another");
        }
        assert!(!vault.has_key(&name(LOG), &owner.reference).await.unwrap());
        vault.take_back(&name(LOG), &owner.reference).await.unwrap();
    }
    let kept = stored(&lab, "SELECT sealed FROM vault_content WHERE sealed IS NOT NULL").await;
    assert_eq!(kept.len(), 1);
    for bytes in was.iter().flatten().filter(|bytes| !kept.contains(bytes)) {
        let still = stored(&lab, "SELECT wrapped FROM vault_key").await;
        if !still.contains(bytes) {
            assert_eq!(files_with(&lab, &bytes[13..40]), [] as [PathBuf; 0], "what was erased is overwritten");
        }
    }
    assert_eq!(refused(vault.ask_erasure(&name(LOG), "nobody", Actor::local(), |_| Ok(Vec::new())).await), Code::UnknownRef);
}

/// Texts are put for a person while he is erased: the event has heard of every one that was put.
pub(crate) async fn nothing_slips_in_beside_an_erasure(lab: Lab) {
    const TEXTS: u128 = 16;
    let keys = Keys::new();
    let vaults = [keys.open(&lab).await, keys.open(&lab).await];
    for n in 0..6_u128 {
        let owner = put(&vaults[0], &person(n * 100, TEXT)).await;
        let putting = (1..=TEXTS).map(|class| {
            let (vault, retention) = (vaults[class as usize % 2].clone(), i32::try_from(class).unwrap() + 1);
            let new = NewContent { retention, ..text(n * 100 + class, b"x", Some(&owner)) };
            tokio::spawn(async move {
                match vault.put(&name(LOG), &new).await {
                    Ok(_) => Some(retention),
                    other => {
                        assert_eq!(refused(other), Code::Erased);
                        None
                    }
                }
            })
        });
        let putting: Vec<_> = putting.collect();
        tokio::time::sleep(std::time::Duration::from_millis(n as u64 * 2)).await;
        let (mut heard, log) = (Vec::new(), name(LOG));
        let asked = vaults[1].ask_erasure(&log, &owner.reference, Actor::local(), |what| {
            heard = what.kept.iter().map(|(class, _)| *class).collect();
            Ok(Vec::new())
        });
        asked.await.unwrap();
        let mut placed = vec![1];
        for put in putting {
            placed.extend(put.await.unwrap());
        }
        placed.sort_unstable();
        assert_eq!(placed, heard);
    }
}

pub(crate) async fn an_erasure_cut_anywhere_can_go_on(lab: Lab) {
    let keys = Keys::new();
    let (vault, other) = (keys.open(&lab).await, keys.open(&lab).await);
    for n in 0..24 {
        let owner = put(&vault, &person(n, TEXT)).await;
        let cut_at = usize::try_from(n).unwrap() % 12;
        let log = name(LOG);
        if n < 12 {
            cut(ask(&vault, &owner), cut_at).await;
            // Whole or not at all; either way it goes on, by another process too.
            assert_eq!(read(&other, &owner).await, TEXT);
            ask(&other, &owner).await;
        } else {
            ask(&vault, &owner).await;
            cut(vault.destroy(&log, &owner.reference, (1, 1), 9), cut_at).await;
            // What is still being committed is over when the next write is.
            put(&other, &person(2_000 + n, b"between")).await;
            let (gone, key) = (get(&other, &owner).await.text.is_none(), other.has_key(&log, &owner.reference).await.unwrap());
            assert_eq!(gone, !key, "key and content go together");
        }
        other.destroy(&log, &owner.reference, (1, 1), 9).await.unwrap();
        assert!(get(&vault, &owner).await.text.is_none());
        put(&other, &person(1_000 + n, b"next")).await;
    }
}

/// States of the epochs, with the keys each wraps and the erasures that wait for it.
async fn epochs(vault: &Vault) -> Vec<(u32, EpochState, u64, u64)> {
    vault.epochs().await.unwrap().iter().map(|it| (it.epoch, it.state, it.keys, it.pending)).collect()
}

async fn rewrap(vault: &Vault) -> usize {
    let mut all = 0;
    loop {
        match vault.rewrap().await.unwrap() {
            0 => return all,
            n => all += n,
        }
    }
}

pub(crate) async fn a_rotation_wraps_every_key_anew(lab: Lab) {
    use EpochState::{Destroyed, Living, Retired};
    let keys = Keys::new();
    let vault = keys.open(&lab).await;
    assert_eq!(epochs(&vault).await, []);
    let early = put(&vault, &person(1, b"early")).await;
    let mut all = Vec::new();
    for n in 0..250_u32 {
        all.push((put(&vault, &person(u128::from(n) + 10, &n.to_be_bytes())).await, n));
    }
    erase(&vault, &early, (1, 1)).await;
    let asked = all.pop().unwrap().0;
    ask(&vault, &asked).await;
    assert_eq!(epochs(&vault).await, [(1, Living, 250, 1)]);

    vault.begin_epoch(2).await.unwrap();
    vault.begin_epoch(2).await.unwrap();
    let late = put(&vault, &person(2, b"late")).await;
    assert_eq!(epochs(&vault).await, [(1, Living, 250, 1), (2, Living, 1, 0)]);
    assert_eq!(refused(vault.retire(1).await), Code::EpochInUse);
    assert_eq!(refused(vault.retire(2).await), Code::EpochInUse);
    assert_eq!(refused(vault.retire(3).await), Code::UnknownEpoch);
    // In steps, by two processes; but for what is being erased, whose event has named its epochs.
    let other = keys.open(&lab).await;
    assert_eq!(vault.rewrap().await.unwrap(), 200);
    assert_eq!((rewrap(&other).await, rewrap(&vault).await), (49, 0));
    assert_eq!(epochs(&vault).await, [(1, Living, 1, 1), (2, Living, 250, 0)]);
    assert_eq!(refused(vault.retire(1).await), Code::EpochInUse, "an erasure is under way");
    vault.destroy(&name(LOG), &asked.reference, (1, 1), 8).await.unwrap();
    assert_eq!(vault.completed(&name(LOG), 1).await.unwrap(), 2);

    vault.retire(1).await.unwrap();
    assert_eq!(epochs(&vault).await[0], (1, Retired, 0, 2), "pending until the key is gone");
    vault.destroy_key(1).await.unwrap();
    vault.destroyed(1).await.unwrap();
    assert_eq!(epochs(&other).await, [(1, Destroyed, 0, 0), (2, Living, 250, 0)]);
    let done = Some(Erasure::Done { position: 7, pending: vec![] });
    assert_eq!(vault.erasure(&name(LOG), &early.reference).await.unwrap(), done);
    for (placed, n) in &all {
        assert_eq!(read(&other, placed).await, n.to_be_bytes());
    }
    assert_eq!(read(&vault, &late).await, b"late");
    // Wrapped by both: it waits for the second alone.
    erase(&vault, &all[0].0, (1, 2)).await;
    assert_eq!(
        vault.erasure(&name(LOG), &all[0].0.reference).await.unwrap(),
        Some(Erasure::Done { position: 7, pending: vec![2] })
    );
}

pub(crate) async fn a_rotation_cut_anywhere_goes_on(lab: Lab) {
    let keys = Keys::new();
    let (vault, other) = (keys.open(&lab).await, keys.open(&lab).await);
    let mut all = Vec::new();
    for n in 0..8_u32 {
        all.push(put(&vault, &person(u128::from(n), &n.to_be_bytes())).await);
    }
    for n in 0..30 {
        let epoch = epochs(&vault).await.len() as u32;
        cut(vault.begin_epoch(epoch + 1), n % 10).await;
        cut(vault.rewrap(), n).await;
        for (placed, n) in all.iter().zip(0_u32..) {
            assert_eq!(read(&other, placed).await, n.to_be_bytes(), "no key is without an epoch that opens it");
        }
        if n % 3 == 0 {
            rewrap(&other).await;
            let standing = epochs(&other).await;
            assert_eq!(standing.last().unwrap().2, 8, "{standing:?}");
        }
    }
}

/// Puts go on while epochs begin, keys are wrapped anew and old epochs go: whatever was answered is read.
pub(crate) async fn puts_beside_a_rotation_are_safe(lab: Lab) {
    let keys = Keys::new();
    let (vault, other) = (keys.open(&lab).await, keys.open(&lab).await);
    put(&vault, &person(0, b"0")).await;
    let putting = {
        let vault = vault.clone();
        tokio::spawn(async move {
            let mut all = Vec::new();
            for n in 1..=60_u32 {
                all.push((put(&vault, &person(u128::from(n), &n.to_be_bytes())).await, n));
            }
            all
        })
    };
    for epoch in 2..=6 {
        other.begin_epoch(epoch).await.unwrap();
        rewrap(&other).await;
        other.retire(epoch - 1).await.unwrap();
        other.destroy_key(epoch - 1).await.unwrap();
        other.destroyed(epoch - 1).await.unwrap();
    }
    for (placed, n) in putting.await.unwrap() {
        assert_eq!(read(&other, &placed).await, n.to_be_bytes());
    }
    assert_eq!(epochs(&vault).await.last().map(|it| (it.0, it.2)), Some((6, 61)));
}

pub(crate) async fn keys_that_are_not_the_vaults_are_refused(lab: Lab) {
    let keys = Keys::new();
    let vault = keys.open(&lab).await;
    let placed = put(&vault, &person(1, TEXT)).await;
    let file = keys.folder().join("vault-epoch-1.key");
    let key = fs::read(&file).unwrap();
    let is_refused = async || {
        let (got, put) = (vault.get(&name(LOG), &placed.reference).await, vault.put(&name(LOG), &person(2, b"x")).await);
        let (Err(got), Err(put)) = (got, put) else { panic!("both are refused") };
        for error in [got, put] {
            assert!(matches!(error, Error::Keys(_)), "{error:?}");
            assert_eq!(xiaoer_domain::Refusal::from(&error).code, Code::VaultKeys);
        }
    };
    fs::write(&file, [7; 32]).unwrap();
    is_refused().await;
    fs::write(&file, &key).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    is_refused().await;
    fs::remove_file(&file).unwrap();
    is_refused().await;
    assert!(!file.exists(), "none is made in its place");
    // Another process with a folder of its own makes no key that would not open what stands.
    let stranger = Keys::new();
    let other = stranger.open(&lab).await;
    assert!(matches!(other.put(&name(LOG), &person(3, b"x")).await, Err(Error::Keys(_))));
    fs::write(&file, &key).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(read(&vault, &placed).await, TEXT);
}

/// The vault was put back to a point before a rotation: the key of the newer epoch is there, and wraps what is new.
pub(crate) async fn a_vault_that_was_put_back_adopts_its_keys(lab: Lab) {
    let keys = Keys::new();
    let vault = keys.open(&lab).await;
    vault.adopt().await.unwrap();
    assert_eq!(epochs(&vault).await, [], "a vault of nothing begins with its first content");
    let placed = put(&vault, &person(1, TEXT)).await;
    let folder = Folder::open(&keys.folder()).unwrap();
    use xiaoer_journal::vault::KeyEncryption as _;
    folder.make(2).await.unwrap();
    folder.make(4).await.unwrap();
    assert_eq!(vault.newest_key().await.unwrap(), 4);
    vault.adopt().await.unwrap();
    vault.adopt().await.unwrap();
    let numbers = async || epochs(&vault).await.iter().map(|it| it.0).collect::<Vec<_>>();
    assert_eq!(numbers().await, [1, 2, 4]);
    assert_eq!(rewrap(&vault).await, 1);
    assert_eq!(read(&vault, &placed).await, TEXT);
    assert!(vault.holds(&name(LOG)).await.unwrap() && !vault.holds(&name("other")).await.unwrap());
}
