//! What changes an answer and is not a case (`registry.proto`): the log itself, rules, the calendar, units, items.
//!
//! Whether a rule is known, a calendar day differs from its weekday or a promised limit is within the statutory one is left to
//! the domain's gate, which knows the rest of the registry.

use super::{
    case::ITEM_VERSION_LEN_MAX,
    form::{self, Inside, Parsed},
};
use crate::v1;
use jiff::{civil::Date, tz::TimeZone};
use xiaoer_domain::{
    Fact,
    event::{CalendarPublished, CodeText, ItemPosted, ItemType, ItemVersion, Limit, LimitUnit, LogOpened, Material},
    event::{RuleSet, RuleValue, ToleranceList, UnitHead, UnitRegistered},
};

/// The hashes a log can be opened with.
const SUITE: &str = "sha256";
/// Bytes of a leaf hash.
const LEAF_HASH_LEN: usize = 32;
/// Longest list of days of a calendar year.
const CALENDAR_DAYS_MAX: usize = 120;
/// Years a calendar can be published for.
const CALENDAR_YEARS: std::ops::RangeInclusive<i16> = 1990..=2200;
/// Longest public name of a unit or title of an item; titles of a real catalogue run to 110 characters.
const NAME_LEN_MAX: usize = 256;
/// Most steps of an item.
const STEPS_MAX: usize = 100;

pub(super) fn log_opened(m: &v1::LogOpened) -> Parsed<Fact> {
    let name = form::log_name("name", &m.name)?;
    if m.suite != SUITE {
        return Err(form::invalid("suite", format!("the only suite so far is `{SUITE}`")));
    }
    let time_zone = form::given_code("time_zone", &m.time_zone)?;
    TimeZone::get(&m.time_zone).map_err(|_| form::invalid("time_zone", "no IANA time zone"))?;
    Ok(Fact::LogOpened(LogOpened { name, suite: SUITE.into(), time_zone, contract: m.contract, synthetic: m.synthetic }))
}

pub(super) fn log_recovered(m: &v1::LogRecovered) -> Parsed<Fact> {
    if m.incarnation < 2 {
        return Err(form::invalid("incarnation", "a log begins with incarnation 1"));
    }
    if m.kept_position == 0 {
        return Err(form::invalid("kept_position", "not even the genesis was kept"));
    }
    if m.lost_from.checked_sub(1) != Some(m.kept_position) {
        return Err(form::invalid("lost_from", "not the position after the last one that was kept"));
    }
    if m.lost_to < m.lost_from {
        return Err(form::invalid("lost_to", "before the first position that was lost"));
    }
    if m.lost_leaf_hash.len() != LEAF_HASH_LEN {
        return Err(form::invalid("lost_leaf_hash", "not 32 bytes"));
    }
    form::given_code("reason", &m.reason)?;
    Ok(Fact::LogRecovered)
}

pub(super) fn rule_set(m: &v1::RuleSet) -> Parsed<Fact> {
    let rule_id = form::given_code("rule_id", &m.rule_id)?;
    let value = rule_value(m.value.as_ref()).inside("value")?;
    let in_force_from = form::given_date("in_force_from", &m.in_force_from)?;
    let authority = form::code("authority", &m.authority)?;
    Ok(Fact::RuleSet(RuleSet { rule_id, value, in_force_from, authority }))
}

fn rule_value(m: Option<&v1::RuleValue>) -> Parsed<RuleValue> {
    use v1::rule_value::Kind;
    match m.and_then(|value| value.kind.as_ref()) {
        Some(Kind::Number(number)) => Ok(RuleValue::Number(*number)),
        Some(Kind::Flag(flag)) => Ok(RuleValue::Flag(*flag)),
        Some(Kind::Code(code)) => form::code("code", code).map(RuleValue::Code),
        Some(Kind::Codes(list)) => form::codes("codes", &list.codes).inside("codes").map(RuleValue::Codes),
        Some(Kind::Table(table)) => {
            let rows: Vec<_> = table.numbers.iter().collect();
            let row = |(key, number): &(&String, &i64)| Ok((form::given_code("", key)?, **number));
            let rows = form::each("numbers", &rows, form::LIST_LEN_MAX, row).inside("table")?;
            Ok(RuleValue::Table(rows.into_iter().collect()))
        }
        None => Err(form::missing("", "the value of the rule")),
    }
}

