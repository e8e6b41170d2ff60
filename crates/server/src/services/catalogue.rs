//! `CatalogueService`: items, units, the calendar and the rules, as in force on a day and known at a time.

use super::{asked, unanswered};
use crate::{Node, node::Served};
use jiff::{ToSpan, civil::Date};
use std::{collections::HashMap, sync::Arc};
use tonic::{Request, Response, Status};
use xiaoer_domain::{Code, Recorded, Refusal, Scope, Subject, history::History, ids::kind, knowledge::Knowledge, rules::RULES};
use xiaoer_projections::{Error, Known};
use xiaoer_wire::v1::{
    self, CalendarDayView, GetCalendarRequest, GetCalendarResponse, GetItemRequest, GetItemResponse, GetUnitRequest,
    GetUnitResponse, ItemView, ListItemsRequest, ListItemsResponse, ListRulesRequest, ListRulesResponse, ListUnitsRequest,
    ListUnitsResponse, RuleView, UnitView, catalogue_service_server::CatalogueService, event::Fact,
};

/// Most days of one calendar answer.
const DAYS_MAX: i32 = 1_100;

pub(crate) struct Catalogue {
    node: Arc<Node>,
}

/// A log as known, and the day asked about.
struct Seen {
    served: Arc<Served>,
    known: Known,
    on: Date,
    knowledge: Arc<Knowledge>,
}

impl Catalogue {
    pub(crate) fn new(node: Arc<Node>) -> Self {
        Self { node }
    }

    async fn see(&self, log: &str, known_at: Option<&v1::KnownAt>, on: &str) -> Result<Seen, Error> {
        let served = self.node.log(log)?;
        let known = Known::on(&served.log, asked::known_at(known_at)?, 0, self.node.now()).await?;
        let on = asked::day(on, "on")?.unwrap_or(known.day);
        let knowledge = served.knowing.at(known.position).await?;
        Ok(Seen { served, known, on, knowledge })
    }
}

impl Seen {
    /// What was published of some things, by id, as the contract has it: events that count, by position.
    async fn published(&self, kind: &str, ids: &[&str]) -> Result<HashMap<String, Vec<v1::Event>>, Error> {
        // The knowledge is keyed by id alone, so that a thing that two systems number alike is one.
        let rows = self.served.log.of_kind(Scope::Everything, kind, self.known.position).await?;
        let zone = &self.served.log.genesis().zone;
        let mut histories: HashMap<String, History> = HashMap::new();
        let mut events: HashMap<u64, v1::Event> = HashMap::new();
        for row in rows.iter().filter(|row| ids.contains(&&*row.subject.id)) {
            let id = row.subject.id.to_string();
            let history = histories.entry(id.clone()).or_insert_with(|| History::new(Subject::new(kind, "", &id)));
            history.insert(row.recorded(zone)?);
            events.insert(row.position, row.event()?);
        }
        let counting = |history: History| {
            let mut counting: Vec<&Recorded> = history.counting().collect();
            counting.sort_unstable_by_key(|recorded| recorded.position);
            counting.into_iter().filter_map(|recorded| events.get(&recorded.position).cloned()).collect()
        };
        Ok(histories.into_iter().map(|(id, history)| (id, counting(history))).collect())
    }

    async fn items(&self, asked: &[(&str, &str)]) -> Result<Vec<ItemView>, Error> {
        let codes: Vec<&str> = asked.iter().map(|(code, _)| *code).collect();
        let published = self.published(kind::ITEM, &codes).await?;
        Ok(asked.iter().filter_map(|(code, version)| item_view(published.get(*code)?, code, version, self.on)).collect())
    }

    async fn units(&self, codes: &[&str]) -> Result<Vec<UnitView>, Error> {
        let published = self.published(kind::UNIT, codes).await?;
        let view = |usci: &&str| {
            let registered = published.get(*usci)?.iter().rev().find_map(|event| match &event.fact {
                Some(Fact::UnitRegistered(registered)) if registered.from.as_str() <= self.on.to_string().as_str() => {
                    Some(registered.clone())
                }
                _ => None,
            })?;
            let head = self.knowledge.catalogue.unit(usci).and_then(|unit| unit.head(self.on)).unwrap_or_default();
            Some(UnitView { usci: (*usci).to_owned(), registered: Some(registered), head_person_id: head.to_owned() })
        };
        Ok(codes.iter().filter_map(view).collect())
    }
}

