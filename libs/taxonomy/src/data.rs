//! The shipped texts, embedded in the binary.

use crate::{catalogue::Sources, yaml::Source};

const DETECTORS: [Source<'static>; 49] = [
    source(
        "detectors/amazon-bedrock-guardrails.yaml",
        include_str!("../data/detectors/amazon-bedrock-guardrails.yaml"),
    ),
    source(
        "detectors/anthropic-claude-safety.yaml",
        include_str!("../data/detectors/anthropic-claude-safety.yaml"),
    ),
    source("detectors/aws-comprehend.yaml", include_str!("../data/detectors/aws-comprehend.yaml")),
    source(
        "detectors/aws-glue-sensitive-data.yaml",
        include_str!("../data/detectors/aws-glue-sensitive-data.yaml"),
    ),
    source(
        "detectors/azure-content-safety.yaml",
        include_str!("../data/detectors/azure-content-safety.yaml"),
    ),
    source(
        "detectors/azure-prompt-shields.yaml",
        include_str!("../data/detectors/azure-prompt-shields.yaml"),
    ),
    source("detectors/beavertails.yaml", include_str!("../data/detectors/beavertails.yaml")),
    source(
        "detectors/builtin-injection.yaml",
        include_str!("../data/detectors/builtin-injection.yaml"),
    ),
    source("detectors/builtin-pii.yaml", include_str!("../data/detectors/builtin-pii.yaml")),
    source(
        "detectors/builtin-secrets.yaml",
        include_str!("../data/detectors/builtin-secrets.yaml"),
    ),
    source(
        "detectors/deberta-toxicity.yaml",
        include_str!("../data/detectors/deberta-toxicity.yaml"),
    ),
    source("detectors/deepteam.yaml", include_str!("../data/detectors/deepteam.yaml")),
    source("detectors/detect-secrets.yaml", include_str!("../data/detectors/detect-secrets.yaml")),
    source(
        "detectors/detoxify-hatebert.yaml",
        include_str!("../data/detectors/detoxify-hatebert.yaml"),
    ),
    source(
        "detectors/gcp-moderate-text.yaml",
        include_str!("../data/detectors/gcp-moderate-text.yaml"),
    ),
    source("detectors/gitleaks.yaml", include_str!("../data/detectors/gitleaks.yaml")),
    source(
        "detectors/google-cloud-dlp.yaml",
        include_str!("../data/detectors/google-cloud-dlp.yaml"),
    ),
    source(
        "detectors/google-model-armor.yaml",
        include_str!("../data/detectors/google-model-armor.yaml"),
    ),
    source(
        "detectors/granite-guardian.yaml",
        include_str!("../data/detectors/granite-guardian.yaml"),
    ),
    source("detectors/guardrails-ai.yaml", include_str!("../data/detectors/guardrails-ai.yaml")),
    source(
        "detectors/huggingface-transformers.yaml",
        include_str!("../data/detectors/huggingface-transformers.yaml"),
    ),
    source(
        "detectors/litellm-content-filter.yaml",
        include_str!("../data/detectors/litellm-content-filter.yaml"),
    ),
    source("detectors/llama-guard.yaml", include_str!("../data/detectors/llama-guard.yaml")),
    source("detectors/llama-guard-1.yaml", include_str!("../data/detectors/llama-guard-1.yaml")),
    source("detectors/llama-guard-2.yaml", include_str!("../data/detectors/llama-guard-2.yaml")),
    source("detectors/llama-guard-3.yaml", include_str!("../data/detectors/llama-guard-3.yaml")),
    source("detectors/llama-guard-4.yaml", include_str!("../data/detectors/llama-guard-4.yaml")),
    source("detectors/llamafirewall.yaml", include_str!("../data/detectors/llamafirewall.yaml")),
    source("detectors/llm-guard.yaml", include_str!("../data/detectors/llm-guard.yaml")),
    source(
        "detectors/mlcommons-ailuminate.yaml",
        include_str!("../data/detectors/mlcommons-ailuminate.yaml"),
    ),
    source("detectors/nightfall.yaml", include_str!("../data/detectors/nightfall.yaml")),
    source(
        "detectors/norwegian-recognizers.yaml",
        include_str!("../data/detectors/norwegian-recognizers.yaml"),
    ),
    source(
        "detectors/nvidia-nemo-guardrails.yaml",
        include_str!("../data/detectors/nvidia-nemo-guardrails.yaml"),
    ),
    source(
        "detectors/openai-guardrails.yaml",
        include_str!("../data/detectors/openai-guardrails.yaml"),
    ),
    source(
        "detectors/openai-moderation.yaml",
        include_str!("../data/detectors/openai-moderation.yaml"),
    ),
    source(
        "detectors/perspective-api.yaml",
        include_str!("../data/detectors/perspective-api.yaml"),
    ),
    source("detectors/piiranha.yaml", include_str!("../data/detectors/piiranha.yaml")),
    source("detectors/presidio.yaml", include_str!("../data/detectors/presidio.yaml")),
    source("detectors/private-ai.yaml", include_str!("../data/detectors/private-ai.yaml")),
    source("detectors/prompt-guard-1.yaml", include_str!("../data/detectors/prompt-guard-1.yaml")),
    source("detectors/prompt-guard-2.yaml", include_str!("../data/detectors/prompt-guard-2.yaml")),
    source("detectors/rebuff.yaml", include_str!("../data/detectors/rebuff.yaml")),
    source("detectors/regex-pii.yaml", include_str!("../data/detectors/regex-pii.yaml")),
    source("detectors/shieldgemma.yaml", include_str!("../data/detectors/shieldgemma.yaml")),
    source("detectors/sightengine.yaml", include_str!("../data/detectors/sightengine.yaml")),
    source("detectors/spacy-ner.yaml", include_str!("../data/detectors/spacy-ner.yaml")),
    source(
        "detectors/vertex-gemini-safety.yaml",
        include_str!("../data/detectors/vertex-gemini-safety.yaml"),
    ),
    source("detectors/vigil.yaml", include_str!("../data/detectors/vigil.yaml")),
    source("detectors/wildguard.yaml", include_str!("../data/detectors/wildguard.yaml")),
];

/// The texts of the catalogue that [`crate::builtin`] loads.
pub fn sources() -> Sources<'static> {
    Sources {
        taxonomy: source("taxonomy-2026.11.yaml", include_str!("../data/taxonomy-2026.11.yaml")),
        general_labels: source("general-labels.yaml", include_str!("../data/general-labels.yaml")),
        migration: source(
            "migration-2025.09-to-2026.11.yaml",
            include_str!("../data/migration-2025.09-to-2026.11.yaml"),
        ),
        frameworks: source("frameworks.yaml", include_str!("../data/frameworks.yaml")),
        label_controls: source("label-controls.yaml", include_str!("../data/label-controls.yaml")),
        facts: source("facts.yaml", include_str!("../data/facts.yaml")),
        weights: source("weights.yaml", include_str!("../data/weights.yaml")),
        detectors: DETECTORS.to_vec(),
    }
}

const fn source(file: &'static str, text: &'static str) -> Source<'static> {
    Source { file, text }
}
