//! What the stacks must know of an RPC before they pass it on. Read from the descriptors.

use std::{collections::HashMap, sync::Arc};

use anyhow::Context as _;
use prost_reflect::{DescriptorPool, ExtensionDescriptor, MethodDescriptor};

use crate::contract::{Contract, Idempotency, Streaming};

/// What every server answers besides its contract, and for as long as its caller likes.
const STREAMS_OF_ALL: [&str; 3] = [
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];

const IDEMPOTENCY: &str = "llamamapper.common.v1.idempotency";
const SAFE: &str = "IDEMPOTENCY_SAFE";
const NATURAL: &str = "IDEMPOTENCY_NATURAL";
const KEYED: &str = "IDEMPOTENCY_KEYED";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Method {
    /// One side or both send more than one message, so it may last as long as its caller likes.
    pub streaming: bool,
    /// Doing it twice is doing it once (SAFE or NATURAL), so a failed call may be sent again.
    pub repeatable: bool,
    /// Doing it twice under the same `idempotency-key` is doing it once.
    pub keyed: bool,
}

/// RPCs by path, as `/package.Service/Method`. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Methods(Arc<HashMap<String, Method>>);

impl Methods {
    /// Those that a service promises.
    pub fn of_contract(contract: &Contract) -> Methods {
        let methods = contract.rpcs().map(|rpc| {
            let streaming = rpc.streaming != Streaming::Unary;
            let repeatable = match rpc.idempotency {
                Idempotency::Safe | Idempotency::Natural => rpc.streaming.has_one_request(),
                Idempotency::Keyed => false,
            };
            let keyed = rpc.idempotency == Idempotency::Keyed && !streaming;
            (rpc.path.clone(), Method { streaming, repeatable, keyed })
        });
        let others = STREAMS_OF_ALL
            .map(|path| (path.to_owned(), Method { streaming: true, ..Method::default() }));
        methods.chain(others).collect()
    }

    /// All of the mesh.
    pub fn of_mesh() -> anyhow::Result<Methods> {
        let pool = DescriptorPool::decode(proto::DESCRIPTORS)
            .context("the descriptors of the mesh cannot be read")?;
        let idempotency = pool.get_extension_by_name(IDEMPOTENCY);
        let methods = pool.services().flat_map(|service| service.methods().collect::<Vec<_>>());
        Ok(methods.map(|method| read(&method, idempotency.as_ref())).collect())
    }

    /// An unknown path is taken for a unary RPC that must not be repeated.
    pub fn of(&self, path: &str) -> Method {
        self.0.get(path).copied().unwrap_or_default()
    }

    pub fn contains(&self, path: &str) -> bool {
        self.0.contains_key(path)
    }
}

impl FromIterator<(String, Method)> for Methods {
    fn from_iter<I: IntoIterator<Item = (String, Method)>>(methods: I) -> Methods {
        Methods(Arc::new(methods.into_iter().collect()))
    }
}

fn read(method: &MethodDescriptor, idempotency: Option<&ExtensionDescriptor>) -> (String, Method) {
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    let options = method.options();
    let name = idempotency.and_then(|extension| {
        let number = options.get_extension(extension).as_enum_number()?;
        let kind = extension.kind();
        Some(kind.as_enum()?.get_value(number)?.name().to_owned())
    });
    let name = name.as_deref();
    let twice_is_once = name == Some(SAFE) || name == Some(NATURAL);
    let streaming = method.is_client_streaming() || method.is_server_streaming();
    let repeatable = twice_is_once && !method.is_client_streaming();
    let keyed = name == Some(KEYED) && !streaming;
    (path, Method { streaming, repeatable, keyed })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn what_may_be_sent_again_is_what_the_contract_says() {
        let methods = Methods::of_mesh().unwrap();
        let mut paths: Vec<&String> = methods.0.keys().collect();
        paths.sort();
        let lines: Vec<String> = paths
            .into_iter()
            .filter(|path| path.contains(".orchestration."))
            .map(|path| {
                let Method { streaming, repeatable, keyed } = methods.of(path);
                let keyed = if keyed { " keyed" } else { "" };
                let streaming = if streaming { " streaming" } else { "" };
                let repeatable = if repeatable { " repeatable" } else { "" };
                format!("{path}{streaming}{repeatable}{keyed}")
            })
            .collect();
        expect![[r#"
            /llamamapper.orchestration.v1.DetectionService/Detect keyed
            /llamamapper.orchestration.v1.DetectionService/DetectBatch keyed
            /llamamapper.orchestration.v1.DetectorService/GetDetector repeatable
            /llamamapper.orchestration.v1.DetectorService/ListDetectors repeatable
            /llamamapper.orchestration.v1.DetectorService/RegisterDetector repeatable
            /llamamapper.orchestration.v1.IdentityService/Authenticate repeatable
            /llamamapper.orchestration.v1.IngestService/Ingest streaming
            /llamamapper.orchestration.v1.IngestService/IngestBatch repeatable
            /llamamapper.orchestration.v1.PolicyService/GetPolicy repeatable
            /llamamapper.orchestration.v1.PolicyService/ListPolicies repeatable
            /llamamapper.orchestration.v1.PolicyService/PublishPolicy keyed
            /llamamapper.orchestration.v1.RunService/GetRun repeatable
            /llamamapper.orchestration.v1.RunService/TailRuns streaming repeatable
            /llamamapper.orchestration.v1.TenancyService/CreateTenant repeatable
            /llamamapper.orchestration.v1.TenancyService/IssueKey repeatable
            /llamamapper.orchestration.v1.TenancyService/ListKeys repeatable
            /llamamapper.orchestration.v1.TenancyService/ListTenants repeatable
            /llamamapper.orchestration.v1.TenancyService/RevokeKey repeatable"#]]
        .assert_eq(&lines.join("\n"));
    }

    #[test]
    fn an_unknown_path_must_not_be_repeated() {
        assert_eq!(Methods::default().of("/a.B/C"), Method::default());
    }
}
