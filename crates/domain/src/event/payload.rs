//! What each fact says, as far as a rule reads it: one struct or closed list for each message of the contract.

use super::{CodeText, Fact};
use crate::ids::{Identity, Subject};
use jiff::civil::Date;

impl Fact {
    /// Number of the contract that this form came with. A log holds it once its own number is as high (docs/upgrading.md).
    pub fn contract(&self) -> u32 {
        Self::contract_of(self.name())
    }

    /// The same, by the name of the fact.
    pub fn contract_of(name: &str) -> u32 {
        match name {
            "LogRecovered" => 2,
            "ToleranceGranted"
            | "DeficiencyFiled"
            | "DeficiencyMadeGood"
            | "ToleranceExtended"
            | "ToleranceClosed"
            | "ToleranceListPublished" => 3,
            _ => 1,
        }
    }
}

/// Makes an enum of the contract's closed lists, with the codes that metrics and pages show.
macro_rules! code_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $code:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vmeta])* #[allow(missing_docs)] $variant,)* }
        impl $name {
            /// The code that figures and pages show.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }
    };
}

code_enum! {
    /// The unit of a limit (C15).
    LimitUnit { WorkingDay = "working_day", CalendarDay = "calendar_day", Month = "month", Hour = "hour", Immediate = "immediate" }
}

/// A time limit: a number and its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many; 0 where immediate.
    pub n: u32,
    /// Of what.
    pub unit: LimitUnit,
}

impl Limit {
    /// So many working days.
    pub(crate) const fn working_days(n: u32) -> Self {
        Self { n, unit: LimitUnit::WorkingDay }
    }
}

code_enum! {
    /// How a person reached the centre.
    Channel {
        Unknown = "", Window = "window", Online = "online", Phone = "phone", Mail = "mail", Kiosk = "kiosk", Desk = "desk",
        Hotline = "hotline", Other = "other",
    }
}

code_enum! {
    /// What a verification came to.
    Finding { Substantiated = "substantiated", Unsubstantiated = "unsubstantiated", Unverifiable = "unverifiable" }
}

/// 收件.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseReceived {
    /// Item applied for; empty where the source has none.
    pub item_code: CodeText,
    /// Version its materials are pinned to; empty where the source has none.
    pub item_version: CodeText,
    /// How it came in.
    pub channel: Channel,
    /// Receiving window.
    pub window: CodeText,
    /// Codes of the materials handed in.
    pub materials: Vec<CodeText>,
}

code_enum! {
    /// Form of a notice.
    NoticeForm { Unknown = "", Written = "written", Electronic = "electronic", Oral = "oral" }
}

code_enum! {
    /// Why an item stands in a notice.
    NoticeCause {
        First = "first", Unfixed = "unfixed", NewDocument = "new_document", LawChanged = "law_changed",
        RequestChanged = "request_changed",
    }
}

/// One thing to correct.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeItem {
    /// The material.
    pub material: CodeText,
    /// The defect.
    pub defect: CodeText,
    /// Why it is asked now.
    pub cause: NoticeCause,
}

/// 一次性告知.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeGiven {
    /// The sender's id of the notice.
    pub notice_id: CodeText,
    /// How it was given.
    pub form: NoticeForm,
    /// What has to be corrected.
    pub items: Vec<NoticeItem>,
}

/// 补正.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrectionSubmitted {
    /// The notice answered; empty where not linked.
    pub notice_id: CodeText,
    /// Materials handed in.
    pub materials: Vec<CodeText>,
}

/// 不受理 / 不予受理.
#[derive(Debug, Clone, PartialEq)]
pub struct NotAccepted {
    /// Code of the ground.
    pub ground: CodeText,
}

/// 受理.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseAccepted {
    /// By tolerance.
    pub tolerance: bool,
    /// The date promised to the applicant.
    pub promised_due: Option<Date>,
}

/// 容缺受理.
#[derive(Debug, Clone, PartialEq)]
pub struct ToleranceGranted {
    /// What is missing.
    pub missing: Vec<CodeText>,
    /// Last day for it.
    pub promised_on: Date,
    /// The list was handed over in one go.
    pub told: bool,
}

/// 容缺延期.
#[derive(Debug, Clone, PartialEq)]
pub struct ToleranceExtended {
    /// The new last day.
    pub new_on: Date,
}

code_enum! {
    /// What came of a tolerance, as the sender states it.
    ToleranceOutcome { Fulfilled = "fulfilled", Late = "late", Unfulfilled = "unfulfilled", Withdrawn = "withdrawn" }
}

/// 容缺受理清单 of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToleranceList {
    /// The version.
    pub version: CodeText,
    /// Materials that may follow, each with the most working days until it does; 0 is any number.
    pub materials: Vec<(CodeText, u32)>,
}

/// Sent to, or taken by, a department.
#[derive(Debug, Clone, PartialEq)]
pub struct Routed {
    /// The department.
    pub unit: CodeText,
}

