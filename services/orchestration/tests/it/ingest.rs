use std::time::Duration;

use expect_test::expect;
use proto::{
    common::v1::Finding,
    orchestration::v1::{Acknowledgement, AcknowledgementStatus, IngestRequest, IngestResponse},
};
use testkit::Mode;
use tokio::sync::mpsc;
use tokio_stream::{StreamExt as _, wrappers::ReceiverStream};
use tonic::{Status, Streaming};

use crate::world::{Acquaintance, World, bearer, finding, raw_stream, report, show, show_all};

struct Stream {
    requests: mpsc::Sender<IngestRequest>,
    answers: Streaming<IngestResponse>,
}

async fn open(world: &World, who: &Acquaintance) -> Stream {
    let (requests, messages) = mpsc::channel(64);
    let request = bearer(&who.detector, ReceiverStream::new(messages));
    let answers = world.ingest().ingest(request).await.unwrap().into_inner();
    Stream { requests, answers }
}

impl Stream {
    async fn send(&self, findings: impl IntoIterator<Item = Finding>) {
        let findings = findings.into_iter().collect();
        self.requests.send(IngestRequest { findings, runs: Vec::new() }).await.unwrap();
    }

    /// Sends no more, and takes what is left of the answers.
    async fn finish(self) -> (Vec<Acknowledgement>, Vec<Acknowledgement>, Option<Status>) {
        let Stream { requests, mut answers } = self;
        drop(requests);
        let (mut findings, mut runs) = (Vec::new(), Vec::new());
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(answer) => {
                    findings.extend(answer.findings);
                    runs.extend(answer.runs);
                }
                Err(status) => return (findings, runs, Some(status)),
            }
        }
        (findings, runs, None)
    }
}

fn in_order(acknowledgements: &[Acknowledgement]) -> bool {
    acknowledgements.iter().zip(0..).all(|(it, index)| it.index == index)
}

#[tokio::test]
async fn one_bad_finding_never_ends_the_stream() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let stream = open(&world, &acme).await;
    stream.send([finding("a"), Finding { score: 7.0, ..finding("b") }]).await;
    stream.send([Finding { detector: "nobody".to_owned(), ..finding("c") }]).await;
    stream.send([Finding { raw_label: "x".repeat(600), ..finding("d") }, finding("a")]).await;
    let runs = IngestRequest { findings: Vec::new(), runs: vec![report("r1"), report("r1")] };
    stream.requests.send(runs).await.unwrap();
    stream.send([finding("e")]).await;
    let (findings, runs, end) = stream.finish().await;
    assert!(end.is_none(), "{end:?}");
    expect![[r#"
        0 a ACCEPTED
        1 b MALFORMED INVALID_REQUEST findings[1].score: `score` must be in 0..=1, got 7
        2 c REFUSED DETECTOR_NOT_FOUND findings[2].detector: neither the mesh nor the tenant has such a detector
        3 d REFUSED INVALID_REQUEST findings[3].raw_label: `raw_label` has a limit of 512 bytes, got 600
        4 a DUPLICATE
        5 e ACCEPTED
        0 r1 ACCEPTED
        1 r1 DUPLICATE
    "#]].assert_eq(&(show_all(&findings) + &show_all(&runs)));
}

#[tokio::test]
async fn ten_thousand_findings_are_acknowledged_in_order_in_a_few_batches() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let Stream { requests, answers } = open(&world, &acme).await;
    let sending = async move {
        for n in 0..10_000 {
            let findings = vec![finding(&n.to_string())];
            requests.send(IngestRequest { findings, runs: Vec::new() }).await.unwrap();
        }
    };
    let reading = async move {
        let answers: Vec<_> = answers.collect().await;
        answers.into_iter().flat_map(|it| it.unwrap().findings).collect::<Vec<_>>()
    };
    let ((), acknowledged) = tokio::join!(sending, reading);
    assert_eq!(acknowledged.len(), 10_000);
    assert!(in_order(&acknowledged));
    let accepted = acknowledged.iter().filter(|it| it.status() == AcknowledgementStatus::Accepted);
    let others: Vec<_> = acknowledged
        .iter()
        .filter(|it| it.status() != AcknowledgementStatus::Accepted)
        .take(3)
        .collect();
    assert_eq!(accepted.count(), 10_000, "{others:?}");
    assert_eq!(world.mapper.recorded(acme.id).len(), 10_000);
    assert!(world.mapper.calls() < 10_000, "{}", world.mapper.calls());
}

