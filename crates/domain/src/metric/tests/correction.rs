//! Corrections (3.9): how many, whose, and whether the thing was closed.

use super::life::{asked, passed, received};
use super::{Facts, Life, UNIT, WINDOW_UNIT, check, check_known, standings_known};
use crate::event::Fact;
use crate::ids::kind::{CASE, CONTACT};
use crate::metric::Metric;
use crate::testing::{accepted, replaced, voided};

#[test]
fn before_and_after_the_close() {
    let closed = |more: Facts<'_>| -> Life {
        let begin = [("04-20", received("permit")), ("04-27", accepted()), ("05-06", passed()), ("05-07", Fact::CaseCompleted)];
        begin.into_iter().chain(more.iter().cloned()).collect()
    };
    let table: &[(&str, Life, &str)] = &[
        ("before", vec![("04-20", received("permit")), ("04-27", accepted()), ("04-28", voided(2))], "1 corrected(before_close)"),
        ("after", closed(&[("05-08", voided(2))]), "1 corrected(after_close)"),
        // What it takes out is the close itself.
        ("the close", closed(&[("05-08", voided(4))]), "1 corrected(after_close)"),
        ("dated back", closed(&[("04-28", voided(2))]), "1 corrected(after_close)"),
        ("replaced", closed(&[("05-08", accepted()), ("05-08", replaced(2, 5))]), "1 corrected(after_close)"),
        ("twice", closed(&[("05-08", voided(2)), ("05-09", voided(3))]), "2 corrected(after_close) corrected(after_close)"),
        // The second voids the first, which counts no more.
        ("taken back", closed(&[("05-08", voided(2)), ("05-09", voided(5))]), "1 corrected(after_close)"),
        (
            "withdrawn",
            vec![("04-20", received("permit")), ("04-21", Fact::CaseWithdrawn), ("04-22", voided(2))],
            "1 corrected(after_close)",
        ),
        ("nothing", closed(&[]), "0"),
        ("what is not there", closed(&[("05-08", voided(99))]), "0"),
    ];
    for (name, life, answer) in table {
        check(name, CASE, life, &[&format!("corrections 04-01..05-31 @05-31 = {answer}")]);
    }
    let replied = vec![("04-20", asked(None)), ("04-21", Fact::FirstAskReplied), ("04-22", voided(2))];
    check("a contact", CONTACT, &replied, &["corrections 04-01..05-31 @05-31 = 1 corrected(after_close)"]);
    check_known("not known yet", CASE, &closed(&[("05-08", voided(2))]), 4, &["corrections 04-01..05-31 @05-31 = 0"]);
}

#[test]
fn whose_it_was() {
    let life =
        vec![("04-20", received("permit")), ("04-27", accepted()), ("05-06", passed()), ("05-07", voided(3)), ("05-07", voided(2))];
    let all = standings_known(CASE, &life, life.len());
    let units: Vec<(&str, &str)> =
        all.iter().filter(|s| s.metric == Metric::Corrections).map(|s| (&*s.dims.unit, &*s.dims.item)).collect();
    assert_eq!(units.len(), 2);
    assert!(units.contains(&(UNIT, "permit")) && units.contains(&(WINDOW_UNIT, "permit")), "{units:?}");
}
