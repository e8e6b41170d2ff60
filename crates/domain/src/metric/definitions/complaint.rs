//! Complaints to the hotline (评议热线, domain.md S8, 3.7). They are figures of sealed logs.

use super::{COMPLAINT, MetricDef, Shape, def};

pub(in crate::metric) static COMPLAINT_ACCEPTED: MetricDef = def(
    "complaint_accepted",
    ["投诉受理率", "Complaints accepted"],
    Shape::Rate,
    ["complaints accepted", "complaints received in the period", "praise and suggestions; further complaints on the same matter"],
    COMPLAINT,
    "domain.md S8, 3.7",
);

pub(in crate::metric) static COMPLAINT_ON_TIME: MetricDef = def(
    "complaint_on_time",
    ["投诉按期办结率", "Complaints closed in time"],
    Shape::Rate,
    [
        "complaints closed on or before due",
        "complaints whose due date (the earlier of the promised date and receipt + complaint_wd, after the first extension in time by at most complaint_ext_wd) is in the period and on or before valid_on",
        "praise and suggestions; further complaints on the same matter; excluded: taken back on or before due; unknown: the due date rests on days without a calendar",
    ],
    COMPLAINT,
    "domain.md S8, 3.7",
);

pub(in crate::metric) static SUBSTANTIATED_RATE: MetricDef = def(
    "substantiated_rate",
    ["投诉查实率", "Complaints substantiated"],
    Shape::Rate,
    [
        "complaints found substantiated",
        "complaints found substantiated or unsubstantiated, by the day of the latest finding",
        "praise and suggestions; further complaints on the same matter; complaints without a finding, also those taken back; unknown: found unverifiable",
    ],
    COMPLAINT,
    "domain.md S8, 3.7",
);

pub(in crate::metric) static COMPLAINT_REPEATS: MetricDef = def(
    "complaint_repeats",
    ["重复投诉数", "Repeated complaints"],
    Shape::Count,
    ["further complaints on the same matter, received in the period", "", "praise and suggestions"],
    COMPLAINT,
    "domain.md 3.7",
);

pub(in crate::metric) static COMPLAINT_TRANSFERS: MetricDef = def(
    "complaint_transfers",
    ["投诉转交数", "Complaints transferred"],
    Shape::Count,
    ["transfers in the period, of the unit that has to answer", "", ""],
    COMPLAINT,
    "domain.md S8",
);
