//! An enterprise or project (企业、项目) on a day: its registration, the zone assessments it used or was denied, its linked
//! sessions, the rounds of its drawings (domain.md S16 to S18), and the joint cases for it (S19, S20), whose events its history also
//! holds.
//!
//! Promises: [`project_on`] is total; what does not fit is folded as best makes sense: an opinion on a version that nobody handed
//! in makes a version of it. Of several registrations of one day the last recorded holds, of conclusions of one version the first.
//! Left to others: the life of a joint case ([`crate::case`]); what a zone's assessments are ([`crate::catalogue`]); what counts as reused, in time or late in a figure.

use crate::case::Stamp;
use crate::event::{
    CodeText, DrawingConclusion, DrawingPoint, Fact, LinkedSessionHeld, Recorded, SeparateAssessmentDemanded, SetVersion,
    SubjectKind, SubjectRegistered, ZoneAssessmentApplied,
};
use crate::history::History;
use crate::ids::Subject;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of an enterprise or project on a day.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ProjectOnDay {
    /// 登记; nothing before it.
    pub registered: Option<Registered>,
    /// Zone assessments that were used or set aside, in the order they count.
    pub assessments: Vec<Assessed>,
    /// 联动审批会, in the order they count.
    pub sessions: Vec<Session>,
    /// 施工图, a set each, in the order they were first heard of.
    pub sets: Vec<DrawingSet>,
    /// 联办 for it, in the order their streams were first heard of.
    pub joint: Vec<JointCase>,
}

/// A joint case, as far as it tells of a project.
#[derive(Debug, Clone, PartialEq)]
pub struct JointCase {
    /// Its stream.
    pub case: Subject,
    /// 联办开始 for this project, and the code of its stage; nothing where it is for another.
    pub opened: Option<(Stamp, CodeText)>,
    /// 联合勘验安排: the units that have to look, by visit, as last told.
    pub scheduled: BTreeMap<CodeText, Vec<CodeText>>,
    /// 现场勘验, each with the units that were there, in the order they count.
    pub inspections: Vec<(Stamp, Vec<CodeText>)>,
    /// 联办结论, or the decision, the first of them.
    pub concluded: Option<Stamp>,
}

/// The registration that holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Registered {
    /// What it says.
    pub says: SubjectRegistered,
    /// The event.
    pub stamp: Stamp,
    /// Day of the first registration.
    pub first_day: Date,
}

/// What was done about an assessment.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessed {
    /// When.
    pub stamp: Stamp,
    /// What.
    pub act: Act,
}

/// An assessment of the zone was used, or one of the project's own was asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// 应用.
    Applied(ZoneAssessmentApplied),
    /// 单独评估.
    Demanded(SeparateAssessmentDemanded),
}

/// A linked session.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// When, and the event.
    pub held: Stamp,
    /// Unit that reported it; empty where unknown.
    pub unit: CodeText,
    /// What is said of it.
    pub says: LinkedSessionHeld,
    /// The first opinion of each unit, in the order they count.
    pub opinions: Vec<(CodeText, Stamp)>,
}

/// A set of drawings.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawingSet {
    /// Its id; empty where the project has one.
    pub id: CodeText,
    /// Its versions in the order they were first heard of.
    pub versions: Vec<Version>,
}

/// A version of a set.
#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    /// Its name.
    pub name: CodeText,
    /// 报审.
    pub submitted: Option<Stamp>,
    /// Sheets that are new or changed against the version before; none where not known.
    pub changed_sheets: Vec<CodeText>,
    /// 审图开始.
    pub opened: Option<Stamp>,
    /// Who reviews it.
    pub specialties: Vec<CodeText>,
    /// 专业审查意见, in the order they count.
    pub opinions: Vec<DrawingOpinion>,
    /// 审图结论, the first.
    pub concluded: Option<Concluded>,
}

/// The opinion of a specialty on a version.
#[derive(Debug, Clone, PartialEq)]
pub struct DrawingOpinion {
    /// When, and the event.
    pub given: Stamp,
    /// Unit that gave it; empty where unknown.
    pub unit: CodeText,
    /// Which specialty.
    pub specialty: CodeText,
    /// Its points.
    pub points: Vec<DrawingPoint>,
}

/// The conclusion of a round.
#[derive(Debug, Clone, PartialEq)]
pub struct Concluded {
    /// When, and the event.
    pub stamp: Stamp,
    /// Unit that issued it; empty where unknown.
    pub unit: CodeText,
    /// What it says.
    pub result: DrawingConclusion,
}

/// Points of an opinion that should have stood in an earlier one.
#[derive(Debug, Clone, PartialEq)]
pub struct Late<'a> {
    /// The opinion.
    pub opinion: &'a DrawingOpinion,
    /// How many points were late; where it is not known which sheets had changed, how many may be.
    pub points: usize,
    /// It is known which sheets had changed.
    pub certain: bool,
    /// The version it is of, as handed in.
    pub submitted: Option<Stamp>,
}

