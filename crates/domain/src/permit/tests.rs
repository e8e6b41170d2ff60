use super::*;
use crate::event::{FACT_NAMES, Fact};
use crate::history::History;
use crate::ids::{Actor, Subject, kind};
use crate::testing::*;
use std::collections::BTreeMap;
use std::sync::Arc;

const OWN: &str = "11370306XXXX00019K";
const OTHER: &str = "11370306XXXX00027E";

fn caller(roles: &[&str], unit: &str) -> Caller {
    let claims = Claims {
        name: "hall-a".into(),
        system: "hall".into(),
        unit: unit.into(),
        roles: roles.iter().map(|&role| role.into()).collect(),
        logs: vec!["370306".into()],
        ..Claims::default()
    };
    Caller::new(&claims).unwrap()
}

fn log(name: &str) -> LogName {
    LogName::new(name).unwrap()
}

/// An event of `hall`, in the name of a unit.
fn event_by(unit: &str, fact: Fact) -> Event {
    let mut event = event_of(&subject(kind::CASE), 1, day("2026-05-12"), jiff::civil::time(9, 0, 0, 0), fact);
    event.identity.system = "hall".into();
    event.unit = unit.into();
    event
}

#[test]
fn every_fact_is_posted_by_somebody_and_stands_in_one_group() {
    let mut groups: BTreeMap<&str, usize> = FACT_NAMES.iter().map(|&name| (name, 0)).collect();
    for fact in POSTS.iter().flat_map(|group| group.facts) {
        *groups.get_mut(fact).unwrap_or_else(|| panic!("{fact} is no fact")) += 1;
    }
    for (fact, count) in groups {
        // The genesis of a log and its recovery are the server's own, and so is what the vault says, and who read what.
        let own = [
            "LogOpened",
            "LogRecovered",
            "PersonErased",
            "LegalHoldPlaced",
            "LegalHoldLifted",
            "VaultEpochDestroyed",
            "AccessRecorded",
        ];
        let expected = usize::from(!own.contains(&fact));
        assert_eq!(count, expected, "{fact}");
    }
}

#[test]
fn every_role_does_something_and_every_right_is_somebodys() {
    for role in Role::ALL {
        let posts = POSTS.iter().flat_map(|group| group.posters).any(|line| line.role == *role);
        let reads = READS.iter().flat_map(|read| read.readers).any(|line| line.role == *role);
        assert!(posts || reads, "{role:?}");
        assert_eq!(Role::by_name(role.name()), Some(*role));
    }
    for right in Right::ALL {
        assert!(READS.iter().any(|read| read.right == *right), "{right:?}");
    }
}

/// The three administrators are kept apart (三权分立), and none of them nor an operator sees a case or posts one.
#[test]
fn administrators_see_no_case() {
    let keepers = [Role::Operator, Role::SystemAdmin, Role::SecurityAdmin, Role::AuditAdmin];
    for role in keepers {
        assert!(POSTS.iter().flat_map(|group| group.posters).all(|line| line.role != role), "{role:?}");
        let rights = READS.iter().filter(|read| read.readers.iter().any(|line| line.role == role)).map(|read| read.right);
        for right in rights {
            let content = [
                Right::Cases,
                Right::Figures,
                Right::Members,
                Right::Events,
                Right::VaultGet,
                Right::VaultPut,
                Right::VaultErase,
                Right::VaultHold,
            ];
            assert!(!content.contains(&right), "{role:?} {right:?}");
        }
    }
}

