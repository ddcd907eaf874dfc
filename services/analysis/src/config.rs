//! The configuration of analysis. Every key is explained in `config.default.toml`.

use runtime::{boot, client, config::SecretString, database, server};
use serde::Deserialize;

use crate::{gap::Thresholds, risk::Weights};

pub const CONFIG_DEFAULTS: &str = include_str!("../config.default.toml");

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub process: boot::Config,
    pub server: server::Config,
    pub database: database::Config,
    pub identity: Identity,
    pub mapper: client::Config,
    pub orchestration: client::Config,
    pub feed: Feed,
    pub controls: Controls,
    pub risk: Weights,
    pub gap: Thresholds,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    pub mesh_key: SecretString,
}

/// How the two feeds are read.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    /// Most items of one batch, which is one transaction.
    pub batch_max: u32,
    /// A feed that broke is read again after this; it doubles with every failure in a row.
    pub pause_ms: u64,
    pub pause_max_ms: u64,
}

/// How long the mapper's word on controls is kept.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Controls {
    pub cache_s: u64,
    pub cache_entries_max: usize,
}
