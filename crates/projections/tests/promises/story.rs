//! What happens in a log left to chance: cases, contacts, visits, projects, and changes of what is known besides, all of it often in ways
//! that no gate would let through. The same seed tells the same.

use crate::telling::{LOG, Random};
use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Time, date},
    tz::TimeZone,
};
use serde_json::{Value, json};
use xiaoer_domain::Subject;

/// First day. The story ends in January, so that due dates fall into a year whose calendar is published late or never.
pub const FIRST: Date = date(2026, 9, 1);
/// Units.
const UNITS: [&str; 3] = ["11370306XXXX00019K", "11370306XXXX00027F", "11370306XXXX00035A"];
/// Items: each is another way for a limit to be known or not.
const ITEMS: [&str; 4] = ["quick", "unlimited", "late", "never"];
/// Materials; the last one is on no list.
const MATERIALS: [&str; 4] = ["form", "licence", "plan", "photo"];

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Happening {
    day: Date,
    minute: i64,
    pub subject: Subject,
    pub fact: (&'static str, Value),
    pub never_late: bool,
}

impl Happening {
    pub fn at(&self) -> Timestamp {
        let local = self.day.to_datetime(Time::midnight()) + self.minute.minutes();
        local.to_zoned_datetime(TimeZone::fixed(jiff::tz::offset(8))).unwrap().timestamp()
    }

    pub fn day(&self) -> Date {
        self.day
    }
}

/// The story as it is told.
pub struct Story {
    random: Random,
    happened: Vec<Happening>,
    cases: u64,
}

impl Story {
    pub fn tell(seed: u64, cases: u64) -> Vec<Happening> {
        let mut story = Self { random: Random::new(seed), happened: Vec::new(), cases };
        story.registry();
        (0..cases).for_each(|n| story.case(&format!("A{n}")));
        (0..cases / 2).for_each(|n| story.contact(&format!("C{n}")));
        (0..cases / 2).for_each(|n| story.visit(n));
        (0..2).for_each(|n| story.official(&format!("w-{n}")));
        story.publication();
        story.tolerance();
        story.windows();
        story.breaches();
        (0..4).for_each(|n| story.person(n));
        story.catalogue();
        story.zones();
        (0..cases.div_ceil(3)).for_each(|n| story.project(&format!("P{n}")));
        (0..cases / 4).for_each(|n| story.joint(n));
        (0..(cases / 3).min(4)).for_each(|n| story.joint_case(n));
        (0..cases / 3).for_each(|n| story.complaint(n));
        story.happened
    }

    fn say(&mut self, kind: &str, id: &str, day: Date, name: &'static str, fact: Value) {
        let system = if kind == "log" { "xiaoer" } else { "hall" };
        let minute = 8 * 60 + self.random.days(600);
        let never_late = matches!(kind, "log" | "item" | "unit" | "edition" | "district" | "zone");
        self.happened.push(Happening { day, minute, subject: Subject::new(kind, system, id), fact: (name, fact), never_late });
    }

    /// The calendar comes late and is changed, one item is published after its cases, rules change their values.
    fn registry(&mut self) {
        let days = |days: &[(&str, &str)]| -> Vec<Value> {
            days.iter().map(|(day, kind)| json!({ "date": day, "kind": format!("DAY_KIND_{kind}") })).collect()
        };
        let holiday: Vec<Value> = (1..=7).map(|d| json!({ "date": format!("2026-10-0{d}"), "kind": "DAY_KIND_OFF" })).collect();
        let year = |year: u32, version: u32, days: Vec<Value>| json!({ "year": year, "version": version, "days": days });
        self.say("log", LOG, on(12), "calendarPublished", year(2026, 1, days(&[("2026-09-20", "WORK"), ("2026-09-25", "OFF")])));
        self.say("log", LOG, on(50), "calendarPublished", year(2026, 2, holiday));
        if self.random.chance(60) {
            self.say("log", LOG, on(110), "calendarPublished", year(2027, 1, days(&[("2027-01-01", "OFF")])));
        }
        for unit in UNITS {
            self.say("unit", unit, on(0), "unitRegistered", json!({ "from": "2018-01-01" }));
        }
        self.item(
            "quick",
            "1",
            0,
            json!({ "promisedLimit": wd(5), "statutoryLimit": wd(12), "visitLimit": 1, "deemedAcceptance": true, "online": true, "itemType": "ITEM_TYPE_PERMIT" }),
        );
        self.item(
            "quick",
            "2",
            45,
            json!({ "promisedLimit": wd(3), "statutoryLimit": wd(12), "visitLimit": 2, "deemedAcceptance": true, "itemType": "ITEM_TYPE_PERMIT" }),
        );
        self.item("unlimited", "1", 0, json!({ "statutoryLimit": { "n": 1, "unit": "LIMIT_UNIT_MONTH" } }));
        self.item(
            "late",
            "1",
            40,
            json!({ "promisedLimit": wd(8), "statutoryLimit": wd(20), "visitLimit": 0, "itemType": "ITEM_TYPE_REWARD" }),
        );
        self.say("item", "quick", on(1), "itemPosted", json!({ "version": "1", "channel": "ITEM_CHANNEL_PORTAL" }));
        self.say("item", "unlimited", on(90), "itemWithdrawn", json!({}));
        let codes = |codes: &[&str]| json!({ "codes": { "codes": codes } });
        let rules = [
            (5, "first_ask_max_wd", json!({ "number": "3" }), -60),
            (30, "correction_wd", json!({ "number": "4" }), -20),
            (35, "zero_backlog_parts", codes(&["promised", "delivery"]), 5),
            (60, "visit_merge_h", json!({ "number": "9" }), -60),
            (70, "not_accepted_grounds", codes(&["ground-0"]), -70),
            (75, "refusal_grounds_ok", codes(&["ground-1"]), -40),
            (80, "unproven_pause", json!({ "flag": false }), -80),
        ];
        for (after, id, value, from) in rules {
            let from = on(after + from).to_string();
            self.say("log", LOG, on(after), "ruleSet", json!({ "ruleId": id, "value": value, "inForceFrom": from }));
        }
    }

    /// Where versions stand, on which channels they have to, and by when: the first deadline comes, the second is moved.
    fn publication(&mut self) {
        let posts = [("1", 2, "PRINT"), ("1", 8, "READING_AREA"), ("1", 12, "KIOSK"), ("2", 46, "PORTAL"), ("2", 58, "PRINT")];
        for (version, after, channel) in posts {
            let posted = json!({ "version": version, "channel": format!("ITEM_CHANNEL_{channel}") });
            self.say("item", "quick", on(after), "itemPosted", posted);
        }
        let by = |day: &str| json!({ "table": { "numbers": { "flows": day, "window_training": day } } });
        let rules = [
            (10, "milestones", by("20260920"), 5),
            (40, "milestones", by("20261110"), 40),
            (55, "item_channels", json!({ "codes": { "codes": ["portal", "print"] } }), 50),
            (62, "milestones", by("20261120"), 60),
        ];
        for (after, id, value, from) in rules {
            let from = on(from).to_string();
            self.say("log", LOG, on(after), "ruleSet", json!({ "ruleId": id, "value": value, "inForceFrom": from }));
        }
    }

    /// What may be missing, and what a lapse and a correction after acceptance do: nothing, then something.
    fn tolerance(&mut self) {
        for (version, after) in [("1", 3), ("2", 47)] {
            let list = json!({ "version": version, "materials": [{ "code": "licence", "maxWd": 9 }] });
            self.say("item", "quick", on(after), "toleranceListPublished", list);
        }
        let rules = [
            (20, "on_lapse", json!({ "code": "pause" }), 15),
            (65, "on_lapse", json!({ "code": "terminate" }), 55),
            (66, "on_lapse_grace_wd", json!({ "number": "2" }), 58),
            (68, "correction_pause", json!({ "table": { "numbers": { "permit": "1" } } }), 25),
        ];
        for (after, id, value, from) in rules {
            let from = on(from).to_string();
            self.say("log", LOG, on(after), "ruleSet", json!({ "ruleId": id, "value": value, "inForceFrom": from }));
        }
    }

    /// Two editions of flows, limits that are lengthened quietly and after a word, an item that goes down and comes back, and what other
    /// districts publish: of items all of them, later of materials, of steps never.
    fn catalogue(&mut self) {
        let flows = |code: &str, items: &[&str]| json!({ "categories": [{ "code": code, "itemCodes": items }] });
        self.say("edition", "2026-1", on(15), "itemFlowsConsolidated", flows("trade", &["quick", "unlimited"]));
        self.say("edition", "2026-2", on(60), "itemFlowsConsolidated", flows("trade", &["quick"]));
        self.say("edition", "2026-2", on(63), "itemFlowsConsolidated", flows("reward", &["late"]));
        let said = json!({ "version": "2", "promisedOld": wd(8), "promisedNew": wd(10), "inForceFrom": on(70).to_string() });
        self.say("item", "late", on(66), "itemLimitChanged", said);
        self.item("late", "2", 100, json!({ "promisedLimit": wd(10), "statutoryLimit": wd(20), "itemType": "ITEM_TYPE_REWARD" }));
        self.item("quick", "3", 95, json!({ "promisedLimit": wd(6), "statutoryLimit": wd(12), "itemType": "ITEM_TYPE_PERMIT" }));
        self.say("item", "quick", on(85), "itemDelegated", json!({}));
        self.say("item", "quick", on(88), "itemTakenOver", json!({}));
        self.say("item", "late", on(115), "itemCancelled", json!({}));
        for (n, district) in ["370302", "370303", "370304", "370305", "370321", "370322", "370323"].iter().enumerate() {
            let published = |figure: &str, hundredths: usize, after: i64| json!({ "figure": format!("PEER_FIGURE_{figure}"), "valueHundredths": hundredths, "validOn": on(after).to_string() });
            self.say("district", district, on(20), "peerFigurePublished", published("ITEMS", n * 100, 18));
            self.say("district", district, on(90), "peerFigurePublished", published("MATERIALS", n * 100, 40));
        }
    }

    /// Zones get assessments late, one that ends and one that is taken back, and a reason comes to excuse.
    fn zones(&mut self) {
        let mut approve = |zone: &str, after, id: &str, kind: &str, from: i64, to: &str| {
            let fact = json!({ "assessmentId": id, "kind": kind, "validFrom": on(from).to_string(), "validTo": to });
            self.say("zone", zone, on(after), "zoneAssessmentApproved", fact);
        };
        approve("east", 8, "w1", "water", 0, "2026-10-10");
        approve("east", 44, "w2", "water", 50, "");
        approve("west", 30, "s1", "soil", 10, "");
        approve("west", 71, "w1", "water", 60, "2026-11-30");
        let rules = [
            (25, "zone_exceptions", json!({ "codes": { "codes": ["reason-1"] } }), 20),
            (64, "remote_opinion_wd", json!({ "number": "1" }), 40),
        ];
        for (after, id, value, from) in rules {
            let from = on(from).to_string();
            self.say("log", LOG, on(after), "ruleSet", json!({ "ruleId": id, "value": value, "inForceFrom": from }));
        }
    }

    /// A project goes its way, in a zone, in another, or in none.
    fn project(&mut self, id: &str) {
        let mut day = on(self.random.days(60));
        let registered = self.registered(day);
        self.say("subject", id, day, "subjectRegistered", registered);
        for n in 0..self.random.below(14) {
            day += self.random.days(8).days();
            let (name, fact) = self.project_fact(n, day);
            self.say("subject", id, day, name, fact);
        }
    }

    /// A joint case for a project or two, one after the other.
    fn joint(&mut self, n: u64) {
        let mut day = on(20 + self.random.days(40));
        for step in 0..self.random.below(9) {
            day += self.random.days(6).days();
            let project = json!({ "system": "hall", "id": format!("P{}", (n + step / 6) % 3) });
            let member = json!({ "usci": UNITS[0], "subCase": { "system": "hall", "no": "a" } });
            let stage = if self.random.chance(80) { "acceptance" } else { "permit" };
            let opened = json!({ "project": project, "stage": stage, "leadUsci": UNITS[1], "members": [member] });
            let some = self.random.pick(&[&UNITS[..1], &UNITS[..2]]).to_vec();
            let (name, fact) = match step % 6 {
                0 => ("jointCaseOpened", opened),
                1 => ("siteInspectionScheduled", json!({ "visitId": "v", "units": some, "on": day.to_string() })),
                2 => ("siteInspectionDone", json!({ "visitId": "v", "present": some })),
                3 => ("caseNoteRecorded", json!({ "code": "own.step" })),
                _ => ("jointConcluded", json!({ "result": "JOINT_RESULT_PASS" })),
            };
            self.say("case", &format!("J{n}"), day, name, fact);
        }
    }

    /// A whole joint case: one member in time, one late, the whole later than either, a unit that goes to the site once more.
    fn joint_case(&mut self, n: u64) {
        // Among the cases that are listed.
        let id = format!("A{}", 36 + n);
        let begin = on(4 + self.random.days(20));
        let limit = |n: u32| json!({ "n": n, "unit": "LIMIT_UNIT_WORKING_DAY" });
        let part = |no: &str| json!({ "system": "hall", "no": no });
        let member = |no: &str, unit: &str, wd: u32| json!({ "usci": unit, "subCase": part(no), "subLimit": limit(wd) });
        let members = [member("a", UNITS[0], 2), member("b", UNITS[1], 3)];
        let opinion = |no: &str| json!({ "subCase": part(no), "opinion": "JOINT_RESULT_PASS" });
        let late = 12 + self.random.days(20);
        for (after, name, fact) in [
            (0, "caseReceived", json!({ "itemCode": "quick" })),
            (1, "caseAccepted", json!({})),
            (2, "jointCaseOpened", json!({ "stage": "permit", "leadUsci": UNITS[1], "members": members })),
            (3, "siteInspectionScheduled", json!({ "visitId": "v", "units": UNITS[..2], "on": (begin + 4.days()).to_string() })),
            (4, "siteInspectionDone", json!({ "visitId": "v", "present": UNITS[..2] })),
            (5, "subOpinionGiven", opinion("a")),
            (6, "siteInspectionDone", json!({ "visitId": "w", "present": UNITS[..1] })),
            (late, "subOpinionGiven", opinion("b")),
            (late + 9, "jointConcluded", json!({ "result": "JOINT_RESULT_PASS" })),
        ] {
            self.say("case", &id, begin + after.days(), name, fact);
        }
    }

    fn registered(&mut self, day: Date) -> Value {
        let kind = if self.random.chance(90) { "SUBJECT_KIND_PROJECT" } else { "SUBJECT_KIND_ENTERPRISE" };
        let zone = *self.random.pick(&["east", "east", "west", "nowhere", ""]);
        let linked: &[&str] =
            if kind == "SUBJECT_KIND_ENTERPRISE" { &[] } else { &["ZONE", "REMOTE", "DRAWING", "INSPECTION", "ACCEPTANCE"] };
        let linked: Vec<String> = linked.iter().map(|procedure| format!("LINKED_PROCEDURE_{procedure}")).collect();
        let new_from = if self.random.chance(50) { (day + self.random.days(20).days()).to_string() } else { String::new() };
        json!({ "subjectKind": kind, "zoneId": zone, "newFrom": new_from, "linkedKinds": linked })
    }

    fn project_fact(&mut self, n: u64, day: Date) -> (&'static str, Value) {
        // Half of it is a round of drawings as it should be, the rest is as it comes.
        let round = [8, 9, 10, 12][usize::try_from(n % 4).unwrap()];
        let which = if self.random.chance(50) { round } else { self.random.below(13) };
        let (version, kind) = ((1 + n / 4).to_string(), *self.random.pick(&["water", "soil"]));
        let (zone, unit) = (*self.random.pick(&["east", "west"]), *self.random.pick(&UNITS));
        let sheets = if self.random.chance(70) { vec!["A-01"] } else { Vec::new() };
        let points = json!([{ "sheet": self.random.pick(&["A-01", "A-02", ""]), "pointCode": format!("point-{}", n % 3) }]);
        match which {
            0 => ("subjectRegistered", self.registered(day)),
            1 | 2 => ("zoneAssessmentApplied", json!({ "zoneId": zone, "assessmentId": self.random.pick(&["w1", "w2", "s1"]) })),
            3 => ("separateAssessmentDemanded", json!({ "kind": kind, "reason": format!("reason-{}", n % 2) })),
            4 | 5 => (
                "linkedSessionHeld",
                json!({ "sessionId": format!("s-{}", n % 3), "units": UNITS[..2], "remote": self.random.chance(70) }),
            ),
            6 | 7 => (
                "remoteOpinionGiven",
                json!({ "sessionId": format!("s-{}", n % 3), "unitUsci": unit, "opinion": "REMOTE_OPINION_AGREE" }),
            ),
            8 => ("drawingSubmitted", json!({ "setVersion": version, "changedSheets": sheets })),
            9 => ("drawingReviewOpened", json!({ "setVersion": version, "specialties": ["fire"] })),
            10 | 11 => (
                "drawingOpinionGiven",
                json!({ "setVersion": version, "specialty": "fire", "result": "DRAWING_OPINION_RESULT_REVISE", "points": points }),
            ),
            _ => {
                let result = *self.random.pick(&["PASS", "REVISE"]);
                (
                    "drawingConclusionIssued",
                    json!({ "setVersion": version, "result": format!("DRAWING_CONCLUSION_RESULT_{result}") }),
                )
            }
        }
    }

    fn item(&mut self, code: &str, version: &str, after: i64, with: Value) {
        let materials: Vec<Value> = MATERIALS[..3].iter().map(|code| json!({ "code": code, "required": true })).collect();
        let from = on(after - 30).to_string();
        let lead = *self.random.pick(&UNITS);
        let mut fact = json!({ "version": version, "leadUsci": lead, "steps": [{ "materials": materials }], "inForceFrom": from });
        fact.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
        self.say("item", code, on(after), "itemVersionPublished", fact);
    }

    fn received(&mut self, day: Date) -> Value {
        let (item, version) = (*self.random.pick(&ITEMS), *self.random.pick(&["", "1", "1", "2", "9"]));
        let channel = *self.random.pick(&["CHANNEL_WINDOW", "CHANNEL_ONLINE", "CHANNEL_UNSPECIFIED"]);
        let window = *self.random.pick(&["B2", "B2", "C1", ""]);
        let until = if self.random.chance(20) { (day + (25 + self.random.days(30)).days()).to_string() } else { String::new() };
        json!({ "itemCode": item, "itemVersion": version, "channel": channel, "windowId": window, "materials": ["form", "plan"],
            "renewsUntil": until })
    }

    /// What windows are for, which changes.
    fn windows(&mut self) {
        let kinds = ["GENERAL", "GENERAL", "SPECIAL"];
        for (window, after) in [("B2", 10), ("C1", 15), ("B2", 40), ("C1", 55), ("B2", 80)] {
            let (kind, item) = (*self.random.pick(&kinds), *self.random.pick(&ITEMS));
            let set =
                json!({ "centre": "WINDOW_CENTRE_DISTRICT", "kind": format!("WINDOW_KIND_{kind}"), "itemCodes": ["quick", item] });
            self.say("window", window, on(after), "windowConfigured", set);
        }
    }

    /// Something is found true of the first cases, some of which were received in a hall.
    fn breaches(&mut self) {
        for n in 0..self.cases.min(4) {
            let (id, day) = (format!("A{n}"), on(30 + self.random.days(30)));
            let alleged = json!({ "allegationId": "b-9", "kind": "NOTICE_BREACH_KIND_LATE", "recordRef": "r-1" });
            let found = json!({ "allegationId": "b-9", "finding": "FINDING_SUBSTANTIATED", "kind": "NOTICE_BREACH_KIND_LATE" });
            self.say("case", &id, day, "noticeBreachAlleged", alleged);
            self.say("case", &id, day + 1.day(), "noticeBreachFound", found);
        }
    }

    /// A person at a window, trained or not, who is held liable for something somewhere.
    fn person(&mut self, n: i64) {
        let id = format!("w-{n}");
        let window = *self.random.pick(&["B2", "C1"]);
        let (from, basis) = (on(n * 20).to_string(), *self.random.pick(&["SKILL", "SERVICE"]));
        let posted = json!({ "windowId": window, "from": from, "selectionBasis": [format!("SELECTION_BASIS_{basis}")] });
        let day = on(5 + self.random.days(40));
        self.say("staff", &id, day, "staffPosted", posted);
        let attended = json!({ "training": { "system": "hall", "id": "T" }, "passed": self.random.chance(70) });
        let day = on(self.random.days(80));
        self.say("staff", &id, day, "trainingAttended", attended);
        if self.random.chance(50) {
            let day = on(60 + self.random.days(40));
            self.say("staff", &id, day, "staffUnposted", json!({ "windowId": window }));
        }
        for _ in 0..3 {
            let case = json!({ "kind": "case", "system": "hall", "id": format!("A{}", self.random.below(self.cases)) });
            let liable = json!({ "causeSubject": case, "recordRef": "r-1", "measure": "warned" });
            let day = on(30 + self.random.days(80));
            self.say("staff", &id, day, "staffHeldLiable", liable);
        }
    }

    /// A case goes its way, with steps left out, out of order or twice.
    fn case(&mut self, id: &str) {
        let mut day = on(self.random.days(100));
        let received = self.received(day);
        self.say("case", id, day, "caseReceived", received);
        for n in 0..self.random.below(16) {
            day += self.random.days(6).days();
            let (name, fact) = self.case_fact(n, day);
            self.say("case", id, day, name, fact);
        }
    }

    fn case_fact(&mut self, n: u64, day: Date) -> (&'static str, Value) {
        let usual = [22, 3, 4, 23, 6, 7, 8, 9, 10, 11];
        let usual = if self.random.chance(40) { usual } else { [2, 3, 4, 5, 6, 7, 8, 9, 10, 11] };
        let later = |days: i64| (day + days.days()).to_string();
        // Two in three cases go more or less along, the rest does what it likes.
        let which = if self.random.chance(66) { usual[usize::try_from(n.min(9)).unwrap()] } else { self.random.below(30) };
        let finding = *self.random.pick(&["FINDING_SUBSTANTIATED", "FINDING_UNSUBSTANTIATED", "FINDING_UNVERIFIABLE"]);
        match which {
            0 => ("caseReceived", self.received(day)),
            1 => ("notAccepted", json!({ "ground": format!("ground-{}", n % 3) })),
            2 => ("noticeGiven", self.notice(n)),
            3 => ("correctionSubmitted", json!({ "noticeId": format!("n-{}", n.saturating_sub(1)), "materialCodes": ["licence"] })),
            4 => ("caseAccepted", json!({})),
            5 => ("specialProcedureStarted", json!({ "procId": "p-1", "kind": "SPECIAL_PROCEDURE_KIND_EXPERT_REVIEW" })),
            6 => ("specialProcedureEnded", json!({ "procId": "p-1" })),
            7 => {
                let reason = *self.random.pick(&["wrong_referral", "remit"]);
                ("caseTransferred", json!({ "toUsci": self.random.pick(&UNITS), "reason": reason }))
            }
            8 => ("caseDecided", json!({ "result": self.random.pick(&["DECISION_RESULT_PASS", "DECISION_RESULT_REFUSED"]) })),
            9 => ("caseCompleted", json!({})),
            10 => ("resultIssued", json!({})),
            11 => ("resultDelivered", json!({})),
            12 => ("caseWithdrawn", json!({})),
            13 => ("caseTerminated", json!({})),
            14 => ("extensionApproved", json!({ "days": 10 })),
            15 => ("decisionRevoked", json!({})),
            16 => ("caseReopened", json!({ "ground": "REOPEN_GROUND_REVIEW" })),
            17 => {
                ("noticeBreachAlleged", json!({ "allegationId": "b-1", "kind": "NOTICE_BREACH_KIND_UNCLEAR", "recordRef": "r-1" }))
            }
            18 => ("noticeBreachFound", json!({ "allegationId": "b-1", "finding": finding, "kind": "NOTICE_BREACH_KIND_MISSING" })),
            19 => ("firstCheckDone", json!({ "windowId": self.random.pick(&["B2", "C1", ""]) })),
            20 => ("resultMailed", json!({})),
            21 => ("supervisionAlertRaised", json!({ "colour": "ALERT_COLOUR_RED" })),
            22 => {
                let text = json!({ "ref": "u", "commitment": "A".repeat(43) + "=" });
                let (missing, till) = (*self.random.pick(&["licence", "licence", "photo"]), later(self.random.days(15)));
                ("toleranceGranted", json!({ "missing": [missing], "promisedOn": till, "undertakingRef": text }))
            }
            23 => ("deficiencyMadeGood", json!({ "materialCode": "licence" })),
            24 => ("deficiencyFiled", json!({ "materialCode": "licence" })),
            25 => ("toleranceExtended", json!({ "newOn": later(self.random.days(20)) })),
            26 => (
                "toleranceClosed",
                json!({ "outcome": self.random.pick(&["TOLERANCE_OUTCOME_LATE", "TOLERANCE_OUTCOME_WITHDRAWN"]) }),
            ),
            27 => ("caseRoutedToDept", json!({ "toUsci": self.random.pick(&UNITS) })),
            28 => ("deptTookCase", json!({ "usci": self.random.pick(&UNITS) })),
            _ => ("caseNoteRecorded", json!({ "code": "own.step" })),
        }
    }

    fn notice(&mut self, n: u64) -> Value {
        let form = *self.random.pick(&["NOTICE_FORM_WRITTEN", "NOTICE_FORM_ORAL", "NOTICE_FORM_UNSPECIFIED"]);
        let cause = *self.random.pick(&["NOTICE_CAUSE_FIRST", "NOTICE_CAUSE_UNFIXED", "NOTICE_CAUSE_LAW_CHANGED"]);
        let material = *self.random.pick(&MATERIALS);
        json!({ "noticeId": format!("n-{n}"), "form": form, "items": [{ "materialCode": material, "defect": "missing", "cause": cause }] })
    }

    fn contact(&mut self, id: &str) {
        let mut day = on(self.random.days(120));
        let promised = if self.random.chance(70) { (day + self.random.days(9).days()).to_string() } else { String::new() };
        self.say("contact", id, day, "firstAskReceived", json!({ "channel": "CHANNEL_PHONE", "promisedReplyOn": promised }));
        for _ in 0..self.random.below(6) {
            day += self.random.days(5).days();
            let (unit, n) = (*self.random.pick(&UNITS), self.random.below(3));
            let (name, fact) = match self.random.below(8) {
                0 => ("firstAskAnswered", json!({})),
                1 | 2 => ("firstAskHandedOver", json!({ "toUnit": unit, "toStaff": if n == 0 { "" } else { "w-9" } })),
                3 => ("firstAskAccepted", json!({ "byStaff": "w-9" })),
                4 => ("firstAskReplied", json!({})),
                5 => ("firstAskRefused", json!({ "ground": format!("ground-{n}"), "explained": n > 0 })),
                6 => ("firstAskBreachAlleged", json!({ "allegationId": "a-1", "kind": "FIRST_ASK_BREACH_KIND_BOUNCED" })),
                _ => ("firstAskBreachFound", json!({ "allegationId": "a-1", "finding": "FINDING_SUBSTANTIATED" })),
            };
            self.say("contact", id, day, name, fact);
        }
    }

    fn official(&mut self, id: &str) {
        let day = on(20 + self.random.days(60));
        self.say("staff", id, day, "firstAskBreachAlleged", json!({ "allegationId": "a-2", "kind": "FIRST_ASK_BREACH_KIND_RUDE" }));
        if self.random.chance(70) {
            let (day, fact) =
                (day + self.random.days(30).days(), json!({ "allegationId": "a-2", "finding": "FINDING_UNSUBSTANTIATED" }));
            self.say("staff", id, day, "firstAskBreachFound", fact);
        }
    }

    /// A complaint, of any kind, with steps in whatever order, whose limits are set otherwise meanwhile.
    fn complaint(&mut self, n: u64) {
        if n == 0 {
            for (after, id, number, from) in [(65, "complaint_wd", "6", 20), (85, "complaint_ext_wd", "2", 0)] {
                let fact = json!({ "ruleId": id, "value": { "number": number }, "inForceFrom": on(from).to_string() });
                self.say("log", LOG, on(after), "ruleSet", fact);
            }
        }
        let id = format!("H{n}");
        let mut day = on(5 + self.random.days(110));
        let kind = *self.random.pick(&["COMPLAINT", "COMPLAINT", "COMPLAINT", "PRAISE"]);
        let unit = *self.random.pick(&UNITS);
        let first = if self.random.chance(15) { "H0" } else { "" };
        let received = json!({ "kind": format!("COMPLAINT_KIND_{kind}"), "category": "COMPLAINT_CATEGORY_DELAY", "subjectUnit": unit,
            "channel": "CHANNEL_HOTLINE", "repeatOf": first });
        self.say("complaint", &id, day, "complaintReceived", received);
        let due = (day + (5 + self.random.days(20)).days()).to_string();
        let redacted = json!({ "ref": "redacted", "commitment": "A".repeat(43) + "=" });
        let steps = [
            ("complaintAccepted", json!({ "dueOn": if self.random.chance(50) { due.clone() } else { String::new() } })),
            ("complaintVerificationStarted", json!({ "verifier": "v" })),
            ("complaintTransferred", json!({ "toUnit": unit, "redactedRef": redacted, "dueOn": due })),
            ("complaintVerified", json!({ "finding": *self.random.pick(&["FINDING_SUBSTANTIATED", "FINDING_UNVERIFIABLE"]) })),
            ("complaintReplied", json!({})),
            ("complaintExtended", json!({ "dueOn": (day + 30.days()).to_string() })),
            ("complaintVerified", json!({ "finding": "FINDING_UNSUBSTANTIATED" })),
            (
                "complaintClosed",
                json!({ "outcome": *self.random.pick(&["COMPLAINT_OUTCOME_HANDLED", "COMPLAINT_OUTCOME_WITHDRAWN"]) }),
            ),
        ];
        for (name, fact) in steps {
            if self.random.chance(70) {
                day += self.random.days(7).days();
                self.say("complaint", &id, day, name, fact);
            }
        }
    }

    /// A visit to a case or a few, the first one to all of them, also to one that is never received.
    fn visit(&mut self, n: u64) {
        let id = format!("V{n}");
        let day = on(5 + self.random.days(110));
        let first = self.random.below(self.cases);
        let many = if n == 0 { self.cases } else { 1 + self.random.below(4) };
        let cases: Vec<Value> = (first..=first + many).map(|case| json!({ "system": "hall", "no": format!("A{case}") })).collect();
        let cause = *self.random.pick(&["VISIT_CAUSE_WRONG_GUIDE", "VISIT_CAUSE_UNSPECIFIED", "VISIT_CAUSE_REQUEST_CHANGED"]);
        let visited = json!({ "caseNos": cases, "place": "hall-1", "required": self.random.chance(80), "cause": cause });
        self.say("visit", &id, day, "applicantVisited", visited);
        if self.random.chance(40) {
            let day = day + self.random.days(20).days();
            let fact = json!({ "cause": "VISIT_CAUSE_WINDOW_CLOSED", "decider": "VISIT_DECIDER_REVIEWER" });
            self.say("visit", &id, day, "visitCauseDecided", fact);
        }
        if self.random.chance(15) {
            let again = json!({ "caseNos": [{ "system": "hall", "no": format!("A{n}") }], "place": "hall-2", "required": true });
            self.say("visit", &id, day + 1.day(), "applicantVisited", again);
        }
    }
}

fn on(after: i64) -> Date {
    FIRST + after.days()
}

fn wd(n: u32) -> Value {
    json!({ "n": n, "unit": "LIMIT_UNIT_WORKING_DAY" })
}
