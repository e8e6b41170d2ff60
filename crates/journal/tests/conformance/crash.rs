//! J1 durable and J7 no half commit, by processes that are killed while they append; J4 by processes that take turns.
//!
//! The process is this test binary itself, started again for the one test [`child`] and told by the environment what to do. It
//! answers on standard output, a line for each commit; what was written to the pipe before a kill is read after it.

use crate::lab::{LOG, Lab, append, case, create, life, name, row};
use std::{
    collections::{BTreeMap, HashMap},
    env,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdout, Command, Stdio, id},
    thread,
    time::{Duration, SystemTime},
};
use xiaoer_domain::Scope::Everything;
use xiaoer_journal::{Log, NewRow, Row};

/// Where the process that is started finds the journal; a process without it has nothing to do.
const PLACE: &str = "XIAOER_TEST_PLACE";
/// Its number, which no other has.
const WORKER: &str = "XIAOER_TEST_WORKER";
/// How many commits; without it, until it is killed.
const COMMITS: &str = "XIAOER_TEST_COMMITS";
/// Seed to repeat a run with.
const SEED: &str = "XIAOER_TEST_SEED";
const KILLS: u64 = 24;
/// Begins each line of an answer; the test harness writes lines of its own.
const ANSWER: &str = "answer ";

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }
}

#[allow(clippy::print_stderr)]
fn seed() -> u64 {
    let given = env::var(SEED).ok().map(|seed| seed.parse().unwrap());
    let clock = || u64::from(SystemTime::UNIX_EPOCH.elapsed().unwrap().subsec_nanos());
    let seed = given.unwrap_or_else(clock);
    eprintln!("{SEED}={seed}");
    seed
}

