//! A projection is built anew beside the one that answers, compared with it and changed over (design.md, promise 5); and of the
//! processes that share tables one moves a projection, the others follow it, and one of them goes on when it is gone.

use crate::{
    accesses::records,
    site::{LATER, Site, assert_same, known, project, question},
    tables::{Tables, dump, on_both},
    telling::posts,
};
use std::{future::Future, time::Duration};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use xiaoer_domain::metric::Metric;
use xiaoer_projections::{Error, Knowing, KnownAt, Limits, Projection, Rebuild, State};

on_both! {
    what_is_built_anew_answers_the_same
    events_come_in_meanwhile
    what_differs_waits_until_somebody_decides
    a_read_that_is_not_found_waits_too
    another_process_goes_on_where_one_ended
    a_page_of_other_tables_is_refused
}

/// Longest wait for anything, beyond which a test fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process with one projection.
struct Process {
    projection: Projection,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Process {
    async fn start(site: &Site) -> Self {
        Self::of(Projection::open(site.log.clone(), site.tables("rows").await.open().await).await.unwrap())
    }

    /// A second one, on a database.
    async fn start_beside(site: &Site) -> Self {
        Self::of(Projection::open(site.log.clone(), site.tables("rows").await.open_beside().await).await.unwrap())
    }

    fn of(projection: Projection) -> Self {
        let stop = CancellationToken::new();
        let tasks =
            vec![tokio::spawn(projection.store().clone().keep(stop.clone())), tokio::spawn(projection.clone().run(stop.clone()))];
        Self { projection, stop, tasks }
    }

    /// Waits until it reflects everything.
    async fn at_head(&self) {
        let head = self.projection.log().head().await.unwrap().position;
        assert!(self.projection.reach(head, PATIENCE).await, "it stands at {:?}, not at {head}", self.projection.cursor());
    }

    /// Waits until the rebuild is no longer under way.
    async fn rebuilt(&self) -> Rebuild {
        let over = async || match self.projection.rebuilding().await.unwrap() {
            Rebuild::Building(_) | Rebuild::Comparing(_) => None,
            over => Some(over),
        };
        until(over).await
    }

    /// As `kill -9`: nothing is given back.
    async fn kill(self) {
        for task in self.tasks {
            task.abort();
            let _ = task.await;
        }
    }

    async fn stop(self) {
        self.stop.cancel();
        for task in self.tasks {
            task.await.unwrap();
        }
    }
}

async fn until<T, F: Future<Output = Option<T>>>(mut look: impl FnMut() -> F) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.expect("an end in time")
}

async fn count(tables: &Tables, of: &str) -> String {
    tables.lines(&format!("SELECT CAST(COUNT(*) AS TEXT) FROM {of}")).await.remove(0)
}

async fn what_is_built_anew_answers_the_same() {
    let site = Site::of(&posts(71, 20)).await;
    let process = Process::start(&site).await;
    process.at_head().await;
    let tables = site.tables("rows").await;
    let (before, rows) = (dump(&process.projection, &tables).await, count(&tables, "standing").await);
    let answered = process.projection.cursor();

    process.projection.rebuild().await.unwrap();
    let Rebuild::None(live) = process.rebuilt().await else { panic!("it differs") };
    assert!(!live.is_same(&answered), "it is the one that was built");
    until(async || process.projection.cursor().is_same(&live).then_some(())).await;
    assert_same(&dump(&process.projection, &tables).await, &before, "built anew");
    assert_eq!(process.projection.state(live.position), State::Running);

    // The old rows stay for questions that began with them, and go.
    assert_ne!(count(&tables, "standing").await, rows);
    process.projection.store().remove_gone(Duration::from_secs(60)).await.unwrap();
    assert_ne!(count(&tables, "standing").await, rows, "a question may still read them");
    process.projection.store().remove_gone(Duration::ZERO).await.unwrap();
    assert_eq!((count(&tables, "standing").await, count(&tables, "projection").await), (rows, "1".into()));
    for table in ["thing", "case_state", "standing", "tally", "tally_before", "tally_mark"] {
        let old = format!("{table} WHERE projection_id <> (SELECT projection_id FROM projection)");
        assert_eq!(count(&tables, &old).await, "0", "{table}");
    }
    assert_same(&dump(&process.projection, &tables).await, &before, "after the old rows went");
    process.stop().await;
}

