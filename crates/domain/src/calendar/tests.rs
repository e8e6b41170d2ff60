//! Working days against domain.md sections 6 and 7, and, with the years 2004 to 2026, against the reference
//! data.

use super::Calendar;
use crate::event::CalendarPublished;
use crate::testing::{calendar_2026, day, reference, seeded_years};
use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};
use proptest::prelude::*;
use std::sync::LazyLock;

/// Laying out the years takes a while in a debug build.
static EMPTY: LazyLock<Calendar> = LazyLock::new(Calendar::new);

fn calendar(years: &[CalendarPublished]) -> Calendar {
    let mut calendar = EMPTY.clone();
    for year in years {
        calendar.publish(year);
    }
    calendar
}

fn days_of(first: Date, last: Date) -> impl Iterator<Item = Date> {
    first.series(1.day()).take_while(move |day| *day <= last)
}

#[test]
fn the_vectors_of_the_domain_page() {
    // domain.md section 7, Test vectors.
    let table = [
        ("04-30", 1, "05-06"),
        ("05-02", 1, "05-06"),
        ("02-13", 1, "02-14"),
        ("02-14", 1, "02-24"),
        ("02-15", 5, "02-28"),
        ("09-18", 1, "09-20"),
        ("09-20", 5, "09-28"),
        ("09-30", 3, "10-10"),
        ("10-09", 1, "10-10"),
        ("01-03", 1, "01-04"),
        ("2025-12-31", 20, "01-29"),
        ("06-18", 1, "06-22"),
        ("12-18", 9, "12-31"),
        // Section 7 C, across the Spring Festival.
        ("02-09", 12, "03-03"),
        ("02-09", 7, "02-25"),
        ("02-09", 45, "04-20"),
        // No day is added: the day itself, also a day off.
        ("05-02", 0, "05-02"),
    ];
    let calendar = calendar(&[calendar_2026()]);
    for (start, n, due) in table {
        assert_eq!(calendar.nth(day(start), n), day(due), "{start}, {n}");
        assert_eq!(calendar.working_days(day(start), day(due)), n, "{start}, {due}");
    }
}

#[test]
fn working_days_of_2026_by_month() {
    let calendar = calendar(&[calendar_2026()]);
    let months: Vec<u32> = (1..=12)
        .map(|month| {
            let first = date(2026, month, 1);
            calendar.working_days(first.yesterday().unwrap(), first.last_of_month())
        })
        .collect();
    assert_eq!(months, [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]);
    assert_eq!(months.iter().sum::<u32>(), 248);
}

#[test]
fn nothing_is_used_backwards() {
    let calendar = calendar(&[calendar_2026()]);
    for (after, until) in [("04-20", "04-20"), ("04-21", "04-20"), ("12-31", "01-01")] {
        assert_eq!(calendar.working_days(day(after), day(until)), 0, "{after}, {until}");
    }
}

#[test]
fn next_working_day() {
    let calendar = calendar(&[calendar_2026()]);
    for (from, next) in [("05-01", "05-06"), ("05-09", "05-09"), ("05-10", "05-11"), ("02-14", "02-14"), ("02-15", "02-24")] {
        assert_eq!(calendar.next_working(day(from)), day(next), "{from}");
    }
}

#[test]
fn a_year_without_a_notice() {
    let calendar = calendar(&[calendar_2026()]);
    // Of 2027 Monday to Friday less the fixed days (all but 05-01 and 05-02 and 10-02, 10-03 on weekdays).
    let off: Vec<Date> = days_of(date(2027, 1, 1), date(2027, 12, 31))
        .filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !calendar.is_working(*day))
        .collect();
    assert_eq!(off, [date(2027, 1, 1), date(2027, 10, 1)]);
    assert!(!calendar.is_provisional(day("12-31")) && calendar.is_provisional(date(2027, 1, 1)));
    assert_eq!(calendar.first_provisional(day("12-01"), day("12-31")), None);
    assert_eq!(calendar.first_provisional(day("12-01"), date(2027, 2, 1)), Some(date(2027, 1, 1)));
    assert_eq!(calendar.first_provisional(date(2027, 1, 4), date(2027, 2, 1)), Some(date(2027, 1, 5)));
    assert_eq!(calendar.first_provisional(day("12-31"), day("12-31")), None);
}

