//! 一次性告知: notices before acceptance, good and bad, their corrections, and what is said of them.

use super::case::{Life, Way};
use super::catalogue::{CENTRE, DEFECTS, OFF_LIST};
use super::units::By;
use jiff::civil::Date;
use xiaoer_wire::v1::{self, Finding, NoticeBreachKind, NoticeCause, NoticeForm, VisitCause, VisitPurpose, event::Fact};

/// Of a thousand first notices, how many come after the fifth working day.
const TOO_LATE: u32 = 70;
/// Of a thousand corrections, how many are followed by another notice.
const SECOND_ROUND: u32 = 110;
/// Of a thousand notices, how many are never answered, and how many make the applicant give up.
const NEVER_ANSWERED: u32 = 50;
const GIVEN_UP: u32 = 30;
/// Of a thousand notices by mouth only, and with material that no version lists.
const ORAL: u32 = 50;
const UNLISTED: u32 = 40;
/// Of a thousand cases with a notice, how many are complained of.
const ALLEGED: u32 = 60;
/// Of a thousand accepted cases, how many are asked for more after acceptance.
pub(super) const AFTER_ACCEPTANCE: u32 = 20;

impl Life<'_> {
    /// Notices and corrections up to acceptance; none where the applicant does not answer or gives up.
    pub(super) fn notices(&mut self) -> Option<Date> {
        let late = self.stream.random.chance(TOO_LATE);
        let wait = if late {
            self.stream.random.between(6, 9)
        } else {
            self.stream.random.weighted(&[(40, 0), (30, 1), (20, 3), (10, 5)])
        };
        self.stream.days(wait);
        let notice_id = self.notice(NoticeCause::First);
        self.answered(&notice_id, VisitCause::ListedMaterialMissing)?;
        if self.stream.random.chance(SECOND_ROUND) {
            let causes = [
                (4, NoticeCause::First),
                (4, NoticeCause::Unfixed),
                (2, NoticeCause::NewDocument),
                (1, NoticeCause::RequestChanged),
            ];
            let cause = self.stream.random.weighted(&causes);
            let wait = self.stream.random.between(0, 4);
            self.stream.days(wait);
            let notice_id = self.notice(cause);
            let fault = if cause == NoticeCause::First { VisitCause::NoticeBreach } else { VisitCause::ListedMaterialMissing };
            self.answered(&notice_id, fault)?;
        }
        if self.stream.random.chance(ALLEGED) {
            self.breach(&notice_id, late);
        }
        let wait = self.stream.random.between(0, 3);
        self.stream.days(wait);
        // A permit whose first notice came too late was accepted on the day of receipt, by law.
        Some(self.accept(Some(self.received_on).filter(|_| late && self.version.deemed_acceptance)))
    }

    /// Something is asked for after acceptance, which moves no date.
    pub(super) fn notice_after_acceptance(&mut self) {
        let notice_id = self.notice(NoticeCause::First);
        let wait = self.stream.random.between(1, 3);
        self.stream.days(wait);
        self.correct(&notice_id);
    }

    fn notice(&mut self, cause: NoticeCause) -> String {
        self.notices += 1;
        let notice_id = format!("N{}", self.notices);
        let (listed, not_tolerated) = (self.materials(), self.not_tolerated());
        let random = &mut self.stream.random;
        let mut items: Vec<_> = (0..random.between(1, 3))
            .map(|_| v1::NoticeItem {
                material_code: listed[random.below(u32::try_from(listed.len()).unwrap_or(1)) as usize].clone(),
                defect: random.pick(DEFECTS).to_owned(),
                remedy: "submit_again".to_owned(),
                cause: cause.into(),
            })
            .collect();
        if let (1, Some(missing)) = (self.notices, not_tolerated) {
            items.truncate(1);
            (items[0].material_code, items[0].defect) = (missing, "missing".to_owned());
        }
        if random.chance(UNLISTED) {
            items[0].material_code = OFF_LIST.to_owned();
        }
        let electronic = if self.way == Way::Online { 900 } else { 100 };
        let form = match () {
            () if random.chance(ORAL) => NoticeForm::Oral,
            () if random.chance(electronic) => NoticeForm::Electronic,
            () => NoticeForm::Written,
        };
        let receipt_ref = if form == NoticeForm::Oral { String::new() } else { format!("{}-{notice_id}", self.case.no) };
        let notice = v1::NoticeGiven { notice_id: notice_id.clone(), form: form.into(), items, receipt_ref };
        self.stream.say(self.at_window(), Fact::NoticeGiven(notice));
        notice_id
    }

    /// The applicant puts it right; none where he does not.
    fn answered(&mut self, notice_id: &str, fault: VisitCause) -> Option<()> {
        if self.stream.random.chance(NEVER_ANSWERED) {
            return None;
        }
        let wait = self.stream.random.weighted(&[(30, 1), (30, 3), (20, 6), (15, 10), (5, 18)]);
        self.stream.days(wait);
        if self.stream.random.chance(GIVEN_UP) {
            self.withdraw();
            return None;
        }
        if matches!(self.way, Way::Window | Way::Agent) && self.stream.random.chance(600) {
            self.visit(VisitPurpose::Correct, fault);
            self.stream.minutes(5, 15);
        }
        self.correct(notice_id);
        Some(())
    }

    fn correct(&mut self, notice_id: &str) {
        let few = || self.materials().into_iter().take(2).collect();
        let material_codes = self.not_tolerated().map_or_else(few, |missing| vec![missing]);
        let by = if self.way == Way::Online { By::Portal } else { self.at_window() };
        let corrected = v1::CorrectionSubmitted { notice_id: notice_id.to_owned(), material_codes };
        self.stream.say(by, Fact::CorrectionSubmitted(corrected));
    }

    /// Somebody says that the notice was bad; a verifier of another unit looks at it, mostly.
    fn breach(&mut self, notice_id: &str, late: bool) {
        let kinds =
            [NoticeBreachKind::Unclear, NoticeBreachKind::Incomplete, NoticeBreachKind::OffList, NoticeBreachKind::OralOnly];
        let kind = if late { NoticeBreachKind::Late } else { self.stream.random.pick(&kinds) };
        self.stream.minutes(20, 90);
        let record = self.stream.random.below(1 << 30);
        let alleged = v1::NoticeBreachAlleged {
            allegation_id: "B1".to_owned(),
            notice_id: notice_id.to_owned(),
            kind: kind.into(),
            basis: Some(v1::notice_breach_alleged::Basis::RecordRef(format!("r-{record:08x}"))),
        };
        self.stream.say(By::hotline(), Fact::NoticeBreachAlleged(alleged));
        if self.stream.random.chance(200) {
            return;
        }
        self.stream.days(1);
        let findings = [(5, Finding::Substantiated), (4, Finding::Unsubstantiated), (1, Finding::Unverifiable)];
        let finding = self.stream.random.weighted(&findings);
        let found = v1::NoticeBreachFound {
            allegation_id: "B1".to_owned(),
            finding: finding.into(),
            kind: kind.into(),
            verifier: super::units::staff(CENTRE, 1),
        };
        self.stream.say(By::Unit(CENTRE), Fact::NoticeBreachFound(found));
        if finding == Finding::Substantiated {
            self.liable(record);
        }
    }
}
