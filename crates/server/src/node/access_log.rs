//! The access log of each jurisdiction: opened by the node itself beside the logs that it serves, written by it, relayed nowhere.
//!
//! A node that follows logs has one of its own beside the copies: who read what is recorded where it is answered.

use super::{Node, Served, Way, genesis};
use crate::intake::Intake;
use std::sync::Arc;
use xiaoer_domain::{Code, LogName, Refusal, permit::OfLog};
use xiaoer_journal::Log;
use xiaoer_projections::Error;

/// Whether a log is one of who read what.
pub(super) fn is_access(log: &LogName) -> bool {
    OfLog::of(log) == OfLog::Access
}

/// Refuses whoever opens an access log or posts to it.
pub(super) fn not_access(log: &LogName) -> Result<(), Refusal> {
    let refusal = || Refusal::new(Code::AccessLog, "the server alone opens and writes the log of who read what").at("log");
    (!is_access(log)).then_some(()).ok_or_else(refusal)
}

/// The name of the access log that a log has beside it.
pub(super) fn access_of(log: &LogName) -> Result<LogName, Refusal> {
    OfLog::access(log).ok_or_else(|| Refusal::new(Code::InvalidLogName, "no room is left for -access behind the name").at("log"))
}

impl Node {
    /// Opens and serves the access log that belongs to a log, once; before anybody can read that one.
    pub(super) async fn beside(&self, log: &Log) -> Result<(), Error> {
        let opened = log.genesis();
        let Some(name) = OfLog::access(&opened.name) else {
            // Of an earlier program; without a record it is read by nobody.
            tracing::error!(log = %opened.name, "the name is too long for an access log beside it: nothing protected of it is answered");
            return Ok(());
        };
        let _opening = self.access_opening.lock().await;
        if is_access(&opened.name) || self.served(&name).is_ok() {
            return Ok(());
        }
        let (event, body) = genesis(&name, (&opened.zone_name, &opened.zone), false, self.now())?;
        let (access, _) = self.journal.create_beside(event, body, &opened.name).await?;
        self.write_access(access).await.map(drop)
    }

    /// Starts what runs behind an access log: its writer, and what makes it searchable.
    pub(super) async fn write_access(&self, access: Log) -> Result<Arc<Served>, Error> {
        if let Ok(served) = self.served(&access.genesis().name) {
            return Ok(served);
        }
        let (intake, writer) = Intake::start(access.clone(), Arc::clone(&self.clock), self.closing.clone()).await?;
        self.writers.spawn(writer);
        self.serve(access, Way::Posted { intake, relay: None }).await
    }
}
