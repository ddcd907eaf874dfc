use std::collections::HashSet;

use time::macros::datetime;

use super::{plan::SPIKE, *};

const END: OffsetDateTime = datetime!(2026-11-21 10:00 UTC);

fn findings(generated: &Generated) -> impl Iterator<Item = &Finding> {
    generated.items.iter().filter_map(|item| match item {
        Item::Finding(finding) => Some(finding.as_ref()),
        Item::Run(_) => None,
    })
}

#[test]
fn the_same_seed_gives_the_same_stream() {
    let (one, two) = (generate(7, 2_000, END), generate(7, 2_000, END));
    assert_eq!(format!("{:?}", one.items), format!("{:?}", two.items));
    assert_eq!(one.truth, two.truth);
    assert_ne!(one.truth, generate(8, 2_000, END).truth);
}

#[test]
fn the_truth_adds_up() {
    let generated = generate(2026, 20_000, END);
    let Truth { sent, accepted, duplicates, malformed, refused, events, .. } = generated.truth;
    assert_eq!(sent, findings(&generated).count() as u64);
    assert_eq!(sent, accepted + duplicates + malformed + refused);
    assert_eq!(events, accepted + malformed);
    assert!([accepted, duplicates, malformed, refused].iter().all(|it| 0 < *it));
    for by in [
        &generated.truth.by_domain,
        &generated.truth.by_severity,
        &generated.truth.by_route,
        &generated.truth.by_detector,
    ] {
        assert_eq!(by.values().sum::<u64>(), events);
    }
    let ids: HashSet<_> = findings(&generated).map(|it| (&it.detector, &it.finding_id)).collect();
    assert_eq!(ids.len() as u64, sent - duplicates);
}

#[test]
fn at_least_twelve_real_detectors_speak_their_own_words() {
    let generated = generate(2026, 20_000, END);
    assert!(12 <= generated.truth.by_detector.len());
    assert!(!generated.truth.unknown_words.is_empty());
    for word in &generated.truth.unknown_words {
        let (detector, raw) = word.split_once('/').unwrap();
        assert!(Rules::builtin().lookup(detector, "", raw).is_none(), "{word}");
    }
}

#[test]
fn the_outage_is_silent_and_the_spike_is_loud() {
    let generated = generate(2026, 50_000, END);
    // 14 days before 10 o'clock, and on to midnight.
    let midnight = END.unix_timestamp() - i64::from(DAYS) * 86_400 + 14 * 3_600;
    let within = |hours: &plan::Hours, at: i64| {
        (hours.from..hours.to).contains(&(at - midnight).div_euclid(3_600))
    };

    let of = |hours: &'static plan::Hours| {
        findings(&generated)
            .filter(move |it| it.detector == hours.detector && within(hours, plan::sent_at(it)))
            .count()
    };
    assert_eq!(of(&OUTAGE), 0);
    let silent_runs = generated.items.iter().filter(|item| match item {
        Item::Run(run) => {
            run.detector == OUTAGE.detector
                && within(&OUTAGE, run.started_at.as_ref().unwrap().seconds)
        }
        Item::Finding(_) => false,
    });
    assert_eq!(silent_runs.count(), 0);
    let all = findings(&generated).filter(|it| it.detector == SPIKE.detector).count();
    assert!(all / 8 < of(&SPIKE), "three of 336 hours carry an eighth: {} of {all}", of(&SPIKE));
}
