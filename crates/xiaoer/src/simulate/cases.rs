//! The life of a case: received, asked for corrections or not, accepted, handled, decided on time or late, completed, delivered;
//! and what goes wrong on the way.

use super::{
    By, Scene,
    registry::{ITEMS, Item, item, materials, morning},
};
use crate::splitmix::SplitMix;
use jiff::civil::{Date, DateTime};
use xiaoer_wire::v1::{self, event::Fact};

/// A case under way.
struct Case<'a> {
    scene: &'a mut Scene,
    mix: SplitMix,
    no: String,
    item: Item,
    staff: String,
    window: String,
    day: Date,
    /// Minutes since 9:00 of the day; what happens on one day happens in order.
    minute: u64,
}

/// Plays the n-th case.
pub(super) fn play(scene: &mut Scene, number: u32) {
    let mut mix = scene.numbers(1_000 + u64::from(number));
    let item = item(mix.below(ITEMS));
    let days = u64::from(scene.district.months.max(1)) * 21;
    let day = scene.after(scene.district.from, mix.below(days));
    let staff = format!("w-{:03}", mix.below(60));
    let window = if mix.percent(55) { String::new() } else { format!("win-{:02}", mix.below(20)) };
    let no = format!("{}-{}-{number:05}", item.code, day.strftime("%Y%m%d"));
    Case { scene, mix, no, item, staff, window, day, minute: 0 }.live();
}

