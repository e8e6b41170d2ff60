//! Visits and how a case came in (跑一次, domain.md S22, 3.3).

use super::{CASE, CASE_KIND, MetricDef, Shape, def};

pub(in crate::metric) static VISIT_RATE_CASE: MetricDef = def(
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

pub(in crate::metric) static VISIT_SHARE_0: MetricDef = def(
    "visit_share_0",
    ["零跑腿办件占比", "Cases without a visit"],
    Shape::Rate,
    ["those without a required visit up to delivery", "cases completed in the period", "as visit_rate_case"],
    CASE,
    "domain.md S22, 3.3",
);

pub(in crate::metric) static VISIT_SHARE_1: MetricDef = def(
    "visit_share_1",
    ["一次跑腿办件占比", "Cases with exactly one visit"],
    Shape::Rate,
    ["those with exactly one required visit up to delivery", "cases completed in the period", "as visit_rate_case"],
    CASE,
    "domain.md S22, 3.3",
);

pub(in crate::metric) static GOV_FAULT_VISITS: MetricDef = def(
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

pub(in crate::metric) static ONLINE_RATE: MetricDef = def(
    "online_rate",
    ["网上受理率", "Received online"],
    Shape::Rate,
    ["those received online", "cases received in the period", "unknown: no channel stated"],
    CASE,
    "domain.md S22",
);
