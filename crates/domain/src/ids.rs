//! Names of things: logs, subjects, events, units, actors.

use std::fmt;
use std::sync::Arc;
use uuid::Uuid;

/// Longest name of a log.
pub const LOG_NAME_LEN_MAX: usize = 64;
/// Longest code: grounds, materials, windows, staff numbers, item codes.
pub const CODE_LEN_MAX: usize = 128;

/// Name of a log, one jurisdiction: `[a-z0-9-]{1,64}`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogName(Arc<str>);

impl LogName {
    /// The name, where it is one.
    pub fn new(name: &str) -> Option<Self> {
        let fits = (1..=LOG_NAME_LEN_MAX).contains(&name.len());
        let plain = name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        (fits && plain).then(|| Self(name.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LogName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The thing an event is about; its events form one stream.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    /// Kind of thing, see [`kind`].
    pub kind: Arc<str>,
    /// The system that numbers it.
    pub system: Arc<str>,
    /// Its number there.
    pub id: Arc<str>,
}

impl Subject {
    /// A subject of these three parts.
    pub fn new(kind: &str, system: &str, id: &str) -> Self {
        Self { kind: kind.into(), system: system.into(), id: id.into() }
    }
}

impl Subject {
    /// Whether its events change what is known beside the things themselves.
    pub fn is_registry(&self) -> bool {
        kind::REGISTRY.contains(&&*self.kind)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.kind, self.system, self.id)
    }
}

/// Kinds of subject that have rules so far.
pub mod kind {
    /// The log itself: genesis, rules, calendar.
    pub const LOG: &str = "log";
    /// 单位.
    pub const UNIT: &str = "unit";
    /// 事项.
    pub const ITEM: &str = "item";
    /// 办理流程汇编.
    pub const EDITION: &str = "edition";
    /// 区县: another one.
    pub const DISTRICT: &str = "district";
    /// 办件.
    pub const CASE: &str = "case";
    /// 首问.
    pub const CONTACT: &str = "contact";
    /// 跑动.
    pub const VISIT: &str = "visit";
    /// 工作人员.
    pub const STAFF: &str = "staff";
    /// 咨询.
    pub const CONSULT: &str = "consult";
    /// 窗口.
    pub const WINDOW: &str = "window";
    /// 培训.
    pub const TRAINING: &str = "training";
    /// An enterprise or project (企业、项目).
    pub const SUBJECT: &str = "subject";
    /// 区域.
    pub const ZONE: &str = "zone";
    /// A person in the vault, or a text there that belongs to none (个人信息).
    pub const PERSON: &str = "person";
    /// An epoch of the vault's keys.
    pub const VAULT: &str = "vault";
    /// A read that was recorded (查阅).
    pub const ACCESS: &str = "access";

    /// 投诉, of a sealed log.
    pub const COMPLAINT: &str = "complaint";
    /// A reference by which an event of the open log rests on a complaint (案件编号).
    pub const RECORD: &str = "record";
    /// A report (通报).
    pub const REPORT: &str = "report";

    /// Kinds whose events change what is known beside the things themselves: rules, calendar, units, items, their
    /// editions, what other districts publish, zones, windows.
    pub const REGISTRY: [&str; 7] = [LOG, UNIT, ITEM, EDITION, DISTRICT, ZONE, WINDOW];
}

/// Identity of an event for ever: who sent it, and the sender's id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// `source.system`.
    pub system: Arc<str>,
    /// The sender's id.
    pub event_id: Uuid,
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.system, self.event_id)
    }
}

/// Who appends, as authenticated. Stored with every event.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Actor(Arc<str>);

impl Actor {
    /// Whoever reaches a server without authentication.
    pub fn local() -> Self {
        Self("local".into())
    }

    /// An actor by its name.
    pub fn named(name: &str) -> Self {
        Self(name.into())
    }

    /// The name as stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a query may see of a log; it becomes part of the query itself.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Scope {
    /// Everything in the log.
    Everything,
    /// What this unit had a part in, and its figures.
    Unit(Arc<str>),
}

/// Whether a 统一社会信用代码 (GB 32100-2015) has 18 characters of its alphabet and the right check character.
pub fn usci_is_valid(code: &str) -> bool {
    const ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let values: Option<Vec<usize>> = code.bytes().map(|b| ALPHABET.iter().position(|&a| a == b)).collect();
    let Some(values) = values.filter(|v| v.len() == 18) else {
        return false;
    };
    let sum: usize = values.iter().zip(WEIGHTS).map(|(value, weight)| value * weight).sum();
    values[17] == (31 - sum % 31) % 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credit_codes() {
        // domain.md section 4. It calls the ninth wrong (T expected); the standard's arithmetic and the vectors say it is right.
        let table = [
            ("12441500196720244T", true),
            ("91350100M000100Y43", true),
            ("11370306XXXX00019K", true),
            ("11370306XXXX00027E", true),
            ("11370306XXXX000359", true),
            ("11370306XXXX000434", true),
            ("11370306XXXX00051Y", true),
            ("91370306XXXX01011R", true),
            ("11511301008778183N", true),
            ("11511301008778183T", false),
            ("91350100M000100Y4", false),
            ("91350100M000100Y4O", false),
        ];
        for (code, valid) in table {
            assert_eq!(usci_is_valid(code), valid, "{code}");
        }
    }

    #[test]
    fn log_names() {
        for (name, valid) in [("370306", true), ("370306-sealed", true), ("", false), ("A", false), ("a.b", false), ("a>", false)] {
            assert_eq!(LogName::new(name).is_some(), valid, "{name}");
        }
        assert!(LogName::new(&"a".repeat(65)).is_none());
    }
}
