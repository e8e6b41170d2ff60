//! Tolerance (容缺, domain.md S21, 3.5).

use super::{CASE, MetricDef, Shape, def};

pub(in crate::metric) static TOLERANCE_UPTAKE: MetricDef = def(
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

pub(in crate::metric) static TOLERANCE_FULFILMENT: MetricDef = def(
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
