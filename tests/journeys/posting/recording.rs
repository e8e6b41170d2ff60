//! Order, repeats and races.

use super::{LOG, decided_case, hold, note, on_disk, place, queued, received, release, request};
use bytes::Bytes;
use futures::{StreamExt, future::join_all, stream};
use prost::Message;
use tokio::time::timeout;
use tonic::Code;
use xiaoer_tests::{Client, Lab, PATIENCE, case, raw, refusal_of};
use xiaoer_wire::v1::{
    Event, PostRequest, PostResponse, PostStreamResponse, Receipt, Subject, check_response, post_stream_response::Outcome,
};

/// Revisions of a thing in the order of the log.
async fn revisions(client: &mut Client, subject: &Subject) -> Vec<u64> {
    let history = client.history(LOG, 0).await;
    let of_subject = history.into_iter().filter(|event| event.event.as_ref().unwrap().subject.as_ref() == Some(subject));
    of_subject.map(|event| event.revision).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_answers_in_order_and_goes_on_behind_refusals() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    let mut requests = Vec::new();
    let mut expected = Vec::new();
    for n in 0..100 {
        let id = format!("c{n}");
        let decided = decided_case(&id).remove(2);
        let no_id = Event { event_id: "1".into(), ..note(&id, "x") };
        let elsewhere = PostRequest { log: "nowhere".into(), ..request(vec![note(&id, "x")]) };
        requests.extend([
            request(vec![received(&id)]),
            request(vec![decided]),
            request(vec![note(&id, "a"), note(&id, "b")]),
            request(vec![no_id]),
            request(vec![received(&id)]),
            elsewhere,
            request(vec![note(&id, "c")]),
        ]);
        expected.extend(["1", "XE-CASE-NOT-ACCEPTED", "2 3", "XE-EVENT-ID", "1 again", "XE-LOG-UNKNOWN", "4"]);
    }
    let sent: Vec<Vec<String>> =
        requests.iter().map(|request| request.events.iter().map(|event| event.event_id.clone()).collect()).collect();
    let mut answers = client.posting.post_stream(stream::iter(requests)).await.unwrap().into_inner();
    let mut last = 0;
    for (index, expected) in expected.into_iter().enumerate() {
        let answer = timeout(PATIENCE, answers.message()).await.unwrap().unwrap().expect("an answer to each");
        assert_eq!(answer.index, index as u64);
        let found = match answer.outcome.unwrap() {
            Outcome::Refused(refusal) => refusal.code,
            Outcome::Accepted(PostResponse { receipts }) => {
                let ids: Vec<_> = receipts.iter().map(|receipt| receipt.event_id.clone()).collect();
                assert_eq!(ids, sent[index], "answers come in the order of the requests");
                let new = receipts.iter().filter(|receipt| !receipt.duplicate);
                new.for_each(|receipt| {
                    assert!(receipt.position > last, "and are recorded in it");
                    last = receipt.position;
                });
                let again = if receipts[0].duplicate { " again" } else { "" };
                let revisions: Vec<_> = receipts.iter().map(|receipt| receipt.revision.to_string()).collect();
                format!("{}{again}", revisions.join(" "))
            }
        };
        assert_eq!(found, expected, "request {index}");
    }
    assert_eq!(timeout(PATIENCE, answers.message()).await.unwrap().unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_entered_before_an_unreadable_message_is_answered() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    // Held, so that nothing is answered when the message that is none is read.
    let held = hold(&lab.data()).await;
    let good = (0..3).map(|n| Bytes::from(request(vec![received(&format!("c{n}"))]).encode_to_vec()));
    let messages: Vec<Bytes> = good.chain([Bytes::from_static(b"no message")]).collect();
    let answers =
        raw::stream::<PostStreamResponse>(&client.channel, "/xiaoer.v1.PostingService/PostStream", stream::iter(messages))
            .await
            .unwrap();
    queued(&mut client, 3).await;
    release(held).await;
    let answers: Vec<_> = timeout(PATIENCE, answers.collect()).await.unwrap();
    let revisions: Vec<_> = answers
        .iter()
        .map(|answer| match answer {
            Ok(PostStreamResponse { outcome: Some(Outcome::Accepted(response)), .. }) => Ok(response.receipts[0].revision),
            Ok(other) => panic!("{other:?}"),
            Err(status) => Err((refusal_of(status).0, status.code())),
        })
        .collect();
    assert_eq!(revisions, [Ok(1), Ok(1), Ok(1), Err(("XE-MESSAGE-UNREADABLE".into(), Code::InvalidArgument))]);
}

/// Without this a kill would have to hit the moment between the receipt and the commit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_a_receipt_is_seen_by_whoever_reads_the_file_at_once() {
    const POSTS: usize = 30;
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    let log = on_disk(&lab.data()).await;
    for n in 0..POSTS {
        let receipt = client.post(LOG, vec![received(&format!("c{n}"))]).await.unwrap().receipts.remove(0);
        assert_eq!(log.head().await.unwrap().position, receipt.position, "post {n}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_repeat_gets_the_first_receipts_also_after_a_restart() {
    let lab = Lab::new();
    let mut server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    let mut flagged = note("single", "a");
    flagged.source.as_mut().unwrap().unit_usci = "11370306XXXX000190".into();
    let requests = [vec![received("single")], vec![flagged], decided_case("list")].map(request);
    let mut first = Vec::new();
    for request in &requests {
        first.push(client.posting.post(request.clone()).await.unwrap().into_inner().receipts);
    }
    assert_eq!(first[1][0].flags, ["late_posted", "bad_unit_usci"]);
    assert!(first.iter().flatten().all(|receipt| !receipt.duplicate));
    let head = client.log(LOG).await.position;
    first.iter_mut().flatten().for_each(|receipt| receipt.duplicate = true);
    for round in ["at once", "after a stop", "after a kill"] {
        let mut client = server.client();
        let answers = client.posting.post_stream(stream::iter(requests.clone())).await.unwrap().into_inner();
        let streamed: Vec<_> = answers.map(|answer| answer.unwrap().outcome.unwrap()).collect().await;
        for ((request, first), streamed) in requests.iter().zip(&first).zip(streamed) {
            let expected = PostResponse { receipts: first.clone() };
            // A revision that has passed does not matter to what is recorded already.
            let stale = PostRequest { expected_revision: Some(77), ..request.clone() };
            let checked = client.posting.check(request.clone()).await.unwrap().into_inner().outcome.unwrap();
            assert_eq!(client.posting.post(stale).await.unwrap().into_inner(), expected, "{round}");
            assert_eq!(checked, check_response::Outcome::WouldAccept(expected.clone()), "{round}");
            assert_eq!(streamed, Outcome::Accepted(expected), "{round}");
        }
        assert_eq!(client.log(LOG).await.position, head, "{round}: nothing is recorded");
        match round {
            "at once" => assert!(server.stop().await.success()),
            _ => server.kill(),
        }
        server = lab.serve("off").await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_writers_with_one_revision_exactly_one_wins() {
    const ROUNDS: u64 = 60;
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    client.post(LOG, vec![received("race")]).await.unwrap();
    let writers = [server.client(), server.client()];
    for revision in 1..=ROUNDS {
        let posts = writers.iter().cloned().zip(["a", "b"]).map(|(mut writer, name)| {
            let note = note("race", &format!("{name}{revision}"));
            let request = PostRequest { expected_revision: Some(revision), ..request(vec![note]) };
            tokio::spawn(async move { writer.posting.post(request).await })
        });
        let (won, lost): (Vec<_>, Vec<_>) = join_all(posts).await.into_iter().map(Result::unwrap).partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 1), "revision {revision}");
        let receipt = won.into_iter().next().unwrap().unwrap().into_inner().receipts.remove(0);
        assert_eq!((receipt.revision, receipt.duplicate), (revision + 1, false));
        let refusal = refusal_of(lost[0].as_ref().unwrap_err());
        assert_eq!(refusal, ("XE-REVISION".into(), "expected_revision".into(), Code::FailedPrecondition));
    }
    assert_eq!(revisions(&mut client, &case("race")).await, (1..=ROUNDS + 1).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_sixteen_posts_of_one_event_one_is_recorded() {
    const ROUNDS: usize = 40;
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    client.post(LOG, vec![received("race")]).await.unwrap();
    let writers: Vec<_> = (0..16).map(|_| server.client()).collect();
    for round in 0..ROUNDS {
        let event = note("race", &format!("n{round}"));
        let posts = writers.iter().cloned().map(|mut writer| {
            let event = event.clone();
            tokio::spawn(async move { writer.post(LOG, vec![event]).await })
        });
        let receipts: Vec<_> = join_all(posts).await.into_iter().map(|post| post.unwrap().unwrap().receipts.remove(0)).collect();
        let new: Vec<_> = receipts.iter().filter(|receipt| !receipt.duplicate).collect();
        assert_eq!(new.len(), 1, "round {round}: {receipts:?}");
        let told = |receipt: &Receipt| (place(receipt), receipt.recorded_at, receipt.flags.clone());
        assert!(receipts.iter().all(|receipt| told(receipt) == told(new[0])), "round {round}: {receipts:?}");
    }
    assert_eq!(revisions(&mut client, &case("race")).await, (1..=ROUNDS as u64 + 1).collect::<Vec<_>>());
}
