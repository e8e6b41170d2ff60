//! The mapping file: which event of the contract each activity of a log becomes. docs/import.md explains every key.
//!
//! Promises: a key that is not known is refused, and so is a fact or field that is not in the contract, before any trace is read.

use super::{Error, template::Template};
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

/// Values of the log and the codes they become, by placeholder; `*` stands for every value not listed.
pub(super) type Values = BTreeMap<String, BTreeMap<String, String>>;

/// How a log becomes events, checked.
#[derive(Debug)]
pub struct Mapping {
    pub(super) log: String,
    pub(super) system: String,
    pub(super) zone: TimeZone,
    pub(super) keys: Keys,
    pub(super) begin: Option<Begin>,
    pub(super) end: Option<EndKeys>,
    pub(super) values: Values,
    rules: Vec<Rule>,
    by_activity: HashMap<String, Vec<usize>>,
}

/// How the first event of a case is made from the trace itself.
#[derive(Debug)]
pub(super) struct Begin {
    /// Trace attribute with its time; the first event's time where absent.
    pub(super) at: Option<String>,
    pub(super) received: Template,
}

/// One activity, under a condition.
#[derive(Debug)]
pub(super) struct Rule {
    when: BTreeMap<String, String>,
    pub(super) fact: Template,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    log: String,
    system: String,
    #[serde(default = "utc")]
    time_zone: String,
    #[serde(default)]
    keys: Keys,
    begin: Option<BeginKeys>,
    end: Option<EndKeys>,
    #[serde(default)]
    values: Values,
    #[serde(default)]
    activity: Vec<ActivityKeys>,
}

/// Names of the attributes that a log must or may have.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Keys {
    /// Of a trace: the number of the case.
    pub(super) case: String,
    /// Of an event: what was done.
    pub(super) activity: String,
    /// Of an event: when.
    pub(super) time: String,
    /// Of an event: work number of who did it.
    pub(super) staff: Option<String>,
    /// Of an event: the window it was done at.
    pub(super) window: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BeginKeys {
    at: Option<String>,
    #[serde(default)]
    fields: toml::Table,
}

/// How the last note of a case is made from the trace itself.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EndKeys {
    /// Trace attribute with its time: a trace without it gets no note. Where absent, the last event's time.
    pub(super) at: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ActivityKeys {
    names: Vec<String>,
    #[serde(default)]
    when: BTreeMap<String, String>,
    fact: String,
    #[serde(default)]
    fields: toml::Table,
}

impl Default for Keys {
    fn default() -> Self {
        let (case, activity, time) = ("concept:name".into(), "concept:name".into(), "time:timestamp".into());
        Self { case, activity, time, staff: None, window: None }
    }
}

fn utc() -> String {
    "UTC".to_owned()
}

impl Mapping {
    /// Reads a mapping file.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let file: File = toml::from_str(text).map_err(|error| Error::Mapping(error.to_string()))?;
        let zone = TimeZone::get(&file.time_zone).map_err(|error| Error::Mapping(format!("time_zone: {error}")))?;
        let begin = file.begin.map(begin).transpose()?;
        let mut rules = Vec::with_capacity(file.activity.len());
        let mut by_activity: HashMap<String, Vec<usize>> = HashMap::new();
        for activity in file.activity {
            if begin.is_some() && activity.fact == "CaseReceived" {
                return Err(Error::Mapping("[begin] makes CaseReceived already; an activity cannot be one too".to_owned()));
            }
            for name in activity.names {
                by_activity.entry(name).or_default().push(rules.len());
            }
            rules.push(Rule { when: activity.when, fact: Template::new(&activity.fact, &activity.fields)? });
        }
        Ok(Self {
            log: file.log,
            system: file.system,
            zone,
            keys: file.keys,
            begin,
            end: file.end,
            values: file.values,
            rules,
            by_activity,
        })
    }

    /// The first rule of an activity whose conditions the event meets; none where it becomes a note.
    pub(super) fn rule(&self, activity: &str, event: &super::xes::Attributes) -> Option<&Rule> {
        let rules = self.by_activity.get(activity)?.iter().filter_map(|&index| self.rules.get(index));
        rules.into_iter().find(|rule| rule.when.iter().all(|(key, value)| event.get(key) == Some(value)))
    }
}

fn begin(keys: BeginKeys) -> Result<Begin, Error> {
    // What is made from a trace itself is told by these two being empty.
    if let Some(field) = ["item_code", "window_id"].into_iter().find(|&field| keys.fields.contains_key(field)) {
        return Err(Error::Mapping(format!("begin.fields.{field} stays empty: the trace itself names none")));
    }
    Ok(Begin { at: keys.at, received: Template::new("CaseReceived", &keys.fields)? })
}
