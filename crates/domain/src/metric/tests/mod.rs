//! Metrics, told as lives: what happened to a thing, and what each question is answered.
//!
//! A life is a list of facts in the order they were recorded; each says when it happened (`MM-DD`, of 2026, or a whole date; then
//! `HH:MM` where the time matters, and the number of a visit). A question with its answer is one line:
//!
//! ```text
//! METRIC [FROM..TO] @VALID_ON = ANSWER
//! ```
//!
//! The answer is the numerator (of a rate `numerator/denominator`), `uN` and `xN` for unknown and excluded members, then what each
//! member says: its `why`, and its kind in brackets. A life without any member in a figure answers `0` or `0/0`.

mod breach;
mod case;
mod catalogue;
mod complaint;
mod contact;
mod correction;
mod diag;
mod hands;
mod item;
mod joint;
mod laws;
mod life;
mod notice;
mod renewal;
mod staff;
mod project;
mod tolerance;
mod visit;
mod window;

use super::{Metric, Standing, Tally, denominator, standings};
use crate::event::{CodeText, Fact, ItemType, ItemVersion, Material, Recorded};
use crate::history::History;
use crate::ids::{Subject, kind};
use crate::knowledge::Knowledge;
use crate::testing::{UNIT, calendar_2026, day, event_of, recorded, wd, zone};
use jiff::civil::{Date, date, time};
use std::sync::LazyLock;

