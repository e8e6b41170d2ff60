//! Aim: every call of the contract, by every role, on what is its own and what is not, is answered or refused as the table here says,
//! which is written down from domain.md and not from the program. A call that this test does not know makes it fail.

use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use tonic::{Code, Status};
use xiaoer_tests::{Client, Keys, Lab, UNIT, by_unit, case, event, on, refusal_of, registry};
use xiaoer_wire::v1::{self, Dimension, MetricScope, PostRequest, RebuildAction, Subject};

const LOG: &str = "370306";
const OTHER: &str = "11370306XXXX00027E";

/// What a role may do: in the whole of its log, with what is of its own unit, and in the sealed log. P posts a case, C reads cases,
/// F figures, E events, K the catalogue, S the status; O opens logs, R rebuilds. In the vault V puts, G gets, D erases, H holds, and Y
/// looks after the keys. A reads who read what. Of a sealed log f is figures of which no count is small, and T complaints that were
/// transferred.
const ROLES: [(&str, &str, &str, &str); 17] = [
    ("hall", "PCKVG", "", ""),
    ("department", "KV", "PCFG", "fVGT"),
    ("window", "KV", "PCFG", ""),
    ("portal", "KV", "", ""),
    ("centre", "CFEKSVD", "", "Sf"),
    ("registry", "FK", "", ""),
    ("hotline", "CFKVG", "", "CFKVGDT"),
    ("supervision", "CFEKSGH", "", "CFEKSGHT"),
    ("organisation", "FK", "", "f"),
    ("analyst", "CFEKS", "", "S"),
    ("leader", "CFK", "", "f"),
    ("node", "EKS", "", "S"),
    ("operator", "KSR", "", "SR"),
    ("system_admin", "SOR", "", "SOR"),
    ("security_admin", "SY", "", "SY"),
    ("audit_admin", "SA", "", "SA"),
    ("", "", "", ""),
];

/// What is asked about.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Target {
    /// A case of the caller's unit.
    Own,
    /// A case of another.
    Other,
    /// The sealed log of the caller's jurisdiction.
    Sealed,
    /// A log of another jurisdiction.
    Elsewhere,
    /// One that is not there.
    Nowhere,
}

impl Target {
    const ALL: [Self; 5] = [Self::Own, Self::Other, Self::Sealed, Self::Elsewhere, Self::Nowhere];

