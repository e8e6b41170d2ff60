//! Aim: tools that know no log find what they expect of any gRPC server: its health, until it stops, and the contract by reflection.

use bytes::Bytes;
use futures::stream;
use prost::Message;
use prost_reflect::prost_types;
use std::{collections::BTreeSet, time::Duration};
use tokio::time::{Instant, timeout};
use tonic::Code;
use tonic_health::pb::{HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, ServerReflectionResponse, server_reflection_request::MessageRequest as Ask,
    server_reflection_response::MessageResponse as Answer,
};
use xiaoer_tests::{Lab, PATIENCE, raw};
use xiaoer_wire::descriptors;

/// A stop without calls under way; a server that waits for its watchers takes 10 s.
const STOP: Duration = Duration::from_secs(5);

/// The two versions have the same messages.
const REFLECTION: [&str; 2] =
    ["/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn health_is_told_until_the_stop() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut health = HealthClient::new(server.client().channel);
    let of = |service: &str| HealthCheckRequest { service: service.into() };
    assert_eq!(health.check(of("")).await.unwrap().into_inner().status(), ServingStatus::Serving);
    assert_eq!(health.check(of("weather")).await.unwrap_err().code(), Code::NotFound);

    let mut watch = health.watch(of("")).await.unwrap().into_inner();
    let mut seen = Vec::new();
    let since = Instant::now();
    while let Some(answer) = timeout(PATIENCE, watch.message()).await.expect("it goes on").expect("no error") {
        seen.push(answer.status());
        if seen.len() == 1 {
            server.ask_to_stop();
        }
    }
    assert_eq!(seen, [ServingStatus::Serving, ServingStatus::NotServing]);
    assert!(server.stop().await.success());
    assert!(since.elapsed() < STOP, "whoever watches keeps nobody waiting: {:?}", since.elapsed());
}

/// Asks reflection one thing.
async fn reflect(lab: &xiaoer_tests::Server, method: &'static str, ask: Ask) -> Answer {
    let request = ServerReflectionRequest { host: String::new(), message_request: Some(ask) };
    let requests = stream::iter([Bytes::from(request.encode_to_vec())]);
    let mut answers = raw::stream::<ServerReflectionResponse>(&lab.client().channel, method, requests).await.unwrap();
    answers.message().await.unwrap().expect("an answer").message_response.expect("it says something")
}

/// Services and messages of a file, with their package.
fn symbols(file: &[u8]) -> BTreeSet<String> {
    let file = prost_types::FileDescriptorProto::decode(file).unwrap();
    let named =
        file.service.iter().filter_map(|it| it.name.as_deref()).chain(file.message_type.iter().filter_map(|it| it.name.as_deref()));
    named.map(|name| format!("{}.{name}", file.package())).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reflection_gives_the_whole_contract() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let contract: BTreeSet<String> = descriptors::pool().services().map(|service| service.full_name().to_owned()).collect();
    assert_eq!(contract.len(), 7, "{contract:?}");
    for method in REFLECTION {
        let Answer::ListServicesResponse(list) = reflect(&server, method, Ask::ListServices(String::new())).await else {
            panic!("{method}: no list")
        };
        let listed: BTreeSet<String> = list.service.into_iter().map(|service| service.name).collect();
        assert!(listed.is_superset(&contract), "{method}: {listed:?}");
        assert!(listed.contains("grpc.health.v1.Health"), "{method}: {listed:?}");
        for symbol in listed.iter().map(String::as_str).chain(["xiaoer.v1.Event"]) {
            let Answer::FileDescriptorResponse(files) = reflect(&server, method, Ask::FileContainingSymbol(symbol.into())).await
            else {
                panic!("{method}: no file of {symbol}")
            };
            assert!(files.file_descriptor_proto.iter().any(|file| symbols(file).contains(symbol)), "{method}: {symbol}");
        }
    }
    assert!(server.stop().await.success());
}
