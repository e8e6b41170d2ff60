//! Renewal by law: silence is on time in no figure, and the buckets add up.

use super::life::{passed, renews};
use super::{Life, check, check_known, nights, standings_known};
use crate::event::Fact;
use crate::ids::kind::CASE;
use crate::metric::{Metric, Place};
use crate::testing::{accepted, started};

/// Received on 04-20, accepted on 04-27: due 05-11 and 05-27. The licence ends on 05-20.
fn renewal(more: &[(&'static str, Fact)]) -> Life {
    let begin = [("04-20", renews("05-20")), ("04-27", accepted())];
    begin.into_iter().chain(more.iter().cloned()).collect()
}

#[test]
fn silence_is_not_on_time() {
    let silent = renewal(&[]);
    let all = standings_known(CASE, &silent, 2);
    assert_eq!(nights(&all, Metric::BacklogPromised, Place::Numerator, "04-20", "06-30"), ["05-12..05-20"]);
    assert!(nights(&all, Metric::BacklogStatutory, Place::Numerator, "04-20", "06-30").is_empty());
    // Ten working days after it was renewed on 05-21.
    assert_eq!(nights(&all, Metric::BacklogDelivery, Place::Numerator, "04-20", "06-30"), ["06-05..06-30"]);
    check(
        "nobody decided",
        CASE,
        &silent,
        &[
            "on_time_rate_promised 05-11..05-11 @05-20 = 0/1 open_past_due",
            "on_time_rate_promised 05-11..05-11 @05-21 = 0/1 renewed_by_law",
            // Renewed before its day came, and a member on that day.
            "on_time_rate_statutory 05-27..05-27 @05-26 = 0/0",
            "on_time_rate_statutory 05-27..05-27 @05-27 = 0/1 renewed_by_law",
            "closed_on_time 01-01..12-31 @06-30 = 0/0",
        ],
    );
    let confirmed = renewal(&[("05-25", passed()), ("05-26", Fact::CaseCompleted), ("05-27", Fact::ResultDelivered)]);
    check(
        "confirmed before the statutory day",
        CASE,
        &confirmed,
        &[
            "on_time_rate_statutory 05-27..05-27 @05-27 = 0/1 renewed_by_law",
            "closed_on_time 01-01..12-31 @06-30 = 0/0",
            "visit_rate_case 05-26..05-26 @06-30 = 1/1 no_visit",
            "backlog_delivery @06-05 = 0",
        ],
    );
    // 05-08 to 05-21 are out: eleven working days, which are known once the law has stopped the clock.
    let paused = renewal(&[("05-07", started("p", true))]);
    check(
        "in a procedure",
        CASE,
        &paused,
        &[
            "on_time_rate_promised 04-20..04-20 @05-20 = 0/0 u1 open_pause",
            "on_time_rate_promised 04-20..04-20 @05-21 = 0/0",
            "on_time_rate_promised 05-26..05-26 @05-26 = 0/1 renewed_by_law",
        ],
    );
}

#[test]
fn a_decision_posted_late_undoes_it() {
    let life = renewal(&[("05-08", passed())]);
    check_known("not known yet", CASE, &life, 2, &["on_time_rate_promised 05-11..05-11 @05-21 = 0/1 renewed_by_law"]);
    check(
        "decided in time",
        CASE,
        &life,
        &["on_time_rate_promised 05-11..05-11 @05-21 = 1/1 decided_in_time", "backlog_promised @05-12 = 0"],
    );
}
