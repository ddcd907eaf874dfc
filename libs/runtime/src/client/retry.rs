//! Whether and when a call is sent again.

use std::{sync::Mutex, time::Duration};

/// So many retries a quiet client has saved up.
const TOKENS_MAX: f64 = 10.0;

const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Keeps retries a share of the calls: each call adds a part of a token, each retry takes one.
#[derive(Debug)]
pub struct Budget {
    share: f64,
    tokens: Mutex<f64>,
}

impl Budget {
    /// `share` is how many retries there may be per call, in the long run.
    pub fn new(share: f64) -> Budget {
        Budget {
            share: share.clamp(0.0, 1.0),
            tokens: Mutex::new(TOKENS_MAX * share.clamp(0.0, 1.0)),
        }
    }

    /// Counts a call.
    pub fn deposit(&self) {
        let mut tokens = self.tokens.lock().expect("no code panics while it holds the lock");
        *tokens = (*tokens + self.share).min(TOKENS_MAX);
    }

    /// Takes leave for one retry, if there is any.
    pub fn withdraw(&self) -> bool {
        let mut tokens = self.tokens.lock().expect("no code panics while it holds the lock");
        if *tokens < 1.0 {
            return false;
        }
        *tokens -= 1.0;
        true
    }
}

/// How long to wait before retry number `n`, from 0, by the toss `jitter` in 0..1.
///
/// Half of it is fixed and half of it chance, so that clients that failed together do not return together.
pub(super) fn pause(base: Duration, n: u32, jitter: f64) -> Duration {
    let full = base.saturating_mul(2u32.saturating_pow(n)).min(PAUSE_MAX);
    full.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_share_is_no_retry() {
        let budget = Budget::new(0.0);
        budget.deposit();
        assert!(!budget.withdraw());
    }

    proptest! {
        #[test]
        fn retries_stay_a_share_of_the_calls(
            share in 0.0f64..1.0,
            retries in prop::collection::vec(0u8..4, 1..300),
        ) {
            let budget = Budget::new(share);
            let calls = retries.len();
            let mut spent = 0;
            for wanted in retries {
                budget.deposit();
                spent += (0..wanted).filter(|_| budget.withdraw()).count();
            }
            let allowed = (TOKENS_MAX + f64::from(u32::try_from(calls).unwrap())) * share;
            prop_assert!(f64::from(u32::try_from(spent).unwrap()) <= allowed + 0.001);
        }

        #[test]
        fn pauses_are_between_half_and_all_of_the_step(
            base_ms in 1u64..1000,
            n in 0u32..40,
            jitter in 0.0f64..1.0,
        ) {
            let base = Duration::from_millis(base_ms);
            let step = base.saturating_mul(2u32.saturating_pow(n)).min(PAUSE_MAX);
            let pause = pause(base, n, jitter);
            prop_assert!(step / 2 <= pause && pause <= step + Duration::from_nanos(1));
        }
    }
}
