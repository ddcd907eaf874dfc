//! The configuration of orchestration. Every key is explained in `config.default.toml`.

use runtime::{boot, breaker, client, config::SecretString, database, server};
use serde::{Deserialize, Deserializer, de::Error as _};

pub const CONFIG_DEFAULTS: &str = include_str!("../config.default.toml");

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub process: boot::Config,
    pub server: server::Config,
    pub limits: Limits,
    pub database: database::Config,
    pub identity: Identity,
    pub operator: Operator,
    pub mapper: client::Config,
    pub ingest: Ingest,
    pub delivery: Delivery,
    pub detect: Detect,
    pub cache: Cache,
    pub feed: Feed,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub request_bytes_max: usize,
    pub detectors_max: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    pub mesh_key: SecretString,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// None where there is no operator.
    #[serde(deserialize_with = "digest")]
    pub credential_sha256: Option<[u8; 32]>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ingest {
    pub record_timeout_ms: u64,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    pub deliveries_max: i64,
    pub bytes_max: i64,
    pub pause_min_ms: u64,
    pub pause_max_ms: u64,
    pub lease_ms: u64,
    pub poll_ms: u64,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detect {
    pub checks_parallel_max: usize,
    pub checks_waiting_max: usize,
    pub breaker: breaker::Config,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    pub ttl_ms: u64,
    pub tenants_max: u64,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    pub poll_ms: u64,
}

/// 64 hexadecimal digits, or nothing.
fn digest<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<[u8; 32]>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    parse_digest(&text).map(Some).ok_or_else(|| D::Error::custom("not 64 hexadecimal digits"))
}

fn parse_digest(text: &str) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    // `from_str_radix` would take a sign.
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, at) in digest.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_lack_only_secrets() {
        let err = runtime::config::load::<Config>("orchestration-test", CONFIG_DEFAULTS, None)
            .unwrap_err();
        let secrets = "[database]\nurl = \"postgres://localhost\"\n[identity]\nmesh_key = \"k\"\n";
        assert!(
            format!("{err:#}").contains("url") || format!("{err:#}").contains("mesh_key"),
            "{err:#}"
        );
        let (before, after) = CONFIG_DEFAULTS.split_once("[database]").unwrap();
        let (database, after) = after.split_once("[identity]").unwrap();
        let whole = secrets.replace("[identity]", &format!("{database}\n[identity]"));
        let whole = format!("{before}{whole}{after}");
        runtime::config::load::<Config>("orchestration-test", &whole, None).unwrap();
    }

    #[test]
    fn a_digest_is_64_hexadecimal_digits() {
        assert_eq!(parse_digest(&"0f".repeat(32)), Some([15; 32]));
        for bad in ["0f", &"0g".repeat(32), &"é".repeat(32), &"+f".repeat(32)] {
            assert_eq!(parse_digest(bad), None, "{bad}");
        }
    }
}