fn item_view(events: &[v1::Event], code: &str, version: &str, on: Date) -> Option<ItemView> {
    let published = events.iter().find_map(|event| match &event.fact {
        Some(Fact::ItemVersionPublished(published)) if published.version == version => Some(published.clone()),
        _ => None,
    })?;
    let mut channels: Vec<i32> = events
        .iter()
        .filter_map(|event| match &event.fact {
            Some(Fact::ItemPosted(posted)) if posted.version == version => Some(posted.channel),
            _ => None,
        })
        .collect();
    channels.sort_unstable();
    channels.dedup();
    let withdrawn = events.iter().rev().find(|event| matches!(event.fact, Some(Fact::ItemWithdrawn(_))));
    let withdrawn_on = withdrawn.and_then(|event| event.legal_date.clone()).filter(|day| *day > on.to_string()).unwrap_or_default();
    Some(ItemView { item_code: code.to_owned(), version: Some(published), channels, withdrawn_on })
}

/// A page of sorted codes after one.
fn page<'a>(codes: impl Iterator<Item = &'a str>, after: Option<[String; 1]>, size: u32) -> (Vec<&'a str>, String) {
    let after = after.map(|[after]| after);
    let page: Vec<&str> = codes.filter(|code| after.as_deref().is_none_or(|after| *code > after)).take(size as usize).collect();
    let next = page.last().filter(|_| page.len() == size as usize).map(|last| asked::token(&[last])).unwrap_or_default();
    (page, next)
}

fn missing(what: &str, field: &str) -> Error {
    Refusal::new(Code::UnknownSubject, format!("no {what} of this code is in force on that day, as known then")).at(field).into()
}

fn answer<T>(result: Result<T, Error>) -> Result<Response<T>, Status> {
    result.map(Response::new).map_err(|error| unanswered(&error))
}

#[tonic::async_trait]
impl CatalogueService for Catalogue {
    async fn get_item(&self, request: Request<GetItemRequest>) -> Result<Response<GetItemResponse>, Status> {
        let request = request.into_inner();
        let found = async {
            let seen = self.see(&request.log, request.known_at.as_ref(), &request.on).await?;
            let catalogue = &seen.knowledge.catalogue;
            let version = match request.version.as_str() {
                "" => catalogue.item_in_force(&request.item_code, seen.on),
                version => catalogue.item_version(&request.item_code, version),
            };
            let version = version.ok_or_else(|| missing("item", "item_code"))?;
            let items = seen.items(&[(&request.item_code, &version.version)]).await?;
            let item = items.into_iter().next().ok_or_else(|| missing("item", "item_code"))?;
            Ok(GetItemResponse { item: Some(item), position: seen.known.position })
        };
        answer(found.await)
    }

    async fn list_items(&self, request: Request<ListItemsRequest>) -> Result<Response<ListItemsResponse>, Status> {
        let request = request.into_inner();
        let found = async {
            let seen = self.see(&request.log, request.known_at.as_ref(), &request.on).await?;
            let in_force: Vec<(&str, &str)> = seen
                .knowledge
                .catalogue
                .items()
                .filter_map(|(code, item)| Some((&**code, item.in_force(seen.on)?)))
                .filter(|(_, version)| request.lead_usci.is_empty() || *version.lead_unit == *request.lead_usci)
                .map(|(code, version)| (code, &*version.version))
                .collect();
            let codes = in_force.iter().map(|(code, _)| *code);
            let (codes, next_page_token) = page(codes, asked::parts(&request.page_token)?, asked::page_size(request.page_size));
            let wanted: Vec<_> = in_force.into_iter().filter(|(code, _)| codes.contains(code)).collect();
            Ok(ListItemsResponse { items: seen.items(&wanted).await?, next_page_token, position: seen.known.position })
        };
        answer(found.await)
    }