async fn events_come_in_meanwhile() {
    let posts = posts(72, 40);
    let (first, later) = posts.split_at(posts.len() / 3);
    let mut site = Site::of(first).await;
    let process = Process::start(&site).await;
    process.at_head().await;
    process.projection.rebuild().await.unwrap();
    for some in later.chunks(7) {
        site.append(some).await;
        tokio::time::sleep(Duration::from_millis(5)).await;
        // An answer never falls back behind one that was given.
        let at = process.projection.cursor().position;
        assert!(process.projection.settle(KnownAt::Now, at, LATER.parse().unwrap()).await.unwrap().position >= at);
    }
    let Rebuild::None(live) = process.rebuilt().await else { panic!("it differs") };
    until(async || process.projection.cursor().is_same(&live).then_some(())).await;
    process.at_head().await;
    let lines = dump(&process.projection, &site.tables("rows").await).await;
    process.stop().await;
    let expected = site.projection("at-once").await;
    project(&expected, Limits::default()).await;
    assert_same(&lines, &dump(&expected, &site.tables("at-once").await).await, "with events meanwhile");
}

async fn what_differs_waits_until_somebody_decides() {
    for wrong in [
        // Another value; a thing that is not, and one that is missing; one version too many; a state of a case.
        "UPDATE standing SET why = 'nonsense' WHERE row_id = (SELECT MIN(row_id) FROM standing)",
        "UPDATE thing SET id = 'ghost' WHERE thing_id = (SELECT MIN(thing_id) FROM standing)",
        "DELETE FROM standing WHERE row_id = (SELECT MIN(row_id) FROM standing WHERE known_to < 9000000000000000000)",
        "UPDATE case_state SET unit = 'nobody' WHERE row_id = (SELECT MIN(row_id) FROM case_state)",
        // A cell of a day that counts too much, one of a month, and one that is missing.
        "UPDATE tally SET n = n + 1 WHERE metric = 'online_rate' AND day = (SELECT MIN(day) FROM tally WHERE metric = 'online_rate' AND day > '0')",
        "UPDATE tally SET total = total - 1 WHERE metric = 'backlog_promised' AND day = (SELECT MIN(day) FROM tally WHERE metric = 'backlog_promised')",
        "DELETE FROM tally WHERE metric = 'online_rate' AND day = (SELECT MIN(day) FROM tally WHERE metric = 'online_rate' AND day > '0')",
    ] {
        waits(&Site::of(&posts(73, 12)).await, wrong).await;
    }
}

async fn a_read_that_is_not_found_waits_too() {
    for wrong in [
        "DELETE FROM access WHERE position = 5",
        "UPDATE access SET what = '[\"caller\",\"nobody\"]' WHERE position = 7 AND what LIKE '%caller%'",
    ] {
        waits(&Site::of(&records().1).await, wrong).await;
    }
}

