//! Evaluating by scanning the log: for the `diag_*` metrics, which are not stored, and as the reference that tests hold the
//! stored rows against. Exact for any known time, and as slow as reading the log up to it.

use crate::{
    Error, Member, Question,
    answer::{Figure, MEMBERS_PAGE, asks_for},
    fold::named_cases,
    knowing::Knowing,
};
use std::collections::{BTreeMap, HashMap};
use tokio::sync::Semaphore;
use xiaoer_domain::{
    Scope, Subject,
    history::History,
    ids::kind,
    metric::{Dims, Standing, diag_standings, standings},
};
use xiaoer_journal::Log;

/// Events of one page of a scan.
const PAGE: usize = 5_000;
/// Scans at once; further ones wait.
static SCANS: Semaphore = Semaphore::const_new(1);

/// A figure by scanning.
pub(crate) async fn figure(log: &Log, knowing: &Knowing, question: &Question, by: &str) -> Result<BTreeMap<String, Figure>, Error> {
    let mut parts: BTreeMap<String, Figure> = BTreeMap::new();
    for (_, standing) in scan(log, knowing, question).await? {
        parts.entry(dimension(&standing.dims, by).to_owned()).or_default().take(&standing);
    }
    for figure in parts.values_mut() {
        figure.values.sort_unstable_by(f64::total_cmp);
    }
    Ok(parts)
}

/// A page of members by scanning; the row is the number of the member.
pub(crate) async fn members(log: &Log, knowing: &Knowing, question: &Question, after: i64) -> Result<Vec<Member>, Error> {
    let all = scan(log, knowing, question).await?;
    let numbered = all.into_iter().zip(1_i64..).filter(|(_, number)| *number > after).take(MEMBERS_PAGE);
    Ok(numbered
        .map(|((subject, standing), number)| Member {
            subject,
            place: standing.place,
            why: standing.why.to_owned(),
            counts_on: standing.counts_on,
            value: standing.value,
            dims: standing.dims,
            positions: standing.evidence,
            row_id: number,
        })
        .collect())
}

fn dimension<'a>(dims: &'a Dims, by: &str) -> &'a str {
    match by {
        "unit" => &dims.unit,
        "item" => &dims.item,
        "staff" => &dims.staff,
        "window" => &dims.window,
        "channel" => &dims.channel,
        "kind" => &dims.kind,
        _ => "",
    }
}

/// The standings a question asks for, by subject.
async fn scan(log: &Log, knowing: &Knowing, question: &Question) -> Result<Vec<(Subject, Standing)>, Error> {
    let knowledge = knowing.at(question.known.position).await?;
    let mut found = Vec::new();
    for (subject, history) in histories(log, question.known.position).await? {
        let all = if question.metric.def().diagnostic { diag_standings(&history, &knowledge) } else { standings(&history, &knowledge) };
        found.extend(all.into_iter().filter(|standing| asks_for(question, standing)).map(|standing| (subject.clone(), standing)));
    }
    Ok(found)
}

/// The history of every thing up to a position, visits with the cases they name.
async fn histories(log: &Log, until: u64) -> Result<BTreeMap<Subject, History>, Error> {
    let _one = SCANS.acquire().await;
    let zone = log.genesis().zone.clone();
    let mut histories: HashMap<Subject, History> = HashMap::new();
    let mut position = 0;
    while position < until {
        let rows = log.read(Scope::Everything, position, PAGE).await?;
        let Some(last) = rows.last() else { break };
        position = last.position;
        for row in rows.iter().take_while(|row| row.position <= until) {
            let history = histories.entry(row.subject.clone()).or_insert_with(|| History::new(row.subject.clone()));
            history.insert(row.recorded(&zone)?);
        }
    }
    let visits: Vec<History> = histories.values().filter(|history| &*history.subject().kind == kind::VISIT).cloned().collect();
    for visit in visits {
        for case in named_cases(&visit) {
            let history = histories.entry(case.clone()).or_insert_with(|| History::new(case));
            visit.entries().iter().for_each(|entry| history.insert(entry.recorded.clone()));
        }
    }
    Ok(histories.into_iter().collect())
}

/// A figure of any metric by scanning: the reference.
#[doc(hidden)]
pub async fn reference(log: &Log, knowing: &Knowing, question: &Question) -> Result<Figure, Error> {
    Ok(figure(log, knowing, question, "").await?.remove("").unwrap_or_default())
}
