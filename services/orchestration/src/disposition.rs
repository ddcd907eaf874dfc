//! What became of a finding of a detection, as far as this service can know. Pure.
//!
//! It gives advice and does not stand in the data path, so what it knows is its own verdict: content it said to block
//! or redact is *contained*; what it let pass went into a prompt (*ingested*) or came out of a model (*exposed*). An
//! attack that it let pass stays *unknown*: whether it succeeded is what nobody here has seen. The same for a finding
//! whose label was not there in time.

use types::Disposition;

use crate::policy::{Action, Direction};

/// Label groups of attacks, which can succeed or fail; passing is not yet success.
const ATTACKS: [&str; 2] = ["JAILBREAK", "PROMPT_INJECTION"];

/// What became of a finding with `label` under the verdict `action`. Redacting masks what decided something: a finding
/// below its threshold is not masked.
pub fn disposition(
    action: Action,
    direction: Direction,
    label: Option<&str>,
    below_threshold: bool,
) -> Disposition {
    let contained = match action {
        Action::Block => true,
        Action::Redact => !below_threshold,
        Action::Flag | Action::Allow => false,
    };
    if contained {
        return Disposition::Contained;
    }
    let Some(label) = label else { return Disposition::Unknown };
    let group = label.split('.').next().unwrap_or(label);
    if ATTACKS.contains(&group) {
        return Disposition::Unknown;
    }
    match direction {
        Direction::Input => Disposition::Ingested,
        Direction::Output => Disposition::Exposed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMAIL: Option<&str> = Some("PII.Contact.Email");

    #[test]
    fn blocked_and_redacted_is_contained() {
        assert_eq!(
            disposition(Action::Block, Direction::Input, EMAIL, true),
            Disposition::Contained
        );
        assert_eq!(
            disposition(Action::Redact, Direction::Output, EMAIL, false),
            Disposition::Contained
        );
        assert_eq!(
            disposition(Action::Redact, Direction::Output, EMAIL, true),
            Disposition::Exposed
        );
    }

    #[test]
    fn what_passes_goes_where_the_content_goes() {
        assert_eq!(
            disposition(Action::Flag, Direction::Input, EMAIL, false),
            Disposition::Ingested
        );
        assert_eq!(
            disposition(Action::Allow, Direction::Output, EMAIL, false),
            Disposition::Exposed
        );
    }

    #[test]
    fn nobody_knows_whether_an_attack_succeeded() {
        for label in [Some("JAILBREAK.Attempt"), Some("PROMPT_INJECTION.Direct"), None] {
            assert_eq!(
                disposition(Action::Flag, Direction::Input, label, false),
                Disposition::Unknown
            );
        }
    }
}
