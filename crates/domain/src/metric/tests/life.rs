//! Facts in a few words, beside those of `crate::testing`.

use crate::event::{
    AskAccepted, AskBreach, AskBreachAlleged, AskBreachFound, AskRefused, CaseReceived, CaseTransferred, CauseDecided, Channel,
    CorrectionSubmitted, Decider, Decision, Extension, Fact, Finding, FirstAskReceived, HandedOver, NotAccepted, NoticeBreach,
    NoticeBreachAlleged, NoticeBreachFound, NoticeCause, NoticeForm, NoticeGiven, NoticeItem, ProcedureKind, ProcedureStarted,
    Visit, VisitCause, VisitPurpose, VisitWho,
};
use crate::ids::{Subject, kind};
use crate::testing::day;

pub fn received(item: &str) -> Fact {
    let (item_code, channel) = (item.into(), Channel::Online);
    Fact::CaseReceived(CaseReceived { item_code, item_version: "".into(), channel, window: "".into(), materials: Vec::new() })
}

/// In this form, material and defect with the cause of each.
pub fn asks(form: NoticeForm, items: &[(&str, &str, NoticeCause)]) -> Fact {
    let item = |(material, defect, cause): &(&str, &str, NoticeCause)| NoticeItem {
        material: (*material).into(),
        defect: (*defect).into(),
        cause: *cause,
    };
    Fact::NoticeGiven(NoticeGiven { notice_id: "".into(), form, items: items.iter().map(item).collect() })
}

/// In writing: two things that are wrong from the beginning.
pub fn asks_two() -> Fact {
    asks(NoticeForm::Written, &[("m1", "blurred", NoticeCause::First), ("m2", "missing", NoticeCause::First)])
}

pub fn brings(materials: &[&str]) -> Fact {
    let materials = materials.iter().map(|code| (*code).into()).collect();
    Fact::CorrectionSubmitted(CorrectionSubmitted { notice_id: "".into(), materials })
}

pub fn not_accepted(ground: &str) -> Fact {
    Fact::NotAccepted(NotAccepted { ground: ground.into() })
}

pub fn passed() -> Fact {
    Fact::CaseDecided(Decision::Pass)
}

pub fn refused() -> Fact {
    Fact::CaseDecided(Decision::Refused)
}

pub fn transferred(to: &str) -> Fact {
    Fact::CaseTransferred(CaseTransferred { from: "".into(), to: to.into() })
}

pub fn site_visit(id: &str) -> Fact {
    Fact::SpecialProcedureStarted(ProcedureStarted {
        proc_id: id.into(),
        kind: ProcedureKind::SiteVisit,
        told: true,
        sub_case: None,
    })
}

pub fn extended(days: u32, told: bool) -> Fact {
    Fact::ExtensionApproved(Extension { days, told })
}

pub fn alleges_notice(id: &str, kind: NoticeBreach) -> Fact {
    Fact::NoticeBreachAlleged(NoticeBreachAlleged { allegation_id: id.into(), kind })
}

pub fn finds_notice(id: &str, kind: NoticeBreach, finding: Finding) -> Fact {
    Fact::NoticeBreachFound(NoticeBreachFound { allegation_id: id.into(), finding, kind })
}

pub fn asked(promised: Option<&str>) -> Fact {
    Fact::FirstAskReceived(FirstAskReceived { channel: Channel::Desk, promised_reply_on: promised.map(day) })
}

/// To nobody where no person is named.
pub fn handed(to_unit: &str, to_staff: &str) -> Fact {
    Fact::FirstAskHandedOver(HandedOver { to_unit: to_unit.into(), to_staff: to_staff.into() })
}

pub fn took(by_staff: &str) -> Fact {
    Fact::FirstAskAccepted(AskAccepted { by_staff: by_staff.into() })
}

pub fn sent_away(ground: &str, explained: bool) -> Fact {
    Fact::FirstAskRefused(AskRefused { ground: ground.into(), explained })
}

pub fn alleges(id: &str, kind: AskBreach) -> Fact {
    Fact::FirstAskBreachAlleged(AskBreachAlleged { allegation_id: id.into(), kind })
}

pub fn finds(id: &str, finding: Finding) -> Fact {
    Fact::FirstAskBreachFound(AskBreachFound { allegation_id: id.into(), finding })
}

/// A required visit of the applicant, to hand something in.
pub fn visits(place: &str, cause: VisitCause) -> Fact {
    Fact::ApplicantVisited(visit(place, cause))
}

pub fn visit(place: &str, cause: VisitCause) -> Visit {
    Visit {
        cases: vec![Subject::new(kind::CASE, "s", "1")],
        place: place.into(),
        who: VisitWho::Applicant,
        purpose: VisitPurpose::Submit,
        required: true,
        cause,
    }
}

pub fn decides(decider: Decider, cause: VisitCause) -> Fact {
    Fact::VisitCauseDecided(CauseDecided { cause, decider })
}
