//! The promises of the projections (P1 to P6 of the crate's page; design.md, promises 5 to 8), on logs that are left to chance.
//!
//! A log is made from a seed that stands in every failure ([`story`]), put into a journal without asking whether it may happen
//! ([`site`]), and projected. What the read tables answer is held against [`oracle`]: a scan of the whole log that stores nothing.

mod oracle;
mod site;
mod story;
mod tables;
mod telling;

mod accesses;
mod same_answers;
mod same_for_ever;
mod counts;
mod rebuilds;
mod steps;
mod stops;
mod waits;
mod wide;
mod zero_backlog;
