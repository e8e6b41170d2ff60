//! `xiaoer simulate`: a synthetic district, posted as it would have been lived through.

use super::post::report;
use crate::{
    cli::{SimulateArgs, To},
    client::{Failure, connect, say_json},
    sender::send,
};
use std::collections::{HashMap, hash_map::Entry};
use uuid::Uuid;
use xiaoer::simulate::{District, Kept, Post, kept, posts, referring, sealed_posts};
use xiaoer_domain::{LogName, permit::OfLog};
use xiaoer_server::Connection;
use xiaoer_wire::v1::{
    Event, GetStatusRequest, ListCasesRequest, OpenLogRequest, PostRequest, PutRequest, RetentionClass, TextRef, VaultKind,
    admin_service_client::AdminServiceClient, audit_service_client::AuditServiceClient, person_service_client::PersonServiceClient,
};

/// Most cases of a district whose persons and texts go into the vault: each takes a commit of its own, and all are held meanwhile.
const VAULT_CASES_MAX: u32 = 20_000;
/// Namespace of the ids of requests to the vault; drawn once.
const NAMESPACE: Uuid = uuid::uuid!("c0a8f2d4-1b7e-4a55-9d7c-52e1f36b9a08");

pub(crate) async fn run(to: &To, args: SimulateArgs) -> Result<(), Failure> {
    let from = args.from.parse().map_err(|_| Failure::Usage(format!("--from {}: a date is YYYY-MM-DD", args.from)))?;
    if args.vault && args.cases > VAULT_CASES_MAX {
        return Err(Failure::Usage(format!("--vault is for at most {VAULT_CASES_MAX} cases")));
    }
    let district = District { log: to.log.clone(), seed: args.seed, cases: args.cases, from, months: args.months };
    let sealed = format!("{}-sealed", to.log);
    if args.print {
        let requests = posts(&district).map(request(&to.log)).chain(sealed_posts(&district).into_iter().map(request(&sealed)));
        return requests.into_iter().try_for_each(|request| say_json(&request));
    }
    let mut admin = AdminServiceClient::new(connect(to).await?);
    if args.if_empty && is_used(to, &mut admin).await? {
        return Ok(());
    }
    for log in [&to.log, &sealed] {
        admin.open_log(OpenLogRequest { log: log.clone(), synthetic: true, ..OpenLogRequest::default() }).await?;
    }
    if !args.vault {
        report(to, &send(to, posts(&district).map(request(&to.log)).map(Ok), None).await?)?;
        return report(to, &send(to, sealed_posts(&district).into_iter().map(request(&sealed)).map(Ok), None).await?);
    }
    for (log, posts) in [(&to.log, posts(&district).collect()), (&sealed, sealed_posts(&district))] {
        let posts = put_all(to, log, posts).await?;
        report(to, &send(to, posts.into_iter().map(request(log)).map(Ok), None).await?)?;
    }
    Ok(())
}

/// Puts what the events refer to into the vault of a log; gives the posts with the references that it gave.
async fn put_all(to: &To, log: &str, mut posts: Vec<Post>) -> Result<Vec<Post>, Failure> {
    let mut vault = PersonServiceClient::new(connect(to).await?);
    let mut given: HashMap<String, TextRef> = HashMap::new();
    for event in posts.iter().flat_map(|post| &post.events) {
        for what in kept(event) {
            if let Entry::Vacant(place) = given.entry(what.reference.clone()) {
                place.insert(vault.put(put(log, event, &what)).await?.into_inner().r#ref.unwrap_or_default());
            }
        }
    }
    for event in posts.iter_mut().flat_map(|post| &mut post.events) {
        *event = referring(std::mem::take(event), &given);
    }
    Ok(posts)
}

/// The same for the same reference, so that a run again gets the same answer.
fn put(log: &str, event: &Event, what: &Kept) -> PutRequest {
    PutRequest {
        log: log.to_owned(),
        request_id: Uuid::new_v5(&NAMESPACE, format!("{log}/{}", what.reference).as_bytes()).to_string(),
        kind: if what.is_person { VaultKind::Person } else { VaultKind::Text }.into(),
        content: what.content.clone().into_bytes(),
        retention_class: RetentionClass::Short.into(),
        subject: event.subject.clone(),
        field: what.field.clone(),
        ..PutRequest::default()
    }
}

/// What is sent of a post to a log.
fn request(log: &str) -> impl Fn(Post) -> PostRequest + use<> {
    let log = log.to_owned();
    move |post| PostRequest {
        log: log.clone(),
        events: post.events,
        mode: post.mode as i32,
        expected_revision: None,
        simulated_recorded_at: Some(post.simulated_recorded_at.into()),
    }
}

/// Whether the installation holds another log, or cases in this one.
async fn is_used(to: &To, admin: &mut AdminServiceClient<Connection>) -> Result<bool, Failure> {
    let logs = admin.get_status(GetStatusRequest {}).await?.into_inner().logs;
    // Its complaints, and who read it, are of the district too.
    let of_district = |name: &str| LogName::new(name).is_some_and(|name| OfLog::jurisdiction(&name) == to.log);
    if logs.iter().any(|log| !of_district(&log.log)) {
        return Ok(true);
    }
    let request = ListCasesRequest { log: to.log.clone(), page_size: 1, ..ListCasesRequest::default() };
    Ok(!logs.is_empty() && !AuditServiceClient::new(connect(to).await?).list_cases(request).await?.into_inner().cases.is_empty())
}
