//! Aim: a catalogue that is kept over a year says of every day, as known at every time, what stood in the edition, which limit bound whom,
//! whose limit was lengthened quietly, which items the district still handled and which rank it had; and due dates that rest on a year
//! without a notice become final once it is published, on SQLite and on Postgres.
//!
//! Method: a year on simulated time, month by month; each question is asked about a night and as known on a day. The dates were counted
//! by hand in the calendar of 2026 and in an invented notice of 2027.

use crate::life::at;
use serde_json::{Value, json};
use xiaoer_tests::{Client, Lab, UNIT, case, event, on, postgres, refusal_of, registry};
use xiaoer_wire::v1::{
    Dimension, ExplainMetricRequest, ExplainMetricResponse, GetCalendarRequest, GetItemRequest, GetMetricRequest, GetSeriesRequest,
    GetStateRequest, ItemView, KnownAt, MetricScope, PostMode, Standing, Subject, known_at::Bound,
};

const LOG: &str = "kept-catalogue";

/// A year of a district.
struct Year {
    client: Client,
}

/// Metric, period, known on, kind, and the answer: the figure, then members by place.
type Line<'a> = (&'a str, (&'a str, &'a str), &'a str, &'a str, &'a str);

impl Year {
    /// Told when it happens; the flags of the receipt, or the code of the refusal.
    async fn tell(&mut self, day: &str, subject: &Subject, fact: Value) -> String {
        // A day of 2027 is written whole.
        let at = at(day).replace("2026-2027-", "2027-");
        let event = event(subject, &at, fact);
        match self.client.tell(LOG, event, PostMode::Strict, Some(&at)).await {
            Ok(receipt) => receipt.flags.join(" "),
            Err(status) => refusal_of(&status).0,
        }
    }

    async fn told(&mut self, day: &str, subject: &Subject, fact: Value) {
        assert_eq!(self.tell(day, subject, fact).await, "", "{subject:?} on {day}");
    }

    /// A case of an item is received and accepted on a day.
    async fn accepted(&mut self, day: &str, number: &str, item: &str) {
        let subject = case(number);
        self.told(&format!("{day} 09:00"), &subject, json!({"caseReceived": {"itemCode": item, "channel": "CHANNEL_WINDOW"}}))
            .await;
        self.told(&format!("{day} 09:30"), &subject, json!({"caseAccepted": {}})).await;
    }

