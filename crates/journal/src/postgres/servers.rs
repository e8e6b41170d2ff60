//! The servers of one database: a primary that takes writes and standbys that may become it.
//!
//! Promise: a connection is one to a primary, and never to one whose successor this process has seen.

use super::{AGE_MAX, AGE_MAX_YOUNG, CONNECT_WAIT, HOLD_MAX, Keep, LOCK_WAIT, durable, fit};
use crate::Error;
use sqlx::{
    ConnectOptions as _, Row as _,
    postgres::{PgConnectOptions, PgConnection},
};
use std::{
    fmt, io,
    str::FromStr as _,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
    time::{Duration, Instant},
};
use tokio::time::timeout;

pub(crate) struct Servers {
    options: Vec<PgConnectOptions>,
    /// What is kept there.
    keep: Keep,
    /// The newest timeline that was seen. Each promotion begins a new one, so that an old primary that comes back is known by its
    /// number.
    timeline: AtomicU32,
}

impl fmt::Debug for Servers {
    /// Where they are, never with what password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self.options.iter().map(|options| (options.get_host(), options.get_port(), options.get_database()));
        f.debug_list().entries(places).finish()
    }
}

/// A connection to a primary.
pub(crate) struct Connection {
    pub(crate) session: PgConnection,
    timeline: u32,
    made: Instant,
    age_max: Duration,
}

impl Servers {
    /// Of a URL that names them as libpq does: `postgres://user@host:5432,other:5433/database`.
    pub(crate) fn of(url: &str, keep: Keep) -> Result<Self, Error> {
        let options = |url: String| Ok(PgConnectOptions::from_str(&url)?.application_name("xiaoer").disable_statement_logging());
        let options = each(url).map(options).collect::<Result<_, Error>>()?;
        Ok(Self { options, keep, timeline: AtomicU32::new(0) })
    }

    /// Connects to the first that answers and takes writes.
    pub(crate) async fn connect(&self) -> Result<Connection, Error> {
        let mut why = nobody("no server is named");
        for options in &self.options {
            match connect(options, self.keep).await {
                Ok(connection) if self.takes(&connection) => return Ok(connection),
                Ok(_) => why = nobody("a primary that has a successor"),
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    /// As [`Servers::connect`], once all were asked: the first may be an old primary that came back.
    pub(crate) async fn connect_first(&self) -> Result<Connection, Error> {
        for options in self.options.iter().filter(|_| self.options.len() > 1) {
            if let Ok(connection) = connect(options, self.keep).await {
                self.takes(&connection);
            }
        }
        self.connect().await
    }

    /// Whether a connection leads to the newest primary that is known; of a newer one all learn.
    pub(crate) fn takes(&self, connection: &Connection) -> bool {
        self.timeline.fetch_max(connection.timeline, Relaxed) <= connection.timeline
    }
}

impl Connection {
    pub(crate) fn is_old(&self) -> bool {
        self.made.elapsed() > self.age_max
    }
}

/// The URL of each server.
fn each(url: &str) -> impl Iterator<Item = String> {
    let authority = url.find("://").map_or(0, |at| at + 3);
    let end = url[authority..].find(['/', '?']).map_or(url.len(), |at| authority + at);
    let first = url[..end].rfind('@').map_or(authority, |at| at + 1);
    url[first..end].split(',').map(move |host| format!("{}{host}{}", &url[..first], &url[end..]))
}

async fn connect(options: &PgConnectOptions, keep: Keep) -> Result<Connection, Error> {
    timeout(CONNECT_WAIT, settled(options, keep)).await.unwrap_or_else(|elapsed| Err(Error::Away(io::Error::from(elapsed).into())))
}

/// A connection with its bounds, to a primary; where what it commits need not be kept, it answers before.
async fn settled(options: &PgConnectOptions, keep: Keep) -> Result<Connection, Error> {
    let mut session = options.connect().await?;
    let millis = |bound: Duration| bound.as_millis().to_string();
    let query = sqlx::query(include_str!("../../sql/settings.postgres.sql"));
    let query = query.bind(millis(LOCK_WAIT)).bind(millis(HOLD_MAX)).bind(keep.largest());
    let row = query.fetch_one(&mut session).await?;
    fit(row.try_get(2)?, row.try_get(3)?)?;
    if keep.is_durable() {
        durable(row.try_get(4)?, row.try_get(5)?)?;
    } else {
        sqlx::query("SET synchronous_commit = off").execute(&mut session).await?;
    }
    let timeline: Option<&str> = row.try_get(6)?;
    let timeline = timeline.ok_or_else(|| nobody("a standby, which takes no writes"))?;
    let timeline = u32::from_str_radix(timeline, 16).map_err(|_| nobody("a timeline that is no number"))?;
    let keeps_plans = row.try_get::<&str, _>(7)? == "auto";
    let age_max = if keeps_plans { AGE_MAX } else { AGE_MAX_YOUNG };
    Ok(Connection { session, timeline, made: Instant::now(), age_max })
}

/// That there is nobody to write to now.
fn nobody(why: &str) -> Error {
    Error::Away(io::Error::other(why).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_several_servers() {
        for (url, servers) in [
            ("postgres://hall/x", &["postgres://hall/x"][..]),
            ("postgres://a:1,b:2/x?c=d,e", &["postgres://a:1/x?c=d,e", "postgres://b:2/x?c=d,e"]),
            ("postgres://u:p,@q@a,[::1]:2", &["postgres://u:p,@q@a", "postgres://u:p,@q@[::1]:2"]),
            ("postgres://u@%2Frun,b?host=/tmp", &["postgres://u@%2Frun?host=/tmp", "postgres://u@b?host=/tmp"]),
            ("geheim", &["geheim"]),
        ] {
            assert_eq!(each(url).collect::<Vec<_>>(), servers, "{url}");
        }
    }
}
