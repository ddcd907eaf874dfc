//! Keys whose vendor gave them a prefix to be found by.

use super::entropy;
use super::label::{
    ANTHROPIC_API_KEY, AWS_ACCESS_KEY, DATABRICKS_TOKEN, DIGITALOCEAN_TOKEN, GITHUB_TOKEN,
    GITLAB_TOKEN, GOOGLE_API_KEY, GOOGLE_OAUTH_TOKEN, GRAFANA_TOKEN, HASHICORP_TOKEN,
    HUGGINGFACE_TOKEN, LLAMA_MAPPER_KEY, MAIL_API_KEY, NPM_TOKEN, OPENAI_API_KEY, PYPI_TOKEN,
    SHOPIFY_TOKEN, SLACK_TOKEN, SLACK_WEBHOOK, STRIPE_KEY,
};
use crate::{Finding, chars, score};

/// One family of keys: what stands behind the prefix, and how random it has to look.
#[derive(Debug)]
pub(crate) struct Key {
    label: &'static str,
    pub(crate) prefix: &'static str,
    body: Body,
    min: usize,
    max: usize,
    bits_min: f32,
}

#[derive(Debug, Clone, Copy)]
enum Body {
    Upper,
    Alnum,
    Hex,
    /// Letters, digits, `-` and `_`.
    Url,
    /// The same and `.`, `/`.
    Dotted,
}

impl Body {
    fn holds(self, byte: u8) -> bool {
        match self {
            Body::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Body::Alnum => byte.is_ascii_alphanumeric(),
            Body::Hex => byte.is_ascii_hexdigit(),
            Body::Url => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
            Body::Dotted => {
                byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/')
            }
        }
    }
}

const fn key(label: &'static str, prefix: &'static str, body: Body, min: usize, max: usize) -> Key {
    Key { label, prefix, body, min, max, bits_min: 3.0 }
}

#[rustfmt::skip]
pub(crate) const KEYS: &[Key] = &[
    Key { bits_min: 2.5, ..key(AWS_ACCESS_KEY, "AKIA", Body::Upper, 16, 16) },
    Key { bits_min: 2.5, ..key(AWS_ACCESS_KEY, "ASIA", Body::Upper, 16, 16) },
    Key { bits_min: 2.5, ..key(AWS_ACCESS_KEY, "ABIA", Body::Upper, 16, 16) },
    key(ANTHROPIC_API_KEY, "sk-ant-", Body::Url, 32, 160),
    key(OPENAI_API_KEY, "sk-proj-", Body::Url, 32, 200),
    key(OPENAI_API_KEY, "sk-svcacct-", Body::Url, 32, 200),
    key(OPENAI_API_KEY, "sk-", Body::Alnum, 32, 64),
    key(GITHUB_TOKEN, "ghp_", Body::Alnum, 36, 40), key(GITHUB_TOKEN, "gho_", Body::Alnum, 36, 40),
    key(GITHUB_TOKEN, "ghu_", Body::Alnum, 36, 40), key(GITHUB_TOKEN, "ghs_", Body::Alnum, 36, 40),
    key(GITHUB_TOKEN, "ghr_", Body::Alnum, 36, 80), key(GITHUB_TOKEN, "github_pat_", Body::Url, 70, 90),
    key(GITLAB_TOKEN, "glpat-", Body::Url, 20, 64), key(GITLAB_TOKEN, "gldt-", Body::Url, 20, 64), key(GITLAB_TOKEN, "glrt-", Body::Url, 20, 64),
    key(GOOGLE_API_KEY, "AIza", Body::Url, 35, 35),
    key(GOOGLE_OAUTH_TOKEN, "ya29.", Body::Dotted, 30, 512), key(GOOGLE_OAUTH_TOKEN, "GOCSPX-", Body::Url, 28, 28),
    key(SLACK_TOKEN, "xoxb-", Body::Url, 20, 120), key(SLACK_TOKEN, "xoxp-", Body::Url, 20, 120), key(SLACK_TOKEN, "xoxa-", Body::Url, 20, 120),
    key(SLACK_TOKEN, "xoxr-", Body::Url, 20, 120), key(SLACK_TOKEN, "xapp-", Body::Url, 20, 160),
    key(SLACK_WEBHOOK, "https://hooks.slack.com/services/", Body::Dotted, 30, 80),
    key(STRIPE_KEY, "sk_live_", Body::Alnum, 20, 120), key(STRIPE_KEY, "rk_live_", Body::Alnum, 20, 120),
    key(STRIPE_KEY, "sk_test_", Body::Alnum, 20, 120), key(STRIPE_KEY, "whsec_", Body::Alnum, 28, 64),
    key(HUGGINGFACE_TOKEN, "hf_", Body::Alnum, 30, 40),
    key(NPM_TOKEN, "npm_", Body::Alnum, 36, 36),
    key(PYPI_TOKEN, "pypi-AgE", Body::Url, 40, 250),
    key(MAIL_API_KEY, "SG.", Body::Dotted, 60, 70), key(MAIL_API_KEY, "key-", Body::Hex, 32, 32), key(MAIL_API_KEY, "xkeysib-", Body::Url, 60, 90),
    key(SHOPIFY_TOKEN, "shpat_", Body::Hex, 32, 32), key(SHOPIFY_TOKEN, "shpss_", Body::Hex, 32, 32), key(SHOPIFY_TOKEN, "shpca_", Body::Hex, 32, 32),
    key(DIGITALOCEAN_TOKEN, "dop_v1_", Body::Hex, 64, 64), key(DIGITALOCEAN_TOKEN, "doo_v1_", Body::Hex, 64, 64),
    key(DATABRICKS_TOKEN, "dapi", Body::Hex, 32, 34),
    key(HASHICORP_TOKEN, "hvs.", Body::Url, 24, 128), key(HASHICORP_TOKEN, "hvb.", Body::Url, 24, 256), key(HASHICORP_TOKEN, "atlasv1.", Body::Url, 40, 100),
    key(GRAFANA_TOKEN, "glsa_", Body::Url, 32, 48), key(GRAFANA_TOKEN, "glc_", Body::Alnum, 32, 400),
    key(LLAMA_MAPPER_KEY, "lmk_", Body::Url, 24, 128),
];

/// The key of that family whose prefix starts at `start`.
pub(crate) fn key_at(text: &str, key: &Key, start: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let from = start + key.prefix.len();
    let end = from + chars::run(bytes, from, key.max + 1, |byte| key.body.holds(byte));
    let body = text.get(from..end)?;
    let apart = chars::starts_word(bytes, start) && chars::ends_word(bytes, end);
    let random = key.bits_min <= entropy::bits_per_byte(body.as_bytes())
        && body.bytes().any(|byte| byte.is_ascii_digit());
    let fits = (key.min..=key.max).contains(&body.len()) && apart && random;
    let score = match (entropy::is_placeholder(body), key.label) {
        (false, _) => score::SHAPE_STRONG,
        // AWS's documentation has real-looking key ids that say EXAMPLE: nobody's, but where one stands a real one is meant.
        (true, AWS_ACCESS_KEY) if body.ends_with("EXAMPLE") => score::SHAPE_WEAK,
        (true, _) => return None,
    };
    fits.then_some(Finding { label: key.label, score, start, end })
}
