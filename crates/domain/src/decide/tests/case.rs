//! Cases: what stands beside the state table, remarks, late events.

use super::{NEW, PostMode, answer, check, said};
use crate::decide::decide;
use crate::event::{
    CaseAccepted, CaseNote, CaseReceived, CorrectionSubmitted, Decision, Extension, Fact, Finding, NotAccepted, NoticeBreach,
    NoticeBreachAlleged, NoticeBreachFound, ProcedureKind, ProcedureStarted, Replaced, RuleValue, Voided,
};
use crate::ids::kind;
use crate::testing::{
    accepted, at, corrected, day, ended, event_of, history, identity, knowledge, notice, received, replaced, started, subject,
    voided,
};
use jiff::civil::time;

fn procedure(id: &str, kind: ProcedureKind) -> Fact {
    Fact::SpecialProcedureStarted(ProcedureStarted { proc_id: id.into(), kind, told: true, sub_case: None })
}

fn alleged(id: &str) -> Fact {
    Fact::NoticeBreachAlleged(NoticeBreachAlleged { allegation_id: id.into(), kind: NoticeBreach::Unclear })
}

fn found(id: &str) -> Fact {
    let (finding, kind) = (Finding::Substantiated, NoticeBreach::Unclear);
    Fact::NoticeBreachFound(NoticeBreachFound { allegation_id: id.into(), finding, kind })
}

#[test]
fn ids_within_a_case() {
    let base = [
        ("04-20", received()),
        ("04-21", notice("n")),
        ("04-22", corrected("n")),
        ("04-23", accepted()),
        ("04-24", started("p", true)),
    ];
    let known = knowledge(&[]);
    let unlinked = || Fact::CorrectionSubmitted(CorrectionSubmitted { notice_id: "".into(), materials: Vec::new() });
    let table = [
        ("a notice with its id", ("04-25", notice("n")), "XE-NOTICE-EXISTS"),
        ("a correction of another notice", ("04-25", corrected("m")), "XE-CORRECTION-NOT-ASKED"),
        ("a correction of that notice", ("04-25", corrected("n")), "ok"),
        ("a correction of no notice", ("04-25", unlinked()), "ok"),
        ("the same procedure", ("04-25", procedure("p", ProcedureKind::Hearing)), "XE-PROCEDURE-EXISTS"),
        ("another of its kind", ("04-25", procedure("q", ProcedureKind::ExpertReview)), "XE-PROCEDURE-EXISTS"),
        ("another of another kind", ("04-25", procedure("q", ProcedureKind::Hearing)), "ok"),
        ("the end of another", ("04-25", ended("q")), "XE-PROCEDURE-UNKNOWN"),
        ("its end", ("04-25", ended("p")), "ok"),
        ("a finding of no allegation", ("04-25", found("a")), "XE-ALLEGATION-UNKNOWN"),
    ];
    for (name, came, expected) in table {
        assert_eq!(answer(kind::CASE, &base, &known, came, PostMode::Strict), expected, "{name}");
    }
    let with_allegation = [("04-20", received()), ("04-21", alleged("a"))];
    check(
        kind::CASE,
        &known,
        &[
            ("allege again", &with_allegation, ("04-25", alleged("a")), "XE-ALLEGATION-EXISTS"),
            ("allege another", &with_allegation, ("04-25", alleged("b")), "ok"),
            ("find it", &with_allegation, ("04-25", found("a")), "ok"),
            ("find it before it was alleged", &with_allegation, ("04-20", found("a")), "XE-ALLEGATION-UNKNOWN"),
        ],
    );
    let after_end = [("04-20", received()), ("04-23", accepted()), ("04-24", started("p", true)), ("04-27", ended("p"))];
    let came = ("04-28", procedure("q", ProcedureKind::ExpertReview));
    assert_eq!(answer(kind::CASE, &after_end, &known, came, PostMode::Strict), "ok", "one of a kind after the other");
}

#[test]
fn an_event_is_judged_at_its_own_place() {
    // The window of a receipt on 04-20 ends on 04-27.
    let decided = || Fact::CaseDecided(Decision::Pass);
    let refused = || Fact::NotAccepted(NotAccepted { ground: "not_our_authority".into() });
    let (alone, confirmed) = ([("04-20", received())], [("04-20", received()), ("04-28", accepted())]);
    let long_over = [("04-20", received()), ("04-27", accepted()), ("05-08", decided())];
    check(
        kind::CASE,
        &knowledge(&[]),
        &[
            ("a notice within, the case decided since", &long_over, ("04-22", notice("n")), "ok"),
            ("an acceptance before the one that stands", &long_over, ("04-22", accepted()), "ok"),
            ("a step before the decision", &long_over, ("05-06", Fact::ReviewStepDone), "ok"),
            ("a step before acceptance", &long_over, ("04-22", Fact::ReviewStepDone), "XE-CASE-NOT-ACCEPTED"),
            ("a step after the decision", &long_over, ("05-09", Fact::ReviewStepDone), "XE-CASE-DECIDED"),
            ("before the receipt", &long_over, ("04-19", notice("n")), "XE-CASE-UNKNOWN"),
            ("a receipt before the receipt", &long_over, ("04-19", received()), "XE-CASE-EXISTS"),
            ("a step on the last day of the window", &alone, ("04-27", Fact::ReviewStepDone), "XE-CASE-NOT-ACCEPTED"),
            ("a step after it: deemed accepted", &alone, ("04-28", Fact::ReviewStepDone), "ok"),
            ("an acceptance after it only confirms", &alone, ("04-28", accepted()), "ok"),
            ("and once", &confirmed, ("04-29", accepted()), "XE-CASE-ACCEPTED"),
            ("a refusal after it", &alone, ("04-28", refused()), "XE-CASE-ACCEPTED"),
            ("a notice after it", &alone, ("04-28", notice("n")), "post_acceptance"),
        ],
    );
}

