//! What is known beside the thing itself: zone, calendar, rules, catalogue. All of it comes from events (design.md, promise 9).
//!
//! Promises: the same events in the order of recording give the same knowledge, voids and replacements included; a clone is a
//! snapshot and costs a few pointers.
//! Left to others: checking the events ([`crate::decide`]); working out again what an event touched.

use crate::calendar::Calendar;
use crate::catalogue::{
    Assessment, Catalogue, Edition, Item, LimitChange, Listed, Peer, Posted, Sorted, Turn, TurnKind, Unit, Window, Zone,
};
use crate::event::{CodeText, Fact, Recorded};
use crate::history::{History, void_target};
use crate::ids::kind;
use crate::rules::Rules;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is known beside the thing itself.
#[derive(Debug, Clone)]
pub struct Knowledge {
    /// Zone of the log's local dates.
    pub zone: TimeZone,
    /// The log is one of simulated time.
    pub synthetic: bool,
    /// Working days.
    pub calendar: Calendar,
    /// Rule values.
    pub rules: Rules,
    /// Items, units, windows and zones.
    pub catalogue: Catalogue,
    /// The events behind it, by kind and id, so that a void can be worked out.
    registry: Arc<BTreeMap<(CodeText, CodeText), Arc<History>>>,
}

/// What an event changed besides its own thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Touches {
    /// Nothing.
    None,
    /// Whatever rests on this item.
    Item(CodeText),
    /// Any item, and nothing that rests on one.
    Items,
    /// Whatever rests on this unit.
    Unit(CodeText),
    /// Whatever rests on this window.
    Window(CodeText),
    /// Whatever rests on this zone.
    Zone(CodeText),
    /// Anything: a rule, the calendar, the log itself.
    Everything,
}

impl Knowledge {
    /// Nothing is known but the zone and the kind of the log.
    pub fn new(zone: TimeZone, synthetic: bool) -> Self {
        Self {
            zone,
            synthetic,
            calendar: Calendar::new(),
            rules: Rules::default(),
            catalogue: Catalogue::default(),
            registry: Arc::default(),
        }
    }

    /// Takes an event in; all events of the log, in the order of recording. Events of other things change nothing.
    pub fn apply(&mut self, recorded: &Recorded) -> Touches {
        let subject = &recorded.event.subject;
        if !subject.is_registry() {
            return Touches::None;
        }
        let key = (subject.kind.clone(), subject.id.clone());
        let history = Arc::make_mut(&mut self.registry).entry(key.clone());
        let history = history.or_insert_with(|| Arc::new(History::new(subject.clone())));
        Arc::make_mut(history).insert(recorded.clone());
        let history = Arc::clone(history);
        match &*subject.kind {
            kind::ITEM => {
                self.catalogue.put_item(&key.1, item(&history));
                Touches::Item(key.1)
            }
            kind::UNIT => {
                self.catalogue.put_unit(&key.1, unit(&history));
                Touches::Unit(key.1)
            }
            kind::WINDOW => {
                self.catalogue.put_window(&key.1, window(&history));
                Touches::Window(key.1)
            }
            kind::EDITION => {
                self.catalogue.put_edition(&key.1, edition(&history));
                Touches::Items
            }
            kind::DISTRICT => {
                self.catalogue.put_peer(&key.1, peer(&history));
                Touches::None
            }
            kind::ZONE => {
                self.catalogue.put_zone(&key.1, zone(&history));
                Touches::Zone(key.1)
            }
            _ => {
                self.apply_to_log(recorded, &history);
                Touches::Everything
            }
        }
    }

    /// A log's stream grows long, so that only a void works all of it out again.
    fn apply_to_log(&mut self, recorded: &Recorded, history: &History) {
        if void_target(&recorded.event.fact).is_none() {
            return self.apply_fact(&recorded.event.fact);
        }
        self.calendar = Calendar::new();
        self.rules = Rules::default();
        for recorded in in_order_of_recording(history) {
            self.apply_fact(&recorded.event.fact);
        }
    }

    fn apply_fact(&mut self, fact: &Fact) {
        match fact {
            Fact::RuleSet(rule) => self.rules.set(rule),
            Fact::CalendarPublished(year) => self.calendar.publish(year),
            Fact::LogOpened(opened) => {
                self.synthetic = opened.synthetic;
                if let Ok(zone) = TimeZone::get(&opened.time_zone) {
                    self.zone = zone;
                }
            }
            _ => {}
        }
    }
}

