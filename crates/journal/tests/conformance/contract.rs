//! The number of a log's contract: what its genesis says, until it is finalized; it never falls.

use crate::lab::{LOG, Lab, append, create_with, genesis, life, name};
use xiaoer_journal::{CONTRACT, Log};
use xiaoer_wire::v1::{Event, LogOpened, event::Fact};

/// A genesis of another number.
fn numbered(contract: u32) -> Event {
    let event = genesis(LOG, "Asia/Shanghai", false);
    let Some(Fact::LogOpened(opened)) = event.fact else { unreachable!() };
    Event { fact: Some(Fact::LogOpened(LogOpened { contract, ..opened })), ..event }
}

async fn number(log: &Log) -> u32 {
    log.head().await.unwrap().contract
}

async fn finalize(log: &Log, contract: u32) {
    let mut locked = log.lock().await.unwrap();
    locked.finalize(contract);
    locked.commit().await.unwrap();
}

pub(crate) async fn a_log_has_the_number_of_its_genesis(lab: Lab) {
    let log = create_with(&lab.open().await, &numbered(1)).await.unwrap().0;
    assert_eq!((number(&log).await, log.genesis().contract), (1, 1));
    assert_eq!(append(&log, &life("1", 2)).await.unwrap().contract, 1, "an append moves no number");
    let newest = lab.fresh().await;
    assert_eq!(number(&create_with(&newest.open().await, &numbered(CONTRACT)).await.unwrap().0).await, CONTRACT);
}

pub(crate) async fn a_finalized_log_stays_it(lab: Lab) {
    let log = create_with(&lab.open().await, &numbered(1)).await.unwrap().0;
    let other = lab.open().await.log(&name(LOG)).unwrap();
    let mut dropped = log.lock().await.unwrap();
    dropped.finalize(CONTRACT);
    drop(dropped);
    assert_eq!(number(&other).await, 1, "a drop changes nothing");
    finalize(&log, CONTRACT).await;
    assert_eq!(number(&other).await, CONTRACT, "other processes see it at once");
    finalize(&other, 1).await;
    assert_eq!(append(&other, &life("1", 1)).await.unwrap().contract, CONTRACT, "it never falls");
    let log = lab.open().await.log(&name(LOG)).unwrap();
    assert_eq!((number(&log).await, log.genesis().contract), (CONTRACT, 1), "the genesis says what it said");
    assert_eq!(lab.audit(&log).await.len(), 2);
}

/// A newer program may have run and gone again: what it added stands beside, and what it added no number for is no reason to refuse.
pub(crate) async fn tables_that_a_newer_program_expanded_are_used(lab: Lab) {
    append(&lab.log().await, &life("1", 2)).await.unwrap();
    let expand = format!(
        "ALTER TABLE log ADD COLUMN later BIGINT; ALTER TABLE event ADD COLUMN later TEXT; CREATE TABLE later (n BIGINT);
         INSERT INTO {table} (version, description, success, checksum, execution_time)
         SELECT 9999, 'later', success, checksum, execution_time FROM {table} WHERE version = 1",
        table = lab.migrations()
    );
    lab.sql(LOG, &expand).await;
    let log = lab.open().await.log(&name(LOG)).unwrap();
    append(&log, &life("2", 2)).await.unwrap();
    assert_eq!(lab.audit(&log).await.len(), 5);
}
