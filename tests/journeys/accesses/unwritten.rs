//! Where the access log takes nothing, nothing is read; what is not protected goes on.

use super::{ACCESS, LOG, SEALED, code, drained, events_of, fill, received, replay_of, state_of};
use tonic::{Code as Grpc, Status};
use xiaoer_tests::{Client, Lab, UNIT, case, postgres, refusal_of, scope};
use xiaoer_wire::v1::{
    ExplainDeadlineRequest, ExplainMetricRequest, GetItemRequest, GetRequest, ListAccessesRequest, ListCasesRequest,
    ListUnitsRequest, SubscribeRequest, subscribe_response::Step,
};

/// Makes the database refuse every record, and take them again.
fn refuses(lab_is_file: bool) -> [&'static str; 2] {
    if lab_is_file {
        return ["CREATE TRIGGER refuses BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'no room'); END", "DROP TRIGGER refuses"];
    }
    [
        "ALTER TABLE event ADD CONSTRAINT refuses CHECK (fact <> 'AccessRecorded') NOT VALID",
        "ALTER TABLE event DROP CONSTRAINT refuses",
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_files() {
    nothing_is_read(&Lab::new(), refuses(true)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_postgres() {
    nothing_is_read(&Lab::on(&postgres::database("").await), refuses(false)).await;
}

async fn nothing_is_read(lab: &Lab, [refuse, take]: [&str; 2]) {
    let server = lab.serve("off").await;
    let mut client = server.client();
    client.open(LOG, false).await;
    client.open(SEALED, false).await;
    client.post(LOG, vec![received("A", UNIT)]).await.expect("a receipt");
    client.projected(LOG).await;
    assert!(protected(&mut client).await.iter().all(|(_, status)| status.as_ref().is_none_or(|status| code(status) != UNRECORDED)));
    let before = client.log(ACCESS).await.position;

    // A subscription that stands is told of no more than it may be without another record.
    let head = client.log(LOG).await.position;
    let live = SubscribeRequest { log: LOG.into(), after_position: head, ..SubscribeRequest::default() };
    let mut live = client.audit.subscribe(live).await.expect("a subscription").into_inner();
    lab.sql(ACCESS, refuse).await;
    for (call, status) in protected(&mut client).await {
        let status = status.unwrap_or_else(|| panic!("{call} is answered"));
        assert_eq!((&*refusal_of(&status).0, status.code()), (UNRECORDED, Grpc::Unavailable), "{call}");
    }
    // Posts and figures do not mind.
    fill(&mut client, LOG, "more", 22).await;
    client.metric(LOG, "backlog_receipt", ("", ""), "").await.expect("a figure");
    client.catalogue.list_units(ListUnitsRequest { log: LOG.into(), ..Default::default() }).await.expect("a list");
    let ended = loop {
        match live.message().await {
            Ok(Some(step)) => {
                if let Some(Step::Event(event)) = step.step {
                    assert!(event.position <= head + 10_000, "told without a record");
                }
            }
            Ok(None) => panic!("it ended without a word"),
            Err(status) => break status,
        }
    };
    assert_eq!(code(&ended), UNRECORDED);
    assert!(client.log(LOG).await.position > head + 10_000, "there was more to tell");
    assert_eq!(client.log(ACCESS).await.position, before + 1, "the subscription was recorded, and nothing since");

    lab.sql(ACCESS, take).await;
    client.audit.get_state(state_of(LOG, "A")).await.expect("it is answered again");
    let (events, none) =
        events_of(&mut client, SubscribeRequest { log: LOG.into(), history_only: true, ..Default::default() }).await;
    assert!(events > 10_000 && none.is_none(), "{events} {none:?}");
    assert!(server.stop().await.success());
}

const UNRECORDED: &str = "XE-ACCESS-UNRECORDED";

/// Every protected call, some of them refused for other reasons where they are read at all; what each ended with. None of them may
/// have given anything before.
async fn protected(client: &mut Client) -> Vec<(&'static str, Option<Status>)> {
    let log = || LOG.to_owned();
    let mut all = Vec::new();
    let mut streamed = |call, (count, ended): (usize, Option<Status>)| {
        assert!(count == 0 || ended.is_none(), "{call} gave {count} and failed");
        all.push((call, ended));
    };
    let (told, ended) = drained(client.audit.replay(replay_of(LOG, "A")).await).await;
    streamed("Replay", (told.len(), ended));
    let subscribe = SubscribeRequest { log: log(), history_only: true, ..Default::default() };
    let (told, ended) = drained(client.audit.subscribe(subscribe).await).await;
    streamed("Subscribe", (told.len(), ended));
    let members = ExplainMetricRequest { metric_id: "backlog_receipt".into(), scope: Some(scope(LOG, ("", ""), "")) };
    let (told, ended) = drained(client.audit.explain_metric(members).await).await;
    streamed("ExplainMetric", (told.len(), ended));
    all.push(("GetState", client.audit.get_state(state_of(LOG, "A")).await.err()));
    all.push(("GetState of nothing", client.audit.get_state(state_of(LOG, "none")).await.err()));
    let list = ListCasesRequest { log: log(), ..Default::default() };
    all.push(("ListCases", client.audit.list_cases(list).await.err()));
    let deadline = ExplainDeadlineRequest { log: log(), subject: Some(case("A")), clock: "receipt".into(), ..Default::default() };
    all.push(("ExplainDeadline", client.audit.explain_deadline(deadline).await.err()));
    let text = GetRequest { log: log(), r#ref: "v".repeat(26), ..Default::default() };
    all.push(("Get", client.person.get(text).await.err()));
    all.push(("ListAccesses", client.audit.list_accesses(ListAccessesRequest { log: log(), ..Default::default() }).await.err()));
    all.push(("GetMetric of a sealed log", client.metric(SEALED, "backlog_receipt", ("", ""), "").await.err()));
    let item = GetItemRequest { log: SEALED.into(), item_code: "none".into(), ..Default::default() };
    all.push(("GetItem of a sealed log", client.catalogue.get_item(item).await.err()));
    all
}