/// Rows of a commit: a case of its own, and one event of the case that all processes share. The number and width stand in each
/// body, so that a half commit shows.
fn commit_rows(commit: &str, width: u64, shared: u64) -> Vec<NewRow> {
    let mut rows = life(commit, width - 1);
    rows.push(row(&case("shared"), shared));
    let body = format!(r#"{{"commit":"{commit}","width":{width}}}"#);
    rows.into_iter().map(|row| NewRow { body: body.clone().into(), ..row }).collect()
}

#[tokio::test]
#[ignore = "no test: the process that the tests here start and kill"]
async fn child() {
    let Ok(place) = env::var(PLACE) else { return };
    let worker = env::var(WORKER).unwrap();
    let commits = env::var(COMMITS).map_or(u64::MAX, |n| n.parse().unwrap());
    let say = |line: &str| {
        let mut out = std::io::stdout().lock();
        // One write a line: what the parent reads after a kill ends with a whole one.
        out.write_all(format!("\n{ANSWER}{line}\n").as_bytes()).unwrap();
        out.flush().unwrap();
    };
    let journal = Lab::open_at(&place).await.unwrap();
    let (log, existed) = create(&journal, LOG).await;
    say(if existed { "found" } else { "opened" });
    let mut random = Random(u64::from(id()));
    let (mut at, mut shared) = (0, 0);
    for n in 0..commits {
        let mut locked = log.lock().await.unwrap();
        // What others appended since, and what stood before this process began.
        for row in locked.read(at).await.unwrap() {
            shared += u64::from(*row.subject.id == *"shared");
        }
        let width = 1 + random.below(if n.is_multiple_of(4) { 900 } else { 12 });
        let commit = format!("{worker}-{n}");
        shared += 1;
        locked.append(&commit_rows(&commit, width, shared)).await.unwrap();
        at = locked.commit().await.unwrap().position;
        say(&format!("{commit} {at}"));
    }
}

/// A process that appends, and its answers.
struct Process {
    child: Child,
    answers: BufReader<ChildStdout>,
}

impl Process {
    fn start(lab: &Lab, worker: &str, commits: Option<u64>) -> Self {
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "crash::child", "--ignored", "--nocapture", "--test-threads=1"]);
        command.env(PLACE, lab.place()).env(WORKER, worker).env_remove(COMMITS);
        if let Some(commits) = commits {
            command.env(COMMITS, commits.to_string());
        }
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Self { child, answers }
    }

    /// The next answer; none at the end of the process.
    fn next(&mut self) -> Option<String> {
        let mut line = String::new();
        while self.answers.read_line(&mut line).unwrap() > 0 {
            if let Some(answer) = line.strip_prefix(ANSWER) {
                return Some(answer.trim_end().to_owned());
            }
            line.clear();
        }
        None
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Position after each commit that was answered, by commit.
type Answered = BTreeMap<String, u64>;

fn keep(answers: &mut Answered, answer: &str) {
    if let Some((commit, position)) = answer.split_once(' ') {
        answers.insert(commit.to_owned(), position.parse().unwrap());
    }
}

/// Every commit in the log is whole, and every commit that was answered stands where it was said to. Gives the commits in the
/// log that nobody was told of.
fn judge(rows: &[Row], answered: &Answered) -> Vec<String> {
    let mut found: HashMap<String, (u64, u64, u64)> = HashMap::new();
    for row in rows {
        let Ok(body) = serde_json::from_slice::<serde_json::Value>(&row.body) else { continue };
        let Some(commit) = body["commit"].as_str() else { continue };
        let width = body["width"].as_u64().unwrap();
        let (count, _, last) = found.entry(commit.to_owned()).or_insert((0, width, row.position - 1));
        assert_eq!(*last + 1, row.position, "commit {commit} is torn apart");
        (*count, *last) = (*count + 1, row.position);
    }
    for (commit, (count, width, _)) in &found {
        assert_eq!(count, width, "commit {commit} is half there");
    }
    for (commit, position) in answered {
        let last = found.get(commit).map(|(_, _, last)| last);
        assert_eq!(last, Some(position), "commit {commit} was answered");
    }
    found.into_keys().filter(|commit| !answered.contains_key(commit)).collect()
}

/// Starts a process, kills it at a random moment, and gives all its answers.
fn kill_one(lab: &Lab, worker: u64, random: &mut Random, answered: &mut Answered) {
    let mut process = Process::start(lab, &worker.to_string(), None);
    // Every fourth is killed while it starts or opens the log, the others after some answers.
    let answers = if worker.is_multiple_of(4) { 0 } else { 1 + random.below(12) };
    for _ in 0..answers {
        let answer = process.next().expect("it goes on until it is killed");
        keep(answered, &answer);
    }
    let wait = random.below(if answers == 0 { 60_000 } else { 8_000 });
    thread::sleep(Duration::from_micros(wait));
    process.child.kill().unwrap();
    process.child.wait().unwrap();
    while let Some(answer) = process.next() {
        keep(answered, &answer);
    }
}

pub(crate) async fn every_answer_survives_a_kill_and_no_commit_is_halved(lab: Lab) {
    let mut random = Random(seed());
    let mut answered = Answered::new();
    for worker in 0..KILLS {
        kill_one(&lab, worker, &mut random, &mut answered);
        let Some(log) = lab.open().await.log(&name(LOG)) else {
            assert!(answered.is_empty(), "the log is gone");
            continue;
        };
        let unanswered = judge(&lab.audit(&log).await, &answered);
        // A process has one commit under way.
        assert!(unanswered.len() as u64 <= worker + 1, "{unanswered:?}");
        // The log is open to others at once, though its holder was killed.
        append(&log, &life(&format!("after-{worker}"), 1)).await.unwrap();
    }
    assert!(answered.len() as u64 > KILLS, "too few commits to prove anything: {}", answered.len());
}

pub(crate) async fn processes_take_turns(lab: Lab) {
    const EACH: u64 = 40;
    let mut processes: Vec<_> = (0..3).map(|n| Process::start(&lab, &n.to_string(), Some(EACH))).collect();
    let mut first = 0;
    let mut answered = Answered::new();
    for process in &mut processes {
        while let Some(answer) = process.next() {
            first += usize::from(answer == "opened");
            keep(&mut answered, &answer);
        }
        assert!(process.child.wait().unwrap().success());
    }
    assert_eq!((first, answered.len() as u64), (1, 3 * EACH));
    let log: Log = lab.open().await.log(&name(LOG)).unwrap();
    assert_eq!(judge(&lab.audit(&log).await, &answered), Vec::<String>::new());
    // The case they share has one event of each commit: each process saw what the others had appended.
    assert_eq!(log.stream(&Everything, &case("shared"), u64::MAX).await.unwrap().len() as u64, 3 * EACH);
}
