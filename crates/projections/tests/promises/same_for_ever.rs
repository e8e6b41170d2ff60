//! P4: two answers to one question with the same known time and day are equal for ever.
//!
//! A log is told piece by piece. Questions are asked after each piece, as of its position or its time, and all of them again after
//! every later piece and once more from tables built anew.

use crate::{
    oracle::{ALWAYS, all_members, sorted, whole},
    site::{LATER, Site, known, project, question},
    story::FIRST,
    tables::on_both,
    telling::{Random, posts},
};
use jiff::{ToSpan, civil::Date};
use std::collections::BTreeSet;
use xiaoer_domain::metric::Metric;
use xiaoer_projections::{Figure, Knowing, KnownAt, Limits, Member, Projection, Question};

on_both! {
    an_answer_never_changes
    a_time_is_the_position_that_was_reached_by_then
}

struct Answered {
    question: Question,
    figure: Figure,
    members: Vec<Member>,
}

async fn answer(projection: &Projection, knowing: &Knowing, question: &Question) -> (Figure, Vec<Member>) {
    (whole(projection, knowing, question).await, sorted(all_members(projection, knowing, question).await))
}

async fn ask_again(projection: &Projection, knowing: &Knowing, answers: &[Answered], when: &str) {
    for Answered { question, figure, members } in answers {
        // Settled anew, since what had come by a known time may not depend on what came after it either.
        let settled = known(projection, question.known.position).await;
        settled.valid_on(Some(question.valid_on), None).unwrap_or_else(|refusal| panic!("{when}: {refusal}"));
        let again = Question { known: settled, ..question.clone() };
        assert_eq!(answer(projection, knowing, &again).await, (figure.clone(), members.clone()), "{when}: {question:?}");
    }
}

/// Days that have come by a position: the local date of what was recorded next is the last of them.
fn periods(random: &mut Random) -> (Date, Date) {
    let from = FIRST + random.days(120).days();
    if random.chance(40) { ALWAYS } else { (from, from + random.days(30).days()) }
}

async fn an_answer_never_changes() {
    let seed = 8;
    let all = posts(seed, 30);
    let mut random = Random::new(seed);
    let mut site = Site::new().await;
    let (projection, knowing) = (site.projection("rows").await, site.knowing());
    let mut answers: Vec<Answered> = Vec::new();
    let mut told = 0;
    while told < all.len() {
        let more = (told + 20 + usize::try_from(random.below(60)).unwrap()).min(all.len());
        site.append(&all[told..more]).await;
        told = more;
        project(&projection, Limits { events: 30, things: 7, batches: 1, mark: 20 }).await;
        ask_again(&projection, &knowing, &answers, &format!("seed {seed}, after {told} posts")).await;
        // Now: at the head, on a day that has come by what was recorded.
        let position = projection.cursor().position;
        let recorded = all[told - 1].recorded_at;
        let settled = projection.settle(KnownAt::Time(recorded), 0, recorded).await.unwrap();
        assert_eq!(settled.position, position);
        for metric in Metric::ALL.iter().filter(|_| random.chance(40)).copied().collect::<Vec<_>>() {
            let valid_on = settled.day - random.days(20).days();
            let question = question(metric, settled, valid_on, periods(&mut random));
            let (figure, members) = answer(&projection, &knowing, &question).await;
            answers.push(Answered { question, figure, members });
        }
    }
    assert!(answers.iter().filter(|answered| !answered.members.is_empty()).count() > 30, "seed {seed}: too little was answered");
    // Of every kind of thing, also of those that rest on rules, editions and what other districts publish.
    let kinds: BTreeSet<&str> = answers.iter().flat_map(|answered| &answered.members).map(|member| &*member.subject.kind).collect();
    let all: BTreeSet<&str> = ["case", "contact", "district", "item", "log", "staff"].into();
    assert!(kinds.is_superset(&all), "seed {seed}: only of {kinds:?}");
    let of = |why: &[&str]| answers.iter().flat_map(|answered| &answered.members).any(|member| why.contains(&&*member.why));
    for why in
        [&["in_edition"][..], &["quietly", "said_in_time"], &["better", "not_better"], &["on_every_channel", "channel_missing"]]
    {
        assert!(of(why), "seed {seed}: nobody asked about {why:?}");
    }
    let anew = site.projection("anew").await;
    project(&anew, Limits::default()).await;
    ask_again(&anew, &site.knowing(), &answers, &format!("seed {seed}, from tables built anew")).await;
}

async fn a_time_is_the_position_that_was_reached_by_then() {
    let all = posts(12, 6);
    let site = Site::of(&all).await;
    let projection = site.projection("rows").await;
    project(&projection, Limits::default()).await;
    let now = LATER.parse().unwrap();
    for (index, posted) in all.iter().enumerate() {
        let at = projection.settle(KnownAt::Time(posted.recorded_at), 0, now).await.unwrap();
        let reached = all.iter().filter(|other| other.recorded_at <= posted.recorded_at).count() as u64 + 1;
        assert_eq!((at.position, at.at), (reached, posted.recorded_at), "post {index}");
        let before =
            projection.settle(KnownAt::Time(posted.recorded_at - jiff::SignedDuration::from_micros(1)), 0, now).await.unwrap();
        assert!(before.position < at.position, "post {index}");
    }
}
