//! Items: the promised number of visits, night by night (domain.md 3.3).

use super::{Life, Spans, nights, standings_known};
use crate::event::{Fact, ItemVersion};
use crate::ids::kind::ITEM;
use crate::metric::{Metric, Place};
use crate::testing::{day, item_version};

fn published(version: &str, from: &str, visit_limit: Option<u32>) -> Fact {
    let version = ItemVersion { in_force_from: day(from), visit_limit, ..item_version(version) };
    Fact::ItemVersionPublished(Box::new(version))
}

#[test]
fn one_visit_is_promised_or_not() {
    let life: Life = vec![
        ("03-02", published("1", "03-01", Some(2))),
        ("03-02", published("2", "04-01", Some(1))),
        ("05-04", published("3", "05-01", None)),
        ("06-01", Fact::ItemWithdrawn),
        ("07-01", published("4", "08-01", Some(0))),
    ];
    let table: [(usize, [Spans; 3]); 5] = [
        (1, [&[], &["03-01..12-31"], &[]]),
        (2, [&["04-01..12-31"], &["03-01..03-31"], &[]]),
        (3, [&["04-01..04-30"], &["03-01..03-31"], &["05-01..12-31"]]),
        (4, [&["04-01..04-30"], &["03-01..03-31"], &["05-01..05-31"]]),
        (5, [&["04-01..04-30", "08-01..12-31"], &["03-01..03-31"], &["05-01..05-31"]]),
    ];
    for (known, expected) in table {
        let all = standings_known(ITEM, &life, known);
        let of = |place| nights(&all, Metric::VisitRateItem, place, "01-01", "12-31");
        assert_eq!([Place::Numerator, Place::Denominator, Place::Unknown].map(of), expected, "{known} known");
    }
}
