//! Complaints (S8): the order of the steps, who handles them, and what is not told.

use super::{PostMode, decide, said};
use crate::complaint::{Card, complaint_on};
use crate::event::{
    Channel, ComplaintCategory, ComplaintKind, ComplaintOutcome, ComplaintReceived, ComplaintTransferred, Event, Fact, Finding,
    HotlineDesignation, RuleValue,
};
use crate::history::History;
use crate::ids::{Subject, kind};
use crate::knowledge::Knowledge;
use crate::testing::{apply, day, event_of, knowledge, recorded, voided};
use jiff::civil::time;

/// The hotline centre, and the unit complained about.
const LINE: &str = "11370306XXXX00027E";
const ACCUSED: &str = "11370306XXXX00019K";
const RANDOM: &str = "6f1c2b9e-3d4a-4c5b-8e7f-0a1b2c3d4e5f";

/// Designated from 1 March to 30 June, but not in May.
fn known(rules: &[(&str, RuleValue)]) -> Knowledge {
    let mut known = knowledge(rules);
    let designated = |from: &str, to: Option<&str>| {
        let (staff, from) = ("h-1".into(), day(from));
        Fact::HotlineStaffDesignated(HotlineDesignation { staff, from, to: to.map(day) })
    };
    let said = [designated("03-01", Some("04-30")), designated("06-01", Some("06-30"))];
    apply(&mut known, &said.map(|fact| (kind::UNIT, fact)));
    known
}

fn received() -> Fact {
    Fact::ComplaintReceived(ComplaintReceived {
        kind: ComplaintKind::Complaint,
        category: ComplaintCategory::Attitude,
        channel: Channel::Hotline,
        unit: ACCUSED.into(),
        staff: "w-9".into(),
        text: "text-1".into(),
        repeat_of: "".into(),
    })
}

fn to(redacted: &str) -> Fact {
    Fact::ComplaintTransferred(ComplaintTransferred { unit: ACCUSED.into(), redacted: redacted.into(), due_on: None })
}

/// An event on a complaint by a person of a unit, at noon.
fn by(unit: &str, staff: &str, number: u128, on: &str, fact: Fact) -> Event {
    let subject = Subject::new(kind::COMPLAINT, "hotline", RANDOM);
    let mut event = event_of(&subject, number, day(on), time(12, i8::try_from(number % 60).unwrap(), 0, 0), fact);
    (event.unit, event.staff) = (unit.into(), staff.into());
    event
}

fn told(facts: &[Fact]) -> History {
    let mut history = History::new(Subject::new(kind::COMPLAINT, "hotline", RANDOM));
    for (number, fact) in (1_u64..).zip(facts) {
        history.insert(recorded(number, by(LINE, "h-1", u128::from(number), "04-20", fact.clone())));
    }
    history
}

#[test]
fn the_order_of_the_steps() {
    let accepted = || Fact::ComplaintAccepted(None);
    let verifying = || Fact::ComplaintVerificationStarted("v-1".into());
    let verified = || Fact::ComplaintVerified(Finding::Substantiated);
    let rework = || Fact::ComplaintReworkOrdered(None);
    let replied = || Fact::ComplaintReplied;
    let closed = || Fact::ComplaintClosed(ComplaintOutcome::Handled);
    let extended = || Fact::ComplaintExtended(day("05-29"));
    let table: &[(&[Fact], Fact, &str)] = &[
        (&[], received(), "ok"),
        (&[received()], received(), "XE-COMPLAINT-EXISTS"),
        (&[], accepted(), "XE-COMPLAINT-UNKNOWN"),
        (&[received()], accepted(), "ok"),
        (&[received(), accepted()], accepted(), "XE-COMPLAINT-STATE"),
        (&[received()], verifying(), "XE-COMPLAINT-STATE"),
        (&[received(), accepted()], verified(), "XE-COMPLAINT-STATE"),
        (&[received(), accepted(), verifying()], verified(), "ok"),
        (&[received()], to("text-2"), "XE-COMPLAINT-STATE"),
        (&[received(), accepted()], to("text-2"), "early_transfer"),
        (&[received(), accepted(), verifying(), verified()], to("text-2"), "ok"),
        (&[received(), accepted()], replied(), "XE-COMPLAINT-STATE"),
        (&[received(), accepted(), to("text-2")], replied(), "ok"),
        (&[received(), accepted(), to("text-2")], rework(), "XE-COMPLAINT-STATE"),
        (&[received(), accepted(), to("text-2"), replied()], rework(), "ok"),
        (&[received(), accepted(), to("text-2"), replied(), rework()], rework(), "XE-COMPLAINT-STATE"),
        (&[received()], Fact::ComplainantCalledBack(true), "XE-COMPLAINT-STATE"),
        (&[received(), accepted()], Fact::ComplainantCalledBack(true), "ok"),
        (&[received(), accepted()], extended(), "ok"),
        (&[received(), accepted(), extended()], extended(), "extension_void"),
        (&[received()], closed(), "ok"),
        (&[received(), closed()], closed(), "XE-COMPLAINT-STATE"),
        (&[received(), closed()], accepted(), "XE-COMPLAINT-STATE"),
        (&[received(), accepted(), to("text-2"), closed()], replied(), "XE-COMPLAINT-STATE"),
        (&[received()], voided(1), "ok"),
    ];
    for (given, came, expected) in table {
        let event = by(LINE, "h-1", 50, "04-21", came.clone());
        let found = said(decide(&told(given), &known(&[]), &event, PostMode::Strict, event.occurred_at));
        assert_eq!(found, *expected, "{given:?} then {came:?}");
    }
}

