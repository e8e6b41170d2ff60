//! 联办: some permits are handled by several departments in parallel, with a visit to the site, a list of what to put right, and a
//! conclusion of the lead.

use super::case::Life;
use super::random::Random;
use super::units::{By, usci};
use super::world::instant;
use jiff::civil::Date;
use xiaoer_wire::v1::{self, CaseRef, JointResult, LimitUnit, event::Fact};

/// Kind of the chance that a case is a joint one.
const JOINT: u64 = 6;
/// Of a thousand permits, how many are joint cases; of a thousand joint cases, how many have a visit to the site, an absent unit at it,
/// a member in a procedure of its own, something to put right.
const JOINT_CASES: u32 = 30;
const VISITED: u32 = 600;
const ABSENT: u32 = 300;
const OWN_PROCEDURE: u32 = 350;
const RECTIFIED: u32 = 250;
/// Departments that may be members.
const DEPARTMENTS: usize = 9;

impl Life<'_> {
    /// By a chance of its own: the other cases stay what they were before there was any joint handling.
    pub(super) fn is_joint(&self, number: u64) -> bool {
        let mut random = Random::of(self.stream.world.seed, JOINT, number);
        self.version.item_type() == v1::ItemType::Permit && random.chance(JOINT_CASES)
    }

    /// From the acceptance to the result.
    pub(super) fn handle_jointly(&mut self, accepted_on: Date) {
        let budget_wd = self.promised_wd(accepted_on).max(3);
        let others = self.stream.random.between(2, 3) as usize;
        let members: Vec<usize> = (0..=others).map(|n| 1 + (self.item.unit + n * 2) % DEPARTMENTS).collect();
        self.open(&members, budget_wd * 2 / 3);
        if self.stream.random.chance(VISITED) {
            self.inspect(&members);
        }
        if self.stream.random.chance(OWN_PROCEDURE) {
            self.member_procedure(&members);
        }
        for (nth, unit) in members.iter().enumerate() {
            let wait = self.stream.random.weighted(&[(5, 0), (4, 1), (1, budget_wd / 2)]);
            self.stream.days(wait);
            let opinion = self.stream.random.weighted(&[(9, JointResult::Pass), (1, JointResult::Conditional)]);
            let given = v1::SubOpinionGiven { sub_case: Some(self.part(nth)), opinion: opinion.into(), items: Vec::new() };
            self.stream.say(By::Unit(*unit), Fact::SubOpinionGiven(given));
        }
        if self.stream.random.chance(RECTIFIED) {
            let items = vec![self.point("fire_exit_blocked")];
            self.stream.say(self.department(), Fact::RectificationListIssued(v1::RectificationListIssued { items }));
            self.stream.days(2);
            self.stream.say(self.department(), Fact::RectificationAccepted(v1::RectificationAccepted {}));
        }
        self.stream.days(0);
        self.stream.say(self.department(), Fact::JointConcluded(v1::JointConcluded { result: JointResult::Pass.into() }));
        self.stream.minutes(5, 60);
        self.decide(accepted_on);
        self.result();
    }

    fn open(&mut self, members: &[usize], limit_wd: u32) {
        let limit = v1::Limit { n: limit_wd.max(1), unit: LimitUnit::WorkingDay.into() };
        let member = |(nth, unit): (usize, &usize)| v1::JointMember {
            usci: usci(*unit),
            sub_case: Some(self.part(nth)),
            sub_limit: Some(limit),
            item_code: String::new(),
        };
        let opened = v1::JointCaseOpened {
            project: None,
            stage: "acceptance".to_owned(),
            lead_usci: usci(self.item.unit),
            members: members.iter().enumerate().map(member).collect(),
        };
        self.stream.minutes(5, 30);
        self.stream.say(self.department(), Fact::JointCaseOpened(opened));
        for unit in members {
            self.stream.minutes(1, 5);
            let routed = v1::CaseRoutedToDept { to_usci: usci(*unit) };
            self.stream.say(self.at_window(), Fact::CaseRoutedToDept(routed));
        }
    }

    /// A member's number of its part.
    fn part(&self, nth: usize) -> CaseRef {
        CaseRef { system: "approval".to_owned(), no: format!("{}-{}", self.case.no, nth + 1) }
    }

    fn point(&mut self, code: &str) -> v1::JointPoint {
        v1::JointPoint { code: code.to_owned(), text_ref: self.kept("point") }
    }

    /// One trip for all; who was absent goes alone.
    fn inspect(&mut self, members: &[usize]) {
        let units: Vec<String> = members.iter().map(|unit| usci(*unit)).collect();
        let scheduled = v1::SiteInspectionScheduled {
            visit_id: "V1".to_owned(),
            cases: Vec::new(),
            units: units.clone(),
            on: self.wd_from_now(1),
        };
        self.stream.say(self.department(), Fact::SiteInspectionScheduled(scheduled));
        self.stream.days(1);
        let absent = self.stream.random.chance(ABSENT);
        let (away, present) = units.split_at(usize::from(absent));
        let done = |visit_id: &str, present: &[String], findings: Vec<v1::JointPoint>| {
            Fact::SiteInspectionDone(v1::SiteInspectionDone { visit_id: visit_id.to_owned(), present: present.to_vec(), findings })
        };
        let findings = vec![self.point("as_drawn")];
        self.stream.say(self.department(), done("V1", present, findings));
        if let [unit] = away {
            let absence = v1::InspectionAbsence { visit_id: "V1".to_owned(), usci: unit.clone(), excuse: "other_duty".to_owned() };
            self.stream.say(self.department(), Fact::InspectionAbsence(absence));
            let wait = self.stream.random.between(1, 4);
            self.stream.days(wait);
            self.stream.say(By::Unit(members[0]), done("V2", away, Vec::new()));
        }
    }

    /// A member has something tested, while the others work.
    fn member_procedure(&mut self, members: &[usize]) {
        let last = members.len() - 1;
        let by = By::Unit(members[last]);
        let expected_wd = self.stream.random.between(2, 5);
        let started = v1::SpecialProcedureStarted {
            proc_id: "J1".to_owned(),
            kind: v1::SpecialProcedureKind::Testing.into(),
            expected_wd,
            told_applicant_at: Some(instant(self.stream.now).into()),
            sub_case: Some(self.part(last)),
        };
        self.stream.say(by, Fact::SpecialProcedureStarted(started));
        self.stream.days(expected_wd);
        let ended = v1::SpecialProcedureEnded { proc_id: "J1".to_owned(), result: "pass".to_owned() };
        self.stream.say(by, Fact::SpecialProcedureEnded(ended));
    }
}
