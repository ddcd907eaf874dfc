//! Secrets known by what stands around them: key blocks, JWTs, credentials in URLs, assignments.

use super::entropy;
use super::label::{
    AWS_SECRET_KEY, AZURE_STORAGE_KEY, BEARER_TOKEN, CONNECTION_STRING, GENERIC_API_KEY, JWT,
    PASSWORD, PRIVATE_KEY, SIGNED_URL, TELEGRAM_TOKEN,
};
use crate::{Finding, chars, score};

type Check = fn(&str, usize, usize) -> Option<Finding>;

/// Literals and what to look at when one is found at (start, end).
#[rustfmt::skip]
pub(crate) const LITERALS: &[(&str, Check)] = &[
    ("-----BEGIN ", private_key),
    ("eyJ", jwt),
    ("://", credentials_in_url),
    ("AccountKey=", azure_storage), ("SharedAccessKey=", azure_storage),
    ("X-Amz-Signature=", signature), ("X-Goog-Signature=", signature), ("&sig=", signature), ("?sig=", signature),
    ("Bearer ", bearer), ("bearer ", bearer), ("Basic ", bearer),
    ("aws_secret_access_key", aws_secret), ("AWS_SECRET_ACCESS_KEY", aws_secret), ("SecretAccessKey", aws_secret), ("secretAccessKey", aws_secret),
    (":AA", telegram),
    ("password", password), ("Password", password), ("PASSWORD", password), ("passwd", password), ("pwd", password), ("Pwd", password), ("PWD", password),
    ("passord", password), ("Passord", password), ("passphrase", password), ("Passphrase", password), ("passwort", password), ("Passwort", password),
    ("contraseña", password), ("mot de passe", password), ("lösenord", password), ("Lösenord", password),
    ("api_key", api_key), ("apikey", api_key), ("apiKey", api_key), ("api-key", api_key), ("API_KEY", api_key), ("APIKEY", api_key), ("Api-Key", api_key),
    ("API key", api_key), ("api key", api_key), ("secret", api_key), ("Secret", api_key), ("SECRET", api_key), ("access_token", api_key),
    ("ACCESS_TOKEN", api_key), ("auth_token", api_key), ("AUTH_TOKEN", api_key), ("client_secret", api_key), ("private_key", api_key),
    ("encryption_key", api_key), ("token", api_key), ("TOKEN", api_key), ("Token", api_key),
];

/// Key blocks are seldom longer, and an unclosed one must not take the rest of a document with it.
const BLOCK_MAX: usize = 16 * 1024;

fn private_key(text: &str, start: usize, end: usize) -> Option<Finding> {
    let head = &text[end..chars::floor(text, end + 64)];
    let (kind, _) = head.split_once("-----")?;
    if !(kind.ends_with("PRIVATE KEY") || kind.ends_with("PRIVATE KEY BLOCK")) {
        return None;
    }
    let block = &text[start..chars::floor(text, start + BLOCK_MAX)];
    let closing = block
        .find("-----END ")
        .and_then(|at| block[at + 9..].find("-----").map(|length| at + 9 + length + 5));
    // Without its end, the key is what looks like base64 behind the head.
    let length = closing.unwrap_or_else(|| {
        let from = 11 + kind.len() + 5;
        let is_body = |byte: u8| {
            byte.is_ascii_alphanumeric()
                || byte.is_ascii_whitespace()
                || matches!(byte, b'+' | b'/' | b'=' | b'\\')
        };
        from + chars::run(block.as_bytes(), from, BLOCK_MAX, is_body)
    });
    Some(Finding { label: PRIVATE_KEY, score: score::SHAPE_STRONG, start, end: start + length })
}

fn jwt(text: &str, start: usize, _end: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let header = chars::run(bytes, start, 1024, is_part);
    let payload_at = start + header + 1;
    let dotted = bytes.get(start + header) == Some(&b'.')
        && bytes.get(payload_at..payload_at + 2) == Some(b"ey");
    if header < 16 || !dotted || !chars::starts_word(bytes, start) {
        return None;
    }
    let mut end = payload_at + chars::run(bytes, payload_at, 16 * 1024, is_part);
    if bytes.get(end) == Some(&b'.') {
        end += 1 + chars::run(bytes, end + 1, 4096, is_part);
    }
    Some(Finding { label: JWT, score: score::SHAPE_STRONG, start, end })
}

