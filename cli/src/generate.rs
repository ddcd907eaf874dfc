//! Findings as a company's detectors would push them, and what the mesh must answer for them.
//!
//! Pure: the same seed, size and end give the same findings. Words are drawn from the shipped vocabularies; the
//! [`Truth`] is counted while drawing, from the taxonomy alone, so that it owes nothing to the services it judges.

mod plan;
mod truth;

use std::collections::BTreeMap;

use proto::{
    common::v1::{Disposition, Finding, Span},
    orchestration::v1::RunReport,
};
use rand::{Rng as _, RngCore as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use taxonomy::{Rules, Taxonomy};
use time::{Duration, OffsetDateTime};

pub(crate) use plan::{DAYS, DETECTORS, OUTAGE};
pub(crate) use truth::{Fate, Truth};

use plan::{Plan, Word};

/// One thing on the stream, in the order of its time.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    Finding(Box<Finding>),
    Run(RunReport),
}

/// What is sent, and what must come of it.
#[derive(Debug)]
pub(crate) struct Generated {
    pub items: Vec<Item>,
    pub truth: Truth,
}

/// About one finding in this many is of the kind.
mod one_in {
    pub(super) const DUPLICATE: u32 = 100;
    pub(super) const MALFORMED: u32 = 200;
    pub(super) const REFUSED: u32 = 1_000;
    pub(super) const UNKNOWN_WORD: u32 = 60;
    pub(super) const UNSURE: u32 = 50;
    pub(super) const WITH_METADATA: u32 = 10;
}

/// A finding is mapped by its word's group below this score: the default of the domain rules.
const CONFIDENCE_THRESHOLD: f64 = 0.6;

/// Draws `count` findings over the [`DAYS`] days before `end`, and an hourly run report per detector.
pub(crate) fn generate(seed: u64, count: u32, end: OffsetDateTime) -> Generated {
    let plan = Plan::new(end, Rules::builtin());
    let mut draw = Draw {
        random: ChaCha8Rng::seed_from_u64(seed),
        plan: &plan,
        truth: Truth::default(),
        run: seed,
    };

    let mut slots: Vec<_> = (0..count).map(|_| draw.slot()).collect();
    slots.sort_unstable();
    let mut flagged: BTreeMap<(usize, i64), u64> = BTreeMap::new();
    let mut items = Vec::with_capacity(slots.len() + DAYS as usize * 24 * DETECTORS.len());
    let mut last: Option<(Finding, Fate)> = None;
    for (number, (at, detector)) in slots.into_iter().enumerate() {
        // A client that got no answer sends again: just what a duplicate looks like.
        if let Some((finding, Fate::Accepted)) = &last
            && draw.one_in(one_in::DUPLICATE)
        {
            draw.truth.count_duplicate();
            items.push(Item::Finding(Box::new(finding.clone())));
            continue;
        }
        let (finding, fate) = draw.finding(number, at, detector);
        if fate != Fate::Refused {
            *flagged.entry((detector, plan::hour_of(at))).or_default() += 1;
        }
        items.push(Item::Finding(Box::new(finding.clone())));
        last = Some((finding, fate));
    }

    items.extend(draw.runs(&flagged).into_iter().map(Item::Run));
    items.sort_by_key(Item::sent_at);
    Generated { items, truth: draw.truth }
}

impl Item {
    /// A run is reported when its hour is over; a finding at once. In seconds since 1970.
    fn sent_at(&self) -> i64 {
        match self {
            // The drawn moment, not the possibly broken time inside: kept in the id's place below.
            Item::Finding(finding) => plan::sent_at(finding),
            Item::Run(run) => run.ended_at.as_ref().map_or(0, |it| it.seconds),
        }
    }
}

struct Draw<'a> {
    random: ChaCha8Rng,
    plan: &'a Plan,
    truth: Truth,
    run: u64,
}