/// The enterprise or project as of a day; facts dated later are cut.
pub fn project_on(history: &History, valid_on: Date) -> ProjectOnDay {
    ProjectOnDay::of(history.subject(), history.counting_on(valid_on))
}

impl ProjectOnDay {
    /// What some events of a subject, and of joint cases that name it, come to, in the order they count.
    pub(crate) fn of<'a>(subject: &Subject, events: impl Iterator<Item = &'a Recorded>) -> Self {
        let mut project = Self::default();
        for recorded in events {
            match recorded.event.subject == *subject {
                true => project.apply(recorded),
                false => project.apply_joint(subject, recorded),
            }
        }
        project
    }

    fn apply(&mut self, recorded: &Recorded) {
        let event = &recorded.event;
        let (stamp, unit) = (Stamp { day: event.day, position: recorded.position }, &event.unit);
        match &event.fact {
            Fact::SubjectRegistered(says) => self.register(says, stamp),
            Fact::ZoneAssessmentApplied(fact) => self.assessments.push(Assessed { stamp, act: Act::Applied(fact.clone()) }),
            Fact::SeparateAssessmentDemanded(fact) => self.assessments.push(Assessed { stamp, act: Act::Demanded(fact.clone()) }),
            Fact::LinkedSessionHeld(says) => {
                self.sessions.push(Session { held: stamp, unit: unit.clone(), says: says.clone(), opinions: Vec::new() });
            }
            Fact::RemoteOpinionGiven(fact) => {
                let session = self.sessions.iter_mut().find(|session| session.says.session_id == fact.session_id);
                if let Some(session) = session.filter(|session| session.opinion(&fact.unit).is_none()) {
                    session.opinions.push((fact.unit.clone(), stamp));
                }
            }
            Fact::DrawingSubmitted(fact) => {
                let version = self.version_mut(&fact.of);
                if version.submitted.is_none() {
                    (version.submitted, version.changed_sheets) = (Some(stamp), fact.changed_sheets.clone());
                }
            }
            Fact::DrawingReviewOpened(fact) => {
                let version = self.version_mut(&fact.of);
                if version.opened.is_none() {
                    (version.opened, version.specialties) = (Some(stamp), fact.specialties.clone());
                }
            }
            Fact::DrawingOpinionGiven(fact) => {
                let (unit, specialty, points) = (unit.clone(), fact.specialty.clone(), fact.points.clone());
                self.version_mut(&fact.of).opinions.push(DrawingOpinion { given: stamp, unit, specialty, points });
            }
            Fact::DrawingConclusionIssued(fact) => {
                let concluded = Concluded { stamp, unit: unit.clone(), result: fact.result };
                self.version_mut(&fact.of).concluded.get_or_insert(concluded);
            }
            _ => {}
        }
    }

    fn apply_joint(&mut self, subject: &Subject, recorded: &Recorded) {
        let event = &recorded.event;
        let stamp = Stamp { day: event.day, position: recorded.position };
        let at = self.joint.iter().position(|joint| joint.case == event.subject).unwrap_or_else(|| {
            self.joint.push(JointCase::new(&event.subject));
            self.joint.len() - 1
        });
        let joint = &mut self.joint[at];
        match &event.fact {
            Fact::JointCaseOpened(opened) if opened.project.as_ref() == Some(subject) => {
                joint.opened.get_or_insert((stamp, opened.stage.clone()));
            }
            Fact::SiteInspectionScheduled(plan) => {
                joint.scheduled.insert(plan.visit_id.clone(), plan.units.clone());
            }
            Fact::SiteInspectionDone(done) => joint.inspections.push((stamp, done.present.clone())),
            Fact::JointConcluded(_) | Fact::CaseDecided(_) => {
                joint.concluded.get_or_insert(stamp);
            }
            _ => {}
        }
    }

    /// The latest day holds, whenever it was recorded; of one day what was recorded last.
    fn register(&mut self, says: &SubjectRegistered, stamp: Stamp) {
        let key = |stamp: Stamp| (stamp.day, stamp.position);
        let first_day = self.registered.as_ref().map_or(stamp.day, |held| held.first_day.min(stamp.day));
        match &mut self.registered {
            Some(held) if key(held.stamp) > key(stamp) => held.first_day = first_day,
            held => *held = Some(Registered { says: says.clone(), stamp, first_day }),
        }
    }

    fn version_mut(&mut self, of: &SetVersion) -> &mut Version {
        let at = self.sets.iter().position(|set| set.id == of.set_id).unwrap_or_else(|| {
            self.sets.push(DrawingSet { id: of.set_id.clone(), versions: Vec::new() });
            self.sets.len() - 1
        });
        let versions = &mut self.sets[at].versions;
        let at = versions.iter().position(|version| version.name == of.version).unwrap_or_else(|| {
            versions.push(Version::new(&of.version));
            versions.len() - 1
        });
        &mut versions[at]
    }

    /// It is registered as a project.
    pub fn is_project(&self) -> bool {
        self.registered.as_ref().is_some_and(|registered| registered.says.kind == SubjectKind::Project)
    }

    /// A set of drawings by its id.
    pub fn set(&self, id: &str) -> Option<&DrawingSet> {
        self.sets.iter().find(|set| *set.id == *id)
    }

    /// A session by its id.
    pub fn session(&self, id: &str) -> Option<&Session> {
        self.sessions.iter().find(|session| *session.says.session_id == *id)
    }

    /// Name of the state, and the same in Chinese.
    pub fn state(&self) -> (&'static str, &'static str) {
        match self.sets.as_slice() {
            _ if self.registered.is_none() => ("Unregistered", "未登记"),
            [] => ("Registered", "已登记"),
            sets if sets.iter().all(|set| set.final_conclusion().is_some()) => ("DrawingsConcluded", "审图办结"),
            _ => ("DrawingReview", "审图中"),
        }
    }
}

