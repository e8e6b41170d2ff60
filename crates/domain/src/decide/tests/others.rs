//! Contacts, officials, consultations and visits.

use super::check;
use crate::event::{
    AskAccepted, AskBreach, AskBreachAlleged, AskBreachFound, AskRefused, CauseDecided, Channel, Decider, Fact, Finding,
    FirstAskReceived, HandedOver, NoticeBreach, NoticeBreachAlleged, Visit, VisitCause, VisitPurpose, VisitWho,
};
use crate::ids::kind;
use crate::testing::{knowledge, notice, subject, voided};

fn asked() -> Fact {
    Fact::FirstAskReceived(FirstAskReceived { channel: Channel::Phone, promised_reply_on: None })
}

fn alleged(id: &str) -> Fact {
    Fact::FirstAskBreachAlleged(AskBreachAlleged { allegation_id: id.into(), kind: AskBreach::Bounced })
}

fn found(id: &str) -> Fact {
    Fact::FirstAskBreachFound(AskBreachFound { allegation_id: id.into(), finding: Finding::Unverifiable })
}

#[test]
fn contacts() {
    let taken = || Fact::FirstAskAccepted(AskAccepted { by_staff: "w-2".into() });
    let refused = || Fact::FirstAskRefused(AskRefused { ground: "unlawful".into(), explained: true });
    let unclear = || {
        Fact::NoticeBreachAlleged(NoticeBreachAlleged { allegation_id: "a".into(), kind: NoticeBreach::Unclear, record: "".into() })
    };
    let handed = Fact::FirstAskHandedOver(HandedOver { to_unit: "u".into(), to_staff: "w-2".into() });
    let (none, first) = ([], [("04-20", asked())]);
    let handed_over = [("04-20", asked()), ("04-22", handed)];
    let with_allegation = [("04-20", asked()), ("04-22", alleged("a"))];
    check(
        kind::CONTACT,
        &knowledge(&[]),
        &[
            ("the first", &none, ("04-20", asked()), "ok"),
            ("received twice", &first, ("04-21", asked()), "XE-CONTACT-EXISTS"),
            ("received twice, dated before", &first, ("04-19", asked()), "XE-CONTACT-EXISTS"),
            ("a reply to nothing", &none, ("04-21", Fact::FirstAskReplied), "XE-CONTACT-UNKNOWN"),
            ("a reply before it was asked", &first, ("04-19", Fact::FirstAskReplied), "XE-CONTACT-UNKNOWN"),
            ("a reply", &first, ("04-21", Fact::FirstAskReplied), "ok"),
            ("an answer", &first, ("04-21", Fact::FirstAskAnswered), "ok"),
            ("a refusal", &first, ("04-21", refused()), "ok"),
            ("taken, never handed over", &first, ("04-21", taken()), "XE-HANDOVER-MISSING"),
            ("taken before it was handed over", &handed_over, ("04-21", taken()), "XE-HANDOVER-MISSING"),
            ("taken", &handed_over, ("04-23", taken()), "ok"),
            ("alleged of nothing", &none, ("04-21", alleged("a")), "XE-CONTACT-UNKNOWN"),
            ("alleged twice", &with_allegation, ("04-23", alleged("a")), "XE-ALLEGATION-EXISTS"),
            ("alleged twice, of another kind", &with_allegation, ("04-23", unclear()), "XE-ALLEGATION-EXISTS"),
            ("found", &with_allegation, ("04-23", found("a")), "ok"),
            ("found of no allegation", &with_allegation, ("04-23", found("b")), "XE-ALLEGATION-UNKNOWN"),
            ("voided", &first, ("04-21", voided(1)), "ok"),
        ],
    );
}

#[test]
fn an_official_and_a_consultation() {
    let (none, with_allegation) = ([], [("04-20", alleged("a"))]);
    check(
        kind::STAFF,
        &knowledge(&[]),
        &[
            ("alleged against an official: no contact is needed", &none, ("04-20", alleged("a")), "ok"),
            ("alleged twice", &with_allegation, ("04-21", alleged("a")), "XE-ALLEGATION-EXISTS"),
            ("found", &with_allegation, ("04-21", found("a")), "ok"),
            ("found of no allegation", &none, ("04-21", found("a")), "XE-ALLEGATION-UNKNOWN"),
        ],
    );
    let noticed = [("04-20", notice("n"))];
    check(
        kind::CONSULT,
        &knowledge(&[]),
        &[
            ("noticed", &none, ("04-20", notice("n")), "ok"),
            ("noticed twice", &noticed, ("04-21", notice("n")), "XE-NOTICE-EXISTS"),
            ("noticed again", &noticed, ("04-21", notice("m")), "ok"),
        ],
    );
}

#[test]
fn visits() {
    let came = || {
        Fact::ApplicantVisited(Visit {
            cases: vec![subject(kind::CASE)],
            place: "hall".into(),
            who: VisitWho::Applicant,
            purpose: VisitPurpose::Submit,
            required: true,
            cause: VisitCause::Unknown,
        })
    };
    let cause = || Fact::VisitCauseDecided(CauseDecided { cause: VisitCause::WrongGuide, decider: Decider::Callback });
    let (none, visited) = ([], [("04-20", came())]);
    check(
        kind::VISIT,
        &knowledge(&[]),
        &[
            ("the first", &none, ("04-20", came()), "ok"),
            ("the same again", &visited, ("04-21", came()), "XE-VISIT-EXISTS"),
            ("a cause of nothing", &none, ("04-20", cause()), "XE-VISIT-UNKNOWN"),
            ("a cause before the visit", &visited, ("04-19", cause()), "XE-VISIT-UNKNOWN"),
            ("a cause", &visited, ("04-21", cause()), "ok"),
        ],
    );
}
