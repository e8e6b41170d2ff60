//! `xiaoer keys` and `xiaoer token`: what is needed to try authentication, and in development. Not a certificate authority: its root
//! key lies beside what it signed.

use super::note_key::{self, Signs};
use crate::{
    cli::{KeysArgs, NatsConfigArgs, TokenArgs},
    client::{Failure, say},
};
use anyhow::Context;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jiff::{ToSpan as _, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use ring::{
    rand::{SecureRandom, SystemRandom},
    signature::{Ed25519KeyPair, KeyPair as _},
};
use serde_json::{Value, json};
use std::{
    fs,
    io::Write as _,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};
use xiaoer_bus::accounts::{self, Accounts, Reads};
use xiaoer_domain::{
    LogName,
    permit::{Caller, Claims, OfLog, Role},
};
use xiaoer_server::TOKEN_AUDIENCE;

/// How long development certificates last.
const DAYS: i64 = 365;
/// Systems a client certificate is made for, with the role of each. People have tokens.
const SYSTEMS: [(&str, Role); 5] =
    [("hall", Role::Hall), ("portal", Role::Portal), ("centre", Role::Centre), ("analytics", Role::Analyst), ("node", Role::Node)];

/// Keys of checkpoints, by file: what the log signs, and a witness beside it.
const NOTE_KEYS: [(&str, &str, Signs); 2] =
    [("checkpoints", "xiaoer-development", Signs::Note), ("witness", "xiaoer-development-witness", Signs::Cosignature)];

/// Makes a root, certificates, a list of actors and signing keys in a folder that is not there yet.
pub(crate) fn run(args: &KeysArgs) -> Result<(), Failure> {
    let folder = make(&args.folder)?;
    let root = Root::new(folder)?;
    let mut hosts = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    hosts.extend(args.hosts.iter().cloned());
    root.sign(folder, "server", hosts, ExtendedKeyUsagePurpose::ServerAuth)?;
    let mut actors = String::from(ACTORS);
    for (system, role) in SYSTEMS {
        root.sign(folder, system, vec![system.into()], ExtendedKeyUsagePurpose::ClientAuth)?;
        actors.push_str(&format!(
            "\n[[actor]]\ncertificate = \"{system}\"\nname = \"{system}\"\nsystem = \"{system}\"\nroles = [\"{}\"]\nlogs = [\"*\"]\n",
            role.name()
        ));
    }
    write(folder, "actors.toml", &actors, 0o644)?;
    let tokens = signing_key(folder, "tokens.key")?;
    let key = json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "1", "x": BASE64.encode(tokens.public_key().as_ref())});
    write(folder, "tokens.json", &format!("{}\n", json!({"keys": [key]})), 0o644)?;
    write(folder, "security.toml", SECURITY, 0o644)?;
    for (file, name, signs) in NOTE_KEYS {
        let [private, public] = note_key::lines(name, signs, &seed()?).ok_or_else(|| anyhow::anyhow!("no key"))?;
        write(folder, &format!("{file}.key"), &private, 0o600)?;
        write(folder, &format!("{file}.pub"), &public, 0o644)?;
    }
    say(format_args!(
        "{}: a root, certificates of a server and of {} systems, a list of actors, keys of tokens, checkpoints and a witness",
        folder.display(),
        SYSTEMS.len()
    ));
    say(format_args!("for development: whoever reads this folder can be anyone"));
    Ok(())
}

const ACTORS: &str = "\
# Whom each client certificate stands for: docs/security.md. What a role may do: `xiaoer permits`.
";

const SECURITY: &str = "\
# For `xiaoer serve --security`; paths are from this folder. docs/security.md
actors = \"actors.toml\"

[tls]
certificate = \"server.pem\"
key = \"server.key\"
client_roots = \"root.pem\"

[tokens]
keys = \"tokens.json\"
issuer = \"xiaoer-development\"
audience = \"xiaoer\"
";
const ISSUER: &str = "xiaoer-development";

/// Signs a token with a key that `xiaoer keys` made, and prints it.
pub(crate) fn token(args: TokenArgs) -> Result<(), Failure> {
    let TokenArgs { key, name, system, unit, staff, roles, logs, purpose, hours } = args;
    let claims = Claims { name, system, unit, staff, roles, logs, purpose };
    // What the server would not take is not signed.
    Caller::new(&claims).map_err(Failure::Usage)?;
    let seed = fs::read(&key).with_context(|| format!("{}", key.display()))?;
    let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|_| Failure::Usage(format!("{}: no key", key.display())))?;
    let now = jiff::Timestamp::now().as_second();
    let said = json!({
        "iss": ISSUER, "aud": TOKEN_AUDIENCE, "sub": claims.name, "iat": now, "exp": now + i64::from(hours) * 3_600,
        "xiaoer": {
            "system": claims.system, "unit": claims.unit, "staff": claims.staff, "roles": claims.roles, "logs": claims.logs,
            "purpose": claims.purpose,
        },
    });
    let part = |value: &Value| BASE64.encode(value.to_string().as_bytes());
    let signed = format!("{}.{}", part(&json!({"alg": "EdDSA", "typ": "JWT", "kid": "1"})), part(&said));
    say(format_args!("{signed}.{}", BASE64.encode(pair.sign(signed.as_bytes()).as_ref())));
    Ok(())
}

