//! Metrics: what is counted, and where each thing stands in it.
//!
//! Every figure is evaluated from [standings]: a pure function says of one thing (case, contact, item, official) where it
//! stands in each metric, and on which days. Counting them over many things, and at a known time, is left to the projections;
//! [`value`] says what a figure is, given the counts.
//!
//! To add a metric: its definition, a line in [`metrics!`], its standings in the file of its thing, a line in `docs/metrics.md`
//! (a test holds the lists together). The version of a formula is never edited: a changed formula is a new version.
//!
//! [standings]: Standing

mod breach;
mod case;
mod case_joint;
mod case_notice;
mod case_tolerance;
mod case_visit;
mod case_window;
pub mod city_rank;
mod complaint;
mod contact;
mod correction;
mod definitions;
mod diag;
mod item;
mod staff;
mod item_limit;
mod project;
mod project_linked;
mod project_zone;
pub mod small;
mod standing;
#[cfg(test)]
mod tests;
mod timeline;
mod value;

pub use definitions::{MetricDef, Shape};
pub use diag::{diag_standings, is_source_event};
pub(crate) use item_limit::is_longer;
pub use standing::{Days, Dims, KINDS, Place, Seen, Standing, seen, standings};
pub use value::{Quantiles, Sums, Tally, denominator, quantiles, value};

macro_rules! metrics {
    ($($variant:ident $def:ident;)*) => {
        /// A metric. The order is that of the pages and of a canonical list of standings.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Metric { $(#[allow(missing_docs)] $variant,)* }

        impl Metric {
            /// Every metric there is, in order.
            pub const ALL: &'static [Metric] = &[$(Metric::$variant,)*];

            /// What it is, in words.
            pub const fn def(self) -> &'static MetricDef {
                match self { $(Metric::$variant => &definitions::$def,)* }
            }
        }
    };
}

impl Metric {
    /// The id that questions name.
    pub const fn id(self) -> &'static str {
        self.def().id
    }

    /// Whether it is a figure of complaints, which leaves a sealed log only where no count is small (S8).
    pub const fn is_of_complaints(self) -> bool {
        use Metric::{ComplaintAccepted, ComplaintOnTime, ComplaintRepeats, ComplaintTransfers, SubstantiatedRate};
        matches!(self, ComplaintAccepted | ComplaintOnTime | SubstantiatedRate | ComplaintRepeats | ComplaintTransfers)
    }

    /// The metric of an id.
    pub fn by_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|metric| metric.id() == id)
    }
}

metrics! {
    BacklogPromised BACKLOG_PROMISED;
    BacklogStatutory BACKLOG_STATUTORY;
    BacklogReceipt BACKLOG_RECEIPT;
    BacklogDelivery BACKLOG_DELIVERY;
    OnTimeRatePromised ON_TIME_RATE_PROMISED;
    OnTimeRateStatutory ON_TIME_RATE_STATUTORY;
    ClosedOnTime CLOSED_ON_TIME;
    PromisesOverdue PROMISES_OVERDUE;
    ZeroBacklogDays ZERO_BACKLOG_DAYS;
    FirstAskRate FIRST_ASK_RATE;
    FirstAskRefused FIRST_ASK_REFUSED;
    FirstAskBreaches FIRST_ASK_BREACHES;
    FirstAskReplyWd FIRST_ASK_REPLY_WD;
    VisitRateItem VISIT_RATE_ITEM;
    ItemCount ITEM_COUNT;
    ItemOnline ITEM_ONLINE;
    ItemPublished ITEM_PUBLISHED;
    FlowsByDeadline FLOWS_BY_DEADLINE;
    FlowsConsolidated FLOWS_CONSOLIDATED;
    MeanMaterials MEAN_MATERIALS;
    MeanSteps MEAN_STEPS;
    MeanDays MEAN_DAYS;
    Compression COMPRESSION;
    LimitLengthened LIMIT_LENGTHENED;
    CityRank CITY_RANK;
    VisitRateCase VISIT_RATE_CASE;
    VisitShare0 VISIT_SHARE_0;
    VisitShare1 VISIT_SHARE_1;
    GovFaultVisits GOV_FAULT_VISITS;
    OnlineRate ONLINE_RATE;
    OneTimeRate ONE_TIME_RATE;
    OffListDemand OFF_LIST_DEMAND;
    NoticeInTime NOTICE_IN_TIME;
    BreachLiabilityRate BREACH_LIABILITY_RATE;
    BreachFindingWd BREACH_FINDING_WD;
    OneWindowRate ONE_WINDOW_RATE;
    FirstCheckRate FIRST_CHECK_RATE;
    HandoverGap HANDOVER_GAP;
    WindowTrainingByDeadline WINDOW_TRAINING_BY_DEADLINE;
    TrainingCoverage TRAINING_COVERAGE;
    PostingSelected POSTING_SELECTED;
    HoldingWd HOLDING_WD;
    Corrections CORRECTIONS;
    ToleranceListCoverage TOLERANCE_LIST_COVERAGE;
    ToleranceUptake TOLERANCE_UPTAKE;
    ToleranceFulfilment TOLERANCE_FULFILMENT;
    BacklogMember BACKLOG_MEMBER;
    SubOnTime SUB_ON_TIME;
    JointOnTime JOINT_ON_TIME;
    JointOnTimeOfficial JOINT_ON_TIME_OFFICIAL;
    JointLateCharged JOINT_LATE_CHARGED;
    Elapsed ELAPSED;
    ParallelGain PARALLEL_GAIN;
    CoordinationDays COORDINATION_DAYS;
    JointInspectionRate JOINT_INSPECTION_RATE;
    InspectionOwnTrips INSPECTION_OWN_TRIPS;
    ZoneReuse ZONE_REUSE;
    LinkedCover LINKED_COVER;
    RemoteShare REMOTE_SHARE;
    RemoteOpinionOnTime REMOTE_OPINION_ON_TIME;
    DrawingRounds DRAWING_ROUNDS;
    DrawingLatePoints DRAWING_LATE_POINTS;
    ComplaintAccepted COMPLAINT_ACCEPTED;
    ComplaintOnTime COMPLAINT_ON_TIME;
    SubstantiatedRate SUBSTANTIATED_RATE;
    ComplaintRepeats COMPLAINT_REPEATS;
    ComplaintTransfers COMPLAINT_TRANSFERS;
    DiagCases DIAG_CASES;
    DiagSourceEvents DIAG_SOURCE_EVENTS;
    DiagOpenCases DIAG_OPEN_CASES;
    DiagCasesWith DIAG_CASES_WITH;
    DiagNoticesAnswered DIAG_NOTICES_ANSWERED;
    DiagNoticesUnanswered DIAG_NOTICES_UNANSWERED;
    DiagCorrectionSeconds DIAG_CORRECTION_SECONDS;
}
