//! What keeps a service from starting.

use expect_test::{Expect, expect};
use runtime::contract::Contract;

use super::world::{SERVICE, descriptors};

#[test]
fn a_complete_contract_is_read() {
    let contract = Contract::load(&descriptors(str::to_owned), &[SERVICE]).unwrap();
    let rpcs: Vec<String> = contract
        .rpcs()
        .map(|rpc| {
            let http: Vec<String> = rpc.http().collect();
            let (permission, idempotency, streaming) =
                (&rpc.permission, rpc.idempotency, rpc.streaming);
            format!("{} {permission} {idempotency:?} {streaming:?} {http:?}\n", rpc.name())
        })
        .collect();
    expect![[r#"
        EchoService.Check events:write Natural Unary ["POST /v1/checked"]
        EchoService.Listen findings:ingest Natural Client []
        EchoService.Repeat events:read Safe Server ["GET /v1/things:repeat"]
        EchoService.Say events:read Keyed Unary ["POST /v1/things", "GET /v1/things/{name}", "PUT /v1/things/{name}/inner/{inner.id}", "DELETE /v1/paths/{name}", "POST /v1/things/{name}:only"]
    "#]]
    .assert_eq(&rpcs.concat());
}

#[test]
fn an_rpc_without_a_permission_does_not_start() {
    check(
        ("option (llamamapper.common.v1.permission) = \"events:write\";", ""),
        expect!["`llamamapper.echo.v1.EchoService.Check` has no permission"],
    );
}

#[test]
fn a_permission_that_nobody_holds_does_not_start() {
    check(
        ("\"events:write\"", "\"events:rwite\""),
        expect![
            "`llamamapper.echo.v1.EchoService.Check` needs the permission `events:rwite`, which no role holds"
        ],
    );
}

#[test]
fn an_rpc_that_does_not_say_what_twice_means_does_not_start() {
    check(
        ("option (llamamapper.common.v1.idempotency) = IDEMPOTENCY_SAFE;", ""),
        expect![
            "`llamamapper.echo.v1.EchoService.Repeat` does not say what happens when it is repeated"
        ],
    );
}

#[test]
fn a_path_with_an_unknown_field_does_not_start() {
    check(
        ("/v1/things/{name}\"", "/v1/things/{nmae}\""),
        expect![
            "`llamamapper.echo.v1.EchoService.Say` cannot be reached over HTTP: there is no field `nmae`"
        ],
    );
}

#[test]
fn two_rpcs_on_one_path_do_not_start() {
    check(
        ("\"/v1/checked\"", "\"/v1/things\""),
        expect![
            "`/llamamapper.echo.v1.EchoService/Check` and `/llamamapper.echo.v1.EchoService/Say` answer the same HTTP requests"
        ],
    );
}

#[test]
fn a_rule_that_is_not_enforced_does_not_start() {
    for (rule, name) in [
        ("string.hostname = true", "string.hostname"),
        ("string.well_known_regex = KNOWN_REGEX_HTTP_HEADER_NAME", "string.well_known_regex"),
        ("cel = {id: \"x\", expression: \"true\"}", "cel"),
        ("string.pattern = \"(\"", "string.pattern"),
        ("int32.lte = 3", "int32, on a field of another type"),
    ] {
        let place = "llamamapper.echo.v1.Part.word";
        let expected = format!("`{place}` has the rule `{name}`, which is not enforced here");
        let change = |source: &str| {
            let at = source.rfind("[(buf.validate.field).string = {\n    min_len").unwrap();
            format!("{}[(buf.validate.field).{rule}];\n}}\n", &source[..at])
        };
        assert_eq!(error(change), expected);
    }
}

#[test]
fn limits_that_cross_do_not_start() {
    check(
        ("{gte: 0, lte: 1, finite: true}", "{gte: 1, lte: 0}"),
        expect![
            "`llamamapper.echo.v1.Checked.score` has the rule `double, a lower limit above the upper one`, which is not enforced here"
        ],
    );
}

#[test]
fn an_unknown_service_does_not_start() {
    let err = Contract::load(&descriptors(str::to_owned), &["no.Such"]).unwrap_err();
    expect!["the descriptors know no service `no.Such`"].assert_eq(&err.to_string());
}

#[test]
fn the_real_contract_starts() {
    let names = Contract::services(proto::DESCRIPTORS).unwrap();
    for name in &names {
        Contract::load(proto::DESCRIPTORS, &[name]).unwrap();
    }
    assert!(names.iter().any(|name| name.ends_with(".MappingService")), "{names:?}");
}

fn check((from, to): (&str, &str), expected: Expect) {
    expected.assert_eq(&error(|source| {
        assert!(source.contains(from));
        source.replacen(from, to, 1)
    }));
}

fn error(change: impl Fn(&str) -> String) -> String {
    Contract::load(&descriptors(change), &[SERVICE]).unwrap_err().to_string()
}
