//! Everything the `.proto` files promise, read from their descriptors and enforced, never repeated by hand.
//!
//! [`Contract::load`] reads, for every RPC served here, its permission, what happens when it is repeated, its HTTP
//! paths and the limits of its fields; what it cannot enforce stops the service from starting. Reading order: this
//! file, `rpc.rs` for the options, `rule.rs` and `rule/` for the limits, `validate.rs` and `transcode.rs` for the two
//! layers, `openapi.rs` for the description and `example.rs` for valid requests. [`Gate`] hands the layers to the
//! server stack.

mod example;
mod explain;
mod frame;
mod gate;
mod mend;
mod openapi;
mod rpc;
mod rule;
mod template;
mod transcode;
mod validate;
mod violation;

use std::{collections::BTreeMap, fmt, sync::Arc};

use bytes::Bytes;
use http::Method;
use prost_reflect::{DescriptorError, DescriptorPool, DynamicMessage};

use crate::identity;

pub use gate::Gate;
pub use rpc::{Idempotency, Rpc, Streaming};
pub use transcode::transcode;
pub use validate::validate;
pub use violation::Violation;

use rule::Rules;
use template::Template;

/// What one service promises.
pub struct Contract {
    pool: DescriptorPool,
    /// By path, `/llamamapper.mapper.v1.MappingService/Map`.
    rpcs: BTreeMap<String, Rpc>,
    /// The most specific first.
    routes: Vec<Route>,
    rules: Rules,
    openapi: Bytes,
}

/// Why a service does not start: the contract is broken, or asks for what is not enforced here.
#[derive(Debug, thiserror::Error)]
pub enum Invalid {
    #[error("the descriptors cannot be read")]
    Descriptors(#[from] DescriptorError),
    #[error("the descriptors know no service `{0}`")]
    UnknownService(String),
    #[error("`{rpc}` has no permission")]
    NoPermission { rpc: String },
    #[error("`{rpc}` needs the permission `{permission}`, which no role holds")]
    UnknownPermission { rpc: String, permission: String },
    #[error("`{rpc}` does not say what happens when it is repeated")]
    NoIdempotency { rpc: String },
    #[error("`{rpc}` cannot be reached over HTTP: {reason}")]
    Http { rpc: String, reason: String },
    #[error("`{one}` and `{two}` answer the same HTTP requests")]
    Ambiguous { one: String, two: String },
    #[error("`{place}` has the rule `{rule}`, which is not enforced here")]
    Rule { place: String, rule: String },
}

/// One HTTP path of one RPC.
#[derive(Debug)]
struct Route {
    rpc: String,
    /// Index into `Rpc::bindings`.
    binding: usize,
}

/// What an HTTP request asks for.
enum Found<'a> {
    Rpc {
        rpc: &'a Rpc,
        binding: &'a rpc::Binding,
        variables: Vec<(String, String)>,
    },
    /// The path exists, but not with this method.
    Only(Vec<Method>),
    Nothing,
}

impl Contract {
    /// Reads the contract of the services named, `llamamapper.mapper.v1.MappingService` for one.
    pub fn load(descriptors: &[u8], served: &[&str]) -> Result<Arc<Contract>, Invalid> {
        let pool = DescriptorPool::decode(descriptors)?;
        let mut rpcs = BTreeMap::new();
        for name in served {
            let service = pool
                .get_service_by_name(name)
                .ok_or_else(|| Invalid::UnknownService((*name).to_owned()))?;
            for method in service.methods() {
                let rpc = rpc::read(&pool, method)?;
                rpcs.insert(rpc.path.clone(), rpc);
            }
        }
        let inputs = rpcs.values().map(|rpc| rpc.method.input());
        let rules = Rules::read(&pool, inputs)?;
        let routes = routes(&rpcs)?;
        let openapi = openapi::document(&rpcs, &rules).to_string().into();
        Ok(Arc::new(Contract { pool, rpcs, routes, rules, openapi }))
    }

    /// Names the services of the descriptors that say what they need, ours that is.
    pub fn services(descriptors: &[u8]) -> Result<Vec<String>, Invalid> {
        let pool = DescriptorPool::decode(descriptors)?;
        let ours = pool.services().filter(|it| it.package_name().starts_with("llamamapper."));
        Ok(ours.map(|service| service.full_name().to_owned()).collect())
    }

    /// The RPC of a gRPC path.
    pub fn rpc(&self, path: &str) -> Option<&Rpc> {
        self.rpcs.get(path)
    }

    /// Every RPC, by path.
    pub fn rpcs(&self) -> impl Iterator<Item = &Rpc> {
        self.rpcs.values()
    }

    /// What is wrong with an encoded message, by its rules. For the items of a stream, which no layer holds to them.
    ///
    /// A message that cannot be decoded has one violation that says so; an unknown one has none.
    pub fn violations(&self, message: &str, bytes: &[u8]) -> Vec<Violation> {
        let Some(descriptor) = self.pool.get_message_by_name(message) else { return Vec::new() };
        match DynamicMessage::decode(descriptor, bytes) {
            Ok(message) => self.rules.violations(&message),
            Err(_) => vec![Violation::undecodable()],
        }
    }

    /// A request that the rules of `rpc` allow, with no more in it than they ask for.
    pub fn example(&self, rpc: &Rpc) -> DynamicMessage {
        example::of(&self.rules, rpc.method.input())
    }

    /// The OpenAPI 3.1 document, as served at `/openapi.json`.
    pub fn openapi(&self) -> &str {
        std::str::from_utf8(&self.openapi).expect("it was made from a String")
    }

    fn find(&self, method: &Method, path: &str) -> Found<'_> {
        let mut others = Vec::new();
        for Route { rpc, binding } in &self.routes {
            let rpc = &self.rpcs[rpc];
            let binding = &rpc.bindings[*binding];
            let Some(variables) = binding.template.matches(path) else { continue };
            if binding.method == *method {
                return Found::Rpc { rpc, binding, variables };
            }
            if !others.contains(&binding.method) {
                others.push(binding.method.clone());
            }
        }
        if others.is_empty() { Found::Nothing } else { Found::Only(others) }
    }
}

impl fmt::Debug for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.rpcs.keys()).finish()
    }
}

/// All routes, the most specific first; two that nobody could tell apart are refused.
fn routes(rpcs: &BTreeMap<String, Rpc>) -> Result<Vec<Route>, Invalid> {
    let mut routes: Vec<(&rpc::Binding, Route)> = Vec::new();
    for rpc in rpcs.values() {
        for (index, binding) in rpc.bindings.iter().enumerate() {
            let same = routes.iter().find(|(other, _)| {
                other.method == binding.method && other.template.shape() == binding.template.shape()
            });
            if let Some((_, other)) = same {
                return Err(Invalid::Ambiguous { one: other.rpc.clone(), two: rpc.path.clone() });
            }
            routes.push((binding, Route { rpc: rpc.path.clone(), binding: index }));
        }
    }
    routes.sort_by(|(a, _), (b, _)| a.template.shape().cmp(&b.template.shape()));
    Ok(routes.into_iter().map(|(_, route)| route).collect())
}

/// Says whether some role holds `permission`.
fn is_permission(permission: &str) -> bool {
    identity::permissions().any(|known| known == permission)
}