    fn log(self) -> &'static str {
        match self {
            Self::Own | Self::Other => LOG,
            Self::Sealed => "370306-sealed",
            Self::Elsewhere => "370307",
            Self::Nowhere => "370399",
        }
    }

    fn unit(self) -> &'static str {
        if self == Self::Other { OTHER } else { UNIT }
    }

    fn case(self) -> Subject {
        case(if self == Self::Other { "other" } else { "own" })
    }

    fn scope(self) -> Option<MetricScope> {
        let unit = Dimension { name: "unit".into(), value: self.unit().into() };
        Some(MetricScope { logs: vec![self.log().into()], r#where: vec![unit], ..MetricScope::default() })
    }
}

/// The right that a call needs.
fn right(rpc: &str) -> char {
    match rpc {
        "Post" | "PostStream" | "Check" => 'P',
        "Replay" | "GetState" | "ListCases" | "ExplainDeadline" => 'C',
        "GetMetric" | "GetZeroBacklog" | "GetFirstAsk" | "GetOneVisit" | "GetSeries" | "ExplainMetric" => 'F',
        "Subscribe" => 'E',
        "ListTransferred" => 'T',
        "GetItem" | "ListItems" | "GetUnit" | "ListUnits" | "ListWindows" | "GetCalendar" | "ListRules" => 'K',
        "GetStatus" | "ListProjections" => 'S',
        "OpenLog" => 'O',
        "Rebuild" => 'R',
        "Put" => 'V',
        "Get" => 'G',
        "Erase" => 'D',
        "PlaceHold" | "LiftHold" => 'H',
        "Rotate" | "DestroyEpoch" => 'Y',
        "ListAccesses" => 'A',
        // What a figure means is told to anyone who is known.
        "ListMetrics" => '-',
        other => panic!("{other} is in no right of this test: add it, and what each role may do with it"),
    }
}

/// Whether a call is recorded, whoever makes it and however it ends: what shows single things, and of a sealed log all that says what
/// is in it. Of a name that has no log nobody can be told.
fn is_recorded(rpc: &str, target: Target) -> bool {
    let always = "CEGAT".contains(right(rpc)) || rpc == "ExplainMetric";
    target != Target::Nowhere && (always || (target == Target::Sealed && "FK".contains(right(rpc))))
}

/// The code that a call is refused with, or nothing.
fn expected(role: (&str, &str, &str, &str), rpc: &str, target: Target) -> &'static str {
    let (_, whole, own, sealed) = role;
    let right = right(rpc);
    let has = |rights: &str| rights.contains(right);
    // Of no log.
    if right == '-' || (rpc == "GetStatus" && (has(whole) || has(sealed))) || (rpc == "Rotate" && has(whole)) {
        return "";
    }
    // What is asked of is not there, to whoever may ask.
    let nothing = match rpc {
        "Erase" | "PlaceHold" | "LiftHold" => "XE-REF-UNKNOWN",
        "Get" if target == Target::Sealed => "XE-REF-UNKNOWN",
        "DestroyEpoch" if has(whole) => return "XE-EPOCH-UNKNOWN",
        _ => "",
    };
    match target {
        Target::Own if has(whole) || has(own) => nothing,
        Target::Other if has(whole) => nothing,
        Target::Other if has(own) && rpc == "Get" => "XE-REF-UNKNOWN",
        // What is another unit's reads as what is not there.
        Target::Other if has(own) && ["Replay", "GetState", "ExplainDeadline"].contains(&rpc) => "XE-SUBJECT-UNKNOWN",
        // The gate is passed; the log holds no such case, and no item or unit.
        Target::Sealed if has(sealed) && ["Replay", "GetState", "ExplainDeadline", "GetItem", "GetUnit"].contains(&rpc) => {
            "XE-SUBJECT-UNKNOWN"
        }
        Target::Sealed if has(sealed) => nothing,
        // Cases stand in no sealed log, and what is asked of figures there is not of complaints.
        Target::Sealed if right == 'P' && (has(whole) || has(own)) => "XE-LOG-WRONG",
        Target::Sealed if right == 'F' && sealed.contains('f') && rpc != "ExplainMetric" => "XE-SMALL-COUNTS",
        _ => "XE-FORBIDDEN",
    }
}

