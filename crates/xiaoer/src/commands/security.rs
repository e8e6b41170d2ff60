//! The file of `--security`: how callers of a server are known (docs/security.md).

use crate::client::Failure;
use anyhow::Context;
use serde::Deserialize;
use std::{
    fs,
    path::{Path, PathBuf},
};
use xiaoer_server::{Security, TOKEN_AUDIENCE, Tls, TokenSource};

/// The file of `--security`; paths are from its folder.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecurityFile {
    actors: Option<PathBuf>,
    tls: Option<TlsFiles>,
    tokens: Option<TokenKeys>,
    calls_per_second: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TlsFiles {
    certificate: PathBuf,
    key: PathBuf,
    client_roots: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenKeys {
    /// A file, or a URL.
    keys: String,
    #[serde(default)]
    issuer: String,
    audience: Option<String>,
}

/// Reads the file of `--security`.
pub(crate) fn read(path: &Path) -> Result<Security, Failure> {
    let text = fs::read_to_string(path).with_context(|| format!("the security file {}", path.display()))?;
    let file: SecurityFile = toml::from_str(&text).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let tokens = file.tokens.map(|TokenKeys { keys, issuer, audience }| TokenSource {
        keys: if keys.contains("://") { keys } else { folder.join(keys).display().to_string() },
        issuer,
        audience: audience.unwrap_or_else(|| TOKEN_AUDIENCE.into()),
    });
    let tls = file.tls.map(|TlsFiles { certificate, key, client_roots }| Tls {
        certificate: folder.join(certificate),
        key: folder.join(key),
        client_roots: client_roots.map(|roots| folder.join(roots)),
    });
    let actors = file.actors.map(|actors| folder.join(actors));
    let security = Security { tls, actors, tokens, calls_per_second: file.calls_per_second };
    if security.actors.is_some() && security.tls.as_ref().is_none_or(|tls| tls.client_roots.is_none()) {
        let text = "`actors` are known by their certificates: give `[tls]` with `client_roots`";
        return Err(Failure::Usage(format!("{}: {text}", path.display())));
    }
    Ok(security)
}
