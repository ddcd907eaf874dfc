//! Mesh tokens: how one service proves to another who it is and for which tenant it acts.
//!
//! `<base64url payload>.<base64url mac>`, HMAC-SHA-256 under a key all services share. Short-lived, so that a leaked
//! one is worth little. The clock is handed in.

use std::{
    fmt,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac as _};
use http::HeaderValue;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use types::TenantId;

use super::{Principal, Role};

const KEY_BYTES_MIN: usize = 32;
const LIFETIME: Duration = Duration::from_secs(60);
/// How far two clocks of the mesh may be apart.
const SKEW_MAX: Duration = Duration::from_secs(30);
const TOKEN_BYTES_MAX: usize = 1024;
const SERVICE_BYTES_MAX: usize = 64;

/// The key all services of one mesh share.
#[derive(Clone)]
pub struct MeshKey(Hmac<Sha256>);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the mesh key needs at least {KEY_BYTES_MIN} bytes, got {bytes}")]
pub struct WeakMeshKey {
    bytes: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    service: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tenant: Option<String>,
    /// Seconds since the epoch.
    exp: u64,
}

impl MeshKey {
    pub fn new(secret: &SecretString) -> Result<MeshKey, WeakMeshKey> {
        let secret = secret.expose_secret().as_bytes();
        if secret.len() < KEY_BYTES_MIN {
            return Err(WeakMeshKey { bytes: secret.len() });
        }
        Ok(MeshKey(Hmac::new_from_slice(secret).expect("HMAC takes a key of any length")))
    }

    /// The token by which `service` acts for `tenant`, or across tenants when there is none.
    pub fn sign(&self, service: &str, tenant: Option<TenantId>, now: SystemTime) -> String {
        let exp = seconds(now).saturating_add(LIFETIME.as_secs());
        let tenant = tenant.map(|tenant| tenant.to_string());
        let payload = Payload { service: service.to_owned(), tenant, exp };
        let payload = serde_json::to_vec(&payload).expect("strings and numbers have a JSON form");
        let payload = URL_SAFE_NO_PAD.encode(payload);
        let mac = self.0.clone().chain_update(&payload).finalize().into_bytes();
        format!("{payload}.{}", URL_SAFE_NO_PAD.encode(mac))
    }

    /// The value of the `authorization` header, marked sensitive so that no layer prints it.
    pub fn authorization(
        &self,
        service: &str,
        tenant: Option<TenantId>,
        now: SystemTime,
    ) -> HeaderValue {
        let mut value = HeaderValue::try_from(format!("Mesh {}", self.sign(service, tenant, now)))
            .expect("base64url and a dot are visible ASCII");
        value.set_sensitive(true);
        value
    }

    /// Whom a token speaks for; none when it is forged, malformed, expired or valid for longer than we ever sign.
    pub fn verify(&self, token: &str, now: SystemTime) -> Option<Principal> {
        if TOKEN_BYTES_MAX < token.len() {
            return None;
        }
        let (payload, mac) = token.split_once('.')?;
        let mac = URL_SAFE_NO_PAD.decode(mac).ok()?;
        self.0.clone().chain_update(payload).verify_slice(&mac).ok()?;

        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        let Payload { service, tenant, exp } = serde_json::from_slice(&payload).ok()?;
        let now = seconds(now);
        let expired = exp <= now;
        let too_long = now + LIFETIME.as_secs() + SKEW_MAX.as_secs() < exp;
        let unnamed = service.is_empty() || SERVICE_BYTES_MAX < service.len();
        if expired || too_long || unnamed {
            return None;
        }
        let tenant = match tenant {
            Some(tenant) => Some(tenant.parse().ok()?),
            None => None,
        };
        Some(Principal {
            tenant,
            subject: format!("service:{service}"),
            roles: vec![Role::Service],
        })
    }
}

impl fmt::Debug for MeshKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MeshKey(..)")
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TENANT: &str = "00000000-0000-0000-0000-00000000000a";

    #[test]
    fn a_short_key_is_refused() {
        assert_eq!(MeshKey::new(&"x".repeat(31).into()).unwrap_err(), WeakMeshKey { bytes: 31 });
        assert!(MeshKey::new(&"x".repeat(32).into()).is_ok());
    }

    #[test]
    fn a_token_ends_with_its_lifetime() {
        let token = key('a').sign("mapper", None, at(1000));
        assert!(key('a').verify(&token, at(1000 + 59)).is_some());
        assert!(key('a').verify(&token, at(1000 + 60)).is_none());
    }

    #[test]
    fn a_token_from_a_clock_far_ahead_is_refused() {
        let token = key('a').sign("mapper", None, at(1000));
        assert!(key('a').verify(&token, at(1000 - 30)).is_some());
        assert!(key('a').verify(&token, at(1000 - 31)).is_none());
    }

    #[test]
    fn another_key_says_nothing() {
        let token = key('a').sign("mapper", None, at(0));
        assert!(key('b').verify(&token, at(0)).is_none());
    }

    #[test]
    fn the_key_and_the_header_print_nothing() {
        let header = key('a').authorization("mapper", None, at(0));
        assert_eq!(format!("{:?} {header:?}", key('a')), "MeshKey(..) Sensitive");
    }

    proptest! {
        #[test]
        fn what_is_signed_is_verified(service in "[a-z]{1,64}", with_tenant: bool, now in 0u64..1 << 40) {
            let tenant = with_tenant.then(|| TENANT.parse().unwrap());
            let token = key('a').sign(&service, tenant, at(now));
            let principal = key('a').verify(&token, at(now)).unwrap();
            prop_assert_eq!(principal.tenant, tenant);
            prop_assert_eq!(principal.subject, format!("service:{service}"));
            prop_assert_eq!(principal.roles, vec![Role::Service]);
        }

        #[test]
        fn no_changed_token_is_verified(at_byte in 0usize..200, change in 1u8..128) {
            let token = key('a').sign("mapper", Some(TENANT.parse().unwrap()), at(0));
            let mut bytes = token.clone().into_bytes();
            let i = at_byte % bytes.len();
            bytes[i] ^= change;
            if let Ok(changed) = String::from_utf8(bytes) {
                prop_assert!(key('a').verify(&changed, at(0)).is_none());
            }
        }

        #[test]
        fn reading_never_panics(token in "\\PC*") {
            key('a').verify(&token, at(0));
        }
    }

    fn key(letter: char) -> MeshKey {
        MeshKey::new(&letter.to_string().repeat(32).into()).unwrap()
    }

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }
}