#[test]
fn what_enters() {
    use crate::event::HotlineDesignation;
    let designated = || Fact::HotlineStaffDesignated(HotlineDesignation { staff: "h-1".into(), from: day("2026-05-12"), to: None });
    // Roles, unit of the caller, unit of the event, log, fact; the field of the refusal, or nothing. Where it is the fact, nobody posts
    // it to such a log.
    let table: &[(&[&str], &str, &str, &str, Fact, Option<&str>)] = &[
        (&["hall"], "", OTHER, "370306", received(), None),
        (&["department"], OWN, OWN, "370306", received(), None),
        (&["department"], OWN, OTHER, "370306", received(), Some("source.unit_usci")),
        (&["department"], "", "", "370306", received(), Some("source.unit_usci")),
        (&["department", "hall"], OWN, OTHER, "370306", received(), None),
        (&["window"], OWN, OWN, "370307", received(), Some("log")),
        (&["window"], OWN, OWN, "370306-sealed", received(), Some("fact")),
        (&["window"], OWN, OWN, "370306-access", received(), Some("fact")),
        (&["hotline"], "", "", "370306", Fact::ComplaintReplied, Some("fact")),
        (&["hotline"], "", "", "370306-sealed", Fact::ComplaintReplied, None),
        (&["department"], OWN, OWN, "370306-sealed", Fact::ComplaintReplied, None),
        (&["department"], OWN, OTHER, "370306-sealed", Fact::ComplaintReplied, Some("source.unit_usci")),
        (&["department"], OWN, OWN, "370306-sealed", Fact::ComplaintAccepted(None), Some("")),
        (&["supervision"], "", "", "370306-sealed", Fact::ComplaintAccepted(None), Some("")),
        (&["hotline"], "", "", "370306-sealed", designated(), None),
        (&["hotline"], "", "", "370306-access", designated(), Some("fact")),
        (&["centre"], OWN, "", "370306-sealed", rule("notice_scope", crate::event::RuleValue::Flag(true)), None),
        (&["centre"], OWN, OWN, "370306", received(), Some("")),
        (&["analyst"], "", "", "370306", received(), Some("")),
        (&[], OWN, OWN, "370306", received(), Some("")),
        (&["centre"], OWN, "", "370306", rule("notice_scope", crate::event::RuleValue::Flag(true)), None),
        (&["department"], OWN, OWN, "370306", rule("notice_scope", crate::event::RuleValue::Flag(true)), Some("")),
        (&["centre"], OWN, OWN, "370306", Fact::LogRecovered, Some("")),
    ];
    for (roles, unit, by, name, fact, expected) in table {
        let found = enters(&caller(roles, unit), &log(name), &event_by(by, fact.clone())).err();
        let said = format!("{roles:?} {unit} {by} {name} {}", fact.name());
        assert_eq!(found.as_ref().map(|refusal| &*refusal.field), *expected, "{said}");
        let of_no_such_log = *expected == Some("fact");
        let code = if of_no_such_log { Code::WrongLog } else { Code::Forbidden };
        assert!(found.is_none_or(|refusal| refusal.code == code), "{said}");
        // Whoever may do everything cannot do that either.
        assert_eq!(enters(&Caller::local(), &log(name), &event_by(by, fact.clone())).is_err(), of_no_such_log, "{said}");
    }
}

#[test]
fn nobody_sends_in_the_name_of_another_system() {
    let mut event = event_by(OWN, received());
    event.identity.system = "permits".into();
    let refusal = enters(&caller(&["hall"], OWN), &log("370306"), &event).unwrap_err();
    assert_eq!((refusal.code, &*refusal.field), (Code::Forbidden, "source.system"));
}

#[test]
fn what_is_read() {
    let everything = Some(Scope::Everything);
    let unit = Some(Scope::Unit(OWN.into()));
    let table: &[(&[&str], &str, &str, Right, Option<Scope>)] = &[
        (&["supervision"], "", "370306", Right::Cases, everything.clone()),
        (&["department"], OWN, "370306", Right::Cases, unit.clone()),
        (&["department"], "", "370306", Right::Cases, None),
        (&["department", "hall"], OWN, "370306", Right::Cases, everything.clone()),
        (&["department"], OWN, "370307", Right::Cases, None),
        (&["department"], OWN, "370306-sealed", Right::Cases, None),
        (&["supervision"], "", "370306-sealed", Right::Cases, everything.clone()),
        (&["hotline"], "", "370306-sealed", Right::Members, everything.clone()),
        (&["leader"], "", "370306-sealed", Right::Figures, everything.clone()),
        (&["leader"], "", "370306-sealed", Right::Members, None),
        (&["analyst"], "", "370306-sealed", Right::Figures, None),
        (&["department"], OWN, "370306-sealed", Right::Figures, unit.clone()),
        (&["department"], OWN, "370306-sealed", Right::Members, None),
        (&["department"], OWN, "370306-sealed", Right::Transferred, unit.clone()),
        (&["department"], OWN, "370306-sealed", Right::VaultGet, unit.clone()),
        (&["department"], OWN, "370306-sealed", Right::Catalogue, None),
        (&["window"], OWN, "370306-sealed", Right::Transferred, None),
        (&["department"], OWN, "370306", Right::Transferred, None),
        (&["supervision"], "", "370306-access", Right::Cases, None),
        (&["supervision"], "", "370306-access", Right::Accesses, None),
        (&["audit_admin"], "", "370306-access", Right::Accesses, everything.clone()),
        (&["audit_admin"], "", "370306", Right::Cases, None),
        (&["department"], OWN, "370306", Right::Events, None),
        (&["node"], "", "370306", Right::Events, everything.clone()),
        (&["operator"], "", "370306", Right::Rebuild, everything.clone()),
        (&["operator"], "", "370306", Right::OpenLog, None),
        (&["department"], OWN, "370306", Right::Members, unit.clone()),
        (&["hall"], OWN, "370306", Right::Members, None),
        (&["organisation"], "", "370306", Right::Figures, everything),
        (&["window"], OWN, "370306", Right::Figures, unit),
        (&[], OWN, "370306", Right::Catalogue, None),
    ];
    for (roles, unit, name, right, expected) in table {
        let found = reads(&caller(roles, unit), &log(name), *right);
        assert_eq!(found.as_ref().ok(), expected.as_ref(), "{roles:?} {unit} {name} {right:?}");
        assert!(found.is_ok() || found.unwrap_err().code == Code::Forbidden);
        assert_eq!(reads(&Caller::local(), &log(name), *right), Ok(Scope::Everything));
    }
}

