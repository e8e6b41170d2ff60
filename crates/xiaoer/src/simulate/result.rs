//! After the decision: completion, the document, its way to the applicant, and the few cases that come back.

use super::case::Life;
use super::units::By;
use xiaoer_wire::v1::{self, DecisionResult, DeliveryMeans, ReopenGround, VisitCause, VisitPurpose, event::Fact};

/// Of a thousand results: never delivered; delivered after the ten working days of art. 44; recorded as delivered by mistake.
const NEVER_DELIVERED: u32 = 10;
const LATE_DELIVERY: u32 = 20;
const MISTAKEN_DELIVERY: u32 = 6;
/// Of a thousand results, how many are revoked, and how many come back after a review or a judgment.
const REVOKED: u32 = 5;
const REOPENED: u32 = 4;

impl Life<'_> {
    /// From the decision to the end.
    pub(super) fn result(&mut self) {
        self.complete();
        if !self.stream.random.chance(NEVER_DELIVERED) {
            self.deliver();
        }
        if self.stream.random.chance(REVOKED) {
            self.revoke();
        } else if self.stream.random.chance(REOPENED) {
            self.reopen(ReopenGround::Review);
        }
    }

    fn complete(&mut self) {
        let wait = self.stream.random.weighted(&[(6, 0), (3, 1), (1, 2)]);
        self.stream.days(wait);
        let completed = Fact::CaseCompleted(v1::CaseCompleted {});
        let issued = Fact::ResultIssued(v1::ResultIssued { cert_no: format!("Z{}", self.case.no) });
        if self.stream.random.chance(500) {
            self.stream.say_all(self.department(), [completed, issued]);
        } else {
            self.stream.say(self.department(), completed);
            self.stream.days(0);
            self.stream.say(self.department(), issued);
        }
    }

    fn deliver(&mut self) {
        let means =
            self.stream.random.weighted(&[(45, DeliveryMeans::Mail), (30, DeliveryMeans::Window), (25, DeliveryMeans::Electronic)]);
        let late = self.stream.random.chance(LATE_DELIVERY);
        let wait = if late { self.stream.random.between(11, 16) } else { self.stream.random.between(1, 5) };
        match means {
            DeliveryMeans::Electronic => {
                self.stream.minutes(5, 30);
                self.delivered(By::Portal, means);
            }
            DeliveryMeans::Mail => {
                self.stream.days(1);
                self.stream.say(self.at_window(), Fact::ResultMailed(v1::ResultMailed { waybill_ref: None }));
                self.stream.days(wait);
                self.delivered(By::Courier, means);
                if wait > 1 && self.stream.random.chance(100) {
                    self.stream.dated_the_day_before();
                }
            }
            _ => {
                self.stream.days(wait);
                self.collect();
                self.stream.minutes(3, 9);
                self.delivered(self.at_window(), means);
            }
        }
    }

    /// The applicant collects the result: because he must, because he likes to, or because the first one was wrong.
    fn collect(&mut self) {
        match self.stream.random.weighted(&[(55, 0), (40, 1), (5, 2)]) {
            0 => self.visit(VisitPurpose::Collect, VisitCause::LawRequiresPresence),
            1 => self.voluntary_visit(VisitPurpose::Collect),
            _ => self.visit(VisitPurpose::Collect, VisitCause::WrongResult),
        }
    }

    fn delivered(&mut self, by: By, means: DeliveryMeans) {
        let fact = || Fact::ResultDelivered(v1::ResultDelivered { how: means.into() });
        let target = Some(self.stream.say(by, fact()));
        if self.stream.random.chance(MISTAKEN_DELIVERY) {
            self.stream.days(1);
            let by_event = Some(self.stream.say(by, fact()));
            self.stream.minutes(2, 9);
            let authority = "centre-office".to_owned();
            let replaced = v1::EventReplaced { target, by_event, reason: "wrong_day".to_owned(), authority };
            self.stream.say(by, Fact::EventReplaced(replaced));
        }
    }

    fn revoke(&mut self) {
        let wait = self.stream.random.between(5, 25);
        self.stream.days(wait);
        let revoked = v1::DecisionRevoked { ground: "unlawful_decision".to_owned(), by: "higher_authority".to_owned() };
        self.stream.say(self.department(), Fact::DecisionRevoked(revoked));
        if self.stream.random.chance(500) {
            let ground = self.stream.random.pick(&[ReopenGround::Error, ReopenGround::Court]);
            self.reopen(ground);
        }
    }

    /// A new round with a new clock.
    fn reopen(&mut self, ground: ReopenGround) {
        let wait = self.stream.random.between(2, 20);
        self.stream.days(wait);
        self.stream.say(self.department(), Fact::CaseReopened(v1::CaseReopened { ground: ground.into() }));
        let wait = self.stream.random.between(2, 9);
        self.stream.days(wait);
        self.stream.say(self.department(), Fact::ReviewStepDone(v1::ReviewStepDone { step: "second_review".to_owned() }));
        self.stream.days(1);
        let decided = v1::CaseDecided { result: DecisionResult::Pass.into(), ..v1::CaseDecided::default() };
        self.stream.say(self.department(), Fact::CaseDecided(decided));
        self.complete();
    }
}
