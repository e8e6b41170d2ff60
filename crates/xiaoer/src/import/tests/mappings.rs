use super::super::{Mapping, is_source_event};
use super::{import, log};
use xiaoer_wire::v1::{self, event::Fact};

const HEAD: &str = "log = 'demo'\nsystem = 'hall'\n";

fn event(attributes: &[(&str, &str)]) -> String {
    let attributes: String = attributes.iter().map(|(key, value)| format!("<string key='{key}' value='{value}'/>")).collect();
    format!("<event>{attributes}</event>")
}

fn step(name: &str, at: &str) -> String {
    event(&[("concept:name", name), ("time:timestamp", at)])
}

fn trace(attributes: &[(&str, &str)], events: &str) -> Vec<u8> {
    let attributes: String = attributes.iter().map(|(key, value)| format!("<string key='{key}' value='{value}'/>")).collect();
    log(&format!("<trace>{attributes}{events}</trace>"))
}

/// The facts of one trace as `seq name time`, with the code of a note.
fn facts(mapping: &str, log: Vec<u8>) -> Vec<String> {
    let cases = import(&format!("{HEAD}{mapping}"), log).unwrap();
    cases.iter().flat_map(|case| &case.events).map(shown).collect()
}

fn shown(event: &v1::Event) -> String {
    let json = serde_json::to_value(event).unwrap();
    let fact =
        json.as_object().unwrap().iter().find(|(key, _)| key.starts_with(|c: char| "cnrdse".contains(c)) && is_fact(key)).unwrap();
    format!("{} {}{} {}", event.source_seq.unwrap(), fact.0, fact.1, json["occurredAt"].as_str().unwrap())
}

fn is_fact(key: &str) -> bool {
    !["eventId", "subject", "occurredAt", "source", "sourceSeq"].contains(&key)
}