/// Written down from design.md, promise 12, and not from the table.
#[test]
fn what_is_recorded() {
    use Right::{Accesses, Cases, Catalogue, Events, Figures, Members, Transferred, VaultGet};
    for right in Right::ALL {
        let always = [Cases, Members, Transferred, Events, VaultGet, Accesses].contains(right);
        let sealed = always || [Figures, Catalogue].contains(right);
        let found = [OfLog::Open, OfLog::Sealed, OfLog::Access].map(|of| right.is_recorded(of));
        assert_eq!(found, [always, sealed, always], "{right:?}");
        assert_eq!(right.may_be_recorded(), sealed, "{right:?}");
    }
    // Whoever sees the members sees the figure, and in the open log the other way round.
    let readers = |right, of| {
        let lines = READS.iter().filter(|read| read.right == right && read.of.contains(&of)).flat_map(|read| read.readers);
        lines.map(|line| (line.role, line.extent == Extent::Unit)).collect::<Vec<_>>()
    };
    assert_eq!(readers(Figures, OfLog::Open), readers(Members, OfLog::Open));
    let figures = readers(Figures, OfLog::Sealed);
    assert!(readers(Members, OfLog::Sealed).iter().all(|reader| figures.contains(reader)));
}

#[test]
fn one_access_log_for_each_jurisdiction() {
    let longest = "a".repeat(57);
    for (name, expected) in [
        ("370306", Some("370306-access")),
        ("370306-sealed", Some("370306-access")),
        ("370306-access", Some("370306-access")),
        (&*longest, Some(&*format!("{longest}-access"))),
        (&*format!("{longest}a"), None),
    ] {
        assert_eq!(OfLog::access(&log(name)).as_ref().map(LogName::as_str), expected, "{name}");
    }
}

#[test]
fn jurisdictions() {
    let table: &[(&[&str], &str, bool)] = &[
        (&["370306"], "370306", true),
        (&["370306"], "370306-sealed", true),
        (&["370306"], "370306-access", true),
        (&["370306"], "3703061", false),
        (&["3703*"], "370306-sealed", true),
        (&["3703*"], "370401", false),
        (&["*"], "370401", true),
        (&["370306-sealed"], "370306-sealed", false),
        (&[], "370306", false),
    ];
    for (logs, name, expected) in table {
        let logs = logs.iter().map(|&pattern| pattern.into()).collect();
        let caller = Caller::new(&Claims { name: "a".into(), logs, ..Claims::default() }).unwrap();
        assert_eq!(caller.covers(&log(name)), *expected, "{caller:?} {name}");
    }
}

/// The stored text is for ever: a change of it here would be a change of what is stored from then on.
#[test]
fn the_actor_as_stored() {
    let claims = Claims {
        name: "W12".into(),
        system: "hall".into(),
        unit: OWN.into(),
        staff: "W12".into(),
        roles: vec!["window".into(), "department".into(), "window".into()],
        logs: vec!["370306".into(), "3704*".into()],
        purpose: "intake".into(),
    };
    let text = "W12 system=hall unit=11370306XXXX00019K staff=W12 roles=department,window logs=370306,3704* purpose=intake";
    assert_eq!(Caller::new(&claims).unwrap().actor().as_str(), text);
    assert_eq!(caller(&[], "").actor().as_str(), "hall-a system=hall logs=370306");
    assert_eq!(Caller::local().actor(), &Actor::local());
}

