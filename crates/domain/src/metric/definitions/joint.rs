//! Joint handling (联审联办) and site inspections (domain.md S19, S20, 3.1, 3.6).

use super::{MetricDef, Shape, def};

/// Of a joint case; `unit` is the member's or the lead's, `kind` the stage.
const JOINT: &[&str] = &["unit", "item", "window", "channel", "kind"];

pub(in crate::metric) static BACKLOG_MEMBER: MetricDef = def(
    "backlog_member",
    ["联办分项积压", "Backlog of joint members"],
    Shape::State,
    [
        "parts of joint cases without an opinion, where the case is open and not concluded, the part is not in a pause that began in time, and the night is after its own due date; borne by the member",
        "",
        "parts whose silence has agreed; unknown: no sub-limit; the answer rests on days without a calendar",
    ],
    JOINT,
    "domain.md 3.1; C14",
);

pub(in crate::metric) static SUB_ON_TIME: MetricDef = def(
    "sub_on_time",
    ["联办分项按时率", "Members on time"],
    Shape::Rate,
    [
        "those with an opinion on or before their own due date",
        "parts of joint cases whose due date is in the period and on or before valid_on; silence that agrees is no opinion",
        "excluded: the case ended or was concluded on or before the due date without the opinion; unknown, in the period of the opening: no sub-limit, an open pause, days without a calendar",
    ],
    JOINT,
    "domain.md 3.6; C14",
);

pub(in crate::metric) static JOINT_ON_TIME: MetricDef = def(
    "joint_on_time",
    ["联办按时办结率", "Joint cases on time"],
    Shape::Rate,
    [
        "those concluded (else decided) on or before the promised due date of the whole",
        "joint cases whose promised due date, by the internal rule of joint_clock, is in the period and on or before valid_on",
        "excluded: withdrawn or terminated on or before the due date; unknown, in the period of the opening: no version, no limit, an open pause, days without a calendar",
    ],
    JOINT,
    "domain.md 3.6; C14",
);

pub(in crate::metric) static JOINT_ON_TIME_OFFICIAL: MetricDef = def(
    "joint_on_time_official",
    ["官方口径联办按时办结率", "Joint cases on time, official rule"],
    Shape::Rate,
    [
        "those concluded (else decided) on or before the promised due date of the whole",
        "joint cases whose promised due date, by the official rule of joint_clock, is in the period and on or before valid_on",
        "as joint_on_time",
    ],
    JOINT,
    "domain.md 3.6; C14",
);

pub(in crate::metric) static JOINT_LATE_CHARGED: MetricDef = def(
    "joint_late_charged",
    ["联办超期责任单位", "Charged with late joint cases"],
    Shape::Count,
    [
        "units charged with a joint case that is late in joint_on_time, on its due date: members late on their own clock, else the lead",
        "",
        "as joint_on_time",
    ],
    JOINT,
    "domain.md 3.6",
);

pub(in crate::metric) static ELAPSED: MetricDef = def(
    "elapsed",
    ["联办历时工作日", "Working days of joint cases"],
    Shape::Distribution,
    ["W(accepted, concluded] of joint cases concluded (else decided) in the period", "", "unknown: days without a calendar"],
    JOINT,
    "domain.md 3.6",
);

pub(in crate::metric) static PARALLEL_GAIN: MetricDef = def(
    "parallel_gain",
    ["并联办理节约率", "Time gained by working in parallel"],
    Shape::Distribution,
    [
        "1 − elapsed ÷ sum of the members' gross working days, of joint cases concluded (else decided) in the period",
        "",
        "unknown: no member took a working day; days without a calendar",
    ],
    JOINT,
    "domain.md 3.6",
);

pub(in crate::metric) static COORDINATION_DAYS: MetricDef = def(
    "coordination_days",
    ["联办协调工作日", "Working days of coordination"],
    Shape::Distribution,
    [
        "elapsed − the longest member's gross working days, of joint cases concluded (else decided) in the period",
        "",
        "unknown: days without a calendar",
    ],
    JOINT,
    "domain.md 3.6",
);

pub(in crate::metric) static JOINT_INSPECTION_RATE: MetricDef = def(
    "joint_inspection_rate",
    ["联合勘验率", "Site inspections in one trip"],
    Shape::Rate,
    [
        "those in which all units that had to look came in one trip",
        "cases with a visit to the site that two units or more had to make, on the day of the first one held",
        "unknown: scheduled, the day has passed, and none was told to have been held",
    ],
    JOINT,
    "domain.md S19",
);

pub(in crate::metric) static INSPECTION_OWN_TRIPS: MetricDef = def(
    "inspection_own_trips",
    ["单独勘验次数", "Trips of single units after a joint one"],
    Shape::Count,
    [
        "visits to the site by one unit after a joint one of the case, by whether the unit had been absent and came within own_trip_wd of inspection_absent",
        "",
        "",
    ],
    JOINT,
    "domain.md S19",
);
