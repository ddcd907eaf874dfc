//! Latency at a fixed rate, corrected for coordinated omission.

use std::time::Duration;

use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

/// A request that is not answered by then counts as that long.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// Sorted latencies.
#[derive(Debug)]
pub(super) struct Latencies(Vec<Duration>);

impl Latencies {
    /// The latency that `share` of the requests stayed below, in milliseconds.
    pub(super) fn ms(&self, share: f64) -> f64 {
        let Some(last) = self.0.len().checked_sub(1) else { return f64::NAN };
        // A share of at most 1 of a count far below 2^53.
        self.0[(last as f64 * share).ceil() as usize].as_secs_f64() * 1_000.0
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }
}

/// Sends `rate` requests per second, whether or not earlier ones were answered, and times each from when it was due.
///
/// Timing from when it was sent would hide just the waits that a slow answer causes to those behind it.
pub(super) async fn at_rate<F>(
    rate: u32,
    length: Duration,
    call: impl Fn(u64) -> F,
) -> anyhow::Result<Latencies>
where
    F: Future<Output = Result<(), tonic::Status>> + Send + 'static,
{
    let requests = u64::from(rate) * length.as_secs();
    let pause = Duration::from_secs(1) / rate;
    // One call outside the count, which opens the connection.
    call(0).await?;
    let started = Instant::now();
    let mut answers = JoinSet::new();
    let mut latencies = Vec::new();
    for number in 0..requests {
        // Requests of a run of minutes fit in 32 bits by the limits of the arguments.
        let due = started + pause * u32::try_from(number)?;
        sleep_until(due).await;
        let answer = call(number);
        answers.spawn(async move {
            match tokio::time::timeout(WAIT_MAX, answer).await {
                Ok(answered) => answered.map(|()| due.elapsed()),
                Err(_late) => Ok(WAIT_MAX),
            }
        });
        while let Some(answered) = answers.try_join_next() {
            latencies.push(answered??);
        }
    }
    while let Some(answered) = answers.join_next().await {
        latencies.push(answered??);
    }
    latencies.sort_unstable();
    Ok(Latencies(latencies))
}