fn in_order_of_recording(history: &History) -> Vec<&Recorded> {
    let mut events: Vec<_> = history.counting().collect();
    events.sort_by_key(|recorded| recorded.position);
    events
}

/// An item as its events say.
pub(crate) fn item(history: &History) -> Item {
    let mut item = Item { turns: turns(history), ..Item::default() };
    for recorded in in_order_of_recording(history) {
        let on = recorded.event.day;
        match &recorded.event.fact {
            Fact::ItemVersionPublished(version) => item.versions.push(Arc::new((**version).clone())),
            Fact::ItemPosted(posted) => {
                item.posted.push(Posted { version: posted.version.clone(), channel: posted.channel.clone(), on });
            }
            Fact::ToleranceListPublished(list) => {
                item.tolerance.push(Listed { list: list.clone(), on, position: recorded.position });
            }
            Fact::ItemLimitChanged(change) => {
                item.limit_changes.push(LimitChange { change: change.clone(), on, position: recorded.position });
            }
            _ => {}
        }
    }
    item
}

fn window(history: &History) -> Window {
    let configured = |recorded: &&Recorded| match &recorded.event.fact {
        Fact::WindowConfigured(configured) => Some((recorded.event.day, configured.clone())),
        _ => None,
    };
    Window { configured: in_order_of_recording(history).iter().filter_map(configured).collect() }
}

/// What became of an item, by day; of one day in the order of the events.
fn turns(history: &History) -> Vec<Turn> {
    let turn = |recorded: &Recorded| {
        let what = match recorded.event.fact {
            Fact::ItemTakenOver => TurnKind::TakenOver,
            Fact::ItemWithdrawn => TurnKind::Withdrawn,
            Fact::ItemCancelled => TurnKind::Cancelled,
            Fact::ItemDelegated => TurnKind::Delegated,
            _ => return None,
        };
        Some(Turn { on: recorded.event.day, what })
    };
    let mut turns: Vec<Turn> = history.counting().filter_map(turn).collect();
    turns.sort_by_key(|turn| turn.on);
    turns
}

fn edition(history: &History) -> Edition {
    let mut edition = Edition::default();
    for recorded in in_order_of_recording(history) {
        let Fact::ItemFlowsConsolidated(flows) = &recorded.event.fact else { continue };
        let (on, position) = (recorded.event.day, recorded.position);
        edition.told.push((on, position));
        for category in &flows.categories {
            let sorted = |item: &CodeText| (item.clone(), Sorted { category: category.code.clone(), on, position });
            edition.items.extend(category.items.iter().map(sorted));
        }
    }
    edition
}

fn peer(history: &History) -> Peer {
    let figure = |recorded: &Recorded| match &recorded.event.fact {
        Fact::PeerFigurePublished(figure) => Some((figure.clone(), recorded.position)),
        _ => None,
    };
    let figures = in_order_of_recording(history).into_iter().filter_map(figure).collect();
    Peer { system: history.subject().system.clone(), figures }
}

fn unit(history: &History) -> Unit {
    let mut unit = Unit::default();
    for recorded in in_order_of_recording(history) {
        let day = recorded.event.day;
        match &recorded.event.fact {
            Fact::UnitRegistered(registered) => unit.registered.push(registered.from),
            Fact::UnitHeadAppointed(head) => unit.heads.push((head.from.unwrap_or(day), true, head.person_id.clone())),
            Fact::HotlineStaffDesignated(said) => unit.hotline.push(said.clone()),
            Fact::UnitHeadRelieved(head) => unit.heads.push((head.from.unwrap_or(day), false, head.person_id.clone())),
            _ => {}
        }
    }
    // Stable, so that of one day the order of recording stays.
    unit.heads.sort_by_key(|(day, ..)| *day);
    unit
}

fn zone(history: &History) -> Zone {
    let mut zone = Zone::default();
    for recorded in in_order_of_recording(history) {
        if let Fact::ZoneAssessmentApproved(approved) = &recorded.event.fact {
            zone.assessments.push(Assessment {
                id: approved.assessment_id.clone(),
                kind: approved.kind.clone(),
                from: approved.valid_from.max(recorded.event.day),
                to: approved.valid_to,
                position: recorded.position,
            });
        }
    }
    zone
}

#[cfg(test)]
mod tests;
