//! Diagnoses of the record, without legal meaning.

use super::{MetricDef, Shape, diagnostic};

pub(in crate::metric) static DIAG_CASES: MetricDef = diagnostic(
    "diag_cases",
    ["办件数（诊断）", "Cases"],
    Shape::Count,
    ["cases with a source event, by day of the first one", "", ""],
);

pub(in crate::metric) static DIAG_SOURCE_EVENTS: MetricDef = diagnostic(
    "diag_source_events",
    ["来源事件数（诊断）", "Source events"],
    Shape::Sum,
    ["source events of the cases", "", "begin and end of a trace that an import adds; voided events"],
);

pub(in crate::metric) static DIAG_OPEN_CASES: MetricDef = diagnostic(
    "diag_open_cases",
    ["在办数（诊断）", "Open cases"],
    Shape::State,
    ["first source event ≤ instant < last source event, at the instant that ends the night's date", "", ""],
);

pub(in crate::metric) static DIAG_CASES_WITH: MetricDef = diagnostic(
    "diag_cases_with",
    ["含某类事件的办件数（诊断）", "Cases with an event of a type"],
    Shape::Count,
    ["cases with a source event of the type, by day of the first of that type", "", ""],
);

pub(in crate::metric) static DIAG_NOTICES_ANSWERED: MetricDef = diagnostic(
    "diag_notices_answered",
    ["已补正的告知（诊断）", "Notices answered"],
    Shape::Count,
    ["notices with a correction at or after them that answers no earlier notice", "", ""],
);

pub(in crate::metric) static DIAG_NOTICES_UNANSWERED: MetricDef = diagnostic(
    "diag_notices_unanswered",
    ["未补正的告知（诊断）", "Notices unanswered"],
    Shape::Count,
    ["notices without such a correction", "", ""],
);

pub(in crate::metric) static DIAG_CORRECTION_SECONDS: MetricDef = diagnostic(
    "diag_correction_seconds",
    ["补正历时秒数（诊断）", "Seconds to the correction"],
    Shape::Sum,
    ["seconds from each answered notice to its correction", "", "unanswered notices"],
);
