//! KEYED RPCs under an `idempotency-key`, with a real database behind them.

use std::sync::Arc;

use expect_test::expect;
use proto::orchestration::v1::{
    DetectRequest, DetectResponse, detection_service_client::DetectionServiceClient,
};
use runtime::{client::Client, config::SecretString, idempotency::Idempotency};
use sqlx::migrate::Migrator;
use testkit::TestDb;
use tokio::sync::Notify;
use tonic::{Code, Response, Status};

use crate::world::{self, Act, Fake, World, as_admin, example, show, start_with};

pub static TABLE: Migrator = sqlx::migrate!("tests/migrations");

async fn start(fake: &Fake) -> (World, TestDb) {
    let db = testkit::database("orchestration", &TABLE).await;
    let (pool, secret) = (db.pool.clone(), SecretString::from("a key for digests"));
    let keep = |process: &runtime::boot::Process| {
        Some(Idempotency::new(pool, &secret, process.tasks.clone()))
    };
    (start_with(world::config(), fake, keep).await, db)
}

async fn detect(
    client: &mut DetectionServiceClient<Client>,
    key: &str,
    message: DetectRequest,
) -> Result<Response<DetectResponse>, Status> {
    let mut request = as_admin(message);
    request.metadata_mut().insert("idempotency-key", key.parse().unwrap());
    client.detect(request).await
}

fn tell(answer: Result<Response<DetectResponse>, Status>) -> String {
    match answer {
        Ok(answer) => {
            let replayed = answer.metadata().contains_key("idempotency-replayed");
            let replayed = if replayed { " (replayed)" } else { "" };
            format!("{}{replayed}\n", answer.get_ref().request_id)
        }
        Err(status) => show::<()>(Err(status)),
    }
}

#[tokio::test]
async fn the_same_key_is_answered_once_and_for_all() {
    let fake = Fake::new(vec![Act::Answer]);
    let (world, _db) = start(&fake).await;
    let mut client = world.detection();
    let other = DetectRequest { policy: "another".to_owned(), ..example() };
    let mut story = String::new();
    for (key, message) in
        [("a", example()), ("a", example()), ("b", example()), ("a", example()), ("a", other)]
    {
        story += &tell(detect(&mut client, key, message).await);
    }
    // Without a key twice is twice.
    story += &tell(client.detect(as_admin(example::<DetectRequest>())).await);
    expect![[r#"
        detection 1
        detection 1 (replayed)
        detection 2
        detection 1 (replayed)
        AlreadyExists CONFLICT: the idempotency key was used for another request
        detection 3
    "#]]
    .assert_eq(&story);
}

#[tokio::test]
async fn a_failure_gives_the_key_free() {
    let fake = Fake::new(vec![Act::Fail(Code::Unavailable), Act::Panic, Act::Answer]);
    let (world, _db) = start(&fake).await;
    let mut client = world.detection();
    let mut story = String::new();
    while fake.calls() < 3 {
        // The key is given free beside the answer, so the next call may still find it taken.
        let answer = tell(detect(&mut client, "a", example()).await);
        if !answer.contains("under way") {
            story += &answer;
        }
    }
    expect![[r#"
        Unavailable -: as told
        Internal INTERNAL: internal error
        detection 3
    "#]]
    .assert_eq(&story);
}

#[tokio::test]
async fn while_the_first_is_under_way_the_second_is_refused() {
    let (here, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let fake = Fake::new(vec![Act::Wait { here: here.clone(), go: go.clone() }, Act::Answer]);
    let (world, _db) = start(&fake).await;
    let (mut one, mut two) = (world.detection(), world.detection());
    let first = detect(&mut one, "a", example());
    let second = async {
        here.notified().await;
        let refused = detect(&mut two, "a", example()).await;
        go.notify_one();
        refused
    };
    let (first, second) = tokio::join!(first, second);
    let third = tell(detect(&mut two, "a", example()).await);
    expect![[r#"
        detection 1
        Aborted CONFLICT: the first request with this key is under way
        detection 1 (replayed)
    "#]]
    .assert_eq(&(tell(first) + &tell(second) + &third));
}

#[tokio::test]
async fn a_caller_that_gave_up_finds_the_answer_when_it_comes_back() {
    let (here, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let fake = Fake::new(vec![Act::Wait { here: here.clone(), go: go.clone() }, Act::Answer]);
    let (world, _db) = start(&fake).await;
    let mut client = world.detection();
    tokio::select! {
        _ = detect(&mut client, "a", example()) => unreachable!("nobody lets it go on"),
        () = here.notified() => {}
    }
    go.notify_one();
    let answer = loop {
        let answer = tell(detect(&mut client, "a", example()).await);
        if !answer.contains("under way") {
            break answer;
        }
    };
    expect![[r#"
        detection 1 (replayed)
    "#]]
    .assert_eq(&answer);
}

#[tokio::test]
async fn a_key_that_is_none_is_refused() {
    let fake = Fake::new(vec![Act::Answer]);
    let (world, _db) = start(&fake).await;
    let mut client = world.detection();
    let long = "x".repeat(129);
    let story = tell(detect(&mut client, &long, example()).await)
        + &tell(detect(&mut client, "two words", example()).await);
    expect![[r#"
        InvalidArgument INVALID_REQUEST: an idempotency key is 1 to 128 letters, digits and signs of ASCII
        InvalidArgument INVALID_REQUEST: an idempotency key is 1 to 128 letters, digits and signs of ASCII
    "#]]
    .assert_eq(&story);
}

#[tokio::test]
async fn what_is_kept_names_nobody_and_holds_no_request() {
    let fake = Fake::new(vec![Act::Answer]);
    let (world, db) = start(&fake).await;
    detect(&mut world.detection(), "a", example()).await.unwrap();
    let row = "SELECT method || ' ' || key || ' ' || octet_length(request_digest) FROM idempotency";
    let kept: Vec<String> = sqlx::query_scalar(row).fetch_all(&db.owner).await.unwrap();
    expect!["/llamamapper.orchestration.v1.DetectionService/Detect a 32"]
        .assert_eq(&kept.join("\n"));
}