#[test]
fn the_last_acceptance_whose_due_date_is_known() {
    // domain.md section 6, Unknown year.
    let calendar = calendar(&[calendar_2026()]);
    for (n, last) in [(5, "12-24"), (10, "12-17"), (20, "12-03"), (30, "11-19"), (45, "10-29")] {
        let known = |start: Date| calendar.first_provisional(start, calendar.nth(start, n)).is_none();
        assert!(known(day(last)), "{n} from {last}");
        assert!(!known(calendar.next_working(day(last).tomorrow().unwrap())), "{n} from the day after {last}");
    }
}

#[test]
fn horizon_ends_at_the_first_gap() {
    let year = |year| CalendarPublished { year, version: 1, days: Vec::new() };
    let table: &[(&[i16], Option<Date>)] = &[
        (&[], None),
        (&[2026], Some(date(2026, 12, 31))),
        (&[2026, 2025], Some(date(2026, 12, 31))),
        (&[2018, 2019, 2026], Some(date(2019, 12, 31))),
    ];
    for (years, horizon) in table {
        assert_eq!(calendar(&years.iter().map(|y| year(*y)).collect::<Vec<_>>()).horizon(), *horizon, "{years:?}");
    }
}

#[test]
fn final_once_the_next_notice_is_out() {
    let year = |year| CalendarPublished { year, version: 1, days: Vec::new() };
    let table: &[(&[i16], Option<Date>)] = &[
        (&[], None),
        (&[2026], None),
        (&[2025, 2026], Some(date(2025, 12, 31))),
        (&[2025, 2026, 2027], Some(date(2026, 12, 31))),
        (&[2025, 2026, 2028], Some(date(2025, 12, 31))),
    ];
    for (years, until) in table {
        assert_eq!(calendar(&years.iter().map(|y| year(*y)).collect::<Vec<_>>()).final_until(), *until, "{years:?}");
    }
}

#[test]
fn a_notice_is_missed_from_november_on() {
    let calendar = calendar(&[calendar_2026()]);
    let table = [
        ("2025-12-31", Some(2025)),
        ("01-01", None),
        ("10-31", None),
        ("11-01", Some(2027)),
        ("12-31", Some(2027)),
        ("2027-01-01", Some(2027)),
        ("2027-11-01", Some(2027)),
    ];
    for (on, missed) in table {
        assert_eq!(calendar.missed(day(on)), missed, "{on}");
    }
}

#[test]
fn a_year_that_leaves_no_hole() {
    let calendar = calendar(&[calendar_2026()]);
    for (year, adjoins) in [(2024, false), (2025, true), (2026, true), (2027, true), (2028, false)] {
        assert_eq!(calendar.adjoins(year), adjoins, "{year}");
    }
    assert!(Calendar::new().adjoins(1999), "the first may be any");
}

#[test]
fn the_highest_version_of_a_year_holds() {
    let with = |version, working| CalendarPublished { year: 2020, version, days: vec![(date(2020, 1, 31), working)] };
    let table = [
        (vec![with(1, true), with(2, false)], false),
        (vec![with(2, false), with(1, true)], false),
        (vec![with(1, true), with(1, false)], false),
    ];
    for (years, working) in table {
        assert_eq!(calendar(&years).is_working(date(2020, 1, 31)), working, "{years:?}");
    }
    // A revision replaces the whole year: what it does not name is what its weekday says.
    let first = CalendarPublished { year: 2020, version: 1, days: vec![(date(2020, 2, 1), true)] };
    assert!(!calendar(&[first, with(2, false)]).is_working(date(2020, 2, 1)));
}

