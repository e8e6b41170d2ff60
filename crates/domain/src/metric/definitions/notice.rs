//! One-time notification (一次性告知, domain.md S13, 3.4).

use super::{CASE, CASE_KIND, MetricDef, Shape, def};

pub(in crate::metric) static ONE_TIME_RATE: MetricDef = def(
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

pub(in crate::metric) static OFF_LIST_DEMAND: MetricDef = def(
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

pub(in crate::metric) static NOTICE_IN_TIME: MetricDef = def(
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
