//! Counts the calls of the recent past: the last so many, or those of the last so many milliseconds.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use super::Window;

/// A window over time is counted in this many slices; it forgets one at a time.
const SLICES: u32 = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    pub(super) calls: u32,
    pub(super) failed: u32,
    pub(super) slow: u32,
}

/// How one call went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) failed: bool,
    pub(super) slow: bool,
}

#[derive(Debug)]
pub(super) enum Recent {
    Calls { max: usize, calls: VecDeque<Call>, counts: Counts },
    Time { slice: Duration, slices: VecDeque<(Instant, Counts)> },
}

impl Recent {
    pub(super) fn new(window: Window) -> Recent {
        match window {
            Window::Calls(max) => Recent::Calls {
                max: usize::try_from(max.max(1)).unwrap_or(usize::MAX),
                calls: VecDeque::new(),
                counts: Counts::default(),
            },
            Window::Ms(ms) => Recent::Time {
                slice: Duration::from_millis(ms.max(1)) / SLICES,
                slices: VecDeque::new(),
            },
        }
    }

    pub(super) fn add(&mut self, now: Instant, call: Call) {
        match self {
            Recent::Calls { max, calls, counts } => {
                if *max <= calls.len()
                    && let Some(oldest) = calls.pop_front()
                {
                    counts.remove(oldest);
                }
                calls.push_back(call);
                counts.add(call);
            }
            Recent::Time { slice, slices } => {
                forget(slices, *slice, now);
                match slices.back_mut() {
                    Some((start, counts)) if now < *start + *slice => counts.add(call),
                    _ => {
                        let mut counts = Counts::default();
                        counts.add(call);
                        slices.push_back((now, counts));
                    }
                }
            }
        }
    }

    pub(super) fn counts(&mut self, now: Instant) -> Counts {
        match self {
            Recent::Calls { counts, .. } => *counts,
            Recent::Time { slice, slices } => {
                forget(slices, *slice, now);
                slices.iter().fold(Counts::default(), |sum, (_, counts)| Counts {
                    calls: sum.calls + counts.calls,
                    failed: sum.failed + counts.failed,
                    slow: sum.slow + counts.slow,
                })
            }
        }
    }
}

fn forget(slices: &mut VecDeque<(Instant, Counts)>, slice: Duration, now: Instant) {
    while slices.front().is_some_and(|(start, _)| *start + slice * SLICES <= now) {
        slices.pop_front();
    }
}

impl Counts {
    fn add(&mut self, call: Call) {
        self.calls += 1;
        self.failed += u32::from(call.failed);
        self.slow += u32::from(call.slow);
    }

    fn remove(&mut self, call: Call) {
        self.calls -= 1;
        self.failed -= u32::from(call.failed);
        self.slow -= u32::from(call.slow);
    }
}