impl Draw<'_> {
    fn one_in(&mut self, n: u32) -> bool {
        self.random.random_ratio(1, n)
    }

    /// A moment by the rhythm of day and week, and a detector that was up then.
    fn slot(&mut self) -> (i64, usize) {
        loop {
            let (hour, detector) = self.plan.pick(self.random.random(), self.random.random());
            if !self.plan.covers(&OUTAGE, detector, hour) {
                return (self.plan.hour_start(hour) + self.random.random_range(0..3_600), detector);
            }
        }
    }

    fn finding(&mut self, number: usize, at: i64, detector: usize) -> (Finding, Fate) {
        let word = self.word(detector);
        let mut finding = Finding {
            finding_id: format!("{:x}-{number:07}-{at}", self.run),
            detector: DETECTORS[detector].to_owned(),
            detector_version: self.plan.version(detector).to_owned(),
            raw_label: word.raw.clone(),
            score: self.score(),
            span: self.span(),
            occurred_at: Some(prost_types::Timestamp {
                seconds: at,
                nanos: self.random.random_range(0..1_000) * 1_000_000,
            }),
            resource: format!("conversation-{:05}", self.random.random_range(0..20_000)),
            disposition: self.disposition().into(),
            metadata: self.metadata(),
            request_id: String::new(),
            trace_parent: String::new(),
        };
        let fate = if self.one_in(one_in::REFUSED) {
            self.spoil_identity(&mut finding);
            Fate::Refused
        } else if self.one_in(one_in::MALFORMED) {
            self.spoil_values(&mut finding);
            Fate::Malformed
        } else {
            Fate::Accepted
        };
        self.truth.count(&finding, fate, self.expected(&finding, fate, &word));
        (finding, fate)
    }

    fn word(&mut self, detector: usize) -> Word {
        if self.one_in(one_in::UNKNOWN_WORD) {
            return self.plan.unknown_word(self.random.next_u32());
        }
        self.plan.word(detector, self.random.random())
    }

    /// Detectors are mostly sure; a few are not.
    fn score(&mut self) -> f64 {
        let sure = self.random.random_range(CONFIDENCE_THRESHOLD..=1.0);
        let score =
            if self.one_in(one_in::UNSURE) { self.random.random_range(0.2..0.59) } else { sure };
        (score * 1_000.0_f64).round() / 1_000.0
    }

    fn span(&mut self) -> Option<Span> {
        let start = self.random.random_range(0..800);
        let length = self.random.random_range(1..60);
        self.random.random_bool(0.6).then_some(Span { start, end: start + length })
    }

    fn disposition(&mut self) -> Disposition {
        match self.random.random_range(0..100) {
            0..55 => Disposition::Contained,
            55..75 => Disposition::Ingested,
            75..85 => Disposition::Exposed,
            85..87 => Disposition::Succeeded,
            _ => Disposition::Unknown,
        }
    }

    /// Free text as detectors send it, now and then with personal data that must not be stored.
    fn metadata(&mut self) -> std::collections::HashMap<String, String> {
        if !self.one_in(one_in::WITH_METADATA) {
            return Default::default();
        }
        let note = match self.random.random_range(0..3) {
            0 => "reported by kari.nordmann@example.com".to_owned(),
            1 => format!("rule set {}", self.random.random_range(1..9)),
            _ => "second look asked for".to_owned(),
        };
        [("note".to_owned(), note)].into()
    }

    /// Makes it a finding that cannot be stored: no identity, unknown sender, or over a limit.
    fn spoil_identity(&mut self, finding: &mut Finding) {
        match self.random.random_range(0..3) {
            0 => finding.raw_label = "x".repeat(513),
            1 => finding.detector = "detector-nobody-registered".to_owned(),
            _ => {
                let metadata = "m".repeat(9 * 1024);
                finding.metadata = [("note".to_owned(), metadata)].into();
            }
        }
    }

    /// Makes its values senseless, so that it counts as `OTHER.ModelError`.
    fn spoil_values(&mut self, finding: &mut Finding) {
        match self.random.random_range(0..5) {
            0 => finding.score = f64::NAN,
            1 => finding.score = 1.7,
            2 => finding.occurred_at = None,
            3 => finding.span = Some(Span { start: 9, end: 3 }),
            _ => {
                if let Some(at) = &mut finding.occurred_at {
                    at.seconds += Duration::days(3_650).whole_seconds();
                }
            }
        }
    }

    /// The label the taxonomy asks for, and whether by fallback.
    fn expected(&self, finding: &Finding, fate: Fate, word: &Word) -> truth::Expected {
        let taxonomy = Taxonomy::builtin();
        let fallback = |label, unknown_word| truth::Expected {
            label,
            route: types::Route::Fallback,
            unknown_word,
        };
        match word.label {
            _ if fate != Fate::Accepted => fallback(taxonomy.model_error(), false),
            None => fallback(taxonomy.unknown(), true),
            Some(label) if finding.score < CONFIDENCE_THRESHOLD => {
                fallback(taxonomy.general(label.parent()).unwrap_or(taxonomy.unknown()), false)
            }
            Some(label) => truth::Expected { label, route: word.route, unknown_word: false },
        }
    }

    /// What each detector says it looked at, hour by hour; nothing while it was down.
    fn runs(&mut self, flagged: &BTreeMap<(usize, i64), u64>) -> Vec<RunReport> {
        let mut runs = Vec::new();
        for hour in 0..i64::from(DAYS) * 24 {
            for (detector, name) in DETECTORS.iter().enumerate() {
                if self.plan.covers(&OUTAGE, detector, hour) {
                    continue;
                }
                let start = self.plan.hour_start(hour);
                let flagged = flagged.get(&(detector, plan::hour_of(start))).copied().unwrap_or(0);
                let seconds = |seconds| Some(prost_types::Timestamp { seconds, nanos: 0 });
                runs.push(RunReport {
                    run_id: format!("{:x}-{name}-{start}", self.run),
                    detector: (*name).to_owned(),
                    detector_version: self.plan.version(detector).to_owned(),
                    started_at: seconds(start),
                    ended_at: seconds(start + 3_600),
                    looked_at: flagged * 12 + self.random.random_range(0..40),
                    flagged,
                    failed: u64::from(self.one_in(40)),
                });
            }
        }
        self.truth.runs = runs.len() as u64;
        runs
    }
}

#[cfg(test)]
mod tests;
