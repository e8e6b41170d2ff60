//! 评议热线: what the sealed log of the district holds. Designated staff, complaints with what becomes of them, praise, and a digest for
//! each month.
//!
//! Promises: as of the open log; but the two know nothing of each other, and no reference of the one stands in the other.

use super::catalogue::HOTLINE;
use super::units::{By, STAFF, staff, usci};
use super::{District, Post, random::Random, stream::Stream, world::World, world::instant};
use jiff::Span;
use jiff::civil::{Date, Time};
use xiaoer_domain::ids::kind;
use xiaoer_wire::v1::{self, Channel, ComplaintCategory, ComplaintKind, ComplaintOutcome, Finding, event::Fact};

/// Kinds of chance.
const COMPLAINT: u64 = 70;
const STAFF_OF_THE_LINE: u64 = 71;
const DIGEST: u64 = 72;
/// Cases for each call.
const CASES_PER_CALL: u32 = 60;
/// System of the hotline.
const SYSTEM: &str = "hotline";

/// Everything that is posted to the sealed log of a district, in the order of recording.
pub fn sealed_posts(district: &District) -> Vec<Post> {
    let world = World::new(district);
    let days: Vec<Date> = working_days(&world).collect();
    let mut posts = designations(&world);
    let calls = u64::from(district.cases / CASES_PER_CALL);
    for number in 0..calls {
        let day = (number * days.len() as u64).checked_div(calls).and_then(|nth| days.get(usize::try_from(nth).ok()?));
        if let Some(day) = day {
            posts.extend(live(&world, number, *day));
        }
    }
    posts.extend(digests(&world));
    let until = instant(world.until.at(0, 0, 0, 0));
    posts.retain(|post| post.simulated_recorded_at < until);
    posts.sort_by_key(|post| post.simulated_recorded_at);
    posts
}

fn working_days(world: &World) -> impl Iterator<Item = Date> {
    let days = world.from.series(Span::new().days(1)).skip(1).take_while(|day| *day < world.until);
    days.filter(|day| world.calendar.is_working(*day))
}

fn designations(world: &World) -> Vec<Post> {
    let subject = v1::Subject { kind: kind::UNIT.into(), system: "catalogue".into(), id: usci(HOTLINE) };
    let random = Random::of(world.seed, STAFF_OF_THE_LINE, 0);
    let mut stream = Stream::new(world, random, subject, world.from.at(6, 0, 0, 0)).never_late();
    for person in 0..STAFF {
        let (staff_id, from) = (staff(HOTLINE, person), world.from.to_string());
        let designated = v1::HotlineStaffDesignated { staff_id, from, to: String::new() };
        stream.say(By::hotline(), Fact::HotlineStaffDesignated(designated));
        stream.minutes(1, 2);
    }
    stream.into_posts()
}

/// All posts of a call that comes in on a working day.
fn live(world: &World, number: u64, day: Date) -> Vec<Post> {
    let mut random = Random::of(world.seed, COMPLAINT, number);
    let at = day.to_datetime(Time::midnight()).saturating_add(Span::new().minutes(random.between(540, 960)));
    let subject = v1::Subject { kind: kind::COMPLAINT.into(), system: SYSTEM.into(), id: id(&mut random) };
    // Departments, which are numbered between the centre and the hotline.
    let accused = random.between(1, u32::try_from(HOTLINE).unwrap_or(2) - 1) as usize;
    let mut records = Vec::new();
    let mut call = Call { stream: Stream::new(world, random, subject, at), accused };
    let kind = call.receive();
    if kind == ComplaintKind::Complaint {
        let found = call.handle();
        if found == Some(Finding::Substantiated) {
            records = call.issue_record();
        }
    } else {
        call.say(Fact::ComplaintAccepted(v1::ComplaintAccepted::default()));
        call.close(ComplaintOutcome::Handled);
    }
    records.extend(call.stream.into_posts());
    records
}

/// A random id (UUID version 4), the same for the same call of the same district.
fn id(random: &mut Random) -> String {
    let bytes = std::array::from_fn(|_| u8::try_from(random.below(256)).unwrap_or(0));
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

struct Call<'w> {
    stream: Stream<'w>,
    /// The unit that is complained about.
    accused: usize,
}