/// What happened, and when.
type Life = Vec<(&'static str, Fact)>;
/// A part of a life.
type Facts<'a> = &'a [(&'static str, Fact)];

/// Spans of nights.
type Spans = &'static [&'static str];

/// The unit that receives; that of the item version is [`UNIT`].
const WINDOW_UNIT: &str = "reception";

/// Checks answers about the thing of this kind that the life is told of, as known at its end.
fn check(name: &str, kind: &str, life: &Life, answers: &[&str]) {
    check_known(name, kind, life, life.len(), answers);
}

/// The same, as known when this many of the facts had been recorded.
fn check_known(name: &str, kind: &str, life: &Life, known: usize, answers: &[&str]) {
    let all = standings_known(kind, life, known);
    for answer in answers {
        let (question, expected) = answer.split_once(" = ").unwrap_or_else(|| panic!("{answer}"));
        assert_eq!(figure(&all, question), expected, "{name}, {known} facts known: {question}");
    }
}

/// Standings when this many facts had been recorded.
fn standings_known(kind: &str, life: &Life, known: usize) -> Vec<Standing> {
    let (history, knowledge) = told(kind, life.iter().take(known).enumerate());
    let all = standings(&history, &knowledge);
    all.iter().for_each(assert_sound);
    all
}

/// The thing and what is known beside it. A fact keeps its position, whatever else is told.
fn told<'a>(kind: &str, life: impl Iterator<Item = (usize, &'a (&'static str, Fact))>) -> (History, Knowledge) {
    let mut knowledge = KNOWLEDGE.clone();
    let mut history = History::new(Subject::new(kind, "s", "1"));
    for (index, (when, fact)) in life {
        let recorded = happened(kind, index, when, fact);
        knowledge.apply(&recorded);
        let is_own = recorded.event.subject == *history.subject();
        let reaches = !recorded.event.fact.reaches().is_empty();
        // A project's history holds the joint cases for it too.
        let joins = kind == kind::SUBJECT && recorded.event.fact.kinds() == [kind::CASE];
        if is_own || joins || reaches || recorded.event.fact.kinds() == [kind::VISIT] {
            history.insert(recorded);
        }
    }
    (history, knowledge)
}

/// Later facts of a day happen later, if no time is said.
fn happened(kind: &str, index: usize, when: &str, fact: &Fact) -> Recorded {
    let mut words = when.split(' ');
    let on = day(words.next().unwrap());
    let minute = i8::try_from(index % 60).unwrap();
    let at = words.next().map_or(time(9, minute, 0, 0), |at| at.parse().unwrap());
    let subject = match fact.kinds() {
        [own] if *own != kind => Subject::new(own, "s", words.next().unwrap_or("1")),
        _ => Subject::new(kind, "s", "1"),
    };
    let number = u64::try_from(index).unwrap() + 1;
    let mut event = event_of(&subject, u128::from(number), on, at, fact.clone());
    let (unit, staff) = if matches!(fact, Fact::CaseDecided(_)) { (UNIT, "decider") } else { (WINDOW_UNIT, "clerk") };
    (event.unit, event.staff, event.window) = (unit.into(), staff.into(), "w1".into());
    recorded(number, event)
}

/// 2026, and these items: `permit` and `filing` promise 8 of 20 working days, silence accepts only a permit; `window` promises 10
/// of 20; `open` has no limits. Each lists the materials `m1` to `m3`.
static KNOWLEDGE: LazyLock<Knowledge> = LazyLock::new(|| {
    let item = |promised, statutory, deemed_acceptance| ItemVersion {
        version: "1".into(),
        item_type: ItemType::Permit,
        lead_unit: UNIT.into(),
        online: true,
        steps: 1,
        materials: ["m1", "m2", "m3"].map(|code| Material { code: code.into(), required: true, tolerance_ok: false }).into(),
        statutory,
        promised,
        deemed_acceptance,
        visit_limit: Some(1),
        in_force_from: date(2025, 1, 1),
    };
    let items = [("permit", 8, 20, true), ("filing", 8, 20, false), ("window", 10, 20, false)]
        .map(|(code, p, s, d)| (code, item(wd(p), wd(s), d)));
    let mut knowledge = Knowledge::new(zone(), false);
    let mut apply = |subject: &Subject, id: u64, fact: Fact| {
        let event = event_of(subject, u128::from(id) + 1000, date(2025, 11, 5), time(0, 0, 0, 0), fact);
        knowledge.apply(&recorded(id, event));
    };
    apply(&Subject::new(kind::LOG, "s", "1"), 1, Fact::CalendarPublished(calendar_2026()));
    for (id, (code, version)) in (2..).zip(items.into_iter().chain([("open", item(None, None, false))])) {
        apply(&Subject::new(kind::ITEM, "s", code), id, Fact::ItemVersionPublished(Box::new(version)));
    }
    knowledge
});

/// The answer to a question, counted the way every reader of standings has to.
fn figure(all: &[Standing], question: &str) -> String {
    let words: Vec<&str> = question.split(' ').collect();
    let metric = Metric::by_id(words[0]).unwrap_or_else(|| panic!("{question}"));
    let valid_on = day(words[words.len() - 1].strip_prefix('@').unwrap_or_else(|| panic!("{question}")));
    let period = words[1].split_once("..").map(|(from, to)| day(from)..=day(to));
    let shape = metric.def().shape;
    assert_eq!(period.is_none(), shape.is_of_a_night(), "{question}");

    let counts = |s: &&Standing| period.as_ref().is_none_or(|period| period.contains(&s.counts_on));
    let members: Vec<&Standing> = all.iter().filter(|s| s.metric == metric && s.valid.contains(valid_on)).filter(counts).collect();
    let mut tally = Tally::default();
    members.iter().for_each(|s| tally.add(s.place));
    let shown = denominator(shape, &tally);
    let mut answer = match shown == tally.numerator && "count state distribution sum mean".contains(shape.code()) {
        true => tally.numerator.to_string(),
        false => format!("{}/{shown}", tally.numerator),
    };
    for (mark, count) in [("u", tally.unknown), ("x", tally.excluded)] {
        if count > 0 {
            answer += &format!(" {mark}{count}");
        }
    }
    let mut says: Vec<String> = members.iter().map(|s| said(s)).collect();
    says.sort();
    says.iter().for_each(|said| answer += &format!(" {said}"));
    answer
}

fn said(standing: &Standing) -> String {
    let kind: &CodeText = &standing.dims.kind;
    if kind.is_empty() { standing.why.to_owned() } else { format!("{}({kind})", standing.why) }
}

/// What holds of every standing there is: a day at least, evidence in order, and a `why` that the page explains.
fn assert_sound(standing: &Standing) {
    assert!(standing.valid.from < standing.valid.until, "{standing:?}");
    assert!(!standing.evidence.is_empty(), "{standing:?}");
    assert!(standing.evidence.is_sorted_by(|a, b| a < b), "{standing:?}");
    if standing.metric.def().shape.is_of_a_night() {
        assert_eq!(standing.counts_on, standing.valid.from, "{standing:?}");
    }
    let row = PAGE_ROWS.iter().find(|row| row[0].trim_matches('`') == standing.metric.id()).unwrap();
    // A breach is its own reason; the page lists those apart.
    let is_breach = *standing.why == *standing.dims.kind;
    let code = format!("`{}`", standing.why);
    assert!(row[4].contains(&code) || is_breach && PAGE.contains(&code), "docs/metrics.md does not explain {code} of {}", row[0]);
}

const PAGE: &str = include_str!("../../../../../docs/metrics.md");

/// The rows of the page's table of metrics: id, Chinese name, shape, cohort day, why codes.
static PAGE_ROWS: LazyLock<Vec<[&str; 5]>> = LazyLock::new(|| {
    let rows = PAGE.lines().filter(|line| line.starts_with("| `") && line.matches(" | ").count() >= 4);
    rows.map(|line| {
        let mut cells = line.trim_matches('|').splitn(5, '|').map(str::trim);
        [(); 5].map(|()| cells.next().unwrap_or_default())
    })
    .collect()
});

#[test]
fn the_page_lists_every_metric_as_it_is() {
    assert_eq!(PAGE_ROWS.len(), Metric::ALL.len());
    for (row, metric) in PAGE_ROWS.iter().zip(Metric::ALL) {
        let def = metric.def();
        assert_eq!(row[0].trim_matches('`'), def.id, "the order is that of the code");
        assert_eq!(Metric::by_id(def.id), Some(*metric));
        let zh = def.zh.split('（').next().unwrap_or_default();
        assert_eq!((row[1], row[2]), (zh, def.shape.code()), "{}", def.id);
        assert_eq!(def.diagnostic, def.id.starts_with("diag_"));
        assert!(!def.numerator.is_empty() && !def.source.is_empty(), "{}", def.id);
    }
}

/// Every day from one to another.
fn days(from: &str, to: &str) -> impl Iterator<Item = Date> {
    let to = day(to);
    day(from).series(jiff::Span::new().days(1)).take_while(move |day| *day <= to)
}

/// Nights of the metric within a span of days, at this place, each `MM-DD`; consecutive ones as `MM-DD..MM-DD`.
fn nights(all: &[Standing], metric: Metric, place: super::Place, from: &str, to: &str) -> Vec<String> {
    let mut spans: Vec<(Date, Date)> = Vec::new();
    for night in days(from, to) {
        if all.iter().any(|s| s.metric == metric && s.place == place && s.valid.contains(night)) {
            match spans.last_mut() {
                Some((_, last)) if last.tomorrow().is_ok_and(|next| next == night) => *last = night,
                _ => spans.push((night, night)),
            }
        }
    }
    let text = |(first, last): (Date, Date)| {
        let [first, last] = [first, last].map(|day| day.strftime("%m-%d").to_string());
        if first == last { first } else { format!("{first}..{last}") }
    };
    spans.into_iter().map(text).collect()
}
