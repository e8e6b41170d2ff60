//! The seeded calendar against the data it was made from and what is known of it besides.

use crate::examples::zone;
use jiff::{Timestamp, civil::Date};
use std::{collections::BTreeSet, io::Write, path::Path};
use xiaoer_domain::{Fact, LogName, event::CalendarPublished};
use xiaoer_wire::{parse, seeds, v1};

fn published() -> Vec<CalendarPublished> {
    let log = LogName::new("370306").unwrap();
    let years = seeds::calendar_events(&log, Timestamp::UNIX_EPOCH);
    let year = |event: &v1::Event| match parse::event(event, &zone()).unwrap().fact {
        Fact::CalendarPublished(year) => year,
        other => panic!("{other:?}"),
    };
    years.iter().map(year).collect()
}

#[test]
fn working_days_of_a_year() {
    // domain.md section 6; off-days that are Monday to Friday, make-up days, working days.
    let table = [
        (2018, 18, 7, 250),
        (2019, 17, 6, 250),
        (2020, 19, 6, 249),
        (2021, 18, 7, 250),
        (2022, 18, 7, 249),
        (2023, 18, 7, 249),
        (2024, 19, 8, 251),
        (2025, 18, 5, 248),
        (2026, 19, 6, 248),
    ];
    let published = published();
    for (year, off, work, working_days) in table {
        let calendar = published.iter().find(|c| c.year == year).unwrap();
        let made_up = calendar.days.iter().filter(|(_, works)| *works).count();
        assert_eq!((calendar.days.len() - made_up, made_up), (off, work), "{year}");
        let first = Date::new(year, 1, 1).unwrap();
        let weekdays = first.series(jiff::ToSpan::days(1)).take_while(|d| d.year() == year).filter(|d| is_weekday(*d)).count();
        assert_eq!(weekdays - off + work, working_days, "{year}");
    }
}

fn is_weekday(day: Date) -> bool {
    day.weekday().to_monday_zero_offset() < 5
}

#[test]
fn only_days_that_are_not_what_their_weekday_says() {
    let years: Vec<_> = published().iter().map(|c| c.year).collect();
    assert_eq!(years, (2004..=2026).collect::<Vec<i16>>());
    for calendar in published() {
        let mut days = BTreeSet::new();
        for (day, works) in calendar.days {
            assert_eq!((day.year(), works), (calendar.year, !is_weekday(day)), "{day}");
            assert!(days.insert(day), "{day} stands twice");
        }
    }
}

#[test]
fn a_log_gets_the_same_events_every_time_and_another_log_others() {
    let ids = |log: &str| -> BTreeSet<String> {
        let events = seeds::calendar_events(&LogName::new(log).unwrap(), Timestamp::UNIX_EPOCH);
        events.into_iter().map(|event| event.event_id).collect()
    };
    assert_eq!(ids("370306").len(), 23);
    assert_eq!(ids("370306"), ids("370306"));
    assert!(ids("370306").is_disjoint(&ids("370302")));
}

#[test]
fn only_the_last_year_is_open() {
    for year in seeds::calendar_years() {
        assert_eq!(year.r#final, year.year < 2026, "{}", year.year);
    }
}

#[test]
fn the_seed_is_the_data_it_was_made_from() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/workdays-cn/days.csv");
    let Ok(csv) = std::fs::read_to_string(&path) else {
        // Written past the test harness, which keeps what a passing test prints to itself.
        writeln!(std::io::stderr(), "DID NOT RUN: the seeds were not compared with {}, which is not there", path.display())
            .unwrap();
        return;
    };
    let row = |line: &str| {
        let columns: Vec<_> = line.split(',').collect();
        (columns[0].parse::<Date>().unwrap(), columns[2] == "workday")
    };
    let data: BTreeSet<_> = csv.lines().skip(1).map(row).filter(|(day, works)| is_weekday(*day) != *works).collect();
    let seeds: BTreeSet<_> = published().into_iter().flat_map(|c| c.days).collect();
    assert_eq!(seeds, data);
    assert!(seeds.len() > 500, "{}", seeds.len());
}