    /// The night of a day, or a period; as known at the end of a day where one is named, or at a position (`@7`); of a kind where one is.
    fn scope((from, to): (&str, &str), known: &str, kind: &str) -> MetricScope {
        let whole = |day: &str| if day.len() == 5 { format!("2026-{day}") } else { day.to_owned() };
        let of = (!kind.is_empty()).then(|| Dimension { name: "kind".into(), value: kind.into() });
        let scope = xiaoer_tests::scope(LOG, (&whole(from), &whole(to)), "");
        MetricScope { r#where: of.into_iter().collect(), known_at: known_at(known), ..scope }
    }

    async fn figures(&mut self, lines: &[Line<'_>]) {
        for &(metric, period, known, kind, expected) in lines {
            let request = GetMetricRequest { metric_id: metric.into(), scope: Some(Self::scope(period, known, kind)) };
            let value = self.client.metrics.get_metric(request).await.unwrap().into_inner();
            let figure = value.value.map_or("null".to_owned(), |figure| format!("{figure:.2}"));
            let found = format!("{figure} {}/{} u{} x{}", value.numerator, value.denominator, value.unknown, value.excluded);
            assert_eq!(found, expected, "{metric} {period:?} as known {known:?} {kind}");
        }
    }

    /// Where the log stands.
    async fn here(&mut self) -> String {
        format!("@{}", self.client.log(LOG).await.position)
    }

    async fn members(&mut self, metric: &str, period: (&str, &str), kind: &str) -> Vec<ExplainMetricResponse> {
        let request = ExplainMetricRequest { metric_id: metric.into(), scope: Some(Self::scope(period, "", kind)) };
        let mut stream = self.client.audit.explain_metric(request).await.unwrap().into_inner();
        let mut members = Vec::new();
        while let Some(member) = stream.message().await.unwrap() {
            members.push(member);
        }
        members
    }

    async fn item(&mut self, code: &str, version: &str, day: &str) -> ItemView {
        let (on, version) = (format!("2026-{day}"), version.into());
        let request = GetItemRequest { log: LOG.into(), item_code: code.into(), version, on, known_at: None };
        self.client.catalogue.get_item(request).await.unwrap().into_inner().item.unwrap()
    }

    /// A case as known: the promised clock as `budget due state`, and whether it is provisional.
    async fn promised(&mut self, number: &str, known: &str) -> (String, bool) {
        let known_at = known_at(known);
        let request = GetStateRequest { log: LOG.into(), subject: Some(case(number)), known_at, ..GetStateRequest::default() };
        let state = self.client.audit.get_state(request).await.unwrap().into_inner().state.unwrap();
        let clock = state.case.unwrap().clocks.into_iter().find(|clock| clock.clock == "promised").unwrap();
        let shown = format!("{} {} {}", clock.budget.unwrap().n, clock.due_on, clock.state);
        (shown, state.flags.contains(&"provisional".to_owned()))
    }

    /// How far the calendar goes, what is final of it, and the year that is missed.
    async fn calendar(&mut self) -> (String, String, bool) {
        let status = self.client.log(LOG).await;
        let request = GetCalendarRequest { log: LOG.into(), from: "2026-01-01".into(), to: "2026-01-01".into(), known_at: None };
        let calendar = self.client.catalogue.get_calendar(request).await.unwrap().into_inner();
        assert_eq!(calendar.horizon, status.calendar_horizon);
        assert!(status.calendar_warning.is_empty() || status.calendar_warning.contains("no notice of 2027"), "{status:?}");
        (calendar.horizon, calendar.final_until, !status.calendar_warning.is_empty())
    }
}

/// The end of a day, or a position: simulated time may be ahead of the server's clock, and a question of such a time is asked by position.
fn known_at(known: &str) -> Option<KnownAt> {
    let bound = match known.strip_prefix('@') {
        Some(position) => Bound::Position(position.parse().expect("a position")),
        None if known.is_empty() => return None,
        None => Bound::Time(at(&format!("{known} 23:59")).parse::<jiff::Timestamp>().expect("a time").into()),
    };
    Some(KnownAt { bound: Some(bound) })
}

fn version(version: &str, promised: u32, from: &str) -> Value {
    let wd = |n: u32| json!({"n": n, "unit": "LIMIT_UNIT_WORKING_DAY"});
    let steps = json!([{"step": "S", "materials": [{"code": "form"}, {"code": "plan"}, {"code": "lease"}]}]);
    json!({"itemVersionPublished": {"version": version, "name": "item", "itemType": "ITEM_TYPE_PERMIT", "leadUsci": UNIT, "steps": steps,
        "promisedLimit": wd(promised), "statutoryLimit": wd(20), "inForceFrom": format!("2026-{from}")}})
}

fn limit_changed(version: &str, old: u32, new: u32, from: &str) -> Value {
    let wd = |n: u32| json!({"n": n, "unit": "LIMIT_UNIT_WORKING_DAY"});
    json!({"itemLimitChanged":
        {"version": version, "promisedOld": wd(old), "promisedNew": wd(new), "inForceFrom": format!("2026-{from}")}})
}

fn flows(code: &str, items: &[&str]) -> Value {
    json!({"itemFlowsConsolidated": {"categories": [{"code": code, "itemCodes": items}]}})
}

fn figure(figure: &str, hundredths: u32, valid_on: &str) -> Value {
    json!({"peerFigurePublished":
        {"figure": format!("PEER_FIGURE_{figure}"), "valueHundredths": hundredths, "validOn": format!("2026-{valid_on}")}})
}

async fn begin(mut client: Client) -> Year {
    client.open(LOG, true).await;
    for event in registry(&at("01-05")) {
        client.tell(LOG, event, PostMode::Strict, Some(&at("01-05"))).await.unwrap();
    }
    let mut year = Year { client };
    year.told("01-05 10:00", &on("item", "filing"), version("1", 10, "01-05")).await;
    let peers = json!({"ruleSet": {"ruleId": "peer_districts", "value": {"codes": {"codes": ["370302", "370303"]}},
        "inForceFrom": "2026-01-01", "authority": "city"}});
    year.told("01-05 11:00", &on("log", LOG), peers).await;
    year
}

/// S14: the first edition leaves an item out, the second has both.
async fn editions(year: &mut Year) {
    year.told("01-12", &on("edition", "2026-1"), flows("permits", &["permit"])).await;
    year.told("02-02", &on("edition", "2026-2"), flows("permits", &["permit"])).await;
    year.told("02-02 10:00", &on("edition", "2026-2"), flows("filings", &["filing"])).await;
    year.figures(&[
        ("flows_consolidated", ("", "01-11"), "", "", "0.00 0/2 u0 x0"),
        ("flows_consolidated", ("", "01-12"), "", "", "0.50 1/2 u0 x0"),
        ("flows_consolidated", ("", "02-01"), "", "", "0.50 1/2 u0 x0"),
        ("flows_consolidated", ("", "02-02"), "", "", "1.00 2/2 u0 x0"),
        ("flows_consolidated", ("", "02-01"), "02-01", "", "0.50 1/2 u0 x0"),
    ])
    .await;
    let mut shown = Vec::new();
    for (item, day) in [("filing", "01-11"), ("filing", "01-12"), ("permit", "01-12"), ("filing", "02-02")] {
        let item = year.item(item, "", day).await;
        shown.push((item.edition, item.category));
    }
    let expected = [("", ""), ("2026-1", ""), ("2026-1", "permits"), ("2026-2", "filings")];
    assert_eq!(shown, expected.map(|(edition, category)| (edition.to_owned(), category.to_owned())));
    let left_out = year.members("flows_consolidated", ("", "01-12"), "").await;
    let left_out = left_out.iter().find(|member| member.standing() == Standing::Denominator).unwrap();
    assert_eq!((&*left_out.why, &*left_out.subject.as_ref().unwrap().id), ("not_in_edition", "filing"));
}

/// S23: a limit that is shortened is said aloud and binds from its first day; one that is lengthened is not.
async fn limits(year: &mut Year) {
    let (permit, filing) = (on("item", "permit"), on("item", "filing"));
    year.told("03-02", &permit, limit_changed("2", 8, 5, "04-01")).await;
    assert_eq!(year.tell("03-10", &permit, version("2", 6, "04-01")).await, "XE-ITEM-LIMIT-DIFFERS");
    assert_eq!(year.tell("03-10", &permit, version("2", 5, "03-09")).await, "XE-ITEM-VERSION-BACKDATED");
    year.told("03-10", &permit, version("2", 5, "04-01")).await;
    // Tuesday and Wednesday; 04-04 to 04-06 are off.
    year.accepted("03-31", "old", "permit").await;
    year.accepted("04-01", "new", "permit").await;
    assert_eq!(year.promised("old", "04-01").await.0, "8 2026-04-13 running");
    assert_eq!(year.promised("new", "04-01").await.0, "5 2026-04-09 running");
    assert_eq!(year.tell("04-20", &filing, version("2", 12, "05-04")).await, "limit_lengthened");
    year.told("05-06", &filing, limit_changed("2", 10, 12, "05-04")).await;
    year.figures(&[
        ("limit_lengthened", ("04-01", "04-30"), "", "", "0.00 0/0 u0 x0"),
        ("limit_lengthened", ("05-01", "05-31"), "", "", "1.00 1/1 u0 x0"),
        ("limit_lengthened", ("05-01", "05-05"), "05-05", "", "1.00 1/1 u0 x0"),
        ("mean_days", ("", "03-31"), "", "", "9.00 2/2 u0 x0"),
        ("mean_days", ("", "04-01"), "", "", "7.50 2/2 u0 x0"),
        ("mean_days", ("", "05-04"), "", "", "8.50 2/2 u0 x0"),
    ])
    .await;
    let [late] = &year.members("limit_lengthened", ("05-01", "05-31"), "").await[..] else { panic!("one member") };
    assert_eq!((&*late.why, late.positions.len()), ("said_late", 2));
    let said = year.item("permit", "2", "04-01").await.limit_change.unwrap();
    assert_eq!((said.promised_old.unwrap().n, said.promised_new.unwrap().n), (8, 5));
}

/// S23: the rank is null until every peer's figure is known; what is known later changes no answer of before.
async fn ranks(year: &mut Year) {
    year.told("05-08", &on("district", "370302"), figure("ITEMS", 100, "03-31")).await;
    year.told("05-11", &on("district", "370303"), figure("ITEMS", 300, "03-31")).await;
    for district in ["370302", "370303"] {
        year.told("05-12", &on("district", district), figure("MATERIALS", 250, "03-31")).await;
    }
    year.figures(&[
        ("city_rank", ("", "04-30"), "05-09", "items", "null 1/1 u1 x1"),
        ("city_rank", ("", "04-30"), "", "items", "2.00 1/2 u0 x1"),
        ("city_rank", ("", "03-30"), "", "items", "null 0/0 u2 x1"),
        // Two materials of the permit's first version, three of the others: 2.5 until 03-31, then 3.
        ("city_rank", ("", "03-31"), "", "materials", "1.00 0/2 u0 x1"),
        ("city_rank", ("", "04-01"), "", "materials", "3.00 2/2 u0 x1"),
        ("city_rank", ("", "04-30"), "", "steps", "null 0/0 u2 x1"),
        ("city_rank", ("", "04-30"), "", "", "null 3/4 u4 x4"),
    ])
    .await;
    let shown: Vec<_> = year
        .members("city_rank", ("", "04-30"), "items")
        .await
        .into_iter()
        .map(|it| (it.subject.unwrap().id, it.why, it.value, it.counts_on, it.positions.len()))
        .collect();
    let line =
        |id: &str, why: &str, value: f64, on: &str, events| (id.to_owned(), why.to_owned(), Some(value), on.to_owned(), events);
    let expected = [
        line(LOG, "own", 2.0, "2026-04-30", 0),
        line("370302", "better", 1.0, "2026-03-31", 1),
        line("370303", "not_better", 3.0, "2026-03-31", 1),
    ];
    assert_eq!(shown, expected);
    let scope = Some(Year::scope(("04-30", "04-30"), "", ""));
    let request = GetSeriesRequest { metric_id: "city_rank".into(), scope, by: "kind".into(), ..GetSeriesRequest::default() };
    let points = year.client.metrics.get_series(request).await.unwrap().into_inner().points;
    let points: Vec<_> = points.into_iter().map(|it| (it.dimension_value, it.value.unwrap().value)).collect();
    let expected = [("days", None), ("items", Some(2.0)), ("materials", Some(3.0)), ("steps", None)];
    assert_eq!(points, expected.map(|(kind, rank)| (kind.to_owned(), rank)));
}

/// S23: handed down, taken over again, cancelled.
async fn dynamic_list(year: &mut Year) {
    let filing = on("item", "filing");
    year.told("06-01", &filing, json!({"itemDelegated": {"authorityRef": "d"}})).await;
    assert_eq!(year.tell("06-02", &filing, version("3", 9, "07-01")).await, "XE-ITEM-ENDED");
    year.told("07-01", &filing, json!({"itemTakenOver": {"authorityRef": "t"}})).await;
    year.told("09-01", &filing, json!({"itemCancelled": {"authorityRef": "c"}})).await;
    year.figures(&[
        ("item_count", ("", "05-31"), "", "", "2.00 2/2 u0 x0"),
        ("item_count", ("", "06-01"), "", "", "1.00 1/1 u0 x0"),
        ("item_count", ("", "06-30"), "", "", "1.00 1/1 u0 x0"),
        ("item_count", ("", "07-01"), "", "", "2.00 2/2 u0 x0"),
        ("item_count", ("", "09-01"), "", "", "1.00 1/1 u0 x0"),
        ("item_count", ("", "09-01"), "08-31", "", "2.00 2/2 u0 x0"),
        // With one item as few as the best.
        ("city_rank", ("", "06-15"), "", "items", "1.00 0/2 u0 x1"),
        ("city_rank", ("", "07-01"), "", "items", "2.00 1/2 u0 x1"),
    ])
    .await;
    let (down, gone) = (year.item("filing", "2", "06-15").await, year.item("filing", "2", "09-15").await);
    assert_eq!((&*down.taken_over_on, &*gone.taken_over_on), ("", "2026-07-01"));
    assert_eq!((&*gone.cancelled_on, &*gone.delegated_on, &*gone.withdrawn_on), ("2026-09-01", "", ""));
}

/// Section 6: a due date in a year without a notice is provisional and accuses nobody; the notice makes it final, and known.
async fn the_next_year(year: &mut Year) {
    let day = |day: &str| day.to_owned();
    for number in ["old", "new"] {
        let decided = json!({"caseDecided": {"result": "DECISION_RESULT_PASS"}});
        year.told("10-30", &case(number), decided).await;
    }
    assert_eq!(year.calendar().await, (day("2026-12-31"), day("2025-12-31"), false));
    year.told("11-02", &case("noise"), json!({"caseReceived": {"channel": "CHANNEL_WINDOW"}})).await;
    assert_eq!(year.calendar().await, (day("2026-12-31"), day("2025-12-31"), true), "it is missed from November on");
    let calendar = |year: u32, days: Value| json!({"calendarPublished": {"year": year, "version": 1, "days": days}});
    assert_eq!(year.tell("11-03", &on("log", LOG), calendar(2028, json!([]))).await, "XE-CALENDAR-HOLE");
    // Two days of 2026 are left; then 01-04, 05 and 06 by weekdays, and 01-05, 06 and 07 by the notice, which has 01-04 off.
    year.accepted("12-29", "late", "permit").await;
    year.told("2027-01-11 09:00", &case("noise"), json!({"caseNoteRecorded": {"code": "seen"}})).await;
    let then = year.here().await;
    let before = [
        // Whatever the notice says, the third day of January is the first that the case could be due on.
        ("backlog_promised", ("", "2027-01-03"), &*then, "", "0.00 0/0 u0 x0"),
        ("backlog_promised", ("", "2027-01-04"), &then, "", "0.00 0/0 u1 x0"),
        ("backlog_promised", ("", "2027-01-11"), &then, "", "0.00 0/0 u1 x0"),
        ("on_time_rate_promised", ("12-01", "12-31"), &then, "", "null 0/0 u1 x0"),
        ("on_time_rate_promised", ("2027-01-01", "2027-01-11"), &then, "", "null 0/0 u0 x0"),
    ];
    year.figures(&before).await;
    assert_eq!(year.promised("late", &then).await, (day("5 2027-01-06 provisional"), true));
    let off: Vec<Value> = (1..=4).map(|d| json!({"date": format!("2027-01-0{d}"), "kind": "DAY_KIND_OFF"})).collect();
    year.told("2027-01-12 09:00", &on("log", LOG), calendar(2027, json!(off))).await;
    let noticed = year.here().await;
    assert_eq!(year.calendar().await, (day("2027-12-31"), day("2026-12-31"), false));
    assert_eq!(year.promised("late", &noticed).await, (day("5 2027-01-07 overdue"), false));
    year.told("2027-01-13 09:00", &case("late"), json!({"caseDecided": {"result": "DECISION_RESULT_PASS"}})).await;
    let now = year.here().await;
    let after = [
        ("backlog_promised", ("", "2027-01-07"), &*now, "", "0.00 0/0 u0 x0"),
        ("backlog_promised", ("", "2027-01-08"), &now, "", "1.00 1/1 u0 x0"),
        ("backlog_promised", ("", "2027-01-11"), &noticed, "", "1.00 1/1 u0 x0"),
        ("backlog_promised", ("", "2027-01-13"), &now, "", "0.00 0/0 u0 x0"),
        ("on_time_rate_promised", ("12-01", "12-31"), &now, "", "null 0/0 u0 x0"),
        ("on_time_rate_promised", ("2027-01-01", "2027-01-31"), &now, "", "0.00 0/1 u0 x0"),
    ];
    year.figures(&after).await;
    year.figures(&before).await;
    assert_eq!(year.promised("late", &then).await, (day("5 2027-01-06 provisional"), true), "as known then, for ever");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lived_through() {
    for lab in [Lab::new(), Lab::on(&postgres::database("").await)] {
        let server = lab.serve("off").await;
        let mut year = begin(server.client()).await;
        editions(&mut year).await;
        limits(&mut year).await;
        ranks(&mut year).await;
        dynamic_list(&mut year).await;
        the_next_year(&mut year).await;
        assert!(server.stop().await.success());
    }
}
