//! `AuditService.ListAccesses`: who read what, from the access log of a jurisdiction.
//!
//! Asking is recorded there too. So the first page pins what is listed: the records that its own pages make are not among it.

use super::asked;
use crate::{Node, node::Gate};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use xiaoer_domain::{
    Code, LogName, Refusal, Scope,
    permit::{Caller, OfLog, Right},
};
use xiaoer_journal::{Log, Row};
use xiaoer_projections::{Error, KnownAt, accesses};
use xiaoer_wire::{
    time,
    v1::{Access, ListAccessesRequest, ListAccessesResponse, event::Fact},
};

/// Longest local time: to the microsecond.
const TIME_LEN_MAX: usize = 26;

/// Lists a page.
pub(crate) async fn list(node: &Node, caller: &Caller, request: ListAccessesRequest) -> Result<ListAccessesResponse, Error> {
    let log = LogName::new(&request.log).and_then(|log| OfLog::access(&log)).map_or_else(String::new, |log| log.to_string());
    let reading = node.reading(caller, "AuditService/ListAccesses", Right::Accesses, [&log]);
    let reading = reading.of(request.subject.as_ref()).of_ref(&request.r#ref);
    reading.read(|gate| page(gate, &log, &request)).await
}

async fn page(gate: Gate<'_>, log: &str, request: &ListAccessesRequest) -> Result<ListAccessesResponse, Error> {
    let (served, _) = gate.open(log)?;
    let number = |text: &String| text.parse::<u64>().map_err(|_| asked::wrong_token());
    let token = asked::parts::<2>(&request.page_token)?;
    let head = served.log.head().await?.position;
    let (position, after) = match &token {
        Some([position, after]) => (number(position)?, number(after)?),
        None => (head, 0),
    };
    if position > head || after > position {
        return Err(asked::wrong_token().into());
    }
    // Whoever asks who has read must not miss who read a moment ago.
    let known = served.projection.settle(KnownAt::Position(position), 0, gate.node().now()).await?;
    let (from, to) = period(&served.log, &request.from, &request.to).await?;
    let filter = accesses::Filter {
        log: request.of_log.clone(),
        caller: request.caller.clone(),
        subject: request.subject.as_ref().map(|subject| asked::subject(Some(subject))).transpose()?,
        reference: request.r#ref.clone(),
    };
    let size = asked::page_size(request.page_size);
    let positions = served.projection.accesses(&filter, after.max(from), known.position.min(to), size).await?;
    let rows = served.log.at(&Scope::Everything, &positions).await?;
    let last = positions.last().filter(|_| positions.len() == size as usize);
    let next_page_token = last.map(|last| asked::token(&[&position.to_string(), &last.to_string()])).unwrap_or_default();
    let accesses = rows.iter().map(access).collect::<Result<Vec<_>, Error>>()?.into_iter().flatten().collect();
    Ok(ListAccessesResponse { accesses, next_page_token, position: known.position })
}

/// The last position before the first day or time, and the last one of the last.
async fn period(log: &Log, from: &str, to: &str) -> Result<(u64, u64), Error> {
    let zone = &log.genesis().zone;
    let before = match moment(from, "from", zone, false)? {
        Some(at) => log.position_at(at.as_microsecond() - 1).await?,
        None => 0,
    };
    let last = match moment(to, "to", zone, true)? {
        Some(at) => log.position_at(at.as_microsecond()).await?,
        None => u64::MAX,
    };
    Ok((before, last))
}

/// A local date or time: of a date its begin, or its last microsecond.
fn moment(text: &str, field: &str, zone: &TimeZone, is_end: bool) -> Result<Option<Timestamp>, Refusal> {
    let wrong = || Refusal::new(Code::InvalidField, "a local date is YYYY-MM-DD, a local time YYYY-MM-DDThh:mm:ss").at(field);
    let instant = |at: DateTime| zone.to_timestamp(at).map_err(|_| wrong());
    if !text.contains('T') {
        let Some(day) = asked::day(text, field).map_err(|_| wrong())? else { return Ok(None) };
        return if is_end { asked::end_of(day, zone).map(Some).ok_or_else(wrong) } else { instant(day.at(0, 0, 0, 0)).map(Some) };
    }
    let plain = text.len() <= TIME_LEN_MAX && text.bytes().all(|byte| byte.is_ascii_digit() || b"-T:.".contains(&byte));
    let at = text.parse::<DateTime>().ok().filter(|_| plain).ok_or_else(wrong)?;
    instant(at).map(Some)
}

/// A row as the contract shows it; none where it is the genesis.
fn access(row: &Row) -> Result<Option<Access>, Error> {
    let Some(Fact::AccessRecorded(read)) = row.event()?.fact else { return Ok(None) };
    Ok(Some(Access {
        position: row.position,
        at: Some(time::Timestamp::from_micros(row.recorded_at)),
        caller: accesses::account(row).into(),
        actor: row.actor.as_str().into(),
        read: Some(read),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_local() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let at = |text, is_end| moment(text, "from", &zone, is_end).map(|at| at.map(|at| at.to_string()));
        for (text, is_end, expected) in [
            ("2026-05-12", false, "2026-05-11T16:00:00Z"),
            ("2026-05-12", true, "2026-05-12T15:59:59.999999Z"),
            ("2026-05-12T09:30:00", false, "2026-05-12T01:30:00Z"),
            ("2026-05-12T09:30:00.5", true, "2026-05-12T01:30:00.5Z"),
        ] {
            assert_eq!(at(text, is_end).unwrap().as_deref(), Some(expected), "{text}");
        }
        assert_eq!(at("", true).unwrap(), None);
        for wrong in
            ["2026-5-12", "2026-02-30", "20260512", "2026-05-12T", "2026-05-12T09:30:00Z", "2026-05-12T25:00:00", "yesterday!"]
        {
            assert_eq!(at(wrong, false).unwrap_err().field, "from", "{wrong}");
        }
    }
}