#[test]
fn a_trace_becomes_a_case() {
    let two = step("A", "2020-01-02T08:00:00+08:00") + &step("B", "2020-01-02T08:00:00.1234567Z");
    let named = |more: &[(&'static str, &'static str)]| [&[("concept:name", "7")], more].concat();
    let table: [(&str, &str, Vec<u8>, &[&str]); 8] = [
        (
            "notes only",
            "",
            trace(&named(&[]), &two),
            &[
                r#"1 caseNoteRecorded{"code":"A"} 2020-01-02T00:00:00Z"#,
                r#"2 caseNoteRecorded{"code":"B"} 2020-01-02T08:00:00.123456Z"#,
            ],
        ),
        (
            "begin and end from the events",
            "[begin]\n[end]",
            trace(&named(&[]), &two),
            &[
                "0 caseReceived{} 2020-01-02T00:00:00Z",
                r#"1 caseNoteRecorded{"code":"A"} 2020-01-02T00:00:00Z"#,
                r#"2 caseNoteRecorded{"code":"B"} 2020-01-02T08:00:00.123456Z"#,
                r#"3 caseNoteRecorded{"code":"trace.end"} 2020-01-02T08:00:00.123456Z"#,
            ],
        ),
        (
            "begin and end from the trace",
            "[begin]\nat = 'from'\n[begin.fields]\nchannel = '{trace:how}'\n[end]\nat = 'to'\n[values.'trace:how']\nweb = 'CHANNEL_ONLINE'",
            trace(&named(&[("from", "2020-01-01T00:00:00Z"), ("to", "2020-02-01T00:00:00Z"), ("how", "web")]), ""),
            &[
                r#"0 caseReceived{"channel":"CHANNEL_ONLINE"} 2020-01-01T00:00:00Z"#,
                r#"1 caseNoteRecorded{"code":"trace.end"} 2020-02-01T00:00:00Z"#,
            ],
        ),
        (
            "a begin stated too late, no end stated, an unlisted value",
            "[begin]\nat = 'from'\n[begin.fields]\nchannel = '{trace:how}'\n[end]\nat = 'to'\n[values.'trace:how']\nweb = 'CHANNEL_ONLINE'",
            trace(&named(&[("from", "2021-01-01T00:00:00Z"), ("how", "fax")]), &step("A", "2020-01-02T00:00:00Z")),
            &["0 caseReceived{} 2020-01-02T00:00:00Z", r#"1 caseNoteRecorded{"code":"A"} 2020-01-02T00:00:00Z"#],
        ),
        (
            "the answer decides",
            "[[activity]]\nnames = ['A']\nwhen = { q = 'yes' }\nfact = 'CaseWithdrawn'\n\
             [[activity]]\nnames = ['A']\nwhen = { q = 'no' }\nfact = 'ReviewStepDone'\nfields = { step = '{concept:name}' }",
            trace(
                &named(&[]),
                &["yes", "no", "perhaps"]
                    .map(|q| event(&[("concept:name", "A"), ("time:timestamp", "2020-01-01T00:00:00Z"), ("q", q)]))
                    .concat(),
            ),
            &[
                "1 caseWithdrawn{} 2020-01-01T00:00:00Z",
                r#"2 reviewStepDone{"step":"A"} 2020-01-01T00:00:00Z"#,
                r#"3 caseNoteRecorded{"code":"A"} 2020-01-01T00:00:00Z"#,
            ],
        ),
        (
            "numbers, dates, times and lists from attributes",
            "time_zone = 'Asia/Shanghai'\n\
             [[activity]]\nnames = ['X']\nfact = 'ExtensionApproved'\nfields = { days = '{n}', told_applicant_at = '{told|time}', reason = '{absent}' }\n\
             [[activity]]\nnames = ['N']\nfact = 'NoticeGiven'\nfields = { notice_id = '{seq}', items = [{ material_code = '{m}', defect = 'torn' }] }\n\
             [[activity]]\nnames = ['Y']\nfact = 'CaseAccepted'\nfields = { promised_due = '{trace:due|date}' }",
            trace(
                &named(&[("due", "2020-03-01T20:00:00Z")]),
                &(event(&[
                    ("concept:name", "X"),
                    ("time:timestamp", "2020-01-01T00:00"),
                    ("n", "10"),
                    ("told", "2020-01-01T00:00:00"),
                ]) + &event(&[("concept:name", "N"), ("time:timestamp", "2020-01-01"), ("m", "id-card")])
                    + &step("Y", "2020-01-01T08:00:00+08:00")),
            ),
            &[
                r#"1 extensionApproved{"days":10,"toldApplicantAt":"2019-12-31T16:00:00Z"} 2019-12-31T16:00:00Z"#,
                r#"2 noticeGiven{"items":[{"defect":"torn","materialCode":"id-card"}],"noticeId":"2"} 2019-12-31T16:00:00Z"#,
                r#"3 caseAccepted{"promisedDue":"2020-03-02"} 2020-01-01T00:00:00Z"#,
            ],
        ),
        (
            "other names of the attributes",
            "[keys]\ncase = 'id'\nactivity = 'what'\ntime = 'when'",
            trace(&[("id", "7")], &event(&[("what", "A"), ("when", "2020-01-01T00:00:00Z")])),
            &[r#"1 caseNoteRecorded{"code":"A"} 2020-01-01T00:00:00Z"#],
        ),
        ("a trace without events", "", trace(&named(&[]), ""), &[]),
    ];
    for (name, mapping, log, expected) in table {
        assert_eq!(facts(mapping, log), expected, "{name}");
    }
}

#[test]
fn events_carry_their_origin_and_repeat() {
    let mapping = format!("{HEAD}[keys]\nstaff = 'org:resource'\n[begin]\n");
    let attributes = [("concept:name", "A"), ("time:timestamp", "2020-01-01T00:00:00Z"), ("org:resource", "0412")];
    let run = || import(&mapping, trace(&[("concept:name", "办-7")], &event(&attributes).repeat(2))).unwrap().remove(0);
    let case = run();
    assert_eq!(case.source_events, 2);
    assert_eq!(case.events, run().events, "an import can be repeated");
    let ids: std::collections::HashSet<_> = case.events.iter().map(|event| &event.event_id).collect();
    assert_eq!(ids.len(), 3);
    for event in &case.events {
        assert_eq!(event.subject.as_ref(), Some(&case.subject));
        assert_eq!(event.source.as_ref().unwrap().system, "hall");
    }
    assert_eq!(case.subject, v1::Subject { kind: "case".into(), system: "hall".into(), id: "办-7".into() });
    assert_eq!(case.events[1].source.as_ref().unwrap().staff_id, "0412");
    let source: Vec<_> = case.events.iter().map(is_source_event).collect();
    assert_eq!(source, [false, true, true]);
}

#[test]
fn a_source_event_that_receives_the_case_is_told_from_a_begin() {
    let mapping = format!("{HEAD}[[activity]]\nnames = ['A']\nfact = 'CaseReceived'");
    let case = import(&mapping, trace(&[("concept:name", "7")], &step("A", "2020-01-01T00:00:00Z"))).unwrap().remove(0);
    assert!(matches!(case.events[0].fact, Some(Fact::CaseReceived(_))));
    assert!(is_source_event(&case.events[0]));
}

#[test]
fn a_mapping_is_checked_before_anything_is_read() {
    let table = [
        ("", "missing field `log`"),
        ("log = 'x'\nsystem = 'y'\ncolour = 1", "unknown field `colour`"),
        ("log = 'x'\nsystem = 'y'\n[keys]\nactor = 'z'", "unknown field `actor`"),
        ("log = 'x'\nsystem = 'y'\n[begin]\nwhen = 'z'", "unknown field `when`"),
        ("log = 'x'\nsystem = 'y'\ntime_zone = 'Mars/Base'", "time_zone"),
        ("log = 'x'\nsystem = 'y'\n[begin.fields]\nitem_code = '{trace:item}'", "item_code stays empty"),
        ("log = 'x'\nsystem = 'y'\n[begin]\n[[activity]]\nnames = ['A']\nfact = 'CaseReceived'", "makes CaseReceived already"),
        ("log = 'x'\nsystem = 'y'\n[[activity]]\nnames = ['A']\nfact = 'CaseEaten'", "no such fact"),
        ("log = 'x'\nsystem = 'y'\n[[activity]]\nnames = ['A']\nfact = 'Limit'", "unknown field `limit`"),
        ("log = 'x'\nsystem = 'y'\n[[activity]]\nnames = ['A']\nfact = ''", "no such fact"),
        ("log = 'x'\nsystem = 'y'\n[[activity]]\nnames = ['A']\nfact = '\u{e9}'", "no such fact"),
        (
            "log = 'x'\nsystem = 'y'\n[[activity]]\nnames = ['A']\nfact = 'CaseDecided'\nfields = { reslt = '{q}' }",
            "has no field reslt",
        ),
        ("log = 'x'\nsystem = 'y'\n[[activity]]\nnames = ['A']\nfact = 'CaseDecided'\nfields = { result = 'YES' }", "YES"),
    ];
    for (mapping, said) in table {
        let error = Mapping::parse(mapping).unwrap_err().to_string();
        assert!(error.starts_with("mapping: ") && error.contains(said), "{mapping}: {error}");
    }
}

#[test]
fn the_mapping_of_the_page_is_one() {
    let page = include_str!("../../../../../docs/import.md");
    let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    Mapping::parse(example).unwrap();
}

#[test]
fn a_trace_that_does_not_fit_is_named() {
    let good = step("A", "2020-01-01T00:00:00Z");
    let days = "[[activity]]\nnames = ['A']\nfact = 'ExtensionApproved'\nfields = { days = '{concept:name}' }";
    let long = "x".repeat(129);
    let table: [(&str, Vec<u8>, &str); 9] = [
        ("", log(&format!("<trace/><trace>{good}</trace>")), "trace no. 1, which begins at byte 62: it has no concept:name"),
        ("", trace(&[("concept:name", "")], &good), "trace no. 1"),
        ("", trace(&[("concept:name", "7")], &event(&[("concept:name", "A")])), "trace 7"),
        ("", trace(&[("concept:name", "7")], &(good.clone() + &step("A", "soon"))), "event 2: time:timestamp: `soon` is no time"),
        (
            "",
            trace(&[("concept:name", "7")], &event(&[("time:timestamp", "2020-01-01T00:00:00Z")])),
            "event 1: it has no concept:name",
        ),
        ("", trace(&[("concept:name", "7")], &step("trace.end", "2020-01-01T00:00:00Z")), "`trace.end`: codes that begin with"),
        ("", trace(&[("concept:name", "7")], &step(&long, "2020-01-01T00:00:00Z")), "longer than 128"),
        ("[begin]", trace(&[("concept:name", "7")], ""), "trace 7"),
        (days, trace(&[("concept:name", "7")], &good), "event 1: A: "),
    ];
    for (mapping, log, said) in table {
        let error = import(&format!("{HEAD}{mapping}"), log).unwrap_err().to_string();
        assert!(error.contains(said), "{said}: {error}");
    }
}
