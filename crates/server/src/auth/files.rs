//! Files that are read again when their content changes.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// How late a change is noticed.
pub(crate) const RELOAD: Duration = Duration::from_secs(1);
/// Largest file that is read.
const BYTES_MAX: u64 = 1 << 20;

/// Files that belong together, with their content as last seen.
pub(crate) struct Watched {
    paths: Vec<PathBuf>,
    seen: Option<Vec<String>>,
}

impl Watched {
    pub(crate) fn new(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        Self { paths: paths.into_iter().collect(), seen: None }
    }

    /// Their content, in order.
    pub(crate) fn read(&mut self) -> io::Result<Vec<String>> {
        let contents = self.paths.iter().map(|path| read(path)).collect::<io::Result<Vec<_>>>()?;
        self.seen = Some(contents.clone());
        Ok(contents)
    }

    /// Calls `take` with each new content until `stop`. What it does not take leaves in force what was, and is said once.
    pub(crate) fn watch(
        mut self,
        what: &'static str,
        stop: &CancellationToken,
        mut take: impl FnMut(&[String]) -> io::Result<()> + Send + 'static,
    ) {
        let stop = stop.clone();
        tokio::spawn(async move {
            let mut said = String::new();
            while stop.run_until_cancelled(tokio::time::sleep(RELOAD)).await.is_some() {
                let before = self.seen.take();
                let taken = self.read().and_then(|contents| {
                    // Content and not time, since a link may be turned to an older file.
                    if before.as_ref() == Some(&contents) {
                        return Ok(false);
                    }
                    take(&contents).map(|()| true)
                });
                if taken.is_err() {
                    // A half-written pair is tried again, also when it does not change any more.
                    self.seen = before;
                }
                tell(what, taken, &mut said);
            }
        });
    }
}

/// Says what became of reading something again: that it is new, or, once, why it was not read.
pub(super) fn tell(what: &str, taken: io::Result<bool>, said: &mut String) {
    let error = match taken {
        Ok(new) => {
            if new {
                tracing::info!("{what}: read again");
            }
            String::new()
        }
        Err(error) => error.to_string(),
    };
    if !error.is_empty() && error != *said {
        tracing::warn!(error, "{what}: not read, the contents read before stay in force");
    }
    *said = error;
}

/// A file's text.
pub(super) fn read(path: &Path) -> io::Result<String> {
    let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    if fs::metadata(path).map_err(named)?.len() > BYTES_MAX {
        return Err(io::Error::other(format!("{}: larger than {BYTES_MAX} bytes", path.display())));
    }
    fs::read_to_string(path).map_err(named)
}
