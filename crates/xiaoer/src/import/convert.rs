//! From a trace to the events of its case.

use super::{Error, mapping::Mapping, template, template::Scope, xes::Attributes, xes::Trace};
use jiff::Timestamp;
use uuid::Uuid;
use xiaoer_domain::ids::{CODE_LEN_MAX, kind};
use xiaoer_wire::v1::{self, event::Fact};

/// Code of the note that ends a trace. Codes that begin with [`TRACE_CODES`] are made from traces alone.
const END_CODE: &str = "trace.end";
const TRACE_CODES: &str = "trace.";
/// Number of the event that begins a trace; those of the log are numbered from 1, so that none is taken for it.
const BEGIN_SEQ: u32 = 0;

/// The events of one case, in file order.
#[derive(Debug)]
pub struct CaseEvents {
    /// The case.
    pub subject: v1::Subject,
    /// Its events: the begin where the mapping makes one, those of the log, the end where there is one. One list may be longer
    /// than a single request takes.
    pub events: Vec<v1::Event>,
    /// How many of them are an `<event>` of the log.
    pub source_events: u64,
}

/// Whether an imported event was an `<event>` of the log, and not made from the trace itself.
pub fn is_source_event(event: &v1::Event) -> bool {
    match &event.fact {
        Some(Fact::CaseNoteRecorded(note)) => !note.code.starts_with(TRACE_CODES),
        Some(Fact::CaseReceived(received)) => {
            !(received.item_code.is_empty() && received.window_id.is_empty() && event.source_seq == Some(BEGIN_SEQ))
        }
        _ => true,
    }
}

/// The events of a trace.
pub(super) fn case_events(mapping: &Mapping, trace: &Trace) -> Result<CaseEvents, Error> {
    let id = trace.attributes.get(&mapping.keys.case).filter(|id| !id.is_empty());
    let name = id.map_or_else(|| format!("no. {}", trace.number), str::to_owned);
    let wrong = |what: String| Error::Trace { trace: name.clone(), position: trace.position, what };
    let id = id.ok_or_else(|| wrong(format!("it has no {}", mapping.keys.case)))?;
    let case = Case { mapping, trace, id };

    let times = trace.events.iter().enumerate().map(|(index, event)| case.time_of(index, event));
    let times: Vec<Timestamp> = times.collect::<Result<_, _>>().map_err(wrong)?;
    let mut events = Vec::with_capacity(times.len() + 2);
    events.extend(case.begin(times.iter().min().copied()).map_err(wrong)?);
    for (index, (event, &at)) in trace.events.iter().zip(&times).enumerate() {
        events.push(case.source_event(index, event, at).map_err(|what| wrong(format!("event {}: {what}", index + 1)))?);
    }
    events.extend(case.end(times.iter().max().copied()).map_err(wrong)?);
    Ok(CaseEvents { subject: case.subject(), events, source_events: times.len() as u64 })
}

/// A trace on its way.
struct Case<'a> {
    mapping: &'a Mapping,
    trace: &'a Trace,
    id: &'a str,
}

