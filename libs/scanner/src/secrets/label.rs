//! The words of `builtin-secrets`, and what each stands for in the taxonomy.

use crate::Word;

pub(crate) const ANTHROPIC_API_KEY: &str = "ANTHROPIC_API_KEY";
pub(crate) const AWS_ACCESS_KEY: &str = "AWS_ACCESS_KEY";
pub(crate) const AWS_SECRET_KEY: &str = "AWS_SECRET_KEY";
pub(crate) const AZURE_STORAGE_KEY: &str = "AZURE_STORAGE_KEY";
pub(crate) const BEARER_TOKEN: &str = "BEARER_TOKEN";
pub(crate) const CONNECTION_STRING: &str = "CONNECTION_STRING";
pub(crate) const DATABRICKS_TOKEN: &str = "DATABRICKS_TOKEN";
pub(crate) const DIGITALOCEAN_TOKEN: &str = "DIGITALOCEAN_TOKEN";
pub(crate) const GENERIC_API_KEY: &str = "GENERIC_API_KEY";
pub(crate) const GITHUB_TOKEN: &str = "GITHUB_TOKEN";
pub(crate) const GITLAB_TOKEN: &str = "GITLAB_TOKEN";
pub(crate) const GOOGLE_API_KEY: &str = "GOOGLE_API_KEY";
pub(crate) const GOOGLE_OAUTH_TOKEN: &str = "GOOGLE_OAUTH_TOKEN";
pub(crate) const GRAFANA_TOKEN: &str = "GRAFANA_TOKEN";
pub(crate) const HASHICORP_TOKEN: &str = "HASHICORP_TOKEN";
pub(crate) const HUGGINGFACE_TOKEN: &str = "HUGGINGFACE_TOKEN";
pub(crate) const JWT: &str = "JWT";
pub(crate) const LLAMA_MAPPER_KEY: &str = "LLAMA_MAPPER_KEY";
pub(crate) const MAIL_API_KEY: &str = "MAIL_API_KEY";
pub(crate) const NPM_TOKEN: &str = "NPM_TOKEN";
pub(crate) const OPENAI_API_KEY: &str = "OPENAI_API_KEY";
pub(crate) const PASSWORD: &str = "PASSWORD";
pub(crate) const PRIVATE_KEY: &str = "PRIVATE_KEY";
pub(crate) const PYPI_TOKEN: &str = "PYPI_TOKEN";
pub(crate) const SHOPIFY_TOKEN: &str = "SHOPIFY_TOKEN";
pub(crate) const SIGNED_URL: &str = "SIGNED_URL";
pub(crate) const SLACK_TOKEN: &str = "SLACK_TOKEN";
pub(crate) const SLACK_WEBHOOK: &str = "SLACK_WEBHOOK";
pub(crate) const STRIPE_KEY: &str = "STRIPE_KEY";
pub(crate) const TELEGRAM_TOKEN: &str = "TELEGRAM_TOKEN";

const fn word(raw: &'static str, canonical: &'static str) -> Word {
    Word { raw, canonical }
}

pub(crate) const LABELS: &[Word] = &[
    word(ANTHROPIC_API_KEY, "SECRET.Credential.APIKey"),
    word(AWS_ACCESS_KEY, "SECRET.Credential.CloudKey"),
    word(AWS_SECRET_KEY, "SECRET.Credential.CloudKey"),
    word(AZURE_STORAGE_KEY, "SECRET.Credential.CloudKey"),
    word(BEARER_TOKEN, "SECRET.Credential.AccessToken"),
    word(CONNECTION_STRING, "SECRET.Credential.ConnectionString"),
    word(DATABRICKS_TOKEN, "SECRET.Credential.AccessToken"),
    word(DIGITALOCEAN_TOKEN, "SECRET.Credential.CloudKey"),
    word(GENERIC_API_KEY, "SECRET.Credential.APIKey"),
    word(GITHUB_TOKEN, "SECRET.Credential.AccessToken"),
    word(GITLAB_TOKEN, "SECRET.Credential.AccessToken"),
    word(GOOGLE_API_KEY, "SECRET.Credential.APIKey"),
    word(GOOGLE_OAUTH_TOKEN, "SECRET.Credential.AccessToken"),
    word(GRAFANA_TOKEN, "SECRET.Credential.AccessToken"),
    word(HASHICORP_TOKEN, "SECRET.Credential.AccessToken"),
    word(HUGGINGFACE_TOKEN, "SECRET.Credential.AccessToken"),
    word(JWT, "SECRET.Credential.AccessToken"),
    word(LLAMA_MAPPER_KEY, "SECRET.Credential.APIKey"),
    word(MAIL_API_KEY, "SECRET.Credential.APIKey"),
    word(NPM_TOKEN, "SECRET.Credential.AccessToken"),
    word(OPENAI_API_KEY, "SECRET.Credential.APIKey"),
    word(PASSWORD, "SECRET.Credential.Password"),
    word(PRIVATE_KEY, "SECRET.Key.PrivateKey"),
    word(PYPI_TOKEN, "SECRET.Credential.AccessToken"),
    word(SHOPIFY_TOKEN, "SECRET.Credential.AccessToken"),
    word(SIGNED_URL, "SECRET.Credential.SignedURL"),
    word(SLACK_TOKEN, "SECRET.Credential.AccessToken"),
    word(SLACK_WEBHOOK, "SECRET.Credential.SignedURL"),
    word(STRIPE_KEY, "SECRET.Credential.APIKey"),
    word(TELEGRAM_TOKEN, "SECRET.Credential.AccessToken"),
];
