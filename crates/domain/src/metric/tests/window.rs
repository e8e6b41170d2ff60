//! One-window acceptance (S15): windows by the day of receipt, first checks, and how long departments wait.

use super::life::{configured, first_check, received, received_at, routed, taken};
use super::{Life, check, check_known};
use crate::event::{CaseReceived, Channel, Fact, WindowKind};
use crate::ids::kind::CASE;
use crate::testing::accepted;

/// `g` is a general window for `permit` from 03-02 on, `s` a special one for `permit` and `open`.
fn windows() -> Life {
    vec![
        ("03-02 08:00 g", configured(WindowKind::General, &["permit"])),
        ("03-02 08:00 s", configured(WindowKind::Special, &["permit", "open"])),
    ]
}

fn and(more: &[(&'static str, Fact)]) -> Life {
    windows().into_iter().chain(more.iter().cloned()).collect()
}

fn came(channel: Channel, window: &str) -> Fact {
    let Fact::CaseReceived(receipt) = received_at("permit", window) else { unreachable!() };
    Fact::CaseReceived(CaseReceived { channel, ..receipt })
}

#[test]
fn where_a_case_was_received() {
    let table: &[(&str, Fact, &str, &str)] = &[
        ("general", received_at("permit", "g"), "1/1 general_window", "0/1 not_checked"),
        ("special", received_at("permit", "s"), "0/1 special_window", "0/0"),
        ("nobody set it up", received_at("permit", "x"), "0/0 u1 window_not_set_up", "0/0 u1 window_not_set_up"),
        (
            "in a hall, at the window of the event",
            received_at("permit", ""),
            "0/0 u1 window_not_set_up",
            "0/0 u1 window_not_set_up",
        ),
        ("online", received("permit"), "0/0", "0/0"),
        ("online, a window named", came(Channel::Online, "g"), "0/0", "0/0"),
        ("no way in, a window named", came(Channel::Unknown, "g"), "1/1 general_window", "0/1 not_checked"),
        ("no general window takes the item", received_at("open", "g"), "0/0", "0/1 not_checked"),
    ];
    for (name, receipt, one_window, first_check) in table {
        let answers = [
            format!("one_window_rate 03-03..03-03 @03-03 = {one_window}"),
            format!("first_check_rate 03-03..03-03 @03-03 = {first_check}"),
        ];
        check(name, CASE, &and(&[("03-03", receipt.clone())]), &answers.each_ref().map(String::as_str));
    }
    check(
        "before any window",
        CASE,
        &and(&[("02-27", received_at("permit", "g"))]),
        &["first_check_rate 01-01..12-31 @12-31 = 0/0"],
    );
}

#[test]
fn a_window_is_what_it_was_on_the_day_of_receipt() {
    let mut life = and(&[("03-03", received_at("permit", "g"))]);
    let day = "one_window_rate 03-03..03-03 @03-03";
    life.push(("03-04 08:00 g", configured(WindowKind::Special, &["permit"])));
    check("changed a day later", CASE, &life, &[&format!("{day} = 1/1 general_window")]);
    life.push(("03-03 08:00 g", configured(WindowKind::Special, &["permit"])));
    check_known("known then", CASE, &life, 4, &[&format!("{day} = 1/1 general_window")]);
    // Posted late: on that day no general window took the item any more.
    check("changed on that day, posted late", CASE, &life, &[&format!("{day} = 0/0")]);
    life.push(("03-03 07:00 t", configured(WindowKind::General, &["permit"])));
    check("another takes it", CASE, &life, &[&format!("{day} = 0/1 special_window")]);
}

#[test]
fn first_checks() {
    let table: &[(&str, &[(&'static str, Fact)], &str)] = &[
        ("there", &[("03-03 11:00", first_check("g"))], "1/1 checked_there"),
        ("elsewhere", &[("03-03 11:00", first_check("s"))], "0/1 checked_elsewhere"),
        ("elsewhere first", &[("03-03 11:00", first_check("s")), ("03-03 12:00", first_check("g"))], "0/1 checked_elsewhere"),
        // The window of the event holds where the fact names none.
        ("at the window of the event", &[("03-03 11:00", first_check(""))], "0/1 checked_elsewhere"),
    ];
    for (name, more, answer) in table {
        let mut life = and(&[("03-03 10:00", received_at("permit", "g"))]);
        life.extend(more.iter().cloned());
        check(name, CASE, &life, &[&format!("first_check_rate 03-01..03-31 @03-31 = {answer}")]);
    }
    let later = and(&[("03-03 10:00", received_at("permit", "g")), ("03-05", first_check("g"))]);
    check(
        "two days later",
        CASE,
        &later,
        &["first_check_rate 03-03..03-03 @03-04 = 0/1 not_checked", "first_check_rate 03-03..03-03 @03-05 = 1/1 checked_there"],
    );
}

/// 行政许可法 art. 32: the five working days run from the window's receipt (04-21 to 04-27), whenever a department takes the case.
#[test]
fn the_window_receives_and_not_the_department() {
    let life = vec![
        ("04-20", received_at("permit", "g")),
        ("04-20 10:00", first_check("g")),
        ("04-24", routed("dept")),
        ("04-28 15:00", taken("dept")),
    ];
    check("nobody told the applicant", CASE, &life, &["backlog_receipt @04-27 = 0", "backlog_receipt @04-28 = 1 window_passed"]);
    // Accepted by law as of the receipt: due 04-30, not eight working days after the department took it.
    check("deemed", CASE, &life, &["on_time_rate_promised 04-30..04-30 @04-30 = 0/1 open_past_due"]);
}

#[test]
fn how_long_a_department_waits() {
    let accepted_and = |more: &[(&'static str, Fact)]| -> Life {
        [("04-20", received("permit")), ("04-20 10:00", accepted())].into_iter().chain(more.iter().cloned()).collect()
    };
    let table: &[(&str, &[(&'static str, Fact)], &str)] = &[
        ("at once", &[("04-21", routed("a")), ("04-21 11:00", taken("a"))], "04-21..04-21 @04-30 = 1 taken"),
        ("not taken", &[("04-21", routed("a"))], "04-21..04-21 @12-30 = 0 u1 not_taken"),
        ("another took it", &[("04-21", routed("a")), ("04-22", taken("b"))], "04-21..04-21 @04-30 = 0 u1 not_taken"),
        ("nobody sent it", &[("04-22", taken("b"))], "04-01..04-30 @04-30 = 0"),
        (
            "two departments",
            &[("04-21", routed("a")), ("04-21 11:00", routed("b")), ("04-22", taken("b")), ("04-24", taken("a"))],
            "04-01..04-30 @04-30 = 2 taken taken",
        ),
        (
            "sent twice, taken once",
            &[("04-21", routed("a")), ("04-22", routed("a")), ("04-24", taken("a"))],
            "04-01..04-30 @04-30 = 1 u1 not_taken taken",
        ),
    ];
    for (name, more, answer) in table {
        check(name, CASE, &accepted_and(more), &[&format!("handover_gap {answer}")]);
    }
    // 04-22, 04-23, 04-24, 04-27: the weekend does not count.
    let life = accepted_and(&[("04-21", routed("a")), ("04-27", taken("a"))]);
    let all = super::standings_known(CASE, &life, life.len());
    let gap =
        all.iter().find(|standing| standing.metric == crate::metric::Metric::HandoverGap && standing.value.is_some()).unwrap();
    assert_eq!((gap.value, &*gap.dims.unit), (Some(4.0), "a"));
}