/// 移交.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseTransferred {
    /// Who gives.
    pub from: CodeText,
    /// Who takes.
    pub to: CodeText,
}

code_enum! {
    /// Kinds of special procedure; all but the last two are in art. 45 and stop the clock (C7).
    ProcedureKind {
        Hearing = "hearing", Tender = "tender", Auction = "auction", Inspection = "inspection", Testing = "testing",
        Quarantine = "quarantine", Appraisal = "appraisal", ExpertReview = "expert_review", SiteVisit = "site_visit",
        Other = "other",
    }
}

/// 特别程序开始.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcedureStarted {
    /// The sender's id of the procedure.
    pub proc_id: CodeText,
    /// What is done.
    pub kind: ProcedureKind,
    /// The applicant was told in writing (C8).
    pub told: bool,
}

/// 特别程序结束.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcedureEnded {
    /// Which.
    pub proc_id: CodeText,
}

/// 延长审批.
#[derive(Debug, Clone, PartialEq)]
pub struct Extension {
    /// Working days added.
    pub days: u32,
    /// The applicant was told (C5).
    pub told: bool,
}

code_enum! {
    /// What was decided.
    Decision { Pass = "pass", PassWithTolerance = "pass_with_tolerance", Refused = "refused" }
}

/// A step of the sender's own.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseNote {
    /// Its code.
    pub code: CodeText,
}

code_enum! {
    /// Kinds of notice breach (3.4).
    NoticeBreach {
        Late = "late", Incomplete = "incomplete", OffList = "off_list", OralOnly = "oral_only",
        PostAcceptance = "post_acceptance", Unclear = "unclear", Missing = "missing",
    }
}

/// 反映未一次性告知.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeBreachAlleged {
    /// The sender's id of the allegation.
    pub allegation_id: CodeText,
    /// What was wrong.
    pub kind: NoticeBreach,
}

/// What the verifier found.
#[derive(Debug, Clone, PartialEq)]
pub struct NoticeBreachFound {
    /// Which allegation.
    pub allegation_id: CodeText,
    /// What was found.
    pub finding: Finding,
    /// The kind that was found.
    pub kind: NoticeBreach,
}

/// 首问.
#[derive(Debug, Clone, PartialEq)]
pub struct FirstAskReceived {
    /// How the person asked.
    pub channel: Channel,
    /// The reply date promised.
    pub promised_reply_on: Option<Date>,
}

/// 转办.
#[derive(Debug, Clone, PartialEq)]
pub struct HandedOver {
    /// To this unit.
    pub to_unit: CodeText,
    /// To this person; empty is a bare "go elsewhere".
    pub to_staff: CodeText,
}

/// 接办.
#[derive(Debug, Clone, PartialEq)]
pub struct AskAccepted {
    /// The person who took the responsibility.
    pub by_staff: CodeText,
}

/// 拒绝.
#[derive(Debug, Clone, PartialEq)]
pub struct AskRefused {
    /// Code of the ground.
    pub ground: CodeText,
    /// Whether the reason was explained.
    pub explained: bool,
}

code_enum! {
    /// Kinds of first-ask breach (3.2).
    AskBreach {
        Refused = "refused", ApplicationRefused = "application_refused", Bounced = "bounced", Unclear = "unclear",
        Slow = "slow", Late = "late", Rude = "rude",
    }
}

/// 反映首问违规.
#[derive(Debug, Clone, PartialEq)]
pub struct AskBreachAlleged {
    /// The sender's id of the allegation.
    pub allegation_id: CodeText,
    /// What was wrong.
    pub kind: AskBreach,
}

/// What the verifier found.
#[derive(Debug, Clone, PartialEq)]
pub struct AskBreachFound {
    /// Which allegation.
    pub allegation_id: CodeText,
    /// What was found.
    pub finding: Finding,
}

code_enum! {
    /// Who came.
    VisitWho { Applicant = "applicant", Proxy = "proxy", Agent = "agent" }
}

code_enum! {
    /// What a visit was for.
    VisitPurpose {
        Unknown = "", Submit = "submit", Sign = "sign", IdentityCheck = "identity_check", Collect = "collect",
        Correct = "correct", Consult = "consult", Other = "other",
    }
}

code_enum! {
    /// Causes of a visit (3.3).
    VisitCause {
        Unknown = "", NoticeBreach = "notice_breach", WrongGuide = "wrong_guide", WrongReferral = "wrong_referral",
        WindowClosed = "window_closed", SystemDown = "system_down", LostMaterial = "lost_material",
        WrongResult = "wrong_result", JointAskedSeparately = "joint_asked_separately",
        ListedMaterialMissing = "listed_material_missing", RequestChanged = "request_changed",
        LawRequiresPresence = "law_requires_presence", ChoseToCollect = "chose_to_collect",
    }
}

