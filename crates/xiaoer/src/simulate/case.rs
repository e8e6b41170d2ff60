//! The life of a case from receipt to acceptance, and the cases of an old system that keeps no rules.

use super::units::{By, enterprise, window};
use super::{Post, catalogue::Item, random::Random, stream::Stream, world::World};
use jiff::civil::{Date, DateTime};
use xiaoer_domain::ids::kind;
use xiaoer_wire::v1::{self, ApplicantKind, CaseRef, Channel, LimitUnit, PostMode, VisitCause, VisitPurpose, event::Fact};

/// The system that numbers the cases.
pub(super) const SYSTEM: &str = "hall";
/// Kind of a case's chance.
const CASE: u64 = 3;
/// Of a thousand cases, how many come from an old system in record mode.
const LEGACY: u32 = 10;
/// Of a thousand cases, how many make the applicant come in vain.
const IN_VAIN: u32 = 25;

/// How a case comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Online,
    Window,
    Mail,
    Kiosk,
    /// 代办: an agent brings it to the window.
    Agent,
}

/// A case at the moment it comes in.
#[derive(Debug)]
pub(super) struct Arrival {
    pub(super) number: u64,
    pub(super) item: usize,
    pub(super) case: CaseRef,
    pub(super) at: DateTime,
    pub(super) way: Way,
    pub(super) window: u32,
    /// The cases of the trip that brought it; empty where another case names them.
    pub(super) trip: Vec<CaseRef>,
}

/// A case on its way.
#[derive(Debug)]
pub(super) struct Life<'w> {
    pub(super) stream: Stream<'w>,
    /// Posts on other streams.
    pub(super) beside: Vec<Post>,
    pub(super) item: &'w Item,
    /// The version its materials are pinned to.
    pub(super) version: &'w v1::ItemVersionPublished,
    pub(super) case: CaseRef,
    pub(super) way: Way,
    pub(super) window: u32,
    pub(super) received_on: Date,
    pub(super) visits: u32,
    pub(super) notices: u32,
    /// A material that is missing and may follow.
    pub(super) missing: Option<String>,
    /// It was tolerated.
    pub(super) granted: bool,
    /// Several departments handle it in parallel.
    pub(super) joint: bool,
}

/// What becomes of a case before it is accepted.
#[derive(Clone, Copy)]
enum Reception {
    Plain,
    Notices,
    /// Nobody acts within the five working days of art. 32.
    Silence,
    NotAccepted,
    Withdrawn,
}

/// All posts of a case and its visits.
pub(super) fn live(world: &World, arrival: &Arrival) -> Vec<Post> {
    let mut life = Life::begin(world, arrival);
    // The old system is a hall's, and a hall is closed on days off.
    if life.stream.random.chance(LEGACY) && world.calendar.is_working(life.received_on) {
        life.legacy();
    } else {
        life.missing = life.lacking(arrival.number);
        life.joint = life.is_joint(arrival.number);
        life.receive(arrival);
        if life.is_immediate() {
            life.handle_at_once();
        } else if let Some(accepted_on) = life.reception() {
            life.handle(accepted_on);
        }
    }
    life.beside.extend(life.stream.into_posts());
    life.beside
}

impl<'w> Life<'w> {
    fn begin(world: &'w World, arrival: &Arrival) -> Self {
        let random = Random::of(world.seed, CASE, arrival.number);
        let subject = v1::Subject { kind: kind::CASE.into(), system: SYSTEM.into(), id: arrival.case.no.clone() };
        let item = &world.items[arrival.item];
        Self {
            stream: Stream::new(world, random, subject, arrival.at),
            beside: Vec::new(),
            item,
            version: item.version_on(arrival.at.date()),
            case: arrival.case.clone(),
            way: arrival.way,
            window: arrival.window,
            received_on: arrival.at.date(),
            visits: 0,
            notices: 0,
            missing: None,
            granted: false,
            joint: false,
        }
    }

