//! The kinds of evidence. Building blocks carry no weight of their own; the grammar combines them into what does.

/// One kind of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    // Building blocks.
    Override,
    Prior,
    Own,
    Instruction,
    Target,
    Reveal,
    Ask,
    Secret,
    Personal,
    Begin,
    Reply,
    OwnReply,
    Steer,
    Code,
    Lack,
    Norm,
    Fiction,
    OverridePrior,
    OwnInstruction,
    // Overriding instructions.
    InstructionOverride,
    LooseOverride,
    NewRules,
    Exclusive,
    // Extraction.
    PromptExtraction,
    PromptMention,
    SecretProbe,
    PersonalProbe,
    Exfiltration,
    // Forcing the answer.
    ForcedReply,
    AccessWords,
    Verbatim,
    SteeredReply,
    PlantedCode,
    ExfilCode,
    // Delimiters.
    TemplateToken,
    Fence,
    Mode,
    Authority,
    // Jailbreak.
    Persona,
    KnownJailbreak,
    StayInCharacter,
    FromNowOn,
    ActAs,
    Unrestricted,
    NoNorms,
    Vendor,
    NormWord,
    RefusalSuppression,
    Obedience,
    DualReply,
    Template,
    Hypothetical,
    Threat,
    Profanity,
    // Obfuscation.
    Encoded,
    EncodedAttack,
    Hidden,
    TagText,
    Splitting,
    Flood,
    Cipher,
}

pub(crate) const N_SIGNS: usize = Sign::Cipher as usize + 1;

impl Sign {
    #[rustfmt::skip]
    pub(crate) const ALL: [Sign; N_SIGNS] = [
        Sign::Override, Sign::Prior, Sign::Own, Sign::Instruction, Sign::Target, Sign::Reveal, Sign::Ask, Sign::Secret, Sign::Personal, Sign::Begin,
        Sign::Reply, Sign::OwnReply, Sign::Steer, Sign::Code, Sign::Lack, Sign::Norm, Sign::Fiction, Sign::OverridePrior,
        Sign::OwnInstruction, Sign::InstructionOverride, Sign::LooseOverride, Sign::NewRules, Sign::Exclusive, Sign::PromptExtraction,
        Sign::PromptMention, Sign::SecretProbe, Sign::PersonalProbe, Sign::Exfiltration, Sign::ForcedReply, Sign::AccessWords,
        Sign::Verbatim, Sign::SteeredReply, Sign::PlantedCode, Sign::ExfilCode, Sign::TemplateToken, Sign::Fence, Sign::Mode,
        Sign::Authority, Sign::Persona, Sign::KnownJailbreak, Sign::StayInCharacter, Sign::FromNowOn, Sign::ActAs, Sign::Unrestricted,
        Sign::NoNorms, Sign::Vendor, Sign::NormWord, Sign::RefusalSuppression, Sign::Obedience, Sign::DualReply, Sign::Template,
        Sign::Hypothetical, Sign::Threat, Sign::Profanity, Sign::Encoded, Sign::EncodedAttack, Sign::Hidden, Sign::TagText, Sign::Splitting,
        Sign::Flood, Sign::Cipher,
    ];
}

/// One piece of evidence and where it was seen, in bytes of the text as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) sign: Sign,
    pub(crate) start: usize,
    pub(crate) end: usize,
}
