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
        // An exact file that is not there is an error, and this one need not be.
        None if Path::new(&format!("{service}.toml")).is_file() => {
            figment.merge(Toml::file_exact(format!("{service}.toml")))
        }
        None => figment,
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

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use figment::Jail;
    use serde::Deserialize;

    use super::*;

    const DEFAULTS: &str = r#"
        [door]
        url = "postgres://somebody:hunter22@nowhere/x"
        format = "json"
        listen = "127.0.0.1:80"
        places_max = 16
        shares = [0.5, 1.0]
    "#;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "read by Debug")]
    struct Config {
        door: Door,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "read by Debug")]
    struct Door {
        url: SecretString,
        format: Format,
        listen: std::net::SocketAddr,
        places_max: u32,
        shares: Vec<f64>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Format {
        Json,
        Text,
    }

    #[expect(clippy::result_large_err, reason = "the type is figment's")]
    fn check_in(env: &[(&str, &str)], file: &str, expected: Expect) {
        Jail::expect_with(|jail| {
            for (key, value) in env {
                jail.set_env(key, value);
            }
            jail.create_file("tester.toml", file)?;
            let shown = match check::<Config>("tester", DEFAULTS, None) {
                Ok(text) => text,
                Err(err) => format!("{err:#}\n"),
            };
            let place = jail.directory().display().to_string();
            expected.assert_eq(&shown.replace(&format!("{place}/"), ""));
            Ok(())
        });
    }

    #[test]
    fn later_sources_win_and_secrets_are_masked() {
        check_in(
            &[("TESTER__DOOR__PLACES_MAX", "3"), ("TESTER_PORT", "tcp://10.0.0.1:80")],
            "[door]\nformat = \"text\"\n",
            expect![[r#"
                door.format = "text"  # tester.toml
                door.listen = "127.0.0.1:80"  # the defaults
                door.places_max = 3  # the environment
                door.shares = [0.5, 1]  # the defaults
                door.url = "********"  # the defaults
            "#]],
        );
    }

    #[test]
    fn an_unknown_key_is_refused_and_named() {
        check_in(
            &[],
            "[door]\nplaces = 3\n",
            expect![[r#"
            invalid configuration of `tester`: `door.places`: there is no key `places`, only `url`, `format`, `listen`, `places_max`, `shares` (from tester.toml)
        "#]],
        );
        check_in(
            &[("TESTER__DOR__URL", "x")],
            "",
            expect![[r#"
            invalid configuration of `tester`: `dor`: there is no key `dor`, only `door` (from the environment)
        "#]],
        );
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_named_but_not_shown() {
        check_in(
            &[("TESTER__DOOR__PLACES_MAX", "hunter22")],
            "",
            expect![[r#"
            invalid configuration of `tester`: `door.places_max`: expected u32, found a string (from the environment)
        "#]],
        );
        check_in(
            &[("TESTER__DOOR__URL", "1234567")],
            "",
            expect![[r#"
            invalid configuration of `tester`: `door.url`: expected a string, found a number (from the environment)
        "#]],
        );
        check_in(
            &[],
            "[door]\nformat = \"hunter22\"\n",
            expect![[r#"
            invalid configuration of `tester`: `door.format`: expected one of `json`, `text` (from tester.toml)
        "#]],
        );
    }

    #[test]
    fn what_is_not_toml_is_named() {
        check_in(
            &[],
            "[door\n",
            expect![[r#"
            invalid configuration of `tester`: TOML parse error at line 1, column 6, invalid table header, expected `.`, `]` (from tester.toml)
        "#]],
        );
    }

    #[test]
    fn a_file_that_was_named_must_be_there() {
        let err = load::<Config>("tester", DEFAULTS, Some(Path::new("nowhere.toml"))).unwrap_err();
        expect!["there is no file nowhere.toml"].assert_eq(&err.to_string());
    }
}
