//! Check digits that several numbers share.

/// The sum of the first digits, each times its weight.
pub(crate) fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(&digit, &weight)| u32::from(digit) * weight).sum()
}

/// ISO/IEC 7812: every second digit from the right doubled, the sum of all digits a multiple of ten.
pub(crate) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, &digit)| match (index % 2, u32::from(digit) * 2) {
            (0, _) => u32::from(digit),
            (_, doubled @ 10..) => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Verhoeff: products in the dihedral group of ten elements, each digit permuted by its place from the right.
pub(crate) fn verhoeff(digits: &[u8]) -> bool {
    const PERMUTATION: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let mut product = 0;
    for (index, &digit) in digits.iter().rev().enumerate() {
        let permuted = (0..index % 8).fold(digit, |digit, _| PERMUTATION[usize::from(digit)]);
        product = dihedral(product, permuted);
    }
    product == 0
}

/// The product of two symmetries of a pentagon: 0 to 4 are turns, 5 to 9 reflections.
fn dihedral(left: u8, right: u8) -> u8 {
    match (left < 5, right < 5) {
        (true, true) => (left + right) % 5,
        (true, false) => 5 + (left + right - 5) % 5,
        (false, true) => 5 + (left + 5 - right) % 5,
        (false, false) => (left + 5 - right) % 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_changed_digit_breaks_every_check() {
        for (valid, holds) in [
            (&[2, 3, 6, 3][..], verhoeff as fn(&[u8]) -> bool),
            (&[7, 9, 9, 2, 7, 3, 9, 8, 7, 1, 3], luhn),
        ] {
            assert!(holds(valid));
            for index in 0..valid.len() {
                let mut changed = valid.to_vec();
                changed[index] = (changed[index] + 1) % 10;
                assert!(!holds(&changed), "{changed:?}");
            }
        }
    }
}