#[test]
fn corrections_of_events() {
    let by = |authority: &str| Fact::EventVoided(Voided { target: identity(2), authority: authority.into() });
    let replaced_by =
        |authority: &str| Fact::EventReplaced(Replaced { target: identity(2), by_event: identity(3), authority: authority.into() });
    let open = [("04-20", received()), ("04-27", accepted())];
    let closed = [
        ("04-20", received()),
        ("04-27", accepted()),
        ("05-08", Fact::CaseDecided(Decision::Pass)),
        ("05-09", Fact::CaseCompleted),
    ];
    let gone = [("04-20", received()), ("04-27", accepted()), ("04-28", voided(2))];
    check(
        kind::CASE,
        &knowledge(&[]),
        &[
            ("of an open case", &open, ("05-06", by("")), "ok"),
            ("of a closed one", &closed, ("05-11", by("")), "XE-VOID-AUTHORITY"),
            ("dated back before the close", &closed, ("04-28", by("")), "XE-VOID-AUTHORITY"),
            ("by an authority", &closed, ("05-11", by("approver")), "ok"),
            ("a replacement of a closed one", &closed, ("05-11", replaced_by("")), "XE-VOID-AUTHORITY"),
            ("a replacement by an authority", &closed, ("05-11", replaced_by("approver")), "ok"),
            ("of nothing", &open, ("05-06", voided(77)), "XE-VOID-TARGET"),
            ("of what is voided", &gone, ("05-06", voided(2)), "XE-VOID-TARGET"),
            ("of the void", &gone, ("05-06", voided(3)), "ok"),
            ("by itself", &open, ("05-06", replaced(2, 2)), "XE-VOID-TARGET"),
        ],
    );
    for mode in [PostMode::Strict, PostMode::Record] {
        assert_eq!(answer(kind::CASE, &open, &knowledge(&[]), ("05-06", voided(77)), mode), "XE-VOID-TARGET");
    }
    assert_eq!(answer(kind::CASE, &closed, &knowledge(&[]), ("05-11", by("")), PostMode::Record), "irregular record_mode_unlisted");
}

#[test]
fn record_mode_names_its_sources() {
    let given = [("04-20", received())];
    let came = || ("04-21", Fact::CaseDecided(Decision::Pass));
    let listed = knowledge(&[("record_mode_sources", RuleValue::Codes(vec!["s".into()]))]);
    assert_eq!(answer(kind::CASE, &given, &listed, came(), PostMode::Record), "irregular");
    assert_eq!(answer(kind::CASE, &given, &knowledge(&[]), came(), PostMode::Record), "irregular record_mode_unlisted");
    assert_eq!(answer(kind::CASE, &given, &listed, came(), PostMode::Strict), "XE-CASE-NOT-ACCEPTED");
}

#[test]
fn remarks() {
    let of = |item: &str, version: &str| {
        let Fact::CaseReceived(received) = received() else { unreachable!() };
        Fact::CaseReceived(CaseReceived { item_code: item.into(), item_version: version.into(), ..received })
    };
    let promising = |on: &str| Fact::CaseAccepted(CaseAccepted { tolerance: false, promised_due: Some(day(on)) });
    let extension = |told| Fact::ExtensionApproved(Extension { days: 10, told });
    let (none, open) = ([], [("04-20", received()), ("04-27", accepted())]);
    let asked = [("04-20", received())];
    let note = || Fact::CaseNoteRecorded(CaseNote { code: "c".into() });
    check(
        kind::CASE,
        &knowledge(&[]),
        &[
            ("an item of no catalogue", &none, ("04-20", of("other", "1")), "item_unknown"),
            ("a version of no catalogue", &none, ("04-20", of("permit", "7")), "item_unknown"),
            ("no version named, one in force", &none, ("04-20", of("permit", "")), "ok"),
            ("a source without items", &none, ("04-20", of("", "")), "ok"),
            ("promised as the item says", &asked, ("04-27", promising("05-11")), "ok"),
            ("promised otherwise", &asked, ("04-27", promising("05-12")), "promised_due_differs"),
            ("promised from a deemed acceptance", &asked, ("04-28", promising("04-30")), "ok"),
            ("an extension in time", &open, ("05-27", extension(true)), "ok"),
            ("an extension untold", &open, ("05-27", extension(false)), "extension_void"),
            ("an extension late", &open, ("05-28", extension(true)), "extension_void"),
            ("a notice after acceptance", &open, ("05-06", notice("n")), "post_acceptance"),
            ("a note", &open, ("05-06", note()), "ok"),
        ],
    );
}

