//! How the catalogue is kept (`catalogue_events.proto`): editions, what becomes of items, limits that change, figures of other
//! districts.
//!
//! Whether an item is known and a limit agrees with its version is left to the domain's gate.

use super::{
    case::ITEM_VERSION_LEN_MAX,
    form::{self, Inside, Parsed},
    registry::limit,
};
use crate::v1;
use xiaoer_domain::{
    Fact,
    event::{FigureKind, FlowCategory, FlowsConsolidated, LimitChanged, PeerFigure},
};

/// Greatest figure of a district, in hundredths: a million items.
const HUNDREDTHS_MAX: u32 = 100_000_000;

pub(super) fn flows_consolidated(m: &v1::ItemFlowsConsolidated) -> Parsed<Fact> {
    if m.categories.is_empty() {
        return Err(form::missing("categories", "a category"));
    }
    let categories = form::each("categories", &m.categories, form::LIST_LEN_MAX, category)?;
    Ok(Fact::ItemFlowsConsolidated(FlowsConsolidated { categories }))
}

fn category(m: &v1::FlowCategory) -> Parsed<FlowCategory> {
    let code = form::given_code("code", &m.code)?;
    if m.item_codes.is_empty() {
        return Err(form::missing("item_codes", "an item"));
    }
    Ok(FlowCategory { code, items: form::codes("item_codes", &m.item_codes)? })
}

pub(super) fn taken_over(m: &v1::ItemTakenOver) -> Parsed<Fact> {
    form::code("authority_ref", &m.authority_ref)?;
    Ok(Fact::ItemTakenOver)
}

pub(super) fn cancelled(m: &v1::ItemCancelled) -> Parsed<Fact> {
    form::code("authority_ref", &m.authority_ref)?;
    Ok(Fact::ItemCancelled)
}

pub(super) fn delegated(m: &v1::ItemDelegated) -> Parsed<Fact> {
    form::code("authority_ref", &m.authority_ref)?;
    Ok(Fact::ItemDelegated)
}

pub(super) fn limit_changed(m: &v1::ItemLimitChanged) -> Parsed<Fact> {
    let version = form::given("version", &m.version, ITEM_VERSION_LEN_MAX)?;
    let old = m.promised_old.as_ref().map(limit).transpose().inside("promised_old")?;
    let new = limit(form::present("promised_new", m.promised_new.as_ref())?).inside("promised_new")?;
    if old == Some(new) {
        return Err(form::invalid("promised_new", "the limit there was"));
    }
    let in_force_from = form::given_date("in_force_from", &m.in_force_from)?;
    Ok(Fact::ItemLimitChanged(LimitChanged { version, old, new, in_force_from }))
}

pub(super) fn peer_figure(m: &v1::PeerFigurePublished) -> Parsed<Fact> {
    use v1::PeerFigure as Wire;
    let figure = match form::named::<Wire>("figure", m.figure)? {
        Wire::Unspecified => return Err(form::not_stated("figure")),
        Wire::Items => FigureKind::Items,
        Wire::Materials => FigureKind::Materials,
        Wire::Steps => FigureKind::Steps,
        Wire::Days => FigureKind::Days,
    };
    if m.value_hundredths > HUNDREDTHS_MAX {
        return Err(form::invalid("value_hundredths", format!("more than {HUNDREDTHS_MAX}")));
    }
    let valid_on = form::given_date("valid_on", &m.valid_on)?;
    form::code("source_ref", &m.source_ref)?;
    Ok(Fact::PeerFigurePublished(PeerFigure { figure, hundredths: m.value_hundredths, valid_on }))
}
