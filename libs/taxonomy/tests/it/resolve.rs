//! Which controls a finding is evidence for. The expectations were read off the control data by hand.

use expect_test::{Expect, expect};
use proptest::prelude::*;
use taxonomy::{
    Context, Controls, Evidence, FactSet, Facts, Label, Missing, Relation, Taxonomy, Verification,
    regulatory_weights,
};
use time::{Date, macros::date};
use types::Disposition;

const TODAY: Date = date!(2026 - 11 - 21);

fn label(name: &str) -> Label {
    Taxonomy::builtin().label(name).unwrap()
}

fn facts(ids: &[&str]) -> FactSet {
    FactSet::parse(ids.iter().copied()).unwrap()
}

fn context(disposition: Disposition, facts: &FactSet) -> Context<'_> {
    Context { disposition, recurring: false, incident: false, on: TODAY, facts }
}

/// One line per framework: its controls, `!` for a violation indicator, `+` for a control at work.
fn show(evidence: &[Evidence<'_>]) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut framework = "";
    for it in evidence {
        if it.framework.id != framework {
            framework = &it.framework.id;
            lines.push(format!("{framework}:"));
        }
        let sign = match it.relation {
            Relation::ViolationIndicator => '!',
            Relation::ControlOperating => '+',
        };
        let readiness = if it.readiness { " (readiness)" } else { "" };
        *lines.last_mut().unwrap() += &format!(" {sign}{}{readiness}", it.control.id);
    }
    lines.join("\n")
}

fn check(name: &str, disposition: Disposition, ids: &[&str], expected: Expect) {
    let facts = facts(ids);
    let evidence = Controls::builtin().resolve(label(name), &context(disposition, &facts));
    expected.assert_eq(&show(&evidence));
}

#[test]
fn a_contained_name_shows_controls_at_work_only() {
    check(
        "PII.Person.Name",
        Disposition::Contained,
        &[],
        expect![[r#"
        soc2: +CC7.2
        iso27001: +A.8.12 +A.8.15 +A.8.16
        iso42001: +A.6.2.6 +A.6.2.8
        gdpr: +Art. 32(1)(d)
        nist-ai-rmf: +MEASURE 2.4 +MANAGE 4.1
        nist-800-53: +SI-15
        mitre-atlas: +AML.M0020
        nsm-ict: +3.2"#]],
    );
}

#[test]
fn an_exposed_name_indicates_violations() {
    check(
        "PII.Person.Name",
        Disposition::Exposed,
        &[],
        expect![[r#"
        soc2: !CC6.7 +CC7.2
        iso27001: !A.8.12 !A.8.11 !A.5.34 +A.8.15 +A.8.16
        iso42001: +A.6.2.6 +A.6.2.8
        gdpr: !Art. 5(1)(f) !Art. 32(1)(b) +Art. 32(1)(d)
        nist-ai-rmf: !MEASURE 2.10 +MEASURE 2.4 +MANAGE 4.1
        nist-ai-600-1: !2.4
        nist-800-53: !SI-15
        owasp-llm: !LLM02:2025
        mitre-atlas: !AML.T0057
        nsm-ict: +3.2"#]],
    );
}

#[test]
fn an_unknown_disposition_holds_for_any_only() {
    check(
        "PII.Person.Name",
        Disposition::Unknown,
        &[],
        expect![[r#"
        soc2: +CC7.2
        iso27001: +A.8.15 +A.8.16
        iso42001: +A.6.2.6 +A.6.2.8
        gdpr: +Art. 32(1)(d)
        nist-ai-rmf: +MEASURE 2.4 +MANAGE 4.1
        nsm-ict: +3.2"#]],
    );
}

#[test]
fn every_condition_of_a_row_must_hold() {
    let exposed = Disposition::Exposed;
    check(
        "PII.Person.Age",
        exposed,
        &["data-is-phi"],
        expect![[r#"
        soc2: !CC6.7 +CC7.2
        iso27001: !A.8.12 !A.8.11 !A.5.34 +A.8.15 +A.8.16
        iso42001: +A.6.2.6 +A.6.2.8
        hipaa: !164.502(a) +164.312(b) +164.308(a)(1)(ii)(D)
        gdpr: !Art. 5(1)(f) !Art. 32(1)(b) +Art. 32(1)(d)
        nist-ai-rmf: !MEASURE 2.10 +MEASURE 2.4 +MANAGE 4.1
        nist-ai-600-1: !2.4
        nist-800-53: !SI-15
        owasp-llm: !LLM02:2025
        mitre-atlas: !AML.T0057
        nsm-ict: +3.2"#]],
    );
    let all = ["data-is-phi", "data-declared-de-identified", "age-over-89"];
    check(
        "PII.Person.Age",
        exposed,
        &all,
        expect![[r#"
        soc2: !CC6.7 +CC7.2
        iso27001: !A.8.12 !A.8.11 !A.5.34 +A.8.15 +A.8.16
        iso42001: +A.6.2.6 +A.6.2.8
        hipaa: !164.502(a) +164.312(b) +164.308(a)(1)(ii)(D) !164.514(b)(2)(i)(C)
        gdpr: !Art. 5(1)(f) !Art. 32(1)(b) +Art. 32(1)(d)
        nist-ai-rmf: !MEASURE 2.10 +MEASURE 2.4 +MANAGE 4.1
        nist-ai-600-1: !2.4
        nist-800-53: !SI-15 !SI-19
        owasp-llm: !LLM02:2025
        mitre-atlas: !AML.T0057
        nsm-ict: +3.2"#]],
    );
}

#[test]
fn rows_of_a_child_lift_what_the_parent_calls_not_applicable() {
    let pci = |name| {
        let found = Controls::builtin().not_applicable(label(name));
        found.map(|(framework, _)| framework.id.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(pci("PII.Person.Name"), ["pci-dss"]);
    assert!(!pci("PII.Financial.CardData").contains(&"pci-dss"));
    let kept = ["card-security-code", "kept-after-authorisation"];
    check(
        "PII.Financial.CardData",
        Disposition::Ingested,
        &kept,
        expect![[r#"
        soc2: +CC7.2
        iso27001: +A.8.15 +A.8.16
        iso42001: +A.6.2.6 +A.6.2.8
        gdpr: !Art. 5(1)(c) !Art. 25(2) +Art. 32(1)(d)
        nist-ai-rmf: +MEASURE 2.4 +MANAGE 4.1
        nist-800-53: !SI-12(1) !PT-3
        pci-dss: !3.3.1.2 !12.5.2 +10.4.1.1
        nsm-ict: !1.1.6 +3.2"#]],
    );
}

#[test]
fn a_label_without_control_resolves_to_nothing() {
    for name in ["OTHER.Safe", "QUALITY.Text.Tone"] {
        assert!(Controls::builtin().group(label(name)).is_none());
        check(name, Disposition::Exposed, &[], expect![""]);
    }
}

#[test]
fn a_stored_label_of_the_superseded_version_resolves_like_the_one_read_in_its_place() {
    let facts = facts(&[]);
    let context = context(Disposition::Exposed, &facts);
    let controls = Controls::builtin();
    let stored = |name| controls.resolve_stored(name, &context).map(|it| show(&it));
    let now = show(&controls.resolve(label("HARM.SELFHARM.Suicide"), &context));
    assert_eq!(stored("HARM.VIOLENCE.Suicide"), Some(now));
    assert_eq!(stored("OTHER.LowQuality"), Some(String::new()));
    assert_eq!(stored("OTHER.Imaginary"), None);
}

#[test]
fn a_day_makes_a_ban_hold() {
    let facts = facts(&[]);
    let on = |on| {
        let context = Context { on, ..context(Disposition::Exposed, &facts) };
        let evidence = Controls::builtin().resolve(label("HARM.SEXUAL.Minors"), &context);
        evidence.iter().any(|it| it.control.id == "Art. 5(1)(bb)")
    };
    assert!(!on(date!(2026 - 12 - 01)));
    assert!(on(date!(2026 - 12 - 02)));
}

#[test]
fn what_a_row_lacks_is_named() {
    let facts = facts(&["data-is-phi"]);
    let context = context(Disposition::Contained, &facts);
    let considered = Controls::builtin().resolve_all(label("PII.Person.Age"), &context);
    let of_hipaa = considered.iter().filter(|it| it.evidence.framework.id == "hipaa");
    let lines = of_hipaa.map(|it| {
        let missing = it.missing.iter().map(|it| match it {
            Missing::When(when) => format!("when {}", when.as_str()),
            Missing::Condition(condition) => {
                let ids = Facts::builtin().deciding(condition).map(|it| it.id.as_str());
                format!("{} ({})", condition.text, ids.collect::<Vec<_>>().join(" or "))
            }
        });
        let missing = missing.collect::<Vec<_>>().join(", ");
        format!("{}: {missing}", it.evidence.control.id)
    });
    expect![[r#"
        164.502(a): when exposed
        164.312(b): 
        164.308(a)(1)(ii)(D): 
        164.514(b)(2)(i)(C): when exposed, data declared de-identified (data-declared-de-identified), age over 89 (age-over-89)"#]].assert_eq(&lines.collect::<Vec<_>>().join("\n"));
}

fn check_weights(name: &str, context: &Context<'_>, expected: Expect) {
    let evidence = Controls::builtin().resolve(label(name), context);
    let weights = regulatory_weights(&evidence);
    let lines: Vec<_> = weights.iter().map(|(it, weight)| format!("{it} {weight}")).collect();
    expected.assert_eq(&lines.join(", "));
}

#[test]
fn a_finding_weighs_once_per_framework() {
    let facts = facts(&["data-is-phi"]);
    let exposed = context(Disposition::Exposed, &facts);
    check_weights(
        "PII.Health.Details",
        &exposed,
        expect![
            "gdpr 0.9, hipaa 0.9, iso27001 0.4, mitre-atlas 0.2, nist-800-53 0.2, nist-ai-600-1 0.2, nist-ai-rmf 0.2, owasp-llm 0.2, soc2 0.4"
        ],
    );
    check_weights(
        "SECRET.Credential.APIKey",
        &exposed,
        expect![
            "iso27001 0.8, mitre-atlas 0.2, nist-800-53 0.2, nist-ai-600-1 0.2, nist-ai-rmf 0.2, nsm-ict 0.2, owasp-llm 0.2, soc2 0.8"
        ],
    );
    let confirmed = Context { incident: true, ..exposed };
    check_weights(
        "PII.Health.Details",
        &confirmed,
        expect![
            "gdpr 1, hipaa 1, iso27001 0.4, mitre-atlas 0.2, nist-800-53 0.2, nist-ai-600-1 0.2, nist-ai-rmf 0.2, owasp-llm 0.2, soc2 0.4"
        ],
    );
    let succeeded = context(Disposition::Succeeded, &facts);
    check_weights(
        "AGENT.Tool.Misuse",
        &succeeded,
        expect![
            "iso27001 0.8, iso42001 0.8, mitre-atlas 0.2, nist-800-53 0.2, nist-ai-600-1 0.2, nist-ai-rmf 0.2, nsm-ict 0.2, owasp-llm 0.2, soc2 0.8"
        ],
    );
    check_weights("OTHER.PolicyViolation", &exposed, expect!["iso42001 0.2"]);
}

#[test]
fn a_contained_finding_weighs_little() {
    let facts = facts(&["found-in-logs", "found-in-source-code", "found-in-system-prompt"]);
    let contained = context(Disposition::Contained, &facts);
    check_weights(
        "SECRET.Credential.APIKey",
        &contained,
        expect!["iso27001 0.2, mitre-atlas 0.2, nist-800-53 0.2, owasp-llm 0.2"],
    );
}

#[test]
fn a_duty_that_does_not_apply_yet_is_readiness() {
    let facts = facts(&["ai-act-high-risk"]);
    let weight = |on| {
        let context = Context { on, ..context(Disposition::Succeeded, &facts) };
        let evidence = Controls::builtin().resolve(label("JAILBREAK.Attempt"), &context);
        let found = evidence.iter().find(|it| it.control.id == "Art. 15(5)").unwrap();
        (found.readiness, found.weight)
    };
    assert_eq!(weight(TODAY), (true, 0.2));
    assert_eq!(weight(date!(2028 - 01 - 01)), (false, 0.6));
}

#[test]
fn a_weight_is_found_by_the_names_an_event_carries() {
    let facts = FactSet::default();
    let context = context(Disposition::Ingested, &facts);
    let controls = Controls::builtin();
    let weight =
        |framework, control, name| controls.weight(framework, control, label(name), &context);
    assert_eq!(weight("no-popplyl", "§ 12", "PII.Identifier.NorwegianID"), Some(0.9));
    assert_eq!(weight("pci-dss", "3.3.1.2", "PII.Financial.CardData"), Some(0.9));
    assert_eq!(weight("owasp-llm", "LLM02:2025", "PII.Other"), Some(0.2));
    assert_eq!(weight("gdpr", "Art. 999", "PII.Other"), None);
    assert_eq!(weight("moon", "Art. 1", "PII.Other"), None);
}

#[test]
fn a_control_is_cited_as_auditors_do() {
    let hipaa = Controls::builtin().frameworks().find("hipaa").unwrap();
    let control = hipaa.control("164.502(a)").unwrap();
    assert_eq!(hipaa.cite(control), "45 CFR 164.502(a)");
}

fn any_label() -> impl Strategy<Value = Label> {
    prop::sample::select(Taxonomy::builtin().labels())
}

fn any_facts() -> impl Strategy<Value = Vec<&'static str>> {
    let ids: Vec<_> = Facts::builtin().all().iter().map(|it| it.id.as_str()).collect();
    prop::sample::subsequence(ids.clone(), 0..=ids.len())
}

fn any_disposition() -> impl Strategy<Value = Disposition> {
    prop::sample::select(&Disposition::ALL[..])
}

proptest! {
    #[test]
    fn a_fact_more_never_takes_evidence_away(
        label in any_label(),
        disposition in any_disposition(),
        ids in any_facts(),
        more in any_facts(),
    ) {
        let few = facts(&ids);
        let many = few.union(&facts(&more));
        let controls = Controls::builtin();
        let less = controls.resolve(label, &context(disposition, &few));
        let more = controls.resolve(label, &context(disposition, &many));
        let has = |it: &Evidence<'_>| more.iter().any(|other| std::ptr::eq(it.why, other.why));
        prop_assert!(less.iter().all(has));
    }

    #[test]
    fn evidence_is_verified_and_weighs_at_most_as_its_kind_allows(
        label in any_label(),
        disposition in any_disposition(),
        ids in any_facts(),
    ) {
        let facts = facts(&ids);
        let context = context(disposition, &facts);
        let evidence = Controls::builtin().resolve(label, &context);
        for it in &evidence {
            prop_assert_ne!(it.verification(), Verification::Unverified);
            prop_assert!((0.0..=1.0).contains(&it.weight));
            let is_light = disposition == Disposition::Contained || it.readiness;
            prop_assert!(!is_light || it.weight <= 0.2);
            prop_assert!(it.relation == Relation::ViolationIndicator || it.weight == 0.0);
        }
        let all = Controls::builtin().resolve_all(label, &context);
        prop_assert_eq!(all.iter().filter(|it| it.holds()).count(), evidence.len());
    }
}
