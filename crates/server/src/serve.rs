//! Listening: the services on one address, until told to stop; then what has entered is answered.

use crate::{
    Node, Security,
    auth::{AuthLayer, Authority, incoming},
    guard::GuardLayer,
    services, status,
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::transport::Server;
use tonic_web::GrpcWebLayer;
use tower::util::MapResponseLayer;
use tower_http::cors::{Any, CorsLayer};
use xiaoer_wire::{
    descriptors,
    v1::{
        admin_service_server::AdminServiceServer, audit_service_server::AuditServiceServer,
        catalogue_service_server::CatalogueServiceServer, complaint_service_server::ComplaintServiceServer,
        metrics_service_server::MetricsServiceServer, person_service_server::PersonServiceServer,
    },
};

/// Largest post that is decoded: a list of 1,000 events of 64 KiB does not fit, one of usual events does.
const MESSAGE_BYTES_MAX: usize = 8 << 20;
/// The same of a question, whose longest is a scope with its hundred logs.
const QUESTION_BYTES_MAX: usize = 256 << 10;
/// The same of the vault: its content, as text or bytes, with what stands beside it.
const CONTENT_BYTES_MAX: usize = 512 << 10;
/// The same of the standard services, which are asked for a name; the health by anyone.
const NAME_BYTES_MAX: usize = 4 << 10;
/// Streams one connection may have open.
const STREAMS_PER_CONNECTION_MAX: u32 = 1_024;
/// Headers of a request: twice the longest token.
const HEADER_BYTES_MAX: u32 = 16 << 10;
/// What a connection, and one stream of it, may send ahead of being read.
const WINDOW_BYTES: u32 = 1 << 20;
/// A piece of it.
const FRAME_BYTES_MAX: u32 = 16 << 10;
/// How long a connection is silent before it is asked whether anyone is there, and how long the answer may take.
const KEEPALIVE: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(20)];
/// Calls that a connection has cancelled before they were looked at: one that makes more is cut (HTTP/2 rapid reset). A client that
/// cancels what it began waits for an answer at least now and then.
const CANCELLED_UNSEEN_MAX: usize = 64;
/// Streams that had to be reset for what the client sent, before its connection is cut.
const RESET_MAX: usize = 256;
/// How long calls under way may go on after a stop was asked for.
const DRAIN: Duration = Duration::from_secs(10);

/// A server that listens.
#[derive(Debug)]
pub struct Listening {
    /// The address, with the port it got.
    pub address: SocketAddr,
    done: tokio::task::JoinHandle<Result<(), tonic::transport::Error>>,
}

impl Listening {
    /// Waits until the server has ended.
    pub async fn ended(self) -> Result<(), tonic::transport::Error> {
        self.done.await.unwrap_or(Ok(()))
    }
}

/// Serves a node on an address until `shutdown`.
pub async fn serve(
    node: Arc<Node>,
    address: SocketAddr,
    security: &Security,
    shutdown: CancellationToken,
) -> std::io::Result<Listening> {
    let authority = Authority::start(security, &shutdown).await?;
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let (mut health, health_service) = tonic_health::server::health_reporter();
    health.set_service_status("", tonic_health::ServingStatus::Serving).await;
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(descriptors::BYTES)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
    };
    let wrong = |error: tonic_reflection::server::Error| std::io::Error::other(error.to_string());
    let (v1, v1alpha) = (reflection().build_v1().map_err(wrong)?, reflection().build_v1alpha().map_err(wrong)?);
    let audit = AuditServiceServer::new(services::audit::Audit::new(Arc::clone(&node)));
    let metrics = MetricsServiceServer::new(services::metrics::Metrics::new(Arc::clone(&node)));
    let catalogue = CatalogueServiceServer::new(services::catalogue::Catalogue::new(Arc::clone(&node)));
    let complaints = ComplaintServiceServer::new(services::complaint::Complaints::new(Arc::clone(&node)));
    let admin = AdminServiceServer::new(services::admin::Admin::new(Arc::clone(&node)));
    let person = PersonServiceServer::new(services::person::Person::new(Arc::clone(&node)));
    let router = Server::builder()
        .accept_http1(true) // gRPC-Web
        .max_concurrent_streams(STREAMS_PER_CONNECTION_MAX)
        .http2_max_header_list_size(HEADER_BYTES_MAX)
        .initial_connection_window_size(WINDOW_BYTES)
        .initial_stream_window_size(WINDOW_BYTES)
        .max_frame_size(FRAME_BYTES_MAX)
        .http2_keepalive_interval(Some(KEEPALIVE[0]))
        .http2_keepalive_timeout(Some(KEEPALIVE[1]))
        .http2_max_pending_accept_reset_streams(Some(CANCELLED_UNSEEN_MAX))
        .http2_max_local_error_reset_streams(Some(RESET_MAX))
        .layer(CorsLayer::new().allow_origin(Any).allow_headers(Any).expose_headers(Any))
        .layer(GrpcWebLayer::new())
        .layer(AuthLayer(authority))
        .layer(GuardLayer::default())
        .layer(MapResponseLayer::new(status::explain))
        .add_service(health_service.max_decoding_message_size(NAME_BYTES_MAX))
        .add_service(v1.max_decoding_message_size(NAME_BYTES_MAX))
        .add_service(v1alpha.max_decoding_message_size(NAME_BYTES_MAX))
        .add_service(services::posting::server(Arc::clone(&node)).max_decoding_message_size(MESSAGE_BYTES_MAX))
        .add_service(audit.max_decoding_message_size(QUESTION_BYTES_MAX))
        .add_service(metrics.max_decoding_message_size(QUESTION_BYTES_MAX))
        .add_service(complaints.max_decoding_message_size(QUESTION_BYTES_MAX))
        .add_service(catalogue.max_decoding_message_size(QUESTION_BYTES_MAX))
        .add_service(person.max_decoding_message_size(CONTENT_BYTES_MAX))
        .add_service(admin.max_decoding_message_size(QUESTION_BYTES_MAX));
    let incoming = incoming(listener, security.tls.as_ref(), &shutdown)?;
    let done = tokio::spawn(async move {
        let stopping = shutdown.clone();
        let served = router.serve_with_incoming_shutdown(incoming, async move { stopping.cancelled().await });
        let drained = async {
            shutdown.cancelled().await;
            // Live subscriptions end at once, and whoever watches the health sees the change and then the end; a call that is
            // stuck is cut off.
            node.stopping().cancel();
            health.set_service_status("", tonic_health::ServingStatus::NotServing).await;
            health.clear_service_status("").await;
            tokio::time::sleep(DRAIN).await;
        };
        let result = tokio::select! {
            result = served => result,
            () = drained => Ok(()),
        };
        node.stop().await;
        result
    });
    Ok(Listening { address, done })
}
