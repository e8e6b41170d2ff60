//! gRPC-Web as a browser speaks it: over HTTP/1.1, with the status in the last frame of the body, or in the headers where no
//! message came before it.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use prost::Message;
use std::net::SocketAddr;
use tokio::{net::TcpStream, time::timeout};
use tonic::{Code, Status, codegen::http::HeaderMap};

use crate::PATIENCE;

/// The bit of a frame's first byte that says that it holds the trailers.
const TRAILERS: u8 = 0x80;

/// What came back.
#[derive(Debug)]
pub struct Answer<T> {
    /// The headers of the response.
    pub headers: HeaderMap,
    /// The messages of the body.
    pub messages: Vec<T>,
    /// How it ended.
    pub status: Status,
    /// Whether the status stood in the body, not in the headers.
    pub in_body: bool,
}

/// Calls a method by its path.
pub async fn call<T: Message + Default>(address: SocketAddr, method: &str, message: &impl Message) -> Answer<T> {
    call_within(address, method, message, "99999S").await
}

/// The same, with a time for the call in the form of gRPC, which this client does not keep itself.
pub async fn call_within<T: Message + Default>(address: SocketAddr, method: &str, message: &impl Message, time: &str) -> Answer<T> {
    let request = Request::post(method)
        .header("grpc-timeout", time)
        .header("host", address.to_string())
        .header("origin", "http://a.page.of.the.centre")
        .header("content-type", "application/grpc-web+proto")
        .header("x-grpc-web", "1")
        .body(Full::new(frame(message)))
        .expect("a request");
    let response = send(address, request).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (200, &"application/grpc-web+proto".parse().unwrap())
    );
    let (parts, body) = response.into_parts();
    let body = timeout(PATIENCE, body.collect()).await.expect("the body in time").expect("a body");
    assert!(body.trailers().is_none(), "a browser does not see the trailers of HTTP");
    answer(parts.headers, body.to_bytes())
}

/// Sends a request over a connection of its own.
pub async fn send(address: SocketAddr, request: Request<Full<Bytes>>) -> Response<Incoming> {
    let stream = TcpStream::connect(address).await.expect("a connection");
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP/1.1");
    tokio::spawn(connection);
    timeout(PATIENCE, sender.send_request(request)).await.expect("an answer in time").expect("an answer")
}

/// A message with its five bytes in front: not compressed, so long.
fn frame(message: &impl Message) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_u8(0);
    bytes.put_u32(u32::try_from(message.encoded_len()).expect("a short message"));
    message.encode(&mut bytes).expect("room");
    bytes.freeze()
}

fn answer<T: Message + Default>(headers: HeaderMap, mut body: Bytes) -> Answer<T> {
    let (mut messages, mut trailers) = (Vec::new(), None);
    while body.has_remaining() {
        assert!(trailers.is_none(), "nothing comes behind the trailers");
        let (flags, len) = (body.get_u8(), body.get_u32());
        let content = body.split_to(usize::try_from(len).expect("a length"));
        match flags {
            0 => messages.push(T::decode(content).expect("a message")),
            TRAILERS => trailers = Some(read_trailers(&content)),
            other => panic!("a frame of kind {other}"),
        }
    }
    let status = Status::from_header_map(trailers.as_ref().unwrap_or(&headers));
    Answer {
        messages,
        status: status.unwrap_or_else(|| Status::new(Code::Unknown, "no status")),
        in_body: trailers.is_some(),
        headers,
    }
}

/// Lines of `name:value`.
fn read_trailers(content: &[u8]) -> HeaderMap {
    let text = std::str::from_utf8(content).expect("ASCII");
    let line = |line: &str| {
        let (name, value) = line.split_once(':').expect("name:value");
        (name.parse::<hyper::header::HeaderName>().expect("a name"), value.trim().parse().expect("a value"))
    };
    text.lines().map(line).collect()
}
