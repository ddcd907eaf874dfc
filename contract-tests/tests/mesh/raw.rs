//! Calls of any RPC, by its descriptor, with bytes in and bytes out.

use std::time::Duration;

use bytes::{Buf as _, BufMut as _, Bytes};
use prost_reflect::prost::Message as _;
use runtime::contract::{Contract, Rpc};
use std::sync::Arc;
use tokio_stream::StreamExt as _;
use tonic::{
    Status,
    client::Grpc,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
};

use crate::world::{As, Name, World};

/// More than any test waits for one answer.
const TIMEOUT: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Copy)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Raw;
    type Decoder = Raw;

    fn encoder(&mut self) -> Raw {
        Raw
    }

    fn decoder(&mut self) -> Raw {
        Raw
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        let length = from.remaining();
        Ok(Some(from.copy_to_bytes(length)))
    }
}

/// Everything that all services together promise.
pub(crate) fn contract() -> Arc<Contract> {
    let services = Contract::services(proto::DESCRIPTORS).unwrap();
    let services: Vec<&str> = services.iter().map(String::as_str).collect();
    Contract::load(proto::DESCRIPTORS, &services).unwrap()
}

/// Which service answers an RPC.
pub(crate) fn serves(rpc: &Rpc) -> Name {
    match rpc.method.parent_service().package_name() {
        "llamamapper.mapper.v1" => Name::Mapper,
        "llamamapper.analysis.v1" => Name::Analysis,
        "llamamapper.orchestration.v1" | "llamamapper.detector.v1" => Name::Orchestration,
        other => panic!("say which service answers the package {other}"),
    }
}

/// Calls `rpc` as `who` with one message, and returns all messages of the answer.
pub(crate) async fn call(
    world: &World,
    rpc: &Rpc,
    who: As<'_>,
    message: Bytes,
) -> Result<Vec<Bytes>, Status> {
    let mut client =
        Grpc::new(world.place(serves(rpc)).channel()).max_decoding_message_size(64 << 20);
    let request = world.request(who, tokio_stream::once(message));
    let path = rpc.path.parse().unwrap();
    let answers = async {
        client.ready().await.unwrap();
        let mut stream = client.streaming(request, path, Raw).await?.into_inner();
        let mut answers = Vec::new();
        while let Some(answer) = stream.next().await {
            answers.push(answer?);
        }
        Ok(answers)
    };
    tokio::time::timeout(TIMEOUT, answers)
        .await
        .unwrap_or_else(|_| panic!("no end of {}", rpc.path))
}

/// The least request that the rules of `rpc` allow.
pub(crate) fn example(contract: &Contract, rpc: &Rpc) -> Bytes {
    contract.example(rpc).encode_to_vec().into()
}

/// Says whether `bytes` hold `text`.
pub(crate) fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
