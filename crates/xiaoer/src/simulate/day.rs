//! Who comes on which day: cases over the period, some applied for together, first-ask contacts and new projects beside them.

use super::case::{self, Arrival, Way};
use super::{Post, contact, project, random::Random, world::World};
use jiff::Span;
use jiff::civil::{Date, DateTime, Time};
use xiaoer_wire::v1::CaseRef;

/// Kinds of chance.
const DAY: u64 = 2;
/// A working day brings this many times the cases of a day off, when only the portal is open.
const WORKING_DAY_WEIGHT: u64 = 12;
/// First-ask contacts for a thousand cases.
const CONTACTS: u32 = 450;
/// Cases for each new project.
const CASES_PER_PROJECT: u64 = 200;
/// Of a thousand window cases, how many are applied for together with the next ones, and with how many at most.
const TOGETHER: u32 = 70;
const TOGETHER_MAX: usize = 2;

/// The days of the period as they begin.
#[derive(Debug)]
pub(super) struct Days {
    next: Option<Date>,
    cases: u64,
    /// Cases that have come so far.
    come: u64,
    /// Contacts that have come so far.
    contacts: u64,
    /// New projects that were registered so far.
    projects: u64,
    /// Weight of the days so far, and of the whole period.
    weight: u64,
    weight_total: u64,
}

impl Days {
    pub(super) fn new(world: &World, cases: u32) -> Self {
        let weight_total = days(world).map(|day| weight(world, day)).sum();
        let next = Some(world.from).filter(|from| *from < world.until);
        Self { next, cases: cases.into(), come: 0, contacts: 0, projects: 0, weight: 0, weight_total }
    }

    /// The next day to begin; none after the last.
    pub(super) fn next_day(&self) -> Option<Date> {
        self.next
    }

    /// All posts of everything that begins on the next day.
    pub(super) fn begin_day(&mut self, world: &World) -> Vec<Post> {
        let Some(day) = self.next else { return Vec::new() };
        self.next = day.tomorrow().ok().filter(|day| *day < world.until);
        self.weight += weight(world, day);
        // Whole numbers, so that the last day brings the rest. A period without days brings nothing.
        let by_now = (self.cases * self.weight).checked_div(self.weight_total).unwrap_or(0);
        let mut random =
            Random::of(world.seed, DAY, u64::from(day.day_of_year().unsigned_abs()) + u64::from(day.year().unsigned_abs()) * 400);
        let arrivals = arrivals(world, &mut random, day, self.come, by_now - self.come);
        let mut posts = Vec::new();
        for arrival in &arrivals {
            posts.extend(case::live(world, arrival));
            if world.calendar.is_working(day) && random.chance(CONTACTS) {
                self.contacts += 1;
                posts.extend(contact::live(world, self.contacts, day));
            }
        }
        while world.calendar.is_working(day) && self.projects < by_now / CASES_PER_PROJECT {
            self.projects += 1;
            posts.extend(project::live(world, self.projects, day));
        }
        self.come = by_now;
        posts
    }
}

fn days(world: &World) -> impl Iterator<Item = Date> {
    world.from.series(Span::new().days(1)).take_while(|day| *day < world.until)
}

fn weight(world: &World, day: Date) -> u64 {
    if world.calendar.is_working(day) { WORKING_DAY_WEIGHT } else { 1 }
}

/// The cases of a day, in the order of their numbers.
fn arrivals(world: &World, random: &mut Random, day: Date, come: u64, count: u64) -> Vec<Arrival> {
    let working = world.calendar.is_working(day);
    let mut arrivals: Vec<Arrival> = Vec::new();
    for number in come..come + count {
        let item = world.some_item(random);
        let serial = number - come + 1;
        let case = CaseRef {
            system: case::SYSTEM.to_owned(),
            no: format!("{}{}{serial:04}", world.items[item].code, day.strftime("%Y%m%d")),
        };
        arrivals.push(arrival(random, number, item, case, day, working));
    }
    join_some(random, &mut arrivals);
    arrivals
}

fn arrival(random: &mut Random, number: u64, item: usize, case: CaseRef, day: Date, working: bool) -> Arrival {
    let ways = [(500, Way::Online), (380, Way::Window), (40, Way::Mail), (50, Way::Kiosk), (30, Way::Agent)];
    let way = if working { random.weighted(&ways) } else { Way::Online };
    // The portal is open from morning to night; everything else keeps office hours.
    let minute = match way {
        Way::Online => random.between(7 * 60, 22 * 60),
        _ if random.chance(550) => random.between(9 * 60, 11 * 60 + 30),
        _ => random.between(13 * 60 + 30, 16 * 60),
    };
    Arrival {
        number,
        item,
        case,
        at: at(day, minute, random.below(60)),
        way,
        window: random.below(super::units::WINDOWS),
        trip: Vec::new(),
    }
}

fn at(day: Date, minute: u32, second: u32) -> DateTime {
    day.to_datetime(Time::midnight()).saturating_add(Span::new().minutes(minute).seconds(second))
}

/// Some people apply for several things on one trip: the first of them names all its cases, the others name none.
fn join_some(random: &mut Random, arrivals: &mut [Arrival]) {
    let mut first = 0;
    while first < arrivals.len() {
        arrivals[first].trip = vec![arrivals[first].case.clone()];
        let leads = arrivals[first].way == Way::Window && random.chance(TOGETHER);
        let end = if leads { (first + 1 + TOGETHER_MAX).min(arrivals.len()) } else { first + 1 };
        for with in first + 1..end {
            let (at, window) = (arrivals[first].at, arrivals[first].window);
            let case = arrivals[with].case.clone();
            arrivals[first].trip.push(case);
            let later = Span::new().minutes(8 * i64::try_from(with - first).unwrap_or(0));
            let joined = &mut arrivals[with];
            (joined.at, joined.window, joined.way) = (at.saturating_add(later), window, Way::Window);
        }
        first = end;
    }
}
