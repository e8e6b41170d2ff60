//! 首问负责: somebody asks an official something, and what becomes of it.

use super::catalogue::{CENTRE, HOTLINE, UNITS};
use super::units::{By, STAFF, staff, usci};
use super::{Post, random::Random, stream::Stream, world::World};
use jiff::Span;
use jiff::civil::{Date, Time};
use xiaoer_domain::ids::kind;
use xiaoer_wire::v1::{self, Channel, Finding, FirstAskBreachKind, event::Fact};

/// Kind of a contact's chance.
const CONTACT: u64 = 4;
/// Of a thousand contacts, how many are complained of.
const ALLEGED: u32 = 25;

/// What becomes of a contact.
#[derive(Clone, Copy)]
enum Ending {
    /// Answered on the spot, and so replied.
    Answered,
    /// Replied later by the person asked.
    Replied,
    /// Handed to a named person who takes it and replies.
    HandedOver,
    /// Handed on twice.
    HandedOverTwice,
    /// Handed over, and nobody takes it.
    NotTaken,
    /// Handed back to where it came from.
    HandedBack,
    /// Sent away without a name.
    Bounced,
    /// Refused, with the reason explained or not.
    Refused,
    /// Never replied.
    Forgotten,
}

/// All posts of a contact that begins on a working day.
pub(super) fn live(world: &World, number: u64, day: Date) -> Vec<Post> {
    let mut random = Random::of(world.seed, CONTACT, number);
    let minute = if random.chance(550) { random.between(540, 690) } else { random.between(810, 970) };
    let at = day.to_datetime(Time::midnight()).saturating_add(Span::new().minutes(minute));
    let subject =
        v1::Subject { kind: kind::CONTACT.into(), system: "hall".into(), id: format!("Q{}-{number:06}", day.strftime("%Y%m%d")) };
    let first = random.between(1, 9) as usize;
    let mut contact = Contact { stream: Stream::new(world, random, subject, at), holder: first, promised_wd: 0 };
    contact.ask();
    contact.end();
    let mut posts = Vec::new();
    if contact.stream.random.chance(ALLEGED) {
        contact.allege();
    } else if contact.stream.random.chance(3) {
        posts = against_staff(world, number, day);
    }
    posts.extend(contact.stream.into_posts());
    posts
}

struct Contact<'w> {
    stream: Stream<'w>,
    /// The unit that has it.
    holder: usize,
    promised_wd: u32,
}

