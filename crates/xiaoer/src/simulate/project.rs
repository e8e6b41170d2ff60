//! 新项目: assessments of its zone, a linked session, rounds of drawings (S16 to S18).

use super::catalogue::{CENTRE, UNITS};
use super::units::{By, usci};
use super::{Post, random::Random, stream::Stream, world::World};
use jiff::civil::{Date, time};
use xiaoer_domain::ids::kind;
use xiaoer_wire::v1::{self, LinkedProcedure, RemoteOpinion, event::Fact};

/// Kind of a project's chance.
const PROJECT: u64 = 16;
/// System of the office that registers zones and projects.
const SYSTEM: &str = "registry";
/// 区域, and what has been assessed of each.
const ZONES: [(&str, &[&str]); 2] = [("north", &["water", "soil", "hazard"]), ("south", &["water"])];
/// Of a thousand assessments that a project could use: used, asked for separately, used after that.
const USED: u32 = 750;
const DEMANDED: u32 = 120;
const USED_AFTER: u32 = 300;
/// Of a thousand sessions by video; of a thousand opinions late, and never given.
const REMOTE: u32 = 800;
const OPINION_LATE: u32 = 80;
const OPINION_MISSING: u32 = 40;
/// Of a thousand rounds, how many are followed by another, of three at most; of a thousand opinions after the first, late points.
const REVISED: u32 = 500;
const ROUNDS_MAX: u32 = 3;
const LATE_POINT: u32 = 150;
/// Who reviews drawings.
const SPECIALTIES: [&str; 3] = ["fire", "civil_defence", "lightning"];

/// What the zones may offer from the first day on.
pub(super) fn zones(world: &World) -> Vec<Post> {
    let posts = ZONES.into_iter().zip(1..).flat_map(|((zone, kinds), number)| {
        let subject = v1::Subject { kind: kind::ZONE.into(), system: SYSTEM.into(), id: zone.into() };
        let random = Random::of(world.seed, PROJECT, u64::MAX - number);
        let mut stream = Stream::new(world, random, subject, world.from.at(6, 0, 0, 0)).never_late();
        for kind in kinds {
            let (assessment_id, valid_from) = (format!("{zone}-{kind}"), world.from.to_string());
            let kind = (*kind).to_owned();
            let approved = v1::ZoneAssessmentApproved { assessment_id, kind, valid_from, valid_to: String::new() };
            stream.say(By::Unit(CENTRE), Fact::ZoneAssessmentApproved(approved));
            stream.minutes(1, 3);
        }
        stream.into_posts()
    });
    posts.collect()
}

/// All posts of a project that is registered on a working day.
pub(super) fn live(world: &World, number: u64, day: Date) -> Vec<Post> {
    let random = Random::of(world.seed, PROJECT, number);
    let id = format!("P{}-{number:04}", day.strftime("%Y"));
    let subject = v1::Subject { kind: kind::SUBJECT.into(), system: SYSTEM.into(), id };
    let mut project = Project { stream: Stream::new(world, random, subject, day.to_datetime(time(9, 30, 0, 0))) };
    let (zone, kinds) = project.stream.random.weighted(&[(6, ZONES[0]), (3, ZONES[1]), (1, ("", &[]))]);
    project.register(number, zone);
    kinds.iter().for_each(|kind| project.assess(zone, kind));
    project.meet();
    project.draw();
    project.stream.into_posts()
}

struct Project<'w> {
    stream: Stream<'w>,
}

