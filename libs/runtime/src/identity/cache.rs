//! Remembers what a look-up of API keys said, for a service that has to ask another one.
//!
//! Fresh answers are given from memory; an older one only while nobody can be asked. However many requests bring the
//! same key at once, one asks. Keyed by the digest of the credential, so that no secret stays in memory.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::future::BoxFuture;
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;
use uuid::Uuid;

use super::{ApiKey, Principal, Unavailable};

/// How long answers count, and how many are kept.
#[derive(Debug, Clone, Copy)]
pub struct Cache {
    /// A known key is asked for again after this; so long may a revoked key live.
    pub known: Duration,
    /// A refused key is asked for again after this.
    pub refused: Duration,
    /// A known key still counts for this long after its last answer while nobody can be asked.
    pub stale_max: Duration,
    /// After a failure nobody is asked for this long.
    pub pause: Duration,
    pub entries_max: usize,
}

impl Cache {
    /// What the mesh runs with.
    pub const STANDARD: Cache = Cache {
        known: Duration::from_secs(30),
        refused: Duration::from_secs(5),
        stale_max: Duration::from_secs(300),
        pause: Duration::from_secs(1),
        entries_max: 10_000,
    };
}

/// Puts a cache in front of `resolve`; the result is what `Authenticator::new` takes.
pub fn cached<F>(
    cache: Cache,
    resolve: impl Fn(ApiKey) -> F + Send + Sync + 'static,
) -> impl Fn(ApiKey) -> BoxFuture<'static, Result<Option<Principal>, Unavailable>> + Send + Sync + 'static
where
    F: Future<Output = Result<Option<Principal>, Unavailable>> + Send + 'static,
{
    let resolve = Arc::new(resolve);
    let slots = Arc::new(Slots::default());
    move |key| {
        let (resolve, slots) = (resolve.clone(), slots.clone());
        Box::pin(async move { look_up(&cache, &slots, &*resolve, key).await })
    }
}

type Fingerprint = [u8; 32];

/// Two maps, so that a flood of invented keys never pushes out the keys in use.
#[derive(Default)]
struct Slots {
    known: Mutex<HashMap<Fingerprint, Arc<Slot>>>,
    refused: Mutex<HashMap<Fingerprint, Instant>>,
}

/// One key. The lock is held while asking, so that others wait for the same answer.
#[derive(Default)]
struct Slot {
    state: tokio::sync::Mutex<State>,
}

#[derive(Default)]
struct State {
    answer: Option<(Principal, Instant)>,
    failure: Option<(Unavailable, Instant)>,
}

async fn look_up<F>(
    cache: &Cache,
    slots: &Slots,
    resolve: &impl Fn(ApiKey) -> F,
    key: ApiKey,
) -> Result<Option<Principal>, Unavailable>
where
    F: Future<Output = Result<Option<Principal>, Unavailable>>,
{
    let fingerprint = fingerprint(key.id(), &key);
    let refused_at = lock(&slots.refused).get(&fingerprint).copied();
    if refused_at.is_some_and(|at| at.elapsed() < cache.refused) {
        return Ok(None);
    }

    let slot = slot(cache, slots, fingerprint);
    let mut state = slot.state.lock().await;
    if let Some((principal, at)) = &state.answer
        && at.elapsed() < cache.known
    {
        return Ok(Some(principal.clone()));
    }
    if let Some((unavailable, at)) = &state.failure
        && at.elapsed() < cache.pause
    {
        return stale(cache, &state, unavailable);
    }

    match resolve(key).await {
        Ok(Some(principal)) => {
            *state = State { answer: Some((principal.clone(), Instant::now())), failure: None };
            Ok(Some(principal))
        }
        Ok(None) => {
            *state = State::default();
            lock(&slots.known).remove(&fingerprint);
            remember_refused(cache, slots, fingerprint);
            Ok(None)
        }
        Err(unavailable) => {
            state.failure = Some((unavailable.clone(), Instant::now()));
            stale(cache, &state, &unavailable)
        }
    }
}

fn stale(
    cache: &Cache,
    state: &State,
    unavailable: &Unavailable,
) -> Result<Option<Principal>, Unavailable> {
    match &state.answer {
        Some((principal, at)) if at.elapsed() < cache.known + cache.stale_max => {
            Ok(Some(principal.clone()))
        }
        Some(_) | None => Err(unavailable.clone()),
    }
}

fn slot(cache: &Cache, slots: &Slots, fingerprint: Fingerprint) -> Arc<Slot> {
    let mut known = lock(&slots.known);
    if let Some(slot) = known.get(&fingerprint) {
        return slot.clone();
    }
    if cache.entries_max <= known.len() {
        make_room(cache, &mut known);
    }
    known.entry(fingerprint).or_default().clone()
}

/// Drops what has no answer worth keeping, and if that is nothing, everything not being asked for at the moment.
fn make_room(cache: &Cache, known: &mut HashMap<Fingerprint, Arc<Slot>>) {
    let n_before = known.len();
    known.retain(|_, slot| match slot.state.try_lock() {
        Ok(state) => state.answer.as_ref().is_some_and(|(_, at)| at.elapsed() < cache.known),
        Err(_) => true,
    });
    if known.len() == n_before {
        known.retain(|_, slot| slot.state.try_lock().is_err());
    }
}