impl Contact<'_> {
    fn ask(&mut self) {
        let channels = [(50, Channel::Phone), (30, Channel::Window), (12, Channel::Desk), (8, Channel::Online)];
        let channel = self.stream.random.weighted(&channels);
        // Some name no date, a few one that is later than the rule allows.
        self.promised_wd = self.stream.random.weighted(&[(30, 1), (30, 2), (20, 3), (8, 5), (3, 8), (9, 0)]);
        let due = self.stream.world.calendar.nth(self.stream.now.date(), self.promised_wd);
        let item = self.stream.world.some_item(&mut self.stream.random);
        let received = v1::FirstAskReceived {
            channel: channel.into(),
            matter_code: self.stream.world.items[item].code.clone(),
            text_ref: None,
            promised_reply_on: if self.promised_wd == 0 { String::new() } else { due.to_string() },
        };
        self.stream.say(By::Unit(self.holder), Fact::FirstAskReceived(received));
        self.stream.minutes(3, 15);
    }

    fn end(&mut self) {
        let endings = [
            (480, Ending::Answered),
            (200, Ending::Replied),
            (200, Ending::HandedOver),
            (30, Ending::HandedOverTwice),
            (15, Ending::NotTaken),
            (10, Ending::HandedBack),
            (15, Ending::Bounced),
            (30, Ending::Refused),
            (20, Ending::Forgotten),
        ];
        match self.stream.random.weighted(&endings) {
            Ending::Answered => {
                self.stream.say(By::Unit(self.holder), Fact::FirstAskAnswered(v1::FirstAskAnswered { answer_ref: None }));
            }
            Ending::Replied => self.reply(),
            Ending::HandedOver => {
                self.hand_over(true);
                self.reply();
            }
            Ending::HandedOverTwice => {
                self.hand_over(true);
                self.hand_over(true);
                self.reply();
            }
            Ending::NotTaken => self.hand_over(false),
            Ending::HandedBack => {
                let first = self.holder;
                self.hand_over(true);
                self.hand_to(first, &staff(first, 0));
            }
            Ending::Bounced => self.hand_to(1 + self.holder % 9, ""),
            Ending::Refused => self.refuse(),
            Ending::Forgotten => {}
        }
    }

    fn hand_to(&mut self, to: usize, to_staff: &str) {
        let handed = v1::FirstAskHandedOver { to_unit: usci(to), to_staff: to_staff.to_owned() };
        self.stream.say(By::Unit(self.holder), Fact::FirstAskHandedOver(handed));
    }

    fn hand_over(&mut self, taken: bool) {
        let to = 1 + (self.holder + self.stream.random.below(7) as usize) % 9;
        let person = staff(to, self.stream.random.below(STAFF));
        self.hand_to(to, &person);
        if taken {
            self.holder = to;
            let wait = self.stream.random.weighted(&[(8, 0), (2, 1)]);
            self.stream.days(wait);
            self.stream.say(By::Unit(to), Fact::FirstAskAccepted(v1::FirstAskAccepted { by_staff: person }));
            self.stream.minutes(5, 30);
        }
    }

    fn reply(&mut self) {
        let late = self.stream.random.chance(80);
        let wait = if late { self.promised_wd.max(5) + self.stream.random.between(1, 4) } else { self.promised_wd.min(2) };
        self.stream.days(wait);
        self.stream.say(By::Unit(self.holder), Fact::FirstAskReplied(v1::FirstAskReplied {}));
    }

    fn refuse(&mut self) {
        let grounds =
            [(5, ("out_of_remit", true)), (2, ("out_of_remit", false)), (2, ("unlawful", true)), (1, ("too_busy", false))];
        let (ground, explained) = self.stream.random.weighted(&grounds);
        self.stream.say(By::Unit(self.holder), Fact::FirstAskRefused(v1::FirstAskRefused { ground: ground.to_owned(), explained }));
    }

    fn allege(&mut self) {
        let wait = self.stream.random.between(1, 6);
        self.stream.days(wait);
        allege(&mut self.stream);
    }
}

/// An allegation against an official whose contact nobody recorded.
fn against_staff(world: &World, number: u64, day: Date) -> Vec<Post> {
    let mut random = Random::of(world.seed, CONTACT, number | 1 << 63);
    let unit = random.below(u32::try_from(UNITS.len()).unwrap_or(1)) as usize;
    let subject = v1::Subject { kind: kind::STAFF.into(), system: "hall".into(), id: staff(unit, random.below(STAFF)) };
    let mut stream = Stream::new(world, random, subject, day.at(9, 0, 0, 0));
    stream.number_from(number);
    stream.days(1);
    allege(&mut stream);
    stream.into_posts()
}

/// Somebody complains, and a verifier of another unit looks at it, mostly.
fn allege(stream: &mut Stream<'_>) {
    use FirstAskBreachKind::{ApplicationRefused, Bounced, Late, Refused, Rude, Slow, Unclear};
    let kind = stream.random.pick(&[Refused, ApplicationRefused, Bounced, Unclear, Slow, Late, Rude]);
    let record = stream.random.below(1 << 30);
    // A person's stream can hold several.
    let allegation_id = format!("B{record:08x}");
    let alleged = v1::FirstAskBreachAlleged {
        allegation_id: allegation_id.clone(),
        kind: kind.into(),
        basis: Some(v1::first_ask_breach_alleged::Basis::RecordRef(format!("r-{record:08x}"))),
    };
    stream.say(By::Unit(HOTLINE), Fact::FirstAskBreachAlleged(alleged));
    if stream.random.chance(150) {
        return;
    }
    let wait = stream.random.between(2, 12);
    stream.days(wait);
    let findings = [(5, Finding::Substantiated), (4, Finding::Unsubstantiated), (1, Finding::Unverifiable)];
    let finding = stream.random.weighted(&findings);
    let found = v1::FirstAskBreachFound { allegation_id, finding: finding.into(), verifier: staff(CENTRE, 1) };
    stream.say(By::Unit(CENTRE), Fact::FirstAskBreachFound(found));
}
