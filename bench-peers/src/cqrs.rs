//! cqrs-es on Postgres: a command loads the events of its aggregate, decides, and appends what comes of it.

use crate::load::{CASE_EVENTS, Times, case_name, measure, payload};
use cqrs_es::{Aggregate, DomainEvent, event_sink::EventSink};
use postgres_es::{PostgresCqrs, postgres_cqrs};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;
use std::{convert::Infallible, sync::Arc, time::Instant};

const IN_FLIGHT: usize = 32;
/// Its table, in its own words (postgres-es, `db/init.sql`).
const TABLE: &str = "CREATE TABLE IF NOT EXISTS events (
    aggregate_type text NOT NULL, aggregate_id text NOT NULL, sequence bigint CHECK (sequence >= 0) NOT NULL,
    event_type text NOT NULL, event_version text NOT NULL, payload json NOT NULL, metadata json NOT NULL,
    PRIMARY KEY (aggregate_type, aggregate_id, sequence))";

/// A case, which only counts its events: the framework is measured, not rules.
#[derive(Default, Serialize, Deserialize)]
struct Case {
    steps: u64,
}

struct DoStep(String);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct StepDone(String);

impl DomainEvent for StepDone {
    fn event_type(&self) -> String {
        "CaseStepDone".to_owned()
    }

    fn event_version(&self) -> String {
        "1".to_owned()
    }
}

impl Aggregate for Case {
    const TYPE: &'static str = "case";
    type Command = DoStep;
    type Event = StepDone;
    type Error = Infallible;
    type Services = ();

    async fn handle(&mut self, DoStep(payload): DoStep, _: &(), sink: &EventSink<Self>) -> Result<(), Infallible> {
        sink.write(StepDone(payload), self).await;
        Ok(())
    }

    fn apply(&mut self, _: StepDone) {
        self.steps += 1;
    }
}

/// Measures `calls` commands, each of which appends one event.
pub async fn run(url: &str, calls: u64) -> anyhow::Result<()> {
    let pool = PgPoolOptions::new().max_connections(IN_FLIGHT as u32).connect(url).await?;
    sqlx::query(TABLE).execute(&pool).await?;
    let cqrs: Arc<PostgresCqrs<Case>> = Arc::new(postgres_cqrs(pool, Vec::new(), ()));
    let case = move |_, times| a_case(Arc::clone(&cqrs), times);
    measure("cqrs_es_execute_32", IN_FLIGHT, calls / CASE_EVENTS, CASE_EVENTS, case).await
}

async fn a_case(cqrs: Arc<PostgresCqrs<Case>>, mut times: Times) -> anyhow::Result<Times> {
    let case = case_name();
    for step in 0..CASE_EVENTS {
        let command = DoStep(payload(step));
        let sent = Instant::now();
        cqrs.execute(&case, command).await?;
        times.record(sent);
    }
    Ok(times)
}
