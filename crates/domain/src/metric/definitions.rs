//! What each metric is, in words.
//!
//! Promises: what stands here is what the standings do; `docs/metrics.md` says it at more length. A definition is never edited
//! once figures were published under its version.

/// What kind of figure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Numerator ÷ (numerator + denominator only), over members that count in the period.
    Rate,
    /// Members that count in the period.
    Count,
    /// Members on a night.
    State,
    /// Numerator ÷ (numerator + denominator only), over members of a night.
    Coverage,
    /// Working days of the period on which something holds ÷ its working days.
    Days,
    /// Median, p90 and maximum of the values.
    Distribution,
    /// Sum of the values.
    Sum,
    /// 100 × numerators ÷ denominators; a numerator is no denominator.
    Per100,
    /// Mean of the values, over members of a night.
    Mean,
    /// 1 − sum of the numerators' values ÷ sum of the denominators', over members of a night; a numerator is no denominator.
    Reduction,
}

impl Shape {
    /// The code that `ListMetrics` shows.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::Count => "count",
            Self::State => "state",
            Self::Coverage => "coverage",
            Self::Days => "days",
            Self::Distribution => "distribution",
            Self::Sum => "sum",
            Self::Per100 => "per_100",
            Self::Mean => "mean",
            Self::Reduction => "reduction",
        }
    }

    /// Asked of one night (`valid` holds it), not of a period (`counts_on` lies in it).
    pub const fn is_of_a_night(self) -> bool {
        matches!(self, Self::State | Self::Coverage | Self::Mean | Self::Reduction)
    }
}

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricDef {
    /// The id that questions name.
    pub id: &'static str,
    /// Version of the formula.
    pub version: u32,
    /// Chinese name.
    pub zh: &'static str,
    /// English name.
    pub en: &'static str,
    /// What kind of figure.
    pub shape: Shape,
    /// What is counted.
    pub numerator: &'static str,
    /// Out of what; empty for counts.
    pub denominator: &'static str,
    /// What is left out and what is unknown.
    pub exclusions: &'static str,
    /// Dimensions it can be asked by.
    pub dimensions: &'static [&'static str],
    /// Paragraph of the domain page or the law it rests on.
    pub source: &'static str,
    /// Has no legal meaning.
    pub diagnostic: bool,
}

const CASE: &[&str] = &["unit", "item", "staff", "window", "channel"];
const CASE_KIND: &[&str] = &["unit", "item", "staff", "window", "channel", "kind"];
const CONTACT: &[&str] = &["unit", "staff", "window", "channel", "kind"];
const ITEM: &[&str] = &["unit", "item"];
const ITEM_KIND: &[&str] = &["unit", "item", "kind"];
const KIND: &[&str] = &["kind"];

