//! Sending many requests: one stream, a bounded window of unanswered ones, and going on after the server went away.
//!
//! A request whose answer was lost is sent again; the server knows it by its identity and gives the first receipt.

use crate::{
    cli::To,
    client::{Failure, connect},
};
use indicatif::{ProgressBar, ProgressStyle};
use std::{collections::VecDeque, time::Duration};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Streaming;
use xiaoer_wire::v1::{
    PostRequest, PostStreamResponse, Refusal, post_stream_response::Outcome, posting_service_client::PostingServiceClient,
};

/// Requests sent and not answered yet.
const WINDOW: usize = 2_000;
/// How often a lost server is looked for, and how long is waited in between.
const RECONNECTS_MAX: u32 = 120;
const RECONNECT_WAIT: Duration = Duration::from_millis(500);

/// What became of a run.
#[derive(Debug, Default, Clone, serde::Serialize)]
pub(crate) struct Summary {
    /// Events recorded now.
    pub recorded: u64,
    /// Events that had been recorded before.
    pub repeated: u64,
    /// Requests refused.
    pub refused: u64,
    /// Position of the last receipt.
    pub position: u64,
    /// The first refusals, with the number of the request.
    #[serde(skip)]
    pub refusals: Vec<(u64, Refusal)>,
}

/// Refusals that a summary shows.
const REFUSALS_SHOWN: usize = 20;

/// Sends requests in order and waits for every answer.
pub(crate) async fn send(
    to: &To,
    requests: impl Iterator<Item = Result<PostRequest, Failure>>,
    total: Option<u64>,
) -> Result<Summary, Failure> {
    let mut run =
        Run { requests, waiting: VecDeque::new(), answered: 0, ended: false, summary: Summary::default(), bar: bar(total) };
    let mut tries = 0;
    loop {
        let before = run.answered;
        match run.on_one_connection(to).await {
            Ok(()) => break,
            Err(Failure::Away(error)) => {
                tries = if run.answered == before { tries + 1 } else { 1 };
                if tries > RECONNECTS_MAX {
                    return Err(Failure::Away(error));
                }
                run.bar.set_message(format!("waiting for the server ({tries})"));
                tokio::time::sleep(RECONNECT_WAIT).await;
            }
            Err(other) => return Err(other),
        }
    }
    run.bar.finish_and_clear();
    Ok(run.summary)
}

fn bar(total: Option<u64>) -> ProgressBar {
    let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} requests, {per_sec}, {eta} left {msg}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}

struct Run<I> {
    requests: I,
    /// Sent on some connection and not answered.
    waiting: VecDeque<PostRequest>,
    answered: u64,
    ended: bool,
    summary: Summary,
    bar: ProgressBar,
}

impl<I: Iterator<Item = Result<PostRequest, Failure>>> Run<I> {
    async fn on_one_connection(&mut self, to: &To) -> Result<(), Failure> {
        let mut client = PostingServiceClient::new(connect(to).await?);
        let (sender, receiver) = mpsc::channel(WINDOW + 1);
        let again: Vec<PostRequest> = self.waiting.iter().cloned().collect();
        for request in again {
            // The channel holds a whole window.
            let _ = sender.send(request).await;
        }
        self.fill(&sender).await?;
        let mut answers: Streaming<PostStreamResponse> = client.post_stream(ReceiverStream::new(receiver)).await?.into_inner();
        while !self.waiting.is_empty() {
            match answers.message().await {
                // Not now, but later: the same as a server that is away.
                Ok(Some(PostStreamResponse { outcome: Some(Outcome::Refused(refusal)), .. })) if is_passing(&refusal) => {
                    return Err(Failure::Away(refusal.message));
                }
                Ok(Some(answer)) => self.take(answer),
                Ok(None) => return Err(Failure::Away("the server ended the stream".into())),
                Err(status) => return Err(lost(status)),
            }
            self.fill(&sender).await?;
        }
        Ok(())
    }

    async fn fill(&mut self, sender: &mpsc::Sender<PostRequest>) -> Result<(), Failure> {
        while !self.ended && self.waiting.len() < WINDOW {
            match self.requests.next() {
                Some(request) => {
                    let request = request?;
                    let _ = sender.send(request.clone()).await;
                    self.waiting.push_back(request);
                }
                None => self.ended = true,
            }
        }
        Ok(())
    }

    fn take(&mut self, answer: PostStreamResponse) {
        self.waiting.pop_front();
        match answer.outcome {
            Some(Outcome::Accepted(response)) => {
                for receipt in response.receipts {
                    let count = if receipt.duplicate { &mut self.summary.repeated } else { &mut self.summary.recorded };
                    *count += 1;
                    self.summary.position = self.summary.position.max(receipt.position);
                }
            }
            Some(Outcome::Refused(refusal)) => {
                self.summary.refused += 1;
                if self.summary.refusals.len() < REFUSALS_SHOWN {
                    self.summary.refusals.push((self.answered, refusal));
                }
            }
            None => {}
        }
        self.answered += 1;
        self.bar.inc(1);
    }
}

fn is_passing(refusal: &Refusal) -> bool {
    refusal.grpc_status == tonic::Code::Unavailable as i32 || refusal.grpc_status == tonic::Code::ResourceExhausted as i32
}

/// A stream that broke: the server is away, unless it said why.
fn lost(status: tonic::Status) -> Failure {
    use tonic::Code;
    match status.code() {
        Code::Unavailable | Code::Unknown | Code::Cancelled | Code::Internal | Code::Aborted => {
            Failure::Away(status.message().to_owned())
        }
        _ => status.into(),
    }
}
