//! `CreateReport`, `GetReport`, `ListReports`.

use expect_test::expect;
use proto::{
    analysis::v1::{
        CreateReportRequest, GetReportRequest, ListReportsRequest, ListReportsResponse, Report,
    },
    common::v1 as common,
    orchestration::v1::CheckState,
};
use tonic::Status;

use crate::world::{As, World, a, b, detection, event, exposed, first, policy, report, show};

async fn world() -> World {
    let world = World::start().await;
    world.feeds.push_runs([
        report(a(), 1, 0, 30),
        policy(a(), 48),
        detection(a(), 1, 3, &[CheckState::Clean, CheckState::TimedOut]),
    ]);
    world.feeds.push_events([
        event(a(), 1, "PII.Contact.Email", 0),
        exposed(event(a(), 2, "PII.Contact.Phone", 60)),
        event(b(), 3, "HARM.Violence.Threat", 61),
    ]);
    world.taken_in(a(), 2, 2).await;
    world
}

fn asked() -> CreateReportRequest {
    CreateReportRequest { period: first(48), ..Default::default() }
}

async fn create(world: &World, request: CreateReportRequest) -> Result<Report, Status> {
    let request = world.request(As::Analyst(a()), request);
    let response = world.reports().create_report(request).await?;
    Ok(response.into_inner().report.unwrap())
}

async fn get(world: &World, who: As, id: &str) -> Result<Report, Status> {
    let request = world.request(who, GetReportRequest { report_id: id.to_owned() });
    Ok(world.reports().get_report(request).await?.into_inner().report.unwrap())
}

async fn list(
    world: &World,
    who: As,
    size: u32,
    cursor: &str,
) -> Result<ListReportsResponse, Status> {
    let page = Some(common::Page { size, cursor: cursor.to_owned() });
    let request = world.request(who, ListReportsRequest { page });
    Ok(world.reports().list_reports(request).await?.into_inner())
}

async fn refused(request: CreateReportRequest) -> String {
    show(&create(&world().await, request).await.unwrap_err())
}

