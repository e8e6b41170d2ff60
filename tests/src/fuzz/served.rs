//! Requests as a server answers them: what lies between a decoded request and its answer.
//!
//! The server is the program itself, with the synthetic district in its log; it is stopped where the target is dropped.

use super::{Check, contract, mutate::CANARY, rules, seeds};
use crate::{Client, Lab, Server, raw, refusal_of};
use bytes::Bytes;
use std::{sync::LazyLock, time::Duration};
use tokio::{runtime::Runtime, time::timeout};
use tonic::{Code, Status};
use xiaoer_wire::{descriptors, v1};

/// How long an answer is waited for. Questions about positions to come wait longer, and that is theirs to do.
const WAIT: Duration = Duration::from_millis(250);
/// Answers of a stream that are read.
const ANSWERS_MAX: usize = 3;
/// Longest message of a refusal, in bytes.
const MESSAGE_MAX: usize = 1_000;

/// Methods that are left out: every log that is opened is kept, and so is the key of every epoch.
const LEFT_OUT: [&str; 2] = ["OpenLog", "Rotate"];

/// Paths of the methods, and whether the answer is a stream; without `PostStream`, which does what `Post` does.
static METHODS: LazyLock<Vec<(&'static str, String, bool)>> = LazyLock::new(|| {
    let methods = descriptors::pool().services().flat_map(|service| service.methods().collect::<Vec<_>>());
    methods
        .filter(|method| !method.is_client_streaming() && !LEFT_OUT.contains(&method.name()))
        .map(|method| {
            let path: &'static str = format!("/{}/{}", method.parent_service().full_name(), method.name()).leak();
            (path, method.input().name().to_owned(), method.is_server_streaming())
        })
        .collect()
});

struct Served {
    runtime: Runtime,
    client: Client,
    server: Server,
    _lab: Lab,
}

/// A server that lived through the district, and what asks it.
pub(super) fn target() -> Check {
    let runtime = Runtime::new().expect("a runtime");
    let lab = Lab::new();
    let server = runtime.block_on(lab.serve("off"));
    let client = runtime.block_on(async { server.client() });
    let served = Served { runtime, client, server, _lab: lab };
    served.runtime.block_on(served.fill());
    Box::new(move |bytes| served.ask(bytes))
}

impl Served {
    async fn fill(&self) {
        let mut client = self.client.clone();
        client.open(seeds::log().as_str(), true).await;
        for post in rules::district() {
            let request = v1::PostRequest {
                log: seeds::log().to_string(),
                events: post.events,
                mode: post.mode.into(),
                simulated_recorded_at: Some(post.simulated_recorded_at.into()),
                ..v1::PostRequest::default()
            };
            client.posting.post(request).await.expect("a post of the district");
        }
    }

    /// Every request is answered or refused with a code that is no mistake of ours, by a server that goes on.
    fn ask(&self, bytes: &[u8]) -> String {
        let Some((&call, message)) = bytes.split_first() else { return "nothing".into() };
        let (path, _, streams) = &METHODS[usize::from(call) % METHODS.len()];
        let request = Bytes::copy_from_slice(message);
        let answer = self.runtime.block_on(async { timeout(WAIT, self.call(path, *streams, request)).await });
        let outcome = match answer {
            Err(_) => "waits".into(),
            Ok(Ok(())) => "answered".into(),
            Ok(Err(status)) => self.refused(path, &status),
        };
        format!("{path} {outcome}")
    }

    async fn call(&self, path: &'static str, streams: bool, request: Bytes) -> Result<(), Status> {
        if !streams {
            return raw::call::<()>(&self.client.channel, path, request).await;
        }
        let mut answers = raw::answers::<()>(&self.client.channel, path, request).await?;
        for _ in 0..ANSWERS_MAX {
            if answers.message().await?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn refused(&self, path: &str, status: &Status) -> String {
        let (code, ..) = refusal_of(status);
        let ours = code.starts_with("XE-") && !["XE-INTERNAL", "XE-PROJECTION-STOPPED", "XE-UNAVAILABLE"].contains(&code.as_str());
        let known = !matches!(status.code(), Code::Unknown | Code::Internal | Code::DataLoss | Code::Cancelled | Code::Aborted);
        // Who names a leaf that the log does not hold is told so, whatever he made it of.
        let known = known || (code == "XE-LOG-REWOUND" && path.ends_with("/Subscribe"));
        assert!(ours && known, "{path}: {status:?}\n{}", self.server.said());
        assert!(!status.message().contains(CANARY), "{path}: the refusal repeats what was sent: {status:?}");
        // A client gives up a connection over which longer headers come, with all its other calls.
        assert!(status.message().len() < MESSAGE_MAX, "{path}: the refusal is too long: {status:?}");
        code
    }
}

/// Of each question one that is answered and one with every field set; posts and checks of some facts.
pub(super) fn requests() -> Vec<Vec<u8>> {
    let with = |call: usize, message: &[u8]| [&[u8::try_from(call).expect("few methods")], message].concat();
    let mut all = Vec::new();
    for (call, (_, input, _)) in METHODS.iter().enumerate() {
        match (contract::request_of(input, &answered), contract::full_request(input)) {
            (Some(answered), Some(full)) => all.extend([answered, full].map(|request| with(call, &request))),
            _ => all.extend(seeds::requests().iter().step_by(10).map(|request| with(call, request))),
        }
    }
    all
}

/// Texts of a question that the district answers; other fields are left out.
fn answered(field: &str) -> Option<&'static str> {
    static CASE: LazyLock<v1::Subject> = LazyLock::new(rules::a_case);
    Some(match field {
        "log" | "logs" => "370306",
        "system" => &CASE.system,
        "id" => &CASE.id,
        "kind" => &CASE.kind,
        "subject" | "scope" | "period" | "step" | "page_size" | "history_only" => "",
        "on" | "valid_on" | "to" => "2026-03-31",
        "from" => "2026-03-01",
        "clock" => "promised",
        "metric_id" => "on_time_rate_promised",
        _ => return None,
    })
}
