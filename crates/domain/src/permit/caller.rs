//! Who calls: what a certificate or a token was found to stand for.

use super::table::{OfLog, Role};
use crate::ids::{Actor, LogName};
use serde::Deserialize;
use std::sync::Arc;

/// Longest name, system, unit, work number, purpose or pattern of logs of a caller.
pub const NAME_LEN_MAX: usize = 64;
/// Most patterns of logs of one caller.
const LOGS_MAX: usize = 100;

/// What is said of a caller, in the list of actors or in a token. What is left out is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Claims {
    /// Name of the account: a system, or a person's work number; never a person's name.
    pub name: String,
    /// The system that its events are sent by (`source.system`); empty where it posts nothing.
    pub system: String,
    /// Code of its unit.
    pub unit: String,
    /// Work number of the person.
    pub staff: String,
    /// Its roles.
    pub roles: Vec<String>,
    /// The jurisdictions it has to do with: names of logs without `-sealed` or `-access`, and beginnings of names with a `*` behind.
    pub logs: Vec<String>,
    /// Code of what it calls for.
    pub purpose: String,
}

/// Who calls, as authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Name of the account.
    pub name: Arc<str>,
    /// The system that its events are sent by.
    pub system: Arc<str>,
    /// Code of its unit; empty where it has none.
    pub unit: Arc<str>,
    /// Work number; empty where it is no person.
    pub staff: Arc<str>,
    roles: Vec<Role>,
    logs: Vec<String>,
    actor: Actor,
    local: bool,
}

impl Caller {
    /// Whoever reaches a server without authentication, and the server itself: may do everything.
    pub fn local() -> Self {
        Self::trusted(Actor::local())
    }

    /// The server itself, under a name of its own.
    pub fn trusted(actor: Actor) -> Self {
        let none: Arc<str> = "".into();
        let name = actor.as_str().into();
        Self {
            name,
            system: none.clone(),
            unit: none.clone(),
            staff: none,
            roles: Vec::new(),
            logs: Vec::new(),
            actor,
            local: true,
        }
    }

    /// A caller of these claims.
    ///
    /// # Errors
    /// Which claim is wrong, and how; the value is not repeated.
    pub fn new(claims: &Claims) -> Result<Self, String> {
        let Claims { name, system, unit, staff, roles, logs, purpose } = claims;
        if name.is_empty() || name == "local" {
            return Err("name: empty, or the name of whoever is not authenticated".into());
        }
        let texts = [("name", name), ("system", system), ("unit", unit), ("staff", staff), ("purpose", purpose)];
        if let Some((claim, _)) = texts.into_iter().find(|(_, text)| !is_name(text)) {
            return Err(format!("{claim}: longer than {NAME_LEN_MAX}, or with other than letters, digits and ._:@/-"));
        }
        let mut known = Vec::new();
        for role in roles {
            known.push(Role::by_name(role).ok_or("roles: there is no such role")?);
        }
        known.sort_unstable();
        known.dedup();
        let pattern = |text: &String| LogName::new(text.strip_suffix('*').unwrap_or(text)).is_some() || text == "*";
        if logs.len() > LOGS_MAX || !logs.iter().all(pattern) {
            return Err(format!("logs: more than {LOGS_MAX}, or no name of a log, with or without a * behind"));
        }
        let mut text = name.clone();
        let mut say = |claim: &str, value: &str| {
            if !value.is_empty() {
                text.push_str(&format!(" {claim}={value}"));
            }
        };
        say("system", system);
        say("unit", unit);
        say("staff", staff);
        say("roles", &known.iter().map(|role| role.name()).collect::<Vec<_>>().join(","));
        say("logs", &logs.join(","));
        say("purpose", purpose);
        Ok(Self {
            name: name.as_str().into(),
            system: system.as_str().into(),
            unit: unit.as_str().into(),
            staff: staff.as_str().into(),
            roles: known,
            logs: logs.clone(),
            actor: Actor::named(&text),
            local: false,
        })
    }

    /// As stored with every event it posts: the name, and behind it what it was found to be, as `claim=value` in one order. No value
    /// holds a space, a comma or an equals sign.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Whether it is the server itself, or whoever reaches one without authentication.
    pub fn is_local(&self) -> bool {
        self.local
    }

    /// Whether it has a role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether it has to do with the jurisdiction of a log.
    pub fn covers(&self, log: &LogName) -> bool {
        let of = OfLog::jurisdiction(log);
        self.logs.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(beginning) => of.starts_with(beginning),
            None => of == pattern,
        })
    }
}

fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._:@/-".contains(&byte);
    text.len() <= NAME_LEN_MAX && text.bytes().all(plain)
}
