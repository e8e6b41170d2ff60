//! `xiaoer explain deadline`: why a case is due when it is, day by day.

use crate::{
    cli::{DeadlineArgs, Lang, To},
    client::{Failure, connect, known_at, say, say_json},
};
use xiaoer_wire::v1::{
    CaseRef, ClockView, DeadlineDay, DeadlineReason, ExplainDeadlineRequest, Subject, audit_service_client::AuditServiceClient,
};

pub(crate) async fn run(to: &To, args: DeadlineArgs) -> Result<(), Failure> {
    let request = ExplainDeadlineRequest {
        log: to.log.clone(),
        subject: Some(Subject { kind: "case".into(), system: args.system, id: args.id }),
        clock: args.clock,
        known_at: known_at(&args.known)?,
        valid_on: args.known.valid_on.unwrap_or_default(),
        sub_case: <[String; 2]>::try_from(args.sub_case).ok().map(|[system, no]| CaseRef { system, no }),
        ..ExplainDeadlineRequest::default()
    };
    let told = AuditServiceClient::new(connect(to).await?).explain_deadline(request).await?.into_inner();
    if to.json {
        return say_json(&told);
    }
    for day in &told.days {
        say(line(day, args.lang));
    }
    if told.cut {
        say(match args.lang {
            Lang::Zh => "……以后各日略",
            Lang::En => "… and more days",
        });
    }
    say(format_args!("{} {}", told.valid_on, clock(&told.clock.unwrap_or_default(), args.lang)));
    if let Some(strict) = &told.strict {
        let only = match args.lang {
            Lang::Zh => "仅计书面告知的特别程序：",
            Lang::En => "by what was told in writing alone: ",
        };
        say(format_args!("{only}{}", clock(strict, args.lang)));
    }
    if !told.yellow_on.is_empty() {
        say(match args.lang {
            Lang::Zh => format!("黄牌 {}，红牌 {}", told.yellow_on, told.red_on),
            Lang::En => format!("yellow from {}, red from {}", told.yellow_on, told.red_on),
        });
    }
    Ok(())
}

/// A day: what is counted by then, why, and what happened.
fn line(day: &DeadlineDay, lang: Lang) -> String {
    let words = |reason: &Option<DeadlineReason>| {
        let reason = reason.clone().unwrap_or_default();
        format!("{} ({})", if lang == Lang::Zh { reason.zh } else { reason.en }, reason.source)
    };
    let [last, provisional, position] = match lang {
        Lang::Zh => ["【期限最后一日】", "【该年放假安排未公布】", "位置"],
        Lang::En => ["LAST DAY ", "no notice for this year ", "position"],
    };
    let marks = format!("{}{}", if day.last { last } else { "" }, if day.provisional { provisional } else { "" });
    let over = if day.over > 0 { format!("+{}", day.over) } else { String::new() };
    let counted = if day.counts { format!("{}{over}", day.counted) } else { "-".into() };
    let mut line = format!("{}  {counted:>5}  {marks}{}", day.day, words(&day.why));
    for event in &day.events {
        line.push_str(&format!("\n                   {position} {}: {}", event.position, words(&event.what)));
    }
    line
}

fn clock(clock: &ClockView, lang: Lang) -> String {
    let due = if clock.due_on.is_empty() { "?" } else { &clock.due_on };
    let ClockView { clock, used_wd, paused_wd, state, overdue_wd, .. } = clock;
    match lang {
        Lang::Zh => {
            format!("{clock} {state}：已用 {used_wd} 个工作日，不计 {paused_wd} 个，期限至 {due}，超期 {overdue_wd} 个工作日")
        }
        Lang::En => format!("{clock} {state}: {used_wd} working days used, {paused_wd} not counted, due {due}, {overdue_wd} over"),
    }
}
