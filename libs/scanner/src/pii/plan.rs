//! The numbering plans of the world, as far as telling a telephone number from another number needs them.

/// One country code of E.164: shortest and longest national number, and the digits it may begin with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Country {
    code: &'static str,
    min: usize,
    max: usize,
    leads: &'static str,
}

const fn country(code: &'static str, min: usize, max: usize, leads: &'static str) -> Country {
    Country { code, min, max, leads }
}

const ANY: &str = "0123456789";
const NO_TRUNK: &str = "123456789";

#[rustfmt::skip]
const COUNTRIES: &[Country] = &[
    country("1", 10, 10, "23456789"), country("7", 10, 10, "3456789"),
    country("20", 8, 10, NO_TRUNK), country("27", 9, 9, NO_TRUNK), country("30", 10, 10, "2678"), country("31", 9, 11, NO_TRUNK),
    country("32", 8, 9, NO_TRUNK), country("33", 9, 9, NO_TRUNK), country("34", 9, 9, "6789"), country("36", 8, 9, NO_TRUNK),
    country("39", 6, 11, ANY), country("40", 9, 9, "237"), country("41", 9, 12, NO_TRUNK), country("43", 4, 13, NO_TRUNK),
    country("44", 9, 10, NO_TRUNK), country("45", 8, 8, "23456789"), country("46", 7, 10, NO_TRUNK), country("47", 8, 8, "23456789"),
    country("48", 9, 9, NO_TRUNK), country("49", 6, 13, NO_TRUNK), country("51", 8, 9, NO_TRUNK), country("52", 10, 10, NO_TRUNK),
    country("53", 6, 8, NO_TRUNK), country("54", 10, 11, NO_TRUNK), country("55", 10, 11, NO_TRUNK), country("56", 9, 9, NO_TRUNK),
    country("57", 10, 10, NO_TRUNK), country("58", 10, 10, NO_TRUNK), country("60", 8, 10, NO_TRUNK), country("61", 9, 9, NO_TRUNK),
    country("62", 7, 12, NO_TRUNK), country("63", 8, 10, NO_TRUNK), country("64", 8, 10, NO_TRUNK), country("65", 8, 8, "3689"),
    country("66", 8, 9, NO_TRUNK), country("81", 9, 10, NO_TRUNK), country("82", 8, 11, NO_TRUNK), country("84", 8, 10, NO_TRUNK),
    country("86", 9, 11, NO_TRUNK), country("90", 10, 10, "2345"), country("91", 10, 10, NO_TRUNK), country("92", 9, 10, NO_TRUNK),
    country("93", 9, 9, NO_TRUNK), country("94", 9, 9, NO_TRUNK), country("95", 7, 10, NO_TRUNK), country("98", 10, 10, NO_TRUNK),
    country("212", 9, 9, "5678"), country("213", 8, 9, NO_TRUNK), country("216", 8, 8, NO_TRUNK), country("233", 9, 9, NO_TRUNK),
    country("234", 8, 10, NO_TRUNK), country("254", 9, 9, NO_TRUNK), country("255", 9, 9, NO_TRUNK), country("256", 9, 9, NO_TRUNK),
    country("298", 6, 6, NO_TRUNK), country("351", 9, 9, "236789"), country("352", 4, 11, NO_TRUNK), country("353", 7, 9, NO_TRUNK),
    country("354", 7, 9, NO_TRUNK), country("356", 8, 8, NO_TRUNK), country("357", 8, 8, "2579"), country("358", 5, 11, NO_TRUNK),
    country("359", 7, 9, NO_TRUNK), country("370", 8, 8, NO_TRUNK), country("371", 8, 8, "26789"), country("372", 7, 8, NO_TRUNK),
    country("373", 8, 8, NO_TRUNK), country("375", 9, 9, NO_TRUNK), country("377", 8, 9, NO_TRUNK), country("380", 9, 9, NO_TRUNK),
    country("381", 8, 9, NO_TRUNK), country("385", 8, 9, NO_TRUNK), country("386", 8, 8, NO_TRUNK), country("387", 8, 8, NO_TRUNK),
    country("389", 8, 8, NO_TRUNK), country("420", 9, 9, NO_TRUNK), country("421", 9, 9, NO_TRUNK), country("423", 7, 9, NO_TRUNK),
    country("852", 8, 8, NO_TRUNK), country("853", 8, 8, NO_TRUNK), country("855", 8, 9, NO_TRUNK), country("880", 8, 10, NO_TRUNK),
    country("886", 8, 9, NO_TRUNK), country("961", 7, 8, NO_TRUNK), country("962", 8, 9, NO_TRUNK), country("965", 8, 8, NO_TRUNK),
    country("966", 9, 9, NO_TRUNK), country("971", 8, 9, NO_TRUNK), country("972", 8, 9, NO_TRUNK), country("974", 8, 8, NO_TRUNK),
    country("977", 8, 10, NO_TRUNK), country("994", 9, 9, NO_TRUNK), country("995", 9, 9, NO_TRUNK), country("998", 9, 9, NO_TRUNK),
];

/// Country codes that exist without an own line above: zones 2, 3, 4, 5, 6, 8 and 9 have codes of three digits there.
const OTHER_ZONES: &[&str] = &[
    "21", "22", "23", "24", "25", "26", "29", "35", "37", "38", "42", "50", "59", "67", "68", "69",
    "85", "88", "96", "97", "991", "992", "993", "996",
];

/// True when the digits (country code first, trunk zero already gone) are a number some country could have assigned.
pub(crate) fn is_international(digits: &str) -> bool {
    let known = COUNTRIES
        .iter()
        .filter(|country| digits.starts_with(country.code))
        .max_by_key(|country| country.code.len());
    if let Some(country) = known {
        let national = &digits[country.code.len()..];
        let assigned = national.chars().next().is_some_and(|lead| country.leads.contains(lead));
        return assigned && (country.min..=country.max).contains(&national.len());
    }
    OTHER_ZONES.iter().any(|zone| digits.starts_with(zone)) && (10..=14).contains(&digits.len())
}

/// True when a zero after the country code is a trunk prefix written by mistake or in parentheses, not part of the number.
pub(crate) fn drops_trunk(code_and_rest: &str) -> Option<usize> {
    if code_and_rest.starts_with("39") {
        return None;
    }
    let country = COUNTRIES
        .iter()
        .filter(|country| code_and_rest.starts_with(country.code))
        .max_by_key(|country| country.code.len())?;
    code_and_rest[country.code.len()..].starts_with('0').then_some(country.code.len())
}