/// `scheme://user:password@host`.
fn credentials_in_url(text: &str, start: usize, end: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let n_scheme = chars::run_back(bytes, start, 24, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
    });
    let is_part = |byte: u8| {
        !byte.is_ascii_whitespace() && !matches!(byte, b'/' | b'"' | b'\'' | b'<' | b'>' | b'`')
    };
    let authority = &text[end..chars::floor(text, end + chars::run(bytes, end, 512, is_part))];
    let (user_info, host) = authority.rsplit_once('@')?;
    let (_, password) = user_info.split_once(':')?;
    let real = 3 <= password.len() && !entropy::is_placeholder(password) && !host.is_empty();
    let tail = chars::run(bytes, end, 2048, |byte| is_part(byte) || byte == b'/');
    let url_end = chars::floor(text, end + tail);
    let url_end = end + text[end..url_end].trim_end_matches(['.', ',', ')', ';']).len();
    (real && 0 < n_scheme).then_some(Finding {
        label: CONNECTION_STRING,
        score: score::SHAPE_STRONG,
        start: start - n_scheme,
        end: url_end,
    })
}

fn azure_storage(text: &str, start: usize, end: usize) -> Option<Finding> {
    let body = base64_run(text, end);
    (40 <= body && random(text, end, body, 3.5)).then_some(Finding {
        label: AZURE_STORAGE_KEY,
        score: score::SHAPE_STRONG,
        start,
        end: end + body,
    })
}

/// The signature that makes a link work for whoever holds it.
fn signature(text: &str, start: usize, end: usize) -> Option<Finding> {
    let is_body = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'%' | b'-' | b'_' | b'+' | b'/' | b'=')
    };
    let length = chars::run(text.as_bytes(), end, 2048, is_body);
    (32 <= length).then_some(Finding {
        label: SIGNED_URL,
        score: score::SHAPE_IN_CONTEXT,
        start,
        end: end + length,
    })
}

/// `Authorization: Bearer …`, `Basic …`.
fn bearer(text: &str, _start: usize, end: usize) -> Option<Finding> {
    let is_body = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_' | b'.' | b'~' | b'+' | b'/' | b'=')
    };
    let length = chars::run(text.as_bytes(), end, 8 * 1024, is_body);
    let token = &text[end..end + length];
    let mixed = token.bytes().any(|byte| byte.is_ascii_digit() || byte == b'=')
        && token.bytes().any(|byte| byte.is_ascii_alphabetic());
    let real =
        16 <= length && mixed && random(text, end, length, 3.0) && !entropy::is_placeholder(token);
    real.then_some(Finding {
        label: BEARER_TOKEN,
        score: score::SHAPE_IN_CONTEXT,
        start: end,
        end: end + length,
    })
}

fn aws_secret(text: &str, _start: usize, end: usize) -> Option<Finding> {
    let (from, to) = value(text, end, Says::Assignment)?;
    let length = base64_run(text, from);
    (length == 40 && to == from + 40 && random(text, from, 40, 3.5)).then_some(Finding {
        label: AWS_SECRET_KEY,
        score: score::SHAPE_STRONG,
        start: from,
        end: to,
    })
}

/// `123456789:AA…`: the number of the bot, a colon, and 35 characters.
fn telegram(text: &str, start: usize, _end: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let n_digits = chars::run_back(bytes, start, 11, |byte| byte.is_ascii_digit());
    let body = chars::run(bytes, start + 1, 36, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
    });
    let fits = (8..=10).contains(&n_digits) && body == 35 && random(text, start + 1, body, 3.5);
    fits.then_some(Finding {
        label: TELEGRAM_TOKEN,
        score: score::SHAPE_STRONG,
        start: start - n_digits,
        end: start + 1 + body,
    })
}