impl VisitCause {
    /// The government's fault (3.3).
    pub const fn is_government(self) -> bool {
        matches!(
            self,
            Self::NoticeBreach
                | Self::WrongGuide
                | Self::WrongReferral
                | Self::WindowClosed
                | Self::SystemDown
                | Self::LostMaterial
                | Self::WrongResult
                | Self::JointAskedSeparately
        )
    }
}

/// 跑动.
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    /// The cases it was for.
    pub cases: Vec<Subject>,
    /// Code of the place.
    pub place: CodeText,
    /// Who came.
    pub who: VisitWho,
    /// What for.
    pub purpose: VisitPurpose,
    /// Whether it was needed.
    pub required: bool,
    /// Why, as the window says.
    pub cause: VisitCause,
}

code_enum! {
    /// Who decided a cause, lowest first.
    Decider { Window = "window", Callback = "callback", Hotline = "hotline", Reviewer = "reviewer", Supervision = "supervision" }
}

/// 跑动原因认定.
#[derive(Debug, Clone, PartialEq)]
pub struct CauseDecided {
    /// The cause.
    pub cause: VisitCause,
    /// Who decided.
    pub decider: Decider,
}

/// 作废.
#[derive(Debug, Clone, PartialEq)]
pub struct Voided {
    /// What does not count.
    pub target: Identity,
    /// The authority; empty where none is named.
    pub authority: CodeText,
}

/// 更正.
#[derive(Debug, Clone, PartialEq)]
pub struct Replaced {
    /// What does not count.
    pub target: Identity,
    /// What holds instead.
    pub by_event: Identity,
    /// The authority; empty where none is named.
    pub authority: CodeText,
}

/// Genesis.
#[derive(Debug, Clone, PartialEq)]
pub struct LogOpened {
    /// Name of the log.
    pub name: CodeText,
    /// Suite of algorithms.
    pub suite: CodeText,
    /// IANA time zone.
    pub time_zone: CodeText,
    /// Number of the contract.
    pub contract: u32,
    /// Simulated time.
    pub synthetic: bool,
}

/// A value of a rule.
#[derive(Debug, Clone, PartialEq)]
pub enum RuleValue {
    /// Days, hours, a count.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// One code.
    Code(CodeText),
    /// A list of codes.
    Codes(Vec<CodeText>),
    /// Numbers by key.
    Table(std::collections::BTreeMap<CodeText, i64>),
}

/// 规则.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleSet {
    /// Which rule.
    pub rule_id: CodeText,
    /// Its value.
    pub value: RuleValue,
    /// First day it holds.
    pub in_force_from: Date,
    /// What sets it.
    pub authority: CodeText,
}

/// 工作日历 of a year.
#[derive(Debug, Clone, PartialEq)]
pub struct CalendarPublished {
    /// The year.
    pub year: i16,
    /// Version of the year.
    pub version: u32,
    /// Days that are not what their weekday says: the day, and whether it is a working day.
    pub days: Vec<(Date, bool)>,
}

/// 单位登记.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitRegistered {
    /// First day of validity.
    pub from: Option<Date>,
}

/// 主要负责人 appointed or relieved.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitHead {
    /// Opaque id of the person.
    pub person_id: CodeText,
    /// First day; the event's own where none is given.
    pub from: Option<Date>,
}

/// A material of an item's step.
#[derive(Debug, Clone, PartialEq)]
pub struct Material {
    /// Its code.
    pub code: CodeText,
    /// Whether it is needed.
    pub required: bool,
    /// Whether a gap may be tolerated.
    pub tolerance_ok: bool,
}

code_enum! {
    /// 事项类型.
    ItemType {
        Unknown = "", Permit = "permit", Penalty = "penalty", Enforcement = "enforcement", Levy = "levy", Benefit = "benefit",
        Inspection = "inspection", Confirmation = "confirmation", Reward = "reward", Ruling = "ruling", Other = "other",
        PublicService = "public_service",
    }
}

/// 事项版本.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemVersion {
    /// Its version.
    pub version: CodeText,
    /// What kind of item.
    pub item_type: ItemType,
    /// Lead unit.
    pub lead_unit: CodeText,
    /// It can be handled online.
    pub online: bool,
    /// Number of its steps; 0 where none are published.
    pub steps: u32,
    /// Materials of all steps.
    pub materials: Vec<Material>,
    /// 法定时限.
    pub statutory: Option<Limit>,
    /// 承诺时限.
    pub promised: Option<Limit>,
    /// Silence within the receipt window accepts.
    pub deemed_acceptance: bool,
    /// 到办事现场次数.
    pub visit_limit: Option<u32>,
    /// First day in force.
    pub in_force_from: Date,
}

/// 事项公开.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemPosted {
    /// The version.
    pub version: CodeText,
    /// Code of the channel.
    pub channel: CodeText,
}
