//! `AdminService.Rebuild`: beginning a rebuild, and telling how it stands.

use crate::{
    node::Served,
    services::{Answers, WAITING_MAX, answers, unanswered},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio_util::sync::CancellationToken;
use xiaoer_domain::{Code, Refusal};
use xiaoer_projections::{Cursor, Error, Rebuild};
use xiaoer_wire::v1::{RebuildAction, RebuildResponse};

/// How often it is told how a rebuild stands.
const TELL: Duration = Duration::from_secs(1);

/// Does what was asked; gives the projection that answered before, so that a change can be told from none.
pub(crate) async fn begin(served: &Served, action: i32) -> Result<Cursor, Error> {
    let projection = &served.projection;
    let live = projection.store().live(&served.log.genesis().name).await?;
    match RebuildAction::try_from(action) {
        Ok(RebuildAction::Unspecified) => projection.rebuild().await?,
        Ok(RebuildAction::Accept) => projection.accept().await?,
        Ok(RebuildAction::Abandon) => projection.abandon().await?,
        Err(_) => return Err(Refusal::new(Code::InvalidField, "no action of a rebuild").at("action").into()),
    }
    Ok(live)
}

/// How the rebuild stands, every second until it is over.
pub(crate) fn watch(served: Arc<Served>, before: Cursor, stop: CancellationToken) -> Answers<RebuildResponse> {
    answers::begin(WAITING_MAX, |sender| async move {
        let mut pace = Pace { since: Instant::now(), position: 0, rows: 0 };
        loop {
            let told = tell(&served, &before, &mut pace).await.map_err(|error| unanswered(&error));
            let is_over = !matches!(&told, Ok(told) if told.state == "building" || told.state == "comparing");
            if sender.send(told).await.is_err() || is_over {
                return;
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(TELL) => {}
            }
        }
    })
}

/// Where a rebuild stood when it was last looked at.
struct Pace {
    since: Instant,
    position: u64,
    rows: u64,
}

async fn tell(served: &Served, before: &Cursor, pace: &mut Pace) -> Result<RebuildResponse, Error> {
    let head = served.log.head().await?.position;
    let (state, cursor) = match served.projection.rebuilding().await? {
        Rebuild::Building(cursor) => ("building", cursor),
        Rebuild::Comparing(cursor) => ("comparing", cursor),
        Rebuild::Waiting(cursor) => ("waiting", cursor),
        Rebuild::None(cursor) if cursor.is_same(before) => ("abandoned", cursor),
        Rebuild::None(cursor) => ("done", cursor),
    };
    let seconds = pace.since.elapsed().as_secs_f64();
    let rate = |now: u64, before: u64| if before == 0 { 0.0 } else { now.saturating_sub(before) as f64 / seconds };
    let (events, rows_per_second) = (rate(cursor.position, pace.position), rate(cursor.rows, pace.rows));
    let left = head.saturating_sub(cursor.position) as f64;
    *pace = Pace { since: Instant::now(), position: cursor.position, rows: cursor.rows };
    Ok(RebuildResponse {
        state: state.into(),
        position: cursor.position,
        head,
        rows: cursor.rows,
        rows_per_second,
        seconds_left: (state == "building" && events > 0.0).then(|| left / events),
        detail: cursor.error,
    })
}
