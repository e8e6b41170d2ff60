//! Refusals: what may not be done, as values with a stable code.
//!
//! A code is for ever. To add one: a line in [`codes!`], most specific name first, and a page `docs/errors/<code>.md`;
//! a test holds the two lists together.

use std::fmt;

/// Why something was not done. Nothing changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Stable code.
    pub code: Code,
    /// What is wrong, in words; no personal data.
    pub message: String,
    /// The field that is wrong, as a path from the request; empty where it is not one field.
    pub field: String,
    /// The rule that forbids it; empty where it is a matter of form.
    pub rule: String,
    /// What to do; the code's own remedy where empty.
    pub remedy: String,
    /// Which event of the list, from 0.
    pub event_index: u32,
}

impl Refusal {
    /// A refusal with the code's own remedy.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let remedy = code.remedy().to_owned();
        Self { code, message: message.into(), field: String::new(), rule: String::new(), remedy, event_index: 0 }
    }

    /// Names the field.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = field.into();
        self
    }

    /// Names the rule.
    #[must_use]
    pub fn by_rule(mut self, rule: impl Into<String>) -> Self {
        self.rule = rule.into();
        self
    }

    /// Names the event, and puts `events[i].` before the field.
    #[must_use]
    pub fn of_event(mut self, index: usize) -> Self {
        self.event_index = u32::try_from(index).unwrap_or(u32::MAX);
        if !self.field.starts_with("events[") {
            self.field = if self.field.is_empty() { format!("events[{index}]") } else { format!("events[{index}].{}", self.field) };
        }
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)?;
        if !self.field.is_empty() {
            write!(f, " ({})", self.field)?;
        }
        write!(f, ". {}", self.remedy)
    }
}

impl std::error::Error for Refusal {}

/// What kind of refusal it is; the edge turns it into a gRPC status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The request is malformed, whatever the state.
    Malformed,
    /// The state forbids it now.
    State,
    /// It is there already, and different.
    Conflict,
    /// It is not there.
    NotFound,
    /// A bound is reached; try again later.
    Full,
    /// The world is not ready; try again later.
    Away,
    /// A position or page that is not there (yet).
    Range,
    /// Nobody knows who asks.
    Unauthenticated,
    /// Who asks may not.
    Forbidden,
    /// The server has no such call.
    Unserved,
    /// Our own data is not what it must be.
    Corrupt,
}

macro_rules! codes {
    ($($variant:ident $class:ident $text:literal $remedy:literal;)*) => {
        /// Stable codes of refusals.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $(#[doc = $remedy] $variant,)* }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The code as clients see it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text,)* }
            }

            /// What kind of refusal it is.
            pub const fn class(self) -> Class {
                match self { $(Code::$variant => Class::$class,)* }
            }

            /// What to do, in general.
            pub const fn remedy(self) -> &'static str {
                match self { $(Code::$variant => $remedy,)* }
            }
        }
    };
}