/// Writes the configuration of a nats-server, and a seed for the relay and for each reader, in a folder that is not there yet.
pub(crate) fn nats_config(args: &NatsConfigArgs) -> Result<(), Failure> {
    let readers = args.readers.iter().map(|text| reader(text)).collect::<Result<Vec<_>, _>>()?;
    let folder = make(&args.folder)?;
    let absolute = |path: &Path| std::path::absolute(path).with_context(|| format!("{}", path.display()));
    let key = |name: &str| -> Result<String, Failure> {
        let (seed, public) = accounts::new_key().map_err(anyhow::Error::from)?;
        write(folder, &format!("{name}.seed"), &seed, 0o600)?;
        Ok(public)
    };
    let relay = key("relay")?;
    let readers = readers.into_iter().map(|(name, reads)| Ok((key(name)?, reads))).collect::<Result<_, Failure>>()?;
    let tls = args.server_certificate.as_deref().zip(args.server_key.as_deref());
    let accounts = Accounts {
        listen: args.listen.clone(),
        store: absolute(args.store.as_deref().unwrap_or(&folder.join("store")))?,
        tls: tls.map(|(certificate, key)| Ok::<_, Failure>((absolute(certificate)?, absolute(key)?))).transpose()?,
        relay,
        readers,
    };
    write(folder, "nats-server.conf", &accounts.to_string(), 0o644)?;
    let place = folder.display();
    say(format_args!("nats-server --config {place}/nats-server.conf"));
    say(format_args!("xiaoer serve --nats nats://{} --nats-seed {place}/relay.seed", args.listen));
    Ok(())
}

/// A reader by its name, and what it reads.
fn reader(text: &str) -> Result<(&str, Reads), Failure> {
    let usage = |why: String| Failure::Usage(format!("--reader {text}: {why}"));
    let (name, logs) = text
        .split_once('=')
        .ok_or_else(|| usage(format!("name the logs, as {text}=370306,370307; {text}=* reads all, sealed ones too")))?;
    if LogName::new(name).is_none() || name == "relay" {
        return Err(usage("a name of a-z, 0-9 and hyphen, and not `relay`".into()));
    }
    if logs == "*" {
        return Ok((name, Reads::All));
    }
    let log = |log: &str| match LogName::new(log) {
        None => Err(usage(format!("`{log}` is no name of a log"))),
        Some(log) if OfLog::of(&log) == OfLog::Access => {
            Err(usage(format!("{log} has no stream; who read what is asked of its server")))
        }
        Some(log) => Ok(log),
    };
    Ok((name, Reads::Logs(logs.split(',').map(log).collect::<Result<_, _>>()?)))
}

/// A new folder that only its owner reads.
fn make(folder: &Path) -> Result<&Path, Failure> {
    if folder.exists() {
        return Err(Failure::Refused(format!("{} is there already; keys are never written over", folder.display())));
    }
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).with_context(|| format!("{}", folder.display()))?;
    Ok(folder)
}

/// The root of a folder.
struct Root {
    issuer: Issuer<'static, KeyPair>,
}

impl Root {
    fn new(folder: &Path) -> Result<Self, Failure> {
        let key = KeyPair::generate().map_err(anyhow::Error::from)?;
        let mut params = params("xiaoer development root", Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let certificate = params.self_signed(&key).map_err(anyhow::Error::from)?;
        write(folder, "root.pem", &certificate.pem(), 0o644)?;
        write(folder, "root.key", &key.serialize_pem(), 0o600)?;
        Ok(Self { issuer: Issuer::new(params, key) })
    }

    /// A key and a certificate of these names.
    fn sign(&self, folder: &Path, name: &str, names: Vec<String>, purpose: ExtendedKeyUsagePurpose) -> Result<(), Failure> {
        let key = KeyPair::generate().map_err(anyhow::Error::from)?;
        let mut params = params(name, names)?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![purpose];
        let certificate = params.signed_by(&key, &self.issuer).map_err(anyhow::Error::from)?;
        write(folder, &format!("{name}.pem"), &certificate.pem(), 0o644)?;
        write(folder, &format!("{name}.key"), &key.serialize_pem(), 0o600)
    }
}

fn params(name: &str, names: Vec<String>) -> Result<CertificateParams, Failure> {
    let mut params = CertificateParams::new(names).map_err(|error| Failure::Usage(format!("--host: {error}")))?;
    params.distinguished_name.push(DnType::CommonName, name);
    let today = TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date();
    let day = |days: i64| {
        let day = today.saturating_add(days.days());
        date_time_ymd(i32::from(day.year()), day.month().unsigned_abs(), day.day().unsigned_abs())
    };
    // Clocks differ.
    (params.not_before, params.not_after) = (day(-1), day(DAYS));
    Ok(params)
}

fn seed() -> Result<[u8; 32], Failure> {
    let mut seed = [0; 32];
    SystemRandom::new().fill(&mut seed).map_err(|_| anyhow::anyhow!("no random numbers"))?;
    Ok(seed)
}

/// An Ed25519 key; its seed is the file.
fn signing_key(folder: &Path, name: &str) -> Result<Ed25519KeyPair, Failure> {
    let seed = seed()?;
    write_bytes(folder, name, &seed, 0o600)?;
    Ok(Ed25519KeyPair::from_seed_unchecked(&seed).map_err(|error| anyhow::anyhow!("{error}"))?)
}

fn write(folder: &Path, name: &str, text: &str, mode: u32) -> Result<(), Failure> {
    write_bytes(folder, name, text.as_bytes(), mode)
}

fn write_bytes(folder: &Path, name: &str, bytes: &[u8], mode: u32) -> Result<(), Failure> {
    let path = folder.join(name);
    let file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(&path);
    let written = file.and_then(|mut file| file.write_all(bytes));
    Ok(written.with_context(|| format!("{}", path.display()))?)
}
