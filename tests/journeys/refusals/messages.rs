//! What is no request: bytes that are no message, messages that are too long, calls that nobody serves.

use super::{good, post, questions::Refused, recorded};
use bytes::Bytes;
use futures::{StreamExt, stream};
use prost::Message;
use tonic::{Code as Grpc, Status, codec::CompressionEncoding};
use xiaoer_tests::{Client, raw};
use xiaoer_wire::v1::PostStreamResponse;

const STREAM: &str = "/xiaoer.v1.PostingService/PostStream";
/// Methods that take one message, of each service and of a kind that answers with a stream.
const METHODS: [&str; 8] = [
    "/xiaoer.v1.PostingService/Post",
    "/xiaoer.v1.PostingService/Check",
    "/xiaoer.v1.MetricsService/GetMetric",
    "/xiaoer.v1.CatalogueService/GetItem",
    "/xiaoer.v1.AdminService/OpenLog",
    "/xiaoer.v1.PersonService/Put",
    "/xiaoer.v1.AuditService/ListCases",
    "/xiaoer.v1.AuditService/Subscribe",
];
const NOWHERE: [&str; 3] = ["/xiaoer.v1.PostingService/Unpost", "/xiaoer.v2.PostingService/Post", "/Post"];

/// A message of field 1, a text, of a length; whole but for what the text holds.
fn text(length: usize, byte: u8) -> Bytes {
    let mut bytes = vec![0x0a];
    prost::encoding::encode_varint(length as u64, &mut bytes);
    bytes.extend(std::iter::repeat_n(byte, length));
    bytes.into()
}

async fn status(client: &Client, method: &'static str, message: Bytes) -> Option<Status> {
    raw::call::<PostStreamResponse>(&client.channel, method, message).await.err()
}

pub(super) async fn of_messages(client: &mut Client) -> Vec<Refused> {
    let unreadable = ("XE-MESSAGE-UNREADABLE", Grpc::InvalidArgument, "", "");
    let too_large = ("XE-MESSAGE-TOO-LARGE", Grpc::InvalidArgument, "", "");
    let not_served = ("XE-NOT-SERVED", Grpc::Unimplemented, "", "");
    let mut refused: Vec<Refused> = Vec::new();
    for method in METHODS {
        refused.push((method, status(client, method, Bytes::from_static(b"{\"log\": \"json\"}")).await, unreadable));
        refused.push((method, status(client, method, text(4, 0xff)).await, unreadable));
        refused.push((method, status(client, method, text(8 << 20, b'a')).await, too_large));
    }
    for (bytes, expected) in [(text(4, 0xff), unreadable), (text(8 << 20, b'a'), too_large)] {
        let requests = [post(vec![recorded()]).encode_to_vec().into(), bytes];
        let answers = raw::stream::<PostStreamResponse>(&client.channel, STREAM, stream::iter(requests)).await.expect("a stream");
        refused.push((STREAM, answers.map(Result::err).collect::<Vec<_>>().await.pop().flatten(), expected));
    }
    for method in NOWHERE {
        refused.push((method, status(client, method, Bytes::new()).await, not_served));
    }
    let mut compressing = client.posting.clone().send_compressed(CompressionEncoding::Gzip);
    refused.push(("compressed", compressing.post(good()).await.err(), not_served));
    refused
}
