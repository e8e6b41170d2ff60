//! Transfers (3.9): the applicant's clock never restarts, and the days are shared out among those who answer for them.

use super::life::{passed, received, sent_on, transferred};
use super::{Life, UNIT, WINDOW_UNIT, check, standings_known};
use crate::event::Fact;
use crate::ids::kind::CASE;
use crate::metric::{Metric, Place};
use crate::testing::{accepted, ended, started};

/// Received on 04-20 by the window's unit, accepted on 04-27, decided on 05-15: 04-28:1 29:2 30:3 05-06:4 07:5 08:6 09:7 11:8 12:9
/// 13:10 14:11 15:12.
fn decided(more: &[(&'static str, Fact)]) -> Life {
    let begin = [("04-20", received("permit")), ("04-27", accepted())];
    begin.into_iter().chain(more.iter().cloned()).chain([("05-15", passed())]).collect()
}

/// `unit wd`, or `unit wd!` where another held it, in the order of the units.
fn shares(life: &Life) -> Vec<String> {
    let all = standings_known(CASE, life, life.len());
    let of = all.iter().filter(|s| s.metric == Metric::HoldingWd && s.place == Place::Numerator);
    let mut shares: Vec<String> = of
        .map(|s| {
            assert_eq!(s.counts_on, crate::testing::day("05-15"));
            let unit = if *s.dims.unit == *UNIT { "lead" } else { &s.dims.unit };
            format!("{unit} {}{}", s.value.unwrap(), if s.why == "referred_wrongly" { "!" } else { "" })
        })
        .collect();
    shares.sort();
    shares
}

#[test]
fn who_held_it_how_long() {
    let table: &[(&str, &[(&'static str, Fact)], &[&str])] = &[
        ("one unit", &[], &["lead 12"]),
        ("handed over", &[("05-07", transferred("b"))], &["b 7", "lead 5"]),
        ("before acceptance", &[("04-22", transferred("b"))], &["b 12"]),
        ("on the day of the decision", &[("05-15 08:00", transferred("b"))], &["lead 12"]),
        ("there and back", &[("04-30", transferred("b")), ("05-08", transferred(UNIT))], &["b 3", "lead 9"]),
        // `b` had it from 05-06 to 05-08, and it was not for `b`.
        ("sent wrongly, and back", &[("04-30", transferred("b")), ("05-08", sent_on(UNIT))], &["lead 3!", "lead 9"]),
        ("sent wrongly, and on", &[("04-30", transferred("b")), ("05-08", sent_on("c"))], &["c 6", "lead 3", "lead 3!"]),
        // `c` answers for nothing: `b`, which was wrong itself, had sent it there.
        (
            "twice",
            &[("04-30", transferred("b")), ("05-07", sent_on("c")), ("05-09", sent_on("d"))],
            &["b 2!", "d 5", "lead 2!", "lead 3"],
        ),
        ("the window chose wrongly", &[("04-30", sent_on("b"))], &["b 9", &format!("{WINDOW_UNIT} 3!")]),
        (
            "a pause is held too",
            &[("05-07", started("p", true)), ("05-08", transferred("b")), ("05-13", ended("p"))],
            &["b 6", "lead 6"],
        ),
    ];
    for (name, more, expected) in table {
        assert_eq!(shares(&decided(more)), *expected, "{name}");
    }
    let open: Life = decided(&[]).into_iter().take(2).collect();
    check("no outcome yet", CASE, &open, &["holding_wd 01-01..12-31 @12-30 = 0"]);
}

/// Due 05-11 whoever holds it.
#[test]
fn the_clock_of_the_applicant_never_restarts() {
    for more in [&[][..], &[("05-07", transferred("b"))], &[("05-07", transferred("b")), ("05-08", sent_on(UNIT))]] {
        check(
            "handed over",
            CASE,
            &decided(more),
            &[
                "on_time_rate_promised 05-11..05-11 @05-15 = 0/1 decided_late",
                "backlog_promised @05-11 = 0",
                "backlog_promised @05-12 = 1 past_due",
            ],
        );
    }
}
