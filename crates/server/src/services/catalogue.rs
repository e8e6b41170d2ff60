//! `CatalogueService`: items, units, windows, the calendar and the rules, as in force on a day and known at a time.

use super::{asked, unanswered};
use crate::{
    Node,
    auth::caller,
    node::{Gate, Served},
};
use jiff::{ToSpan, civil::Date};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use tonic::{Request, Response, Status};
use xiaoer_domain::{
    Code, Recorded, Refusal, Scope, Subject,
    catalogue::TurnKind,
    event::{CodeText, Configured, ToleranceList},
    history::History,
    ids::kind,
    knowledge::Knowledge,
    permit::{Caller, Right},
    rules::RULES,
};
use xiaoer_projections::{Error, Known};
use xiaoer_wire::v1::{
    self, CalendarDayView, GetCalendarRequest, GetCalendarResponse, GetItemRequest, GetItemResponse, GetUnitRequest,
    GetUnitResponse, ItemView, ListItemsRequest, ListItemsResponse, ListRulesRequest, ListRulesResponse, ListUnitsRequest,
    ListUnitsResponse, ListWindowsRequest, ListWindowsResponse, RuleView, UnitView, WindowView,
    catalogue_service_server::CatalogueService, event::Fact,
};

/// Most days of one calendar answer.
const DAYS_MAX: i32 = 1_100;

/// What was published of one thing, as the contract has it: the events that count, by position, each with its day.
type Published = Vec<(Date, v1::Event)>;

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

    /// Reads what is published in a log.
    async fn read<'a, T, F, Read>(&'a self, caller: &'a Caller, call: &str, log: &String, read: F) -> Result<Response<T>, Status>
    where
        F: FnOnce(Gate<'a>) -> Read,
        Read: Future<Output = Result<T, Error>>,
    {
        let reading = self.node.reading(caller, &format!("CatalogueService/{call}"), Right::Catalogue, [log]);
        reading.read(read).await.map(Response::new).map_err(|error| unanswered(&error))
    }
}

impl Seen {
    async fn at(gate: Gate<'_>, log: &str, known_at: Option<&v1::KnownAt>, on: &str) -> Result<Self, Error> {
        let (served, _) = gate.open(log)?;
        let known = Known::on(&served.log, asked::known_at(known_at)?, 0, gate.node().now()).await?;
        let on = asked::day(on, "on")?.unwrap_or(known.day);
        let knowledge = served.knowing.at(known.position).await?;
        Ok(Self { served, known, on, knowledge })
    }

