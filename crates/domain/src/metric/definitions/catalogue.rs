//! How the catalogue is kept (动态管理): editions, limits, the rank in the city (domain.md S14, S23).

use super::{ITEM_KIND, KIND, MetricDef, Shape, def};

pub(in crate::metric) static FLOWS_CONSOLIDATED: MetricDef = def(
    "flows_consolidated",
    ["办理流程汇编率", "Items in the latest edition of flows"],
    Shape::Coverage,
    ["those that stand in the latest edition by that night", "items in force on the night, by type", ""],
    ITEM_KIND,
    "domain.md S14",
);

pub(in crate::metric) static LIMIT_LENGTHENED: MetricDef = def(
    "limit_lengthened",
    ["悄然延长的承诺时限", "Limits lengthened quietly"],
    Shape::Count,
    [
        "versions that promise longer than the version before them, where no ItemLimitChanged had said so by their first day; by that day",
        "",
        "excluded: said in time; unknown: the two limits are in units that are not compared, or one of the versions states none",
    ],
    ITEM_KIND,
    "domain.md S23",
);

pub(in crate::metric) static MEAN_DAYS: MetricDef = def(
    "mean_days",
    ["事项平均承诺时限", "Promised limit of an item"],
    Shape::Mean,
    [
        "promised limits of the items in force on the night, in working days; an immediate one is none",
        "",
        "excluded: a limit in another unit; unknown: no promised limit",
    ],
    ITEM_KIND,
    "domain.md S23",
);

pub(in crate::metric) static CITY_RANK: MetricDef = def(
    "city_rank",
    ["全市排名", "Rank among the districts of the city"],
    Shape::Rank,
    [
        "districts of peer_districts whose figure on the night is lower than the district's own item_count, mean_materials, mean_steps or mean_days, both in hundredths",
        "districts of peer_districts, by figure",
        "excluded: the district's own figure; unknown: a district without the figure, or no figure of its own. A rank is of one figure of one district",
    ],
    KIND,
    "domain.md S23",
);
