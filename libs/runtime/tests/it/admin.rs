//! The port for operators and probes.

use expect_test::expect;
use runtime::{
    admin::{self, Check},
    metrics::{Metric, Metrics},
    task::Tasks,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

async fn get(path: &str, checks: Vec<Check>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let config = admin::Config { listen: address, check_timeout_ms: 1000 };
    let metrics = Metrics::new(10);
    let calls = Metric { name: "calls_total", labels: ["kind"], help: "Calls." };
    metrics.counter(&calls).inc(["test"]);
    let tasks = Tasks::default();
    let serving = admin::serve(&config, listener, metrics, checks, tasks.clone());
    let asking = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        tasks.stop();
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        format!("{}\n{body}\n", head.lines().next().unwrap())
    };
    let (served, response) = tokio::join!(serving, asking);
    served.unwrap();
    response
}

fn works() -> Check {
    Check::new("works", async || Ok(()))
}

#[tokio::test]
async fn alive_without_any_check() {
    expect![[r#"
        HTTP/1.1 200 OK
        live

    "#]]
    .assert_eq(&get("/live", vec![]).await);
}

#[tokio::test]
async fn ready_when_every_check_is() {
    expect![[r#"
        HTTP/1.1 200 OK
        {"checks":[{"detail":null,"name":"works","ok":true}],"ready":true,"stopping":false}
    "#]]
    .assert_eq(&get("/ready", vec![works()]).await);
}

#[tokio::test(start_paused = true)]
async fn a_check_that_fails_or_hangs_is_named() {
    let broken = Check::new("broken", async || Err("no answer from the door".to_owned()));
    let hangs = Check::new("hangs", std::future::pending);
    expect![[r#"
        HTTP/1.1 503 Service Unavailable
        {"checks":[{"detail":null,"name":"works","ok":true},{"detail":"no answer from the door","name":"broken","ok":false},{"detail":"no answer in time","name":"hangs","ok":false}],"ready":false,"stopping":false}
    "#]].assert_eq(&get("/ready", vec![works(), broken, hangs]).await);
}

#[tokio::test]
async fn metrics_are_text() {
    let text = get("/metrics", vec![]).await;
    assert!(text.contains("calls_total{kind=\"test\"} 1\n"), "{text}");
    assert!(text.contains("process_resident_memory_bytes "), "{text}");
}
