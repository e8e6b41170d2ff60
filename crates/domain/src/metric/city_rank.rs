//! The rank in the city (全市排名, domain.md S23): the district's own figure beside those that the others of `peer_districts` publish.
//!
//! Promises: a pure function of what is known and of the district's own figures on a night; nothing of it is stored. Fewer is better.
//! Both figures are compared in hundredths, as they are published, so that rounding makes no rank.
//! Leaves the district's own figures to whoever counts the metrics of [`own_metric`].

use super::{Metric, Place};
use crate::event::{CodeText, FigureKind};
use crate::knowledge::Knowledge;
use jiff::civil::Date;

/// Every figure that districts are compared by.
pub const FIGURES: [FigureKind; 4] = [FigureKind::Items, FigureKind::Materials, FigureKind::Steps, FigureKind::Days];

/// A district in a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// Its code; empty for the district itself.
    pub district: CodeText,
    /// System that numbers it; empty where nothing was published of it.
    pub system: CodeText,
    /// Where it stands: numerator where it is better.
    pub place: Place,
    /// Why, as a code.
    pub why: &'static str,
    /// Its figure.
    pub value: Option<f64>,
    /// The day the figure is about.
    pub valid_on: Date,
    /// The event that published it; 0 where none did.
    pub position: u64,
}

/// The metric that is the district's own figure.
pub const fn own_metric(figure: FigureKind) -> Metric {
    match figure {
        FigureKind::Items => Metric::ItemCount,
        FigureKind::Materials => Metric::MeanMaterials,
        FigureKind::Steps => Metric::MeanSteps,
        FigureKind::Days => Metric::MeanDays,
    }
}

/// The district itself and its peers, by one figure on a night. A district without an item has no figure, not the best one.
pub fn compared(knowledge: &Knowledge, figure: FigureKind, own: Option<f64>, night: Date) -> Vec<Compared> {
    let own = own.map(in_hundredths).filter(|own| figure != FigureKind::Items || *own > 0);
    let (place, why) = if own.is_some() { (Place::Excluded, "own") } else { (Place::Unknown, "no_own_figure") };
    let itself = Compared {
        district: "".into(),
        system: "".into(),
        place,
        why,
        value: own.map(of_hundredths),
        valid_on: night,
        position: 0,
    };
    let peers = knowledge.rules.codes("peer_districts", night);
    let peers = peers.into_iter().map(|district| peer(knowledge, figure, own, district, night));
    std::iter::once(itself).chain(peers).collect()
}

fn peer(knowledge: &Knowledge, figure: FigureKind, own: Option<u64>, district: CodeText, night: Date) -> Compared {
    let known = knowledge.catalogue.peer(&district);
    let published = known.and_then(|peer| peer.figure(figure, night));
    let (place, why) = match (published, own) {
        (None, _) => (Place::Unknown, "no_figure"),
        (Some(_), None) => (Place::Unknown, "not_compared"),
        (Some((theirs, _)), Some(own)) if u64::from(theirs.hundredths) < own => (Place::Numerator, "better"),
        (Some(_), Some(_)) => (Place::Denominator, "not_better"),
    };
    Compared {
        district,
        system: known.map(|peer| peer.system.clone()).unwrap_or_default(),
        place,
        why,
        value: published.map(|(theirs, _)| of_hundredths(u64::from(theirs.hundredths))),
        valid_on: published.map_or(night, |(theirs, _)| theirs.valid_on),
        position: published.map_or(0, |(_, position)| *position),
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // means and counts are neither negative nor near 2^53
fn in_hundredths(value: f64) -> u64 {
    (value * 100.0).round() as u64
}

#[allow(clippy::cast_precision_loss)] // at most 100,000,000 or a count of items
fn of_hundredths(hundredths: u64) -> f64 {
    hundredths as f64 / 100.0
}