/// What was changed in the tables is noticed by a rebuild, and waits for a decision.
async fn waits(site: &Site, wrong: &'static str) {
    let process = Process::start(site).await;
    process.at_head().await;
    let (tables, answered) = (site.tables("rows").await, process.projection.cursor());
    let right = dump(&process.projection, &tables).await;
    tables.run(wrong).await;
    let mended = dump(&process.projection, &tables).await;
    assert_ne!(mended, right, "{wrong}");

    process.projection.rebuild().await.unwrap();
    let Rebuild::Waiting(built) = process.rebuilt().await else { panic!("not noticed: {wrong}") };
    assert!(built.error.contains("differ"), "{}", built.error);
    assert!(process.projection.cursor().is_same(&answered), "it answers as before");
    process.projection.abandon().await.unwrap();
    let Rebuild::None(live) = process.rebuilt().await else { panic!("not abandoned") };
    assert!(live.is_same(&answered));

    process.projection.rebuild().await.unwrap();
    assert!(matches!(process.rebuilt().await, Rebuild::Waiting(_)));
    process.projection.accept().await.unwrap();
    let Rebuild::None(live) = process.rebuilt().await else { panic!("not accepted") };
    assert!(!live.is_same(&answered));
    until(async || process.projection.cursor().is_same(&live).then_some(())).await;
    assert_same(&dump(&process.projection, &tables).await, &right, wrong);
    process.stop().await;
}

async fn another_process_goes_on_where_one_ended() {
    let site = Site::of(&posts(74, 60)).await;
    let process = Process::start(&site).await;
    process.at_head().await;
    let tables = site.tables("rows").await;
    let before = dump(&process.projection, &tables).await;
    process.projection.rebuild().await.unwrap();
    process.kill().await;
    let next = Process::start(&site).await;
    let Rebuild::None(live) = next.rebuilt().await else { panic!("it differs") };
    until(async || next.projection.cursor().is_same(&live).then_some(())).await;
    assert_same(&dump(&next.projection, &tables).await, &before, "in two processes");
    next.stop().await;
}

async fn a_page_of_other_tables_is_refused() {
    let site = Site::of(&posts(75, 12)).await;
    let process = Process::start(&site).await;
    process.at_head().await;
    let known = known(&process.projection, site.log.head().await.unwrap().position).await;
    let all = (jiff::civil::Date::MIN, jiff::civil::Date::MAX);
    let asked = question(Metric::OnTimeRatePromised, known, known.last_day, all);
    let knowing = Knowing::new(site.log.clone());
    let page = process.projection.members(&knowing, &asked, 0).await.unwrap();
    let last = page.last().expect("members").row_id;
    assert!(process.projection.members(&knowing, &asked, last).await.is_ok());
    process.projection.rebuild().await.unwrap();
    let Rebuild::None(live) = process.rebuilt().await else { panic!("it differs") };
    until(async || process.projection.cursor().is_same(&live).then_some(())).await;
    let refused = process.projection.members(&knowing, &asked, last).await;
    assert!(matches!(refused, Err(Error::Overtaken)), "{refused:?}");
    process.stop().await;
}

/// Two processes on one database: one works, the other shows what it did, and takes over when it is gone, killed or stopped.
#[tokio::test]
async fn one_process_works_and_another_takes_over() {
    crate::tables::ON.scope(crate::tables::On::Postgres, taking_over()).await;
}

async fn taking_over() {
    let posts = posts(76, 40);
    let mut parts = posts.chunks(posts.len() / 4 + 1);
    let mut site = Site::of(parts.next().unwrap()).await;
    let tables = site.tables("rows").await;
    let worker = async || tables.lines("SELECT worker FROM projection").await.remove(0);
    let mut working = Process::start(&site).await;
    working.at_head().await;
    for (part, is_killed) in parts.zip([true, false, true]) {
        let following = Process::start_beside(&site).await;
        let who = worker().await;
        site.append(part).await;
        following.at_head().await;
        assert_eq!(worker().await, who, "the one that follows did nothing");
        if is_killed {
            working.kill().await;
        } else {
            working.stop().await;
        }
        until(async || (worker().await != who).then_some(())).await;
        working = following;
    }
    working.at_head().await;
    let lines = dump(&working.projection, &tables).await;
    working.stop().await;
    let expected = site.projection("at-once").await;
    project(&expected, Limits::default()).await;
    assert_same(&lines, &dump(&expected, &site.tables("at-once").await).await, "in four processes");
}
