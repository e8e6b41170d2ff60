//! What each caller holds now, over all its connections.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};
use xiaoer_domain::{Code, Refusal};

/// Calls of one caller that may be open at a time: twice what may wait for one log, so that a full queue is told as one.
const CALLS_OPEN_MAX: usize = 8_192;
/// Streams among them. What waits for a reader is bounded for each, so that all of one caller's hold 64 MiB.
const STREAMS_OPEN_MAX: usize = 256;
/// Bytes of one caller's requests that may be on their way: four of the largest messages with their heads. What has arrived whole is
/// bounded by the queue of its log.
const ARRIVING_BYTES_MAX: usize = 33 << 20;

/// Callers with open calls.
#[derive(Default)]
pub(super) struct Held(Mutex<HashMap<Arc<str>, Uses>>);

#[derive(Default)]
struct Uses {
    calls: usize,
    streams: usize,
    bytes: Arc<AtomicUsize>,
}

/// An open call; it ends where this is dropped.
pub(super) struct Open {
    held: Arc<Held>,
    caller: Arc<str>,
    is_stream: bool,
    bytes: Arc<AtomicUsize>,
}

impl Held {
    /// Opens a call.
    ///
    /// # Errors
    /// [`Code::RateLimited`], where the caller has too many.
    pub(super) fn open(self: &Arc<Self>, caller: &Arc<str>, is_stream: bool) -> Result<Open, Refusal> {
        let mut callers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let uses = callers.entry(Arc::clone(caller)).or_default();
        if uses.calls >= CALLS_OPEN_MAX {
            return Err(Refusal::new(Code::RateLimited, format!("more than {CALLS_OPEN_MAX} calls open at a time")));
        }
        if is_stream && uses.streams >= STREAMS_OPEN_MAX {
            return Err(Refusal::new(Code::RateLimited, format!("more than {STREAMS_OPEN_MAX} streams open at a time")));
        }
        uses.calls += 1;
        uses.streams += usize::from(is_stream);
        let bytes = Arc::clone(&uses.bytes);
        Ok(Open { held: Arc::clone(self), caller: Arc::clone(caller), is_stream, bytes })
    }
}

impl Open {
    /// The bytes of this call's request, counted among those of its caller.
    pub(super) fn share(&self) -> Share {
        Share { all: Arc::clone(&self.bytes), mine: 0 }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut callers = self.held.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(uses) = callers.get_mut(&self.caller) else { return };
        uses.calls -= 1;
        uses.streams -= usize::from(self.is_stream);
        if uses.calls == 0 {
            callers.remove(&self.caller);
        }
    }
}

/// Bytes of a request that are held.
pub(super) struct Share {
    all: Arc<AtomicUsize>,
    mine: usize,
}

impl Share {
    /// Says how many are held now.
    ///
    /// # Errors
    /// [`Code::RateLimited`], where the caller's requests hold too many together.
    pub(super) fn hold(&mut self, bytes: usize) -> Result<(), Refusal> {
        if bytes <= self.mine {
            self.all.fetch_sub(self.mine - bytes, Ordering::Relaxed);
            self.mine = bytes;
            return Ok(());
        }
        let more = bytes - self.mine;
        let before = self.all.fetch_add(more, Ordering::Relaxed);
        self.mine = bytes;
        if before + more > ARRIVING_BYTES_MAX {
            let message = format!("more than {} MiB of requests on their way at a time", ARRIVING_BYTES_MAX >> 20);
            return Err(Refusal::new(Code::RateLimited, message));
        }
        Ok(())
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.all.fetch_sub(self.mine, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_holds_so_much_and_another_is_not_touched() {
        let (held, a, b) = (Arc::new(Held::default()), Arc::from("a"), Arc::from("b"));
        let streams: Vec<_> = (0..STREAMS_OPEN_MAX).map(|_| held.open(&a, true).unwrap()).collect();
        assert_eq!(held.open(&a, true).err().unwrap().code, Code::RateLimited);
        let calls: Vec<_> = (streams.len()..CALLS_OPEN_MAX).map(|_| held.open(&a, false).unwrap()).collect();
        assert_eq!(held.open(&a, false).err().unwrap().code, Code::RateLimited);
        let other = held.open(&b, true).unwrap();

        let (mut first, mut second, mut others) = (calls[0].share(), calls[1].share(), other.share());
        first.hold(ARRIVING_BYTES_MAX - 10).unwrap();
        assert_eq!(second.hold(11).unwrap_err().code, Code::RateLimited);
        second.hold(10).unwrap();
        others.hold(1_000).unwrap();
        first.hold(0).unwrap();
        second.hold(ARRIVING_BYTES_MAX).unwrap();
        drop(second);
        first.hold(ARRIVING_BYTES_MAX).unwrap();

        drop(calls);
        held.open(&a, false).unwrap();
        drop(streams);
        drop(other);
        assert!(held.0.lock().unwrap().is_empty(), "who has nothing open is not kept");
    }
}
