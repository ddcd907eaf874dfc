//! Protobuf messages as canonical proto3 JSON and back, by their descriptors.

use std::sync::LazyLock;

use anyhow::Context as _;
use prost::{Message, Name};
use prost_reflect::{DescriptorPool, DynamicMessage, ReflectMessage as _, SerializeOptions};
use serde_json::Value;

static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    DescriptorPool::decode(proto::DESCRIPTORS)
        .expect("the descriptors are checked against the .proto files by a test of `proto`")
});

/// `message` as JSON, fields without a value included, so that scripts find every key.
pub(crate) fn to_json<M: Message + Name>(message: &M) -> anyhow::Result<Value> {
    let mut dynamic = empty::<M>()?;
    dynamic.merge(message.encode_to_vec().as_slice())?;
    let options = SerializeOptions::new().skip_default_fields(false).use_proto_field_name(true);
    Ok(dynamic.serialize_with_options(serde_json::value::Serializer, &options)?)
}

/// A message out of JSON; an unknown field is an error that names it.
pub(crate) fn from_json<M: Message + Name + Default>(json: &str) -> anyhow::Result<M> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let descriptor = empty::<M>()?.descriptor();
    let dynamic = DynamicMessage::deserialize(descriptor, &mut deserializer)?;
    deserializer.end()?;
    Ok(dynamic.transcode_to()?)
}

fn empty<M: Name>() -> anyhow::Result<DynamicMessage> {
    let name = M::full_name();
    let descriptor =
        POOL.get_message_by_name(&name).with_context(|| format!("no message `{name}`"))?;
    Ok(DynamicMessage::new(descriptor))
}
