//! The OpenAPI document keeps the rules of OpenAPI, and says what is enforced.

use std::collections::BTreeSet;

use expect_test::expect;
use runtime::contract::Contract;
use serde_json::Value;

use super::world;

#[test]
fn the_document_of_every_service_holds_together() {
    let names = Contract::services(proto::DESCRIPTORS).unwrap();
    let mut documents = vec![document(&world::contract())];
    for name in &names {
        documents.push(document(&Contract::load(proto::DESCRIPTORS, &[name]).unwrap()));
    }
    for document in &documents {
        every_reference_resolves(document);
        every_operation_has_its_own_name(document);
        every_path_parameter_is_declared(document);
    }
}

#[test]
fn an_operation_says_what_the_proto_says() {
    let document = document(&world::contract());
    let say = &document["paths"]["/v1/things"]["post"];
    expect!["EchoService_Say"].assert_eq(say["operationId"].as_str().unwrap());
    expect!["Says a thing"].assert_eq(say["summary"].as_str().unwrap());
    expect!["events:read"].assert_eq(say["x-permission"].as_str().unwrap());
    assert_eq!(say["parameters"][0]["name"], "idempotency-key");
    let get = &document["paths"]["/v1/things/{name}"]["get"];
    expect!["EchoService_Say_2"].assert_eq(get["operationId"].as_str().unwrap());
    let parameters: Vec<&str> = get["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    expect!["name inner.id inner.size tags count color since every loud raw idempotency-key"]
        .assert_eq(&parameters.join(" "));
}

#[test]
fn a_schema_has_the_limits() {
    let document = document(&world::contract());
    let checked = &document["components"]["schemas"]["llamamapper.echo.v1.Checked"];
    let of = |field: &str| checked["properties"][field].to_string();
    expect![[r#"{"maxLength":3,"type":"string"}"#]].assert_eq(&of("text"));
    expect![[r#"{"pattern":"^[a-z]{2}-[0-9]+$","type":"string"}"#]].assert_eq(&of("code"));
    expect![[r#"{"maximum":1.0,"minimum":0.0,"type":"number"}"#]].assert_eq(&of("score"));
    expect![[r#"{"items":{"enum":["a","b"],"type":"string"},"maxItems":2,"type":"array","uniqueItems":true}"#]]
        .assert_eq(&of("roles"));
    expect![[r##"{"$ref":"#/components/schemas/llamamapper.echo.v1.Color"}"##]]
        .assert_eq(&of("color"));
    expect![[r#"["part"]"#]].assert_eq(&checked["required"].to_string());
}

fn document(contract: &Contract) -> Value {
    serde_json::from_str(contract.openapi()).unwrap()
}

fn every_reference_resolves(document: &Value) {
    for (name, reference) in strings(document) {
        if name != "$ref" {
            continue;
        }
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some_and(|it| !it.is_null()), "{reference}");
    }
}

fn every_operation_has_its_own_name(document: &Value) {
    let ids: Vec<String> = strings(document)
        .into_iter()
        .filter(|(name, _)| name == "operationId")
        .map(|(_, id)| id)
        .collect();
    let unique: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(ids.len(), unique.len(), "{ids:?}");
}

fn every_path_parameter_is_declared(document: &Value) {
    for (path, operations) in document["paths"].as_object().unwrap() {
        let in_path: BTreeSet<&str> =
            path.split('{').skip(1).map(|it| it.split('}').next().unwrap()).collect();
        for operation in operations.as_object().unwrap().values() {
            let declared: BTreeSet<&str> = operation["parameters"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|it| it["in"] == "path" && it["required"] == true)
                .map(|it| it["name"].as_str().unwrap())
                .collect();
            assert_eq!(in_path, declared, "{path}");
            let all: Vec<String> = operation["parameters"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["name"].to_string() + &it["in"].to_string())
                .collect();
            assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len(), "{path}");
        }
    }
}

/// All strings of a document with the names they stand under.
fn strings(value: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        match value.as_str() {
            Some(text) => found.push((name.clone(), text.to_owned())),
            None => found.extend(strings(value)),
        }
    }
    found.extend(value.as_array().into_iter().flatten().flat_map(strings));
    found
}
