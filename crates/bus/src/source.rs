//! What the relay needs of a log, so that it can be tested without a database.

use std::{fmt, future::Future};
use xiaoer_domain::{LogName, Scope};
use xiaoer_journal::{Log, Row};

/// One log, read forwards.
pub trait Source: fmt::Debug + Send + Sync + 'static {
    /// Why it could not be read.
    type Error: std::error::Error + Send;

    /// Its name.
    fn log(&self) -> &LogName;

    /// The next events after a position: dense, ascending, empty at the head. May be shorter than `limit` before the head, but
    /// holds two events where there are two.
    fn read(&self, after: u64, limit: usize) -> impl Future<Output = Result<Vec<Row>, Self::Error>> + Send;

    /// Returns once the log may hold more than `position`, and from time to time without a reason.
    fn wait_past(&self, position: u64) -> impl Future<Output = ()> + Send;
}

impl Source for Log {
    type Error = xiaoer_journal::Error;

    fn log(&self) -> &LogName {
        &self.genesis().name
    }

    async fn read(&self, after: u64, limit: usize) -> Result<Vec<Row>, Self::Error> {
        // The stream has no scope inside a log; who may read it is a permission of NATS.
        Log::follow(self, &Scope::Everything, after, limit).await
    }

    async fn wait_past(&self, position: u64) {
        Log::wait_past(self, position).await;
    }
}