    /// What was published of some things, by id.
    async fn published(&self, kind: &str, ids: &[&str]) -> Result<HashMap<String, Published>, Error> {
        // The knowledge is keyed by id alone, so that a thing that two systems number alike is one.
        let rows = self.served.log.of_kind(&Scope::Everything, kind, self.known.position).await?;
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
            counting.into_iter().filter_map(|it| Some((it.event.day, events.get(&it.position)?.clone()))).collect()
        };
        Ok(histories.into_iter().map(|(id, history)| (id, counting(history))).collect())
    }

    async fn items(&self, asked: &[(&str, &str)]) -> Result<Vec<ItemView>, Error> {
        let codes: Vec<&str> = asked.iter().map(|(code, _)| *code).collect();
        let published = self.published(kind::ITEM, &codes).await?;
        Ok(asked.iter().filter_map(|(code, version)| self.item(code, version, published.get(*code)?)).collect())
    }

    fn item(&self, code: &str, version: &str, published: &Published) -> Option<ItemView> {
        let contents = published.iter().find_map(|(_, event)| match &event.fact {
            Some(Fact::ItemVersionPublished(published)) if published.version == version => Some(published.clone()),
            _ => None,
        })?;
        let channels: BTreeSet<i32> = published
            .iter()
            .filter_map(|(day, event)| match &event.fact {
                Some(Fact::ItemPosted(posted)) if posted.version == version && *day <= self.on => Some(posted.channel),
                _ => None,
            })
            .collect();
        let item = self.knowledge.catalogue.item(code)?;
        let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let shown = item.version(version)?;
        let ended = |what| day(item.end_of(shown, what, Date::MAX));
        let edition = self.knowledge.catalogue.edition(self.on);
        let sorted = edition.and_then(|(_, edition)| edition.sorted(code, self.on));
        let said = |event: &v1::Event| match &event.fact {
            Some(Fact::ItemLimitChanged(said)) if said.version == version => Some(said.clone()),
            _ => None,
        };
        Some(ItemView {
            item_code: code.to_owned(),
            version: Some(contents),
            channels: channels.into_iter().collect(),
            withdrawn_on: ended(TurnKind::Withdrawn),
            tolerance: item.tolerance_list(version, self.on).map(|listed| tolerance_list(&listed.list)),
            edition: edition.map(|(id, _)| id.to_string()).unwrap_or_default(),
            category: sorted.map(|sorted| sorted.category.to_string()).unwrap_or_default(),
            taken_over_on: day(item.taken_over(self.on)),
            cancelled_on: ended(TurnKind::Cancelled),
            delegated_on: ended(TurnKind::Delegated),
            limit_change: published.iter().rev().find_map(|(_, event)| said(event)),
        })
    }

    async fn units(&self, codes: &[&str]) -> Result<Vec<UnitView>, Error> {
        let published = self.published(kind::UNIT, codes).await?;
        Ok(codes.iter().filter_map(|usci| self.unit(usci, published.get(*usci)?)).collect())
    }

    /// The registration with the latest first day, of equal ones the last recorded, as with the versions of an item.
    fn unit(&self, usci: &str, published: &Published) -> Option<UnitView> {
        let on = self.on.to_string();
        let registered = published
            .iter()
            .filter_map(|(_, event)| match &event.fact {
                Some(Fact::UnitRegistered(registered)) if registered.from <= on => Some(registered),
                _ => None,
            })
            .max_by(|a, b| a.from.cmp(&b.from))?;
        let head = self.knowledge.catalogue.unit(usci).and_then(|unit| unit.head(self.on)).unwrap_or_default();
        Some(UnitView { usci: usci.to_owned(), registered: Some(registered.clone()), head_person_id: head.to_owned() })
    }
}