impl Call<'_> {
    fn say(&mut self, fact: Fact) {
        self.stream.say(By::hotline(), fact);
        self.stream.minutes(2, 20);
    }

    fn text(&mut self, what: &str) -> Option<v1::TextRef> {
        let commitment = self.stream.commitment();
        Some(v1::TextRef { r#ref: format!("{what}-{:08x}", self.stream.random.below(u32::MAX)), commitment })
    }

    fn receive(&mut self) -> ComplaintKind {
        use ComplaintCategory::{Attitude, Bounced, Delay, Disturbance, Integrity, Notice, Other, Refused, Unclear};
        let kinds = [(80, ComplaintKind::Complaint), (12, ComplaintKind::Praise), (8, ComplaintKind::Suggestion)];
        let kind = self.stream.random.weighted(&kinds);
        let categories = [
            (25, Attitude),
            (10, Bounced),
            (8, Refused),
            (12, Unclear),
            (25, Delay),
            (10, Notice),
            (3, Disturbance),
            (2, Integrity),
            (5, Other),
        ];
        let category = self.stream.random.weighted(&categories);
        let anonymous = self.stream.random.chance(400);
        let repeats = self.stream.random.chance(60);
        let received = v1::ComplaintReceived {
            kind: kind.into(),
            category: category.into(),
            complainant_kind: self.stream.random.pick(&[v1::ComplainantKind::Enterprise, v1::ComplainantKind::Citizen]).into(),
            channel: self.stream.random.weighted(&[(70, Channel::Hotline), (20, Channel::Online), (10, Channel::Mail)]).into(),
            anonymous,
            subject_unit: usci(self.accused),
            subject_staff: String::new(),
            case: None,
            text_ref: self.text("complaint"),
            repeat_of: if repeats { id(&mut self.stream.random) } else { String::new() },
        };
        self.say(Fact::ComplaintReceived(received));
        kind
    }

    fn handle(&mut self) -> Option<Finding> {
        if self.stream.random.chance(20) {
            // Never taken up.
            return None;
        }
        let due_on = self.stream.world.calendar.nth(self.stream.now.date(), 15).to_string();
        self.say(Fact::ComplaintAccepted(v1::ComplaintAccepted { due_on }));
        let early = self.stream.random.chance(100);
        if early {
            self.transfer();
        }
        let wait = self.stream.random.between(1, 4);
        self.stream.days(wait);
        if self.stream.random.chance(50) {
            self.close(ComplaintOutcome::Withdrawn);
            return None;
        }
        self.say(Fact::ComplaintVerificationStarted(v1::ComplaintVerificationStarted { verifier: staff(HOTLINE, 1) }));
        let wait = self.stream.random.between(1, 4);
        self.stream.days(wait);
        let findings = [(5, Finding::Substantiated), (4, Finding::Unsubstantiated), (1, Finding::Unverifiable)];
        let finding = self.stream.random.weighted(&findings);
        self.say(Fact::ComplaintVerified(v1::ComplaintVerified { finding: finding.into() }));
        if !early {
            self.transfer();
        }
        self.answer();
        Some(finding)
    }

    fn transfer(&mut self) {
        let transferred = v1::ComplaintTransferred {
            to_unit: usci(self.accused),
            redacted_ref: self.text("redacted"),
            due_on: self.stream.world.calendar.nth(self.stream.now.date(), 5).to_string(),
        };
        self.say(Fact::ComplaintTransferred(transferred));
    }

    /// The unit answers, who complained is called back, and sometimes it has to answer again.
    fn answer(&mut self) {
        if self.stream.random.chance(60) {
            let due_on = self.stream.world.calendar.nth(self.stream.now.date(), 12).to_string();
            self.say(Fact::ComplaintExtended(v1::ComplaintExtended { due_on, reason: "witnesses".to_owned() }));
        }
        loop {
            let wait = self.stream.random.between(1, 5);
            self.stream.days(wait);
            self.stream.say(By::Unit(self.accused), Fact::ComplaintReplied(v1::ComplaintReplied::default()));
            self.stream.days(1);
            let satisfied = self.stream.random.chance(800);
            self.say(Fact::ComplainantCalledBack(v1::ComplainantCalledBack { satisfied }));
            if satisfied || self.stream.random.chance(500) {
                break;
            }
            let due_on = self.stream.world.calendar.nth(self.stream.now.date(), 3).to_string();
            self.say(Fact::ComplaintReworkOrdered(v1::ComplaintReworkOrdered { due_on }));
        }
        if !self.stream.random.chance(30) {
            self.close(ComplaintOutcome::Handled);
        }
    }

    fn close(&mut self, outcome: ComplaintOutcome) {
        self.say(Fact::ComplaintClosed(v1::ComplaintClosed { outcome: outcome.into() }));
    }

    /// What was found true is referred to from the open log under a reference drawn for that.
    fn issue_record(&mut self) -> Vec<Post> {
        let mut random = self.stream.random.branch();
        let subject = v1::Subject { kind: kind::RECORD.into(), system: SYSTEM.into(), id: id(&mut random) };
        let mut record = Stream::new(self.stream.world, random, subject, self.stream.now);
        record.minutes(5, 60);
        let issued = v1::RecordRefIssued { complaint_id: self.stream.subject().id.clone() };
        record.say(By::hotline(), Fact::RecordRefIssued(issued));
        record.into_posts()
    }
}

/// The figures of each month, compiled on the third working day of the next.
fn digests(world: &World) -> Vec<Post> {
    let mut posts = Vec::new();
    let mut month = world.from.first_of_month();
    while month < world.until {
        let to = month.last_of_month();
        let id = month.strftime("%Y-%m").to_string();
        let subject = v1::Subject { kind: kind::REPORT.into(), system: SYSTEM.into(), id };
        let random = Random::of(world.seed, DIGEST, u64::from(month.month().unsigned_abs()));
        let mut stream = Stream::new(world, random, subject, world.calendar.nth(to, 3).at(10, 0, 0, 0));
        // What the figures were is left to who compiles them; the synthetic hotline tells none that anybody could rely on.
        let figure = v1::FigureTold { metric_id: "complaint_accepted".to_owned(), version: 1, ..v1::FigureTold::default() };
        let compiled = v1::ComplaintDigestCompiled {
            period: Some(v1::Period { from: month.to_string(), to: to.to_string() }),
            known_at_position: 1,
            valid_on: to.to_string(),
            figures: vec![figure],
        };
        stream.say(By::hotline(), Fact::ComplaintDigestCompiled(compiled));
        posts.extend(stream.into_posts());
        month = to.tomorrow().unwrap_or(Date::MAX);
    }
    posts
}