fn remember_refused(cache: &Cache, slots: &Slots, fingerprint: Fingerprint) {
    let mut refused = lock(&slots.refused);
    if cache.entries_max <= refused.len() {
        refused.retain(|_, at| at.elapsed() < cache.refused);
    }
    if cache.entries_max <= refused.len() {
        refused.clear();
    }
    refused.insert(fingerprint, Instant::now());
}

fn fingerprint(id: Uuid, key: &ApiKey) -> Fingerprint {
    Sha256::new().chain_update(id).chain_update(key.digest().as_bytes()).finalize().into()
}

/// A panic while the lock was held left a whole map behind: every write is a single call.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use expect_test::{Expect, expect};

    use super::*;

    const CACHE: Cache = Cache { entries_max: 2, ..Cache::STANDARD };

    #[tokio::test(start_paused = true)]
    async fn a_known_key_is_asked_for_again_after_its_time() {
        check("ask · 29s · ask · 2s · ask", expect!["known asked, known, known asked"]).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_key_is_asked_for_again_after_its_time() {
        check(
            "refuse · ask · 4s · ask · 2s · ask",
            expect!["refused asked, refused, refused asked"],
        )
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_known_key_outlives_an_outage_for_a_while() {
        check(
            "ask · down · 31s · ask · ask · 298s · ask · 2s · ask",
            expect!["known asked, known asked, known, known asked, unavailable asked"],
        )
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_revoked_key_ends_with_the_next_answer() {
        check(
            "ask · refuse · 31s · ask · down · ask",
            expect!["known asked, refused asked, refused"],
        )
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_failure_nobody_is_asked_for_a_moment() {
        check(
            "down · ask · ask · 1s · up · ask",
            expect!["unavailable asked, unavailable, known asked"],
        )
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_hundred_at_once_ask_once() {
        let world = World::default();
        let resolve = world.cached();
        let answers = futures::future::join_all((0..100).map(|_| resolve(key(1)))).await;
        assert!(answers.into_iter().all(|answer| answer.unwrap().is_some()));
        assert_eq!(world.0.asked.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn invented_keys_do_not_push_out_a_known_one() {
        let world = World::default();
        let resolve = world.cached();
        resolve(key(1)).await.unwrap();
        *lock(&world.0.mood) = "refuse";
        for i in 2..10 {
            assert_eq!(resolve(key(i)).await.unwrap(), None);
        }
        assert!(resolve(key(1)).await.unwrap().is_some());
        assert_eq!(world.0.asked.load(Ordering::SeqCst), 9);
    }

    #[tokio::test(start_paused = true)]
    async fn another_secret_is_another_key() {
        let world = World::default();
        let resolve = world.cached();
        resolve(key(1)).await.unwrap();
        let guess = ApiKey::generate(Uuid::from_u128(1)).unwrap();
        *lock(&world.0.mood) = "refuse";
        assert_eq!(resolve(guess).await.unwrap(), None);
    }

    /// Runs steps against one key: `ask`, a time to let pass, or the mood of whoever is asked.
    async fn check(steps: &str, expected: Expect) {
        let world = World::default();
        let resolve = world.cached();
        let mut answers = Vec::new();
        for step in steps.split(" · ") {
            if let Some(seconds) = step.strip_suffix('s').and_then(|it| it.parse().ok()) {
                tokio::time::advance(Duration::from_secs(seconds)).await;
            } else if step == "ask" {
                let asked = world.0.asked.load(Ordering::SeqCst);
                let answer = match resolve(key(1)).await {
                    Ok(Some(_)) => "known",
                    Ok(None) => "refused",
                    Err(_) => "unavailable",
                };
                let was_asked = asked != world.0.asked.load(Ordering::SeqCst);
                answers.push(format!("{answer}{}", if was_asked { " asked" } else { "" }));
            } else {
                *lock(&world.0.mood) = if step == "refuse" {
                    "refuse"
                } else if step == "down" {
                    "down"
                } else {
                    ""
                };
            }
        }
        expected.assert_eq(&answers.join(", "));
    }

    #[derive(Default, Clone)]
    struct World(Arc<Inner>);

    #[derive(Default)]
    struct Inner {
        asked: AtomicUsize,
        mood: Mutex<&'static str>,
    }

    impl World {
        fn cached(
            &self,
        ) -> impl Fn(ApiKey) -> BoxFuture<'static, Result<Option<Principal>, Unavailable>> + use<>
        {
            let world = self.clone();
            cached(CACHE, move |key| {
                let world = world.clone();
                async move {
                    world.0.asked.fetch_add(1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                    match *lock(&world.0.mood) {
                        "refuse" => Ok(None),
                        "down" => Err(Unavailable::new("connection refused")),
                        _ => Ok(Some(Principal {
                            tenant: None,
                            subject: format!("key:{}", key.id()),
                            roles: Vec::new(),
                        })),
                    }
                }
            })
        }
    }

    fn key(id: u128) -> ApiKey {
        let text = format!("lmk_{}_{}", Uuid::from_u128(id).simple(), "a".repeat(48));
        ApiKey::parse(&text).unwrap()
    }
}
