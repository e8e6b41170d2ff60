//! Aim: the catalogue says what was in force on a day and known at a time: items, units, the calendar, the rules.
//!
//! Method: a small registry is posted on a synthetic log, each event recorded at its simulated time, some of it late, corrected or
//! withdrawn. Every question is then asked about several days, and as known at several times; the answers were worked out by hand.

use serde_json::{Value, json};
use xiaoer_tests::{Client, Lab, UNIT, event, on};
use xiaoer_wire::v1::{
    Event, GetCalendarRequest, GetItemRequest, GetUnitRequest, ItemChannel, ItemView, KnownAt, ListItemsRequest, ListRulesRequest,
    ListUnitsRequest, PostMode, RuleValue, Subject, UnitView, known_at::Bound, rule_value::Kind,
};

const LOG: &str = "catalogue";
/// A second unit; its code passes its check.
const OTHER: &str = "11370306XXXX00027E";

fn at(day: &str) -> String {
    format!("2026-{day}T09:00:00+08:00")
}

fn known(day: &str) -> Option<KnownAt> {
    let time = |day: &str| Bound::Time(at(day).parse::<jiff::Timestamp>().expect("a time").into());
    (!day.is_empty()).then(|| KnownAt { bound: Some(time(day)) })
}

fn version(version: &str, lead: &str, from: &str, promised: u32) -> Value {
    let limit = |n: u32| json!({"n": n, "unit": "LIMIT_UNIT_WORKING_DAY"});
    json!({"itemVersionPublished": {"version": version, "name": format!("name {version}"), "itemType": "ITEM_TYPE_PERMIT",
        "leadUsci": lead, "promisedLimit": limit(promised), "inForceFrom": format!("2026-{from}")}})
}

fn posted(version: &str, channel: &str) -> Value {
    json!({"itemPosted": {"version": version, "channel": channel}})
}

fn unit(name: &str, from: &str) -> Value {
    json!({"unitRegistered": {"name": name, "kind": "UNIT_KIND_DEPARTMENT", "level": 4, "from": from}})
}

fn head(person: &str, from: &str) -> Value {
    json!({"unitHeadAppointed": {"personId": person, "from": from}})
}

fn rule(number: i64, from: &str) -> Value {
    json!({"ruleSet": {"ruleId": "first_ask_max_wd", "value": {"number": number.to_string()}, "inForceFrom": from, "authority": "A-1"}})
}

/// The calendar of a year in which one weekday is off.
fn year(version: u32, off: &str) -> Value {
    json!({"calendarPublished": {"year": 2027, "version": version, "days": [{"date": off, "kind": "DAY_KIND_OFF"}]}})
}

/// What is told, in the order of recording: recorded on, happened on, where, what.
fn told() -> Vec<(&'static str, &'static str, Subject, Value)> {
    let (permit, gone, log) = (on("item", "permit"), on("item", "gone"), on("log", LOG));
    let (first, second) = (on("unit", UNIT), on("unit", OTHER));
    vec![
        ("01-05", "01-05", first.clone(), unit("first", "2019-01-01")),
        ("01-05", "01-05", second.clone(), unit("second", "2026-03-01")),
        ("01-05", "01-05", first.clone(), head("p-1", "2026-01-01")),
        ("01-06", "01-06", permit.clone(), version("1", UNIT, "01-06", 8)),
        ("01-07", "01-07", permit.clone(), posted("1", "ITEM_CHANNEL_PRINT")),
        ("01-08", "01-08", gone.clone(), version("1", OTHER, "01-08", 20)),
        ("03-02", "03-02", permit.clone(), version("2", UNIT, "06-01", 5)),
        ("04-01", "04-01", first.clone(), unit("renamed", "2026-04-01")),
        ("04-02", "04-02", first.clone(), unit("in between, told late", "2025-01-01")),
        ("04-10", "04-10", gone, json!({"itemWithdrawn": {"authorityRef": "A-2"}})),
        ("05-06", "05-06", first.clone(), json!({"unitHeadRelieved": {"personId": "p-1"}})),
        ("05-07", "05-07", first, head("p-2", "2026-05-11")),
        ("05-20", "05-20", permit.clone(), posted("1", "ITEM_CHANNEL_KIOSK")),
        ("05-21", "05-21", log.clone(), rule(3, "2026-07-01")),
        ("05-22", "05-22", log.clone(), year(1, "2027-01-04")),
        ("05-25", "05-25", log, year(2, "2027-01-05")),
        // Wrong, and voided a few days later.
        ("06-10", "06-05", permit, version("3", UNIT, "06-05", 1)),
    ]
}

