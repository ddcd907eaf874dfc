//! Payment card numbers: issuer prefix, length by brand, customary grouping, Luhn.

use super::checksum;
use super::context::{Context, Kind};
use super::label::CREDIT_CARD;
use super::number::{Digits, Run};
use crate::{Finding, score};

/// Brands by prefix: (lowest and highest value of the first four digits, shortest and longest number, score alone).
/// Visa's 13 and 19 and the many lengths of Maestro are rare today, so they say less.
const BRANDS: &[(u32, u32, usize, usize, f32)] = &[
    (4000, 4999, 16, 16, score::CHECKED),
    (4000, 4999, 13, 13, score::SHAPE),
    (4000, 4999, 19, 19, score::SHAPE),
    (5100, 5599, 16, 16, score::CHECKED),
    (2221, 2720, 16, 16, score::CHECKED),
    (3400, 3499, 15, 15, score::CHECKED),
    (3700, 3799, 15, 15, score::CHECKED),
    (3000, 3059, 14, 14, score::CHECKED),
    (3600, 3699, 14, 14, score::CHECKED),
    (3800, 3999, 14, 14, score::CHECKED),
    (3095, 3095, 14, 14, score::CHECKED),
    (3528, 3589, 16, 19, score::CHECKED),
    // JCB's neighbours: issued by no one today, yet taken for JCB by much software.
    (3500, 3599, 16, 16, score::CHECKED_WEAK),
    (2131, 2131, 15, 15, score::CHECKED),
    (1800, 1800, 15, 15, score::CHECKED),
    (6011, 6011, 16, 19, score::CHECKED),
    (6440, 6599, 16, 19, score::CHECKED),
    (6200, 6299, 16, 19, score::CHECKED),
    (2200, 2204, 16, 19, score::CHECKED),
    (5000, 5099, 12, 19, score::CHECKED_WEAK),
    (5600, 5899, 12, 19, score::CHECKED_WEAK),
    (6000, 6999, 12, 19, score::CHECKED_WEAK),
];

const SHAPES: &[&[usize]] = &[
    &[4, 4, 4, 4, 3],
    &[4, 4, 4, 4],
    &[4, 6, 5],
    &[4, 6, 4],
    &[4, 4, 4, 3],
    &[4, 4, 4, 1],
    &[4, 4, 4],
];

pub(crate) fn card(run: &Run<'_>, context: &Context) -> Option<Finding> {
    if run.continues() {
        return None;
    }
    let (lengths, _) = run.shape();
    let n_groups = if (12..=19).contains(&lengths[0]) {
        1
    } else {
        SHAPES.iter().find(|shape| run.has_shape(shape) && run.is_even(shape.len()))?.len()
    };
    let decimal = n_groups == 1 && run.separator(0).is_some_and(|byte| byte != b' ');
    if decimal || run.goes_on(n_groups) {
        return None;
    }
    let digits = run.digits(n_groups)?;
    let alone = brand_score(&digits)?;
    if !checksum::luhn(digits.values()) {
        return None;
    }
    let score = match (context.says(Kind::Card), context.nearest_is(Kind::Impersonal)) {
        (true, _) => score::CHECKED_IN_CONTEXT,
        (false, false) => alone,
        (false, true) => alone.min(score::CHECKED_WEAK),
    };
    Some(Finding { label: CREDIT_CARD, score, start: digits.start, end: digits.end })
}

fn brand_score(digits: &Digits) -> Option<f32> {
    let n_digits = digits.values().len();
    let prefix = digits.number(0, 4);
    let brand = BRANDS.iter().find(|&&(low, high, min, max, _)| {
        (low..=high).contains(&prefix) && (min..=max).contains(&n_digits)
    })?;
    Some(brand.4)
}