#[test]
fn the_ends_of_time() {
    let calendar = Calendar::new();
    assert_eq!(calendar.working_days(Date::MIN, date(1969, 12, 31)), 0);
    assert_eq!(calendar.nth(Date::MAX, 1), Date::MAX);
    assert_eq!(calendar.nth(date(2200, 12, 1), 1_000), Date::MAX);
    assert_eq!(calendar.nth(day("01-01"), u32::MAX), Date::MAX);
    assert_eq!(calendar.nth(Date::MIN, 1), date(1970, 1, 2));
    assert!(!calendar.is_working(Date::MAX) && calendar.is_provisional(Date::MIN));
}

#[test]
fn the_reference_answers() {
    let calendar = calendar(&seeded_years());
    let Some(answers) = reference("workdays-cn/add_workdays.json") else { return };
    let answers: Vec<serde_json::Value> = serde_json::from_str(&answers).unwrap();
    assert!(answers.len() >= 200, "the file holds {}", answers.len());
    for answer in answers {
        let (from, due) = (day(answer["from"].as_str().unwrap()), day(answer["due"].as_str().unwrap()));
        let n = u32::try_from(answer["workdays"].as_u64().unwrap()).unwrap();
        assert_eq!(calendar.nth(from, n), due, "{answer}");
    }
}

#[test]
fn the_reference_months_and_years() {
    let calendar = calendar(&seeded_years());
    let Some(months) = reference("workdays-cn/workdays_per_month.csv") else { return };
    let mut lines = 0;
    for line in months.lines().skip(1) {
        let numbers: Vec<i16> = line.split(',').map(|field| field.parse().unwrap()).collect();
        let first = date(numbers[0], i8::try_from(numbers[1]).unwrap(), 1);
        let wd = calendar.working_days(first.yesterday().unwrap(), first.last_of_month());
        assert_eq!(i64::from(wd), i64::from(numbers[2]), "{line}");
        lines += 1;
    }
    assert_eq!(lines, 23 * 12);
    // domain.md section 6.
    for (year, wd) in
        [(2018, 250), (2019, 250), (2020, 249), (2021, 250), (2022, 249), (2023, 249), (2024, 251), (2025, 248), (2026, 248)]
    {
        assert_eq!(calendar.working_days(date(year - 1, 12, 31), date(year, 12, 31)), wd, "{year}");
    }
}

/// Every day of 2018 to 2026 with every budget of 1 to 60: the due date is the first day on which the budget is used.
#[test]
fn used_on_the_due_date_is_the_budget() {
    let calendar = calendar(&seeded_years());
    for start in days_of(date(2018, 1, 1), date(2026, 12, 31)) {
        let mut before = start;
        for n in 1..=60 {
            let due = calendar.nth(start, n);
            assert!(calendar.is_working(due) && due > before, "{start}, {n}");
            assert_eq!(calendar.working_days(start, due), n, "{start}, {n}");
            before = due;
        }
    }
}

proptest! {
    /// The prefix sums agree with counting the days one by one, whatever is published.
    #[test]
    fn counting_agrees_with_the_days(
        published in prop::collection::vec((2024i16..2028, 1u32..4, prop::collection::vec((1i16..=365, any::<bool>()), 0..40)), 0..6),
        from in 0i32..1800,
        n in 0u32..400,
    ) {
        let mut calendar = EMPTY.clone();
        for (year, version, days) in published {
            let days = days.into_iter().map(|(nth, working)| (date(year, 1, 1) + (nth - 1).days(), working)).collect();
            calendar.publish(&CalendarPublished { year, version, days });
        }
        let start = date(2023, 6, 1) + from.days();
        let due = calendar.nth(start, n);
        let counted = days_of(start.tomorrow().unwrap(), due).filter(|day| calendar.is_working(*day)).count();
        prop_assert_eq!(counted, n as usize);
        prop_assert_eq!(calendar.working_days(start, due), n);
        prop_assert!(n == 0 || calendar.is_working(due));
    }
}
