//! Windows of the hall, the people at them, and who is held liable for what was not told there.

use super::catalogue::CENTRE;
use super::units::{By, STAFF, WINDOWS, staff, window};
use super::{Post, case::Life, random::Random, stream::Stream, world::World};
use xiaoer_domain::ids::kind;
use xiaoer_wire::v1::{self, SelectionBasis, WindowCentre, WindowKind, event::Fact, staff_held_liable::Cause};

/// Kind of the chance of windows and their people.
const WINDOW: u64 = 7;
/// Windows that take every item; the others are of one department each.
const GENERAL: u32 = 8;
/// Of a thousand people, how many are not trained; of a thousand postings, how many say no reason.
const UNTRAINED: u32 = 150;
const NO_BASIS: u32 = 200;
/// Of a thousand breaches found true, how many bring liability.
const LIABLE: u32 = 700;

/// All posts of windows and their people, not yet in order of time.
pub(super) fn posts(world: &World) -> Vec<Post> {
    let mut posts: Vec<Post> = (0..WINDOWS).flat_map(|number| configured(world, number)).collect();
    let mut training = begin(world, 1_000, kind::TRAINING, "T1");
    training.days(3);
    training.say(By::Unit(CENTRE), Fact::TrainingHeld(v1::TrainingHeld { topic: "one_time_notice".to_owned(), hours: 4 }));
    posts.extend(training.into_posts());
    posts.extend((0..WINDOWS * 2).flat_map(|person| posted(world, person)));
    posts
}

fn begin<'w>(world: &'w World, number: u64, kind: &str, id: &str) -> Stream<'w> {
    let subject = v1::Subject { kind: kind.to_owned(), system: "hall".to_owned(), id: id.to_owned() };
    let mut stream = Stream::new(world, Random::of(world.seed, WINDOW, number), subject, world.from.at(6, 30, 0, 0)).never_late();
    // A person's stream can hold what others say.
    stream.number_from(1 << 40);
    stream
}

/// The last general window becomes a special one after a while.
fn configured(world: &World, number: u32) -> Vec<Post> {
    let mut stream = begin(world, u64::from(number), kind::WINDOW, &window(number));
    let every = || world.items.iter().map(|item| item.code.clone());
    let own = || world.items.iter().filter(|item| item.unit == number as usize % 12).map(|item| item.code.clone());
    let set = |general: bool| v1::WindowConfigured {
        centre: WindowCentre::District.into(),
        site: "hall-1".to_owned(),
        cluster: if general { "general" } else { "department" }.to_owned(),
        kind: if general { WindowKind::General } else { WindowKind::Special }.into(),
        item_codes: if general { every().collect() } else { own().collect() },
    };
    stream.say(By::Unit(CENTRE), Fact::WindowConfigured(set(number < GENERAL)));
    if number + 1 == GENERAL {
        stream.days(25);
        stream.say(By::Unit(CENTRE), Fact::WindowConfigured(set(false)));
    }
    stream.into_posts()
}

/// Two people stand at each window.
fn posted(world: &World, person: u32) -> Vec<Post> {
    let mut stream = begin(world, 100 + u64::from(person), kind::STAFF, &staff(CENTRE, person));
    let own = window(person / 2);
    let why = [SelectionBasis::Attitude, SelectionBasis::Service, SelectionBasis::Skill];
    let basis = if stream.random.chance(NO_BASIS) { Vec::new() } else { vec![stream.random.pick(&why).into()] };
    let from = stream.now.date().to_string();
    let posting = v1::StaffPosted { window_id: own.clone(), from, selection_basis: basis };
    stream.say(By::Unit(CENTRE), Fact::StaffPosted(posting));
    if !stream.random.chance(UNTRAINED) {
        stream.days(3);
        let training = Some(v1::TrainingRef { system: "hall".to_owned(), id: "T1".to_owned() });
        let passed = !stream.random.chance(50);
        stream.say(By::Unit(CENTRE), Fact::TrainingAttended(v1::TrainingAttended { training, passed }));
    }
    if person % 9 == 4 {
        stream.days(40);
        stream.say(By::Unit(CENTRE), Fact::StaffUnposted(v1::StaffUnposted { window_id: own }));
    }
    stream.into_posts()
}

impl Life<'_> {
    /// Somebody answers for a breach that was found true, mostly in time. The chance is of its own, so that what else happens stays.
    pub(super) fn liable(&mut self, record: u32) {
        let mut random = Random::of(self.stream.world.seed, WINDOW, 1 << 32 | u64::from(record));
        if !random.chance(LIABLE) {
            return;
        }
        let person = staff(CENTRE, random.below(STAFF));
        let subject = v1::Subject { kind: kind::STAFF.to_owned(), system: "hall".to_owned(), id: person };
        let mut stream = Stream::new(self.stream.world, random, subject, self.stream.now);
        stream.number_from(1 << 41 | u64::from(record));
        let wait = stream.random.between(3, 24);
        stream.days(wait);
        let cause_subject =
            Some(v1::Subject { kind: kind::CASE.to_owned(), system: self.case.system.clone(), id: self.case.no.clone() });
        let cause = Some(Cause::RecordRef(format!("r-{record:08x}")));
        let liable = v1::StaffHeldLiable { cause_subject, cause, measure: "admonished".to_owned() };
        stream.say(By::supervision(), Fact::StaffHeldLiable(liable));
        self.beside.extend(stream.into_posts());
    }
}