#[tokio::test]
async fn a_message_over_the_limit_ends_the_stream_after_what_came_before() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let stream = open(&world, &acme).await;
    stream.send([finding("a")]).await;
    stream.send((0..1_001).map(|n| finding(&n.to_string()))).await;
    stream.send([finding("never")]).await;
    let (findings, _, end) = stream.finish().await;
    expect![[r#"
        0 a ACCEPTED
        InvalidArgument INVALID_REQUEST field=findings limit=1000 size=1001: `findings` has a limit of 1000 entries, got 1001"#]].assert_eq(&(show_all(&findings) + &show(&end.unwrap())));
}

#[tokio::test]
async fn broken_utf_8_is_one_bad_finding() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let sound = prost::Message::encode_to_vec(&IngestRequest {
        findings: vec![finding("a")],
        runs: Vec::new(),
    });
    // A finding of `presidio` whose id is the byte 0xFF.
    let broken = [&[0x0a, 0x0d, 0x0a, 0x01, 0xff, 0x12, 0x08], b"presidio".as_slice()].concat();
    let answers = raw_stream(&world, &acme.detector, vec![broken, sound]).await;
    expect![[r#"
        0 � REFUSED INVALID_REQUEST findings[0].finding_id: `finding_id` must be UTF-8 without U+FFFD
        1 a ACCEPTED
    "#]]
    .assert_eq(&answers);
}

#[tokio::test]
async fn what_is_no_message_ends_the_stream_after_what_came_before() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let sound = prost::Message::encode_to_vec(&IngestRequest {
        findings: vec![finding("a")],
        runs: Vec::new(),
    });
    let answers = raw_stream(&world, &acme.detector, vec![sound, vec![0xff; 9]]).await;
    expect![[r#"
        0 a ACCEPTED
        InvalidArgument INVALID_REQUEST: a message of the stream cannot be read"#]]
    .assert_eq(&answers);
}

#[tokio::test]
async fn half_a_stream_is_half_a_stream() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let mut stream = open(&world, &acme).await;
    stream.send([finding("a")]).await;
    let first = stream.answers.next().await.unwrap().unwrap();
    assert_eq!(show_all(&first.findings), "0 a ACCEPTED\n");
    // The client goes away without a word.
    drop(stream);
    let stream = open(&world, &acme).await;
    stream.send([finding("a"), finding("b")]).await;
    let (findings, ..) = stream.finish().await;
    expect![[r#"
        0 a DUPLICATE
        1 b ACCEPTED
    "#]]
    .assert_eq(&show_all(&findings));
}

#[tokio::test]
async fn a_client_that_never_reads_is_no_longer_read_from() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let Stream { requests, answers } = open(&world, &acme).await;
    // Each message has a long id for each finding, so that acknowledgements fill the windows of the connection, too.
    let message = |n: usize| {
        let id = |m| format!("{n}-{m}-{}", "x".repeat(100));
        IngestRequest { findings: (0..500).map(|m| finding(&id(m))).collect(), runs: Vec::new() }
    };
    let mut sent = 0;
    let stuck = loop {
        let sending = requests.send_timeout(message(sent), Duration::from_secs(1));
        match sending.await {
            Ok(()) => sent += 1,
            Err(_) => break true,
        }
        if 20_000 < sent {
            break false;
        }
    };
    assert!(stuck, "took {sent} messages of a client that reads nothing");

    // It goes on where it stopped as soon as the client reads, and nothing is lost.
    drop(requests);
    let acknowledged: Vec<_> = answers.collect().await;
    let acknowledged: Vec<_> =
        acknowledged.into_iter().flat_map(|it| it.unwrap().findings).collect();
    assert_eq!(acknowledged.len(), sent * 500);
    assert!(in_order(&acknowledged));
}

#[tokio::test]
async fn a_mapper_that_goes_away_in_the_middle_loses_and_doubles_nothing() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let Stream { requests, mut answers } = open(&world, &acme).await;
    let mut acknowledged = Vec::new();
    for n in 0..30 {
        match n {
            10 => world.mapper.set(Mode::Away),
            20 => world.mapper.set(Mode::LosesAnswers),
            25 => world.mapper.set(Mode::Works),
            _ => (),
        }
        let findings = (0..10).map(|m| finding(&format!("{n}-{m}"))).collect();
        requests.send(IngestRequest { findings, runs: Vec::new() }).await.unwrap();
        acknowledged.extend(answers.next().await.unwrap().unwrap().findings);
    }
    assert_eq!(acknowledged.len(), 300);
    assert!(in_order(&acknowledged));
    assert!(acknowledged.iter().any(|it| it.status() == AcknowledgementStatus::Queued));
    world.eventually("the inbox is empty", async || world.n_rows("delivery").await == 0).await;
    assert_eq!(world.mapper.recorded(acme.id).len(), 300);
}

#[tokio::test]
async fn a_stream_needs_a_detectors_key_of_a_tenant() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    for credential in [&acme.analyst, &world.operator] {
        let request = bearer(credential, tokio_stream::empty());
        let status = world.ingest().ingest(request).await.unwrap_err();
        assert_eq!(status.code(), tonic::Code::PermissionDenied);
    }
}

#[tokio::test]
async fn a_service_that_stops_says_so_after_what_came_before() {
    let world = World::start().await;
    let acme = world.tenant("acme").await;
    let mut stream = open(&world, &acme).await;
    stream.send([finding("a")]).await;
    let first = stream.answers.next().await.unwrap().unwrap();
    assert_eq!(show_all(&first.findings), "0 a ACCEPTED\n");
    world.tasks.stop();
    let status = loop {
        match stream.answers.next().await {
            Some(Ok(_)) => continue,
            Some(Err(status)) => break status,
            None => panic!("the stream ended without a word"),
        }
    };
    assert_eq!(status.code(), tonic::Code::Unavailable);
}