async fn live(client: &mut Client) {
    client.open(LOG, true).await;
    let mut wrong = None;
    for (recorded, happened, subject, fact) in told() {
        let event = event(&subject, &at(happened), fact);
        wrong = Some(event.event_id.clone());
        client.tell(LOG, event, PostMode::Strict, Some(&at(recorded))).await.unwrap();
    }
    let void = json!({"eventVoided": {"target": {"system": "hall", "eventId": wrong}}});
    let void: Event = event(&on("item", "permit"), &at("06-15"), void);
    client.tell(LOG, void, PostMode::Strict, Some(&at("06-15"))).await.unwrap();
}

/// An item in a line: version, promise, channels, withdrawal.
fn of_item(view: &ItemView) -> String {
    let version = view.version.as_ref().expect("its content");
    let channels: Vec<_> = view.channels.iter().map(|&channel| ItemChannel::try_from(channel).unwrap().as_str_name()).collect();
    let channels: Vec<_> = channels.iter().map(|name| name.trim_start_matches("ITEM_CHANNEL_").to_lowercase()).collect();
    let promised = version.promised_limit.as_ref().unwrap().n;
    format!("{} v{} {promised}wd [{}] {}", view.item_code, version.version, channels.join(" "), view.withdrawn_on).trim_end().into()
}

/// The items of a list, page by page.
async fn pages(client: &mut Client, mut ask: ListItemsRequest) -> Vec<String> {
    let mut found = Vec::new();
    loop {
        let page = client.catalogue.list_items(ask.clone()).await.unwrap().into_inner();
        assert!(ask.page_size == 0 || page.items.len() as u64 <= u64::from(ask.page_size), "{ask:?}");
        found.extend(page.items.iter().map(of_item));
        if page.next_page_token.is_empty() {
            return found;
        }
        ask.page_token = page.next_page_token;
    }
}

