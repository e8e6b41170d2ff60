//! What the vault refuses.

use super::{SYNTHETIC, questions::Refused};
use tonic::{Code as Grpc, Response, Status};
use uuid::Uuid;
use xiaoer_tests::Client;
use xiaoer_wire::v1::{
    DestroyEpochRequest, EraseRequest, EraseResponse, GetRequest, LiftHoldRequest, LiftHoldResponse, PlaceHoldRequest,
    PlaceHoldResponse, PutRequest, PutResponse, RetentionClass, VaultKind,
};

fn content(request: u128, kind: VaultKind, person: &str, retention: RetentionClass) -> PutRequest {
    PutRequest {
        log: SYNTHETIC.into(),
        request_id: Uuid::from_u128(request).to_string(),
        kind: kind.into(),
        person: person.into(),
        content: b"content".to_vec(),
        retention_class: retention.into(),
        ..PutRequest::default()
    }
}

impl Vault<'_> {
    async fn put(&mut self, request: PutRequest) -> Result<String, Status> {
        let placed: Response<PutResponse> = self.0.person.put(request).await?;
        Ok(placed.into_inner().r#ref.expect("a reference").r#ref)
    }

    async fn erase(&mut self, of: &str, authority: &str) -> Result<Response<EraseResponse>, Status> {
        let request = EraseRequest { log: SYNTHETIC.into(), r#ref: of.into(), authority: authority.into(), reason: "asked".into() };
        self.0.person.erase(request).await
    }

    async fn place(&mut self, of: &str, hold: &str, authority: &str) -> Result<Response<PlaceHoldResponse>, Status> {
        let (log, r#ref, hold_id) = (SYNTHETIC.into(), of.into(), hold.into());
        self.0.person.place_hold(PlaceHoldRequest { log, r#ref, hold_id, authority: authority.into(), reason: "r".into() }).await
    }

    async fn lift(&mut self, of: &str, hold: &str) -> Result<Response<LiftHoldResponse>, Status> {
        let (log, r#ref, hold_id) = (SYNTHETIC.into(), of.into(), hold.into());
        self.0.person.lift_hold(LiftHoldRequest { log, r#ref, hold_id, authority: "a".into(), reason: "r".into() }).await
    }
}

/// The vault, asked by a client.
struct Vault<'a>(&'a mut Client);

pub(super) async fn of_persons(client: &mut Client) -> Vec<Refused> {
    use Grpc::{AlreadyExists, FailedPrecondition, InvalidArgument, NotFound};
    let mut vault = Vault(client);
    let person = content(1, VaultKind::Person, "", RetentionClass::None);
    let of = vault.put(person.clone()).await.unwrap();
    let text = vault.put(content(2, VaultKind::Text, &of, RetentionClass::None)).await.unwrap();
    let kept = vault.put(content(3, VaultKind::Text, "", RetentionClass::Short)).await.unwrap();
    let mut all: Vec<Refused> = Vec::new();

    let other = PutRequest { content: b"other".to_vec(), ..person.clone() };
    all.push(("a request used again", vault.put(other).await.err(), ("XE-REQUEST-REUSED", AlreadyExists, "request_id", "")));
    let nobody = content(4, VaultKind::Text, "nobody", RetentionClass::None);
    all.push(("a text of nobody known", vault.put(nobody).await.err(), ("XE-REF-UNKNOWN", NotFound, "person", "")));
    let elsewhere = PutRequest { log: "nowhere".into(), ..person.clone() };
    all.push(("a log that is none", vault.put(elsewhere).await.err(), ("XE-LOG-UNKNOWN", NotFound, "log", "")));
    let empty = PutRequest { content: Vec::new(), request_id: Uuid::from_u128(5).to_string(), ..person.clone() };
    all.push(("no content", vault.put(empty).await.err(), ("XE-FIELD-MISSING", InvalidArgument, "content", "")));
    let request = GetRequest { log: SYNTHETIC.into(), r#ref: "nothing".into(), commitment: Vec::new() };
    all.push(("nothing there", vault.0.person.get(request.clone()).await.err(), ("XE-REF-UNKNOWN", NotFound, "ref", "")));
    let short = GetRequest { r#ref: of.clone(), commitment: vec![1], ..request };
    all.push(("half a commitment", vault.0.person.get(short).await.err(), ("XE-FIELD-INVALID", InvalidArgument, "commitment", "")));

    let telephone = ("XE-PERSONAL-DATA", InvalidArgument, "authority", "");
    all.push(("a telephone as authority", vault.erase(&of, "13812345678").await.err(), telephone));
    all.push(("nobody allows it", vault.erase(&of, "").await.err(), ("XE-FIELD-MISSING", InvalidArgument, "authority", "")));
    all.push(("a text of a person", vault.erase(&text, "a").await.err(), ("XE-TEXT-OF-PERSON", FailedPrecondition, "ref", "")));
    all.push((
        "before its time",
        vault.erase(&kept, "a").await.err(),
        ("XE-RETENTION", FailedPrecondition, "ref", "retention_years"),
    ));
    let lifted = ("XE-HOLD-UNKNOWN", FailedPrecondition, "ref", "person:Kept:LegalHoldLifted");
    all.push(("a hold that is none", vault.lift(&of, "h").await.err(), lifted));
    // A hold on a text of his holds him; the same call again is the same hold.
    let first = vault.place(&text, "h", "a").await.unwrap().into_inner();
    assert_eq!((&first.r#ref, vault.place(&of, "h", "a").await.unwrap().into_inner().position), (&of, first.position));
    all.push(("another hold of the id", vault.place(&of, "h", "b").await.err(), ("XE-HOLD-EXISTS", FailedPrecondition, "ref", "")));
    let held = ("XE-LEGAL-HOLD", FailedPrecondition, "ref", "person:Held:PersonErased");
    all.push(("under a hold", vault.erase(&of, "a").await.err(), held));
    let request = GetRequest { log: SYNTHETIC.into(), r#ref: of.clone(), commitment: Vec::new() };
    assert_eq!(vault.0.person.get(request).await.unwrap().into_inner().content, b"content", "what is refused harms nothing");
    vault.lift(&of, "h").await.unwrap();
    let erased = vault.erase(&of, "a").await.unwrap().into_inner().erasure.unwrap();
    assert_eq!(vault.erase(&of, "b").await.unwrap().into_inner().erasure.unwrap(), erased, "erased once");
    let text_of_erased = content(6, VaultKind::Text, &of, RetentionClass::None);
    all.push(("a text of who is erased", vault.put(text_of_erased).await.err(), ("XE-ERASED", FailedPrecondition, "person", "")));
    all.push(("put again", vault.put(person).await.err(), ("XE-ERASED", FailedPrecondition, "request_id", "")));
    let late = ("XE-ERASED", FailedPrecondition, "ref", "person:Erased:LegalHoldPlaced");
    all.push(("a hold too late", vault.place(&of, "late", "a").await.err(), late));

    let destroy = async |client: &mut Client, epoch| client.person.destroy_epoch(DestroyEpochRequest { epoch }).await.err();
    let in_use = ("XE-EPOCH-IN-USE", FailedPrecondition, "epoch", "");
    all.push(("the current epoch", destroy(vault.0, 1).await, in_use));
    all.push(("no epoch", destroy(vault.0, 9).await, ("XE-EPOCH-UNKNOWN", NotFound, "epoch", "")));
    all
}