impl Case<'_> {
    fn live(mut self) {
        self.receive();
        if !self.window.is_empty() {
            self.visit(v1::VisitPurpose::Submit, v1::VisitCause::LawRequiresPresence);
        }
        match self.mix.below(100) {
            0..3 => {
                let ground = *self.mix.pick(&["not_required", "not_our_authority", "come_back_later"]);
                return self.post(Fact::NotAccepted(v1::NotAccepted { ground: ground.into(), text_ref: None }));
            }
            3..6 => return self.withdraw(),
            6..36 => self.correct(),
            // Nobody says a word within the window; a permit is then accepted by law alone.
            36..39 => self.pass(7),
            _ => self.pass_up_to(2),
        }
        let promised_due = String::new();
        self.post(Fact::CaseAccepted(v1::CaseAccepted { mode: v1::AcceptanceMode::Normal as i32, promised_due }));
        if self.mix.percent(2) {
            self.scene.repeat();
        }
        self.handle();
    }

    fn receive(&mut self) {
        let channel = if self.window.is_empty() { v1::Channel::Online } else { v1::Channel::Window };
        let legal = self.mix.percent(40);
        let applicant = v1::Applicant {
            r#ref: format!("applicant-{}", self.mix.below(100_000)),
            kind: if legal { v1::ApplicantKind::LegalPerson } else { v1::ApplicantKind::NaturalPerson } as i32,
            usci: if legal { "91370306XXXX01011R".into() } else { String::new() },
        };
        let received = v1::CaseReceived {
            item_code: self.item.code.clone(),
            item_version: "1".into(),
            applicant: Some(applicant),
            channel: channel as i32,
            window_id: self.window.clone(),
            consult_id: String::new(),
            materials: materials(&self.item.code)[..3].to_vec(),
        };
        self.post(Fact::CaseReceived(received));
    }

    /// One round of corrections, sometimes late, by mouth, off the list, or two.
    fn correct(&mut self) {
        let wait = if self.mix.percent(12) && !self.item.permit { 7 } else { self.mix.below(4) };
        self.pass(wait);
        self.ask("n1", v1::NoticeCause::First, 3);
        self.pass_up_to(6);
        self.answer("n1");
        if self.mix.percent(15) {
            self.pass_up_to(2);
            let cause = if self.mix.percent(50) { v1::NoticeCause::First } else { v1::NoticeCause::LawChanged };
            self.ask("n2", cause, 1);
            self.pass_up_to(4);
            self.answer("n2");
            if !self.window.is_empty() {
                self.visit(v1::VisitPurpose::Correct, v1::VisitCause::NoticeBreach);
            }
        }
        self.pass_up_to(2);
    }

    fn ask(&mut self, id: &str, cause: v1::NoticeCause, material: usize) {
        let listed = materials(&self.item.code)[material].clone();
        let material_code = if self.mix.percent(4) { "proof-of-anything".into() } else { listed };
        let item = v1::NoticeItem { material_code, defect: "missing".into(), remedy: "hand_in".into(), cause: cause as i32 };
        let form = if self.mix.percent(6) { v1::NoticeForm::Oral } else { v1::NoticeForm::Electronic };
        let notice = v1::NoticeGiven { notice_id: id.into(), form: form as i32, items: vec![item], receipt_ref: String::new() };
        self.post(Fact::NoticeGiven(notice));
    }

    fn answer(&mut self, id: &str) {
        let material_codes = vec![materials(&self.item.code)[3].clone()];
        self.post(Fact::CorrectionSubmitted(v1::CorrectionSubmitted { notice_id: id.into(), material_codes }));
    }

    fn withdraw(&mut self) {
        self.pass_up_to(3);
        self.post(Fact::CaseWithdrawn(v1::CaseWithdrawn { by: v1::WithdrawnBy::Applicant as i32 }));
    }

    /// From acceptance to decision.
    fn handle(&mut self) {
        let unit = self.item.unit.to_owned();
        self.post(Fact::CaseRoutedToDept(v1::CaseRoutedToDept { to_usci: unit.clone() }));
        self.post(Fact::DeptTookCase(v1::DeptTookCase { usci: unit.clone() }));
        let started = self.day;
        if self.mix.percent(4) {
            let to_usci = super::registry::UNITS[0].0.to_owned();
            let reason = "wrong_referral".into();
            self.post(Fact::CaseTransferred(v1::CaseTransferred { from_usci: unit, to_usci, reason }));
        }
        if self.mix.percent(12) && self.item.promised > 3 {
            self.procedure();
        }
        if self.mix.percent(3) {
            return self.withdraw();
        }
        let used = u64::from(self.scene.calendar.working_days(started, self.day));
        let late = self.mix.percent(8);
        let budget = if late { self.item.promised + self.mix.between(1, 4) } else { self.mix.below(self.item.promised + 1) };
        self.pass(budget.saturating_sub(used));
        self.post(Fact::ReviewStepDone(v1::ReviewStepDone { step: "review".into() }));
        let refused = self.mix.percent(5);
        let result = if refused { v1::DecisionResult::Refused } else { v1::DecisionResult::Pass };
        let decided = v1::CaseDecided { result: result as i32, doc_no: format!("d-{}", self.no), reasons: Vec::new(), text_ref: None };
        self.post(Fact::CaseDecided(decided));
        if self.mix.percent(97) {
            self.finish(refused);
        }
    }

    /// A special procedure, sometimes without a written notice, sometimes recorded only when it is over.
    fn procedure(&mut self) {
        self.pass_up_to(2);
        let begin = self.now();
        let told = self.mix.percent(80).then(|| self.scene.instant(begin).into());
        let started = v1::SpecialProcedureStarted {
            proc_id: "p1".into(),
            kind: v1::SpecialProcedureKind::ExpertReview as i32,
            expected_wd: 5,
            told_applicant_at: told,
        };
        self.pass(self.mix.clone().between(2, 6));
        let end = self.now();
        let recorded = if self.mix.percent(25) { end } else { begin };
        self.post_late(begin, recorded, Fact::SpecialProcedureStarted(started));
        let ended = v1::SpecialProcedureEnded { proc_id: "p1".into(), result: "done".into() };
        self.post(Fact::SpecialProcedureEnded(ended));
    }

    fn finish(&mut self, refused: bool) {
        self.pass_up_to(2);
        self.post(Fact::CaseCompleted(v1::CaseCompleted {}));
        if refused {
            return;
        }
        self.post(Fact::ResultIssued(v1::ResultIssued { cert_no: format!("c-{}", self.no) }));
        if self.mix.percent(6) {
            return;
        }
        let by_mail = self.window.is_empty() || self.mix.percent(30);
        self.pass_up_to(4);
        let how = if by_mail { v1::DeliveryMeans::Mail } else { v1::DeliveryMeans::Window };
        if !by_mail {
            self.visit(v1::VisitPurpose::Collect, v1::VisitCause::ChoseToCollect);
        }
        self.post(Fact::ResultDelivered(v1::ResultDelivered { how: how as i32 }));
        if self.mix.percent(1) {
            self.reopen();
        }
    }

    fn reopen(&mut self) {
        self.pass(5);
        self.post(Fact::DecisionRevoked(v1::DecisionRevoked { ground: "error".into(), by: "district".into() }));
        self.post(Fact::CaseReopened(v1::CaseReopened { ground: v1::ReopenGround::Error as i32 }));
        self.pass(2);
        let result = v1::DecisionResult::Pass as i32;
        self.post(Fact::CaseDecided(v1::CaseDecided { result, doc_no: format!("d2-{}", self.no), reasons: Vec::new(), text_ref: None }));
    }

    /// The applicant comes; now and then somebody above the window overrules the cause.
    fn visit(&mut self, purpose: v1::VisitPurpose, cause: v1::VisitCause) {
        let id = format!("{}-{}", self.no, self.minute + u64::from(self.day.day_of_year().unsigned_abs()) * 600);
        let at = self.now();
        let by = By { system: "hall", unit: super::registry::UNITS[4].0, staff: "", window: &self.window };
        let visited = v1::ApplicantVisited {
            case_nos: vec![v1::CaseRef { system: "approval".into(), no: self.no.clone() }],
            place: "hall-1".into(),
            who: v1::VisitWho::Applicant as i32,
            purpose: purpose as i32,
            required: cause != v1::VisitCause::ChoseToCollect || self.mix.percent(60),
            cause: cause as i32,
        };
        let shown = self.scene.post(("visit", "hall", &id), by, at, Fact::ApplicantVisited(visited));
        if self.mix.percent(5) {
            let decided = v1::VisitCauseDecided {
                cause: v1::VisitCause::WrongGuide as i32,
                decider: v1::VisitDecider::Callback as i32,
                basis: Some(v1::visit_cause_decided::Basis::SourceEvent(shown)),
            };
            let later = morning(self.scene.after(self.day, 3), 15, 0);
            self.scene.post(("visit", "hall", &id), By { system: "callback", ..by }, later, Fact::VisitCauseDecided(decided));
        }
    }

    fn post(&mut self, fact: Fact) {
        let at = self.now();
        self.post_late(at, at, fact);
    }

    fn post_late(&mut self, at: DateTime, recorded: DateTime, fact: Fact) {
        let by = By { system: "approval", unit: self.item.unit, staff: &self.staff, window: &self.window };
        self.scene.post_late(("case", "approval", &self.no), by, at, recorded, fact);
        self.minute += 3;
    }

    fn now(&self) -> DateTime {
        morning(self.day, 9 + i8::try_from(self.minute / 60).unwrap_or(0).min(8), self.minute)
    }

    fn pass(&mut self, wd: u64) {
        if wd > 0 {
            self.day = self.scene.after(self.day, wd);
            self.minute = 0;
        }
    }

    fn pass_up_to(&mut self, wd: u64) {
        let wd = self.mix.below(wd + 1);
        self.pass(wd);
    }
}
