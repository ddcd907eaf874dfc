//! API keys: `lmk_<key id>_<secret>`. Only a digest of the secret is ever stored.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

const PREFIX: &str = "lmk_";
const SECRET_BYTES: usize = 24;
const SECRET_DIGITS: usize = 2 * SECRET_BYTES;

/// A credential as a client holds it. Its `Debug` shows the id only.
#[derive(Clone)]
pub struct ApiKey {
    id: Uuid,
    secret: SecretString,
}

/// What is stored of a secret: its SHA-256. The secret has 192 random bits, so no salt and no slow hash is needed.
#[derive(Clone, Copy)]
pub struct SecretDigest([u8; 32]);

impl ApiKey {
    /// Makes a new key for the row `id` from the operating system's randomness.
    pub fn generate(id: Uuid) -> Result<ApiKey, getrandom::Error> {
        let mut bytes = [0; SECRET_BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(ApiKey { id, secret: hex(&bytes).into() })
    }

    /// Reads a key; none when it does not have the form of one.
    pub fn parse(text: &str) -> Option<ApiKey> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let is_id = id.len() == 32 && id.bytes().all(is_digit);
        let is_secret = secret.len() == SECRET_DIGITS && secret.bytes().all(is_digit);
        if !is_id || !is_secret {
            return None;
        }
        Some(ApiKey { id: Uuid::try_parse(id).ok()?, secret: secret.into() })
    }

    pub fn id(&self) -> Uuid {
        self.id
    }

    pub fn digest(&self) -> SecretDigest {
        SecretDigest(Sha256::digest(self.secret.expose_secret()).into())
    }

    /// The whole key, to be shown once to whom it is issued.
    pub fn expose(&self) -> SecretString {
        format!("{PREFIX}{}_{}", self.id.simple(), self.secret.expose_secret()).into()
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl SecretDigest {
    /// Reads a stored digest; none when it is not 32 bytes long.
    pub fn from_bytes(bytes: &[u8]) -> Option<SecretDigest> {
        bytes.try_into().ok().map(SecretDigest)
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Compares in a time that does not depend on where the two differ.
    pub fn matches(&self, other: &SecretDigest) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretDigest(..)")
    }
}

fn is_digit(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;

    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String never fails to grow");
        text
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_generated_key_is_read_back() {
        let key = ApiKey::generate(Uuid::from_u128(7)).unwrap();
        let read = ApiKey::parse(key.expose().expose_secret()).unwrap();
        assert_eq!(read.id(), key.id());
        assert!(read.digest().matches(&key.digest()));
    }

    #[test]
    fn two_keys_share_no_secret() {
        let [one, two] = [1, 1].map(|id| ApiKey::generate(Uuid::from_u128(id)).unwrap());
        assert!(!one.digest().matches(&two.digest()));
    }

    #[test]
    fn only_the_exact_form_is_a_key() {
        let id = "0".repeat(32);
        let secret = "a".repeat(SECRET_DIGITS);
        assert!(ApiKey::parse(&format!("lmk_{id}_{secret}")).is_some());
        for bad in [
            String::new(),
            "lmk_".to_owned(),
            format!("lmk_{id}"),
            format!("lmk_{id}_"),
            format!("lmk_{id}_{secret}0"),
            format!("LMK_{id}_{secret}"),
            format!("lmk_{id}_{}", secret.to_uppercase()),
            format!("lmk_{}_{secret}", "g".repeat(32)),
            format!(" lmk_{id}_{secret}"),
        ] {
            assert!(ApiKey::parse(&bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn nothing_prints_a_secret() {
        let key = ApiKey::generate(Uuid::nil()).unwrap();
        let secret = key.secret.expose_secret().to_owned();
        let printed = format!("{key:?} {:?} {:?}", key.digest(), key.expose());
        assert!(!printed.contains(&secret), "{printed}");
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "\\PC*") {
            ApiKey::parse(&text);
        }
    }
}
