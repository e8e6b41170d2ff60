//! The contract as a whole: every fact, its stored form, what is refused of it, and the seeds.

mod bounds;
mod examples;
mod fixtures;
mod personal;
mod refusals;
mod seeds;
