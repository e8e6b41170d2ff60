//! First-ask contacts: answered at once, promised and replied in time or late, handed over and accepted or not, refused; and what
//! is alleged and found.

use super::{By, Scene, registry::UNITS, registry::morning};
use crate::splitmix::SplitMix;
use jiff::civil::Date;
use xiaoer_wire::v1::{self, event::Fact};

/// Plays one contact for every third case.
pub(super) fn play(scene: &mut Scene) {
    for number in 0..scene.district.cases / 3 {
        let mut mix = scene.numbers(2_000_000 + u64::from(number));
        let days = u64::from(scene.district.months.max(1)) * 21;
        let day = scene.after(scene.district.from, mix.below(days));
        contact(scene, &mut mix, &format!("k-{number:05}"), day);
    }
}

fn contact(scene: &mut Scene, mix: &mut SplitMix, id: &str, day: Date) {
    let (first, second) = (mix.below(4), mix.below(4));
    let unit = |n: u64| UNITS[usize::try_from(n).unwrap_or(0)].0;
    let staff = format!("w-{:03}", mix.below(60));
    let by = By { system: "hall", unit: unit(first), staff: &staff, window: "" };
    let subject = ("contact", "hall", id);
    let promise = !mix.percent(40);
    let promised_reply_on = if promise { scene.after(day, mix.clone().between(1, 6)).to_string() } else { String::new() };
    let received = v1::FirstAskReceived {
        channel: v1::Channel::Phone as i32,
        matter_code: format!("m-{}", mix.below(12)),
        text_ref: None,
        promised_reply_on,
    };
    let asked = scene.post(subject, by, morning(day, 10, 0), Fact::FirstAskReceived(received));
    if !promise && !mix.percent(10) {
        scene.post(subject, by, morning(day, 10, 5), Fact::FirstAskAnswered(v1::FirstAskAnswered { answer_ref: None }));
        return;
    }
    match mix.below(100) {
        0..8 => {
            let ground = *mix.pick(&["out_of_remit", "no_time"]);
            let refused = v1::FirstAskRefused { ground: ground.into(), explained: mix.percent(60) };
            scene.post(subject, by, morning(day, 10, 5), Fact::FirstAskRefused(refused));
            return;
        }
        8..35 => {
            let to_staff = if mix.percent(90) { "w-900".into() } else { String::new() };
            let handed = v1::FirstAskHandedOver { to_unit: unit(second).into(), to_staff };
            scene.post(subject, by, morning(day, 11, 0), Fact::FirstAskHandedOver(handed));
            if mix.percent(85) {
                let accepted = v1::FirstAskAccepted { by_staff: "w-900".into() };
                let next = scene.after(day, 1);
                scene.post(subject, By { unit: unit(second), ..by }, morning(next, 9, 0), Fact::FirstAskAccepted(accepted));
            }
        }
        _ => {}
    }
    if mix.percent(92) {
        let replied = scene.after(day, mix.between(2, 6));
        scene.post(subject, by, morning(replied, 16, 0), Fact::FirstAskReplied(v1::FirstAskReplied {}));
    }
    if mix.percent(6) {
        allege(scene, mix, subject, day, asked);
    }
}

fn allege(scene: &mut Scene, mix: &mut SplitMix, subject: (&str, &str, &str), day: Date, asked: v1::EventRef) {
    let hotline = By { system: "hotline", unit: UNITS[4].0, staff: "h-01", window: "" };
    let alleged = v1::FirstAskBreachAlleged {
        allegation_id: "a1".into(),
        kind: v1::FirstAskBreachKind::Slow as i32,
        basis: Some(v1::first_ask_breach_alleged::Basis::SourceEvent(asked)),
    };
    let on = scene.after(day, 7);
    scene.post(subject, hotline, morning(on, 9, 0), Fact::FirstAskBreachAlleged(alleged));
    if mix.percent(80) {
        let finding = *mix.pick(&[v1::Finding::Substantiated, v1::Finding::Unsubstantiated, v1::Finding::Unverifiable]);
        let found = v1::FirstAskBreachFound { allegation_id: "a1".into(), finding: finding as i32, verifier: "v-01".into() };
        let on = scene.after(on, 5);
        scene.post(subject, hotline, morning(on, 9, 0), Fact::FirstAskBreachFound(found));
    }
}
