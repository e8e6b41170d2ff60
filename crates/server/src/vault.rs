//! The vault beside the log: what is put and read, what the log must say before something is erased, and what a start finishes.
//!
//! ```text
//!  Erase ─► asked for, in the vault ─► PersonErased, in the log ─► key and content destroyed ─► answer
//!               │ a crash here: asked again     │ a crash here: the next start destroys what the log says is erased
//! ```
//!
//! Invariant: nothing is destroyed that the log does not say is erased; and what it says is erased is gone before a server that starts
//! takes a call, also where the vault was put back to an earlier point.

use crate::{
    Node,
    intake::{answered, own},
    node::{Gate, Served},
};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use uuid::Uuid;
use xiaoer_domain::{
    Actor, Code, Fact, Identity, LogName, Refusal, Scope, Subject,
    ids::kind,
    permit::{Caller, Right, sees_text},
    refusal::Class,
};
use xiaoer_journal::vault::{Epoch, EpochState, Erasure, Error, Kind, NewContent, ToErase, Vault};
use xiaoer_wire::{
    parse,
    v1::{self, event::Fact as Said},
};

/// How often the vaults are looked after: what another process began, or what failed.
const LOOK: Duration = Duration::from_secs(5);
/// Namespace of the ids of the vault's events; drawn once, never changed.
const NAMESPACE: Uuid = uuid::uuid!("5f0b8a5e-5c1f-4a37-9d0e-6c3d6f0f7c52");
/// The system that numbers what is in the vault: this one.
const SYSTEM: &str = "xiaoer";

