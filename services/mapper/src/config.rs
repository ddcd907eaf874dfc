//! The mapper's configuration. Every key is explained in `config.default.toml`.

use std::collections::HashMap;

use runtime::{boot, client, config::SecretString, database, server};
use serde::{Deserialize, Deserializer, de::Error as _};
use types::Confidence;

pub const CONFIG_DEFAULTS: &str = include_str!("../config.default.toml");

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub process: boot::Config,
    pub server: server::Config,
    pub database: database::Config,
    pub identity: Identity,
    pub orchestration: client::Config,
    pub mapping: Mapping,
    pub event: Event,
    pub feed: Feed,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    pub mesh_key: SecretString,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    #[serde(deserialize_with = "confidence")]
    pub threshold: Confidence,
    #[serde(deserialize_with = "confidences")]
    pub threshold_by_detector: HashMap<String, Confidence>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    pub partitions_ahead_days: u16,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    pub poll_ms: u64,
}

fn confidence<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Confidence, D::Error> {
    f64::deserialize(deserializer)?.try_into().map_err(D::Error::custom)
}

fn confidences<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<HashMap<String, Confidence>, D::Error> {
    let scores = HashMap::<String, f64>::deserialize(deserializer)?;
    let parse = |(detector, score): (String, f64)| Ok((detector, score.try_into()?));
    scores.into_iter().map(parse).collect::<Result<_, types::Invalid>>().map_err(D::Error::custom)
}
