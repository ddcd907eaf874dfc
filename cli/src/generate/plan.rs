//! Who sends how much when, and in which words.

use proto::common::v1::Finding;
use taxonomy::{Label, Rules};
use time::{Duration, OffsetDateTime};
use types::Route;

/// How far back the findings reach.
pub(crate) const DAYS: u16 = 14;

/// The pushing detectors of the demo, by the name of their shipped vocabulary.
pub(crate) const DETECTORS: [&str; 14] = [
    "presidio",
    "llama-guard-3",
    "openai-moderation",
    "gitleaks",
    "azure-content-safety",
    "azure-prompt-shields",
    "perspective-api",
    "nvidia-nemo-guardrails",
    "llm-guard",
    "detect-secrets",
    "google-cloud-dlp",
    "amazon-bedrock-guardrails",
    "private-ai",
    "granite-guardian",
];

/// How much each of them sends, relative to the others.
const SHARES: [f64; 14] = [9.0, 6.0, 7.0, 3.0, 6.0, 3.0, 5.0, 4.0, 5.0, 2.0, 6.0, 5.0, 4.0, 3.0];

/// Some hours of one detector.
#[derive(Debug)]
pub(crate) struct Hours {
    pub detector: &'static str,
    /// Hours since the first midnight (UTC), half open, so that a working day is a working day whenever it is run.
    pub from: i64,
    pub to: i64,
}

/// `llm-guard` is down for thirty hours: neither findings nor run reports.
pub(crate) const OUTAGE: Hours = Hours { detector: "llm-guard", from: 8 * 24 + 2, to: 9 * 24 + 8 };

/// An injection campaign: `azure-prompt-shields` sends many times its usual for three hours.
pub(crate) const SPIKE: Hours =
    Hours { detector: "azure-prompt-shields", from: 11 * 24 + 13, to: 11 * 24 + 16 };

/// What the spike multiplies the detector's usual hour by.
const SPIKE_FACTOR: f64 = 60.0;

/// Words no vocabulary has and no alias covers, as new detector versions bring them.
const UNKNOWN_WORDS: [&str; 8] = [
    "crypto_drainer_lure",
    "ghost_persona_drift",
    "tier3_escalation_bait",
    "quishing_payload",
    "voice_clone_pretext",
    "agent_loop_runaway",
    "shadow_prompt_residue",
    "dark_pattern_consent",
];

/// One word a detector may say. Without a label: nobody knows it.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub raw: String,
    pub label: Option<Label>,
    pub route: Route,
}

/// The tables the drawing reads.
#[derive(Debug)]
pub(crate) struct Plan {
    start: i64,
    /// Hours from the start to the first midnight.
    midnight: i64,
    /// Running sums of the weights of every hour and detector, hour by hour.
    sums: Vec<f64>,
    detectors: Vec<Detector>,
}

#[derive(Debug)]
struct Detector {
    version: String,
    /// Most frequent first.
    words: Vec<Word>,
}

impl Plan {
    pub(crate) fn new(end: OffsetDateTime, rules: &Rules) -> Plan {
        let end = end.unix_timestamp() / 3_600 * 3_600;
        let start = end - Duration::days(i64::from(DAYS)).whole_seconds();
        let detectors = DETECTORS.iter().map(|name| Detector::new(name, rules)).collect();
        let mut plan = Plan {
            start,
            midnight: (-start).rem_euclid(86_400) / 3_600,
            sums: Vec::new(),
            detectors,
        };
        let mut sum = 0.0;
        for hour in 0..i64::from(DAYS) * 24 {
            for (detector, share) in SHARES.iter().enumerate() {
                let factor = if plan.covers(&SPIKE, detector, hour) { SPIKE_FACTOR } else { 1.0 };
                sum += share * rhythm(start + hour * 3_600) * factor;
                plan.sums.push(sum);
            }
        }
        plan
    }

    /// Whether `hours` speak of this detector and this hour, counted from the start.
    pub(crate) fn covers(&self, hours: &Hours, detector: usize, hour: i64) -> bool {
        DETECTORS[detector] == hours.detector
            && (hours.from..hours.to).contains(&(hour - self.midnight))
    }

    pub(crate) fn hour_start(&self, hour: i64) -> i64 {
        self.start + hour * 3_600
    }

    pub(crate) fn version(&self, detector: usize) -> &str {
        &self.detectors[detector].version
    }

    /// An hour and a detector; the second number only keeps ties apart.
    pub(crate) fn pick(&self, share: f64, _tie: f64) -> (i64, usize) {
        let total = self.sums.last().copied().unwrap_or_default();
        let slot = self.sums.partition_point(|sum| *sum <= share * total);
        let slot = slot.min(self.sums.len() - 1);
        // A slot is below 14 * 24 * 14 and so fits.
        ((slot / DETECTORS.len()) as i64, slot % DETECTORS.len())
    }

    /// A word by Zipf's law: the few common ones make up most of the traffic.
    pub(crate) fn word(&self, detector: usize, share: f64) -> Word {
        let words = &self.detectors[detector].words;
        let total: f64 = (1..=words.len()).map(|rank| 1.0 / rank as f64).sum();
        let mut left = share * total;
        for (rank, word) in (1..).zip(words) {
            left -= 1.0 / f64::from(rank);
            if left < 0.0 {
                return word.clone();
            }
        }
        words[words.len() - 1].clone()
    }

    pub(crate) fn unknown_word(&self, random: u32) -> Word {
        let raw = UNKNOWN_WORDS[random as usize % UNKNOWN_WORDS.len()].to_owned();
        Word { raw, label: None, route: Route::Fallback }
    }
}

impl Detector {
    fn new(name: &str, rules: &Rules) -> Detector {
        let vocabulary =
            rules.vocabulary(name, "").expect("a test holds every name against the shipped data");
        let version = vocabulary.versions().first().cloned().unwrap_or_default();
        let mut words: Vec<Word> = vocabulary
            .words()
            .iter()
            // A pushing detector reports what it finds, not that it found nothing.
            .filter(|word| word.label.name() != "OTHER.Safe")
            .map(|word| Word { raw: word.raw.clone(), label: Some(word.label), route: Route::Rule })
            .collect();
        // As the vendor lists them, the first ones are the common ones; words in another case stand for other senders.
        words.truncate(40);
        Detector { version, words }
    }
}

/// Traffic relative to the busiest hour of a weekday: quiet nights, a lunch dip, calm week-ends. UTC.
fn rhythm(at: i64) -> f64 {
    let hour = at.rem_euclid(86_400) / 3_600;
    let of_day = match hour {
        0..=5 => 0.15,
        6..=7 => 0.4,
        8..=11 => 1.0,
        12 => 0.8,
        13..=16 => 0.95,
        17..=20 => 0.5,
        _ => 0.25,
    };
    // 1970-01-01 was a Thursday: days 2 and 3 after it were the week-end.
    let weekend = matches!(at.div_euclid(86_400).rem_euclid(7), 2 | 3);
    if weekend { of_day * 0.45 } else { of_day }
}

/// Hours since 1970.
pub(crate) fn hour_of(at: i64) -> i64 {
    at.div_euclid(3_600)
}

/// When it was sent, in seconds since 1970: the id ends in it, because the time inside may be broken on purpose.
pub(crate) fn sent_at(finding: &Finding) -> i64 {
    finding.finding_id.rsplit('-').next().and_then(|it| it.parse().ok()).unwrap_or_default()
}
