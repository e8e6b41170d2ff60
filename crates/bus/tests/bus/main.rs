//! The relay and the supervised server against a real nats-server, each test with servers and folders of its own.
//!
//! Method: the journal is a list in memory that the test lets grow, shrink and change; afterwards the whole stream is read and compared
//! with the list, message by message.

mod accounts;
mod feed;
mod lab;
mod managed;
mod relay;