#[tokio::test]
async fn a_report_says_what_is_known_and_is_stored_with_its_bytes() {
    let world = world().await;
    let report = create(&world, asked()).await.unwrap();
    assert_eq!(report, get(&world, As::Analyst(a()), &report.report_id).await.unwrap());

    let json: serde_json::Value = serde_json::from_str(&report.json).unwrap();
    let told = serde_json::json!({
        "events": json["summary"]["events"],
        "coverage": json["coverage"]["detectors"].as_array().unwrap().iter()
            .map(|it| format!("{} {}/{}", it["detector"], it["executed"], it["expected"])).collect::<Vec<_>>(),
        "gaps": json["gaps"].as_array().unwrap().iter().map(|it| it["kind"].clone()).collect::<Vec<_>>(),
        "controls": json["frameworks"][0]["controls"].as_array().unwrap().iter()
            .map(|it| it["control"].clone()).collect::<Vec<_>>(),
        "detections": json["detections"][0]["detections"],
        "as_of": json["as_of"],
        "title": report.title,
    });
    expect![[r#"
        {
          "as_of": "2026-10-07T00:00:00Z",
          "controls": [
            "CC6.7",
            "CC7.2"
          ],
          "coverage": [
            "\"pii\" 1/2",
            "\"agent\" 30/47"
          ],
          "detections": 1,
          "events": 2,
          "gaps": [
            "outage",
            "coverage",
            "coverage"
          ],
          "title": "Evidence report 2026-10-05 to 2026-10-07"
        }"#]]
    .assert_eq(&format!("{told:#}"));
    assert!(report.html.contains("PII.Contact.Phone") && report.html.contains(&report.json_sha256));
    assert!(!report.json.contains("HARM") && !report.html.contains("HARM"), "of another tenant");
    assert_eq!(report.versions.unwrap().taxonomy, "2026.11");
}

#[tokio::test]
async fn the_same_period_as_of_the_same_time_has_the_same_bytes() {
    let world = world().await;
    let (one, two) =
        (create(&world, asked()).await.unwrap(), create(&world, asked()).await.unwrap());
    assert_ne!(one.report_id, two.report_id);
    assert_eq!((&one.json, &one.html, &one.json_sha256), (&two.json, &two.html, &two.json_sha256));

    world.feeds.push_events([event(a(), 9, "PII.Contact.Email", 5)]);
    world.taken_in(a(), 3, 2).await;
    let amended = create(&world, asked()).await.unwrap();
    assert_ne!(one.json_sha256, amended.json_sha256);
    assert_eq!(one, get(&world, As::Analyst(a()), &one.report_id).await.unwrap());
}

#[tokio::test]
async fn under_the_same_key_the_same_call_is_one_report() {
    let world = world().await;
    let call = async |request: CreateReportRequest| {
        let mut request = world.request(As::Analyst(a()), request);
        request.metadata_mut().insert("idempotency-key", "november".parse().unwrap());
        world.reports().create_report(request).await
    };
    let one = call(asked()).await.unwrap().into_inner().report.unwrap();
    let two = call(asked()).await.unwrap().into_inner().report.unwrap();
    assert_eq!(one.report_id, two.report_id);
    let other = CreateReportRequest { title: "Another".to_owned(), ..asked() };
    let status = call(other).await.unwrap_err();
    assert!(show(&status).starts_with("AlreadyExists CONFLICT"), "{}", show(&status));
}

#[tokio::test]
async fn reports_are_listed_latest_first_page_by_page() {
    let world = world().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.insert(0, create(&world, asked()).await.unwrap().report_id);
    }
    let one = list(&world, As::Analyst(a()), 2, "").await.unwrap();
    let two = list(&world, As::Analyst(a()), 2, &one.next_cursor).await.unwrap();
    let listed: Vec<_> =
        one.reports.iter().chain(&two.reports).map(|it| it.report_id.clone()).collect();
    assert_eq!(listed, ids);
    assert_eq!(two.next_cursor, "");
    assert!(one.reports.iter().all(|it| it.json.is_empty() && it.html.is_empty()));
}

#[tokio::test]
async fn another_tenant_sees_none_of_them() {
    let world = world().await;
    let report = create(&world, asked()).await.unwrap();
    let status = get(&world, As::Analyst(b()), &report.report_id).await.unwrap_err();
    expect!["NotFound NOT_FOUND: there is no such report"].assert_eq(&show(&status));
    assert_eq!(list(&world, As::Analyst(b()), 0, "").await.unwrap().reports, []);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let mut open = asked();
    open.period.as_mut().unwrap().to = None;
    expect!["InvalidArgument INVALID_REQUEST [period.to]: period.to is required"]
        .assert_eq(&refused(open).await);

    let long = CreateReportRequest { title: "x".repeat(201), ..asked() };
    expect![
        "InvalidArgument INVALID_REQUEST [title]: `title` must have at most 200 characters, got 201"
    ]
    .assert_eq(&refused(long).await);

    let none = CreateReportRequest { period: None, ..asked() };
    expect!["InvalidArgument INVALID_REQUEST [period]: `period` is required"]
        .assert_eq(&refused(none).await);

    let mut years = asked();
    years.period.as_mut().unwrap().from = Some(prost_types::Timestamp { seconds: 0, nanos: 0 });
    expect![
        "InvalidArgument INVALID_REQUEST [period]: period makes 20733 entries, the limit is 400"
    ]
    .assert_eq(&refused(years).await);

    let world = world().await;
    let status = list(&world, As::Analyst(a()), 0, "page two").await.unwrap_err();
    expect!["InvalidArgument INVALID_REQUEST [page.cursor]: page.cursor is malformed"]
        .assert_eq(&show(&status));
    let status = get(&world, As::Analyst(a()), "7").await.unwrap_err();
    assert!(
        show(&status).starts_with("InvalidArgument INVALID_REQUEST [report_id]"),
        "{}",
        show(&status)
    );
}

#[tokio::test]
async fn without_the_mapper_there_is_no_report_but_the_old_ones_are_there() {
    let world = world().await;
    world.feeds.set_away(true);
    let status = create(&world, asked()).await.unwrap_err();
    assert!(show(&status).starts_with("Unavailable UPSTREAM_UNAVAILABLE"), "{}", show(&status));
    assert_eq!(list(&world, As::Analyst(a()), 0, "").await.unwrap().reports, []);
}

#[tokio::test]
async fn without_the_database_there_is_no_answer() {
    let world = world().await;
    world.lose_database().await;
    let answers = [
        create(&world, asked()).await.unwrap_err(),
        get(&world, As::Analyst(a()), "00000000-0000-0000-0000-000000000001").await.unwrap_err(),
        list(&world, As::Analyst(a()), 0, "").await.unwrap_err(),
    ];
    for status in answers {
        assert!(show(&status).starts_with("Unavailable UPSTREAM_UNAVAILABLE"), "{}", show(&status));
    }
}
