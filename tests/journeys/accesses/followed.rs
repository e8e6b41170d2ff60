//! Every node records what it answers itself: one that follows beside its copies, several servers of a database in one log.

use super::{ACCESS, LOG, SEALED, drained, received, records, replay_of, said, state_of};
use xiaoer_journal::Journal;
use xiaoer_tests::{Lab, Record, UNIT, case, postgres, until};
use xiaoer_wire::v1::{ListAccessesRequest, OpenLogRequest};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_follows() {
    let lab = Lab::new();
    let server = lab.serve("managed").await;
    server.client().open(LOG, false).await;
    server.client().post(LOG, vec![received("A", UNIT)]).await.expect("a receipt");
    server.client().relayed(LOG).await;
    let copies = [Lab::new(), Lab::on(&postgres::database("").await)];
    for (lab_of_node, again) in copies.iter().flat_map(|lab| [(lab, 1), (lab, 2)]) {
        // The second time beside what it wrote before.
        let node = lab_of_node.project(&server.nats_url(), &[]).await;
        let mut client = node.client();
        client.opened(LOG).await;
        client.log_until(LOG, "it is there", |status| status.replica && status.position > 1).await;
        until("the case is there", async || client.audit.get_state(state_of(LOG, "A")).await.ok()).await;
        assert!(!client.log(ACCESS).await.replica);
        assert!(drained(client.audit.replay(replay_of(LOG, "none")).await).await.1.is_some());
        let request = ListAccessesRequest { log: LOG.into(), subject: Some(case("none")), ..Default::default() };
        let mut found = client.audit.list_accesses(request).await.expect("a list").into_inner().accesses;
        found.retain(|access| access.read.as_ref().is_some_and(|read| read.call == "AuditService/Replay"));
        assert_eq!(found.len(), again, "{found:?}");
        let open = client.admin.open_log(OpenLogRequest { log: "370307".into(), ..Default::default() }).await;
        open.expect_err("it opens no log");
        assert!(node.stop().await.success());
    }
    assert_eq!(records(&lab.data()).await.len(), 0, "the server answered nothing");
    let streams = async_nats::jetstream::new(async_nats::connect(server.nats_url()).await.unwrap());
    assert!(streams.get_stream(format!("XIAOER-{ACCESS}")).await.is_err());
    assert!(server.stop().await.success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_of_one_database() {
    let url = postgres::database("").await;
    let labs = [Lab::on(&url), Lab::on(&url)];
    let servers = [labs[0].serve("off").await, labs[1].serve("off").await];
    servers[0].client().open(LOG, false).await;
    servers[0].client().post(LOG, vec![received("A", UNIT)]).await.expect("a receipt");
    // The other serves it as soon as it has looked, and not before it can record it.
    servers[1].client().opened(LOG).await;
    for server in &servers {
        server.client().audit.get_state(state_of(LOG, "A")).await.expect("a state");
    }
    // Another log of the jurisdiction is recorded in the same.
    servers[1].client().open(SEALED, false).await;
    servers[1].client().audit.get_state(state_of(SEALED, "A")).await.expect_err("there is none");
    let record = Record::of(&Journal::connect(&url).await.expect("the journal"), ACCESS).await;
    let read: Vec<_> = record.rows.into_iter().skip(1).map(|row| said(row).1.log).collect();
    assert_eq!(read, [LOG, LOG, SEALED]);
    let list = ListAccessesRequest { log: LOG.into(), of_log: SEALED.into(), ..Default::default() };
    assert_eq!(servers[0].client().audit.list_accesses(list).await.expect("a list").into_inner().accesses.len(), 1);
    for server in servers {
        assert!(server.stop().await.success());
    }
}
