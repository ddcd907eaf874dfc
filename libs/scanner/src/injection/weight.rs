//! How much each sign weighs, and the score of a set of signs.
//!
//! Log-odds, fitted by logistic regression with no negative weights on public attack and benign prompts and rounded:
//! `cargo run -p scanner --example fit -- PROMPTS.jsonl` prints this table. Signs that are strong but rare in those
//! prompts (hidden text, encoded attacks, documents that speak to the machine) have a floor there, topics that honest
//! people write about (ciphers, word games) a ceiling.
//! The bias is moved so that the threshold of 0.5 lies where the fit says 0.4: a missed attack costs more than a second
//! look. What is not listed weighs nothing.

use super::sign::{N_SIGNS, Sign};

/// The log-odds of an attack before anything was seen.
const BIAS: f32 = -1.4;

#[rustfmt::skip]
const WEIGHTS: &[(Sign, f32)] = &[
    (Sign::AccessWords, 2.6), (Sign::ActAs, 1.0), (Sign::Authority, 0.9), (Sign::Cipher, 0.9), (Sign::Coaxing, 0.5),
    (Sign::Concealment, 0.8), (Sign::ContentOverride, 0.6), (Sign::DualReply, 0.4), (Sign::Encoded, 0.3),
    (Sign::EncodedAttack, 2.0), (Sign::Exclusive, 0.6), (Sign::ExfilCode, 2.3), (Sign::Exfiltration, 1.5),
    (Sign::Fence, 1.0), (Sign::Flood, 1.4), (Sign::ForcedReply, 1.1), (Sign::FreedMachine, 1.0), (Sign::FromNowOn, 0.7),
    (Sign::Hail, 0.8), (Sign::Hidden, 0.4), (Sign::HiddenOrder, 1.5), (Sign::Hypothetical, 0.5),
    (Sign::InstructionOverride, 1.5), (Sign::KnownJailbreak, 1.5), (Sign::LooseOverride, 0.8), (Sign::Mode, 0.3),
    (Sign::NewRules, 0.4), (Sign::Obedience, 0.8), (Sign::ObeyText, 0.8), (Sign::OverridePrior, 0.6),
    (Sign::Persona, 0.7), (Sign::PersonalProbe, 1.3), (Sign::PlantedCode, 1.4), (Sign::Profanity, 0.3),
    (Sign::PromptExtraction, 2.7), (Sign::PromptMention, 0.8), (Sign::RefusalSuppression, 0.5), (Sign::Revoked, 1.0),
    (Sign::SecretProbe, 2.2), (Sign::SentAway, 0.7), (Sign::Splitting, 1.0), (Sign::StayInCharacter, 0.8),
    (Sign::SteeredReply, 1.8), (Sign::SwappedTask, 1.0), (Sign::TagText, 2.5), (Sign::Template, 1.4),
    (Sign::TemplateToken, 0.8), (Sign::Threat, 0.3), (Sign::ToolAbuse, 0.8), (Sign::Transcript, 1.1),
    (Sign::Unrestricted, 0.5), (Sign::Vendor, 0.5), (Sign::Verbatim, 0.9),
];

const BY_SIGN: [f32; N_SIGNS] = {
    let mut weights = [0.0; N_SIGNS];
    let mut index = 0;
    while index < WEIGHTS.len() {
        weights[WEIGHTS[index].0 as usize] = WEIGHTS[index].1;
        index += 1;
    }
    weights
};

/// The weight of one sign.
pub(crate) fn of(sign: Sign) -> f32 {
    BY_SIGN[sign as usize]
}

/// The score of everything held together.
pub(crate) fn score(held: &[bool; N_SIGNS]) -> f32 {
    logistic(held.iter().zip(BY_SIGN).filter(|(held, _)| **held).map(|(_, weight)| weight).sum())
}

/// The probability behind a sum of weights.
pub(crate) fn logistic(weight: f32) -> f32 {
    1.0 / (1.0 + (-(BIAS + weight)).exp())
}
