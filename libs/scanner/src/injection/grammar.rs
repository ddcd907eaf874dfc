//! Phrases to signs, and signs that follow each other closely to stronger signs.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::lexicon;
use super::normal::Normal;
use super::sign::{N_SIGNS, Seen, Sign};
use super::tongue;

/// `first`, then `second` beginning at most `gap_max` bytes behind it, is `whole`.
#[derive(Debug)]
struct Rule {
    first: Sign,
    second: Sign,
    gap_max: usize,
    whole: Sign,
}

const fn rule(first: Sign, second: Sign, gap_max: usize, whole: Sign) -> Rule {
    Rule { first, second, gap_max, whole }
}

/// Read in order: a rule may use what an earlier one made.
const RULES: &[Rule] = &[
    rule(Sign::Override, Sign::Prior, 24, Sign::OverridePrior),
    rule(Sign::Prior, Sign::Instruction, 28, Sign::OwnInstruction),
    rule(Sign::Own, Sign::Instruction, 16, Sign::OwnInstruction),
    rule(Sign::Instruction, Sign::Given, 16, Sign::OwnInstruction),
    rule(Sign::Own, Sign::Reply, 12, Sign::OwnReply),
    rule(Sign::OverridePrior, Sign::Instruction, 40, Sign::InstructionOverride),
    rule(Sign::OverridePrior, Sign::Target, 32, Sign::InstructionOverride),
    rule(Sign::Override, Sign::OwnInstruction, 24, Sign::InstructionOverride),
    rule(Sign::Override, Sign::Instruction, 24, Sign::LooseOverride),
    rule(Sign::Reveal, Sign::OwnInstruction, 32, Sign::PromptExtraction),
    rule(Sign::Ask, Sign::OwnInstruction, 24, Sign::PromptExtraction),
    rule(Sign::Reveal, Sign::PromptMention, 32, Sign::PromptExtraction),
    rule(Sign::Ask, Sign::PromptMention, 24, Sign::PromptExtraction),
    rule(Sign::Reveal, Sign::Secret, 32, Sign::SecretProbe),
    rule(Sign::Ask, Sign::Secret, 16, Sign::SecretProbe),
    rule(Sign::Reveal, Sign::Personal, 40, Sign::PersonalProbe),
    rule(Sign::Begin, Sign::OwnReply, 24, Sign::ForcedReply),
    rule(Sign::Steer, Sign::OwnReply, 60, Sign::SteeredReply),
    rule(Sign::Steer, Sign::Code, 60, Sign::PlantedCode),
    rule(Sign::Code, Sign::OwnReply, 60, Sign::PlantedCode),
    rule(Sign::Lack, Sign::Norm, 40, Sign::NoNorms),
    rule(Sign::Override, Sign::Norm, 40, Sign::NoNorms),
    rule(Sign::Fiction, Sign::Secret, 200, Sign::Hypothetical),
    rule(Sign::Fiction, Sign::PersonalProbe, 200, Sign::Hypothetical),
    rule(Sign::LooseOverride, Sign::Prior, 16, Sign::InstructionOverride),
    rule(Sign::Override, Sign::Maker, 40, Sign::InstructionOverride),
    rule(Sign::Own, Sign::Bound, 16, Sign::OwnNorm),
    rule(Sign::Override, Sign::OwnNorm, 24, Sign::InstructionOverride),
    rule(Sign::OwnNorm, Sign::Voided, 40, Sign::InstructionOverride),
    rule(Sign::Without, Sign::Bound, 20, Sign::Unrestricted),
    rule(Sign::Override, Sign::Bound, 16, Sign::Unrestricted),
    rule(Sign::Machine, Sign::Unrestricted, 24, Sign::FreedMachine),
    rule(Sign::IAm, Sign::Rank, 24, Sign::Authority),
    rule(Sign::Override, Sign::Content, 16, Sign::ContentOverride),
    rule(Sign::ContentOverride, Sign::Say, 60, Sign::SwappedTask),
    rule(Sign::Instruction, Sign::Voided, 40, Sign::Revoked),
    rule(Sign::Norm, Sign::Voided, 40, Sign::Revoked),
    rule(Sign::Call, Sign::Machine, 14, Sign::Hail),
    rule(Sign::Machine, Sign::Reads, 16, Sign::Hail),
    rule(Sign::Machine, Sign::Must, 6, Sign::Hail),
    rule(Sign::Vocative, Sign::Act, 12, Sign::Hail),
    rule(Sign::Vocative, Sign::Override, 12, Sign::Hail),
    rule(Sign::Act, Sign::Loot, 60, Sign::Handover),
    rule(Sign::Handover, Sign::Address, 100, Sign::SentAway),
    rule(Sign::UserTurn, Sign::AssistantTurn, 240, Sign::Transcript),
    rule(Sign::Hiding, Sign::Hail, 160, Sign::HiddenOrder),
    rule(Sign::Hiding, Sign::AssistantTurn, 60, Sign::HiddenOrder),
    rule(Sign::Hiding, Sign::InstructionOverride, 160, Sign::HiddenOrder),
    rule(Sign::Hiding, Sign::LooseOverride, 160, Sign::HiddenOrder),
    rule(Sign::Hiding, Sign::ContentOverride, 160, Sign::HiddenOrder),
    rule(Sign::Hiding, Sign::Concealment, 160, Sign::HiddenOrder),
];

