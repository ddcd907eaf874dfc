//! The defaults are whole, and what they leave out is asked for.

use expect_test::expect;

#[test]
fn without_a_database_the_key_is_named() {
    let err = runtime::config::load::<mapper::Config>("mapper", mapper::CONFIG_DEFAULTS, None);
    let chain = format!("{:#}", err.unwrap_err());
    expect!["invalid configuration of `mapper`: `database`: the key `url` is missing (from the defaults)"].assert_eq(&chain);
}

#[test]
fn a_threshold_above_one_is_refused() {
    let defaults = crate::world::defaults("").replace("threshold = 0.6", "threshold = 6.0");
    let err = runtime::config::load::<mapper::Config>("mapper", &defaults, None);
    let chain = format!("{:#}", err.unwrap_err());
    expect!["invalid configuration of `mapper`: `mapping.threshold`: confidence must be in 0..=1, got 6 (from the defaults)"].assert_eq(&chain);
}
