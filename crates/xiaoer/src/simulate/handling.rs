//! From acceptance to the decision: the department's steps, what stops the clock, what ends a case early, and being late.

use super::case::Life;
use super::catalogue::CENTRE;
use super::notice::AFTER_ACCEPTANCE;
use super::units::By;
use super::world::instant;
use jiff::civil::Date;
use xiaoer_wire::v1::{self, AlertColour, DecisionResult, SpecialProcedureKind, event::Fact};

const STEPS: &[&str] = &["document_review", "site_review", "legal_review", "approval_draft"];
/// Of a thousand cases: referred to the wrong department first; with a special procedure (permits only); extended; withdrawn or
/// terminated after acceptance; refused; with a step recorded by mistake.
const WRONG_REFERRAL: u32 = 15;
const SPECIAL_PROCEDURE: u32 = 160;
const EXTENDED: u32 = 25;
const WITHDRAWN: u32 = 14;
const TERMINATED: u32 = 7;
const REFUSED: u32 = 35;
const MISTAKEN_STEP: u32 = 25;
/// Of a thousand special procedures, how many the applicant is not told of in writing.
const NOT_TOLD: u32 = 150;

impl Life<'_> {
    /// 即办: everything at the counter, on the portal within the hour.
    pub(super) fn handle_at_once(&mut self) {
        self.stream.days(0);
        let accepted_on = self.accept(None);
        self.stream.minutes(5, 25);
        // Two in a hundred are not done on the day after all.
        if self.stream.random.chance(20) {
            self.stream.days(1);
        }
        self.decide(accepted_on);
        self.result();
    }

    /// The department's part.
    pub(super) fn handle(&mut self, accepted_on: Date) {
        if self.joint {
            return self.handle_jointly(accepted_on);
        }
        self.take_over();
        let budget_wd = self.promised_wd(accepted_on).max(1);
        let statutory_wd = self.version.statutory_limit.as_ref().map_or(budget_wd * 2, |limit| limit.n);
        let random = &mut self.stream.random;
        // Nine in ten within the promise, most of the others within the law.
        let mut use_wd = match random.weighted(&[(920, 0), (60, 1), (20, 2)]) {
            0 => random.between(budget_wd.div_ceil(3), budget_wd),
            1 => budget_wd + random.between(1, 4),
            _ => statutory_wd.max(budget_wd) + random.between(1, 8),
        };
        for _ in 0..random.between(1, 3) {
            self.review_step(accepted_on, use_wd);
        }
        if self.version.item_type() == v1::ItemType::Permit && self.stream.random.chance(SPECIAL_PROCEDURE) {
            use_wd += self.special_procedures();
        }
        if self.stream.random.chance(AFTER_ACCEPTANCE) {
            self.notice_after_acceptance();
        }
        if self.stream.random.chance(EXTENDED) {
            use_wd += self.extend();
        }
        if self.ends_early() {
            return;
        }
        let alerted = self.wait_for_decision(accepted_on, budget_wd, use_wd);
        self.decide(accepted_on);
        if alerted {
            let cleared = v1::SupervisionAlertCleared { rule_id: "overdue".to_owned() };
            self.stream.say(By::supervision(), Fact::SupervisionAlertCleared(cleared));
        }
        self.result();
    }

    fn take_over(&mut self) {
        let to_usci = super::units::usci;
        let mut unit = self.item.unit;
        if self.stream.random.chance(WRONG_REFERRAL) {
            unit = 1 + unit % 9;
        }
        self.stream.minutes(5, 40);
        self.stream.say(self.at_window(), Fact::CaseRoutedToDept(v1::CaseRoutedToDept { to_usci: to_usci(unit) }));
        let wait = self.stream.random.weighted(&[(7, 0), (3, 1)]);
        self.stream.days(wait);
        self.stream.say(By::Unit(unit), Fact::DeptTookCase(v1::DeptTookCase { usci: to_usci(unit) }));
        if unit != self.item.unit {
            let wait = self.stream.random.between(0, 3);
            self.stream.days(wait);
            let transferred = v1::CaseTransferred {
                from_usci: to_usci(unit),
                to_usci: to_usci(self.item.unit),
                reason: "wrong_referral".to_owned(),
            };
            self.stream.say(By::Unit(unit), Fact::CaseTransferred(transferred));
        }
    }

    /// A step on the way; some are recorded by mistake and corrected.
    fn review_step(&mut self, accepted_on: Date, use_wd: u32) {
        let left = use_wd.saturating_sub(self.stream.days_since(accepted_on));
        let wait = self.stream.random.between(0, left / 3);
        self.stream.days(wait);
        let step = |step: &str| Fact::ReviewStepDone(v1::ReviewStepDone { step: step.to_owned() });
        let by = self.department();
        let chosen = self.stream.random.pick(STEPS);
        let target = Some(self.stream.say(by, step(chosen)));
        if !self.stream.random.chance(MISTAKEN_STEP) {
            return;
        }
        self.stream.minutes(10, 90);
        if self.stream.random.chance(500) {
            let by_event = Some(self.stream.say(by, step("corrected_review")));
            self.stream.minutes(1, 3);
            let replaced = v1::EventReplaced { target, by_event, reason: "wrong_step".to_owned(), authority: String::new() };
            self.stream.say(by, Fact::EventReplaced(replaced));
            return;
        }
        let voided =
            |target| Fact::EventVoided(v1::EventVoided { target, reason: "wrong_case".to_owned(), authority: String::new() });
        let void = self.stream.say(by, voided(target));
        // The mistake was no mistake: a voided void restores its target.
        if self.stream.random.chance(150) {
            self.stream.minutes(5, 60);
            self.stream.say(by, voided(Some(void)));
        }
    }

    /// One special procedure, or two that overlap; the working days they take.
    fn special_procedures(&mut self) -> u32 {
        let began = self.stream.now.date();
        let first = self.start_procedure("P1", &[SpecialProcedureKind::ExpertReview, SpecialProcedureKind::Testing]);
        let second = self.stream.random.chance(120).then(|| {
            let wait = self.stream.random.between(0, 2);
            self.stream.days(wait);
            self.start_procedure("P2", &[SpecialProcedureKind::Hearing, SpecialProcedureKind::SiteVisit])
        });
        for (proc_id, wd) in [Some(("P1", first)), second.map(|wd| ("P2", wd))].into_iter().flatten() {
            self.stream.days(wd);
            let ended = v1::SpecialProcedureEnded { proc_id: proc_id.to_owned(), result: "done".to_owned() };
            self.stream.say(self.department(), Fact::SpecialProcedureEnded(ended));
        }
        self.stream.days_since(began)
    }

    fn start_procedure(&mut self, proc_id: &str, kinds: &[SpecialProcedureKind]) -> u32 {
        let kind = self.stream.random.pick(kinds);
        let expected_wd = self.stream.random.between(2, 10);
        let told = !self.stream.random.chance(NOT_TOLD);
        let started = v1::SpecialProcedureStarted {
            proc_id: proc_id.to_owned(),
            kind: kind.into(),
            expected_wd,
            told_applicant_at: told.then(|| instant(self.stream.now).into()),
            sub_case: None,
        };
        self.stream.say(self.department(), Fact::SpecialProcedureStarted(started));
        // Some take longer than was said.
        expected_wd + self.stream.random.weighted(&[(8, 0), (2, 3)])
    }

    /// An extension; a few are approved without telling the applicant.
    fn extend(&mut self) -> u32 {
        let days = self.stream.random.between(3, 10);
        let told = !self.stream.random.chance(150);
        self.stream.minutes(10, 60);
        let approved = v1::ExtensionApproved {
            days,
            approver: super::units::staff(self.item.unit, 0),
            reason: "complex_case".to_owned(),
            told_applicant_at: told.then(|| instant(self.stream.now).into()),
        };
        self.stream.say(self.department(), Fact::ExtensionApproved(approved));
        days
    }

    fn ends_early(&mut self) -> bool {
        if self.stream.random.chance(WITHDRAWN) {
            self.stream.days(1);
            self.withdraw();
            return true;
        }
        if self.stream.random.chance(TERMINATED) {
            self.stream.days(1);
            let ground = self.stream.random.pick(&["applicant_gone", "subject_matter_gone"]).to_owned();
            self.stream.say(self.department(), Fact::CaseTerminated(v1::CaseTerminated { ground }));
            return true;
        }
        false
    }

    /// Waits until the decision; where the promise passes meanwhile, the supervision notices some. Whether it did.
    fn wait_for_decision(&mut self, accepted_on: Date, budget_wd: u32, use_wd: u32) -> bool {
        let used = self.stream.days_since(accepted_on);
        let alert_wd = (budget_wd + 1).saturating_sub(used);
        let alerted = use_wd > budget_wd + 1 && alert_wd > 0 && self.stream.random.chance(700);
        if alerted {
            self.stream.days(alert_wd);
            let raised = v1::SupervisionAlertRaised { rule_id: "overdue".to_owned(), colour: AlertColour::Red.into() };
            self.stream.say(By::supervision(), Fact::SupervisionAlertRaised(raised));
        }
        let used = self.stream.days_since(accepted_on);
        self.stream.days(use_wd.saturating_sub(used));
        alerted
    }

    pub(super) fn decide(&mut self, accepted_on: Date) {
        let refused = self.stream.random.chance(REFUSED);
        if refused && self.stream.random.chance(300) {
            self.stream.say(self.department(), Fact::HearingRightTold(v1::HearingRightTold {}));
            self.stream.minutes(10, 60);
            if self.stream.random.chance(200) {
                self.stream.say(By::Unit(CENTRE), Fact::HearingRequested(v1::HearingRequested {}));
                self.stream.days(3);
            }
        }
        let result = if refused { DecisionResult::Refused } else { DecisionResult::Pass };
        let decided = v1::CaseDecided {
            result: result.into(),
            doc_no: format!("ZC-{}-{}", accepted_on.year(), self.case.no),
            reasons: if refused { vec!["conditions_not_met".to_owned()] } else { Vec::new() },
            text_ref: None,
        };
        self.stream.say(self.department(), Fact::CaseDecided(decided));
        self.stream.minutes(5, 30);
    }
}