impl JointCase {
    fn new(case: &Subject) -> Self {
        Self { case: case.clone(), opened: None, scheduled: BTreeMap::new(), inspections: Vec::new(), concluded: None }
    }

    /// It is for this project, and of this stage.
    pub fn is_of_stage(&self, stage: &str) -> bool {
        self.opened.as_ref().is_some_and(|(_, own)| **own == *stage)
    }

    /// The first visit on which every unit that had to look was there; none where nobody said who had to.
    pub fn joint_inspection(&self) -> Option<Stamp> {
        let all = |present: &[CodeText]| self.scheduled.values().flatten().all(|unit| present.contains(unit));
        let held = self.inspections.iter().find(|(_, present)| !self.scheduled.is_empty() && all(present));
        held.map(|(held, _)| *held)
    }
}

impl Session {
    /// When a unit gave its opinion.
    pub fn opinion(&self, unit: &str) -> Option<Stamp> {
        self.opinions.iter().find(|(of, _)| **of == *unit).map(|(_, given)| *given)
    }
}

impl Version {
    fn new(name: &CodeText) -> Self {
        Self {
            name: name.clone(),
            submitted: None,
            changed_sheets: Vec::new(),
            opened: None,
            specialties: Vec::new(),
            opinions: Vec::new(),
            concluded: None,
        }
    }

    /// Somebody looked at it: a round of the review.
    pub fn is_reviewed(&self) -> bool {
        self.opened.is_some() || !self.opinions.is_empty() || self.concluded.is_some()
    }

    /// Its conclusion, where that ends the review.
    pub fn final_conclusion(&self) -> Option<&Concluded> {
        self.concluded.as_ref().filter(|concluded| concluded.result != DrawingConclusion::Revise)
    }
}

impl DrawingSet {
    /// A version by its name.
    pub fn version(&self, name: &str) -> Option<&Version> {
        self.versions.iter().find(|version| *version.name == *name)
    }

    /// The conclusion that ends the review, the first, and the rounds up to it.
    pub fn final_conclusion(&self) -> Option<(&Concluded, usize)> {
        let at = self.versions.iter().position(|version| version.final_conclusion().is_some())?;
        let rounds = self.versions[..=at].iter().filter(|version| version.is_reviewed()).count();
        Some((self.versions[at].final_conclusion()?, rounds))
    }

    /// Opinions of round 2 and later with points that no opinion of their specialty had raised before, on sheets that had not changed
    /// since the round before. What is about the set as a whole may follow from any change.
    pub fn late_points(&self) -> Vec<Late<'_>> {
        let mut raised: BTreeSet<(&str, &DrawingPoint)> = BTreeSet::new();
        let mut changed: BTreeSet<&str> = BTreeSet::new();
        let (mut all_known, mut round) = (true, 0);
        let mut late = Vec::new();
        for version in &self.versions {
            changed.extend(version.changed_sheets.iter().map(|sheet| &**sheet));
            all_known &= !version.changed_sheets.is_empty();
            if !version.is_reviewed() {
                continue;
            }
            round += 1;
            for opinion in &version.opinions {
                let is_late = |point: &&DrawingPoint| !all_known || !point.sheet.is_empty() && !changed.contains(&*point.sheet);
                let new: Vec<_> = opinion.points.iter().filter(|point| raised.insert((&opinion.specialty, point))).collect();
                let points = if round == 1 { 0 } else { new.into_iter().filter(is_late).count() };
                if points > 0 {
                    late.push(Late { opinion, points, certain: all_known, submitted: version.submitted });
                }
            }
            changed.clear();
            all_known = true;
        }
        late
    }
}

#[cfg(test)]
mod tests;
