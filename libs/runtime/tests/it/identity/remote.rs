//! A service that holds no keys asks orchestration, over the whole of both stacks.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use proto::orchestration::v1::{
    AuthenticateRequest, AuthenticateResponse,
    identity_service_server::{IdentityService, IdentityServiceServer},
};
use runtime::{
    boot::Process,
    client::Clients,
    contract::{Contract, Gate},
    identity::{self, ApiKey, Authenticator, Cache, MeshKey},
    metrics::Metrics,
    server,
    status::{ErrorCode, refuse},
    task::Tasks,
};
use tokio::{net::TcpListener, task::JoinHandle};
use tonic::{Request, Response, Status, service::Routes};

use super::{TENANT, bearer, key};
use crate::world::{client_config, config};

#[tokio::test]
async fn a_key_is_asked_for_once() {
    let (authenticator, asked, _) = world(mesh_key()).await;
    for _ in 0..2 {
        assert_eq!(call(&authenticator, 1).await, "key:1 of 018f0000-0000-7000-8000-00000000000a");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_key_that_orchestration_refuses_is_refused() {
    let (authenticator, asked, _) = world(mesh_key()).await;
    for _ in 0..2 {
        assert_eq!(
            call(&authenticator, 2).await,
            "Unauthenticated: a valid credential is required"
        );
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_known_key_outlives_orchestration() {
    let (authenticator, _, (orchestration, served)) = world(mesh_key()).await;
    call(&authenticator, 1).await;
    orchestration.tasks.stop();
    served.await.unwrap().unwrap();
    let known = call(&authenticator, 1).await;
    assert_eq!(known, "key:1 of 018f0000-0000-7000-8000-00000000000a");
    let new = call(&authenticator, 2).await;
    assert_eq!(new, "Unavailable: the credential cannot be checked just now");
}

#[tokio::test]
async fn who_has_another_mesh_key_learns_nothing() {
    let other = MeshKey::new(&"x".repeat(32).into()).unwrap();
    let (authenticator, asked, _) = world(other).await;
    assert_eq!(call(&authenticator, 1).await, "Unauthenticated: a valid credential is required");
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

type Orchestrated = (Process, JoinHandle<anyhow::Result<()>>);

/// Orchestration, and the authenticator of a service that asks it with `mesh_key`.
async fn world(mesh_key_of_asker: MeshKey) -> (Authenticator, Arc<AtomicUsize>, Orchestrated) {
    let asked = Arc::new(AtomicUsize::new(0));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let process = Process::detached(Metrics::new(10), Tasks::default());
    let routes = Routes::new(IdentityServiceServer::new(Orchestration(asked.clone())));
    let services = ["llamamapper.orchestration.v1.IdentityService"];
    let gate = Gate {
        contract: Contract::load(proto::DESCRIPTORS, &services).unwrap(),
        authenticator: Authenticator::new(mesh_key(), async |_| Ok(None)),
        request_bytes_max: 1024,
    };
    let serving = process.clone();
    #[expect(clippy::disallowed_methods, reason = "dies with the test's runtime")]
    let served =
        tokio::spawn(
            async move { server::serve(&config(), listener, routes, gate, &serving).await },
        );

    let clients = Clients::new("mapper", mesh_key_of_asker, &Metrics::new(10)).unwrap();
    let client = clients.connect("orchestration", &client_config(&url)).unwrap();
    let resolve = identity::remote(client, Cache::STANDARD);
    (Authenticator::new(mesh_key(), resolve), asked, (process, served))
}

/// Knows key 1.
struct Orchestration(Arc<AtomicUsize>);

#[tonic::async_trait]
impl IdentityService for Orchestration {
    async fn authenticate(
        &self,
        request: Request<AuthenticateRequest>,
    ) -> Result<Response<AuthenticateResponse>, Status> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let AuthenticateRequest { credential } = request.into_inner();
        let given = ApiKey::parse(&credential);
        if !given.is_some_and(|given| {
            given.digest().matches(&key(1).digest()) && given.id() == key(1).id()
        }) {
            return Err(refuse(ErrorCode::Unauthenticated, "no"));
        }
        let (tenant_id, subject) = (TENANT.to_owned(), "key:1".to_owned());
        let roles = vec!["admin".to_owned()];
        Ok(Response::new(AuthenticateResponse { tenant_id, subject, roles }))
    }
}

async fn call(authenticator: &Authenticator, id: u128) -> String {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::try_from(bearer(&key(id))).unwrap());
    match authenticator.authenticate(&headers).await {
        Ok(principal) => format!("{} of {}", principal.subject, principal.tenant.unwrap()),
        Err(status) => format!("{:?}: {}", status.code(), status.message()),
    }
}

fn mesh_key() -> MeshKey {
    MeshKey::new(&"m".repeat(32).into()).unwrap()
}