#[test]
fn claims_that_are_none() {
    let fine = Claims { name: "a".into(), ..Claims::default() };
    assert!(Caller::new(&fine).is_ok());
    let long = "a".repeat(NAME_LEN_MAX + 1);
    let table = [
        Claims { name: String::new(), ..fine.clone() },
        Claims { name: "local".into(), ..fine.clone() },
        Claims { name: "a b".into(), ..fine.clone() },
        Claims { name: long.clone(), ..fine.clone() },
        Claims { system: "a=b".into(), ..fine.clone() },
        Claims { unit: "a,b".into(), ..fine.clone() },
        Claims { staff: "张".into(), ..fine.clone() },
        Claims { purpose: "x y".into(), ..fine.clone() },
        Claims { roles: vec!["king".into()], ..fine.clone() },
        Claims { logs: vec!["A".into()], ..fine.clone() },
        Claims { logs: vec!["3*7".into()], ..fine.clone() },
        Claims { logs: vec![String::new()], ..fine.clone() },
    ];
    for claims in table {
        assert!(Caller::new(&claims).is_err(), "{claims:?}");
    }
}

fn judged(caller: &Caller, history: &History, fact: Fact) -> Option<Code> {
    let event = Event { subject: history.subject().clone(), ..event_by("", fact) };
    judges(caller, history, &event).err().map(|refusal| refusal.code)
}

/// A history whose events were acted by a unit, all but allegations.
fn by_unit(kind: &str, facts: &[(&str, Fact)], unit: &str) -> History {
    let mut history = History::new(subject(kind));
    for mut recorded in stream(kind, facts) {
        let mut event = (*recorded.event).clone();
        let alleged = matches!(event.fact, Fact::NoticeBreachAlleged(_));
        event.unit = if alleged { OTHER.into() } else { unit.into() };
        recorded.event = Arc::new(event);
        history.insert(recorded);
    }
    history
}

#[test]
fn nobody_decides_in_a_matter_of_his_own() {
    use crate::event::{Finding, NoticeBreach, NoticeBreachAlleged, NoticeBreachFound};
    let alleged =
        Fact::NoticeBreachAlleged(NoticeBreachAlleged { allegation_id: "A".into(), kind: NoticeBreach::Late, record: "".into() });
    let found = Fact::NoticeBreachFound(NoticeBreachFound {
        allegation_id: "A".into(),
        finding: Finding::Substantiated,
        kind: NoticeBreach::Late,
    });
    let case = by_unit(kind::CASE, &[("2026-05-12", received()), ("2026-05-13", alleged)], OWN);
    assert_eq!(judged(&caller(&["centre"], OWN), &case, found.clone()), Some(Code::OwnMatter));
    // Who alleged it is no party, and a caller of no unit is of none concerned.
    assert_eq!(judged(&caller(&["supervision"], OTHER), &case, found.clone()), None);
    assert_eq!(judged(&caller(&["supervision"], ""), &case, found.clone()), None);
    assert_eq!(judged(&Caller::local(), &case, found), None);

    let unit = History::new(Subject::new(kind::UNIT, "hall", OWN));
    let head = || Fact::UnitHeadRelieved(crate::event::UnitHead { person_id: "p".into(), from: None });
    assert_eq!(judged(&caller(&["organisation"], OWN), &unit, head()), Some(Code::OwnMatter));
    assert_eq!(judged(&caller(&["organisation"], OTHER), &unit, head()), None);

    let liable =
        || Fact::StaffHeldLiable(crate::event::StaffHeldLiable { cause_subject: None, cause_event: None, record: "r".into() });
    let claims = Claims { name: "W12".into(), staff: "W12".into(), roles: vec!["supervision".into()], ..Claims::default() };
    let himself = Caller::new(&claims).unwrap();
    for (staff, expected) in [("W12", Some(Code::OwnMatter)), ("W13", None)] {
        assert_eq!(judged(&himself, &History::new(Subject::new(kind::STAFF, "hall", staff)), liable()), expected);
    }
}

#[test]
fn who_corrects() {
    let void = |system: &str, authority: &str| {
        let target = crate::ids::Identity { system: system.into(), event_id: uuid::Uuid::from_u128(1) };
        Fact::EventVoided(crate::event::Voided { target, authority: authority.into() })
    };
    let case = history(kind::CASE, &[("2026-05-12", received())]);
    let table = [
        ("department", "hall", "", None),
        ("department", "permits", "A1", Some(Code::Forbidden)),
        ("centre", "permits", "", Some(Code::Forbidden)),
        ("centre", "permits", "A1", None),
        ("supervision", "permits", "A1", None),
        ("hotline", "permits", "A1", Some(Code::Forbidden)),
    ];
    for (role, target, authority, expected) in table {
        assert_eq!(judged(&caller(&[role], OWN), &case, void(target, authority)), expected, "{role} {target} {authority}");
    }
}