    /// The department that decides.
    pub(super) fn department(&self) -> By {
        By::Unit(self.item.unit)
    }

    pub(super) fn at_window(&self) -> By {
        By::Window(self.window)
    }

    fn is_immediate(&self) -> bool {
        self.version.promised_limit.as_ref().is_some_and(|limit| limit.unit() == LimitUnit::Immediate)
    }

    /// Codes of the materials the pinned version lists.
    pub(super) fn materials(&self) -> Vec<String> {
        self.version.steps.iter().flat_map(|step| &step.materials).map(|material| material.code.clone()).collect()
    }

    fn receive(&mut self, arrival: &Arrival) {
        let hall = matches!(self.way, Way::Window | Way::Agent);
        if hall {
            if self.stream.random.chance(IN_VAIN) {
                self.come_in_vain();
            }
            if !arrival.trip.is_empty() {
                self.visit_for(arrival.trip.clone(), VisitPurpose::Submit, VisitCause::LawRequiresPresence, true);
            }
            self.stream.minutes(5, 12);
        }
        if self.way == Way::Online {
            self.stream.say(By::Portal, Fact::ApplicationSubmittedOnline(v1::ApplicationSubmittedOnline {}));
            self.stream.minutes(0, 1);
        }
        let by = if self.way == Way::Online { By::Portal } else { self.at_window() };
        let received = self.received(hall);
        self.stream.say(by, Fact::CaseReceived(received));
        if hall {
            self.stream.minutes(5, 20);
            let checked = v1::FirstCheckDone { window_id: window(self.window), result: "complete".into() };
            self.stream.say(by, Fact::FirstCheckDone(checked));
        }
        // Something must be signed or shown in person where the guide says so.
        if !hall && self.version.visit_limit != Some(0) && self.stream.random.chance(250) {
            self.stream.days(1);
            self.visit(VisitPurpose::IdentityCheck, VisitCause::LawRequiresPresence);
        }
    }

    fn come_in_vain(&mut self) {
        let causes = [VisitCause::WindowClosed, VisitCause::SystemDown, VisitCause::WrongGuide, VisitCause::WrongReferral];
        let cause = self.stream.random.pick(&causes);
        self.visit(VisitPurpose::Other, cause);
        self.stream.minutes(15, 50);
    }