pub(super) fn calendar(m: &v1::CalendarPublished) -> Parsed<Fact> {
    let year = i16::try_from(m.year).ok().filter(|year| CALENDAR_YEARS.contains(year));
    let year = year.ok_or_else(|| {
        form::invalid("year", format!("outside the years {} to {}", CALENDAR_YEARS.start(), CALENDAR_YEARS.end()))
    })?;
    if m.version == 0 {
        return Err(form::missing("version", "a version from 1"));
    }
    let days = form::each("days", &m.days, CALENDAR_DAYS_MAX, calendar_day)?;
    form::code("notice_no", &m.notice_no)?;
    form::date("issued_on", &m.issued_on)?;
    Ok(Fact::CalendarPublished(CalendarPublished { year, version: m.version, days }))
}

/// The day, and whether it is a working day.
fn calendar_day(m: &v1::CalendarDay) -> Parsed<(Date, bool)> {
    let date = form::given_date("date", &m.date)?;
    match form::named::<v1::DayKind>("kind", m.kind)? {
        v1::DayKind::Unspecified => Err(form::not_stated("kind")),
        v1::DayKind::Off => Ok((date, false)),
        v1::DayKind::Work => Ok((date, true)),
    }
}

pub(super) fn unit(m: &v1::UnitRegistered) -> Parsed<Fact> {
    form::text("name", &m.name, NAME_LEN_MAX)?;
    form::named::<v1::UnitKind>("kind", m.kind)?;
    form::code("town", &m.town)?;
    Ok(Fact::UnitRegistered(UnitRegistered { from: form::date("from", &m.from)? }))
}

pub(super) fn head_appointed(m: &v1::UnitHeadAppointed) -> Parsed<Fact> {
    let person_id = form::given_code("person_id", &m.person_id)?;
    Ok(Fact::UnitHeadAppointed(UnitHead { person_id, from: form::date("from", &m.from)? }))
}

pub(super) fn head_relieved(m: &v1::UnitHeadRelieved) -> Parsed<Fact> {
    Ok(Fact::UnitHeadRelieved(UnitHead { person_id: form::given_code("person_id", &m.person_id)?, from: None }))
}

pub(super) fn item_version(m: &v1::ItemVersionPublished) -> Parsed<Fact> {
    let version = form::given("version", &m.version, ITEM_VERSION_LEN_MAX)?;
    form::text("name", &m.name, NAME_LEN_MAX)?;
    let item_type = item_type("item_type", m.item_type)?;
    let lead_unit = form::unit("lead_usci", &m.lead_usci)?;
    let steps = form::each("steps", &m.steps, STEPS_MAX, step)?;
    form::codes("defects", &m.defects)?;
    let statutory = m.statutory_limit.as_ref().map(limit).transpose().inside("statutory_limit")?;
    let promised = m.promised_limit.as_ref().map(limit).transpose().inside("promised_limit")?;
    let in_force_from = form::given_date("in_force_from", &m.in_force_from)?;
    Ok(Fact::ItemVersionPublished(Box::new(ItemVersion {
        version,
        item_type,
        lead_unit,
        online: m.online,
        steps: u32::try_from(steps.len()).unwrap_or(u32::MAX),
        materials: steps.into_iter().flatten().collect(),
        statutory,
        promised,
        deemed_acceptance: m.deemed_acceptance,
        visit_limit: m.visit_limit,
        in_force_from,
    })))
}

