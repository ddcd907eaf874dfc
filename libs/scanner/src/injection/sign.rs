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
    Call,
    Machine,
    Reads,
    Hiding,
    Content,
    Say,
    Voided,
    Act,
    Loot,
    Handover,
    Address,
    UserTurn,
    AssistantTurn,
    Backwards,
    Rotated,
    Without,
    Bound,
    Maker,
    Given,
    IAm,
    Rank,
    Must,
    Vocative,
    OwnNorm,
    // Overriding instructions.
    InstructionOverride,
    LooseOverride,
    ContentOverride,
    SwappedTask,
    Revoked,
    NewRules,
    Exclusive,
    // Extraction.
    PromptExtraction,
    PromptMention,
    SecretProbe,
    PersonalProbe,
    Exfiltration,
    SentAway,
    ToolAbuse,
    // Speaking to the machine instead of the reader.
    Hail,
    Concealment,
    HiddenOrder,
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
    Transcript,
    Mode,
    Authority,
    // Jailbreak.
    Persona,
    KnownJailbreak,
    StayInCharacter,
    FromNowOn,
    ActAs,
    Unrestricted,
    FreedMachine,
    NoNorms,
    Vendor,
    NormWord,
    RefusalSuppression,
    Obedience,
    DualReply,
    Template,
    Hypothetical,
    Threat,
    Coaxing,
    Profanity,
    // Obfuscation.
    Encoded,
    EncodedAttack,
    Hidden,
    TagText,
    Splitting,
    Flood,
    ObeyText,
    Cipher,
}

pub(crate) const N_SIGNS: usize = Sign::Cipher as usize + 1;

impl Sign {
    #[rustfmt::skip]
    pub(crate) const ALL: [Sign; N_SIGNS] = [
        Sign::Override, Sign::Prior, Sign::Own, Sign::Instruction, Sign::Target, Sign::Reveal, Sign::Ask, Sign::Secret, Sign::Personal, Sign::Begin,
        Sign::Reply, Sign::OwnReply, Sign::Steer, Sign::Code, Sign::Lack, Sign::Norm, Sign::Fiction, Sign::OverridePrior, Sign::OwnInstruction,
        Sign::Call, Sign::Machine, Sign::Reads, Sign::Hiding, Sign::Content, Sign::Say, Sign::Voided, Sign::Act, Sign::Loot, Sign::Handover,
        Sign::Address, Sign::UserTurn, Sign::AssistantTurn, Sign::Backwards, Sign::Rotated, Sign::Without, Sign::Bound, Sign::Maker, Sign::Given,
        Sign::IAm, Sign::Rank, Sign::Must, Sign::Vocative, Sign::OwnNorm, Sign::InstructionOverride, Sign::LooseOverride, Sign::ContentOverride,
        Sign::SwappedTask, Sign::Revoked, Sign::NewRules, Sign::Exclusive, Sign::PromptExtraction, Sign::PromptMention, Sign::SecretProbe,
        Sign::PersonalProbe, Sign::Exfiltration, Sign::SentAway, Sign::ToolAbuse, Sign::Hail, Sign::Concealment, Sign::HiddenOrder, Sign::ForcedReply,
        Sign::AccessWords, Sign::Verbatim, Sign::SteeredReply, Sign::PlantedCode, Sign::ExfilCode, Sign::TemplateToken, Sign::Fence, Sign::Transcript,
        Sign::Mode, Sign::Authority, Sign::Persona, Sign::KnownJailbreak, Sign::StayInCharacter, Sign::FromNowOn, Sign::ActAs, Sign::Unrestricted, Sign::FreedMachine,
        Sign::NoNorms, Sign::Vendor, Sign::NormWord, Sign::RefusalSuppression, Sign::Obedience, Sign::DualReply, Sign::Template, Sign::Hypothetical,
        Sign::Threat, Sign::Coaxing, Sign::Profanity, Sign::Encoded, Sign::EncodedAttack, Sign::Hidden, Sign::TagText, Sign::Splitting, Sign::Flood,
        Sign::ObeyText, Sign::Cipher,
    ];
}

/// One piece of evidence and where it was seen, in bytes of the text as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) sign: Sign,
    pub(crate) start: usize,
    pub(crate) end: usize,
}
