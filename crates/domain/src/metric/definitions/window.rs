//! Windows, the people at them, the hands a case goes through, and what is corrected (domain.md S10, S13, S15, 3.9).

use super::{CASE, CASE_KIND, MetricDef, STAFF, Shape, def};

pub(in crate::metric) static BREACH_LIABILITY_RATE: MetricDef = def(
    "breach_liability_rate",
    ["告知违规追责率", "Verified notice breaches with liability"],
    Shape::Rate,
    [
        "those for which somebody was held liable within liability_wd working days of the finding",
        "notice breaches found true in a scope of notice_scope, by the last day for liability; the value of a late one is its working days over",
        "excluded: breaches in another scope (consultations, other ways in); unknown: how the case came in is not stated; the limit rests on days without a calendar, on the day of the finding",
    ],
    CASE_KIND,
    "domain.md S13",
);

pub(in crate::metric) static BREACH_FINDING_WD: MetricDef = def(
    "breach_finding_wd",
    ["告知违规核实工作日", "Working days to the finding"],
    Shape::Distribution,
    [
        "W(alleged, found] of the notice breaches alleged whose first finding is in the period, whatever it says",
        "",
        "unknown: no finding yet (open), on the day alleged; days without a calendar",
    ],
    CASE_KIND,
    "domain.md S13",
);

pub(in crate::metric) static ONE_WINDOW_RATE: MetricDef = def(
    "one_window_rate",
    ["一窗受理率", "Received at a general window"],
    Shape::Rate,
    [
        "those received at a general window",
        "cases received in a hall in the period, of items that a general window takes on that day",
        "cases that came in otherwise are no members; unknown: the way in or the window is not stated, or the window is not set up on that day",
    ],
    CASE,
    "domain.md S15",
);

pub(in crate::metric) static FIRST_CHECK_RATE: MetricDef = def(
    "first_check_rate",
    ["窗口初审率", "First check at the receiving window"],
    Shape::Rate,
    [
        "those whose first check was at the window that received them",
        "cases received at general windows in the period",
        "unknown: as one_window_rate, or the first check names no window",
    ],
    CASE,
    "domain.md S15",
);

pub(in crate::metric) static HANDOVER_GAP: MetricDef = def(
    "handover_gap",
    ["转办接件间隔工作日", "Working days until a department takes a case"],
    Shape::Distribution,
    [
        "W(routed, taken] of every routing to a department that was taken in the period; the unit is the department",
        "",
        "unknown: not taken, on the day of the routing; days without a calendar",
    ],
    CASE,
    "domain.md S15",
);

pub(in crate::metric) static WINDOW_TRAINING_BY_DEADLINE: MetricDef = def(
    "window_training_by_deadline",
    ["窗口人员按期培训率", "Window staff trained by the deadline"],
    Shape::Rate,
    [
        "those who had passed a training by the end of the deadline",
        "persons posted to a window on the deadline, the day that milestones names for `window_training` as in force on that day; by centre; a period counts the deadlines in it",
        "",
    ],
    STAFF,
    "domain.md S15",
);

pub(in crate::metric) static TRAINING_COVERAGE: MetricDef = def(
    "training_coverage",
    ["窗口人员培训覆盖率", "Window staff trained in the period"],
    Shape::Coverage,
    [
        "those who passed a training in the period of training_period that the night lies in, up to that night",
        "persons posted to a window on the night, by centre",
        "",
    ],
    STAFF,
    "domain.md S10",
);

pub(in crate::metric) static POSTING_SELECTED: MetricDef = def(
    "posting_selected",
    ["窗口选派率", "Postings that say why"],
    Shape::Rate,
    ["those that state a basis: attitude, service, skill", "postings to windows in the period, by sending unit", ""],
    STAFF,
    "domain.md S10",
);

pub(in crate::metric) static HOLDING_WD: MetricDef = def(
    "holding_wd",
    ["各单位持件工作日", "Working days each unit held a case"],
    Shape::Sum,
    [
        "working days from acceptance to the outcome of cases with their outcome in the period, by the unit that held the case; the days of a unit to which it was sent wrongly are the sender's",
        "",
        "unknown: days without a calendar",
    ],
    CASE,
    "domain.md 3.9",
);

pub(in crate::metric) static CORRECTIONS: MetricDef = def(
    "corrections",
    ["更正次数", "Corrections of events"],
    Shape::Count,
    [
        "events voided or replaced in the period, by who had posted them, before or after the close; of every kind of stream but the log's own",
        "",
        "corrections that were taken back themselves",
    ],
    CASE_KIND,
    "domain.md 3.9",
);
