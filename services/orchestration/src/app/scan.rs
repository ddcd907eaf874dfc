//! Running the built-in detectors: side by side, behind a bulkhead and a breaker each, until a deadline.
//!
//! Their work is computing, so it runs on threads of its own and cannot be cancelled: one that is late keeps its place
//! in the bulkhead until it is done, and nobody waits for it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures::future::join_all;
use runtime::{
    breaker::{self, Breaker},
    metrics::Gauge,
};
use tokio::{
    sync::Semaphore,
    task::spawn_blocking,
    time::{Instant, timeout_at},
};

use super::App;
use crate::{
    Error, config,
    detector::{Detector, Kind},
    detectors,
    ledger::{Outcome, Raw},
    plan::{Chunk, Plan, chunk},
};

/// When nobody gave a time, as for `Scan`.
const BUDGET: Duration = Duration::from_secs(20);

/// What one detector can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    pub name: String,
    pub version: String,
    pub raw_labels: Vec<String>,
    pub text_bytes_max: usize,
}

/// What one detector found in one text; spans are code points.
#[derive(Debug, Clone, PartialEq)]
pub struct Scanned {
    pub text: usize,
    pub detector: String,
    pub version: String,
    pub found: Vec<(Raw, (usize, usize))>,
}

/// Keeps the number of checks that run or wait in bounds.
#[derive(Debug)]
pub(super) struct Bulkhead {
    running: Arc<Semaphore>,
    /// Those that run and those that wait.
    places: Arc<Semaphore>,
    breakers: HashMap<String, Breaker>,
}

impl Bulkhead {
    pub(super) fn new<'d>(
        config: config::Detect,
        called: impl Iterator<Item = &'d Detector>,
        gauge: &Gauge<2>,
    ) -> Bulkhead {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let parallel =
            if config.checks_parallel_max == 0 { cores } else { config.checks_parallel_max };
        let breaker = |it: &Detector| {
            (it.name.clone(), Breaker::new(&it.name, config.breaker, gauge.clone()))
        };
        Bulkhead {
            running: Arc::new(Semaphore::new(parallel)),
            places: Arc::new(Semaphore::new(parallel + config.checks_waiting_max)),
            breakers: called.map(breaker).collect(),
        }
    }

    /// Runs one check until `deadline`; says how it ended and how many milliseconds the detector took.
    async fn check(
        &self,
        detector: &str,
        content: Arc<str>,
        seen: Chunk,
        deadline: Instant,
    ) -> (Outcome, f64) {
        let Ok(place) = self.places.clone().try_acquire_owned() else {
            return (Outcome::Shed, 0.0);
        };
        let Some(breaker) = self.breakers.get(detector) else {
            return (Outcome::Failed("the detector cannot be called"), 0.0);
        };
        let Ok(Ok(turn)) = timeout_at(deadline, self.running.clone().acquire_owned()).await else {
            return (Outcome::Shed, 0.0);
        };
        let Ok(permit) = breaker.try_acquire() else { return (Outcome::Shed, 0.0) };

        let started = Instant::now();
        let name = detector.to_owned();
        let span = tracing::info_span!("check", detector.name = name);
        let scanning = spawn_blocking(move || {
            let _held = (place, turn);
            span.in_scope(|| detectors::scan(&name, &content[seen.seen.clone()], seen.seen.start))
        });
        let (outcome, health) = match timeout_at(deadline, scanning).await {
            Ok(Ok(Some(raw))) => (Outcome::Judged(raw), breaker::Outcome::Success),
            Ok(Ok(None)) => {
                (Outcome::Failed("the detector cannot be called"), breaker::Outcome::Failure)
            }
            Ok(Err(_panic)) => (Outcome::Failed("the detector failed"), breaker::Outcome::Failure),
            Err(_late) => (Outcome::TimedOut, breaker::Outcome::Failure),
        };
        permit.record(health);
        (outcome, milliseconds(started.elapsed()))
    }

    /// Whether the detector is in rotation; none for one that is not called.
    pub(super) fn in_rotation(&self, detector: &str) -> Option<bool> {
        Some(self.breakers.get(detector)?.state() != breaker::State::Open)
    }
}