#[test]
fn who_handles_a_complaint() {
    let accepted = [received(), Fact::ComplaintAccepted(None)];
    let verifying = |who: &str| Fact::ComplaintVerificationStarted(who.into());
    let table = [
        (LINE, "h-1", "04-30", verifying("v-1"), "ok"),
        (LINE, "h-2", "04-30", verifying("v-1"), "XE-NOT-DESIGNATED"),
        (LINE, "", "04-30", verifying("v-1"), "XE-NOT-DESIGNATED"),
        (LINE, "h-1", "05-06", verifying("v-1"), "XE-NOT-DESIGNATED"),
        (LINE, "h-1", "06-30", verifying("v-1"), "ok"),
        (LINE, "h-1", "07-01", verifying("v-1"), "XE-NOT-DESIGNATED"),
        (ACCUSED, "h-1", "04-30", verifying("v-1"), "XE-OWN-MATTER"),
        (LINE, "h-1", "04-30", verifying("w-9"), "XE-OWN-MATTER"),
        // The unit answers; it needs nobody designated.
        (ACCUSED, "w-9", "04-30", Fact::ComplaintReplied, "XE-COMPLAINT-STATE"),
    ];
    for (unit, staff, on, fact, expected) in table {
        let event = by(unit, staff, 50, on, fact.clone());
        assert_eq!(said(decide(&told(&accepted), &known(&[]), &event, PostMode::Strict, event.occurred_at)), expected, "{fact:?}");
    }
}

#[test]
fn what_would_tell_too_much() {
    let accepted = [received(), Fact::ComplaintAccepted(None)];
    let answer = |rules: &[(&str, RuleValue)], redacted: &str, mode| {
        let event = by(LINE, "h-1", 50, "04-21", to(redacted));
        said(decide(&told(&accepted), &known(rules), &event, mode, event.occurred_at))
    };
    let refuse = [("complaint_early_transfer", RuleValue::Code("refuse".into()))];
    assert_eq!(answer(&[], "text-2", PostMode::Strict), "early_transfer");
    assert_eq!(answer(&refuse, "text-2", PostMode::Record), "XE-COMPLAINT-EARLY-TRANSFER");
    assert_eq!(answer(&[], "text-1", PostMode::Record), "XE-NOT-REDACTED");
    // Not even of a receipt that was voided.
    let gone = told(&[received(), voided(1), received()]);
    let event = by(LINE, "h-1", 50, "04-21", to("text-1"));
    assert_eq!(said(decide(&gone, &known(&[]), &event, PostMode::Record, event.occurred_at)), "XE-NOT-REDACTED");

    for (id, expected) in [
        (RANDOM, "ok"),
        ("20260420-0001", "XE-FIELD-INVALID"),
        ("6F1C2B9E-3D4A-4C5B-8E7F-0A1B2C3D4E5F", "XE-FIELD-INVALID"),
        // Version 7 tells the time.
        ("01890a5d-ac96-774b-bcce-b302099a8057", "XE-FIELD-INVALID"),
    ] {
        for (kind, fact) in [(kind::COMPLAINT, received()), (kind::RECORD, Fact::RecordRefIssued(RANDOM.into()))] {
            let mut event = by(LINE, "h-1", 50, "04-21", fact);
            event.subject = Subject::new(kind, "hotline", id);
            let none = History::new(event.subject.clone());
            assert_eq!(said(decide(&none, &known(&[]), &event, PostMode::Record, event.occurred_at)), expected, "{kind} {id}");
        }
    }
}

#[test]
fn cards() {
    // Due on 05-20: 04-27 + 15 working days.
    let mut history = History::new(Subject::new(kind::COMPLAINT, "hotline", RANDOM));
    history.insert(recorded(1, by(LINE, "h-1", 1, "04-27", received())));
    let known = known(&[]);
    let card = |history: &History, on: &str| complaint_on(history, &known, day(on)).and_then(|it| it.card(&known, day(on)));
    for (on, expected) in [
        ("05-18", None),
        ("05-19", Some(Card::Yellow)),
        ("05-20", Some(Card::Yellow)),
        ("05-21", Some(Card::Red)),
        ("06-30", Some(Card::Red)),
    ] {
        assert_eq!(card(&history, on), expected, "{on}");
    }
    history.insert(recorded(2, by(LINE, "h-1", 2, "05-21", Fact::ComplaintClosed(ComplaintOutcome::Handled))));
    assert_eq!(card(&history, "05-22"), None);
}