#[test]
fn a_unit_sees_what_it_had_a_part_in() {
    let known = knowledge(&[]);
    let seen = |history: &History, unit: &str| sees(&Scope::Unit(unit.into()), history, &known);
    let case = by_unit(kind::CASE, &[("2026-05-12", received())], OWN);
    assert!(seen(&case, OWN) && !seen(&case, OTHER));
    assert!(sees(&Scope::Everything, &case, &known));
    // The unit that leads the item sees the case of another window.
    let lead = item_version("1").lead_unit;
    assert!(seen(&case, &lead));
    // Named by an event, as where a case goes.
    let routed = Fact::CaseRoutedToDept(crate::event::Routed { unit: OTHER.into() });
    let case = by_unit(kind::CASE, &[("2026-05-12", received()), ("2026-05-13", routed)], OWN);
    assert!(seen(&case, OTHER));
    let joint = by_unit(kind::CASE, &[("2026-05-12", received()), ("2026-05-13", joined(&[(OTHER, "S1", 7)]))], OWN);
    assert!(seen(&joint, OTHER) && !seen(&joint, "11370306XXXX000434"));
}

/// Of a complaint a unit sees the text that was transferred to it, and answers it; nothing else, and to another unit it is not there.
#[test]
fn a_unit_and_a_complaint() {
    use crate::event::{Channel, ComplaintCategory, ComplaintKind, ComplaintReceived, ComplaintTransferred};
    let told = Fact::ComplaintReceived(ComplaintReceived {
        kind: ComplaintKind::Complaint,
        category: ComplaintCategory::Other,
        channel: Channel::Phone,
        unit: OWN.into(),
        staff: "".into(),
        text: "text-1".into(),
        repeat_of: "".into(),
    });
    let to = |unit: &str| {
        let (unit, redacted) = (unit.into(), "text-2".into());
        Fact::ComplaintTransferred(ComplaintTransferred { unit, redacted, due_on: None })
    };
    let known = knowledge(&[]);
    let before = by_unit(kind::COMPLAINT, &[("2026-05-12", told.clone())], "");
    let after = by_unit(kind::COMPLAINT, &[("2026-05-12", told.clone()), ("2026-05-13", to(OWN))], "");
    let gone = [("2026-05-12", told.clone()), ("2026-05-13", to(OWN)), ("2026-05-14", voided(2))];
    let gone = by_unit(kind::COMPLAINT, &gone, "");
    for (history, unit, expected) in [(&before, OWN, false), (&after, OWN, true), (&after, OTHER, false), (&gone, OWN, false)] {
        let scope = Scope::Unit(unit.into());
        assert!(!sees(&scope, history, &known), "a unit sees no history of a complaint");
        assert_eq!(sees_text(&scope, history, &known, "text-2"), expected);
        assert!(!sees_text(&scope, history, &known, "text-1"), "nor what was received");
        let answered = judged(&caller(&["department"], unit), history, Fact::ComplaintReplied);
        assert_eq!(answered, (!expected).then_some(Code::ComplaintUnknown));
    }
    // Nor does whose unit acted in it.
    let acted = by_unit(
        kind::COMPLAINT,
        &[("2026-05-12", told.clone()), ("2026-05-13", to(OWN)), ("2026-05-14", Fact::ComplaintReplied)],
        OWN,
    );
    assert!(!sees(&Scope::Unit(OWN.into()), &acted, &known));
    assert!(sees_text(&Scope::Everything, &before, &known, "text-1"));
    assert_eq!(judged(&caller(&["hotline"], ""), &after, Fact::ComplaintReplied), None);
    // What is refused to a unit reads as what is answered where there is no complaint.
    let random = Subject::new(kind::COMPLAINT, "hotline", "6f1c2b9e-3d4a-4c5b-8e7f-0a1b2c3d4e5f");
    let nothing = History::new(random.clone());
    let event = Event { subject: random, ..event_by(OTHER, Fact::ComplaintReplied) };
    let refused = |history| judges(&caller(&["department"], OTHER), history, &event).unwrap_err();
    assert_eq!(refused(&after), refused(&nothing));
    let decided = crate::decide::decide(&nothing, &known, &event, crate::decide::PostMode::Strict, event.occurred_at);
    assert_eq!(refused(&nothing), decided.unwrap_err());
}

#[test]
fn the_page_is_the_table() {
    let same = page() == include_str!("../../../../docs/permits.md");
    assert!(same, "docs/permits.md is not what `xiaoer permits` prints");
}
