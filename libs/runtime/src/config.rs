//! One way to load configuration: embedded defaults, then an optional file, then the environment.

mod effective;
mod refusal;

use std::{fmt::Debug, path::Path};

use anyhow::bail;
use figment::{
    Figment,
    providers::{Env, Format as _, Toml},
};
use serde::de::DeserializeOwned;

pub use secrecy::{ExposeSecret, SecretString};

/// Loads the configuration of `service`.
///
/// `file` is one the operator named, so it must be there; without one, `<service>.toml` in the
/// working directory is read if it exists. A key `database.url` of `mapper` is overridden by
/// `MAPPER__DATABASE__URL`. The doubled underscore keeps out the `MAPPER_PORT=tcp://…` that
/// Kubernetes injects for a Service.
///
/// Unknown keys are refused (every struct denies them), and an error names the key and its source.
pub fn load<C: DeserializeOwned>(
    service: &str,
    defaults: &str,
    file: Option<&Path>,
) -> anyhow::Result<C> {
    extract(&sources(service, defaults, file)?, service)
}

/// The configuration that [`load`] would use, one `key = value` a line with where it came from.
///
/// Secrets are masked. Fails as [`load`] does.
pub fn check<C: DeserializeOwned + Debug>(
    service: &str,
    defaults: &str,
    file: Option<&Path>,
) -> anyhow::Result<String> {
    let figment = sources(service, defaults, file)?;
    let config: C = extract(&figment, service)?;
    effective::render(&figment, &config)
}

fn sources(service: &str, defaults: &str, file: Option<&Path>) -> anyhow::Result<Figment> {
    let figment = Figment::from(Toml::string(defaults));
    let figment = match file {
        Some(file) if !file.is_file() => bail!("there is no file {}", file.display()),
        Some(file) => figment.merge(Toml::file_exact(file)),
        None => figment.merge(Toml::file_exact(format!("{service}.toml"))),
    };
    let prefix = format!("{}__", service.to_uppercase());
    Ok(figment.merge(Env::prefixed(&prefix).split("__")))
}

fn extract<C: DeserializeOwned>(figment: &Figment, service: &str) -> anyhow::Result<C> {
    figment.extract().map_err(|err| {
        let refusals: Vec<String> = err.into_iter().map(|err| refusal::explain(&err)).collect();
        anyhow::anyhow!("invalid configuration of `{service}`: {}", refusals.join("; "))
    })
}
