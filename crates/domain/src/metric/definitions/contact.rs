//! First-ask responsibility (首问负责, domain.md S6, 3.2).

use super::{CASE_KIND, CONTACT, MetricDef, Shape, def};

pub(in crate::metric) static FIRST_ASK_RATE: MetricDef = def(
    "first_ask_rate",
    ["首问负责率", "First-ask responsibility kept"],
    Shape::Rate,
    [
        "those replied to by due, and held by the first person or accepted by a named person at the end of the chain",
        "contacts whose due date (the earlier of the promised date and receipt + first_ask_max_wd) is in the period and on or before valid_on",
        "unknown, in the period of receipt: no date promised, unless answered or replied on the day of receipt without a hand-over; the longest date rests on days without a calendar",
    ],
    CONTACT,
    "domain.md S6, 3.2",
);

pub(in crate::metric) static FIRST_ASK_REFUSED: MetricDef = def(
    "first_ask_refused",
    ["推诿拒绝（服务受理零推托）", "Refused or bounced (zero refusal)"],
    Shape::Count,
    [
        "contacts bounced or refused, substantiated findings of kind refused, application_refused or bounced, and applications not accepted on an unlisted ground; each contact or application once, on the day of its first qualifying event",
        "",
        "refusals explained on a ground of refusal_grounds_ok; NotAccepted on a ground of not_accepted_grounds",
    ],
    CASE_KIND,
    "domain.md S6, S33, 3.2",
);

pub(in crate::metric) static FIRST_ASK_BREACHES: MetricDef = def(
    "first_ask_breaches",
    ["首问违规查实率", "First-ask breaches substantiated"],
    Shape::Rate,
    [
        "allegations substantiated",
        "allegations with a finding that they are true or not, on the day alleged",
        "unknown: no finding yet (open), and found unverifiable",
    ],
    CONTACT,
    "domain.md S6, 3.2",
);

pub(in crate::metric) static FIRST_ASK_REPLY_WD: MetricDef = def(
    "first_ask_reply_wd",
    ["首问答复工作日", "Working days to the reply"],
    Shape::Distribution,
    ["W(received, replied] of contacts replied to in the period", "", "contacts without a reply; unknown: days without a calendar"],
    CONTACT,
    "domain.md 3.2",
);