#[test]
fn a_fact_told_twice_is_flagged_and_a_note_is_not() {
    let note = || Fact::CaseNoteRecorded(CaseNote { code: "c".into() });
    for (fact, expected) in [(Fact::ReviewStepDone, "possible_duplicate"), (note(), "ok")] {
        let given = history(kind::CASE, &[("04-20", received()), ("04-27", accepted()), ("05-06", fact.clone())]);
        let mut again = crate::Event::clone(&given.entries()[2].recorded.event);
        again.identity = identity(NEW);
        assert_eq!(said(decide(&given, &knowledge(&[]), &again, PostMode::Strict, again.occurred_at)), expected);
    }
}

#[test]
fn the_time_it_is_recorded() {
    // 04-30 is a Thursday; 05-01 to 05-05 are off. By the rules 5 minutes and 1 working day.
    let known = knowledge(&[]);
    let event = event_of(&subject(kind::CASE), NEW, day("04-30"), time(12, 0, 0, 0), received());
    let table = [
        ("5 minutes ahead", event.occurred_at - jiff::SignedDuration::from_mins(5), "ok"),
        ("more than 5 minutes ahead", event.occurred_at - jiff::SignedDuration::from_secs(301), "XE-TIME-AHEAD"),
        ("on the next working day", at("05-06", 23), "ok"),
        ("on the second", at("05-07", 0), "late_posted"),
    ];
    let empty = history::<&str>(kind::CASE, &[]);
    for (name, recorded_at, expected) in table {
        for mode in [PostMode::Strict, PostMode::Record] {
            assert_eq!(said(decide(&empty, &known, &event, mode, recorded_at)), expected, "{name}");
        }
    }
}

#[test]
fn no_document_is_of_a_day_to_come() {
    let (known, empty) = (knowledge(&[]), history::<&str>(kind::CASE, &[]));
    let noon = time(12, 0, 0, 0);
    // By the rule 5 minutes: from 23:55 on a document may be of the next day.
    let table = [
        ("of the same day", day("04-30"), at("04-30", 12), "ok"),
        ("of a day before", day("04-01"), at("04-30", 12), "late_posted"),
        ("of the next day", day("05-01"), at("04-30", 12), "XE-TIME-AHEAD"),
        (
            "of the next day, six minutes before it",
            day("05-01"),
            at("05-01", 0) - jiff::SignedDuration::from_mins(6),
            "XE-TIME-AHEAD",
        ),
        ("of the next day, five minutes before it", day("05-01"), at("05-01", 0) - jiff::SignedDuration::from_mins(5), "ok"),
        ("of next year", jiff::civil::date(2027, 4, 30), at("04-30", 12), "XE-TIME-AHEAD"),
    ];
    for (name, legal_date, recorded_at, expected) in table {
        let mut event = event_of(&subject(kind::CASE), NEW, day("04-30"), noon, received());
        event.day = legal_date;
        for mode in [PostMode::Strict, PostMode::Record] {
            let decided = decide(&empty, &known, &event, mode, recorded_at);
            let field = decided.as_ref().err().map_or("legal_date", |refusal| &refusal.field).to_owned();
            assert_eq!((said(decided).as_str(), field.as_str()), (expected, "legal_date"), "{name}");
        }
    }
}

#[test]
fn the_unit_that_acts() {
    let empty = history::<&str>(kind::CASE, &[]);
    for (unit, expected) in
        [("", "ok"), ("11370306XXXX00019K", "ok"), ("11370306XXXX00019L", "bad_unit_usci"), ("window 3", "bad_unit_usci")]
    {
        let mut event = event_of(&subject(kind::CASE), NEW, day("04-20"), time(12, 0, 0, 0), received());
        event.unit = unit.into();
        assert_eq!(said(decide(&empty, &knowledge(&[]), &event, PostMode::Strict, event.occurred_at)), expected, "{unit}");
    }
}

#[test]
fn a_refusal_names_its_rule() {
    let given = history(kind::CASE, &[("04-20", received())]);
    let event = event_of(&subject(kind::CASE), NEW, day("04-21"), time(12, 0, 0, 0), Fact::CaseCompleted);
    let refusal = decide(&given, &knowledge(&[]), &event, PostMode::Strict, event.occurred_at).unwrap_err();
    assert_eq!((refusal.rule.as_str(), refusal.field.as_str()), ("case:Received:CaseCompleted", "fact"));
}
