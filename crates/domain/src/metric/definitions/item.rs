//! The catalogue (事项): what is promised, asked for and published (domain.md S14, S21–S23).

use super::{ITEM, ITEM_KIND, MetricDef, Shape, def};

pub(in crate::metric) static VISIT_RATE_ITEM: MetricDef = def(
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

pub(in crate::metric) static ITEM_COUNT: MetricDef = def(
    "item_count",
    ["在用事项数", "Items in force"],
    Shape::State,
    ["items in force on the night, by type", "", ""],
    ITEM_KIND,
    "domain.md S23",
);

pub(in crate::metric) static ITEM_ONLINE: MetricDef = def(
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

pub(in crate::metric) static ITEM_PUBLISHED: MetricDef = def(
    "item_published",
    ["事项公开率", "Items published on every channel"],
    Shape::Coverage,
    ["those whose version in force is posted on every channel of item_channels", "items in force on the night, by type", ""],
    ITEM_KIND,
    "domain.md S14",
);

pub(in crate::metric) static FLOWS_BY_DEADLINE: MetricDef = def(
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

pub(in crate::metric) static MEAN_MATERIALS: MetricDef = def(
    "mean_materials",
    ["事项平均材料数", "Materials of an item"],
    Shape::Mean,
    ["materials of each item in force on the night; one that several steps ask for is one", "", "unknown: no steps published"],
    ITEM_KIND,
    "domain.md S23",
);

pub(in crate::metric) static MEAN_STEPS: MetricDef = def(
    "mean_steps",
    ["事项平均环节数", "Steps of an item"],
    Shape::Mean,
    ["steps of each item in force on the night", "", "unknown: no steps published"],
    ITEM_KIND,
    "domain.md S23",
);

pub(in crate::metric) static COMPRESSION: MetricDef = def(
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

pub(in crate::metric) static TOLERANCE_LIST_COVERAGE: MetricDef = def(
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