codes! {
    // What is no request.
    NotServed Unserved "XE-NOT-SERVED" "Call a method of the server's contract (reflection), without compression.";
    MessageUnreadable Malformed "XE-MESSAGE-UNREADABLE" "Send one message of the server's contract (reflection), as protobuf encodes it.";
    MessageTooLarge Malformed "XE-MESSAGE-TOO-LARGE" "Keep a message at most 8 MiB: post shorter lists.";
    // Who asks.
    Unauthenticated Unauthenticated "XE-UNAUTHENTICATED" "Connect with a client certificate that the server knows, or send a valid token as `authorization: Bearer …`.";
    Forbidden Forbidden "XE-FORBIDDEN" "Ask who runs the server for a role that may do this (`xiaoer permits`).";
    OwnMatter Forbidden "XE-OWN-MATTER" "Let a body that is not concerned decide.";
    RateLimited Full "XE-RATE-LIMITED" "Wait as the retry info says, and make fewer calls: post lists or a stream, subscribe instead of asking again.";
    // Form of a request.
    UnknownField Malformed "XE-FIELD-UNKNOWN" "Use the server's contract (reflection), or leave the field out.";
    MissingField Malformed "XE-FIELD-MISSING" "Give the field.";
    InvalidField Malformed "XE-FIELD-INVALID" "Give a value of the form the contract names.";
    FieldTooLong Malformed "XE-FIELD-TOO-LONG" "Shorten the value to the bound the message names.";
    UnknownEnum Malformed "XE-ENUM-UNKNOWN" "Use one of the names of the contract.";
    MissingFact Malformed "XE-FACT-MISSING" "Set exactly one fact of the event.";
    WrongLog Malformed "XE-LOG-WRONG" "Post complaints to the sealed log of the jurisdiction (`<log>-sealed`), and everything else to the log itself.";
    WrongSubject Malformed "XE-SUBJECT-KIND" "Post the fact on a subject of the kind the message names.";
    InvalidEventId Malformed "XE-EVENT-ID" "Give a UUID in lower-case hyphenated form.";
    TimeTooFine Malformed "XE-TIME-TOO-FINE" "Cut the time to microseconds.";
    TimeAhead Malformed "XE-TIME-AHEAD" "Set the sender's clock, or wait until the time has come.";
    SimulatedTime Malformed "XE-SIMULATED-TIME" "Give simulated_recorded_at only on a synthetic log, and never before the last one.";
    InvalidUsci Malformed "XE-USCI" "Correct the code; its check character is wrong.";
    InvalidLogName Malformed "XE-LOG-NAME" "Use 1 to 64 of a-z, 0-9 and hyphen.";
    EmptyList Malformed "XE-LIST-EMPTY" "Post at least one event.";
    ListTooLong Malformed "XE-LIST-TOO-LONG" "Post at most 1,000 events in one list.";
    ListOfStreams Malformed "XE-LIST-STREAMS" "Post one list for each subject.";
    EventTooLarge Malformed "XE-EVENT-TOO-LARGE" "Keep an event at most 64 KiB; put text into the vault.";
    PersonalData Malformed "XE-PERSONAL-DATA" "Put it into the vault (PersonService.Put), and send its reference or a code.";
    // Identity and revision.
    IdentityReused Conflict "XE-IDENTITY-REUSED" "Give a new event_id to a new fact; correct a wrong event with EventReplaced.";
    MixedList State "XE-LIST-MIXED" "Post again only the events that are new.";
    Revision State "XE-REVISION" "Read the stream again and decide anew.";
    // Logs.
    UnknownLog NotFound "XE-LOG-UNKNOWN" "Open the log with AdminService.OpenLog, or correct its name.";
    LogDiffers Conflict "XE-LOG-DIFFERS" "A log keeps the time zone and kind it was opened with; choose another name.";
    LogUnplaced State "XE-LOG-UNPLACED" "Let one database hold logs of this name, in the server's configuration, or correct the name.";
    LogRewound Corrupt "XE-LOG-REWOUND" "The log stands before a point that was seen; run `xiaoer recover` after finding out why.";
    FeedForeign Corrupt "XE-FEED-FOREIGN" "Take the message out of the stream, or have the stream made anew by the log's own server.";
    FeedHole Corrupt "XE-FEED-HOLE" "Have the stream made anew, from the log's own server or from its sources.";
    FeedTrimmed State "XE-FEED-TRIMMED" "Start the node with --bootstrap and the address of a server that has the log.";
    LogReplica State "XE-LOG-REPLICA" "Post to the log's own server; this one follows it.";
    GenesisOnly State "XE-GENESIS" "Open a log with AdminService.OpenLog; its genesis is posted once, by the server.";
    RecoveryOnly State "XE-LOG-RECOVERED" "Leave it out; `xiaoer recover` alone records that a log was recovered.";
    ContractNotFinalized State "XE-CONTRACT-NOT-FINALIZED" "When no older program is needed any more, run `xiaoer upgrade --finalize`.";
    ContractNewer Away "XE-CONTRACT-NEWER" "Start a program as new as the log, or post to a server that is one.";
    // The case's state table (domain.md section 2).
    CaseUnknown State "XE-CASE-UNKNOWN" "Post CaseReceived first.";
    CaseExists State "XE-CASE-EXISTS" "A case is received once; a new application is a new case.";
    CaseEnded State "XE-CASE-ENDED" "The case has ended; a new application is a new case.";
    CaseAccepted State "XE-CASE-ACCEPTED" "The case is accepted already.";
    CaseNotAccepted State "XE-CASE-NOT-ACCEPTED" "Post CaseAccepted first.";
    CaseDecided State "XE-CASE-DECIDED" "The case is decided already; revoke or reopen it, or correct the event.";
    CaseNotDecided State "XE-CASE-NOT-DECIDED" "Post CaseDecided first.";
    CaseNotCompleted State "XE-CASE-NOT-COMPLETED" "Post CaseCompleted first.";
    CaseCompleted State "XE-CASE-COMPLETED" "The case is completed already.";
    CaseNotRevocable State "XE-CASE-NOT-REVOCABLE" "Only a decided case is revoked or reopened.";
    CorrectionPending State "XE-CORRECTION-PENDING" "Post the CorrectionSubmitted, or the withdrawal, first.";
    CorrectionNotAsked State "XE-CORRECTION-NOT-ASKED" "Post the NoticeGiven that asks for it first.";
    NoticeExists State "XE-NOTICE-EXISTS" "Give each notice of a case an id of its own.";
    ProcedureExists State "XE-PROCEDURE-EXISTS" "Give each procedure an id of its own, and end one of a kind before the next of that kind.";
    ProcedureUnknown State "XE-PROCEDURE-UNKNOWN" "Post the SpecialProcedureStarted of this proc_id first.";
    ProcedureOpen State "XE-PROCEDURE-OPEN" "End the open special procedure first.";
    // 联办 (S19, S20).
    JointExists State "XE-JOINT-EXISTS" "Open the joint handling of a case once, with all its members; correct it with EventReplaced.";
    JointUnknown State "XE-JOINT-UNKNOWN" "Post JointCaseOpened first.";
    JointMember State "XE-JOINT-MEMBER" "Name a part that JointCaseOpened names, and let its own unit state the opinion.";
    JointConcluded State "XE-JOINT-CONCLUDED" "The joint handling is concluded; void the JointConcluded if it was wrong.";
    OpinionExists State "XE-OPINION-EXISTS" "A member gives one opinion on its part; correct it with EventReplaced.";
    InspectionExists State "XE-INSPECTION-EXISTS" "Give each visit to the site an id of its own.";
    InspectionUnknown State "XE-INSPECTION-UNKNOWN" "Schedule the visit first, or correct its id.";
    // 容缺 (S21).
    ToleranceExists State "XE-TOLERANCE-EXISTS" "Grant a tolerance once, with all that is missing; extend it with ToleranceExtended.";
    ToleranceUnknown State "XE-TOLERANCE-UNKNOWN" "Post the ToleranceGranted that names the material first, or correct its code.";
    ToleranceClosed State "XE-TOLERANCE-CLOSED" "The tolerance is closed; void the ToleranceClosed if it was wrong.";
    ToleranceUnlisted State "XE-TOLERANCE-UNLISTED" "Ask for the material by NoticeGiven; only what stands on the item's tolerance list may follow.";
    ToleranceMain State "XE-TOLERANCE-MAIN" "Ask for the main materials by NoticeGiven; only listed ones may be missing.";
    ToleranceImmediate State "XE-TOLERANCE-IMMEDIATE" "Decide an immediate item at once, or ask for the material by NoticeGiven.";
    ToleranceLimit State "XE-TOLERANCE-LIMIT" "Give a last day within the list's working days and the promised limit of the case; extend to a later day only.";
    ToleranceOpen State "XE-TOLERANCE-OPEN" "Accept what is missing first (DeficiencyMadeGood), or decide PASS_WITH_TOLERANCE.";
    // Other streams.
    ContactUnknown State "XE-CONTACT-UNKNOWN" "Post FirstAskReceived first.";
    ContactExists State "XE-CONTACT-EXISTS" "A contact is received once.";
    HandOverMissing State "XE-HANDOVER-MISSING" "Post FirstAskHandedOver first.";
    AllegationUnknown State "XE-ALLEGATION-UNKNOWN" "Post the allegation first, or correct its id.";
    AllegationExists State "XE-ALLEGATION-EXISTS" "Give each allegation an id of its own.";
    VisitUnknown State "XE-VISIT-UNKNOWN" "Post ApplicantVisited first.";
    VisitExists State "XE-VISIT-EXISTS" "A visit is recorded once.";
    // Complaints (S8).
    ComplaintUnknown State "XE-COMPLAINT-UNKNOWN" "Post ComplaintReceived first, or correct the id.";
    ComplaintExists State "XE-COMPLAINT-EXISTS" "A complaint is received once; a further one on the same matter names it in repeat_of.";
    ComplaintState State "XE-COMPLAINT-STATE" "Post the steps of a complaint in their order: accepted, verified, transferred, replied, closed.";
    NotDesignated State "XE-NOT-DESIGNATED" "Name in source.staff_id a person whom HotlineStaffDesignated names for that day.";
    NotRedacted State "XE-NOT-REDACTED" "Put a redacted text into the vault and transfer that one.";
    EarlyTransfer State "XE-COMPLAINT-EARLY-TRANSFER" "Post ComplaintVerified first.";
    // Projects and zones (S16 to S18).
    ProjectUnknown State "XE-PROJECT-UNKNOWN" "Post the SubjectRegistered of the project first.";
    AssessmentExists State "XE-ASSESSMENT-EXISTS" "Give each assessment of a zone an id of its own, also one that renews another.";
    AssessmentUnknown State "XE-ASSESSMENT-UNKNOWN" "Name an assessment of the zone that may be used on that day; its ZoneAssessmentApproved comes first.";
    SessionExists State "XE-SESSION-EXISTS" "Give each session of a project an id of its own.";
    SessionUnknown State "XE-SESSION-UNKNOWN" "Post the LinkedSessionHeld of this session_id first.";
    NotInvited State "XE-NOT-INVITED" "Name one that the session or the review was for, or correct the LinkedSessionHeld or DrawingReviewOpened.";
    DrawingExists State "XE-DRAWING-EXISTS" "Give each version of a set a name of its own, and open its review once.";
    DrawingUnknown State "XE-DRAWING-UNKNOWN" "Post the DrawingSubmitted, then the DrawingReviewOpened, of this version of the set first.";
    DrawingConcluded State "XE-DRAWING-CONCLUDED" "Submit the next version after a REVISE; what is changed after the last conclusion is a set of its own.";
    VoidTarget State "XE-VOID-TARGET" "Name an event of this stream that is recorded and counts.";
    VoidAuthority State "XE-VOID-AUTHORITY" "Name the authority that allows a correction of a closed case.";
    // What changes an answer.
    ItemLimits Malformed "XE-ITEM-LIMITS" "A promised limit is at most the statutory one.";
    ItemVersionExists State "XE-ITEM-VERSION-EXISTS" "Publish a change as a new version.";
    ItemVersionBackdated State "XE-ITEM-VERSION-BACKDATED" "Give the day of publication as legal_date, or a first day in force that is not before it.";
    ItemLimitDiffers State "XE-ITEM-LIMIT-DIFFERS" "Let the version and what was said of its limit agree; replace the event that is wrong.";
    ItemEnded State "XE-ITEM-ENDED" "Post ItemTakenOver first: the item was cancelled or handed down.";
    EditionInvalid Malformed "XE-EDITION" "Give each category of an edition once, and each item in one of them.";
    MaterialUnknown Malformed "XE-MATERIAL-UNKNOWN" "Name only materials of the version.";
    ItemUnknown State "XE-ITEM-UNKNOWN" "Publish the item's version first.";
    CalendarInvalid Malformed "XE-CALENDAR" "Give each day once, and only days of the year.";
    CalendarVersion State "XE-CALENDAR-VERSION" "Give the year a version higher than the last one.";
    CalendarHole State "XE-CALENDAR-HOLE" "Correct the year, or publish the years between first.";
    RuleUnknown Malformed "XE-RULE-UNKNOWN" "Use a rule id of docs/rules.md.";
    RuleValue Malformed "XE-RULE-VALUE" "Give a value of the kind docs/rules.md names.";
    UnitUnknown State "XE-UNIT-UNKNOWN" "Register the unit first.";
    // The vault (domain.md section 5).
    VaultOnly State "XE-VAULT-ONLY" "Call PersonService: Erase, PlaceHold or LiftHold; the vault records the fact itself.";
    RequestReused Conflict "XE-REQUEST-REUSED" "Give a new request_id to new content.";
    UnknownRef NotFound "XE-REF-UNKNOWN" "Correct the reference, or the log: each has a vault of its own.";
    TextOfPerson State "XE-TEXT-OF-PERSON" "Erase the person; put a text that must be erased by itself without a person.";
    Erased State "XE-ERASED" "It was erased for ever; put what is new under a new request_id.";
    LegalHold State "XE-LEGAL-HOLD" "Lift every hold first (PersonService.LiftHold).";
    Retention State "XE-RETENTION" "Wait until the keeping period of its retention class is over.";
    HoldExists State "XE-HOLD-EXISTS" "Give each hold of a person or text an id of its own.";
    HoldUnknown State "XE-HOLD-UNKNOWN" "Name a hold that stands; it is lifted once.";
    UnknownEpoch NotFound "XE-EPOCH-UNKNOWN" "Name an epoch that `xiaoer status` shows.";
    EpochInUse State "XE-EPOCH-IN-USE" "Run `xiaoer vault rotate`, and wait until no key is wrapped by the epoch.";
    // Who read what.
    AccessLog State "XE-ACCESS-LOG" "Leave it to the server, which alone opens and writes the log of who read what.";
    AccessUnrecorded Away "XE-ACCESS-UNRECORDED" "Ask again later; if it stays, whoever runs the server must look why the access log takes nothing.";
    // Questions.
    UnknownMetric NotFound "XE-METRIC-UNKNOWN" "Use an id that ListMetrics names.";
    UnknownSubject NotFound "XE-SUBJECT-UNKNOWN" "Correct the subject, or ask as known later.";
    ClockNotStarted NotFound "XE-CLOCK-NOT-STARTED" "Ask for another clock, or about a later day.";
    InvalidScope Malformed "XE-SCOPE" "Correct the scope as the message says.";
    UnknownDimension Malformed "XE-DIMENSION" "Use a dimension that ListMetrics names for the metric.";
    PageToken Malformed "XE-PAGE-TOKEN" "Use the token of the page before, with the same request.";
    SmallCounts Forbidden "XE-SMALL-COUNTS" "Ask GetMetric for one figure of complaints in one whole month that is over, of one sealed log and nothing else.";
    SeriesTooLong Malformed "XE-SERIES-TOO-LONG" "Ask for fewer steps: a shorter period or longer steps.";
    PositionAhead Range "XE-POSITION-AHEAD" "Ask for a position the log has reached.";
    ValidOnAhead Range "XE-VALID-ON-AHEAD" "Ask about a day that had come by the known time.";
    // The world.
    QueueFull Full "XE-QUEUE-FULL" "Wait as long as the retry information says, and post again.";
    ProjectionBehind Away "XE-PROJECTION-BEHIND" "Ask again in a moment.";
    ProjectionStopped Away "XE-PROJECTION-STOPPED" "An operator must look at ListProjections; ask as known before the stop meanwhile.";
    ReaderSlow Full "XE-READER-SLOW" "Read answers as they come, and go on behind the last one; ask for less where that is too much.";
    Stopping Away "XE-STOPPING" "The server is stopping; post again to the next one.";
    Unavailable Away "XE-UNAVAILABLE" "The database is away or busy; post again, which is always safe.";
    VaultKeys Away "XE-VAULT-KEYS" "An operator must look at the folder of the vault's keys, and at the server's log; try again after that.";
    Internal Corrupt "XE-INTERNAL" "An operator must look at the server's log.";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_well_formed() {
        let texts: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(texts.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!(code.as_str().starts_with("XE-") && code.remedy().ends_with('.'), "{code:?}");
        }
    }

    #[test]
    fn every_code_has_its_page() {
        let pages = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors");
        for code in Code::ALL {
            let page = format!("{pages}/{}.md", code.as_str());
            assert!(std::path::Path::new(&page).exists(), "no page {page}");
        }
    }

    #[test]
    fn an_event_index_stands_before_the_field() {
        let refusal = Refusal::new(Code::MissingField, "no subject").at("subject").of_event(3);
        assert_eq!((refusal.field.as_str(), refusal.event_index), ("events[3].subject", 3));
        assert_eq!(Refusal::new(Code::VoidTarget, "x").of_event(0).field, "events[0]");
    }
}
