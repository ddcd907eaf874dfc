//! Passwords of the roles: random, kept in one file only its owner reads, and sent to a server only as verifiers.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

use crate::{Error, SERVICES};

/// The superuser of a private cluster.
pub(crate) const SUPERUSER: &str = "postgres";

/// What Postgres itself uses, and what RFC 7677 asks for at least.
const SCRAM_ITERATIONS: u32 = 4096;

/// One password per role.
#[derive(Clone)]
pub struct Passwords(BTreeMap<String, String>);

impl Passwords {
    /// Reads the file, or writes one with new passwords.
    pub fn load_or_create(path: &Path) -> Result<Passwords, Error> {
        if !path.exists() {
            let passwords = Passwords::random()?;
            passwords.save(path)?;
            return Ok(passwords);
        }
        let text = fs::read_to_string(path).map_err(Error::file("read", path))?;
        parse(&text).map_err(|line| Error::BrokenPasswords { path: path.to_owned(), line })
    }

    pub(crate) fn of(&self, role: &str) -> &str {
        self.0.get(role).expect("`random` makes and `parse` demands a password for every role")
    }

    fn random() -> Result<Passwords, Error> {
        let mut passwords = BTreeMap::new();
        for role in roles() {
            let password: String =
                random::<24>()?.iter().map(|byte| format!("{byte:02x}")).collect();
            passwords.insert(role, password);
        }
        Ok(Passwords(passwords))
    }

    fn save(&self, path: &Path) -> Result<(), Error> {
        let text: String =
            self.0.iter().map(|(role, password)| format!("{role} {password}\n")).collect();
        let partial = path.with_extension("new");
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&partial)
            .map_err(Error::file("create", &partial))?;
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(Error::file("write", &partial))?;
        fs::rename(&partial, path).map_err(Error::file("create", path))
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Passwords").field(&self.0.keys().collect::<Vec<_>>()).finish()
    }
}

fn roles() -> Vec<String> {
    let services =
        SERVICES.iter().flat_map(|service| [(*service).to_owned(), format!("{service}_owner")]);
    services.chain([SUPERUSER.to_owned()]).collect()
}

/// The passwords in the text, or the number of the first line that is wrong.
fn parse(text: &str) -> Result<Passwords, usize> {
    let mut passwords = BTreeMap::new();
    for (n, line) in text.lines().enumerate() {
        match line.split_once(' ') {
            Some((role, password)) if is_plain(password) => {
                passwords.insert(role.to_owned(), password.to_owned())
            }
            _ => return Err(n + 1),
        };
    }
    if roles().iter().all(|role| passwords.contains_key(role)) {
        Ok(Passwords(passwords))
    } else {
        Err(text.lines().count() + 1)
    }
}

fn is_plain(password: &str) -> bool {
    !password.is_empty() && password.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// What a server stores in place of a password. A server that logs statements then has nothing to log in with.
pub(crate) fn verifier(password: &str) -> Result<String, Error> {
    Ok(verifier_with(password, &random::<16>()?))
}

fn verifier_with(password: &str, salt: &[u8; 16]) -> String {
    let salted = salted(password, salt);
    let stored_key = Sha256::digest(mac(&salted, &[b"Client Key"]));
    let server_key = mac(&salted, &[b"Server Key"]);
    format!(
        "SCRAM-SHA-256${SCRAM_ITERATIONS}:{}${}:{}",
        BASE64_STANDARD.encode(salt),
        BASE64_STANDARD.encode(stored_key),
        BASE64_STANDARD.encode(server_key)
    )
}

/// `Hi` of RFC 5802.
fn salted(password: &str, salt: &[u8; 16]) -> [u8; 32] {
    let mut block = mac(password.as_bytes(), &[salt, &1_u32.to_be_bytes()]);
    let mut sum = block;
    for _ in 1..SCRAM_ITERATIONS {
        block = mac(password.as_bytes(), &[&block]);
        for (total, byte) in sum.iter_mut().zip(block) {
            *total ^= byte;
        }
    }
    sum
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Error::NoRandomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(text: &str, expected: Expect) {
        expected.assert_eq(&format!("{:?}", parse(text)));
    }

    #[test]
    fn the_example_of_rfc_7677_gives_its_keys() {
        // Its salt is `W22ZaJ0SNY7soEsUEjb6gQ==`; the signatures it shows follow from these keys.
        let salt = BASE64_STANDARD.decode("W22ZaJ0SNY7soEsUEjb6gQ==").unwrap().try_into().unwrap();
        expect!["SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="]
            .assert_eq(&verifier_with("pencil", &salt));
    }

    #[test]
    fn a_file_without_a_role_is_broken_after_its_end() {
        check("mapper abc\n", expect!["Err(2)"]);
    }

    #[test]
    fn a_password_that_would_need_quoting_is_refused() {
        check("mapper it's\n", expect!["Err(1)"]);
    }

    #[test]
    fn debug_output_has_no_password() {
        let text: String = roles().iter().map(|role| format!("{role} abc123\n")).collect();
        check(
            &text,
            expect![[
                r#"Ok(Passwords(["analysis", "analysis_owner", "mapper", "mapper_owner", "orchestration", "orchestration_owner", "postgres"]))"#
            ]],
        );
    }
}