    async fn get_unit(&self, request: Request<GetUnitRequest>) -> Result<Response<GetUnitResponse>, Status> {
        let request = request.into_inner();
        let found = async {
            let seen = self.see(&request.log, request.known_at.as_ref(), &request.on).await?;
            let unit = seen.units(&[&request.usci]).await?.into_iter().next().ok_or_else(|| missing("unit", "usci"))?;
            Ok(GetUnitResponse { unit: Some(unit), position: seen.known.position })
        };
        answer(found.await)
    }

    async fn list_units(&self, request: Request<ListUnitsRequest>) -> Result<Response<ListUnitsResponse>, Status> {
        let request = request.into_inner();
        let found = async {
            let seen = self.see(&request.log, request.known_at.as_ref(), &request.on).await?;
            let valid = seen.knowledge.catalogue.units().filter(|(_, unit)| unit.is_valid(seen.on)).map(|(code, _)| &**code);
            let (codes, next_page_token) = page(valid, asked::parts(&request.page_token)?, asked::page_size(request.page_size));
            Ok(ListUnitsResponse { units: seen.units(&codes).await?, next_page_token, position: seen.known.position })
        };
        answer(found.await)
    }

    async fn get_calendar(&self, request: Request<GetCalendarRequest>) -> Result<Response<GetCalendarResponse>, Status> {
        let request = request.into_inner();
        let found = async {
            let seen = self.see(&request.log, request.known_at.as_ref(), "").await?;
            let bound = |text: &str, field: &str| {
                asked::day(text, field)?
                    .ok_or_else(|| Refusal::new(Code::MissingField, "a calendar has a first and a last day").at(field))
            };
            let (from, to) = (bound(&request.from, "from")?, bound(&request.to, "to")?);
            let last = from.checked_add(DAYS_MAX.days()).unwrap_or(Date::MAX);
            if to < from || to > last {
                return Err(Refusal::new(Code::InvalidScope, format!("ask for 1 to {DAYS_MAX} days")).at("to").into());
            }
            let calendar = &seen.knowledge.calendar;
            let days = from.series(1.day()).take_while(|day| *day <= to).map(|day| CalendarDayView {
                date: day.to_string(),
                working: calendar.is_working(day),
                provisional: calendar.is_provisional(day),
            });
            let horizon = calendar.horizon().map(|day| day.to_string()).unwrap_or_default();
            Ok(GetCalendarResponse { days: days.collect(), horizon, position: seen.known.position })
        };
        answer(found.await)
    }

    async fn list_rules(&self, request: Request<ListRulesRequest>) -> Result<Response<ListRulesResponse>, Status> {
        let request = request.into_inner();
        let found = async {
            let seen = self.see(&request.log, request.known_at.as_ref(), &request.on).await?;
            let rules = RULES.iter().filter_map(|def| {
                let rule = seen.knowledge.rules.value(def.id, seen.on)?;
                Some(RuleView {
                    rule_id: def.id.into(),
                    value: Some(rule_value(&rule.value)),
                    in_force_from: rule.in_force_from.map(|day| day.to_string()).unwrap_or_default(),
                    authority: rule.authority.to_string(),
                    is_default: rule.in_force_from.is_none(),
                })
            });
            Ok(ListRulesResponse { rules: rules.collect(), position: seen.known.position })
        };
        answer(found.await)
    }
}

fn rule_value(value: &xiaoer_domain::event::RuleValue) -> v1::RuleValue {
    use v1::rule_value::Kind;
    use xiaoer_domain::event::RuleValue;
    let kind = match value {
        RuleValue::Number(number) => Kind::Number(*number),
        RuleValue::Flag(flag) => Kind::Flag(*flag),
        RuleValue::Code(code) => Kind::Code(code.to_string()),
        RuleValue::Codes(codes) => Kind::Codes(v1::RuleCodes { codes: codes.iter().map(|code| code.to_string()).collect() }),
        RuleValue::Table(table) => {
            Kind::Table(v1::RuleTable { numbers: table.iter().map(|(key, number)| (key.to_string(), *number)).collect() })
        }
    };
    v1::RuleValue { kind: Some(kind) }
}