/// Makes a call; the code it was refused with, or nothing.
async fn call(client: &mut Client, rpc: &str, target: Target, serial: &str, texts: &[String; 2]) -> String {
    let held = texts[usize::from(target == Target::Other)].clone();
    let nothing = "v".repeat(26);
    let (log, subject, scope) = (target.log().to_owned(), Some(target.case()), target.scope());
    let unit = target.unit().to_owned();
    let received = json!({"caseReceived": {"channel": "CHANNEL_WINDOW"}});
    let posted = by_unit(&unit, event(&case(serial), "2026-05-12T09:00:00+08:00", received));
    let post = PostRequest { log: log.clone(), events: vec![posted], ..PostRequest::default() };
    let metric_id = "backlog_promised".to_owned();
    let outcome = match rpc {
        "Post" => client.posting.post(post).await.map(drop),
        "Check" => match client.posting.check(post).await.map(|answer| answer.into_inner().outcome) {
            Ok(Some(v1::check_response::Outcome::WouldRefuse(refusal))) => return refusal.code,
            other => other.map(drop),
        },
        "PostStream" => match client.posting.post_stream(tokio_stream::iter([post])).await {
            Ok(answers) => match answers.into_inner().message().await.map(|answer| answer.and_then(|answer| answer.outcome)) {
                Ok(Some(v1::post_stream_response::Outcome::Refused(refusal))) => return refusal.code,
                other => other.map(drop),
            },
            Err(status) => Err(status),
        },
        "Replay" => first(client.audit.replay(v1::ReplayRequest { log, subject, ..Default::default() }).await).await,
        "GetState" => client.audit.get_state(v1::GetStateRequest { log, subject, ..Default::default() }).await.map(drop),
        "ListCases" => client.audit.list_cases(v1::ListCasesRequest { log, unit_usci: unit, ..Default::default() }).await.map(drop),
        "Subscribe" => {
            let request = v1::SubscribeRequest { log, history_only: true, ..Default::default() };
            first(client.audit.subscribe(request).await).await
        }
        "ExplainDeadline" => {
            let request = v1::ExplainDeadlineRequest { log, subject, clock: "receipt".into(), ..Default::default() };
            client.audit.explain_deadline(request).await.map(drop)
        }
        "ExplainMetric" => first(client.audit.explain_metric(v1::ExplainMetricRequest { scope, metric_id }).await).await,
        "ListAccesses" => {
            let request = v1::ListAccessesRequest { log, page_size: 1, ..Default::default() };
            client.audit.list_accesses(request).await.map(drop)
        }
        "GetItem" => {
            let request = v1::GetItemRequest { log, item_code: "permit".into(), ..Default::default() };
            client.catalogue.get_item(request).await.map(drop)
        }
        "ListItems" => client.catalogue.list_items(v1::ListItemsRequest { log, ..Default::default() }).await.map(drop),
        "GetUnit" => client.catalogue.get_unit(v1::GetUnitRequest { log, usci: UNIT.into(), ..Default::default() }).await.map(drop),
        "ListUnits" => client.catalogue.list_units(v1::ListUnitsRequest { log, ..Default::default() }).await.map(drop),
        "ListWindows" => client.catalogue.list_windows(v1::ListWindowsRequest { log, ..Default::default() }).await.map(drop),
        "GetCalendar" => {
            let (from, to) = ("2026-05-01".into(), "2026-05-31".into());
            client.catalogue.get_calendar(v1::GetCalendarRequest { log, from, to, ..Default::default() }).await.map(drop)
        }
        "ListRules" => client.catalogue.list_rules(v1::ListRulesRequest { log, ..Default::default() }).await.map(drop),
        "GetMetric" => client.metrics.get_metric(v1::GetMetricRequest { metric_id, scope }).await.map(drop),
        "ListMetrics" => client.metrics.list_metrics(v1::ListMetricsRequest::default()).await.map(drop),
        "GetZeroBacklog" => client.metrics.get_zero_backlog(v1::GetZeroBacklogRequest { scope }).await.map(drop),
        "GetFirstAsk" => client.metrics.get_first_ask(v1::GetFirstAskRequest { scope }).await.map(drop),
        "GetOneVisit" => client.metrics.get_one_visit(v1::GetOneVisitRequest { scope }).await.map(drop),
        "GetSeries" => {
            let period = Some(v1::Period { from: "2026-05-01".into(), to: "2026-05-31".into() });
            let scope = scope.map(|scope| MetricScope { period, ..scope });
            client.metrics.get_series(v1::GetSeriesRequest { metric_id, scope, ..Default::default() }).await.map(drop)
        }
        "ListTransferred" => {
            let request = v1::ListTransferredRequest { log, unit_usci: unit, ..Default::default() };
            client.complaints.list_transferred(request).await.map(drop)
        }
        "OpenLog" => client.admin.open_log(v1::OpenLogRequest { log, ..Default::default() }).await.map(drop),
        "GetStatus" => client.admin.get_status(v1::GetStatusRequest {}).await.map(drop),
        "ListProjections" => client.admin.list_projections(v1::ListProjectionsRequest { log }).await.map(drop),
        "Rebuild" => {
            let action = RebuildAction::Abandon.into();
            first(client.admin.rebuild(v1::RebuildRequest { log, action }).await).await
        }
        "Put" => client.person.put(text(target, serial)).await.map(drop),
        "Get" => client.person.get(v1::GetRequest { log, r#ref: held, ..Default::default() }).await.map(drop),
        "Erase" => {
            let request = v1::EraseRequest { log, r#ref: nothing, authority: "A".into(), reason: "r".into() };
            client.person.erase(request).await.map(drop)
        }
        "PlaceHold" => {
            let (hold_id, authority, reason) = ("H".into(), "A".into(), "r".into());
            let request = v1::PlaceHoldRequest { log, r#ref: nothing, hold_id, authority, reason };
            client.person.place_hold(request).await.map(drop)
        }
        "LiftHold" => {
            let (hold_id, authority, reason) = ("H".into(), "A".into(), "r".into());
            let request = v1::LiftHoldRequest { log, r#ref: nothing, hold_id, authority, reason };
            client.person.lift_hold(request).await.map(drop)
        }
        "Rotate" => client.person.rotate(v1::RotateRequest {}).await.map(drop),
        "DestroyEpoch" => client.person.destroy_epoch(v1::DestroyEpochRequest { epoch: 999 }).await.map(drop),
        other => panic!("{other} is not called by this test"),
    };
    match outcome {
        Ok(()) => String::new(),
        Err(status) => {
            let (code, _, grpc) = refusal_of(&status);
            assert!(code != "XE-FORBIDDEN" || grpc == Code::PermissionDenied, "{status:?}");
            code
        }
    }
}

/// A text to put, for the case asked about.
fn text(target: Target, serial: &str) -> v1::PutRequest {
    v1::PutRequest {
        log: target.log().into(),
        request_id: uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, serial.as_bytes()).to_string(),
        kind: v1::VaultKind::Text.into(),
        content: b"a text".to_vec(),
        retention_class: v1::RetentionClass::Short.into(),
        subject: Some(target.case()),
        field: "text".into(),
        ..Default::default()
    }
}

/// The first answer of a stream, or why there is none.
async fn first<T>(answers: Result<tonic::Response<tonic::Streaming<T>>, Status>) -> Result<(), Status> {
    answers?.into_inner().message().await.map(drop)
}

/// Where the access logs stand.
async fn records(opener: &mut Client) -> BTreeMap<String, u64> {
    let status = opener.admin.get_status(v1::GetStatusRequest {}).await.expect("a status").into_inner();
    status.logs.into_iter().filter(|log| log.log.ends_with("-access")).map(|log| (log.log, log.position)).collect()
}

/// Everything that was recorded of a jurisdiction.
async fn listed(auditor: &mut Client, log: &str) -> Vec<v1::Access> {
    let (mut all, mut request) = (Vec::new(), v1::ListAccessesRequest { log: log.into(), page_size: 1_000, ..Default::default() });
    loop {
        let page = auditor.audit.list_accesses(request.clone()).await.expect("a page").into_inner();
        all.extend(page.accesses);
        if page.next_page_token.is_empty() {
            return all;
        }
        request.page_token = page.next_page_token;
    }
}

/// Every call of the contract.
fn every_rpc() -> BTreeSet<String> {
    let pool = prost_reflect::DescriptorPool::decode(xiaoer_wire::descriptors::BYTES).expect("descriptors");
    let ours = pool.services().filter(|service| service.full_name().starts_with("xiaoer."));
    ours.flat_map(|service| service.methods().map(|method| method.name().to_owned()).collect::<Vec<_>>()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_role_every_call() {
    let (lab, keys) = (Lab::new(), Keys::new());
    let server = lab.serve_with("off", |command| keys.secure(command)).await;
    let by = |name: &str, role: &str, logs: &str| {
        let mut claims = vec!["--name", name, "--system", "hall", "--unit", UNIT, "--logs", logs];
        claims.extend(if role.is_empty() { vec![] } else { vec!["--role", role] });
        keys.bearer(&server, &keys.token(&claims))
    };
    let mut opener = by("opener", "system_admin", "*");
    for log in [LOG, "370307", "370306-sealed"] {
        opener.open(log, false).await;
    }
    let mut registrar = by("registrar", "centre", "*");
    // The unit's own entry is made by another body than the unit.
    let office = keys.token(&["--name", "office", "--system", "hall", "--role", "centre", "--logs", "*"]);
    let mut office = keys.bearer(&server, &office);
    for fact in registry("2026-05-11T09:00:00+08:00") {
        office.post(LOG, vec![fact]).await.expect("it is posted");
    }
    let mut hall = by("hall", "hall", "*");
    for (id, unit) in [("own", UNIT), ("other", OTHER)] {
        let received = json!({"caseReceived": {"channel": "CHANNEL_WINDOW"}});
        let received = by_unit(unit, event(&case(id), "2026-05-12T09:00:00+08:00", received));
        hall.post(LOG, vec![received]).await.expect("it is posted");
    }
    registrar.projected(LOG).await;
    let mut texts = [String::new(), String::new()];
    for (held, target) in texts.iter_mut().zip([Target::Own, Target::Other]) {
        let put = hall.person.put(text(target, &format!("{target:?}"))).await.expect("it is put").into_inner();
        *held = put.r#ref.expect("a reference").r#ref;
    }

    let (mut calls, mut wrong, mut recorded) = (0, Vec::new(), BTreeMap::new());
    let mut before = records(&mut opener).await;
    for role in ROLES {
        let mut client = by("caller", role.0, LOG);
        for rpc in every_rpc() {
            for target in Target::ALL {
                let found = call(&mut client, &rpc, target, &format!("{}-{rpc}-{target:?}", role.0), &texts).await;
                calls += 1;
                let after = records(&mut opener).await;
                let mut expected_after = before.clone();
                if is_recorded(&rpc, target) {
                    let access = format!("{}-access", target.log().trim_end_matches("-sealed"));
                    let last = expected_after.get_mut(&access).expect("an access log");
                    *last += 1;
                    recorded.insert((access, *last), (rpc.clone(), role.0, target, found.clone()));
                }
                if after != expected_after {
                    wrong.push(format!("{} {rpc} {target:?}: recorded {after:?}, not {expected_after:?}", role.0));
                }
                before = after;
                if found != expected(role, &rpc, target) {
                    wrong.push(format!("{} {rpc} {target:?}: {found:?}, not {:?}", role.0, expected(role, &rpc, target)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {calls}:\n{}", wrong.len(), wrong.join("\n"));
    for log in ["370306", "370307"] {
        let mut auditor = by("auditor", "audit_admin", "*");
        for access in listed(&mut auditor, log).await {
            let Some((rpc, role, target, refusal)) = recorded.remove(&(format!("{log}-access"), access.position)) else { continue };
            let read = access.read.expect("what was read");
            // Who reads who read what reads the access log, whatever name of the jurisdiction he gives.
            let of = if rpc == "ListAccesses" { format!("{log}-access") } else { target.log().to_owned() };
            let call = read.call.split('/').next_back().unwrap_or_default();
            assert_eq!((call, &read.log, &read.refusal), (&*rpc, &of, &refusal), "{role} {target:?}");
            assert!(
                access.caller == "caller" && (role.is_empty() || access.actor.contains(&format!("roles={role}"))),
                "{role} {}",
                access.actor
            );
        }
    }
    assert!(recorded.is_empty(), "not listed: {recorded:?}");
    println!("{calls} calls: {} roles, {} calls of the contract, {} targets", ROLES.len(), every_rpc().len(), Target::ALL.len());
}

/// What a unit's caller is told holds nothing of another unit: no row, no member, no count.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unit_is_told_of_its_own() {
    let (lab, keys) = (Lab::new(), Keys::new());
    let server = lab.serve_with("off", |command| keys.secure(command)).await;
    let mut admin = keys.bearer(&server, &keys.token(&["--name", "admin", "--role", "system_admin"]));
    admin.open(LOG, false).await;
    let mut hall = keys.system(&server, "hall");
    let received = json!({"caseReceived": {"channel": "CHANNEL_WINDOW"}});
    for (id, unit) in [("A", UNIT), ("B", OTHER), ("C", OTHER)] {
        let received = by_unit(unit, event(&case(id), "2026-05-12T09:00:00+08:00", received.clone()));
        hall.post(LOG, vec![received]).await.expect("it is posted");
    }
    admin.projected(LOG).await;

    let of = |unit: &str| keys.token(&["--name", "d", "--system", "d", "--role", "department", "--unit", unit, "--logs", LOG]);
    for (unit, cases) in [(UNIT, vec!["A"]), (OTHER, vec!["B", "C"])] {
        let mut client = keys.bearer(&server, &of(unit));
        let list = client.audit.list_cases(v1::ListCasesRequest { log: LOG.into(), ..Default::default() }).await.unwrap();
        let listed: Vec<_> = list.into_inner().cases.into_iter().filter_map(|case| case.subject).map(|it| it.id).collect();
        assert_eq!(listed, cases, "{unit}");
        let scope = Some(MetricScope { logs: vec![LOG.into()], ..MetricScope::default() });
        let request = v1::ExplainMetricRequest { metric_id: "backlog_receipt".into(), scope: scope.clone() };
        let mut members = client.audit.explain_metric(request).await.unwrap().into_inner();
        let mut seen = BTreeSet::new();
        while let Some(member) = members.message().await.unwrap() {
            seen.extend(member.subject.map(|subject| subject.id));
        }
        assert_eq!(seen, cases.iter().map(|&id| id.to_owned()).collect(), "{unit}");
        let figures = client.metrics.get_zero_backlog(v1::GetZeroBacklogRequest { scope: scope.clone() }).await.unwrap();
        let receipt = figures.into_inner().backlog_receipt.unwrap();
        assert_eq!((receipt.numerator + receipt.unknown + receipt.excluded) as usize, cases.len(), "{unit} {receipt:?}");
        // By unit, there is one.
        let period = Some(v1::Period { from: "2026-06-01".into(), to: "2026-06-01".into() });
        let request = v1::GetSeriesRequest {
            metric_id: "backlog_receipt".into(),
            scope: scope.map(|scope| MetricScope { period, ..scope }),
            by: "unit".into(),
            ..Default::default()
        };
        let points = client.metrics.get_series(request).await.unwrap().into_inner().points;
        assert_eq!(points.iter().map(|point| &*point.dimension_value).collect::<Vec<_>>(), [unit]);
    }
}

/// Whose unit acted in a matter decides nothing about it, though its role decides such things.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_decides_in_a_matter_of_his_own() {
    let (lab, keys) = (Lab::new(), Keys::new());
    let server = lab.serve_with("off", |command| keys.secure(command)).await;
    keys.bearer(&server, &keys.token(&["--name", "admin", "--role", "system_admin"])).open(LOG, false).await;
    let mut hall = keys.system(&server, "hall");
    let visit = on("visit", "V1");
    let visited = json!({"applicantVisited": {
        "caseNos": [{"system": "hall", "no": "1"}], "place": "hall", "who": "VISIT_WHO_APPLICANT", "purpose": "VISIT_PURPOSE_SUBMIT", "required": true,
    }});
    let received = json!({"caseReceived": {"channel": "CHANNEL_WINDOW"}});
    hall.post(LOG, vec![event(&case("1"), "2026-05-12T09:00:00+08:00", received)]).await.expect("it is posted");
    hall.post(LOG, vec![event(&visit, "2026-05-12T09:30:00+08:00", visited)]).await.expect("it is posted");
    let decided = |at: &str, by: &str| {
        let decided = json!({"visitCauseDecided": {"cause": "VISIT_CAUSE_WRONG_GUIDE", "decider": "VISIT_DECIDER_SUPERVISION"}});
        by_unit(by, event(&visit, at, decided))
    };
    for (unit, expected) in [(UNIT, "XE-OWN-MATTER"), (OTHER, "")] {
        let claims = ["--name", "s", "--system", "hall", "--role", "supervision", "--unit", unit];
        let mut body = keys.bearer(&server, &keys.token(&claims));
        let posted = body.post(LOG, vec![decided("2026-05-13T09:00:00+08:00", unit)]).await;
        assert_eq!(posted.err().map(|status| refusal_of(&status).0).unwrap_or_default(), expected, "{unit}");
    }
}
