//! Zero backlog (零积压): backlogs, on-time rates, promises past due (domain.md 3.1).

use super::{CASE, CASE_KIND, MetricDef, Shape, def};

pub(in crate::metric) static BACKLOG_PROMISED: MetricDef = def(
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

pub(in crate::metric) static BACKLOG_STATUTORY: MetricDef = def(
    "backlog_statutory",
    ["法定时限积压", "Backlog past the statutory limit"],
    Shape::State,
    ["as backlog_promised, with the statutory due date", "", "as backlog_promised, with the statutory limit"],
    CASE,
    "domain.md 3.1; 行政许可法 art. 42, 45",
);

pub(in crate::metric) static BACKLOG_RECEIPT: MetricDef = def(
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

pub(in crate::metric) static BACKLOG_DELIVERY: MetricDef = def(
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

pub(in crate::metric) static ON_TIME_RATE_PROMISED: MetricDef = def(
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

pub(in crate::metric) static ON_TIME_RATE_STATUTORY: MetricDef = def(
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

pub(in crate::metric) static CLOSED_ON_TIME: MetricDef = def(
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

pub(in crate::metric) static PROMISES_OVERDUE: MetricDef = MetricDef {
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

pub(in crate::metric) static ZERO_BACKLOG_DAYS: MetricDef = def(
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
