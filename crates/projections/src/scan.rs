//! Evaluating by scanning the log: for the `diag_*` metrics, which are not stored, and as the reference that tests hold the
//! stored rows against. Exact for any known time, and as slow as reading the log up to it; the last scan is kept, for a series or
//! a comparison asks many questions of one known time.

use crate::{
    Error, Member, Question,
    answer::{Figure, MEMBERS_PAGE, asks_for},
    fold::reached,
    knowing::Knowing,
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use tokio::sync::Semaphore;
use xiaoer_domain::{
    Code, Refusal, Scope, Subject,
    history::History,
    knowledge::Knowledge,
    metric::{Dims, Standing, diag_standings, standings},
};
use xiaoer_journal::Log;

/// Events of one page of a scan.
const PAGE: usize = 5_000;
/// Events of the longest log that is scanned: histories of that many fit into memory beside everything else.
const SCAN_EVENTS_MAX: u64 = 200_000;
/// Scans at once; further ones wait.
static SCANS: Semaphore = Semaphore::const_new(1);

/// Where everything stands as known at a position, by scanning: what a stored row must say.
#[doc(hidden)]
#[derive(Debug)]
pub struct Scanned(Vec<(Subject, Standing)>);

impl Scanned {
    /// The standings that are stored.
    pub async fn of_rows(log: &Log, knowing: &Knowing, position: u64) -> Result<Self, Error> {
        Self::scan(log, knowing, position, standings).await
    }

    async fn scan(
        log: &Log,
        knowing: &Knowing,
        position: u64,
        standings: impl Fn(&History, &Knowledge) -> Vec<Standing>,
    ) -> Result<Self, Error> {
        let knowledge = knowing.at(position).await?;
        let mut all = Vec::new();
        for (subject, history) in histories(log, position).await? {
            all.extend(standings(&history, &knowledge).into_iter().map(|standing| (subject.clone(), standing)));
        }
        Ok(Self(all))
    }

    fn members_of(&self, question: &Question) -> impl Iterator<Item = &(Subject, Standing)> {
        self.0.iter().filter(|(_, standing)| asks_for(question, standing))
    }

    /// A figure, by the values of a dimension where one is named.
    pub fn figure(&self, question: &Question, by: &str) -> BTreeMap<String, Figure> {
        let mut parts: BTreeMap<String, Figure> = BTreeMap::new();
        for (_, standing) in self.members_of(question) {
            parts.entry(dimension(&standing.dims, by).to_owned()).or_default().take(standing);
        }
        for figure in parts.values_mut() {
            figure.values.sort_unstable_by(f64::total_cmp);
        }
        parts
    }

    /// Its members; the row is the number of the member.
    pub fn members(&self, question: &Question) -> Vec<Member> {
        let member = |((subject, standing), number): (&(Subject, Standing), i64)| Member {
            subject: subject.clone(),
            place: standing.place,
            why: standing.why.to_owned(),
            counts_on: standing.counts_on,
            value: standing.value,
            dims: standing.dims.clone(),
            positions: standing.evidence.clone(),
            row_id: number,
        };
        self.members_of(question).zip(1..).map(member).collect()
    }
}

/// The standings of the `diag_*` metrics of a log as last scanned, and the position they are of.
#[derive(Debug, Default)]
pub(crate) struct Diagnoses(tokio::sync::Mutex<Option<(u64, Arc<Scanned>)>>);

impl Diagnoses {
    /// The standings as known at a position.
    pub async fn at(&self, log: &Log, knowing: &Knowing, position: u64) -> Result<Arc<Scanned>, Error> {
        if position > SCAN_EVENTS_MAX {
            let message = format!("diag_* figures are worked out by reading the log, at most {SCAN_EVENTS_MAX} events of it");
            return Err(Refusal::new(Code::InvalidScope, message).at("scope.known_at").into());
        }
        let mut last = self.0.lock().await;
        if let Some((_, scanned)) = last.as_ref().filter(|(of, _)| *of == position) {
            return Ok(Arc::clone(scanned));
        }
        let scanned = Arc::new(Scanned::scan(log, knowing, position, diag_standings).await?);
        *last = Some((position, Arc::clone(&scanned)));
        Ok(scanned)
    }

    /// A page of the members of a `diag_*` metric.
    pub async fn members(&self, log: &Log, knowing: &Knowing, question: &Question, after: i64) -> Result<Vec<Member>, Error> {
        let mut members = self.at(log, knowing, question.known.position).await?.members(question);
        members.retain(|member| member.row_id > after);
        members.truncate(MEMBERS_PAGE);
        Ok(members)
    }
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

/// The history of every thing up to a position, with the streams that reach it.
async fn histories(log: &Log, until: u64) -> Result<BTreeMap<Subject, History>, Error> {
    let _one = SCANS.acquire().await;
    let zone = log.genesis().zone.clone();
    let mut histories: HashMap<Subject, History> = HashMap::new();
    let mut position = 0;
    while position < until {
        let rows = log.read(&Scope::Everything, position, PAGE).await?;
        let Some(last) = rows.last() else { break };
        position = last.position;
        for row in rows.iter().take_while(|row| row.position <= until) {
            let history = histories.entry(row.subject.clone()).or_insert_with(|| History::new(row.subject.clone()));
            history.insert(row.recorded(&zone)?);
        }
    }
    let reaching = histories.values().map(|history| (reached(history), history)).filter(|(others, _)| !others.is_empty());
    let reaching: Vec<(Vec<Subject>, History)> = reaching.map(|(others, history)| (others, history.clone())).collect();
    for (others, stream) in reaching {
        for other in others {
            let history = histories.entry(other.clone()).or_insert_with(|| History::new(other));
            stream.entries().iter().for_each(|entry| history.insert(entry.recorded.clone()));
        }
    }
    Ok(histories.into_iter().collect())
}
