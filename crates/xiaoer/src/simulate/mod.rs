//! A synthetic district, lived through day by day: units, items, cases, visits, first-ask contacts, new projects, with what goes wrong in them.
//!
//! Goes in: a seed, a number of cases and a period. Comes out: posts for a synthetic log in the order of recording, each with its
//! `simulated_recorded_at`. docs/simulate.md says what happens how often.
//!
//! Promises: the same district gives the same posts, ids included; recorded times never go back; every post in strict mode is
//! one the gate accepts; memory holds the cases that are open, not the whole. The period ends like a day at the office: what
//! has not been recorded by then is not given out, so that some cases stay open.
//! Nobody in it exists: units and enterprises have codes that no register gives out, applicants are opaque references.
//! Left to others: opening the log with its calendar, and sending.

mod bench;
mod case;
mod complaint;
mod catalogue;
mod contact;
mod day;
mod handling;
mod joint;
mod notice;
mod project;
mod random;
mod registry;
mod result;
mod stream;
#[cfg(test)]
mod tests;
mod tolerance;
mod units;
mod vault;
mod visit;
mod window;
mod world;
mod years;

pub use bench::{BENCH_CASE_EVENTS, bench_case};
pub use complaint::sealed_posts;
pub use vault::{Kept, kept, referring};
pub use years::bench_years;

use jiff::Timestamp;
use jiff::civil::Date;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use world::{World, instant};
use xiaoer_wire::v1;

/// Which district.
#[derive(Debug, Clone)]
pub struct District {
    /// Name of the synthetic log, whose stream the rules stand on.
    pub log: String,
    /// Seed of everything that is left to chance.
    pub seed: u64,
    /// Cases received in the period.
    pub cases: u32,
    /// First day; the calendar that comes with the program covers 2004 to 2026.
    pub from: Date,
    /// Length of the period.
    pub months: u32,
}

/// What is posted in one request.
#[derive(Debug, Clone)]
pub struct Post {
    /// One event, or an atomic list on one stream.
    pub events: Vec<v1::Event>,
    /// The time of recording.
    pub simulated_recorded_at: Timestamp,
    /// Strict, or record for the few cases of an old system.
    pub mode: v1::PostMode,
    /// The same events were posted before: the answer is their first receipt.
    pub repeat_of_earlier: bool,
}

/// Everything that is posted in a district, in the order of recording.
pub fn posts(district: &District) -> Posts {
    let world = World::new(district);
    let days = day::Days::new(&world, district.cases);
    let mut posts = Posts { world, days, waiting: BinaryHeap::new(), taken: 0 };
    posts.add(registry::posts(&posts.world));
    posts.add(window::posts(&posts.world));
    posts.add(project::zones(&posts.world));
    posts
}

/// Iterator of [`posts`].
#[derive(Debug)]
pub struct Posts {
    world: World,
    days: day::Days,
    waiting: BinaryHeap<Reverse<Waiting>>,
    taken: u64,
}

impl Posts {
    fn add(&mut self, posts: Vec<Post>) {
        for post in posts {
            self.taken += 1;
            self.waiting.push(Reverse(Waiting { number: self.taken, post }));
        }
    }

    /// Whether nothing that is still to begin can be recorded before the first that waits.
    fn is_next_known(&self) -> bool {
        let Some(day) = self.days.next_day() else { return true };
        let first = self.waiting.peek().map(|Reverse(waiting)| waiting.post.simulated_recorded_at);
        first.is_some_and(|at| at < instant(day.at(0, 0, 0, 0)))
    }
}

impl Iterator for Posts {
    type Item = Post;

    fn next(&mut self) -> Option<Post> {
        while !self.is_next_known() {
            let begun = self.days.begin_day(&self.world);
            self.add(begun);
        }
        let Reverse(Waiting { post, .. }) = self.waiting.pop()?;
        let ended = post.simulated_recorded_at >= instant(self.world.until.at(0, 0, 0, 0));
        if ended {
            self.waiting.clear();
        }
        (!ended).then_some(post)
    }
}

/// A post that waits for its time; of equal times the one made first goes first.
#[derive(Debug)]
struct Waiting {
    number: u64,
    post: Post,
}

impl Waiting {
    fn key(&self) -> (Timestamp, u64) {
        (self.post.simulated_recorded_at, self.number)
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Waiting {}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}