impl Project<'_> {
    fn register(&mut self, number: u64, zone: &str) {
        let linked = [LinkedProcedure::Zone, LinkedProcedure::Remote, LinkedProcedure::Drawing];
        // In no zone there is nothing to use.
        let linked = &linked[usize::from(zone.is_empty())..];
        let registered = v1::SubjectRegistered {
            subject_kind: v1::SubjectKind::Project.into(),
            usci: super::units::enterprise(u32::try_from(number).unwrap_or(0)),
            project_code: format!("{}-370306-41-03-{number:06}", self.stream.now.strftime("%Y")),
            new_from: self.stream.now.date().to_string(),
            town: "370306001".to_owned(),
            zone_id: zone.to_owned(),
            above_scale: self.stream.random.chance(300),
            key: self.stream.random.chance(100),
            linked_kinds: linked.iter().map(|procedure| (*procedure).into()).collect(),
        };
        self.stream.say(By::Unit(CENTRE), Fact::SubjectRegistered(registered));
    }

    fn assess(&mut self, zone: &str, kind: &str) {
        let unit = self.some_unit();
        let demanded = self.stream.random.chance(DEMANDED);
        if demanded {
            self.wait(1, 6);
            let reason = self.stream.random.pick(&["habit", "hazardous_site", ""]).to_owned();
            let demanded = v1::SeparateAssessmentDemanded { kind: kind.to_owned(), reason };
            self.stream.say(By::Unit(unit), Fact::SeparateAssessmentDemanded(demanded));
        }
        if self.stream.random.chance(if demanded { USED_AFTER } else { USED }) {
            self.wait(1, 5);
            let applied = v1::ZoneAssessmentApplied { zone_id: zone.to_owned(), assessment_id: format!("{zone}-{kind}") };
            self.stream.say(By::Unit(CENTRE), Fact::ZoneAssessmentApplied(applied));
        }
    }

    /// Up to four units are invited; those that are late give their opinion after the others.
    fn meet(&mut self) {
        self.wait(3, 12);
        let first = self.some_unit();
        let units: Vec<usize> =
            (0..self.stream.random.between(2, 4) as usize).map(|n| 1 + (first + n) % (UNITS.len() - 1)).collect();
        let held = v1::LinkedSessionHeld {
            session_id: "S1".to_owned(),
            units: units.iter().map(|unit| usci(*unit)).collect(),
            remote: self.stream.random.chance(REMOTE),
            ..v1::LinkedSessionHeld::default()
        };
        self.stream.say(By::Unit(CENTRE), Fact::LinkedSessionHeld(held));
        let mut late = Vec::new();
        for unit in units {
            match () {
                () if self.stream.random.chance(OPINION_MISSING) => {}
                () if self.stream.random.chance(OPINION_LATE) => late.push(unit),
                () => self.opine(unit),
            }
        }
        if !late.is_empty() {
            self.wait(4, 6);
        }
        late.into_iter().for_each(|unit| self.opine(unit));
    }

    fn opine(&mut self, unit: usize) {
        self.stream.minutes(5, 60);
        let opinion = self.stream.random.weighted(&[(8, RemoteOpinion::Agree), (2, RemoteOpinion::Conditional)]);
        let given = v1::RemoteOpinionGiven {
            session_id: "S1".to_owned(),
            unit_usci: usci(unit),
            opinion: opinion.into(),
            ..v1::RemoteOpinionGiven::default()
        };
        self.stream.say(By::Unit(unit), Fact::RemoteOpinionGiven(given));
    }

    fn draw(&mut self) {
        self.wait(5, 20);
        for round in 1..=ROUNDS_MAX {
            let revised = round < ROUNDS_MAX && self.stream.random.chance(REVISED);
            self.review(round, revised);
            if !revised {
                return;
            }
            self.wait(5, 15);
        }
    }

    /// A round: each sheet that was found fault with has changed in the next.
    fn review(&mut self, round: u32, revised: bool) {
        let set_version = format!("v{round}");
        let changed_sheets = if round > 1 { vec!["A-01".to_owned()] } else { Vec::new() };
        let submitted =
            v1::DrawingSubmitted { set_version: set_version.clone(), changed_sheets, ..v1::DrawingSubmitted::default() };
        self.stream.say(By::Portal, Fact::DrawingSubmitted(submitted));
        self.wait(1, 2);
        let specialties = SPECIALTIES.map(str::to_owned).to_vec();
        let opened =
            v1::DrawingReviewOpened { set_version: set_version.clone(), specialties, ..v1::DrawingReviewOpened::default() };
        self.stream.say(By::Unit(CENTRE), Fact::DrawingReviewOpened(opened));
        for specialty in SPECIALTIES {
            self.wait(0, 2);
            let point = |sheet: &str, code: String| v1::DrawingPoint { sheet: sheet.to_owned(), point_code: code, text_ref: None };
            let mut points = if revised { vec![point("A-01", format!("{specialty}_{round}"))] } else { Vec::new() };
            if round > 1 && self.stream.random.chance(LATE_POINT) {
                points.push(point("A-07", format!("{specialty}_late")));
            }
            let result = if points.is_empty() { v1::DrawingOpinionResult::Pass } else { v1::DrawingOpinionResult::Revise };
            let given = v1::DrawingOpinionGiven {
                set_version: set_version.clone(),
                specialty: specialty.to_owned(),
                result: result.into(),
                points,
                ..v1::DrawingOpinionGiven::default()
            };
            let unit = self.some_unit();
            self.stream.say(By::Unit(unit), Fact::DrawingOpinionGiven(given));
        }
        self.wait(0, 2);
        let result = if revised { v1::DrawingConclusionResult::Revise } else { v1::DrawingConclusionResult::Pass };
        let concluded =
            v1::DrawingConclusionIssued { set_version, result: result.into(), ..v1::DrawingConclusionIssued::default() };
        self.stream.say(By::Unit(CENTRE), Fact::DrawingConclusionIssued(concluded));
    }

    /// A department; not the centre.
    fn some_unit(&mut self) -> usize {
        self.stream.random.between(1, 9) as usize
    }

    /// Some working days go by.
    fn wait(&mut self, least: u32, most: u32) {
        let wd = self.stream.random.between(least, most);
        self.stream.days(wd);
    }
}
