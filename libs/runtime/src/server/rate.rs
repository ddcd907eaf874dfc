//! How fast each tenant may ask: the generic cell rate algorithm, one cell per tenant.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use http::Request;
use tokio::time::Instant;
use tonic::body::Body;
use types::TenantId;

use super::Config;
use crate::{
    identity::Principal,
    middleware::{Around, Next, Reply, around},
    status::{ErrorCode, refuse},
};

/// When this many tenants have a cell, those that are idle lose theirs.
const CELLS_MAX: usize = 10_000;

/// A limit as GCRA sees it: one request per `interval`, up to `tolerance` ahead of time.
#[derive(Debug, Clone, Copy)]
struct Limit {
    interval: Duration,
    tolerance: Duration,
}

/// When the next request of each tenant is due, in a tenant's own time.
#[derive(Debug, Default)]
struct Cells(HashMap<TenantId, Instant>);

pub(super) fn layer(
    config: &Config,
) -> Around<impl Fn(Request<Body>, Next) -> Reply + Clone + Send + Sync + 'static> {
    let limit = Limit::new(config.rate_per_second, config.rate_burst);
    let cells = Arc::new(Mutex::new(Cells::default()));
    around(move |request: Request<Body>, next| {
        let tenant = request.extensions().get::<Principal>().and_then(|caller| caller.tenant);
        let wait = match (limit, tenant) {
            (Some(limit), Some(tenant)) => cells
                .lock()
                .expect("no code panics while it holds the lock")
                .admit(limit, tenant, Instant::now())
                .err(),
            _ => None,
        };
        Box::pin(async move {
            let Some(wait) = wait else { return next.run(request).await };
            let answer = ErrorCode::RateLimited.retry_after(wait);
            Ok(refuse(answer, "this tenant asks too often").into_http())
        })
    })
}

impl Limit {
    /// None when `per_second` is 0: there is no limit then.
    fn new(per_second: u32, burst: u32) -> Option<Limit> {
        let interval = Duration::from_secs(1).checked_div(per_second)?;
        Some(Limit { interval, tolerance: interval * burst.saturating_sub(1) })
    }
}

impl Cells {
    /// Counts a request of `tenant`, or says how long it is too early.
    fn admit(&mut self, limit: Limit, tenant: TenantId, now: Instant) -> Result<(), Duration> {
        if CELLS_MAX <= self.0.len() {
            self.0.retain(|_, due| now < *due);
        }
        let due = self.0.entry(tenant).or_insert(now);
        let early = due.saturating_duration_since(now);
        if limit.tolerance < early {
            return Err(early - limit.tolerance);
        }
        *due = (*due).max(now) + limit.interval;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TENANT: &str = "00000000-0000-0000-0000-000000000001";

    #[test]
    fn no_rate_is_no_limit() {
        assert!(Limit::new(0, 10).is_none());
    }

    #[test]
    fn a_burst_passes_and_the_next_is_told_when_to_come_back() {
        let limit = Limit::new(10, 3).unwrap();
        let tenant = TENANT.parse().unwrap();
        let now = Instant::now();
        let mut cells = Cells::default();
        let answers: Vec<_> = (0..4).map(|_| cells.admit(limit, tenant, now)).collect();
        assert_eq!(answers, [Ok(()), Ok(()), Ok(()), Err(Duration::from_millis(100))]);
        assert_eq!(cells.admit(limit, tenant, now + Duration::from_millis(100)), Ok(()));
    }

    proptest! {
        #[test]
        fn never_more_than_the_burst_and_the_rate_allow(
            per_second in 1u32..1000,
            burst in 1u32..50,
            gaps_ms in prop::collection::vec(0u64..200, 1..200),
        ) {
            let limit = Limit::new(per_second, burst).unwrap();
            let tenant = TENANT.parse().unwrap();
            let start = Instant::now();
            let mut cells = Cells::default();
            let mut now = start;
            let mut admitted = 0u32;
            for gap in gaps_ms {
                now += Duration::from_millis(gap);
                admitted += u32::from(cells.admit(limit, tenant, now).is_ok());
                let allowed = f64::from(burst) + (now - start).as_secs_f64() * f64::from(per_second);
                prop_assert!(f64::from(admitted) <= allowed + 0.001);
            }
        }
    }
}
