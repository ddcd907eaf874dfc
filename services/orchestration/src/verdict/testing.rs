//! Detections in a few words, for the tests of the ledger, the plan and the verdict.

use proptest::prelude::*;
use taxonomy::Taxonomy;
use types::Route;

use super::{Decision, Mapping, decide};
use crate::{
    detector::{Detector, Kind, Registry},
    ledger::{Ledger, Outcome, Raw, settle},
    plan::{Plan, plan},
    policy::{ConflictResolution, ContentType, CoverageMethod, Direction, Policy, default_policy},
};

/// Labels that the findings of these tests can have.
const LABELS: [&str; 3] = ["PII.Contact.Email", "SECRET.Credential.APIKey", "HARM.SPEECH.Insult"];

/// One detection: a policy over the detectors `a`, `b`, … and what each call comes to.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) policy: Policy,
    pub(crate) registry: Registry,
    /// One per call, in the order of the plan. A finding's raw label is its canonical one.
    pub(crate) words: Vec<String>,
    pub(crate) text: String,
    pub(crate) deferred: bool,
}

/// A detector able to report `PII` and `SECRET` and what lies below.
pub(crate) fn detector(name: &str, kind: Kind, text_bytes_max: usize) -> Detector {
    let groups = ["PII", "PII.Contact", "SECRET", "SECRET.Credential"];
    Detector {
        name: name.to_owned(),
        kind,
        version: "1".to_owned(),
        labels: Default::default(),
        groups: groups.map(str::to_owned).into(),
        shared: true,
        revision: 0,
        text_bytes_max,
    }
}

impl Setting {
    /// Words are `clean`, `flagged:LABEL:score`, `timeout`, `shed`, `failed`, `unjudged`: one per detector.
    pub(crate) fn of<const N: usize>(words: [&str; N]) -> Setting {
        let names = ["a", "b", "c", "d"];
        let n_detectors = N.max(2);
        let detectors = names.iter().map(|name| detector(name, Kind::BuiltIn, 1000));
        let pushing = detector("pushing", Kind::Push, 0);
        Setting {
            policy: default_policy(names.into_iter().take(n_detectors)),
            registry: Registry::new(detectors.chain([pushing]), []),
            words: words.map(str::to_owned).into(),
            text: "some text".to_owned(),
            deferred: false,
        }
    }

    pub(crate) fn parts(&self) -> [&str; 1] {
        [&self.text]
    }

    pub(crate) fn plan(&self) -> Plan {
        plan(&self.policy, &self.registry, ContentType::Text, &self.parts())
    }

    pub(crate) fn outcomes(&self) -> Vec<(Outcome, f64)> {
        let outcome = |(word, own): (&String, std::ops::Range<usize>)| match word.as_str() {
            "clean" => Outcome::Judged(Vec::new()),
            "timeout" => Outcome::TimedOut,
            "shed" => Outcome::Shed,
            "failed" => Outcome::Failed("the detector failed"),
            "unjudged" => Outcome::Unjudged,
            flagged => {
                let mut fields = flagged.split(':').skip(1);
                let label = fields.next().unwrap().to_owned();
                let score = fields.next().unwrap().parse().unwrap();
                Outcome::Judged(vec![Raw { label, score, span: own.start..own.start + 1 }])
            }
        };
        let plan = self.plan();
        let owned = plan.calls().map(|(_, chunk)| chunk.own.clone());
        self.words.iter().zip(owned).map(outcome).map(|outcome| (outcome, 1.0)).collect()
    }

    pub(crate) fn ledger(&self) -> Ledger {
        settle(&self.plan(), self.outcomes())
    }

    pub(crate) fn decide(&self) -> Decision {
        let ledger = self.ledger();
        let map = |label: &str, confidence| Mapping {
            label: label.to_owned(),
            severity: Taxonomy::builtin().label(label).unwrap().severity(),
            confidence,
            route: Route::Rule,
        };
        let mappings: Vec<_> = ledger
            .found
            .iter()
            .map(|found| (!self.deferred).then(|| map(&found.raw.label, found.raw.score)))
            .collect();
        decide(&self.policy, &self.registry, Direction::Input, &ledger, &mappings)
    }

    /// The same with its detectors, and what they say, the other way round.
    pub(crate) fn reversed(&self) -> Setting {
        let plan = self.plan();
        let mut by_entry: Vec<(usize, String)> =
            plan.calls().map(|(check, _)| check.entry).zip(self.words.iter().cloned()).collect();
        by_entry.sort_by_key(|(entry, _)| std::cmp::Reverse(*entry));
        let mut reversed = self.clone();
        reversed.policy.detectors.reverse();
        reversed.words = by_entry.into_iter().map(|(_, word)| word).collect();
        reversed
    }
}

/// Any detection: up to four detectors, some unknown or pushing or for code only, over one to a few chunks.
pub(crate) fn setting() -> impl Strategy<Value = Setting> {
    let kind = prop_oneof![4 => Just("called"), 1 => Just("nobody"), 1 => Just("pushing"), 1 => Just("code")];
    let word = prop_oneof![
        4 => Just("clean".to_owned()),
        4 => (0..LABELS.len(), 1u32..=10).prop_map(|(label, score)| format!("flagged:{}:{}", LABELS[label], f64::from(score) / 10.0)),
        1 => Just("timeout".to_owned()),
        1 => Just("shed".to_owned()),
        1 => Just("failed".to_owned()),
        1 => Just("unjudged".to_owned()),
    ];
    let detectors = prop::collection::vec((kind, any::<bool>(), 0.0..1.0f64, 16usize..64), 1..=4);
    let method = prop_oneof![
        Just(CoverageMethod::RequiredSet),
        Just(CoverageMethod::Weighted),
        Just(CoverageMethod::Taxonomy)
    ];
    let resolution = prop_oneof![
        Just(ConflictResolution::HighestConfidence),
        Just(ConflictResolution::WeightedAverage),
        Just(ConflictResolution::MajorityVote),
        Just(ConflictResolution::MostRestrictive)
    ];
    (detectors, prop::collection::vec(word, 32), "[a-z ]{1,60}", method, resolution).prop_map(
        |(detectors, words, text, coverage_method, conflict_resolution)| {
            let names = ["a", "b", "c", "d"];
            let mut registered = Vec::new();
            let mut policy = default_policy(names.into_iter().take(detectors.len()));
            policy.coverage_method = coverage_method;
            policy.conflict_resolution = conflict_resolution;
            policy.required_groups = ["PII", "HARM.SPEECH"].map(str::to_owned).into();
            for (named, (kind, required, threshold, limit)) in
                policy.detectors.iter_mut().zip(detectors)
            {
                (named.required, named.threshold, named.weight) =
                    (required, threshold / 2.0, threshold);
                match kind {
                    "nobody" => continue,
                    "pushing" => registered.push(detector(&named.detector, Kind::Push, 0)),
                    _ => registered.push(detector(&named.detector, Kind::BuiltIn, limit)),
                }
                if kind == "code" {
                    named.content_types = vec![ContentType::Code];
                }
            }
            let registry = Registry::new(registered, []);
            let mut setting = Setting { policy, registry, words, text, deferred: false };
            let n_calls = setting.plan().calls().count();
            setting.words.truncate(n_calls);
            setting
        },
    )
}
