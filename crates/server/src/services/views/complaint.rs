//! What the domain knows of a complaint, as those see it who handle it.

use super::day;
use jiff::civil::Date;
use xiaoer_domain::{
    complaint::{Card, ComplaintOnDay, Transfer},
    knowledge::Knowledge,
};
use xiaoer_wire::v1;

pub(super) fn complaint_view(complaint: &ComplaintOnDay, knowledge: &Knowledge, on: Date) -> v1::ComplaintView {
    let told = &complaint.told;
    let card = match complaint.card(knowledge, on) {
        None => "",
        Some(Card::Yellow) => "yellow",
        Some(Card::Red) => "red",
    };
    v1::ComplaintView {
        subject_unit: told.unit.to_string(),
        kind: told.kind.code().into(),
        category: told.category.code().into(),
        repeat_of: told.repeat_of.to_string(),
        received_on: complaint.received.day.to_string(),
        accepted_on: day(complaint.accepted.map(|accepted| accepted.day)),
        due_on: day(complaint.due.is_final().then_some(complaint.due.on)),
        card: card.into(),
        finding: complaint.finding.map(|(finding, _)| finding.code().to_owned()).unwrap_or_default(),
        transfers: complaint.transfers.iter().map(transfer_view).collect(),
        closed_on: day(complaint.closed.map(|(_, closed)| closed.day)),
        outcome: complaint.closed.map(|(outcome, _)| outcome.code().to_owned()).unwrap_or_default(),
    }
}

fn transfer_view(transfer: &Transfer) -> v1::TransferView {
    v1::TransferView {
        unit_usci: transfer.unit.to_string(),
        on: transfer.moment.day.to_string(),
        due_on: day(transfer.due_on),
        replied_on: day(transfer.replied.map(|replied| replied.day)),
        rework_on: day(transfer.rework.map(|rework| rework.day)),
    }
}
