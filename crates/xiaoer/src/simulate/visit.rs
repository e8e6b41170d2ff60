//! Visits: each a stream of its own, named after the case it was first for.

use super::case::{Life, Way};
use super::stream::Stream;
use super::units::By;
use xiaoer_domain::ids::kind;
use xiaoer_wire::v1::{self, VisitCause, VisitDecider, VisitPurpose, VisitWho, event::Fact, visit_cause_decided::Basis};

/// Of a thousand visits for which a government cause is possible, how many the window puts on the applicant until somebody asks.
const DENIED: u32 = 350;
/// Of a thousand visits, how many a private proxy makes.
const PROXY: u32 = 120;

/// Places of the district.
const HALL: &str = "district-hall";
const BRANCHES: &[&str] = &["branch-tax", "branch-police", "town-north"];

impl Life<'_> {
    /// The applicant comes now for this case.
    pub(super) fn visit(&mut self, purpose: VisitPurpose, cause: VisitCause) {
        let case = vec![self.case.clone()];
        self.visit_for(case, purpose, cause, true);
    }

    /// The applicant comes now although nobody asks him to.
    pub(super) fn voluntary_visit(&mut self, purpose: VisitPurpose) {
        let case = vec![self.case.clone()];
        self.visit_for(case, purpose, VisitCause::ChoseToCollect, false);
    }

    /// A visit for several cases at once.
    pub(super) fn visit_for(&mut self, cases: Vec<v1::CaseRef>, purpose: VisitPurpose, cause: VisitCause, required: bool) {
        self.visits += 1;
        let subject =
            v1::Subject { kind: kind::VISIT.into(), system: "hall".into(), id: format!("V{}-{}", self.case.no, self.visits) };
        let random = self.stream.random.branch();
        let mut stream = Stream::new(self.stream.world, random, subject, self.stream.now);
        let random = &mut stream.random;
        let who = match self.way {
            Way::Agent => VisitWho::Agent,
            _ if random.chance(PROXY) => VisitWho::Proxy,
            _ => VisitWho::Applicant,
        };
        let denied = is_government(cause) && random.chance(DENIED);
        let stated = if denied { VisitCause::ListedMaterialMissing } else { cause };
        let place = if random.chance(100) { random.pick(BRANCHES) } else { HALL };
        let visited = v1::ApplicantVisited {
            case_nos: cases,
            place: place.into(),
            who: who.into(),
            purpose: purpose.into(),
            required,
            cause: stated.into(),
        };
        let visit = stream.say(By::Window(self.window), Fact::ApplicantVisited(visited));
        if denied || (is_government(cause) && stream.random.chance(200)) {
            decide_cause(&mut stream, cause, visit);
        }
        self.beside.extend(stream.into_posts());
    }
}

fn is_government(cause: VisitCause) -> bool {
    (VisitCause::NoticeBreach as i32..=VisitCause::JointAskedSeparately as i32).contains(&(cause as i32))
}

/// Somebody above the window asks, and sometimes somebody above him again.
fn decide_cause(stream: &mut Stream<'_>, cause: VisitCause, visit: v1::EventRef) {
    let wait = stream.random.between(2, 8);
    stream.days(wait);
    let (by, decider) = stream.random.weighted(&[
        (5, (By::hotline(), VisitDecider::Hotline)),
        (3, (By::Unit(super::catalogue::CENTRE), VisitDecider::Callback)),
        (1, (By::supervision(), VisitDecider::Supervision)),
    ]);
    let basis = Some(Basis::SourceEvent(visit));
    stream.say(
        by,
        Fact::VisitCauseDecided(v1::VisitCauseDecided { cause: cause.into(), decider: decider.into(), basis: basis.clone() }),
    );
    if decider != VisitDecider::Supervision && stream.random.chance(100) {
        let wait = stream.random.between(1, 10);
        stream.days(wait);
        let cause = VisitCause::LawRequiresPresence.into();
        let decided = v1::VisitCauseDecided { cause, decider: VisitDecider::Reviewer.into(), basis };
        stream.say(By::Unit(super::catalogue::CENTRE), Fact::VisitCauseDecided(decided));
    }
}