/// The window as it is set up on a day: of what was set with the latest first day, the last recorded, as the rules have it.
fn window(id: &str, on: Date, published: &Published) -> Option<WindowView> {
    let set = published.iter().filter_map(|(from, event)| match &event.fact {
        Some(Fact::WindowConfigured(configured)) if *from <= on => Some((*from, configured)),
        _ => None,
    });
    let (from, configured) = set.max_by_key(|(from, _)| *from)?;
    Some(WindowView { window_id: id.to_owned(), configured: Some(configured.clone()), from: from.to_string() })
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

#[tonic::async_trait]
impl CatalogueService for Catalogue {
    async fn get_item(&self, request: Request<GetItemRequest>) -> Result<Response<GetItemResponse>, Status> {
        let (caller, request) = (caller(&request)?, request.into_inner());
        let found = async |gate: Gate<'_>| {
            let seen = Seen::at(gate, &request.log, request.known_at.as_ref(), &request.on).await?;
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
        self.read(&caller, "GetItem", &request.log, found).await
    }

    async fn list_items(&self, request: Request<ListItemsRequest>) -> Result<Response<ListItemsResponse>, Status> {
        let (caller, request) = (caller(&request)?, request.into_inner());
        let found = async |gate: Gate<'_>| {
            let seen = Seen::at(gate, &request.log, request.known_at.as_ref(), &request.on).await?;
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
        self.read(&caller, "ListItems", &request.log, found).await
    }

    async fn get_unit(&self, request: Request<GetUnitRequest>) -> Result<Response<GetUnitResponse>, Status> {
        let (caller, request) = (caller(&request)?, request.into_inner());
        let found = async |gate: Gate<'_>| {
            let seen = Seen::at(gate, &request.log, request.known_at.as_ref(), &request.on).await?;
            let unit = seen.units(&[&request.usci]).await?.into_iter().next().ok_or_else(|| missing("unit", "usci"))?;
            Ok(GetUnitResponse { unit: Some(unit), position: seen.known.position })
        };
        self.read(&caller, "GetUnit", &request.log, found).await
    }

    async fn list_units(&self, request: Request<ListUnitsRequest>) -> Result<Response<ListUnitsResponse>, Status> {
        let (caller, request) = (caller(&request)?, request.into_inner());
        let found = async |gate: Gate<'_>| {
            let seen = Seen::at(gate, &request.log, request.known_at.as_ref(), &request.on).await?;
            let valid = seen.knowledge.catalogue.units().filter(|(_, unit)| unit.is_valid(seen.on)).map(|(code, _)| &**code);
            let (codes, next_page_token) = page(valid, asked::parts(&request.page_token)?, asked::page_size(request.page_size));
            Ok(ListUnitsResponse { units: seen.units(&codes).await?, next_page_token, position: seen.known.position })
        };
        self.read(&caller, "ListUnits", &request.log, found).await
    }

    async fn list_windows(&self, request: Request<ListWindowsRequest>) -> Result<Response<ListWindowsResponse>, Status> {
        let (caller, request) = (caller(&request)?, request.into_inner());
        let found = async |gate: Gate<'_>| {
            let seen = Seen::at(gate, &request.log, request.known_at.as_ref(), &request.on).await?;
            let takes = |configured: &Configured| {
                request.item_code.is_empty() || configured.items.iter().any(|item| **item == *request.item_code)
            };
            let set_up = seen.knowledge.catalogue.windows().filter(|(_, window)| window.on(seen.on).is_some_and(takes));
            let ids = set_up.map(|(id, _)| &**id);
            let (ids, next_page_token) = page(ids, asked::parts(&request.page_token)?, asked::page_size(request.page_size));
            let published = seen.published(kind::WINDOW, &ids).await?;
            let windows = ids.iter().filter_map(|id| window(id, seen.on, published.get(*id)?)).collect();
            Ok(ListWindowsResponse { windows, next_page_token, position: seen.known.position })
        };
        self.read(&caller, "ListWindows", &request.log, found).await
    }

    async fn get_calendar(&self, request: Request<GetCalendarRequest>) -> Result<Response<GetCalendarResponse>, Status> {
        let (caller, request) = (caller(&request)?, request.into_inner());
        let found = async |gate: Gate<'_>| {
            let seen = Seen::at(gate, &request.log, request.known_at.as_ref(), "").await?;
            let bound = |text: &str, field: &str| {
                asked::day(text, field)?
                    .ok_or_else(|| Refusal::new(Code::MissingField, "a calendar has a first and a last day").at(field))
            };
            let (from, to) = (bound(&request.from, "from")?, bound(&request.to, "to")?);
            let last = from.checked_add((DAYS_MAX - 1).days()).unwrap_or(Date::MAX);
            if to < from || to > last {
                return Err(Refusal::new(Code::InvalidScope, format!("ask for 1 to {DAYS_MAX} days")).at("to").into());
            }
            let calendar = &seen.knowledge.calendar;
            let days = from.series(1.day()).take_while(|day| *day <= to).map(|day| CalendarDayView {
                date: day.to_string(),
                working: calendar.is_working(day),
                provisional: calendar.is_provisional(day),
            });
            let text = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
            let (horizon, final_until) = (text(calendar.horizon()), text(calendar.final_until()));
            Ok(GetCalendarResponse { days: days.collect(), horizon, position: seen.known.position, final_until })
        };
        self.read(&caller, "GetCalendar", &request.log, found).await
    }

    async fn list_rules(&self, request: Request<ListRulesRequest>) -> Result<Response<ListRulesResponse>, Status> {
        let (caller, request) = (caller(&request)?, request.into_inner());
        let found = async |gate: Gate<'_>| {
            let seen = Seen::at(gate, &request.log, request.known_at.as_ref(), &request.on).await?;
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
        self.read(&caller, "ListRules", &request.log, found).await
    }
}

fn tolerance_list(list: &ToleranceList) -> v1::ToleranceListPublished {
    let material = |(code, max_wd): &(CodeText, u32)| v1::ToleratedMaterial { code: code.to_string(), max_wd: *max_wd };
    v1::ToleranceListPublished { version: list.version.to_string(), materials: list.materials.iter().map(material).collect() }
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
