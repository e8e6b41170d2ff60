//! Connections: plain, or with TLS and the certificate of the client, if it has one.
//!
//! Handshakes run beside each other and have a deadline, so that one that is slow, or never ends, holds up nobody else; so have the
//! first bytes of a connection, and the taking of what is written to it.

use super::{Tls, files::Watched, waits::Waits};
use crate::seldom::Seldom;
use futures::Stream;
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::WebPkiClientVerifier,
};
use sha2::{Digest as _, Sha256};
use std::{
    io,
    pin::Pin,
    sync::{Arc, PoisonError, RwLock},
    task::{Context, Poll},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::sync::CancellationToken;
use tonic::transport::server::Connected;

/// Connections that are open at a time; further ones wait in the system's queue.
const CONNECTIONS_MAX: usize = 10_000;
/// How long a handshake may take.
const HANDSHAKE_WAIT: Duration = Duration::from_secs(10);
/// How long is waited after a failure to accept, such as too many open files.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);
/// Failures to accept, of which a full table of files makes ten a second.
static NOT_ACCEPTED: Seldom = Seldom::new();

/// What is known of the other end of a connection.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    /// Its certificate, signed by one of the roots; none where it showed none.
    pub certificate: Option<Certificate>,
}

/// A certificate of a client.
#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    /// Its DNS names, in lower case.
    pub names: Vec<String>,
    /// Its SHA-256, as hexadecimal digits.
    pub sha256: String,
}

impl Certificate {
    /// Reads what is known of a certificate that was verified.
    pub(crate) fn read(der: &CertificateDer<'_>) -> Self {
        let names = webpki::EndEntityCert::try_from(der)
            .map(|certificate| certificate.valid_dns_names().map(str::to_ascii_lowercase).collect())
            .unwrap_or_default();
        Self { names, sha256: Sha256::digest(der).iter().map(|byte| format!("{byte:02x}")).collect() }
    }
}

/// A connection.
pub(crate) struct Connection {
    stream: Transport,
    peer: Peer,
    waits: Waits,
    _permit: OwnedSemaphorePermit,
}

enum Transport {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Connected for Connection {
    type ConnectInfo = Peer;

    fn connect_info(&self) -> Peer {
        self.peer.clone()
    }
}

/// The connections of a listener, until `stop`. The certificate is read again when it changes; connections that stand keep theirs.
pub(crate) fn incoming(
    listener: TcpListener,
    tls: Option<&Tls>,
    stop: &CancellationToken,
) -> io::Result<impl Stream<Item = io::Result<Connection>> + use<>> {
    let acceptor = tls.map(|tls| Acceptor::start(tls, stop)).transpose()?;
    let (ready, connections) = mpsc::channel(1);
    let stop = stop.clone();
    tokio::spawn(async move { stop.run_until_cancelled(accept(listener, acceptor, ready)).await });
    Ok(tokio_stream::wrappers::ReceiverStream::new(connections))
}

async fn accept(listener: TcpListener, acceptor: Option<Acceptor>, ready: mpsc::Sender<io::Result<Connection>>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                if let Some(others) = NOT_ACCEPTED.says(Instant::now()) {
                    tracing::warn!(%error, others, "a connection was not accepted");
                }
                tokio::time::sleep(ACCEPT_AGAIN).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let (ready, acceptor) = (ready.clone(), acceptor.clone());
        tokio::spawn(async move {
            let (stream, peer) = match acceptor {
                None => (Transport::Plain(stream), Peer { certificate: None }),
                Some(acceptor) => match acceptor.handshake(stream).await {
                    Ok((stream, peer)) => (Transport::Tls(stream), peer),
                    // Whoever it was did not get in; port scanners and health checks of a balancer come here too.
                    Err(error) => return tracing::debug!(%error, "no handshake"),
                },
            };
            let _ = ready.send(Ok(Connection { stream, peer, waits: Waits::new(), _permit: permit })).await;
        });
    }
}

/// Makes connections private, with the certificate in force.
#[derive(Clone)]
struct Acceptor(Arc<RwLock<Arc<ServerConfig>>>);

impl Acceptor {
    fn start(tls: &Tls, stop: &CancellationToken) -> io::Result<Self> {
        let Tls { certificate, key, client_roots } = tls.clone();
        let mut watched = Watched::new([certificate, key].into_iter().chain(client_roots));
        let acceptor = Self(Arc::new(RwLock::new(config(&watched.read()?)?)));
        let held = acceptor.clone();
        watched.watch("the certificate of the server", stop, move |files| {
            *held.0.write().unwrap_or_else(PoisonError::into_inner) = config(files)?;
            Ok(())
        });
        Ok(acceptor)
    }

    async fn handshake(&self, stream: TcpStream) -> io::Result<(Box<TlsStream<TcpStream>>, Peer)> {
        let config = Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner));
        let stream = tokio::time::timeout(HANDSHAKE_WAIT, TlsAcceptor::from(config).accept(stream)).await??;
        let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first()).map(Certificate::read);
        Ok((Box::new(stream), Peer { certificate }))
    }
}

/// Certificate, key and the roots of clients' certificates, in this order.
fn config(files: &[String]) -> io::Result<Arc<ServerConfig>> {
    let wrong = |why: String| io::Error::new(io::ErrorKind::InvalidData, format!("TLS: {why}"));
    let chain = certificates(&files[0]).map_err(&wrong)?;
    let key = PrivateKeyDer::from_pem_slice(files[1].as_bytes()).map_err(|error| wrong(format!("no private key: {error}")))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(error.to_string()))?;
    let builder = match files.get(2) {
        None => builder.with_no_client_auth(),
        Some(roots) => {
            let mut store = RootCertStore::empty();
            for root in certificates(roots).map_err(&wrong)? {
                store.add(root).map_err(|error| wrong(error.to_string()))?;
            }
            // A person with a token has no certificate; who has neither is refused by name, not by a broken handshake.
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(store), provider).allow_unauthenticated();
            builder.with_client_cert_verifier(verifier.build().map_err(|error| wrong(error.to_string()))?)
        }
    };
    let mut config = builder.with_single_cert(chain, key).map_err(|error| wrong(error.to_string()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()]; // gRPC, gRPC-Web
    Ok(Arc::new(config))
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let all: Vec<_> =
        CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    if all.is_empty() { Err("a file without a certificate".into()) } else { Ok(all) }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = match &mut this.stream {
            Transport::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Transport::Tls(stream) => Pin::new(stream).poll_read(cx, buffer),
        };
        this.waits.read(read, buffer.filled().len() - before, cx)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = match &mut this.stream {
            Transport::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Transport::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        };
        this.waits.written(written, cx)
    }

    fn poll_write_vectored(self: Pin<&mut Self>, cx: &mut Context<'_>, slices: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = match &mut this.stream {
            Transport::Plain(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            Transport::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
        };
        this.waits.written(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        match &self.stream {
            Transport::Plain(stream) => stream.is_write_vectored(),
            Transport::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = match &mut this.stream {
            Transport::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Transport::Tls(stream) => Pin::new(stream).poll_flush(cx),
        };
        this.waits.written(flushed, cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let shut = match &mut this.stream {
            Transport::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Transport::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        };
        this.waits.written(shut, cx)
    }
}
