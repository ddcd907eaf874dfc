//! Examples keep the rules they are made from.

use prost::Message as _;
use runtime::contract::Contract;

use super::world;

#[test]
fn an_example_of_every_rpc_is_valid() {
    let names = Contract::services(proto::DESCRIPTORS).unwrap();
    let mut contracts = vec![world::contract()];
    for name in &names {
        contracts.push(Contract::load(proto::DESCRIPTORS, &[name]).unwrap());
    }
    let mut n_rpcs = 0;
    for contract in &contracts {
        for rpc in contract.rpcs() {
            let bytes = contract.example(rpc).encode_to_vec();
            let violations = contract.violations(rpc.method.input().full_name(), &bytes);
            assert_eq!(violations, [], "{}", rpc.path);
            n_rpcs += 1;
        }
    }
    assert!(20 < n_rpcs, "{n_rpcs}");
}
