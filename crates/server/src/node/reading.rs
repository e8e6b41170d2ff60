//! Reading what is protected: a log is handed out only inside of [`Reading::read`], which answers after the record of it is on disk.
//!
//! ```text
//!  reading ─► gate ─► the log, what the caller sees of it ─► read ─► record, with the refusal if there was one ─► answer
//!                                                                     │ cannot be written: nothing is answered
//! ```
//!
//! Promises: one record for each log that is named and whose reading is recorded ([`permit::RECORDED`]), also where the gate refuses;
//! none for a name that has no log here, which nobody can be told of; nothing of the answer in it.
//!
//! Invariant: whoever reads by a right that may be recorded has no other way to a log ([`Node::open`] refuses).

use super::{Node, Served};
use crate::{
    Clock,
    intake::{answered, own},
};
use std::{collections::BTreeSet, future::Future, sync::Arc};
use uuid::Uuid;
use xiaoer_domain::{
    Actor, Code, LogName, Refusal, Scope,
    ids::kind,
    metric::Metric,
    permit::{Caller, OfLog, Right},
};
use xiaoer_wire::v1::{self, AccessRecorded};

/// The system that numbers the records: this one.
const SYSTEM: &str = "xiaoer";

/// A read that is about to happen.
pub(crate) struct Reading<'a> {
    gate: Gate<'a>,
    asked: AccessRecorded,
}

/// The way to the logs of a reading, and to no others.
pub(crate) struct Gate<'a> {
    node: &'a Node,
    caller: &'a Caller,
    right: Right,
    logs: Vec<String>,
}

impl<'a> Gate<'a> {
    /// A log, where the caller has the right to it, with what he sees of it.
    pub(crate) fn open(&self, name: &str) -> Result<(Arc<Served>, Scope), Refusal> {
        if !self.logs.iter().any(|log| log == name) {
            return Err(Refusal::new(Code::Internal, "a log is read that the record would not name"));
        }
        self.node.pass(self.caller, name, self.right)
    }

    /// Who reads.
    pub(crate) fn caller(&self) -> &'a Caller {
        self.caller
    }

    /// By which right.
    pub(crate) fn right(&self) -> Right {
        self.right
    }

    /// The node.
    pub(crate) fn node(&self) -> &'a Node {
        self.node
    }
}

impl Node {
    /// Begins to read logs by a right, for a call that the record names, such as `AuditService/Replay`.
    pub(crate) fn reading<'a, 'n>(
        &'a self,
        caller: &'a Caller,
        call: &str,
        right: Right,
        logs: impl IntoIterator<Item = &'n String>,
    ) -> Reading<'a> {
        let asked = AccessRecorded { call: call.into(), ..AccessRecorded::default() };
        Reading { gate: Gate { node: self, caller, right, logs: logs.into_iter().cloned().collect() }, asked }
    }
}

impl Reading<'_> {
    /// Of a thing.
    pub(crate) fn of(mut self, subject: Option<&v1::Subject>) -> Self {
        self.asked.subject = subject.cloned();
        self
    }

    /// Of content of the vault.
    pub(crate) fn of_ref(mut self, reference: &str) -> Self {
        reference.clone_into(&mut self.asked.r#ref);
        self
    }

    /// Of a figure, where there is one.
    pub(crate) fn of_metric(mut self, id: &str) -> Self {
        self.asked.metric_id = Metric::by_id(id).map_or("", Metric::id).into();
        self
    }

    /// Of the events after a position.
    pub(crate) fn after(mut self, position: u64) -> Self {
        self.asked.after_position = Some(position);
        self
    }

    /// What will be recorded of it.
    pub(crate) fn records(&self) -> Records {
        let Gate { node, caller, right, logs } = &self.gate;
        let (mut of, mut is_whole) = (Vec::new(), true);
        let names: BTreeSet<_> = logs.iter().filter_map(|log| LogName::new(log)).collect();
        for name in names {
            if right.is_recorded(OfLog::of(&name)) {
                match OfLog::access(&name).and_then(|access| node.served(&access).ok()) {
                    Some(access) => of.push((access, AccessRecorded { log: name.to_string(), ..self.asked.clone() })),
                    None => is_whole = false,
                }
            }
        }
        Records { of, is_whole, actor: caller.actor().clone(), clock: Arc::clone(&node.clock) }
    }
}