impl Case<'_> {
    fn subject(&self) -> v1::Subject {
        v1::Subject { kind: kind::CASE.to_owned(), system: self.mapping.system.clone(), id: self.id.to_owned() }
    }

    fn time_of(&self, index: usize, event: &Attributes) -> Result<Timestamp, String> {
        let key = &self.mapping.keys.time;
        let text = event.get(key).ok_or_else(|| format!("event {} has no {key}", index + 1))?;
        template::time(text, &self.mapping.zone).map_err(|what| format!("event {}: {key}: {what}", index + 1))
    }

    fn begin(&self, first: Option<Timestamp>) -> Result<Option<v1::Event>, String> {
        let Some(begin) = &self.mapping.begin else { return Ok(None) };
        // A case is received before anything is done about it, also where its own attribute names a later time.
        let stated = self.trace_time(begin.at.as_deref())?;
        let at = [stated, first].into_iter().flatten().min().ok_or("it has neither an event nor a time of its begin")?;
        let none = Attributes::default();
        let fact = begin.received.fill(&self.scope(&none, BEGIN_SEQ)).map_err(|what| format!("begin: {what}"))?;
        Ok(Some(self.event(BEGIN_SEQ, "begin", at, &none, fact)))
    }

    fn end(&self, last: Option<Timestamp>) -> Result<Option<v1::Event>, String> {
        let Some(end) = &self.mapping.end else { return Ok(None) };
        let at = if end.at.is_some() { self.trace_time(end.at.as_deref())? } else { last };
        let fact = Fact::CaseNoteRecorded(v1::CaseNoteRecorded { code: END_CODE.to_owned(), text_ref: None });
        Ok(at.map(|at| self.event(self.seq(self.trace.events.len()), "end", at, &Attributes::default(), fact)))
    }

    fn source_event(&self, index: usize, event: &Attributes, at: Timestamp) -> Result<v1::Event, String> {
        let key = &self.mapping.keys.activity;
        let activity = event.get(key).filter(|activity| !activity.is_empty()).ok_or_else(|| format!("it has no {key}"))?;
        let seq = self.seq(index);
        let fact = match self.mapping.rule(activity, event) {
            Some(rule) => rule.fact.fill(&self.scope(event, seq)).map_err(|what| format!("{activity}: {what}"))?,
            None => Fact::CaseNoteRecorded(v1::CaseNoteRecorded { code: activity.to_owned(), text_ref: None }),
        };
        if let Fact::CaseNoteRecorded(note) = &fact {
            check_code(&note.code)?;
        }
        Ok(self.event(seq, &index.to_string(), at, event, fact))
    }

    fn event(&self, seq: u32, place: &str, at: Timestamp, attributes: &Attributes, fact: Fact) -> v1::Event {
        let text = |key: &Option<String>| key.as_deref().and_then(|key| attributes.get(key)).unwrap_or_default().to_owned();
        let keys = &self.mapping.keys;
        let (staff_id, window_id) = (text(&keys.staff), text(&keys.window));
        v1::Event {
            event_id: event_id(&self.mapping.log, self.id, place),
            subject: Some(self.subject()),
            occurred_at: Some(at.into()),
            source: Some(v1::Source { system: self.mapping.system.clone(), staff_id, window_id, ..v1::Source::default() }),
            source_seq: Some(seq),
            fact: Some(fact),
            ..v1::Event::default()
        }
    }

    fn scope<'a>(&'a self, event: &'a Attributes, seq: u32) -> Scope<'a> {
        Scope { trace: &self.trace.attributes, event, seq, values: &self.mapping.values, zone: &self.mapping.zone }
    }

    fn trace_time(&self, key: Option<&str>) -> Result<Option<Timestamp>, String> {
        let Some(text) = key.and_then(|key| self.trace.attributes.get(key)) else { return Ok(None) };
        template::time(text, &self.mapping.zone).map(Some)
    }

    /// A trace's length bounds its events far below the numbers there are.
    fn seq(&self, index: usize) -> u32 {
        u32::try_from(index + 1).unwrap_or(u32::MAX)
    }
}

fn check_code(code: &str) -> Result<(), String> {
    if code.starts_with(TRACE_CODES) {
        return Err(format!(
            "`{code}`: codes that begin with `{TRACE_CODES}` are made by the import; map the activity to another code"
        ));
    }
    if code.chars().count() > CODE_LEN_MAX {
        return Err(format!("`{code}` is longer than {CODE_LEN_MAX} characters; map the activity to a shorter code"));
    }
    Ok(())
}

/// The same for every import of the same place in the same trace of the same log.
fn event_id(log: &str, trace: &str, place: &str) -> String {
    /// UUIDv5 of the name `import.xiaoer` in the DNS namespace.
    const NAMESPACE: Uuid = Uuid::from_u128(0x937c_fc75_768a_51c5_aa06_787d_ae4c_4c25);
    Uuid::new_v5(&NAMESPACE, format!("{log}\0{trace}\0{place}").as_bytes()).to_string()
}
