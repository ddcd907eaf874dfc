use proptest::prelude::*;

use super::*;

prop_compose! {
    fn event()(
        id: u128,
        tenant in 1u8..3,
        detector in 0u8..3,
        label in 0u8..3,
        route in 0usize..5,
        disposition in 0usize..5,
        confidence in 0.0..=1.0f64,
        occurred_at in 0i64..400_000,
    ) -> Event {
        let occurred_at = OffsetDateTime::from_unix_timestamp(occurred_at).unwrap();
        Event {
            id: Uuid::from_u128(id),
            tenant: format!("00000000-0000-0000-0000-00000000000{tenant}").parse().unwrap(),
            detector: format!("detector-{detector}"),
            label: format!("PII.Contact.{label}"),
            severity: Severity::Medium,
            route: Route::ALL[route],
            disposition: Disposition::ALL[disposition],
            confidence: confidence.try_into().unwrap(),
            occurred_at,
            received_at: occurred_at,
            versions: Versions::default(),
            trace_parent: None,
        }
    }
}

/// As the database merges batches.
fn merged(batches: &[&[Event]]) -> BTreeMap<TenantId, EventRollup> {
    let mut all: BTreeMap<TenantId, EventRollup> = BTreeMap::new();
    for batch in batches {
        for (tenant, rollup) in of_events(batch) {
            let into = all.entry(tenant).or_default();
            for (key, sum) in rollup.rows {
                into.rows.entry(key).or_default().merge(&sum);
            }
            for (key, events) in rollup.versions {
                *into.versions.entry(key).or_default() += events;
            }
            into.events += rollup.events;
            into.received_at = into.received_at.max(rollup.received_at);
        }
    }
    all
}

proptest! {
    #[test]
    fn the_order_of_events_does_not_matter(
        (events, shuffled) in prop::collection::vec(event(), 0..40)
            .prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle()))
    ) {
        prop_assert_eq!(of_events(&events), of_events(&shuffled));
    }

    #[test]
    fn the_split_into_batches_does_not_matter(
        events in prop::collection::vec(event(), 0..40),
        cut in 0usize..40,
    ) {
        let cut = cut.min(events.len());
        prop_assert_eq!(merged(&[&events[..cut], &events[cut..]]), of_events(&events));
    }

    #[test]
    fn every_width_counts_every_event_once(events in prop::collection::vec(event(), 0..40)) {
        for width in Width::ALL {
            let counted: u64 = of_events(&events)
                .values()
                .flat_map(|rollup| &rollup.rows)
                .filter(|(key, _)| key.width == width)
                .map(|(_, sum)| sum.events)
                .sum();
            prop_assert_eq!(counted, events.len() as u64);
        }
    }
}

#[test]
fn evidence_is_the_latest_few() {
    let evidence: Evidence = (1..=6).map(Uuid::from_u128).collect();
    let ids: Vec<u128> = evidence.latest_first().map(|id| id.as_u128()).collect();
    assert_eq!(ids, [6, 5, 4, 3]);
}

#[test]
fn the_time_of_receipt_is_in_the_id() {
    let id: Uuid = "0193453d-d800-7000-8000-000000000000".parse().unwrap();
    assert_eq!(received_at(id).unwrap().unix_timestamp(), 0x0193_453d_d800 / 1000);
    assert_eq!(received_at(Uuid::from_u128(7)), None);
}
