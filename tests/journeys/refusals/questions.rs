//! The questions that are refused.

use super::{Expected, LOG, SYNTHETIC};
use tonic::{Code as Grpc, Status};
use xiaoer_tests::{Client, case, scope};
use xiaoer_wire::v1::{
    ExplainDeadlineRequest, ExplainMetricRequest, GetCalendarRequest, GetItemRequest, GetMetricRequest, GetSeriesRequest,
    GetStateRequest, GetUnitRequest, KnownAt, ListCasesRequest, ListItemsRequest, ListRulesRequest, ListUnitsRequest, LogPosition,
    MetricScope, OpenLogRequest, Period, ReplayRequest, SeriesStep, Subject, SubscribeRequest, known_at::Bound,
};

/// A scope of the log over a month, changed.
fn asked(change: impl FnOnce(&mut MetricScope)) -> Option<MetricScope> {
    let mut scope = scope(LOG, ("2026-04-01", "2026-04-30"), "");
    change(&mut scope);
    Some(scope)
}

fn known_at(position: u64) -> Option<KnownAt> {
    Some(KnownAt { bound: Some(Bound::Position(position)) })
}

/// A question that is refused: its name, what came, and what must be said of it.
pub(super) type Refused = (&'static str, Option<Status>, Expected);

pub(super) async fn of_scopes(client: &mut Client, far: u64) -> Vec<Refused> {
    use Grpc::{InvalidArgument, NotFound, OutOfRange};
    let names: Vec<String> = (0..101).map(|n| format!("log-{n}")).collect();
    let ahead = LogPosition { log: LOG.into(), position: far };
    let of = |name: &str| xiaoer_wire::v1::Dimension { name: name.into(), value: "1".into() };
    let lines = [
        ("unknown dimension", asked(|s| s.r#where = vec![of("weather")]), ("XE-DIMENSION", InvalidArgument, "scope.where[0].name")),
        (
            "a period that ends before it begins",
            asked(|s| s.period = Some(Period { from: "2026-04-30".into(), to: "2026-04-01".into() })),
            ("XE-SCOPE", InvalidArgument, "scope.period"),
        ),
        (
            "no such day",
            asked(|s| s.period = Some(Period { from: "2026-4-1".into(), to: String::new() })),
            ("XE-FIELD-INVALID", InvalidArgument, "scope.period.from"),
        ),
        ("no log", asked(|s| s.logs.clear()), ("XE-SCOPE", InvalidArgument, "scope.logs")),
        ("101 logs", asked(|s| s.logs = names), ("XE-SCOPE", InvalidArgument, "scope.logs")),
        ("a log twice", asked(|s| s.logs.push(LOG.into())), ("XE-SCOPE", InvalidArgument, "scope.logs[1]")),
        ("unknown log", asked(|s| s.logs.push("nowhere".into())), ("XE-LOG-UNKNOWN", NotFound, "scope.logs[1]")),
        (
            "a position of two logs",
            asked(|s| {
                s.logs.push(SYNTHETIC.into());
                s.known_at = known_at(1);
            }),
            ("XE-SCOPE", InvalidArgument, "scope.known_at.position"),
        ),
        ("a position ahead", asked(|s| s.known_at = known_at(far)), ("XE-POSITION-AHEAD", OutOfRange, "scope.known_at")),
        ("at least ahead", asked(|s| s.at_least = vec![ahead.clone()]), ("XE-POSITION-AHEAD", OutOfRange, "scope.at_least")),
        (
            "at least of a log that is not asked about",
            asked(|s| s.at_least = vec![LogPosition { log: SYNTHETIC.into(), position: 1 }]),
            ("XE-SCOPE", InvalidArgument, "scope.at_least[0].log"),
        ),
        (
            "at least twice, the second ahead",
            asked(|s| s.at_least = vec![LogPosition { position: 1, ..ahead.clone() }, ahead.clone()]),
            ("XE-POSITION-AHEAD", OutOfRange, "scope.at_least"),
        ),
        ("a day ahead", asked(|s| s.valid_on = "2199-01-01".into()), ("XE-VALID-ON-AHEAD", OutOfRange, "scope.valid_on")),
    ];
    let mut refused = Vec::new();
    for (name, scope, (code, status, field)) in lines {
        // Figure, members and series read a scope alike.
        let metric = || "backlog_promised".to_owned();
        let figure = client.metrics.get_metric(GetMetricRequest { metric_id: metric(), scope: scope.clone() }).await.err();
        let members = client.audit.explain_metric(ExplainMetricRequest { metric_id: metric(), scope: scope.clone() }).await.err();
        refused.extend([(name, figure, (code, status, field, "")), (name, members, (code, status, field, ""))]);
        if field != "scope.period.from" {
            let series = GetSeriesRequest { metric_id: metric(), scope, ..GetSeriesRequest::default() };
            refused.push((name, client.metrics.get_series(series).await.err(), (code, status, field, "")));
        }
    }
    refused
}

pub(super) async fn of_questions(client: &mut Client, far: u64) -> Vec<Refused> {
    use Grpc::{InvalidArgument, NotFound, OutOfRange};
    let state = || GetStateRequest { log: LOG.into(), subject: Some(case("received")), ..GetStateRequest::default() };
    let cases = || ListCasesRequest { log: LOG.into(), ..ListCasesRequest::default() };
    let metric = GetMetricRequest { metric_id: "weather".into(), scope: asked(|_| ()) };
    let series = |by: &str, from: &str| GetSeriesRequest {
        metric_id: "backlog_promised".into(),
        scope: asked(|scope| scope.period.as_mut().unwrap().from = from.into()),
        step: SeriesStep::Day.into(),
        by: by.into(),
    };
    let token = client.audit.list_cases(ListCasesRequest { page_size: 1, ..cases() }).await.unwrap().into_inner().next_page_token;
    let (position, rest) = token.split_once('.').expect("a token of parts");
    let day_cut = format!("{position}.{}", rest.split_once('.').map(|(day, rest)| format!("{}.{rest}", &day[2..])).unwrap());
    let with_token = |token: &str| ListCasesRequest { page_token: token.into(), ..cases() };
    let unknown = GetStateRequest { subject: Some(case("nobody")), ..state() };
    let replay = ReplayRequest { log: LOG.into(), subject: Some(case("nobody")), ..ReplayRequest::default() };
    let early = GetStateRequest { known_at: known_at(1), ..state() };
    let deadline = |id: &str, clock: &str| ExplainDeadlineRequest {
        log: LOG.into(),
        subject: Some(case(id)),
        clock: clock.into(),
        ..ExplainDeadlineRequest::default()
    };
    let part = GetStateRequest { subject: Some(Subject { id: String::new(), ..case("received") }), ..state() };
    let follow =
        |after_leaf_hash| SubscribeRequest { log: LOG.into(), after_position: far, after_leaf_hash, ..SubscribeRequest::default() };
    let nowhere = || "nowhere".to_owned();
    let open =
        |log: &str, time_zone: &str| OpenLogRequest { log: log.into(), time_zone: time_zone.into(), ..OpenLogRequest::default() };
    let (audit, metrics, admin) = (&mut client.audit, &mut client.metrics, &mut client.admin);
    type Asked = (&'static str, Option<Status>, (&'static str, Grpc, &'static str));
    let lines: Vec<Asked> = vec![
        ("unknown metric", metrics.get_metric(metric).await.err(), ("XE-METRIC-UNKNOWN", NotFound, "metric_id")),
        (
            "a series of days",
            metrics.get_series(series("", "1999-01-01")).await.err(),
            ("XE-SERIES-TOO-LONG", InvalidArgument, "scope.period"),
        ),
        (
            "a series without a begin",
            metrics.get_series(series("", "")).await.err(),
            ("XE-FIELD-MISSING", InvalidArgument, "scope.period"),
        ),
        (
            "a series by nothing",
            metrics.get_series(series("weather", "2026-04-01")).await.err(),
            ("XE-DIMENSION", InvalidArgument, "by"),
        ),
        (
            "unknown log",
            audit.get_state(GetStateRequest { log: nowhere(), ..state() }).await.err(),
            ("XE-LOG-UNKNOWN", NotFound, "log"),
        ),
        (
            "a clock that has not begun",
            audit.explain_deadline(deadline("received", "delivery")).await.err(),
            ("XE-CLOCK-NOT-STARTED", NotFound, "clock"),
        ),
        (
            "no clock of a case",
            audit.explain_deadline(deadline("received", "tea")).await.err(),
            ("XE-FIELD-INVALID", InvalidArgument, "clock"),
        ),
        ("unknown subject", audit.get_state(unknown).await.err(), ("XE-SUBJECT-UNKNOWN", NotFound, "subject")),
        ("unknown history", audit.replay(replay).await.err(), ("XE-SUBJECT-UNKNOWN", NotFound, "subject")),
        ("a subject before it was known", audit.get_state(early).await.err(), ("XE-SUBJECT-UNKNOWN", NotFound, "subject")),
        (
            "no subject",
            audit.get_state(GetStateRequest { subject: None, ..state() }).await.err(),
            ("XE-FIELD-MISSING", InvalidArgument, "subject"),
        ),
        ("half a subject", audit.get_state(part).await.err(), ("XE-FIELD-MISSING", InvalidArgument, "subject.id")),
        (
            "a position ahead",
            audit.get_state(GetStateRequest { known_at: known_at(far), ..state() }).await.err(),
            ("XE-POSITION-AHEAD", OutOfRange, "known_at"),
        ),
        (
            "at least ahead",
            audit.get_state(GetStateRequest { at_least: far, ..state() }).await.err(),
            ("XE-POSITION-AHEAD", OutOfRange, "at_least"),
        ),
        (
            "cases at least ahead",
            audit.list_cases(ListCasesRequest { at_least: far, ..cases() }).await.err(),
            ("XE-POSITION-AHEAD", OutOfRange, "at_least"),
        ),
        (
            "a day ahead",
            audit.get_state(GetStateRequest { valid_on: "2199-01-01".into(), ..state() }).await.err(),
            ("XE-VALID-ON-AHEAD", OutOfRange, "valid_on"),
        ),
        ("no token", audit.list_cases(with_token("token")).await.err(), ("XE-PAGE-TOKEN", InvalidArgument, "page_token")),
        ("half a token", audit.list_cases(with_token(position)).await.err(), ("XE-PAGE-TOKEN", InvalidArgument, "page_token")),
        (
            "a token that was changed",
            audit.list_cases(with_token(&day_cut)).await.err(),
            ("XE-PAGE-TOKEN", InvalidArgument, "page_token"),
        ),
        (
            "further than there is",
            audit.subscribe(follow(Vec::new())).await.err(),
            ("XE-POSITION-AHEAD", OutOfRange, "after_position"),
        ),
        (
            "another log's end",
            audit.subscribe(follow(vec![1; 32])).await.err(),
            ("XE-LOG-REWOUND", Grpc::DataLoss, "after_position"),
        ),
        (
            "a log in another zone",
            admin.open_log(open(LOG, "Asia/Urumqi")).await.err(),
            ("XE-LOG-DIFFERS", Grpc::AlreadyExists, "log"),
        ),
        (
            "no zone",
            admin.open_log(open("elsewhere", "Moon/Tycho")).await.err(),
            ("XE-FIELD-INVALID", InvalidArgument, "time_zone"),
        ),
        ("no name", admin.open_log(open("No_Log", "")).await.err(), ("XE-LOG-NAME", InvalidArgument, "log")),
        (
            "a name that leaves no room for that of the access log",
            admin.open_log(open(&"a".repeat(58), "")).await.err(),
            ("XE-LOG-NAME", InvalidArgument, "log"),
        ),
        (
            "an access log",
            admin.open_log(open("elsewhere-access", "")).await.err(),
            ("XE-ACCESS-LOG", Grpc::FailedPrecondition, "log"),
        ),
    ];
    lines.into_iter().map(|(name, status, (code, grpc, field))| (name, status, (code, grpc, field, ""))).collect()
}

pub(super) async fn of_the_catalogue(client: &mut Client, far: u64) -> Vec<Refused> {
    use Grpc::{InvalidArgument, NotFound, OutOfRange};
    let item = || GetItemRequest { log: LOG.into(), item_code: "published".into(), ..GetItemRequest::default() };
    let items = || ListItemsRequest { log: LOG.into(), ..ListItemsRequest::default() };
    let units = || ListUnitsRequest { log: LOG.into(), ..ListUnitsRequest::default() };
    let unit = |usci: &str| GetUnitRequest { log: LOG.into(), usci: usci.into(), ..GetUnitRequest::default() };
    let rules = || ListRulesRequest { log: LOG.into(), ..ListRulesRequest::default() };
    let calendar = |from: &str, to: &str| GetCalendarRequest {
        log: LOG.into(),
        from: from.into(),
        to: to.into(),
        ..GetCalendarRequest::default()
    };
    let catalogue = &mut client.catalogue;
    type Asked = (&'static str, Option<Status>, (&'static str, Grpc, &'static str));
    let lines: Vec<Asked> = vec![
        (
            "an item of no log",
            catalogue.get_item(GetItemRequest { log: "nowhere".into(), ..item() }).await.err(),
            ("XE-LOG-UNKNOWN", NotFound, "log"),
        ),
        (
            "unknown item",
            catalogue.get_item(GetItemRequest { item_code: "nothing".into(), ..item() }).await.err(),
            ("XE-SUBJECT-UNKNOWN", NotFound, "item_code"),
        ),
        (
            "an item before its first day",
            catalogue.get_item(GetItemRequest { on: "2025-12-31".into(), ..item() }).await.err(),
            ("XE-SUBJECT-UNKNOWN", NotFound, "item_code"),
        ),
        (
            "an item before it was known",
            catalogue.get_item(GetItemRequest { known_at: known_at(1), ..item() }).await.err(),
            ("XE-SUBJECT-UNKNOWN", NotFound, "item_code"),
        ),
        (
            "an item on no day",
            catalogue.get_item(GetItemRequest { on: "2026-4-1".into(), ..item() }).await.err(),
            ("XE-FIELD-INVALID", InvalidArgument, "on"),
        ),
        (
            "items as known ahead",
            catalogue.list_items(ListItemsRequest { known_at: known_at(far), ..items() }).await.err(),
            ("XE-POSITION-AHEAD", OutOfRange, "known_at"),
        ),
        (
            "no page of items",
            catalogue.list_items(ListItemsRequest { page_token: "token".into(), ..items() }).await.err(),
            ("XE-PAGE-TOKEN", InvalidArgument, "page_token"),
        ),
        ("unknown unit", catalogue.get_unit(unit("11370306XXXX00019K")).await.err(), ("XE-SUBJECT-UNKNOWN", NotFound, "usci")),
        (
            "no page of units",
            catalogue.list_units(ListUnitsRequest { page_token: "1.2".into(), ..units() }).await.err(),
            ("XE-PAGE-TOKEN", InvalidArgument, "page_token"),
        ),
        ("a calendar without an end", catalogue.get_calendar(calendar("2026-01-01", "")).await.err(), {
            ("XE-FIELD-MISSING", InvalidArgument, "to")
        }),
        ("a calendar from no day", catalogue.get_calendar(calendar("2026-02-30", "2026-03-01")).await.err(), {
            ("XE-FIELD-INVALID", InvalidArgument, "from")
        }),
        ("a calendar that ends first", catalogue.get_calendar(calendar("2026-01-02", "2026-01-01")).await.err(), {
            ("XE-SCOPE", InvalidArgument, "to")
        }),
        // 2026-01-01 and 1,100 days more.
        ("a calendar of 1,101 days", catalogue.get_calendar(calendar("2026-01-01", "2029-01-05")).await.err(), {
            ("XE-SCOPE", InvalidArgument, "to")
        }),
        (
            "rules of no day",
            catalogue.list_rules(ListRulesRequest { on: "today".into(), ..rules() }).await.err(),
            ("XE-FIELD-INVALID", InvalidArgument, "on"),
        ),
    ];
    assert_eq!(catalogue.get_calendar(calendar("2026-01-01", "2029-01-04")).await.unwrap().into_inner().days.len(), 1_100);
    lines.into_iter().map(|(name, status, (code, grpc, field))| (name, status, (code, grpc, field, ""))).collect()
}
