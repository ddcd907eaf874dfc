//! A run of digit groups with single separators between them, as written: `4111 1111 1111 1111`, `1234.56.78903`.

use crate::chars;

pub(crate) const GROUPS_MAX: usize = 8;
pub(crate) const DIGITS_MAX: usize = 32;

/// The longest reading of a number; recognisers ask for its first groups.
#[derive(Debug)]
pub(crate) struct Run<'t> {
    text: &'t str,
    groups: [(usize, usize); GROUPS_MAX],
    n_groups: usize,
}

/// The first groups of a run, taken together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Digits {
    digits: [u8; DIGITS_MAX],
    n_digits: usize,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Digits {
    pub(crate) fn values(&self) -> &[u8] {
        &self.digits[..self.n_digits]
    }

    /// The number in `from..to` of the digits.
    pub(crate) fn number(&self, from: usize, to: usize) -> u32 {
        self.values()[from..to].iter().fold(0, |number, &digit| number * 10 + u32::from(digit))
    }
}

impl<'t> Run<'t> {
    /// The run that starts with the digit at `at`; none if more digits than any identifier has.
    pub(crate) fn parse(text: &'t str, at: usize) -> Option<Run<'t>> {
        let bytes = text.as_bytes();
        let mut run = Run { text, groups: [(0, 0); GROUPS_MAX], n_groups: 0 };
        let mut start = at;
        while run.n_groups < GROUPS_MAX {
            let end =
                start + chars::run(bytes, start, DIGITS_MAX + 1, |byte| byte.is_ascii_digit());
            if DIGITS_MAX < end - start {
                break;
            }
            // A group glued to letters is not part of the number before it.
            if !chars::ends_word(bytes, end) {
                break;
            }
            run.groups[run.n_groups] = (start, end);
            run.n_groups += 1;
            let gap = gap(bytes, end);
            if gap == 0 {
                break;
            }
            start = end + gap;
        }
        (0 < run.n_groups).then_some(run)
    }

    pub(crate) fn text(&self) -> &'t str {
        self.text
    }

    pub(crate) fn start(&self) -> usize {
        self.groups[0].0
    }

    pub(crate) fn end(&self) -> usize {
        self.groups[self.n_groups - 1].1
    }

    pub(crate) fn n_groups(&self) -> usize {
        self.n_groups
    }

    /// Lengths of the first groups.
    pub(crate) fn shape(&self) -> ([usize; GROUPS_MAX], usize) {
        (self.groups.map(|(start, end)| end - start), self.n_groups)
    }

    /// True when the first groups have these lengths.
    pub(crate) fn has_shape(&self, lengths: &[usize]) -> bool {
        let (shape, n_groups) = self.shape();
        lengths.len() <= n_groups && shape[..lengths.len()] == *lengths
    }

    /// The first byte between group `index` and the next.
    pub(crate) fn separator(&self, index: usize) -> Option<u8> {
        if self.n_groups <= index + 1 {
            return None;
        }
        self.text.as_bytes().get(self.groups[index].1).copied()
    }

    /// True when the first `n_groups` groups stand apart by the same byte.
    pub(crate) fn is_even(&self, n_groups: usize) -> bool {
        (1..n_groups.saturating_sub(1)).all(|index| self.separator(index) == self.separator(0))
    }

    /// The first `n_groups` groups as one number.
    pub(crate) fn digits(&self, n_groups: usize) -> Option<Digits> {
        if n_groups == 0 || self.n_groups < n_groups {
            return None;
        }
        let mut digits = [0; DIGITS_MAX];
        let mut n_digits = 0;
        for &(start, end) in &self.groups[..n_groups] {
            for byte in &self.text.as_bytes()[start..end] {
                *digits.get_mut(n_digits)? = byte - b'0';
                n_digits += 1;
            }
        }
        Some(Digits { digits, n_digits, start: self.start(), end: self.groups[n_groups - 1].1 })
    }

    /// True when a further group is glued on by the separator used so far: `1.2.3.4.5` is no `1.2.3.4`.
    pub(crate) fn goes_on(&self, n_groups: usize) -> bool {
        1 < n_groups
            && self
                .separator(n_groups - 1)
                .is_some_and(|next| next != b' ' && Some(next) == self.separator(0))
    }

    /// True when this run continues a number to its left: `12-34` seen from `34`.
    pub(crate) fn continues(&self) -> bool {
        let bytes = self.text.as_bytes();
        let glued = chars::before(bytes, self.start())
            .is_some_and(|byte| matches!(byte, b'-' | b'.' | b',' | b'/'));
        glued && self.start().checked_sub(2).is_some_and(|at| bytes[at].is_ascii_digit())
    }

    /// True for `1 2 3 4 5`: single digits, as in a table or a list; no identifier is written so but an IP address.
    pub(crate) fn is_scattered(&self) -> bool {
        let single = self.groups[..self.n_groups].iter().all(|(start, end)| end - start == 1);
        4 <= self.n_groups && single && self.separator(0) != Some(b'.')
    }

    /// True for `2024-05-17`, `17.05.2024`, `5/17/24` and the like.
    pub(crate) fn is_date(&self) -> bool {
        super::birth::date(self).is_some()
    }
}

/// Width of the separator at `at` if a digit follows it, else 0. A no-break space is two bytes.
fn gap(bytes: &[u8], at: usize) -> usize {
    let width = match bytes.get(at..) {
        Some([b' ' | b'-' | b'.' | b'/', ..]) => 1,
        Some([0xC2, 0xA0, ..]) => 2,
        _ => return 0,
    };
    if bytes.get(at + width).is_some_and(u8::is_ascii_digit) { width } else { 0 }
}
