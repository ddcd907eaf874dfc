//! When a breaker opens, tries, and closes. Pure: the clock is handed in.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    Config,
    window::{Call, Recent},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Calls pass and are counted.
    Closed,
    /// No call passes.
    Open,
    /// A few calls pass, to see whether it works again.
    HalfOpen,
}

impl State {
    /// The value of the label `state`.
    pub const fn name(self) -> &'static str {
        match self {
            State::Closed => "closed",
            State::Open => "open",
            State::HalfOpen => "half_open",
        }
    }
}

/// How a call went, as far as the callee is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Success,
    Failure,
    /// It says nothing about the callee: it ended because of its caller.
    Neither,
}

/// Which era of the breaker a call belongs to: what a call of an earlier era says comes too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket(u64);

#[derive(Debug)]
enum Phase {
    Closed(Recent),
    Open { until: Instant },
    HalfOpen { under_way: u32, succeeded: u32, since: Instant },
}

#[derive(Debug)]
pub(super) struct Breaker {
    config: Config,
    phase: Phase,
    era: u64,
}

impl Breaker {
    pub(super) fn new(config: Config) -> Breaker {
        let phase = Phase::Closed(Recent::new(config.window));
        Breaker { config, phase, era: 0 }
    }

    pub(super) fn state(&self) -> State {
        match self.phase {
            Phase::Closed(_) => State::Closed,
            Phase::Open { .. } => State::Open,
            Phase::HalfOpen { .. } => State::HalfOpen,
        }
    }

    /// Lets a call through, or says how long to wait before asking again.
    pub(super) fn try_acquire(&mut self, now: Instant) -> Result<Ticket, Duration> {
        if let Phase::Open { until } = self.phase {
            if now < until {
                return Err(until - now);
            }
            self.turn(Phase::HalfOpen { under_way: 0, succeeded: 0, since: now });
        }
        let (open, probes) = (self.open_for(), self.config.probes.max(1));
        if let Phase::HalfOpen { under_way, succeeded, since } = &mut self.phase {
            if probes <= *under_way + *succeeded {
                // Probes that never come back must not keep it half open for ever.
                let replaced = *since + open;
                if now < replaced {
                    return Err(replaced - now);
                }
                self.turn(Phase::HalfOpen { under_way: 1, succeeded: 0, since: now });
                return Ok(Ticket(self.era));
            }
            *under_way += 1;
        }
        Ok(Ticket(self.era))
    }

    pub(super) fn record(
        &mut self,
        now: Instant,
        ticket: Ticket,
        outcome: Outcome,
        took: Duration,
    ) {
        if ticket != Ticket(self.era) {
            return;
        }
        let slow = self.slow_counts() && Duration::from_millis(self.config.slow_ms) <= took;
        let call = Call { failed: outcome == Outcome::Failure, slow };
        if outcome == Outcome::Neither && !slow {
            return self.release();
        }
        let probes = self.config.probes.max(1);
        match &mut self.phase {
            Phase::Open { .. } => {}
            Phase::Closed(recent) => {
                recent.add(now, call);
                self.open_if_bad(now);
            }
            Phase::HalfOpen { under_way, succeeded, .. } => {
                if call.failed || call.slow {
                    return self.open(now);
                }
                *under_way -= 1;
                *succeeded += 1;
                if probes <= *succeeded {
                    self.turn(Phase::Closed(Recent::new(self.config.window)));
                }
            }
        }
    }

    /// The caller did not wait for the end of its call.
    pub(super) fn give_up(&mut self, now: Instant, ticket: Ticket, took: Duration) {
        self.record(now, ticket, Outcome::Neither, took);
    }

    fn release(&mut self) {
        if let Phase::HalfOpen { under_way, .. } = &mut self.phase {
            *under_way -= 1;
        }
    }

    fn open_if_bad(&mut self, now: Instant) {
        let Phase::Closed(recent) = &mut self.phase else { return };
        let counts = recent.counts(now);
        if counts.calls < self.config.calls_min.max(1) {
            return;
        }
        let share = |n: u32| f64::from(n) / f64::from(counts.calls);
        let failing = 0 < counts.failed && self.config.failure_rate_max <= share(counts.failed);
        let slow = 0 < counts.slow && self.config.slow_rate_max <= share(counts.slow);
        if failing || slow {
            self.open(now);
        }
    }

