//! A circuit breaker: stops calling what keeps failing or keeps being slow, and tries again later.
//!
//! `state.rs` decides and is pure; [`Breaker`] adds the clock, the lock and the gauge.

mod state;
mod window;

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use serde::Deserialize;
use tokio::time::Instant;

use crate::metrics::Gauge;

pub use state::{Outcome, State};

use state::{Breaker as Core, Ticket};

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// What is remembered: so many calls, or those of so many milliseconds.
    pub window: Window,
    /// With fewer calls in the window nothing is decided.
    pub calls_min: u32,
    /// Opens when this share of the calls failed, 0 to 1. Above 1 it does not matter.
    pub failure_rate_max: f64,
    /// Opens when this share of the calls was slow, 0 to 1. Above 1 it does not matter.
    pub slow_rate_max: f64,
    /// A call that takes at least this long is slow.
    pub slow_ms: u64,
    /// How long nothing is called before it is tried again.
    pub open_ms: u64,
    /// How many calls are let through to try; all must succeed.
    pub probes: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Window {
    Calls(u32),
    Ms(u64),
}

/// A breaker around one callee. Cheap to clone; clones are the same breaker.
#[derive(Debug, Clone)]
pub struct Breaker {
    name: Arc<str>,
    core: Arc<Mutex<Core>>,
    gauge: Gauge<2>,
}

/// Leave to make one call. Say how it went with [`Permit::record`].
///
/// Dropped instead, the call was given up: that counts against the callee only when it was slow.
#[derive(Debug)]
pub struct Permit {
    breaker: Breaker,
    ticket: Option<Ticket>,
    started: Instant,
}

/// No call now: the breaker is open, or its probes are under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the circuit breaker is open")]
pub struct Open {
    /// How long until a call may be let through.
    pub retry_after: Duration,
}

impl Breaker {
    /// `gauge` has the labels (name, state), as `circuit_breaker_state{detector,state}` has.
    pub fn new(name: &str, config: Config, gauge: Gauge<2>) -> Breaker {
        let breaker =
            Breaker { name: name.into(), core: Arc::new(Mutex::new(Core::new(config))), gauge };
        breaker.export(State::Closed);
        breaker
    }

    /// Asks for leave to make a call now.
    pub fn try_acquire(&self) -> Result<Permit, Open> {
        let started = Instant::now();
        let ticket = self.change(|core| core.try_acquire(started));
        match ticket {
            Ok(ticket) => Ok(Permit { breaker: self.clone(), ticket: Some(ticket), started }),
            Err(retry_after) => Err(Open { retry_after }),
        }
    }

    pub fn state(&self) -> State {
        self.lock().state()
    }

    fn change<T>(&self, change: impl FnOnce(&mut Core) -> T) -> T {
        let mut core = self.lock();
        let before = core.state();
        let answer = change(&mut core);
        let after = core.state();
        drop(core);
        if before != after {
            self.export(after);
            let name = &self.name;
            tracing::warn!(breaker.name = %name, breaker.state = after.name(), "Breaker of `{name}` is now {}", after.name());
        }
        answer
    }

    fn export(&self, now: State) {
        for state in [State::Closed, State::Open, State::HalfOpen] {
            let value = if state == now { 1.0 } else { 0.0 };
            self.gauge.set([&self.name, state.name()], value);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Core> {
        self.core.lock().expect("no code panics while it holds the lock")
    }
}

impl Permit {
    /// Says how the call went; its time is what passed since the permit was given.
    pub fn record(mut self, outcome: Outcome) {
        self.give_back(Some(outcome));
    }

    fn give_back(&mut self, outcome: Option<Outcome>) {
        let Some(ticket) = self.ticket.take() else { return };
        let now = Instant::now();
        let took = now - self.started;
        self.breaker.change(|core| match outcome {
            Some(outcome) => core.record(now, ticket, outcome, took),
            None => core.give_up(now, ticket, took),
        });
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.give_back(None);
    }
}
