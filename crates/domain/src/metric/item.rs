//! Where an item (事项) stands: what the version in force promises and asks for, and where it is published (domain.md S14, S22,
//! S23, 3.3).
//!
//! Promises: one standing for each night on which a version published on this stream is in force, whichever system's version
//! ends it; in `compression` one for each of the two limits, in `flows_by_deadline` one for each deadline. Leaves which version
//! is in force to the catalogue.
//! To add a figure of a night: a function of [`InForce`] and a line in its `drafts`.

use super::item_limit;
use super::timeline::{DimsRef, Draft, Timeline};
use super::{Metric, Place, Standing};
use crate::catalogue::{Catalogue, Item};
use crate::event::{Fact, ItemType, ItemVersion, LimitUnit};
use crate::history::History;
use crate::knowledge::Knowledge;
use crate::rules::Rules;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Standings of an item, in no order.
pub(super) fn standings(history: &History, knowledge: &Knowledge) -> Vec<Standing> {
    let Some(item) = knowledge.catalogue.item(&history.subject().id) else { return Vec::new() };
    let deadlines = deadlines(&knowledge.rules);
    let published = Published { history, item, catalogue: &knowledge.catalogue, rules: &knowledge.rules, deadlines };
    let mut timeline = Timeline::default();
    for day in published.days() {
        timeline.piece(day, published.drafts(day));
    }
    timeline.finish()
}

/// The days by which flows must stand everywhere. A deadline is one by the value in force on that very day: one that was moved
/// before it came is none, one that has passed stays.
fn deadlines(rules: &Rules) -> BTreeSet<Date> {
    let named = |on| rules.day("milestones", "flows", on);
    let days = [Date::MIN].into_iter().chain(rules.first_days("milestones")).filter_map(named);
    days.filter(|day| named(*day) == Some(*day)).collect()
}

/// An item, as far as it is published on one stream.
struct Published<'a> {
    history: &'a History,
    item: &'a Item,
    catalogue: &'a Catalogue,
    rules: &'a Rules,
    deadlines: BTreeSet<Date>,
}

impl<'a> Published<'a> {
    /// The days from which another version is in force, stands elsewhere or should, or something else is said of it.
    fn days(&self) -> BTreeSet<Date> {
        let turns = self.item.turns.iter().map(|turn| turn.on);
        let versions = self.item.versions.iter().map(|version| version.in_force_from).chain(turns);
        let said = self.item.limit_changes.iter().map(|said| said.on).chain(self.catalogue.edition_days());
        let posted = self.item.posted.iter().map(|posted| posted.on);
        let rules = self.rules.first_days("item_channels").chain(self.deadlines.iter().copied());
        let lists = self.item.tolerance.iter().map(|listed| listed.on);
        versions.chain(posted).chain(lists).chain(said).chain(rules).collect()
    }

    fn drafts(&self, day: Date) -> Vec<Draft<'a>> {
        let tonight = self.in_force(day).into_iter().flat_map(|version| version.drafts());
        let deadlines = self.deadlines.iter().filter(|deadline| **deadline <= day);
        let deadlines = deadlines.filter_map(|deadline| Some(self.in_force(*deadline)?.by_deadline()));
        tonight.chain(deadlines).chain(self.lengthened(day)).collect()
    }

    /// S23: each version that has come into force by a day, beside the one before it.
    fn lengthened(&self, day: Date) -> Vec<Draft<'a>> {
        let first_days: BTreeSet<Date> = self.item.versions.iter().map(|version| version.in_force_from).collect();
        let begun =
            first_days.range(..=day).filter_map(|first| self.in_force(*first).filter(|it| it.version.in_force_from == *first));
        begun.filter_map(|it| item_limit::draft(self.item, it.version, day, it.published, it.dims)).collect()
    }

    /// The version in force on a day, where it is one of this stream.
    fn in_force(&self, on: Date) -> Option<InForce<'a>> {
        let version = self.item.in_force(on)?;
        let publishes = |fact: &Fact| matches!(fact, Fact::ItemVersionPublished(it) if it.version == version.version);
        let published = self.history.counting().find(|recorded| publishes(&recorded.event.fact))?.position;
        let (unit, item, kind) = (&*version.lead_unit, &*self.history.subject().id, version.item_type.code());
        let dims = DimsRef { unit, item, kind, ..DimsRef::default() };
        let (item, catalogue, history, rules) = (self.item, self.catalogue, self.history, self.rules);
        Some(InForce { on, item, catalogue, version, published, dims, history, rules })
    }
}