    fn open(&mut self, now: Instant) {
        self.turn(Phase::Open { until: now + self.open_for() });
    }

    fn turn(&mut self, phase: Phase) {
        self.phase = phase;
        self.era += 1;
    }

    fn open_for(&self) -> Duration {
        Duration::from_millis(self.config.open_ms)
    }

    fn slow_counts(&self) -> bool {
        self.config.slow_rate_max <= 1.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::breaker::Window;

    fn config() -> Config {
        Config {
            window: Window::Calls(10),
            calls_min: 4,
            failure_rate_max: 0.5,
            slow_rate_max: 0.75,
            slow_ms: 100,
            open_ms: 1000,
            probes: 2,
        }
    }

    const FAST: Duration = Duration::from_millis(1);
    const SLOW: Duration = Duration::from_millis(100);
    const OPEN: Duration = Duration::from_millis(1000);

    /// Plays `calls` at once: `s`uccess, `f`ailure, `S`low success, `n`either.
    fn play(breaker: &mut Breaker, now: Instant, calls: &str) -> State {
        for call in calls.chars() {
            let Ok(ticket) = breaker.try_acquire(now) else { continue };
            let (outcome, took) = match call {
                's' => (Outcome::Success, FAST),
                'f' => (Outcome::Failure, FAST),
                'S' => (Outcome::Success, SLOW),
                _ => (Outcome::Neither, FAST),
            };
            breaker.record(now, ticket, outcome, took);
        }
        breaker.state()
    }

    fn check(calls: &str, expected: State) {
        assert_eq!(play(&mut Breaker::new(config()), Instant::now(), calls), expected, "{calls}");
    }

    #[test]
    fn a_few_failures_decide_nothing() {
        check("fff", State::Closed);
    }

    #[test]
    fn half_of_the_calls_failing_opens_it() {
        check("ssff", State::Open);
        check("sssff", State::Closed);
    }

    #[test]
    fn slow_calls_open_it_too() {
        check("sSSS", State::Open);
        check("ssSS", State::Closed);
    }

    #[test]
    fn what_says_nothing_about_the_callee_is_not_counted() {
        check("nnnnnnf", State::Closed);
    }

    #[test]
    fn old_calls_are_forgotten() {
        check("sssssff", State::Closed);
        check("ssssssssssfffff", State::Open);
        check("fsssssssssfffff", State::Open);
        check("fssssssssssffff", State::Closed);
    }

    #[test]
    fn a_window_of_time_forgets_by_the_clock() {
        let config = Config { window: Window::Ms(1000), ..config() };
        let mut breaker = Breaker::new(config);
        let start = Instant::now();
        play(&mut breaker, start, "fff");
        assert_eq!(play(&mut breaker, start + OPEN, "sssf"), State::Closed);
        assert_eq!(play(&mut breaker, start + OPEN, "ff"), State::Open);
    }

    #[test]
    fn all_probes_must_succeed_to_close_it() {
        let start = Instant::now();
        for (probes, expected) in [
            ("s", State::HalfOpen),
            ("ss", State::Closed),
            ("sf", State::Open),
            ("f", State::Open),
            ("S", State::Open),
            ("nnn", State::HalfOpen),
        ] {
            let mut breaker = Breaker::new(config());
            play(&mut breaker, start, "ffff");
            assert_eq!(play(&mut breaker, start + OPEN, probes), expected, "{probes}");
        }
    }

    #[test]
    fn no_more_probes_than_allowed_are_under_way() {
        let mut breaker = Breaker::new(config());
        let start = Instant::now();
        play(&mut breaker, start, "ffff");
        assert_eq!(breaker.try_acquire(start), Err(OPEN));
        let later = start + OPEN;
        assert!(breaker.try_acquire(later).is_ok());
        assert!(breaker.try_acquire(later).is_ok());
        assert_eq!(breaker.try_acquire(later), Err(OPEN));
        // Both were lost, so others may try.
        assert!(breaker.try_acquire(later + OPEN).is_ok());
    }

    #[test]
    fn what_was_called_before_it_opened_comes_too_late() {
        let mut breaker = Breaker::new(config());
        let start = Instant::now();
        let early = breaker.try_acquire(start).unwrap();
        play(&mut breaker, start, "ffff");
        let probe = breaker.try_acquire(start + OPEN).unwrap();
        breaker.record(start + OPEN, early, Outcome::Failure, FAST);
        assert_eq!(breaker.state(), State::HalfOpen);
        breaker.record(start + OPEN, probe, Outcome::Failure, FAST);
        assert_eq!(breaker.state(), State::Open);
    }

    #[test]
    fn a_call_given_up_counts_only_when_it_was_slow() {
        let mut breaker = Breaker::new(config());
        let now = Instant::now();
        for took in [FAST; 20].into_iter().chain([SLOW; 3]) {
            let ticket = breaker.try_acquire(now).unwrap();
            breaker.give_up(now, ticket, took);
        }
        assert_eq!(breaker.state(), State::Closed);
        let ticket = breaker.try_acquire(now).unwrap();
        breaker.give_up(now, ticket, SLOW);
        assert_eq!(breaker.state(), State::Open);
    }

    /// Something that happens to a breaker.
    #[derive(Debug, Clone)]
    enum Event {
        Call(Outcome, u64),
        Start,
        /// Ends the call that was started first.
        End(Outcome, u64),
        Wait(u64),
    }

    fn outcome() -> impl Strategy<Value = Outcome> {
        prop_oneof![Just(Outcome::Success), Just(Outcome::Failure), Just(Outcome::Neither)]
    }

    fn event() -> impl Strategy<Value = Event> {
        prop_oneof![
            (outcome(), 0u64..200).prop_map(|(outcome, ms)| Event::Call(outcome, ms)),
            Just(Event::Start),
            (outcome(), 0u64..200).prop_map(|(outcome, ms)| Event::End(outcome, ms)),
            (0u64..1500).prop_map(Event::Wait),
        ]
    }

    fn windows() -> impl Strategy<Value = Window> {
        prop_oneof![(1u32..20).prop_map(Window::Calls), (1u64..5000).prop_map(Window::Ms)]
    }

    proptest! {
        #[test]
        fn whatever_happens_it_keeps_its_promises(
            window in windows(),
            calls_min in 0u32..10,
            probes in 0u32..4,
            events in prop::collection::vec(event(), 1..200),
        ) {
            let config = Config { window, calls_min, probes, ..config() };
            let mut breaker = Breaker::new(config);
            let mut now = Instant::now();
            let mut opened: Option<Instant> = None;
            let mut started = Vec::new();
            for event in events {
                let before = breaker.state();
                let mut tried = false;
                match event {
                    Event::Wait(ms) => now += Duration::from_millis(ms),
                    Event::Start | Event::Call(..) => {
                        let ticket = breaker.try_acquire(now);
                        if before == State::Open {
                            let over = opened.is_some_and(|opened| opened + OPEN <= now);
                            prop_assert_eq!(ticket.is_ok(), over, "open means open, for its time");
                        }
                        tried = ticket.is_ok();
                        if before == State::Closed {
                            prop_assert!(ticket.is_ok(), "closed lets everything pass");
                        }
                        match (ticket, event) {
                            (Ok(ticket), Event::Call(outcome, ms)) => {
                                breaker.record(now, ticket, outcome, Duration::from_millis(ms));
                            }
                            (Ok(ticket), _) => started.push(ticket),
                            (Err(wait), _) => prop_assert!(Duration::ZERO < wait && wait <= OPEN),
                        }
                    }
                    Event::End(outcome, ms) => {
                        if !started.is_empty() {
                            let ticket = started.remove(0);
                            breaker.record(now, ticket, outcome, Duration::from_millis(ms));
                        }
                    }
                }
                if breaker.state() == State::Open && (before != State::Open || tried) {
                    opened = Some(now);
                }
            }
            // Left alone and then met with success, it always heals; the probes it has lost cost a round.
            for _ in 0..=2 * probes.max(1) {
                now += OPEN;
                if let Ok(ticket) = breaker.try_acquire(now) {
                    breaker.record(now, ticket, Outcome::Success, FAST);
                }
            }
            prop_assert_eq!(breaker.state(), State::Closed);
        }

        #[test]
        fn it_never_opens_on_quick_successes(calls in 0usize..500) {
            let mut breaker = Breaker::new(config());
            prop_assert_eq!(play(&mut breaker, Instant::now(), &"s".repeat(calls)), State::Closed);
        }
    }
}