fn item_type(field: &str, number: i32) -> Parsed<ItemType> {
    use v1::ItemType as Wire;
    Ok(match form::named::<Wire>(field, number)? {
        Wire::Unspecified => ItemType::Unknown,
        Wire::Permit => ItemType::Permit,
        Wire::Penalty => ItemType::Penalty,
        Wire::Enforcement => ItemType::Enforcement,
        Wire::Levy => ItemType::Levy,
        Wire::Benefit => ItemType::Benefit,
        Wire::Inspection => ItemType::Inspection,
        Wire::Confirmation => ItemType::Confirmation,
        Wire::Reward => ItemType::Reward,
        Wire::Ruling => ItemType::Ruling,
        Wire::Other => ItemType::Other,
        Wire::PublicService => ItemType::PublicService,
    })
}

fn step(m: &v1::ItemStep) -> Parsed<Vec<Material>> {
    form::code("step", &m.step)?;
    form::each("materials", &m.materials, form::LIST_LEN_MAX, material)
}

fn material(m: &v1::ItemMaterial) -> Parsed<Material> {
    let code = form::given_code("code", &m.code)?;
    form::code("standard_ref", &m.standard_ref)?;
    Ok(Material { code, required: m.required, tolerance_ok: m.tolerance_ok })
}

/// A limit of the item; only an immediate one has no number.
pub(super) fn limit(m: &v1::Limit) -> Parsed<Limit> {
    use v1::LimitUnit as Wire;
    let unit = match form::named::<Wire>("unit", m.unit)? {
        Wire::Unspecified => return Err(form::not_stated("unit")),
        Wire::WorkingDay => LimitUnit::WorkingDay,
        Wire::CalendarDay => LimitUnit::CalendarDay,
        Wire::Month => LimitUnit::Month,
        Wire::Hour => LimitUnit::Hour,
        Wire::Immediate if m.n == 0 => return Ok(Limit { n: 0, unit: LimitUnit::Immediate }),
        Wire::Immediate => return Err(form::invalid("n", "an immediate limit has no number")),
    };
    Ok(Limit { n: form::count("n", m.n)?, unit })
}

pub(super) fn item_posted(m: &v1::ItemPosted) -> Parsed<Fact> {
    let version = form::given("version", &m.version, ITEM_VERSION_LEN_MAX)?;
    let channel = item_channel("channel", m.channel)?;
    Ok(Fact::ItemPosted(ItemPosted { version, channel }))
}

/// The channel's code, as the rule `item_channels` writes it.
fn item_channel(field: &str, number: i32) -> Parsed<CodeText> {
    use v1::ItemChannel as Wire;
    let code = match form::named::<Wire>(field, number)? {
        Wire::Unspecified => return Err(form::not_stated(field)),
        Wire::Portal => "portal",
        Wire::Print => "print",
        Wire::ReadingArea => "reading_area",
        Wire::Kiosk => "kiosk",
    };
    Ok(code.into())
}

pub(super) fn tolerance_list(m: &v1::ToleranceListPublished) -> Parsed<Fact> {
    let version = form::given("version", &m.version, ITEM_VERSION_LEN_MAX)?;
    let material = |m: &v1::ToleratedMaterial| Ok((form::given_code("code", &m.code)?, form::bounded("max_wd", m.max_wd)?));
    let materials = form::each("materials", &m.materials, form::LIST_LEN_MAX, material)?;
    Ok(Fact::ToleranceListPublished(ToleranceList { version, materials }))
}

pub(super) fn item_withdrawn(m: &v1::ItemWithdrawn) -> Parsed<Fact> {
    form::code("authority_ref", &m.authority_ref)?;
    Ok(Fact::ItemWithdrawn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_type_is_its_name_in_the_contract() {
        for number in 1..12 {
            let name = v1::ItemType::try_from(number).unwrap().as_str_name();
            assert_eq!(format!("ITEM_TYPE_{}", item_type("", number).unwrap().code().to_uppercase()), name);
        }
        assert_eq!(item_type("", 0).unwrap().code(), "");
    }
}
