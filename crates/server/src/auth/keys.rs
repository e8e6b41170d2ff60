//! Where the keys of tokens come from: a file, or a URL.

use super::files;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use std::{io, path::Path, time::Duration};

/// Largest answer of a URL.
const BYTES_MAX: usize = 1 << 20;
/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads the keys, as JSON. A URL is asked over `https`, or over `http` on this machine, with the roots of the system.
pub(super) async fn read(place: &str) -> io::Result<String> {
    if !place.contains("://") {
        return files::read(Path::new(place)).map_err(|error| io::Error::other(format!("the keys of tokens: {error}")));
    }
    let asked = tokio::time::timeout(PATIENCE, fetch(place)).await;
    asked.map_err(|_| named(place, "no answer in time"))?.map_err(|why| named(place, &why))
}

async fn fetch(url: &str) -> Result<String, String> {
    let url: http::Uri = url.parse().map_err(|_| "no URL".to_owned())?;
    // Keys from the network over a connection that anyone could be the other end of are anyone's.
    let loopback = matches!(url.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if url.scheme_str() != Some("https") && !loopback {
        return Err("keys are asked over https".into());
    }
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_native_roots()
        .map_err(|error| error.to_string())?
        .https_or_http()
        .enable_http1()
        .build();
    let client = Client::builder(TokioExecutor::new()).build::<_, Empty<bytes::Bytes>>(connector);
    let answer = client.get(url).await.map_err(|error| error.to_string())?;
    if !answer.status().is_success() {
        return Err(format!("status {}", answer.status()));
    }
    let body = Limited::new(answer.into_body(), BYTES_MAX).collect().await.map_err(|error| error.to_string())?;
    String::from_utf8(body.to_bytes().to_vec()).map_err(|_| "no text".into())
}

fn named(place: &str, why: &str) -> io::Error {
    io::Error::other(format!("the keys of tokens, {place}: {why}"))
}
