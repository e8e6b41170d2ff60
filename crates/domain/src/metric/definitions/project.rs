//! New projects (项目): zone-wide assessment, linked approval, joint drawing review (一化四联, domain.md S16 to S18).

use super::{KIND, MetricDef, Shape, UNIT, UNIT_KIND, def};

pub(in crate::metric) static ZONE_REUSE: MetricDef = def(
    "zone_reuse",
    ["区域评估成果应用率", "Zone-wide assessments used"],
    Shape::Coverage,
    [
        "pairs in which the project used an assessment of its zone of that kind, one that was valid on the day, and was not asked for one of its own afterwards",
        "pairs of a project and a kind of assessment of which its zone has one that may be used on the night",
        "excluded: the last of what was done about it is a demand for an assessment of its own, for a reason of zone_exceptions, or when the zone had none that could be used",
    ],
    KIND,
    "domain.md S16",
);

pub(in crate::metric) static LINKED_COVER: MetricDef = def(
    "linked_cover",
    ["一化四联覆盖率", "Linked procedures done for new projects"],
    Shape::Rate,
    [
        "those with the procedure done: an assessment of the zone used (zone), a session held by video (remote), a review of drawings over (drawing), a visit to the site with all units that had to look (inspection), a joint acceptance concluded, else decided (acceptance)",
        "procedures that the registrations of projects name, by the first day as a new project, else the day of the first registration",
        "unknown: the project has not come to that stage, and its joint acceptance is not over; nobody said who had to look at the site; excluded: a separate assessment was asked for on reasons of zone_exceptions alone",
    ],
    KIND,
    "domain.md S16",
);

pub(in crate::metric) static REMOTE_SHARE: MetricDef = def(
    "remote_share",
    ["远程联动审批率", "Linked sessions held by video"],
    Shape::Rate,
    ["those held by video", "linked sessions of the period", ""],
    UNIT,
    "domain.md S17",
);

pub(in crate::metric) static REMOTE_OPINION_ON_TIME: MetricDef = def(
    "remote_opinion_on_time",
    ["远程审批意见按时率", "Opinions in time after a session by video"],
    Shape::Rate,
    [
        "those given on or before the last day",
        "opinions of invited units whose last day, remote_opinion_wd after the session, is in the period and on or before valid_on; the value of a late one is its working days over",
        "sessions held in one place are no members; unknown, in the period of the session: days without a calendar",
    ],
    UNIT,
    "domain.md S17",
);

pub(in crate::metric) static DRAWING_ROUNDS: MetricDef = def(
    "drawing_rounds",
    ["施工图审查轮次", "Rounds of drawing review"],
    Shape::Distribution,
    [
        "versions reviewed until the review of a set is over, on the day of the conclusion that ends it",
        "",
        "sets still under review",
    ],
    UNIT,
    "domain.md S18",
);

pub(in crate::metric) static DRAWING_LATE_POINTS: MetricDef = def(
    "drawing_late_points",
    ["施工图审查新增意见数", "Late points of drawing review"],
    Shape::Sum,
    [
        "points that an opinion of the second round or later raises for the first time on a sheet that had not changed since the round before, by specialty, on the day of the opinion",
        "",
        "unknown: which sheets had changed is not stated. Shown apart from one_time_rate; nobody is held liable by it",
    ],
    UNIT_KIND,
    "domain.md S18",
);
