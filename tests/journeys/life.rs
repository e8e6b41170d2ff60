//! A log of one case, lived through on simulated time: each event recorded when the example says, each question asked as it would have
//! been asked on its day.

use serde_json::Value;
use xiaoer_tests::{Client, PATIENCE, case, event, registry};
use xiaoer_wire::v1::{ClockView, Event, ExplainDeadlineRequest, GetStateRequest, KnownAt, PostMode, StateView, known_at::Bound};

/// `MM-DD HH:MM` of 2026, Asia/Shanghai.
pub(crate) fn at(text: &str) -> String {
    let (day, time) = text.split_once(' ').unwrap_or((text, "09:00"));
    format!("2026-{day}T{time}:00+08:00")
}

/// One fact of the example: recorded when, happened when, what.
pub(crate) type Told<'a> = (&'a str, &'a str, Value);

/// A log of one case, lived through.
pub(crate) struct Life {
    pub(crate) client: Client,
    log: &'static str,
}

impl Life {
    pub(crate) async fn live(client: Client, log: &'static str, told: Vec<Told<'_>>) -> Self {
        Self::live_in(PostMode::Strict, client, log, told).await
    }

    /// The same with more that stands in the registry before.
    pub(crate) async fn live_with(before: Vec<Event>, client: Client, log: &'static str, told: Vec<Told<'_>>) -> Self {
        let mut life = Self::begin(before, client, log).await;
        life.go_on(PostMode::Strict, told).await;
        life
    }

    pub(crate) async fn live_in(mode: PostMode, client: Client, log: &'static str, told: Vec<Told<'_>>) -> Self {
        let mut life = Self::begin(Vec::new(), client, log).await;
        life.go_on(mode, told).await;
        life
    }

    async fn begin(before: Vec<Event>, mut client: Client, log: &'static str) -> Self {
        client.open(log, true).await;
        for event in registry(&at("01-05")).into_iter().chain(before) {
            client.tell(log, event, PostMode::Strict, Some(&at("01-05"))).await.unwrap();
        }
        Self { client, log }
    }

    async fn go_on(&mut self, mode: PostMode, told: Vec<Told<'_>>) {
        for (recorded, happened, fact) in told {
            self.tell(mode, recorded, event(&case("A"), &at(happened), fact)).await;
        }
    }

    /// One event, recorded at a time.
    pub(crate) async fn tell(&mut self, mode: PostMode, recorded: &str, event: Event) {
        self.client.tell(self.log, event, mode, Some(&at(recorded))).await.unwrap();
    }

    /// Each line: known at the end of a day (empty: now), period, metric, `numerator/denominator` and what is unknown.
    pub(crate) async fn figures(&mut self, lines: &[(&str, (&str, &str), &str, &str)]) {
        for &(known, (from, to), metric, expected) in lines {
            let day = |day: &str| if day.is_empty() { String::new() } else { format!("2026-{day}") };
            let known_at = if known.is_empty() { String::new() } else { at(&format!("{known} 23:59")) };
            let period = (day(from), day(to));
            let asked = self.client.metric(self.log, metric, (&period.0, &period.1), &known_at);
            let value = tokio::time::timeout(PATIENCE, asked).await.unwrap().unwrap();
            let unknown = if value.unknown > 0 { format!(" u{}", value.unknown) } else { String::new() };
            let found = format!("{}/{}{unknown}", value.numerator, value.denominator);
            assert_eq!(found, expected, "{}: {metric} {from}..{to} as known {known:?}: {value:?}", self.log);
            assert!(value.synthetic);
            let counts = metric.starts_with("backlog") || matches!(metric, "promises_overdue" | "joint_late_charged");
            assert_eq!(value.value.is_none(), value.denominator == 0 && !counts, "null is a rate over nothing");
        }
    }

    /// Each line: known at the end of a day, that day, and a clock as `used+paused due state`.
    pub(crate) async fn clocks(&mut self, lines: &[(&str, &str, &str)]) {
        for &(day, clock, expected) in lines {
            let view = self.clocks_on(day).await.into_iter().find(|view| view.clock == clock);
            let found = view.map(|view| {
                let due = view.due_on.strip_prefix("2026-").unwrap_or("?");
                let over = if view.overdue_wd > 0 { format!(" by {}", view.overdue_wd) } else { String::new() };
                format!("{}+{} {due} {}{over}", view.used_wd, view.paused_wd, view.state)
            });
            assert_eq!(found.as_deref().unwrap_or("none"), expected, "{}: {clock} on {day}", self.log);
        }
    }

    /// The last day that is told of a clock on a day: why, `counted+over`, and when it turns yellow.
    pub(crate) async fn explained(&mut self, day: &str, clock: &str, expected: &str) {
        let request = ExplainDeadlineRequest {
            log: self.log.into(),
            subject: Some(case("A")),
            clock: clock.into(),
            valid_on: format!("2026-{day}"),
            ..ExplainDeadlineRequest::default()
        };
        let told = self.client.audit.explain_deadline(request).await.unwrap().into_inner();
        let last = told.days.last().unwrap();
        let short = |day: &str| day.strip_prefix("2026-").unwrap_or("-").to_owned();
        let why = &last.why.as_ref().unwrap().code;
        let found = format!("{} {why} {}+{} by {}", short(&last.day), last.counted, last.over, short(&told.yellow_on));
        assert_eq!(found, expected, "{clock} on {day}");
    }

    async fn clocks_on(&mut self, day: &str) -> Vec<ClockView> {
        self.state(day).await.case.unwrap().clocks
    }

    /// The state on a day, as known at its end.
    pub(crate) async fn state(&mut self, day: &str) -> StateView {
        let time: jiff::Timestamp = at(&format!("{day} 23:59")).parse().unwrap();
        let request = GetStateRequest {
            log: self.log.into(),
            subject: Some(case("A")),
            known_at: Some(KnownAt { bound: Some(Bound::Time(time.into())) }),
            ..GetStateRequest::default()
        };
        let state = self.client.audit.get_state(request).await.unwrap().into_inner();
        assert_eq!(state.valid_on, format!("2026-{day}"));
        state.state.unwrap()
    }
}
