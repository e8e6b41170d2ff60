//! B5: a copy filled from a stream is the log, or the feed says why not.

use crate::lab::{Lab, Memory, PATIENCE, row};
use async_nats::jetstream::stream::{Config, Source as From};
use tempfile::TempDir;
use tokio::time::timeout;
use xiaoer_bus::{
    Feed, Source,
    feed::{self, Failure},
    message,
    relay::Options,
};
use xiaoer_domain::{Code, LogName, Scope};
use xiaoer_journal::{Journal, Log, Row};

/// A copy of a log, in a database of its own.
struct Copy {
    name: LogName,
    journal: Journal,
    _folder: TempDir,
}

impl Copy {
    async fn new(of: &Memory) -> Self {
        let folder = TempDir::new().unwrap();
        Self { name: of.log().clone(), journal: Journal::open(folder.path()).await.unwrap(), _folder: folder }
    }

    fn log(&self) -> Option<Log> {
        self.journal.log(&self.name)
    }

    async fn take(&self, rows: &[Row]) {
        let (log, rows) = match self.log() {
            Some(log) => (log, rows),
            None => (self.journal.adopt(&rows[0]).await.unwrap().0, &rows[1..]),
        };
        let mut locked = log.lock().await.unwrap();
        locked.copy(rows).await.unwrap();
        locked.commit().await.unwrap();
    }

    async fn head(&self) -> u64 {
        match self.log() {
            Some(log) => log.head().await.unwrap().position,
            None => 0,
        }
    }

    /// Follows a stream up to a position.
    async fn follow(&self, lab: &Lab, stream: Option<&str>, until: u64) -> Result<(), Failure> {
        let follow = async {
            let mut feed = Feed::open(&lab.nats, &self.name, stream, self.log().as_ref()).await?;
            while self.head().await < until {
                self.take(&feed.next(self.log().as_ref()).await?).await;
            }
            Ok(())
        };
        timeout(PATIENCE, follow).await.expect("the events in time")
    }

    async fn refused(&self, lab: &Lab, stream: Option<&str>) -> Code {
        match self.follow(lab, stream, u64::MAX).await {
            Err(Failure::Stop(refusal)) => refusal.code,
            other => panic!("not refused: {other:?}"),
        }
    }

    async fn is(&self, source: &Memory) {
        let log = self.log().unwrap();
        assert_eq!(self.head().await, source.head());
        let mut after = 0;
        while after < source.head() {
            for row in log.read(&Scope::Everything, after, 1_000).await.unwrap() {
                after = row.position;
                assert_eq!(row, source.at(after));
            }
        }
    }
}

/// Publishes events as they are, wherever they stand.
async fn publish(lab: &Lab, log: &LogName, rows: &[Row]) {
    for row in rows {
        let (subject, headers) = (message::subject(log, row), message::headers(log, row).unwrap());
        let sent = lab.nats.jetstream().publish_with_headers(subject, headers, row.body.clone()).await;
        sent.unwrap().await.unwrap();
    }
}

async fn stream(lab: &Lab, name: &str, config: Config) {
    lab.nats.jetstream().create_stream(Config { name: name.into(), ..config }).await.unwrap();
}

