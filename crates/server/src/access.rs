//! The other side of `auth`: how a client of a server makes itself known.

use std::{io, path::PathBuf, time::Duration};
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity},
};

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection to a server; each call carries the token, where there is one.
pub type Connection = InterceptedService<Channel, Bearer>;

/// What a client shows, as files.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// The root that the server's certificate is signed by; the roots of the system where none is given.
    pub roots: Option<PathBuf>,
    /// The client's certificate and its private key.
    pub certificate: Option<(PathBuf, PathBuf)>,
    /// A file with a token, read at each connection.
    pub token: Option<PathBuf>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// What was given is no URL, certificate, key or token.
    #[error("{0}")]
    Wrong(String),
    /// Nobody answers, or not as one who may be trusted.
    #[error("{0}")]
    Away(String),
}

impl Access {
    /// Connects to a server.
    ///
    /// # Errors
    /// As [`AccessError`] says.
    pub async fn connect(&self, url: &str) -> Result<Connection, AccessError> {
        let endpoint =
            Endpoint::from_shared(url.to_owned()).map_err(|_| AccessError::Wrong(format!("{url} is no URL of a server")))?;
        let mut endpoint = endpoint.connect_timeout(CONNECT_TIMEOUT).tcp_nodelay(true);
        if endpoint.uri().scheme_str() == Some("https") {
            endpoint = endpoint.tls_config(self.tls()?).map_err(|error| AccessError::Wrong(error.to_string()))?;
        }
        let bearer = Bearer(self.bearer()?);
        let away = |error: tonic::transport::Error| {
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
            AccessError::Away(format!("no server at {url}: {error}{cause}"))
        };
        Ok(InterceptedService::new(endpoint.connect().await.map_err(away)?, bearer))
    }

    fn tls(&self) -> Result<ClientTlsConfig, AccessError> {
        let mut tls = match &self.roots {
            Some(roots) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read(roots)?)),
            None => ClientTlsConfig::new().with_native_roots(),
        };
        if let Some((certificate, key)) = &self.certificate {
            tls = tls.identity(Identity::from_pem(read(certificate)?, read(key)?));
        }
        Ok(tls)
    }

    fn bearer(&self) -> Result<Option<MetadataValue<Ascii>>, AccessError> {
        let Some(path) = &self.token else { return Ok(None) };
        let token = format!("Bearer {}", read(path)?.trim());
        let mut value: MetadataValue<Ascii> =
            token.parse().map_err(|_| AccessError::Wrong(format!("{}: no token", path.display())))?;
        value.set_sensitive(true);
        Ok(Some(value))
    }
}

fn read(path: &PathBuf) -> Result<String, AccessError> {
    std::fs::read_to_string(path).map_err(|error: io::Error| AccessError::Wrong(format!("{}: {error}", path.display())))
}

/// Puts the token into each call. It does not show it.
#[derive(Clone)]
pub struct Bearer(Option<MetadataValue<Ascii>>);

impl std::fmt::Debug for Bearer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Bearer(…)" } else { "Bearer(none)" })
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request.metadata_mut().insert("authorization", token.clone());
        }
        Ok(request)
    }
}
