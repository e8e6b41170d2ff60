//! 容缺: something is missing that the item's list allows, and follows in time, late, or never.

use super::case::Life;
use super::random::Random;
use jiff::civil::Date;
use xiaoer_wire::v1::{self, ToleranceOutcome, event::Fact};

/// Kind of the chance that something is missing.
const TOLERANCE: u64 = 5;
/// Of a thousand cases of an item with a list, how many lack something that it allows, and how many of those are granted.
const LACKING: u32 = 150;
const GRANTED: u32 = 800;

/// When what is missing is accepted, in working days after the grant.
#[derive(Clone, Copy)]
enum Follows {
    InTime,
    Extended,
    Late,
    Never,
}

impl Life<'_> {
    /// A material of the pinned version that this applicant does not have yet, and may bring later. By a chance of its own: the other
    /// cases stay what they were before there was any tolerance.
    pub(super) fn lacking(&self, number: u64) -> Option<String> {
        let list = self.item.tolerance_list(self.version)?;
        let mut random = Random::of(self.stream.world.seed, TOLERANCE, number);
        let codes: Vec<&str> = list.materials.iter().map(|material| material.code.as_str()).collect();
        random.chance(LACKING).then(|| random.pick(&codes).to_owned())
    }

    /// What is missing and was not tolerated, so that it is asked for.
    pub(super) fn not_tolerated(&self) -> Option<String> {
        self.missing.clone().filter(|_| !self.granted)
    }

    /// Up to the acceptance of what was missing: the day the limits run from; none where the case ends for want of it. Some windows
    /// know no tolerance and ask by a notice.
    pub(super) fn tolerated(&mut self, missing: &str) -> Option<Date> {
        if !self.stream.random.chance(GRANTED) {
            return self.notices();
        }
        let list = self.item.tolerance_list(self.version)?;
        let max_wd = list.materials.iter().find(|material| material.code == missing)?.max_wd;
        self.stream.days(0);
        let limit_wd = max_wd.min(self.promised_wd(self.stream.now.date()));
        let grant = v1::ToleranceGranted {
            missing: vec![missing.to_owned()],
            promised_on: self.wd_from_now(limit_wd),
            undertaking_ref: self.kept("undertaking"),
            list_ref: if self.stream.random.chance(970) { self.kept("list") } else { None },
        };
        self.stream.say(self.at_window(), Fact::ToleranceGranted(grant));
        self.granted = true;
        self.stream.minutes(1, 10);
        let accepted_on = self.accept(None);
        let follows = [(80, Follows::InTime), (7, Follows::Extended), (10, Follows::Late), (3, Follows::Never)];
        let follows = self.stream.random.weighted(&follows);
        self.follows(follows, missing, limit_wd).then_some(accepted_on)
    }

    /// Whether it came in the end.
    fn follows(&mut self, follows: Follows, missing: &str, limit_wd: u32) -> bool {
        let material_code = missing.to_owned();
        let wait = match follows {
            Follows::InTime => self.stream.random.between(1, limit_wd),
            Follows::Extended => {
                self.stream.days(1);
                let extended = v1::ToleranceExtended { new_on: self.wd_from_now(limit_wd + 3), reason: "force_majeure".to_owned() };
                self.stream.say(self.department(), Fact::ToleranceExtended(extended));
                limit_wd + 1
            }
            Follows::Late => limit_wd + self.stream.random.between(1, 4),
            Follows::Never => limit_wd + 5,
        };
        self.stream.days(wait);
        let outcome = match follows {
            Follows::InTime | Follows::Extended => ToleranceOutcome::Fulfilled,
            Follows::Late => ToleranceOutcome::Late,
            Follows::Never => ToleranceOutcome::Unfulfilled,
        };
        let came = !matches!(follows, Follows::Never);
        if came {
            self.stream.say(self.at_window(), Fact::DeficiencyFiled(v1::DeficiencyFiled { material_code: material_code.clone() }));
            self.stream.minutes(5, 40);
            self.stream.say(self.department(), Fact::DeficiencyMadeGood(v1::DeficiencyMadeGood { material_code }));
        }
        self.stream.minutes(1, 10);
        self.stream.say(self.department(), Fact::ToleranceClosed(v1::ToleranceClosed { outcome: outcome.into() }));
        if !came {
            self.stream.minutes(1, 10);
            let terminated = v1::CaseTerminated { ground: "tolerance_lapsed".to_owned() };
            self.stream.say(self.department(), Fact::CaseTerminated(terminated));
        }
        came
    }

    pub(super) fn wd_from_now(&self, wd: u32) -> String {
        self.stream.world.calendar.nth(self.stream.now.date(), wd).to_string()
    }

    /// A document that the vault would keep.
    pub(super) fn kept(&mut self, what: &str) -> Option<v1::TextRef> {
        let commitment = self.stream.commitment();
        Some(v1::TextRef { r#ref: format!("{what}/{}", self.case.no), commitment })
    }
}