impl App {
    /// Runs the calls of `plan` side by side until `deadline`. `parts` are those of the plan.
    pub(super) async fn run_checks(
        &self,
        plan: &Plan,
        parts: &[Arc<str>],
        deadline: Instant,
    ) -> Vec<(Outcome, f64)> {
        let checks = plan.calls().map(async |(check, piece)| {
            let part = usize::try_from(check.part).ok().and_then(|part| parts.get(part));
            let Some(part) = part else { return (Outcome::Unjudged, 0.0) };
            self.0.bulkhead.check(&check.detector, part.clone(), piece.clone(), deadline).await
        });
        join_all(checks).await
    }

    /// The detectors that are served here, by name.
    pub fn describe(&self) -> Vec<Description> {
        let called = self.0.shared.iter().filter(|it| it.kind == Kind::BuiltIn);
        let mut descriptions: Vec<Description> = called
            .map(|it| Description {
                name: it.name.clone(),
                version: it.version.clone(),
                raw_labels: detectors::raw_labels(&it.name),
                text_bytes_max: it.text_bytes_max,
            })
            .collect();
        descriptions.sort_by(|a, b| a.name.cmp(&b.name));
        descriptions
    }

    /// Looks at `texts` with the detectors `names`, all of them for none: text by text, detectors by name.
    pub async fn scan(&self, names: &[String], texts: Vec<String>) -> Result<Vec<Scanned>, Error> {
        let served = self.describe();
        let unknown = names.iter().find(|name| served.iter().all(|it| it.name != **name));
        if let Some(name) = unknown {
            return Err(Error::UnknownDetector(name.clone()));
        }
        let asked: Vec<&Description> =
            served.iter().filter(|it| names.is_empty() || names.contains(&it.name)).collect();
        let budget = runtime::context::remaining().map_or(BUDGET, |left| left.min(BUDGET));
        let deadline = Instant::now() + budget;

        let mut results = Vec::with_capacity(texts.len() * asked.len());
        for (number, text) in texts.into_iter().enumerate() {
            let text: Arc<str> = text.into();
            for result in join_all(asked.iter().map(|it| self.scan_text(it, &text, deadline))).await
            {
                results.push(Scanned { text: number, ..result? });
            }
        }
        Ok(results)
    }

    async fn scan_text(
        &self,
        asked: &Description,
        text: &Arc<str>,
        deadline: Instant,
    ) -> Result<Scanned, Error> {
        let chunks = chunk::chunks(text, asked.text_bytes_max);
        let checks = chunks.into_iter().map(async |piece| {
            let (outcome, _) =
                self.0.bulkhead.check(&asked.name, text.clone(), piece.clone(), deadline).await;
            match outcome {
                Outcome::Judged(raw) => Ok((piece, raw)),
                Outcome::TimedOut => Err(Error::DetectorLate(asked.name.clone())),
                Outcome::Shed => Err(Error::DetectorOverloaded(asked.name.clone())),
                Outcome::Unjudged | Outcome::Failed(_) => {
                    Err(Error::DetectorFailed(asked.name.clone()))
                }
            }
        });
        let mut judged = join_all(checks).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        let mut owned: Vec<(Chunk, &mut Vec<Raw>)> =
            judged.iter_mut().map(|(piece, raw)| (piece.clone(), raw)).collect();
        chunk::merge(&mut owned);
        let raw: Vec<Raw> = judged.into_iter().flat_map(|(_, raw)| raw).collect();
        let spans: Vec<_> = raw.iter().map(|raw| raw.span.clone()).collect();
        let points = detectors::code_points(text, &spans);
        Ok(Scanned {
            text: 0,
            detector: asked.name.clone(),
            version: asked.version.clone(),
            found: raw.into_iter().zip(points).collect(),
        })
    }
}

pub(super) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