/// A unit in a line: name and head.
fn of_unit(view: &UnitView) -> String {
    format!("{} {}", view.registered.as_ref().expect("its registration").name, view.head_person_id).trim_end().into()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn items_are_shown_as_in_force_on_a_day_and_known_at_a_time() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    live(&mut client).await;
    let head = client.log(LOG).await.position;
    // Item, version asked for, day asked about, known on (empty: now), and what stands there.
    let lines = [
        ("permit", "", "2026-01-06", "", "permit v1 8wd []"),
        ("permit", "", "2026-01-07", "", "permit v1 8wd [print]"),
        ("permit", "", "2026-05-19", "", "permit v1 8wd [print]"),
        ("permit", "", "2026-05-20", "", "permit v1 8wd [print kiosk]"),
        ("permit", "", "2026-05-31", "", "permit v1 8wd [print kiosk]"),
        ("permit", "", "2026-06-01", "", "permit v2 5wd []"),
        ("permit", "1", "2026-06-01", "", "permit v1 8wd [print kiosk]"),
        ("permit", "2", "2026-01-07", "", "permit v2 5wd []"),
        ("permit", "", "2026-06-01", "02-01", "permit v1 8wd [print]"),
        // The wrong version was in force as known in between.
        ("permit", "", "2026-06-05", "06-12", "permit v3 1wd []"),
        ("permit", "", "2026-06-05", "06-16", "permit v2 5wd []"),
        ("permit", "", "2026-06-05", "", "permit v2 5wd []"),
        // Without a day it is that of the known time.
        ("permit", "", "", "06-12", "permit v3 1wd []"),
        ("permit", "", "", "05-20", "permit v1 8wd [print kiosk]"),
        ("gone", "", "2026-04-09", "", "gone v1 20wd [] 2026-04-10"),
        ("gone", "", "2026-04-09", "04-09", "gone v1 20wd []"),
        ("gone", "", "2026-04-10", "", "XE-SUBJECT-UNKNOWN"),
        ("gone", "", "2026-04-10", "04-09", "gone v1 20wd []"),
        ("gone", "1", "2026-04-10", "", "gone v1 20wd [] 2026-04-10"),
        ("permit", "3", "2026-06-05", "", "XE-SUBJECT-UNKNOWN"),
    ];
    for (item_code, version, on, known_on, expected) in lines {
        let asked = (item_code, version, on, known_on);
        let request = GetItemRequest {
            log: LOG.into(),
            item_code: item_code.into(),
            version: version.into(),
            on: on.into(),
            known_at: known(known_on),
        };
        let found = match client.catalogue.get_item(request).await.map(tonic::Response::into_inner) {
            Ok(answer) => {
                assert!(answer.position == head || !known_on.is_empty(), "{asked:?}");
                of_item(&answer.item.unwrap())
            }
            Err(status) => xiaoer_tests::refusal_of(&status).0,
        };
        assert_eq!(found, expected, "{asked:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_hold_what_is_in_force_page_by_page() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    live(&mut client).await;
    let items = [
        ("2025-12-31", "", "", vec![]),
        ("2026-04-09", "", "", vec!["gone v1 20wd [] 2026-04-10", "permit v1 8wd [print]"]),
        ("2026-04-09", UNIT, "", vec!["permit v1 8wd [print]"]),
        ("2026-04-09", OTHER, "", vec!["gone v1 20wd [] 2026-04-10"]),
        ("2026-04-10", "", "", vec!["permit v1 8wd [print]"]),
        ("2026-06-05", "", "06-12", vec!["permit v3 1wd []"]),
        ("2026-06-05", "", "01-07", vec!["permit v1 8wd [print]"]),
    ];
    for (on, lead, known_on, expected) in items {
        for page_size in [0, 1] {
            let ask = ListItemsRequest {
                log: LOG.into(),
                on: on.into(),
                known_at: known(known_on),
                lead_usci: lead.into(),
                page_size,
                page_token: String::new(),
            };
            assert_eq!(pages(&mut client, ask).await, expected, "{on} {lead} as known {known_on:?}, {page_size} a page");
        }
    }
    let units = [
        ("2018-12-31", vec![]),
        ("2024-12-31", vec!["first"]),
        ("2026-02-01", vec!["in between, told late p-1"]),
        ("2026-03-01", vec!["in between, told late p-1", "second"]),
    ];
    for (on, expected) in units {
        let request = ListUnitsRequest { log: LOG.into(), on: on.into(), ..ListUnitsRequest::default() };
        let found = client.catalogue.list_units(request).await.unwrap().into_inner();
        assert_eq!(found.units.iter().map(of_unit).collect::<Vec<_>>(), expected, "{on}");
    }
    let request = |page_token| ListUnitsRequest { log: LOG.into(), page_size: 1, page_token, ..ListUnitsRequest::default() };
    let first = client.catalogue.list_units(request(String::new())).await.unwrap().into_inner();
    let second = client.catalogue.list_units(request(first.next_page_token)).await.unwrap().into_inner();
    assert_eq!((first.units[0].usci.as_str(), second.units[0].usci.as_str()), (UNIT, OTHER));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn units_bear_the_name_and_the_head_of_the_day() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    live(&mut client).await;
    let lines = [
        (UNIT, "2024-12-31", "", "first"),
        (UNIT, "2026-03-31", "", "in between, told late p-1"),
        (UNIT, "2026-03-31", "04-01", "first p-1"),
        // What was told late is of an earlier day, and does not take the name back.
        (UNIT, "2026-04-01", "", "renamed p-1"),
        (UNIT, "2026-05-05", "", "renamed p-1"),
        (UNIT, "2026-05-06", "", "renamed"),
        (UNIT, "2026-05-06", "05-05", "renamed p-1"),
        (UNIT, "2026-05-11", "", "renamed p-2"),
        (OTHER, "2026-02-28", "", "XE-SUBJECT-UNKNOWN"),
        (OTHER, "2026-03-01", "", "second"),
        ("11370306XXXX00035X", "", "", "XE-SUBJECT-UNKNOWN"),
    ];
    for (usci, on, known_on, expected) in lines {
        let request = GetUnitRequest { log: LOG.into(), usci: usci.into(), on: on.into(), known_at: known(known_on) };
        let found = match client.catalogue.get_unit(request).await {
            Ok(answer) => of_unit(&answer.into_inner().unit.unwrap()),
            Err(status) => xiaoer_tests::refusal_of(&status).0,
        };
        assert_eq!(found, expected, "{usci} on {on:?} as known {known_on:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_calendar_and_the_rules_are_those_that_were_published() {
    let lab = Lab::new();
    let server = lab.serve("off").await;
    let mut client = server.client();
    live(&mut client).await;
    // From, to, known on: the working days, those that are provisional, and the horizon. `MM-DD` of each.
    let days = [
        // 调休: Sunday 20 September is worked, Friday 25 is off.
        ("2026-09-18", "2026-09-28", "", "18 20 21 22 23 24 28", "", "2027-12-31"),
        ("2026-12-31", "2027-01-06", "05-21", "31 04 05 06", "01 02 03 04 05 06", "2026-12-31"),
        ("2026-12-31", "2027-01-06", "05-24", "31 01 05 06", "", "2027-12-31"),
        ("2026-12-31", "2027-01-06", "", "31 01 04 06", "", "2027-12-31"),
        ("2027-12-31", "2028-01-03", "", "31 03", "01 02 03", "2027-12-31"),
    ];
    for (from, to, known_on, working, provisional, horizon) in days {
        let request = GetCalendarRequest { log: LOG.into(), from: from.into(), to: to.into(), known_at: known(known_on) };
        let answer = client.catalogue.get_calendar(request).await.unwrap().into_inner();
        let of = |is: &dyn Fn(&xiaoer_wire::v1::CalendarDayView) -> bool| -> String {
            answer.days.iter().filter(|day| is(day)).map(|day| day.date[8..].to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!((answer.days[0].date.as_str(), answer.days.last().unwrap().date.as_str()), (from, to));
        let found = (of(&|day| day.working), of(&|day| day.provisional), answer.horizon.clone());
        assert_eq!(found, (working.into(), provisional.into(), horizon.into()), "{from} to {to} as known {known_on:?}");
    }
    let rules = [("2026-06-30", "", 5, ""), ("2026-07-01", "", 3, "2026-07-01"), ("2026-07-01", "05-20", 5, "")];
    for (on, known_on, number, from) in rules {
        let request = ListRulesRequest { log: LOG.into(), on: on.into(), known_at: known(known_on) };
        let rules = client.catalogue.list_rules(request).await.unwrap().into_inner().rules;
        assert!(rules.len() > 50 && rules.iter().all(|rule| rule.value.is_some()), "every rule has a value");
        let set: Vec<_> = rules.iter().filter(|rule| !rule.is_default).map(|rule| rule.rule_id.as_str()).collect();
        assert_eq!(set, if from.is_empty() { vec![] } else { vec!["first_ask_max_wd"] }, "{on} as known {known_on:?}");
        let rule = rules.iter().find(|rule| rule.rule_id == "first_ask_max_wd").expect("the rule");
        assert_eq!(rule.value, Some(RuleValue { kind: Some(Kind::Number(number)) }), "{on} as known {known_on:?}");
        let authority = if from.is_empty() { "" } else { "A-1" };
        assert_eq!((rule.in_force_from.as_str(), rule.authority.as_str()), (from, authority));
    }
}