/// The version in force on a day, and the event that published it.
struct InForce<'a> {
    on: Date,
    item: &'a Item,
    catalogue: &'a Catalogue,
    version: &'a ItemVersion,
    published: u64,
    dims: DimsRef<'a>,
    history: &'a History,
    rules: &'a Rules,
}

impl<'a> InForce<'a> {
    fn drafts(&self) -> Vec<Draft<'a>> {
        let [promised, statutory] = self.limits();
        let always = [
            self.visits(),
            self.count(),
            self.everywhere(),
            self.consolidated(),
            self.materials(),
            self.steps(),
            self.promised_days(),
        ];
        always.into_iter().chain(self.online()).chain(self.tolerance_list()).chain(promised).chain(statutory).collect()
    }

    fn night(&self, metric: Metric, place: Place, why: &'static str) -> Draft<'a> {
        Draft::night(metric, place, why, self.dims, &[self.published])
    }

    /// 3.3: the published number of visits. This figure is by unit and item alone.
    fn visits(&self) -> Draft<'a> {
        let (place, why) = match self.version.visit_limit {
            None => (Place::Unknown, "no_visit_number"),
            Some(0 | 1) => (Place::Numerator, "at_most_one_visit"),
            Some(_) => (Place::Denominator, "more_visits"),
        };
        Draft::night(Metric::VisitRateItem, place, why, DimsRef { kind: "", ..self.dims }, &[self.published])
    }

    fn count(&self) -> Draft<'a> {
        self.night(Metric::ItemCount, Place::Numerator, "in_force")
    }

    /// S22: of permits and public services.
    fn online(&self) -> Option<Draft<'a>> {
        let (place, why) = match self.version.item_type {
            ItemType::Permit | ItemType::PublicService if self.version.online => (Place::Numerator, "online"),
            ItemType::Permit | ItemType::PublicService => (Place::Denominator, "not_online"),
            ItemType::Unknown => (Place::Unknown, "no_item_type"),
            _ => return None,
        };
        Some(self.night(Metric::ItemOnline, place, why))
    }

    /// S21: of permits. A list that names no material says that nothing is tolerated.
    fn tolerance_list(&self) -> Option<Draft<'a>> {
        let listed = self.item.tolerance_list(&self.version.version, self.on);
        let (place, why) = match (self.version.item_type, listed) {
            (ItemType::Unknown, _) => (Place::Unknown, "no_item_type"),
            (ItemType::Permit, Some(listed)) if !listed.list.materials.is_empty() => (Place::Numerator, "listed"),
            (ItemType::Permit, Some(_)) => (Place::Denominator, "nothing_listed"),
            (ItemType::Permit, None) => (Place::Denominator, "no_list"),
            _ => return None,
        };
        let list = listed.map_or(0, |listed| listed.position);
        let dims = DimsRef { kind: "", ..self.dims };
        Some(Draft::night(Metric::ToleranceListCoverage, place, why, dims, &[self.published, list]))
    }

    /// S14: on every channel there has to be, as of the end of the day.
    fn everywhere(&self) -> Draft<'a> {
        let (place, why, evidence) = self.posted();
        Draft::night(Metric::ItemPublished, place, why, self.dims, &evidence)
    }

    /// S14: the same, of a deadline.
    fn by_deadline(&self) -> Draft<'a> {
        let (place, why, evidence) = self.posted();
        Draft::new(Metric::FlowsByDeadline, place, why, self.on, self.dims, &evidence)
    }

    /// Evidence is the publication, and the first post on each channel of the rule.
    fn posted(&self) -> (Place, &'static str, Vec<u64>) {
        let channels = self.rules.codes("item_channels", self.on);
        let posts: Vec<Option<u64>> = channels.iter().map(|channel| self.posted_on(channel)).collect();
        let evidence = posts.iter().flatten().copied().chain([self.published]).collect();
        match posts.iter().all(Option::is_some) {
            true => (Place::Numerator, "on_every_channel", evidence),
            false => (Place::Denominator, "channel_missing", evidence),
        }
    }

    /// The first post on a channel, up to the day. It stands on the stream of the version, as the gate asks.
    fn posted_on(&self, channel: &str) -> Option<u64> {
        let posts =
            |fact: &Fact| matches!(fact, Fact::ItemPosted(it) if it.version == self.version.version && *it.channel == *channel);
        let events = self.history.counting().filter(|recorded| recorded.event.day <= self.on && posts(&recorded.event.fact));
        events.min_by_key(|recorded| recorded.event.day).map(|recorded| recorded.position)
    }

    /// S14: in the latest edition there is.
    fn consolidated(&self) -> Draft<'a> {
        let (place, why, position) = match self.catalogue.edition(self.on) {
            None => (Place::Denominator, "no_edition", 0),
            Some((_, edition)) => match edition.sorted(self.dims.item, self.on) {
                Some(sorted) => (Place::Numerator, "in_edition", sorted.position),
                None => (Place::Denominator, "not_in_edition", edition.last_told(self.on)),
            },
        };
        Draft::night(Metric::FlowsConsolidated, place, why, self.dims, &[self.published, position])
    }

    /// S23: codes of materials, each once.
    fn materials(&self) -> Draft<'a> {
        let codes: BTreeSet<&str> = self.version.materials.iter().map(|material| &*material.code).collect();
        self.mean(Metric::MeanMaterials, "materials", u32::try_from(codes.len()).unwrap_or(u32::MAX))
    }

    fn steps(&self) -> Draft<'a> {
        self.mean(Metric::MeanSteps, "steps", self.version.steps)
    }

    /// Without steps nothing was said of how the item is handled.
    fn mean(&self, metric: Metric, why: &'static str, number: u32) -> Draft<'a> {
        match self.version.steps {
            0 => self.night(metric, Place::Unknown, "no_steps"),
            _ => self.night(metric, Place::Numerator, why).with_value(f64::from(number)),
        }
    }

    /// S23: what is promised, in working days; an immediate item promises none (C15).
    fn promised_days(&self) -> Draft<'a> {
        let night = |place, why| self.night(Metric::MeanDays, place, why);
        match self.version.promised.map(|limit| (limit.unit, limit.n)) {
            None => night(Place::Unknown, "no_limit"),
            Some((LimitUnit::WorkingDay | LimitUnit::Immediate, n)) => night(Place::Numerator, "promised").with_value(f64::from(n)),
            Some(_) => night(Place::Excluded, "other_unit"),
        }
    }

    /// S23: both limits, where they can be compared. Only working days are added up: days and months are not.
    fn limits(&self) -> [Option<Draft<'a>>; 2] {
        let night = |place, why| self.night(Metric::Compression, place, why);
        let (Some(promised), Some(statutory)) = (self.version.promised, self.version.statutory) else {
            return [Some(night(Place::Unknown, "no_limit")), None];
        };
        if (promised.unit, statutory.unit) != (LimitUnit::WorkingDay, LimitUnit::WorkingDay) {
            return [Some(night(Place::Excluded, "other_unit")), None];
        }
        [
            Some(night(Place::Numerator, "promised").with_value(f64::from(promised.n))),
            Some(night(Place::Denominator, "statutory").with_value(f64::from(statutory.n))),
        ]
    }
}