/// A definition of version 1: id, names, shape, [numerator, denominator, exclusions], dimensions, source.
const fn def(
    id: &'static str,
    names: [&'static str; 2],
    shape: Shape,
    words: [&'static str; 3],
    dimensions: &'static [&'static str],
    source: &'static str,
) -> MetricDef {
    let [zh, en] = names;
    let [numerator, denominator, exclusions] = words;
    MetricDef { id, version: 1, zh, en, shape, numerator, denominator, exclusions, dimensions, source, diagnostic: false }
}

/// A definition of a figure without legal meaning.
const fn diagnostic(id: &'static str, names: [&'static str; 2], shape: Shape, words: [&'static str; 3]) -> MetricDef {
    MetricDef { diagnostic: true, ..def(id, names, shape, words, KIND, "none: a diagnosis of the record") }
}

pub(super) static BACKLOG_PROMISED: MetricDef = def(
    "backlog_promised",
    ["承诺时限积压", "Backlog past the promised limit"],
    Shape::State,
    [
        "accepted, not decided, withdrawn or terminated, not in a pause that began on time, and the night is after the promised due date",
        "",
        "unknown: no item version or no promised limit; the answer rests on days without a calendar",
    ],
    CASE,
    "domain.md 3.1; C2, C7, C8, C10, C11",
);

pub(super) static BACKLOG_STATUTORY: MetricDef = def(
    "backlog_statutory",
    ["法定时限积压", "Backlog past the statutory limit"],
    Shape::State,
    ["as backlog_promised, with the statutory due date", "", "as backlog_promised, with the statutory limit"],
    CASE,
    "domain.md 3.1; 行政许可法 art. 42, 45",
);

pub(super) static BACKLOG_RECEIPT: MetricDef = def(
    "backlog_receipt",
    ["收件积压", "Backlog past the receipt window"],
    Shape::State,
    [
        "received, no outcome, no correction pending after a notice given in time, and more than five working days since receipt or the last correction; also where it is deemed accepted",
        "",
        "unknown: the five working days rest on days without a calendar",
    ],
    CASE,
    "domain.md 3.1; C6; 行政许可法 art. 32(1)(4)",
);

pub(super) static BACKLOG_DELIVERY: MetricDef = def(
    "backlog_delivery",
    ["送达积压", "Backlog of delivery"],
    Shape::State,
    [
        "decided pass, not delivered, and more than ten working days since the decision",
        "",
        "revoked and reopened cases; unknown: the ten working days rest on days without a calendar",
    ],
    CASE,
    "domain.md 3.1, C4; 行政许可法 art. 44",
);

pub(super) static ON_TIME_RATE_PROMISED: MetricDef = def(
    "on_time_rate_promised",
    ["承诺时限按时办结率", "On time by the promised limit"],
    Shape::Rate,
    [
        "those decided on or before the final promised due date (a refusal is a decision)",
        "accepted cases (also deemed) whose final promised due date is in the period and on or before valid_on",
        "excluded: withdrawn or terminated on or before the due date; unknown, in the period of receipt: no version, no limit, an open pause, days without a calendar",
    ],
    CASE,
    "domain.md 3, 3.1; C1–C3, C5–C12, C15",
);

pub(super) static ON_TIME_RATE_STATUTORY: MetricDef = def(
    "on_time_rate_statutory",
    ["法定时限按时办结率", "On time by the statutory limit"],
    Shape::Rate,
    [
        "those decided on or before the final statutory due date (a refusal is a decision)",
        "accepted cases (also deemed) whose final statutory due date is in the period and on or before valid_on",
        "as on_time_rate_promised",
    ],
    CASE,
    "domain.md 3, 3.1; 行政许可法 art. 42, 45",
);

pub(super) static CLOSED_ON_TIME: MetricDef = def(
    "closed_on_time",
    ["按决定日期统计的按时率", "Closed on time, by day of decision"],
    Shape::Rate,
    [
        "those decided on or before the promised due date",
        "accepted cases decided in the period",
        "unknown: the due date is unknown or rests on days without a calendar",
    ],
    CASE,
    "domain.md 3.1",
);

pub(super) static PROMISES_OVERDUE: MetricDef = MetricDef {
    version: 2,
    ..def(
        "promises_overdue",
        ["逾期未履行的承诺", "Promises open past due"],
        Shape::State,
        [
            "promises open past due, by kind; so far first_ask: a contact without reply after its due date, and tolerance: something missing and not accepted after its last day, not closed",
            "",
            "a contact refused with an explanation on a ground of refusal_grounds_ok; a tolerance of a case that ended without a pass; unknown: no reply date was promised and the longest one has not passed",
        ],
        CASE_KIND,
        "domain.md 3.1, 3.2, 3.5",
    )
};

pub(super) static ZERO_BACKLOG_DAYS: MetricDef = def(
    "zero_backlog_days",
    ["零积压天数", "Zero-backlog days"],
    Shape::Days,
    [
        "working days on whose night no part of zero_backlog_parts had a member",
        "working days of the period, up to valid_on; where it has no first day, of the month of its last",
        "unknown: a working day with unknown members and no backlog",
    ],
    CASE,
    "domain.md 3.1",
);

pub(super) static FIRST_ASK_RATE: MetricDef = def(
    "first_ask_rate",
    ["首问负责率", "First-ask responsibility kept"],
    Shape::Rate,
    [
        "those replied to by due, and held by the first person or accepted by a named person at the end of the chain",
        "contacts whose due date (the earlier of the promised date and receipt + first_ask_max_wd) is in the period and on or before valid_on",
        "unknown, in the period of receipt: no date promised, unless answered or replied on the day of receipt without a hand-over; the longest date rests on days without a calendar",
    ],
    CONTACT,
    "domain.md S6, 3.2",
);

pub(super) static FIRST_ASK_REFUSED: MetricDef = def(
    "first_ask_refused",
    ["推诿拒绝（服务受理零推托）", "Refused or bounced (zero refusal)"],
    Shape::Count,
    [
        "contacts bounced or refused, substantiated findings of kind refused, application_refused or bounced, and applications not accepted on an unlisted ground; each contact or application once, on the day of its first qualifying event",
        "",
        "refusals explained on a ground of refusal_grounds_ok; NotAccepted on a ground of not_accepted_grounds",
    ],
    CASE_KIND,
    "domain.md S6, S33, 3.2",
);

pub(super) static FIRST_ASK_BREACHES: MetricDef = def(
    "first_ask_breaches",
    ["首问违规查实率", "First-ask breaches substantiated"],
    Shape::Rate,
    [
        "allegations substantiated",
        "allegations with a finding that they are true or not, on the day alleged",
        "unknown: no finding yet (open), and found unverifiable",
    ],
    CONTACT,
    "domain.md S6, 3.2",
);

pub(super) static FIRST_ASK_REPLY_WD: MetricDef = def(
    "first_ask_reply_wd",
    ["首问答复工作日", "Working days to the reply"],
    Shape::Distribution,
    ["W(received, replied] of contacts replied to in the period", "", "contacts without a reply; unknown: days without a calendar"],
    CONTACT,
    "domain.md 3.2",
);

pub(super) static VISIT_RATE_ITEM: MetricDef = def(
    "visit_rate_item",
    ["最多跑一次事项占比", "Items that promise at most one visit"],
    Shape::Coverage,
    [
        "items whose published number of visits (到办事现场次数) is at most one",
        "items in force on the night",
        "unknown: no number published",
    ],
    ITEM,
    "domain.md S22, 3.3",
);

pub(super) static ITEM_COUNT: MetricDef = def(
    "item_count",
    ["在用事项数", "Items in force"],
    Shape::State,
    ["items in force on the night, by type", "", ""],
    ITEM_KIND,
    "domain.md S23",
);

pub(super) static ITEM_ONLINE: MetricDef = def(
    "item_online",
    ["事项网上可办率", "Items handled online"],
    Shape::Coverage,
    [
        "those that can be handled online",
        "permits and public services in force on the night, by type",
        "items of other types are no members; unknown: no type published",
    ],
    ITEM_KIND,
    "domain.md S22",
);

pub(super) static ITEM_PUBLISHED: MetricDef = def(
    "item_published",
    ["事项公开率", "Items published on every channel"],
    Shape::Coverage,
    ["those whose version in force is posted on every channel of item_channels", "items in force on the night, by type", ""],
    ITEM_KIND,
    "domain.md S14",
);

pub(super) static FLOWS_BY_DEADLINE: MetricDef = def(
    "flows_by_deadline",
    ["办理流程按期公开率", "Flows published by the deadline"],
    Shape::Rate,
    [
        "those whose version in force was posted on every channel of item_channels by the end of the deadline",
        "items in force on the deadline, the day that milestones names for `flows` as in force on that day; a period counts the deadlines in it",
        "",
    ],
    ITEM_KIND,
    "domain.md S14",
);

pub(super) static MEAN_MATERIALS: MetricDef = def(
    "mean_materials",
    ["事项平均材料数", "Materials of an item"],
    Shape::Mean,
    ["materials of each item in force on the night; one that several steps ask for is one", "", "unknown: no steps published"],
    ITEM_KIND,
    "domain.md S23",
);

pub(super) static MEAN_STEPS: MetricDef = def(
    "mean_steps",
    ["事项平均环节数", "Steps of an item"],
    Shape::Mean,
    ["steps of each item in force on the night", "", "unknown: no steps published"],
    ITEM_KIND,
    "domain.md S23",
);

pub(super) static COMPRESSION: MetricDef = def(
    "compression",
    ["承诺时限压缩率", "Promised below statutory limits"],
    Shape::Reduction,
    [
        "promised limits of the items in force on the night, in working days",
        "their statutory limits, in working days",
        "excluded: a limit in another unit; unknown: no promised or no statutory limit",
    ],
    ITEM_KIND,
    "domain.md S23; C3",
);

pub(super) static VISIT_RATE_CASE: MetricDef = def(
    "visit_rate_case",
    ["最多跑一次办件占比", "Cases with at most one visit"],
    Shape::Rate,
    [
        "those with at most one required visit up to delivery",
        "cases completed in the period",
        "visits of agents, consultations and voluntary calls do not count; provisional until delivered",
    ],
    CASE,
    "domain.md S22, 3.3",
);

pub(super) static VISIT_SHARE_0: MetricDef = def(
    "visit_share_0",
    ["零跑腿办件占比", "Cases without a visit"],
    Shape::Rate,
    ["those without a required visit up to delivery", "cases completed in the period", "as visit_rate_case"],
    CASE,
    "domain.md S22, 3.3",
);

pub(super) static VISIT_SHARE_1: MetricDef = def(
    "visit_share_1",
    ["一次跑腿办件占比", "Cases with exactly one visit"],
    Shape::Rate,
    ["those with exactly one required visit up to delivery", "cases completed in the period", "as visit_rate_case"],
    CASE,
    "domain.md S22, 3.3",
);

pub(super) static GOV_FAULT_VISITS: MetricDef = def(
    "gov_fault_visits",
    ["每百件政府原因跑动次数", "Visits the government caused, per 100 cases"],
    Shape::Per100,
    [
        "required visits up to delivery of the cases completed in the period whose cause is the government's fault, each once for each case, by cause",
        "cases completed in the period",
        "as visit_rate_case",
    ],
    CASE_KIND,
    "domain.md S22, 3.3",
);

pub(super) static ONLINE_RATE: MetricDef = def(
    "online_rate",
    ["网上受理率", "Received online"],
    Shape::Rate,
    ["those received online", "cases received in the period", "unknown: no channel stated"],
    CASE,
    "domain.md S22",
);

pub(super) static ONE_TIME_RATE: MetricDef = def(
    "one_time_rate",
    ["一次性告知率", "Told in one go"],
    Shape::Rate,
    [
        "those without a breach",
        "cases with a notice, or a substantiated breach, whose correction phase ended in the period; by first breach",
        "unknown: no item version, where only the list of materials could show a breach; lateness that rests on days without a calendar",
    ],
    CASE_KIND,
    "domain.md S13, 3.4; 行政许可法 art. 32(1)(4)",
);

pub(super) static OFF_LIST_DEMAND: MetricDef = def(
    "off_list_demand",
    ["清单外要件索要率", "Notices asking for unlisted material"],
    Shape::Rate,
    [
        "those asking for a material absent from the pinned item version, where neither the law nor the request changed",
        "notices given on cases in the period",
        "notices on consultations; unknown: no item version, and a material is asked for",
    ],
    CASE,
    "domain.md S14, 3.4; 行政许可法 art. 30, 31",
);

pub(super) static NOTICE_IN_TIME: MetricDef = def(
    "notice_in_time",
    ["告知及时率", "First notices in time"],
    Shape::Rate,
    [
        "those with W(receipt, notice] of at most five working days",
        "first notices given in the period",
        "unknown: whether it is more than five rests on days without a calendar",
    ],
    CASE,
    "domain.md S13, 3.4; 行政许可法 art. 32(1)(4)",
);

pub(super) static TOLERANCE_LIST_COVERAGE: MetricDef = def(
    "tolerance_list_coverage",
    ["容缺清单覆盖率", "Permits with a tolerance list"],
    Shape::Coverage,
    [
        "those with a tolerance list that names a material of the version in force",
        "permits in force",
        "unknown: the type of the item is not stated. Other types are no members",
    ],
    ITEM,
    "domain.md S21",
);

pub(super) static TOLERANCE_UPTAKE: MetricDef = def(
    "tolerance_uptake",
    ["容缺受理率", "Tolerance where it could be"],
    Shape::Rate,
    [
        "those granted",
        "cases with nothing missing but what the item's tolerance list names: granted, or asked for by a plain notice; by day of the first of the two",
        "excluded: grants for what stands on no list; unknown: the source does not say what was handed in. Immediate items are no members",
    ],
    CASE,
    "domain.md S21, 3.5",
);

pub(super) static TOLERANCE_FULFILMENT: MetricDef = def(
    "tolerance_fulfilment",
    ["容缺按期补齐率", "Tolerances made good in time"],
    Shape::Rate,
    [
        "those with everything accepted on or before the last day; what arrived is not accepted yet",
        "grants whose last day, as extended in time, lies in the period; the value of a late one is its working days over",
        "excluded: withdrawn, or the case ended without a pass, on or before the last day",
    ],
    CASE,
    "domain.md S21, 3.5",
);

pub(super) static DIAG_CASES: MetricDef = diagnostic(
    "diag_cases",
    ["办件数（诊断）", "Cases"],
    Shape::Count,
    ["cases with a source event, by day of the first one", "", ""],
);

pub(super) static DIAG_SOURCE_EVENTS: MetricDef = diagnostic(
    "diag_source_events",
    ["来源事件数（诊断）", "Source events"],
    Shape::Sum,
    ["source events of the cases", "", "begin and end of a trace that an import adds; voided events"],
);

pub(super) static DIAG_OPEN_CASES: MetricDef = diagnostic(
    "diag_open_cases",
    ["在办数（诊断）", "Open cases"],
    Shape::State,
    ["first source event ≤ instant < last source event, at the instant that ends the night's date", "", ""],
);

pub(super) static DIAG_CASES_WITH: MetricDef = diagnostic(
    "diag_cases_with",
    ["含某类事件的办件数（诊断）", "Cases with an event of a type"],
    Shape::Count,
    ["cases with a source event of the type, by day of the first of that type", "", ""],
);

pub(super) static DIAG_NOTICES_ANSWERED: MetricDef = diagnostic(
    "diag_notices_answered",
    ["已补正的告知（诊断）", "Notices answered"],
    Shape::Count,
    ["notices with a correction at or after them that answers no earlier notice", "", ""],
);

pub(super) static DIAG_NOTICES_UNANSWERED: MetricDef = diagnostic(
    "diag_notices_unanswered",
    ["未补正的告知（诊断）", "Notices unanswered"],
    Shape::Count,
    ["notices without such a correction", "", ""],
);

pub(super) static DIAG_CORRECTION_SECONDS: MetricDef = diagnostic(
    "diag_correction_seconds",
    ["补正历时秒数（诊断）", "Seconds to the correction"],
    Shape::Sum,
    ["seconds from each answered notice to its correction", "", "unanswered notices"],
);