static PHRASES: LazyLock<Phrases> = LazyLock::new(Phrases::new);

/// All phrases of all languages, normalised like the text they are looked for in.
#[derive(Debug)]
struct Phrases {
    automaton: AhoCorasick,
    /// Per pattern: what it says, and whether a longer word may go on behind it.
    said: Vec<(Sign, bool)>,
}

impl Phrases {
    fn new() -> Phrases {
        let (mut patterns, mut said) = (Vec::new(), Vec::new());
        for &(sign, phrases) in lexicon::ENGLISH.iter().chain(tongue::OTHERS) {
            for phrase in phrases.split('|') {
                let phrase = phrase.trim();
                let open = phrase.ends_with('~');
                patterns.push(Normal::of(&phrase.trim_end_matches('~').replace('¦', "|")).text);
                said.push((sign, open));
            }
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(patterns)
            .expect("the phrases are few and constant");
        Phrases { automaton, said }
    }
}

/// The signs of one text, in order of their end, places as in the text as it came.
pub(crate) fn signs(normal: &Normal) -> Vec<Seen> {
    let bytes = normal.text.as_bytes();
    let mut signs = Vec::new();
    let mut last: [Option<Seen>; N_SIGNS] = [None; N_SIGNS];
    for found in PHRASES.automaton.find_overlapping_iter(&normal.text) {
        let (sign, open) = PHRASES.said[found.pattern().as_usize()];
        let (start, end) = (found.start(), found.end());
        let left = !is_letter(bytes[start]) || start == 0 || !is_letter(bytes[start - 1]);
        let right = open
            || !is_letter(bytes[end - 1])
            || !bytes.get(end).is_some_and(|&byte| is_letter(byte));
        if left && right {
            follow(Seen { sign, start, end }, &mut last, &mut signs);
        }
    }
    for seen in &mut signs {
        *seen = Seen {
            sign: seen.sign,
            start: normal.origin(seen.start),
            end: normal.origin(seen.end),
        };
    }
    signs
}

/// Notes a sign and what it completes.
fn follow(seen: Seen, last: &mut [Option<Seen>; N_SIGNS], signs: &mut Vec<Seen>) {
    signs.push(seen);
    let mut made = [Some(seen), None, None, None, None, None];
    let mut n_made = 1;
    for rule in RULES {
        let Some(second) = made.iter().flatten().find(|made| made.sign == rule.second).copied()
        else {
            continue;
        };
        let Some(first) = last[rule.first as usize] else { continue };
        if second.start < first.end || first.end + rule.gap_max < second.start {
            continue;
        }
        let whole = Seen { sign: rule.whole, start: first.start, end: second.end };
        signs.push(whole);
        if let Some(place) = made.get_mut(n_made) {
            *place = Some(whole);
            n_made += 1;
        }
    }
    for made in made.into_iter().flatten() {
        last[made.sign as usize] = Some(made);
    }
}

/// Scripts without spaces have no word ends; only ASCII words are bounded.
fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}
