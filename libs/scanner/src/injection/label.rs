//! The words of `builtin-injection`, what each stands for in the taxonomy, and which signs speak for which.

use super::sign::{N_SIGNS, Seen, Sign};
use super::weight;
use crate::{Finding, Word};

const AUTHORITY_CLAIM: &str = "AUTHORITY_CLAIM";
const DATA_EXFILTRATION: &str = "DATA_EXFILTRATION";
const DELIMITER_INJECTION: &str = "DELIMITER_INJECTION";
const ENCODED_PAYLOAD: &str = "ENCODED_PAYLOAD";
const FRAMING: &str = "FRAMING";
const INDIRECT_INSTRUCTION: &str = "INDIRECT_INSTRUCTION";
const INSTRUCTION_OVERRIDE: &str = "INSTRUCTION_OVERRIDE";
const JAILBREAK: &str = "JAILBREAK";
const OUTPUT_HIJACK: &str = "OUTPUT_HIJACK";
const PERSONA_JAILBREAK: &str = "PERSONA_JAILBREAK";
const REFUSAL_SUPPRESSION: &str = "REFUSAL_SUPPRESSION";
const SECRET_PROBE: &str = "SECRET_PROBE";
const SYSTEM_PROMPT_EXTRACTION: &str = "SYSTEM_PROMPT_EXTRACTION";
const TOKEN_FLOOD: &str = "TOKEN_FLOOD";

const fn word(raw: &'static str, canonical: &'static str) -> Word {
    Word { raw, canonical }
}

pub(crate) const LABELS: &[Word] = &[
    word(AUTHORITY_CLAIM, "JAILBREAK.Technique.Framing"),
    word(DATA_EXFILTRATION, "PROMPT_INJECTION.DataExfiltration"),
    word(DELIMITER_INJECTION, "PROMPT_INJECTION.Other"),
    word(ENCODED_PAYLOAD, "JAILBREAK.Technique.Obfuscation"),
    word(FRAMING, "JAILBREAK.Technique.Framing"),
    word(INDIRECT_INSTRUCTION, "PROMPT_INJECTION.Indirect"),
    word(INSTRUCTION_OVERRIDE, "PROMPT_INJECTION.PolicyOverride"),
    word(JAILBREAK, "JAILBREAK.Attempt"),
    word(OUTPUT_HIJACK, "PROMPT_INJECTION.Other"),
    word(PERSONA_JAILBREAK, "JAILBREAK.Technique.RolePlay"),
    word(REFUSAL_SUPPRESSION, "JAILBREAK.Attempt"),
    word(SECRET_PROBE, "PROMPT_INJECTION.DataExfiltration"),
    word(SYSTEM_PROMPT_EXTRACTION, "PROMPT_INJECTION.SystemPromptLeak"),
    word(TOKEN_FLOOD, "JAILBREAK.Technique.Automated"),
];

/// The word a sign speaks for.
#[rustfmt::skip]
fn label(sign: Sign) -> &'static str {
    match sign {
        Sign::Override | Sign::Prior | Sign::Own | Sign::Target | Sign::Instruction | Sign::OverridePrior | Sign::InstructionOverride
            | Sign::LooseOverride | Sign::ContentOverride | Sign::Content | Sign::Say | Sign::SwappedTask | Sign::Voided | Sign::Maker
            | Sign::OwnNorm | Sign::Revoked | Sign::NewRules => INSTRUCTION_OVERRIDE,
        Sign::OwnInstruction | Sign::Given | Sign::PromptExtraction | Sign::PromptMention | Sign::Verbatim => SYSTEM_PROMPT_EXTRACTION,
        Sign::Secret | Sign::SecretProbe | Sign::Personal | Sign::PersonalProbe | Sign::Reveal | Sign::Ask => SECRET_PROBE,
        Sign::Exfiltration | Sign::ExfilCode | Sign::Act | Sign::Loot | Sign::Handover | Sign::Address | Sign::SentAway => DATA_EXFILTRATION,
        Sign::ForcedReply | Sign::AccessWords | Sign::Exclusive | Sign::Begin | Sign::Reply | Sign::OwnReply => OUTPUT_HIJACK,
        Sign::Steer | Sign::Code | Sign::SteeredReply | Sign::PlantedCode | Sign::Call | Sign::Machine | Sign::Reads | Sign::Must
            | Sign::Vocative | Sign::Hail | Sign::Hiding | Sign::HiddenOrder | Sign::Concealment | Sign::ToolAbuse => INDIRECT_INSTRUCTION,
        Sign::TemplateToken | Sign::Fence | Sign::UserTurn | Sign::AssistantTurn | Sign::Transcript => DELIMITER_INJECTION,
        Sign::Authority | Sign::IAm | Sign::Rank | Sign::Threat => AUTHORITY_CLAIM,
        Sign::Persona | Sign::StayInCharacter | Sign::ActAs | Sign::FromNowOn | Sign::DualReply => PERSONA_JAILBREAK,
        Sign::KnownJailbreak | Sign::Unrestricted | Sign::FreedMachine | Sign::Without | Sign::Bound | Sign::NoNorms | Sign::Lack
            | Sign::Norm | Sign::Mode | Sign::Vendor | Sign::NormWord | Sign::Template | Sign::Profanity => JAILBREAK,
        Sign::RefusalSuppression | Sign::Obedience => REFUSAL_SUPPRESSION,
        Sign::Fiction | Sign::Hypothetical | Sign::Coaxing => FRAMING,
        Sign::Encoded | Sign::EncodedAttack | Sign::Hidden | Sign::TagText | Sign::Splitting | Sign::Backwards | Sign::Rotated
            | Sign::ObeyText | Sign::Cipher => ENCODED_PAYLOAD,
        Sign::Flood => TOKEN_FLOOD,
    }
}

/// One finding for the word with the most weight behind it, and one for each further word that would stand alone.
pub(crate) fn findings(signs: &[Seen], held: &[bool; N_SIGNS], score: f32) -> Vec<Finding> {
    let weight_of = |word: &Word| -> f32 {
        let own =
            Sign::ALL.into_iter().filter(|&sign| held[sign as usize] && label(sign) == word.raw);
        own.map(weight::of).sum()
    };
    let Some(strongest) = LABELS.iter().max_by(|a, b| weight_of(a).total_cmp(&weight_of(b))) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for word in LABELS {
        let alone = weight::logistic(weight_of(word));
        let score = if word == strongest { score } else { alone };
        if score < super::SCORE_MIN {
            continue;
        }
        let spoken =
            signs.iter().filter(|seen| label(seen.sign) == word.raw && 0.0 < weight::of(seen.sign));
        let span = spoken.fold(None, |span: Option<(usize, usize)>, seen| {
            let (start, end) = span.unwrap_or((seen.start, seen.end));
            Some((start.min(seen.start), end.max(seen.end)))
        });
        if let Some((start, end)) = span.filter(|(start, end)| start < end) {
            findings.push(Finding { label: word.raw, score, start, end });
        }
    }
    findings
}
