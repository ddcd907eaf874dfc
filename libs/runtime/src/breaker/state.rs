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
