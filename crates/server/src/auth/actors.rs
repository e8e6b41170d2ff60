//! The list of actors: whom each client certificate stands for.
//!
//! ```toml
//! [[actor]]
//! certificate = "hall-a"          # a DNS name of the certificate; or sha256 = "…", its fingerprint
//! name = "hall-a"
//! system = "hall"
//! unit = "11370306XXXX00019K"
//! roles = ["department"]
//! logs = ["370306"]
//! ```

use super::incoming::Certificate;
use serde::Deserialize;
use std::{collections::HashMap, io, sync::Arc};
use xiaoer_domain::permit::{Caller, Claims};

/// Most actors of a list.
const ACTORS_MAX: usize = 10_000;

/// Callers by the name or the fingerprint of their certificate.
#[derive(Default)]
pub(crate) struct Actors {
    by_name: HashMap<String, Arc<Caller>>,
    by_fingerprint: HashMap<String, Arc<Caller>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    actor: Vec<Actor>,
}

/// A line of the list; `Claims`, with what the certificate is known by.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Actor {
    certificate: Option<String>,
    sha256: Option<String>,
    name: String,
    #[serde(default)]
    system: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    staff: String,
    roles: Vec<String>,
    logs: Vec<String>,
    #[serde(default)]
    purpose: String,
}

impl Actors {
    /// Reads a list.
    pub(crate) fn read(text: &str) -> io::Result<Self> {
        let file: File = toml::from_str(text).map_err(|error| wrong(&error.to_string()))?;
        if file.actor.len() > ACTORS_MAX {
            return Err(wrong(&format!("more than {ACTORS_MAX} actors")));
        }
        let mut actors = Self::default();
        for (n, actor) in (1..).zip(file.actor) {
            let Actor { certificate, sha256, name, system, unit, staff, roles, logs, purpose } = actor;
            let claims = Claims { name, system, unit, staff, roles, logs, purpose };
            let caller = Arc::new(Caller::new(&claims).map_err(|why| wrong(&format!("actor {n}: {why}")))?);
            let twice = match (certificate, sha256) {
                (Some(name), None) => actors.by_name.insert(name.to_ascii_lowercase(), caller),
                (None, Some(print)) if is_fingerprint(&print) => actors.by_fingerprint.insert(print.to_ascii_lowercase(), caller),
                _ => return Err(wrong(&format!("actor {n}: give `certificate`, or `sha256` as 64 hexadecimal digits"))),
            };
            if twice.is_some() {
                return Err(wrong(&format!("actor {n}: a certificate stands for one actor")));
            }
        }
        Ok(actors)
    }

    /// Whom a certificate stands for: the fingerprint first, since it is said of this certificate alone.
    pub(crate) fn find(&self, certificate: &Certificate) -> Result<Arc<Caller>, String> {
        if let Some(caller) = self.by_fingerprint.get(&certificate.sha256) {
            return Ok(Arc::clone(caller));
        }
        let mut named = certificate.names.iter().filter_map(|name| self.by_name.get(name));
        match (named.next(), named.next()) {
            (Some(caller), None) => Ok(Arc::clone(caller)),
            // It would be whoever is looked up first.
            (Some(_), Some(_)) => Err("a certificate with the names of two actors".into()),
            (None, _) => Err(format!("a certificate that stands for no actor, with fingerprint {}", certificate.sha256)),
        }
    }
}

fn is_fingerprint(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn wrong(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the list of actors: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(names: &[&str], print: &str) -> Certificate {
        Certificate { names: names.iter().map(|&name| name.into()).collect(), sha256: print.repeat(64) }
    }

    const TWO: &str = r#"
        [[actor]]
        certificate = "Hall-A"
        name = "hall"
        roles = ["hall"]
        logs = ["370306"]
        [[actor]]
        sha256 = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"
        name = "audit"
        roles = ["supervision"]
        logs = ["*"]
        [[actor]]
        certificate = "other"
        name = "other"
        roles = []
        logs = []
    "#;

    #[test]
    fn whom_a_certificate_stands_for() {
        let actors = Actors::read(TWO).unwrap();
        let name = |certificate: Certificate| actors.find(&certificate).map(|caller| caller.name.to_string()).ok();
        let table = [
            (certificate(&["hall-a"], "a"), Some("hall")),
            (certificate(&["x", "hall-a"], "a"), Some("hall")),
            (certificate(&["hall-a"], "b"), Some("audit")),
            (certificate(&["hall-a", "other"], "a"), None),
            (certificate(&["hall"], "a"), None),
            (certificate(&[], "a"), None),
        ];
        for (certificate, expected) in table {
            assert_eq!(name(certificate.clone()).as_deref(), expected, "{certificate:?}");
        }
    }

    #[test]
    fn lists_that_are_none() {
        let line = |certificate: &str, name: &str, role: &str| {
            format!("[[actor]]\n{certificate}\nname = \"{name}\"\nroles = [\"{role}\"]\nlogs = [\"370306\"]\n")
        };
        let hall = line("certificate = \"a\"", "hall", "hall");
        assert!(Actors::read(&hall).is_ok() && Actors::read("").is_ok());
        let table = [
            format!("{hall}{hall}"),
            line("", "hall", "hall"),
            line("certificate = \"a\"\nsha256 = \"b\"", "hall", "hall"),
            line("sha256 = \"b\"", "hall", "hall"),
            line("certificate = \"a\"", "hall", "king"),
            line("certificate = \"a\"", "local", "hall"),
            line("certificate = \"a\"\nrole = \"x\"", "hall", "hall"),
            "actor = 1".into(),
        ];
        for text in table {
            assert!(Actors::read(&text).is_err(), "{text}");
        }
    }
}