/// Puts content.
pub(crate) async fn put(node: &Node, caller: &Caller, request: v1::PutRequest) -> Result<v1::PutResponse, Error> {
    let (served, _) = node.open(caller, &request.log, Right::VaultPut)?;
    let vault = node.vault(name(&served))?;
    let put = parse::vault::put(request)?;
    let new = NewContent {
        request: put.request_id,
        kind: if put.kind == v1::VaultKind::Person { Kind::Person } else { Kind::Text },
        person: put.person.map(|person| person.to_string()),
        content: put.content.into(),
        retention: put.retention.into(),
        put_at: now(node, &served).await?.as_microsecond(),
        subject: put.subject,
        field: put.field.to_string(),
    };
    let placed = vault.put(name(&served), &new).await?;
    let r#ref = v1::TextRef { r#ref: placed.reference, commitment: placed.commitment.into() };
    Ok(v1::PutResponse { r#ref: Some(r#ref), existed: placed.existed })
}

/// Reads content.
pub(crate) async fn get(node: &Node, caller: &Caller, request: &v1::GetRequest) -> Result<v1::GetResponse, Error> {
    let reading = node.reading(caller, "PersonService/Get", Right::VaultGet, [&request.log]).of_ref(&request.r#ref);
    reading.read(|gate| content(gate, request)).await
}

async fn content(gate: Gate<'_>, request: &v1::GetRequest) -> Result<v1::GetResponse, Error> {
    let node = gate.node();
    let (served, scope) = gate.open(&request.log)?;
    let vault = node.vault(name(&served))?;
    let reference = parse::vault::reference("ref", &request.r#ref)?;
    let asked = parse::vault::commitment(&request.commitment)?;
    let content = vault.get(name(&served), &reference).await?.ok_or_else(unknown)?;
    if !sees_content(&served, &scope, content.subject.as_ref(), &reference).await? {
        return Err(unknown().into());
    }
    let erasure = match content.text {
        Some(_) => None,
        None => vault.erasure(name(&served), &content.owner).await?.map(shown),
    };
    let committed = match &content.text {
        None => v1::Committed::Unspecified,
        Some((_, found)) if *found == asked.unwrap_or(content.commitment) => v1::Committed::Yes,
        Some(_) => v1::Committed::No,
    };
    Ok(v1::GetResponse {
        kind: shown_kind(content.kind).into(),
        person: if content.owner == content.reference { String::new() } else { content.owner },
        content: content.text.map(|(text, _)| text.to_vec()).unwrap_or_default(),
        committed: committed.into(),
        subject: content.subject.as_ref().map(crate::services::subject),
        field: content.field,
        retention_class: content.retention,
        erasure,
    })
}

/// Whether a scope sees content: a unit what was put for a stream that it had a part in, of a complaint what was transferred to it.
async fn sees_content(served: &Served, scope: &Scope, of: Option<&Subject>, reference: &str) -> Result<bool, Error> {
    let (Scope::Unit(_), Some(subject)) = (scope, of) else { return Ok(*scope == Scope::Everything) };
    let head = served.log.head().await?.position;
    let history = served.history(subject, &served.log.stream(&Scope::Everything, subject, head).await?)?;
    let knowledge = served.knowing.at(head).await.map_err(|error| Refusal::from(&error))?;
    Ok(sees_text(scope, &history, &knowledge, reference))
}

/// Erases a person, or a text that belongs to nobody.
pub(crate) async fn erase(node: &Node, caller: &Caller, request: v1::EraseRequest) -> Result<v1::EraseResponse, Error> {
    let (served, _) = node.open(caller, &request.log, Right::VaultErase)?;
    let vault = node.vault(name(&served))?;
    let reference = parse::vault::reference("ref", &request.r#ref)?;
    parse::vault::authorised(&request.authority, &request.reason)?;
    if vault.owner(name(&served), &reference).await?.ok_or_else(unknown)? != *reference {
        return Err(Refusal::new(Code::TextOfPerson, "the text has no key of its own").at("ref").into());
    }
    let at = now(node, &served).await?;
    let said = |what: &ToErase| erased(&served, &reference, at, &request, what);
    vault.ask_erasure(name(&served), &reference, caller.actor().clone(), said).await?;
    let erasure = finish(node, &served, vault, &reference).await?;
    Ok(v1::EraseResponse { erasure: Some(shown(erasure)) })
}

/// The event of an erasure, in stored form.
fn erased(served: &Served, of: &str, at: jiff::Timestamp, request: &v1::EraseRequest, what: &ToErase) -> Result<Vec<u8>, Refusal> {
    let day = |micros| jiff::Timestamp::from_microsecond(micros).map(|at| served.log.genesis().zone.to_datetime(at).date());
    let kept = |&(class, micros): &(i32, i64)| v1::RetainedContent {
        retention_class: class,
        since: day(micros).map(|day| day.to_string()).unwrap_or_default(),
    };
    let fact = v1::PersonErased {
        kind: shown_kind(what.kind).into(),
        authority: request.authority.clone(),
        reason: request.reason.clone(),
        kept: what.kept.iter().map(kept).collect(),
        first_epoch: what.first_epoch,
        last_epoch: what.last_epoch,
    };
    let event = event(served, (kind::PERSON, of), "erased", at, Said::PersonErased(fact));
    parse::body(&event).map_err(|error| Refusal::new(Code::Internal, error.to_string()))
}

/// Goes on with an erasure that was asked for, to its end.
async fn finish(node: &Node, served: &Served, vault: &Vault, owner: &str) -> Result<Erasure, Error> {
    let log = name(served);
    let stands = vault.erasure(log, owner).await?.ok_or_else(unknown)?;
    let Erasure::Asked { actor, event } = stands else { return Ok(stands) };
    let event = parse::stored(&event).map_err(|error| Refusal::new(Code::Internal, error.to_string()))?;
    let Some(Said::PersonErased(said)) = &event.fact else {
        return Err(Refusal::new(Code::Internal, "an erasure without its event").into());
    };
    let epochs = (said.first_epoch, said.last_epoch);
    match record(node, served, actor, &event).await {
        Ok(position) => vault.destroy(log, owner, epochs, position).await?,
        // Of a world that is away nobody knows whether it took the event.
        Err(refusal) if matches!(refusal.code.class(), Class::Away | Class::Corrupt) => return Err(refusal.into()),
        Err(refusal) => {
            vault.take_back(log, owner).await?;
            return Err(refusal.into());
        }
    }
    Ok(vault.erasure(log, owner).await?.ok_or_else(unknown)?)
}

/// Places a hold.
pub(crate) async fn place_hold(
    node: &Node,
    caller: &Caller,
    request: v1::PlaceHoldRequest,
) -> Result<v1::PlaceHoldResponse, Error> {
    let v1::PlaceHoldRequest { log, r#ref, hold_id, authority, reason } = request;
    let id = hold_id.clone();
    let fact = Said::LegalHoldPlaced(v1::LegalHoldPlaced { hold_id, authority, reason });
    let (position, r#ref) = hold(node, caller, (&log, &r#ref), &id, fact).await?;
    Ok(v1::PlaceHoldResponse { position, r#ref })
}

/// Lifts a hold.
pub(crate) async fn lift_hold(node: &Node, caller: &Caller, request: v1::LiftHoldRequest) -> Result<v1::LiftHoldResponse, Error> {
    let v1::LiftHoldRequest { log, r#ref, hold_id, authority, reason } = request;
    let id = hold_id.clone();
    let fact = Said::LegalHoldLifted(v1::LegalHoldLifted { hold_id, authority, reason });
    let (position, _) = hold(node, caller, (&log, &r#ref), &id, fact).await?;
    Ok(v1::LiftHoldResponse { position })
}

/// Records what becomes of a hold on whoever's data key seals a content; gives the position, and who that is.
async fn hold(node: &Node, caller: &Caller, (log, of): (&str, &str), id: &str, fact: Said) -> Result<(u64, String), Error> {
    let (served, _) = node.open(caller, log, Right::VaultHold)?;
    let vault = node.vault(name(&served))?;
    let of = parse::vault::reference("ref", of)?;
    parse::vault::hold_id(id)?;
    let owner = vault.owner(name(&served), &of).await?.ok_or_else(unknown)?;
    let what = if matches!(fact, Said::LegalHoldPlaced(_)) { "placed" } else { "lifted" };
    let event = event(&served, (kind::PERSON, &owner), &format!("{what}/{id}"), now(node, &served).await?, fact);
    match standing(&served, &event).await? {
        Some((position, true)) => Ok((position, owner)),
        Some((position, false)) => {
            let code = if what == "placed" { Code::HoldExists } else { Code::HoldUnknown };
            Err(Refusal::new(code, format!("the hold was {what} at position {position}, in other words")).at("ref").into())
        }
        None => Ok((record(node, &served, caller.actor().clone(), &event).await?, owner)),
    }
}

/// Makes the key of a new epoch.
pub(crate) async fn rotate(node: &Node) -> Result<v1::RotateResponse, Error> {
    let mut newest = 0;
    for vault in node.vaults() {
        let last = vault.epochs().await?.last().map_or(0, |last| last.epoch);
        newest = newest.max(last);
    }
    let Some(first) = node.vaults().first() else { return Err(no_vault().into()) };
    // A key that an operator has put there begins its epoch.
    let epoch = (newest + 1).max(first.newest_key().await?);
    for vault in node.vaults() {
        vault.begin_epoch(epoch).await?;
    }
    tracing::info!(epoch, "a new epoch of the vault's keys");
    node.vault_work.notify_one();
    Ok(v1::RotateResponse { epoch })
}

/// Destroys the key of an epoch, once nothing is wrapped by it; then the logs say so.
pub(crate) async fn destroy_epoch(node: &Node, actor: Actor, epoch: Epoch) -> Result<v1::DestroyEpochResponse, Error> {
    let Some(first) = node.vaults().first() else { return Err(no_vault().into()) };
    let mut those = Vec::new();
    for vault in node.vaults() {
        let epochs = vault.epochs().await?;
        if let Some(this) = epochs.iter().find(|this| this.epoch == epoch) {
            // Refused by one, it is begun in none.
            let is_newest = epochs.last().is_some_and(|last| last.epoch == epoch);
            if this.keys > 0 || is_newest {
                vault.retire(epoch).await?;
            }
            those.push(vault);
        }
    }
    if those.is_empty() {
        return Err(Refusal::new(Code::UnknownEpoch, format!("there is no epoch {epoch}")).at("epoch").into());
    }
    for vault in &those {
        vault.retire(epoch).await?;
    }
    first.destroy_key(epoch).await?;
    let mut completed = 0;
    for served in node.logs() {
        completed += say_destroyed(node, &served, &actor, epoch).await?;
    }
    for vault in those {
        vault.destroyed(epoch).await?;
    }
    tracing::info!(epoch, completed, "the key of an epoch of the vault is destroyed");
    Ok(v1::DestroyEpochResponse { completed })
}

/// Records that the key of an epoch is gone, in a log that has something in the vault; gives the erasures that are complete with it.
async fn say_destroyed(node: &Node, served: &Served, actor: &Actor, epoch: Epoch) -> Result<u64, Error> {
    let vault = node.vault(name(served))?;
    let completed = vault.completed(name(served), epoch).await?;
    let takes = served.log.head().await?.contract >= Fact::VaultEpochDestroyed.contract();
    if !takes || !vault.holds(name(served)).await? {
        return Ok(completed);
    }
    let fact = Said::VaultEpochDestroyed(v1::VaultEpochDestroyed { completed });
    let event = event(served, (kind::VAULT, &epoch.to_string()), "destroyed", now(node, served).await?, fact);
    if standing(served, &event).await?.is_none() {
        match record(node, served, actor.clone(), &event).await {
            // Another process was first.
            Err(refusal) if refusal.code == Code::IdentityReused => {}
            recorded => _ = recorded?,
        }
    }
    Ok(completed)
}

/// That every vault can use its keys.
pub(crate) async fn check(node: &Node) -> Result<(), Error> {
    for vault in node.vaults() {
        vault.check().await?;
    }
    Ok(())
}

/// How the epochs of all vaults stand, oldest first.
pub(crate) async fn epochs(node: &Node) -> Result<Vec<v1::VaultEpochStatus>, Error> {
    let mut all: Vec<v1::VaultEpochStatus> = Vec::new();
    for vault in node.vaults() {
        let epochs = vault.epochs().await?;
        let newest = epochs.last().map(|last| last.epoch);
        for this in epochs {
            let state = match this.state {
                EpochState::Destroyed => "destroyed",
                EpochState::Retired => "destroying",
                EpochState::Living if Some(this.epoch) == newest => "current",
                EpochState::Living => "past",
            };
            match all.iter_mut().find(|status| status.epoch == this.epoch) {
                Some(status) => {
                    status.keys += this.keys;
                    status.pending_erasures += this.pending;
                    // What one has still to do, all have.
                    if state != "destroyed" {
                        status.state = state.into();
                    }
                }
                None => all.push(v1::VaultEpochStatus {
                    epoch: this.epoch,
                    state: state.into(),
                    keys: this.keys,
                    pending_erasures: this.pending,
                }),
            }
        }
    }
    all.sort_unstable_by_key(|status| status.epoch);
    Ok(all)
}

/// Begins the epochs whose keys are there and that a vault does not know. At a start alone: a key that an operator copies to several
/// servers, one after the other, must not begin its epoch half-way.
pub(crate) async fn adopt_all(node: &Node) {
    for vault in node.vaults() {
        if let Err(error) = vault.adopt().await {
            tracing::error!(%error, "the vault cannot use its keys");
        }
    }
}

/// Finishes what a stop left undone, in every log; gives those where it did.
pub(crate) async fn settle_all(node: &Node) -> BTreeSet<LogName> {
    let mut settled = BTreeSet::new();
    for served in node.logs() {
        match settle(node, &served).await {
            Ok(()) => _ = settled.insert(name(&served).clone()),
            Err(error) => tracing::error!(log = %name(&served), %error, "the vault does not agree with the log yet"),
        }
    }
    settled
}

/// Lets the vault hold what the log says: what is erased there is destroyed, keys that are gone are gone, and what was asked for goes on.
async fn settle(node: &Node, served: &Served) -> Result<(), Error> {
    let (log, vault) = (name(served), node.vault(name(served))?);
    let until = served.log.head().await?.position;
    for row in served.log.of_kind(&Scope::Everything, kind::PERSON, until).await? {
        let Some(Said::PersonErased(said)) = row.event()?.fact else { continue };
        let owner = &row.subject.id;
        let is_done = matches!(vault.erasure(log, owner).await?, Some(Erasure::Done { .. }));
        if !is_done || vault.has_key(log, owner).await? {
            tracing::warn!(%log, position = row.position, "an erasure of the log is finished now");
            vault.destroy(log, owner, (said.first_epoch, said.last_epoch), row.position).await?;
        }
    }
    let known = vault.epochs().await?;
    for row in served.log.of_kind(&Scope::Everything, kind::VAULT, until).await? {
        let epoch = row.subject.id.parse().ok();
        let stands = known.iter().find(|this| Some(this.epoch) == epoch && this.state != EpochState::Destroyed);
        if let Some(this) = stands.filter(|_| row.fact == Fact::VaultEpochDestroyed.name()) {
            vault.destroyed(this.epoch).await?;
        }
    }
    for owner in vault.asked(log).await? {
        match finish(node, served, vault, &owner).await {
            Err(Error::Refused(refusal)) => tracing::warn!(%log, %refusal, "an erasure that was asked for is not done"),
            finished => _ = finished?,
        }
    }
    Ok(())
}

/// Looks after the vaults: logs that others open are settled, keys are wrapped anew, epochs that were to be destroyed are.
pub(crate) async fn keep(node: Arc<Node>, mut settled: BTreeSet<LogName>) {
    let mut said = String::new();
    loop {
        let error = match look(&node, &mut settled).await {
            Ok(0) => String::new(),
            Ok(_) => {
                tokio::task::yield_now().await;
                continue;
            }
            Err(error) => error.to_string(),
        };
        // Said once, not at every look.
        if !error.is_empty() && error != said {
            tracing::error!(error, "the vault is not looked after");
        }
        said = error;
        let _ = tokio::time::timeout(LOOK, node.vault_work.notified()).await;
    }
}

/// Does what there is to do, a step of it; gives how many keys were wrapped anew.
async fn look(node: &Node, settled: &mut BTreeSet<LogName>) -> Result<usize, Error> {
    for served in node.logs() {
        if !settled.contains(name(&served)) {
            settle(node, &served).await?;
            settled.insert(name(&served).clone());
        }
    }
    let mut wrapped = 0;
    for vault in node.vaults() {
        wrapped += vault.rewrap().await?;
    }
    if wrapped == 0 {
        for this in epochs(node).await?.iter().filter(|this| this.state == "destroying") {
            destroy_epoch(node, Actor::local(), this.epoch).await?;
        }
    }
    Ok(wrapped)
}

/// An event of the vault's own, with an id that the same fact has again.
fn event(served: &Served, (kind, id): (&str, &str), what: &str, at: jiff::Timestamp, fact: Said) -> v1::Event {
    let named = format!("{}/{kind}/{id}/{what}", name(served));
    v1::Event {
        event_id: Uuid::new_v5(&NAMESPACE, named.as_bytes()).to_string(),
        subject: Some(v1::Subject { kind: kind.into(), system: SYSTEM.into(), id: id.into() }),
        occurred_at: Some(at.into()),
        source: Some(v1::Source { system: SYSTEM.into(), ..v1::Source::default() }),
        fact: Some(fact),
        ..v1::Event::default()
    }
}

/// Records an event; gives its position. What is refused of it is refused of the reference.
async fn record(node: &Node, served: &Served, actor: Actor, event: &v1::Event) -> Result<u64, Refusal> {
    let refused = |refusal: Refusal| {
        let field = if refusal.code == Code::PersonalData { refusal.field.rsplit('.').next().unwrap_or("") } else { "ref" };
        let field = field.to_owned();
        Refusal { event_index: 0, ..refusal.at(field) }
    };
    served.unless_rewound()?;
    let genesis = served.log.genesis();
    let simulated = if genesis.synthetic { Some(now(node, served).await?.as_microsecond()) } else { None };
    let prepared = own(event, genesis, actor, simulated).map_err(refused)?;
    let answer = answered(served.intake()?.post(prepared).await?).await.map_err(refused)?;
    Ok(answer.receipts.first().map_or(0, |receipt| receipt.position))
}

/// Where an event of this identity stands already, and whether it says the same.
async fn standing(served: &Served, event: &v1::Event) -> Result<Option<(u64, bool)>, Error> {
    let event_id = event.event_id.parse().unwrap_or_default();
    let known = served.log.known(&[&Identity { system: SYSTEM.into(), event_id }]).await?;
    let same = |body: &[u8]| parse::stored(body).is_ok_and(|stands| stands.fact == event.fact);
    Ok(known.first().map(|known| (known.position, same(&known.body))))
}

/// What the log's clock shows: of simulated time, when its last event was recorded.
async fn now(node: &Node, served: &Served) -> Result<jiff::Timestamp, Refusal> {
    if !served.log.genesis().synthetic {
        return Ok(node.now());
    }
    let head = served.log.head().await.map_err(|error| Refusal::from(&error))?;
    Ok(jiff::Timestamp::from_microsecond(head.recorded_at).unwrap_or_default())
}

fn name(served: &Served) -> &LogName {
    &served.log.genesis().name
}

fn shown(erasure: Erasure) -> v1::Erasure {
    match erasure {
        Erasure::Asked { .. } => v1::Erasure::default(),
        Erasure::Done { position, pending } => v1::Erasure { position, pending_epochs: pending },
    }
}

fn shown_kind(kind: Kind) -> v1::VaultKind {
    match kind {
        Kind::Person => v1::VaultKind::Person,
        Kind::Text => v1::VaultKind::Text,
    }
}

fn unknown() -> Refusal {
    Refusal::new(Code::UnknownRef, "the vault of this log has nothing of this reference").at("ref")
}

fn no_vault() -> Refusal {
    Refusal::new(Code::LogReplica, "this server follows logs, and has no vault")
}