/// `password = …`, `password: …`, `the password is …`.
fn password(text: &str, start: usize, end: usize) -> Option<Finding> {
    if chars::before(text.as_bytes(), start).is_some_and(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    let (from, to) = value(text, end, Says::AssignmentOrProse)?;
    let secret = &text[from..to];
    let n_classes = [
        secret.bytes().any(|byte| byte.is_ascii_lowercase()),
        secret.bytes().any(|byte| byte.is_ascii_uppercase()),
        secret.bytes().any(|byte| byte.is_ascii_digit()),
        secret.bytes().any(|byte| byte.is_ascii_punctuation()),
    ];
    let n_classes = n_classes.into_iter().filter(|&held| held).count();
    let call = secret.contains('(') || secret.ends_with("()");
    if secret.len() < 6 || n_classes < 2 || call || entropy::is_placeholder(secret) {
        return None;
    }
    let score = if 3 <= n_classes { score::SHAPE_IN_CONTEXT } else { score::SHAPE };
    Some(Finding { label: PASSWORD, score, start: from, end: to })
}

/// `api_key = …`: long and random enough to be one.
fn api_key(text: &str, _start: usize, end: usize) -> Option<Finding> {
    let (from, to) = value(text, end, Says::Assignment)?;
    let secret = &text[from..to];
    let dense = secret.bytes().all(|byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'+' | b'/' | b'=' | b'.')
    });
    let mixed = secret.bytes().any(|byte| byte.is_ascii_digit())
        && secret.bytes().any(|byte| byte.is_ascii_alphabetic());
    let real = 16 <= secret.len()
        && dense
        && mixed
        && random(text, from, to - from, 3.0)
        && !entropy::is_placeholder(secret);
    real.then_some(Finding { label: GENERIC_API_KEY, score: score::SHAPE, start: from, end: to })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    Assignment,
    AssignmentOrProse,
}

/// Where the value assigned to the name that ends at `end` lies.
fn value(text: &str, end: usize, says: Says) -> Option<(usize, usize)> {
    let rest = &text[end..chars::floor(text, end + 300)];
    // The rest of a longer name: `password_hash` is another name, `api_key_prod` still a key.
    let named = rest.trim_start_matches(|char: char| {
        char == '_' || char == '-' || char.is_ascii_alphanumeric()
    });
    let named = if says == Says::Assignment { named } else { rest };
    let open = named.trim_start_matches(['"', '\'', ']']).trim_start_matches(' ');
    let prose = (says == Says::AssignmentOrProse)
        .then(|| {
            ["is: ", "is ", "er: ", "er ", "es ", "ist ", "est ", "är "]
                .iter()
                .find_map(|verb| open.strip_prefix(verb))
        })
        .flatten();
    let assigned = open
        .strip_prefix(":=")
        .or(open.strip_prefix("=>"))
        .or(open.strip_prefix('='))
        .or(open.strip_prefix(':'));
    let is_prose = assigned.is_none();
    let value = assigned.or(prose)?.trim_start_matches(' ');
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\'' | '`'));
    let (value, length) = match quote {
        Some(quote) => (&value[1..], value[1..].find([quote, '\n']).unwrap_or(value.len() - 1)),
        None => (
            value,
            value
                .find([' ', '\n', '\t', '\r', '"', '\'', ',', ';', '&', '<', '>', ')', '}'])
                .unwrap_or(value.len()),
        ),
    };
    let trimmed = value[..length].trim_end_matches(['.', '!', '?', ':']);
    // In prose the word after "is" is a password only if it does not look like a word.
    let telling = !is_prose
        || (trimmed.bytes().any(|byte| byte.is_ascii_digit())
            && trimmed.bytes().any(|byte| !byte.is_ascii_digit()));
    let from = end + (rest.len() - value.len());
    (telling && !trimmed.is_empty() && !trimmed.starts_with('['))
        .then_some((from, from + trimmed.len()))
}

fn base64_run(text: &str, at: usize) -> usize {
    chars::run(text.as_bytes(), at, 512, |byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
    })
}

fn random(text: &str, at: usize, length: usize, bits_min: f32) -> bool {
    text.as_bytes()
        .get(at..at + length)
        .is_some_and(|body| bits_min <= entropy::bits_per_byte(body))
}