impl<'a> Reading<'a> {
    /// Reads, records that it was read or refused, and gives the answer.
    ///
    /// # Errors
    /// What the reading says, or that it could not be recorded.
    pub(crate) async fn read<T, E, F, Read>(self, read: F) -> Result<T, E>
    where
        F: FnOnce(Gate<'a>) -> Read,
        Read: Future<Output = Result<T, E>>,
        E: From<Refusal>,
        for<'e> Refusal: From<&'e E>,
    {
        let records = self.records();
        let answer = read(self.gate).await;
        match &answer {
            Ok(_) if !records.is_whole => return Err(unrecorded(&"there is no access log for it here").into()),
            Ok(_) => records.write(None).await?,
            Err(error) => records.write(Some(Refusal::from(error).code)).await?,
        }
        answer
    }
}

/// What is recorded of a reading, each in the access log of its jurisdiction.
#[derive(Clone)]
pub(crate) struct Records {
    of: Vec<(Arc<Served>, AccessRecorded)>,
    /// Whether every log that is there has an access log.
    is_whole: bool,
    actor: Actor,
    clock: Clock,
}

impl Records {
    /// Records that the reading goes on after a position.
    pub(crate) async fn go_on(&mut self, position: u64) -> Result<(), Refusal> {
        for (_, read) in &mut self.of {
            read.after_position = Some(position);
        }
        self.write(None).await
    }

    /// Returns once all of it is on disk.
    async fn write(&self, refused: Option<Code>) -> Result<(), Refusal> {
        let refusal = refused.map_or("", Code::as_str);
        let each =
            self.of.iter().map(|(access, read)| self.write_to(access, AccessRecorded { refusal: refusal.into(), ..read.clone() }));
        futures::future::try_join_all(each).await.map(drop)
    }

    async fn write_to(&self, access: &Served, read: AccessRecorded) -> Result<(), Refusal> {
        let written = async {
            let genesis = access.log.genesis();
            let prepared = match own(&self.event(read.clone()), genesis, self.actor.clone(), None) {
                Ok(prepared) => prepared,
                // What the caller asked for could not stand in an event; that he asked is recorded all the same.
                Err(_) => own(&self.event(bare(read)), genesis, self.actor.clone(), None)?,
            };
            answered(access.intake()?.post(prepared).await?).await
        };
        written.await.map(drop).map_err(|refusal| if refusal.code == Code::Stopping { refusal } else { unrecorded(&refusal) })
    }

    fn event(&self, read: AccessRecorded) -> v1::Event {
        let event_id = Uuid::now_v7().to_string();
        v1::Event {
            // A stream for each record: none grows, and none has a history to be read.
            subject: Some(v1::Subject { kind: kind::ACCESS.into(), system: SYSTEM.into(), id: event_id.clone() }),
            event_id,
            occurred_at: Some((self.clock)().into()),
            source: Some(v1::Source { system: SYSTEM.into(), ..v1::Source::default() }),
            fact: Some(v1::event::Fact::AccessRecorded(read)),
            ..v1::Event::default()
        }
    }
}

/// A record without anything that the caller wrote.
fn bare(read: AccessRecorded) -> AccessRecorded {
    AccessRecorded { subject: None, r#ref: String::new(), ..read }
}

fn unrecorded(why: &dyn std::fmt::Display) -> Refusal {
    tracing::error!(%why, "a read could not be recorded, and was not answered");
    Refusal::new(Code::AccessUnrecorded, "that this is read could not be recorded, so it is not answered")
}