    fn received(&mut self, hall: bool) -> v1::CaseReceived {
        let channel = match self.way {
            Way::Online => Channel::Online,
            Way::Window | Way::Agent => Channel::Window,
            Way::Mail => Channel::Mail,
            Way::Kiosk => Channel::Kiosk,
        };
        let random = &mut self.stream.random;
        let kinds = [(40, ApplicantKind::NaturalPerson), (35, ApplicantKind::LegalPerson), (25, ApplicantKind::IndividualBusiness)];
        let kind = random.weighted(&kinds);
        let person = random.below(1 << 30);
        let usci = if kind == ApplicantKind::LegalPerson { enterprise(person) } else { String::new() };
        v1::CaseReceived {
            item_code: self.item.code.clone(),
            item_version: self.version.version.clone(),
            applicant: Some(v1::Applicant { r#ref: format!("a-{person:08x}"), kind: kind.into(), usci }),
            channel: channel.into(),
            window_id: if hall { window(self.window) } else { String::new() },
            consult_id: String::new(),
            materials: self.materials().into_iter().filter(|code| Some(code) != self.missing.as_ref()).collect(),
        }
    }

    /// Up to acceptance: the day the limits run from; none where it ends before.
    fn reception(&mut self) -> Option<Date> {
        if let Some(missing) = self.missing.clone() {
            return self.tolerated(&missing);
        }
        let ways = [
            (745, Reception::Plain),
            (190, Reception::Notices),
            (18, Reception::Silence),
            (30, Reception::NotAccepted),
            (17, Reception::Withdrawn),
        ];
        match self.stream.random.weighted(&ways) {
            Reception::Plain => {
                let wait = self.stream.random.weighted(&[(55, 0), (25, 1), (12, 2), (5, 3), (3, 5)]);
                self.stream.days(wait);
                Some(self.accept(None))
            }
            Reception::Notices => self.notices(),
            Reception::Silence => Some(self.silence()),
            Reception::NotAccepted => {
                let wait = self.stream.random.between(0, 3);
                self.stream.days(wait);
                let grounds = [(45, "not_required"), (35, "not_our_authority"), (12, "quota_used_up"), (8, "come_back_later")];
                let ground = self.stream.random.weighted(&grounds).to_owned();
                self.stream.say(self.at_window(), Fact::NotAccepted(v1::NotAccepted { ground, text_ref: None }));
                None
            }
            Reception::Withdrawn => {
                let wait = self.stream.random.between(0, 4);
                self.stream.days(wait);
                self.withdraw();
                None
            }
        }
    }

    /// Nobody acts in time: a permit is accepted as of the day of receipt, whether somebody confirms it later or not.
    fn silence(&mut self) -> Date {
        let wait = self.stream.random.between(6, 10);
        self.stream.days(wait);
        let deemed = self.version.deemed_acceptance;
        if deemed && self.stream.random.chance(300) {
            return self.received_on;
        }
        self.accept(Some(self.received_on).filter(|_| deemed))
    }

    /// 受理, today or as of an earlier day.
    pub(super) fn accept(&mut self, as_of: Option<Date>) -> Date {
        let day = as_of.unwrap_or(self.stream.now.date());
        // One window in a hundred counts wrong.
        let shift = u32::from(self.stream.random.chance(10));
        let due = self.stream.world.calendar.nth(day, self.promised_wd(day) + shift);
        let mode = if self.granted { v1::AcceptanceMode::Tolerance } else { v1::AcceptanceMode::Normal };
        let accepted = v1::CaseAccepted { mode: mode.into(), promised_due: due.to_string() };
        self.stream.say(self.at_window(), Fact::CaseAccepted(accepted));
        day
    }

    /// Working days promised by the version in force on a day.
    pub(super) fn promised_wd(&self, day: Date) -> u32 {
        self.item.version_on(day).promised_limit.as_ref().map_or(0, |limit| limit.n)
    }

    pub(super) fn withdraw(&mut self) {
        let by = self.stream.random.weighted(&[(9, v1::WithdrawnBy::Applicant), (1, v1::WithdrawnBy::Proxy)]);
        let from = if self.way == Way::Online { By::Portal } else { self.at_window() };
        self.stream.say(from, Fact::CaseWithdrawn(v1::CaseWithdrawn { by: by.into() }));
    }

    /// What an old system sends when asked for its history: things in an order that the state table does not know.
    fn legacy(&mut self) {
        self.stream.mode = PostMode::Record;
        let received = self.received(true);
        self.stream.say(self.at_window(), Fact::CaseReceived(received));
        let decided =
            || Fact::CaseDecided(v1::CaseDecided { result: v1::DecisionResult::Pass.into(), ..v1::CaseDecided::default() });
        let accepted = || Fact::CaseAccepted(v1::CaseAccepted::default());
        let completed = || Fact::CaseCompleted(v1::CaseCompleted {});
        let histories: [[Fact; 3]; 4] = [
            [decided(), accepted(), completed()],
            [accepted(), accepted(), decided()],
            [accepted(), completed(), decided()],
            [accepted(), decided(), Fact::ResultDelivered(v1::ResultDelivered::default())],
        ];
        let which = self.stream.random.below(4) as usize;
        for fact in histories.into_iter().nth(which).into_iter().flatten() {
            let wait = self.stream.random.between(1, 4);
            self.stream.days(wait);
            self.stream.say(self.department(), fact);
        }
    }
}
