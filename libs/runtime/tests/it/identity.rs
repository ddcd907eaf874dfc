//! Who gets in, shown through the two layers in front of a service.

mod remote;

use std::{
    convert::Infallible,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use expect_test::{Expect, expect};
use http::{Request, Response};
use runtime::contract::Contract;
use runtime::identity::{
    ApiKey, Authenticator, MeshKey, Principal, Role, Unavailable, authenticate, authorise, grants,
    permissions,
};
use secrecy::ExposeSecret as _;
use tonic::{Status, body::Body};
use tower::{Layer as _, ServiceExt as _};
use uuid::Uuid;

const TENANT: &str = "018f0000-0000-7000-8000-00000000000a";
const QUERY: &str = "/llamamapper.mapper.v1.EventService/Query";
const RECORD: &str = "/llamamapper.mapper.v1.EventService/Record";

#[tokio::test]
async fn a_key_becomes_its_principal() {
    let key = key(1);
    check(QUERY, &[&bearer(&key)], expect!["admin key:1 of 018f0000-0000-7000-8000-00000000000a"])
        .await;
    check(
        QUERY,
        &[&bearer(&key).replacen("Bearer", "bearer", 1)],
        expect!["admin key:1 of 018f0000-0000-7000-8000-00000000000a"],
    )
    .await;
}

#[tokio::test]
async fn a_mesh_token_is_a_service_for_the_tenant_it_names() {
    let token =
        format!("Mesh {}", mesh_key('m').sign("mapper", Some(TENANT.parse().unwrap()), now()));
    check(
        RECORD,
        &[&token],
        expect!["service service:mapper of 018f0000-0000-7000-8000-00000000000a"],
    )
    .await;
    let token = format!("Mesh {}", mesh_key('m').sign("mapper", None, now()));
    check(RECORD, &[&token], expect!["service service:mapper of nobody"]).await;
}

#[tokio::test]
async fn every_bad_credential_gets_the_same_answer() {
    let good = bearer(&key(1));
    let other_secret = bearer(&ApiKey::generate(Uuid::from_u128(1)).unwrap());
    let forged = format!("Mesh {}", mesh_key('x').sign("mapper", None, now()));
    let expired =
        format!("Mesh {}", mesh_key('m').sign("mapper", None, now() - Duration::from_secs(60)));
    let unknown = bearer(&key(9));
    for credentials in [
        vec![],
        vec![""],
        vec!["Bearer"],
        vec!["Bearer x"],
        vec!["Basic eDp5"],
        vec![other_secret.as_str()],
        vec![forged.as_str()],
        vec![expired.as_str()],
        vec![unknown.as_str()],
        vec![good.as_str(), good.as_str()],
    ] {
        let expected = "Unauthenticated: a valid credential is required";
        assert_eq!(call(QUERY, &credentials).await, expected, "{credentials:?}");
    }
}

#[tokio::test]
async fn a_key_cannot_be_a_service() {
    check(RECORD, &[&bearer(&key(3))], expect!["Unauthenticated: a valid credential is required"])
        .await;
}

#[tokio::test]
async fn when_nobody_can_tell_the_answer_says_so() {
    check(
        QUERY,
        &[&bearer(&key(2))],
        expect!["Unavailable: the credential cannot be checked just now"],
    )
    .await;
}

#[tokio::test]
async fn a_role_permits_what_the_contract_asks_for() {
    check(
        RECORD,
        &[&bearer(&key(1))],
        expect!["PermissionDenied: `EventService.Record` needs the permission `events:write`"],
    )
    .await;
    check(
        QUERY,
        &[&bearer(&key(4))],
        expect!["PermissionDenied: `EventService.Query` needs the permission `events:read`"],
    )
    .await;
}

#[tokio::test]
async fn what_the_contract_does_not_know_is_not_there() {
    let key = bearer(&key(1));
    check(
        "/llamamapper.mapper.v1.EventService/Drop",
        &[&key],
        expect!["Unimplemented: no such method"],
    )
    .await;
    check(
        "/llamamapper.mapper.v1.EventService/Drop",
        &[],
        expect!["Unauthenticated: a valid credential is required"],
    )
    .await;
}

#[tokio::test]
async fn health_and_reflection_are_open() {
    check("/grpc.health.v1.Health/Check", &[], expect!["nobody"]).await;
    check("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", &[], expect!["nobody"])
        .await;
}

#[test]
fn roles_and_rpcs_fit_each_other() {
    let names = Contract::services(proto::DESCRIPTORS).unwrap();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut needed = std::collections::BTreeSet::from(["events:feed".to_owned()]);
    for name in &names {
        let contract = Contract::load(proto::DESCRIPTORS, &[name]).unwrap();
        needed.extend(contract.rpcs().map(|rpc| rpc.permission.clone()));
    }
    let known: std::collections::BTreeSet<String> = permissions().map(str::to_owned).collect();
    assert_eq!(needed, known);
    for permission in known {
        assert!(Role::ALL.into_iter().any(|role| grants(role, &permission)), "{permission}");
    }
}

#[test]
fn a_handler_learns_its_tenant_or_says_no() {
    let mut request = tonic::Request::new(());
    let code =
        |request: &tonic::Request<()>| runtime::identity::tenant(request).map_err(|it| it.code());
    assert_eq!(code(&request), Err(tonic::Code::Unauthenticated));
    let mut principal = Principal { tenant: None, subject: "key:1".to_owned(), roles: Vec::new() };
    request.extensions_mut().insert(principal.clone());
    assert_eq!(code(&request), Err(tonic::Code::PermissionDenied));
    principal.tenant = Some(TENANT.parse().unwrap());
    request.extensions_mut().insert(principal);
    assert_eq!(code(&request).unwrap().to_string(), TENANT);
}

async fn check(path: &str, credentials: &[&str], expected: Expect) {
    expected.assert_eq(&call(path, credentials).await);
}

/// The principal that the service sees, or the refusal.
async fn call(path: &str, credentials: &[&str]) -> String {
    let contract =
        Contract::load(proto::DESCRIPTORS, &["llamamapper.mapper.v1.EventService"]).unwrap();
    let service = tower::service_fn(|request: Request<Body>| async move {
        let principal = request.extensions().get::<Principal>().map(|it| {
            let roles: Vec<&str> = it.roles.iter().map(|role| role.as_str()).collect();
            let tenant = it.tenant.map_or_else(|| "nobody".to_owned(), |it| it.to_string());
            format!("{} {} of {tenant}", roles.join("+"), it.subject)
        });
        let seen = principal.unwrap_or_else(|| "nobody".to_owned());
        let response = Response::builder().header("seen", seen).body(Body::empty()).unwrap();
        Ok::<_, Infallible>(response)
    });
    let service = authenticate(authenticator()).layer(authorise(contract).layer(service));
    let mut request = Request::post(path);
    for credential in credentials {
        request = request.header("authorization", *credential);
    }
    let response = service.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    match Status::from_header_map(response.headers()) {
        Some(status) => format!("{:?}: {}", status.code(), status.message()),
        None => response.headers()["seen"].to_str().unwrap().to_owned(),
    }
}

/// Knows key 1 as an admin, 3 as a service, 4 as a detector; 2 cannot be looked up.
fn authenticator() -> Authenticator {
    let resolve = |given: ApiKey| async move {
        let id = given.id().as_u128();
        if id == 2 {
            return Err(Unavailable::new("connection refused"));
        }
        let role = match id {
            1 => Role::Admin,
            3 => Role::Service,
            4 => Role::Detector,
            _ => return Ok(None),
        };
        let stored = key(id).digest();
        Ok(given.digest().matches(&stored).then(|| Principal {
            tenant: Some(TENANT.parse().unwrap()),
            subject: format!("key:{id}"),
            roles: vec![role],
        }))
    };
    Authenticator::new(mesh_key('m'), resolve).with_clock(now)
}

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_000_000)
}

fn mesh_key(letter: char) -> MeshKey {
    MeshKey::new(&letter.to_string().repeat(32).into()).unwrap()
}

fn key(id: u128) -> ApiKey {
    let id = Uuid::from_u128(id).simple();
    ApiKey::parse(&format!("lmk_{id}_{}", "a".repeat(48))).unwrap()
}

fn bearer(key: &ApiKey) -> String {
    format!("Bearer {}", key.expose().expose_secret())
}