fn rows(log: &LogName, positions: impl IntoIterator<Item = u64>, incarnation: u8) -> Vec<Row> {
    positions.into_iter().map(|position| row(log, position, incarnation)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_the_log_while_it_grows_and_is_made_anew() {
    let lab = Lab::open().await;
    let source = Memory::with("feed-grows", 1);
    let mut relay = lab.relay(&source);
    relay.until_at(1).await;
    let (copy, steady) = (Copy::new(&source).await, Copy::new(&source).await);
    let mut feed = Feed::open(&lab.nats, &steady.name, None, None).await.unwrap();
    // Steps of one, of a batch, just over a batch, and of several; a feed of its own for each, and one that goes on.
    for step in [1, 2, 999, 1_001, 2_500] {
        source.grow(step, 1);
        copy.follow(&lab, None, source.head()).await.unwrap();
        while steady.head().await < source.head() {
            let batch = timeout(PATIENCE, feed.next(steady.log().as_ref())).await.unwrap().unwrap();
            assert!(!batch.is_empty() && batch.len() <= 1_000);
            steady.take(&batch).await;
        }
        copy.is(&source).await;
        steady.is(&source).await;
    }
    // Deleted and filled again from the start: the feed ends, and the next one goes on without a doubled event.
    assert!(lab.nats.jetstream().delete_stream(message::stream_name(source.log())).await.unwrap().success);
    source.grow(1_500, 1);
    let ended = timeout(PATIENCE, feed.next(steady.log().as_ref())).await.expect("an end in time");
    assert!(matches!(ended, Err(Failure::Away(_))), "{ended:?}");
    while copy.follow(&lab, None, source.head()).await.is_err() {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    copy.is(&source).await;
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_that_is_cut_off_is_told() {
    let lab = Lab::open().await;
    let source = Memory::with("feed-trimmed", 3_000);
    let mut relay = lab.relay_with(&source, Options { first_position: 2_001, ..Options::default() });
    relay.until_at(3_000).await;
    for (head, fits) in [(0, false), (1, false), (1_999, false), (2_000, true), (2_001, true), (2_999, true), (3_000, true)] {
        let copy = Copy::new(&source).await;
        if head > 0 {
            copy.take(&rows(source.log(), 1..=head, 1)).await;
        }
        match copy.follow(&lab, None, 3_000).await {
            Ok(()) if fits => copy.is(&source).await,
            Err(Failure::Trimmed(2_001)) if !fits => assert_eq!(copy.head().await, head),
            other => panic!("{head}: {other:?}"),
        }
    }
    relay.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_past_is_refused() {
    let lab = Lab::open().await;
    // What the stream holds where the copy holds the events 1 to 1,500 of the first incarnation.
    for (number, (same, other)) in [(1_499, 1), (1_000, 1_000), (0, 1), (0, 700), (0, 3_000)].into_iter().enumerate() {
        let (was, is) = (Memory::with(&format!("feed-past-{number}"), 1_500), Memory::with(&format!("feed-past-{number}"), same));
        is.grow(other, 2);
        let copy = Copy::new(&was).await;
        copy.take(&rows(was.log(), 1..=1_500, 1)).await;
        let mut relay = lab.relay(&is);
        relay.until_at(is.head()).await;
        assert_eq!(copy.refused(&lab, None).await, Code::LogRewound, "{same} and {other}");
        copy.is(&was).await;
        relay.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mirrors_and_hubs_hold_the_same_events() {
    let lab = Lab::open().await;
    let sources = [Memory::with("feed-east", 1_300), Memory::with("feed-west", 700)];
    let mut relays = Vec::new();
    for source in &sources {
        let mut relay = lab.relay(source);
        relay.until_at(source.head()).await;
        relays.push(relay);
    }
    let from = |source: &Memory| From { name: message::stream_name(source.log()), ..From::default() };
    stream(&lab, "MIRROR", Config { mirror: Some(from(&sources[0])), ..Config::default() }).await;
    stream(&lab, "HUB", Config { sources: Some(sources.iter().map(from).collect()), ..Config::default() }).await;
    let copies = [Copy::new(&sources[0]).await, Copy::new(&sources[1]).await];
    for step in [0, 1, 1_000] {
        for (source, copy) in sources.iter().zip(&copies) {
            source.grow(step, 1);
            copy.follow(&lab, Some("HUB"), source.head()).await.unwrap();
            copy.is(source).await;
        }
    }
    let mirrored = Copy::new(&sources[0]).await;
    mirrored.follow(&lab, Some("MIRROR"), sources[0].head()).await.unwrap();
    mirrored.is(&sources[0]).await;
    let names = sources.iter().map(|source| source.log().clone()).collect();
    assert_eq!(feed::logs(&lab.nats, None).await.unwrap(), names);
    assert_eq!(feed::logs(&lab.nats, Some("HUB")).await.unwrap(), names);
    for relay in relays {
        relay.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_recorded_is_refused() {
    let lab = Lab::open().await;
    let subjects = vec!["xiaoer.*.event.>".to_owned(), "other.>".to_owned()];
    stream(&lab, "HUB", Config { subjects, ..Config::default() }).await;
    type Change = fn(&LogName) -> Vec<Row>;
    let table: [(&str, Change, Code); 5] = [
        ("a hole", |log| rows(log, 12..=15, 1), Code::FeedHole),
        ("a hole after a repeat", |log| rows(log, [5, 6, 12], 1), Code::FeedHole),
        ("a repeat that differs", |log| rows(log, [5], 2), Code::LogRewound),
        ("of another log", |_| rows(&LogName::new("elsewhere").unwrap(), [11], 1), Code::FeedForeign),
        ("changed", |log| vec![Row { revision: 99, ..row(log, 11, 1) }], Code::FeedForeign),
    ];
    for (number, (what, change, code)) in table.into_iter().enumerate() {
        let source = Memory::with(&format!("feed-odd-{number}"), 10);
        publish(&lab, source.log(), &rows(source.log(), 1..=10, 1)).await;
        // What is on other subjects, and what comes again as it was, does no harm.
        lab.nats.jetstream().publish("other.thing", "x".into()).await.unwrap().await.unwrap();
        publish(&lab, source.log(), &rows(source.log(), 3..=10, 1)).await;
        let before = Copy::new(&source).await;
        before.follow(&lab, Some("HUB"), 10).await.unwrap();
        publish(&lab, source.log(), &change(source.log())).await;
        // One that stood before it, and one that begins.
        for copy in [before, Copy::new(&source).await] {
            assert_eq!(copy.refused(&lab, Some("HUB")).await, code, "{what}");
            assert!(copy.head().await <= 10, "{what}: nothing of it is taken");
        }
    }
}
