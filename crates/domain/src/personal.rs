//! What looks like personal data where none may stand (domain.md section 4): a 公民身份号码 or the number of a mobile phone.
//!
//! Promises: one pass, nothing is copied; whoever asks is told what it looks like, never what it says.
//! Left to others: which fields are asked about ([`crate::personal::Field`] is a matter of the contract).
//!
//! Looked for is a run of digits of exactly the right length, for in a longer one it would be an accident: a 办件编号 may be fifty
//! digits. Numbers that are cut into pieces, written with other digits than 0 to 9, or of fifteen digits (before 1999, without a
//! check) are not found. This catches the form that was filled in wrongly, not whoever wants to get something past it.

use jiff::civil::Date;

/// Personal data, as it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looks {
    /// 公民身份号码 (GB 11643).
    IdentityNumber,
    /// 手机号码.
    MobilePhone,
}

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The number of a thing that its system gave it: a case, a notice, an item. Eleven digits are as good as any there, and region,
    /// date and serial number make eighteen that may pass the check.
    Number,
    /// Anything else.
    Other,
}

/// Years before an event from which on the date in a number may be that of a thing. The owner of an identity number is hardly ever
/// younger.
const YEARS_OF_THINGS: i16 = 16;
/// Digits of a mobile phone's number, and the prefixes of the country that may stand before it.
const PHONE_LEN: usize = 11;
const COUNTRY: [&[u8]; 3] = [b"", b"86", b"0086"];
/// The first two digits of an identity number: a province, or 91 of a foreigner's permanent residence.
const PROVINCES: [(u8, u8); 9] = [(11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83), (91, 91)];
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS: &[u8; 11] = b"10X98765432";

impl Looks {
    /// What it is, in words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::IdentityNumber => "an identity number (公民身份号码)",
            Self::MobilePhone => "a mobile phone number (手机号码)",
        }
    }
}

/// What a text of an event of a day holds that may not stand in such a field; the first of it.
pub fn held(text: &[u8], field: Field, on: Date) -> Option<Looks> {
    let is_found = |(start, end): &(usize, usize)| {
        let digits = &text[*start..*end];
        if field == Field::Other && is_mobile_phone(digits) {
            return Some(Looks::MobilePhone);
        }
        let born = born(identity_number(text, *start, *end)?)?;
        let youngest = match field {
            Field::Number => on.saturating_sub(jiff::Span::new().years(YEARS_OF_THINGS)),
            Field::Other => on,
        };
        (born <= youngest).then_some(Looks::IdentityNumber)
    };
    runs(text).find_map(|run| is_found(&run))
}

/// The runs of digits of a text, each from where to where.
fn runs(text: &[u8]) -> impl Iterator<Item = (usize, usize)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + text[at..].iter().position(u8::is_ascii_digit)?;
        let len = text[start..].iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len() - start);
        at = start + len;
        Some((start, at))
    })
}

/// Whether these digits are 1, then 3 to 9, then nine more, with or without the country before.
fn is_mobile_phone(digits: &[u8]) -> bool {
    let of = |country: &&[u8]| digits.strip_prefix(*country).is_some_and(|rest| rest.len() == PHONE_LEN && is_mobile(rest));
    COUNTRY.iter().any(of)
}

fn is_mobile(number: &[u8]) -> bool {
    number[0] == b'1' && (b'3'..=b'9').contains(&number[1])
}

/// The eighteen characters of an identity number that begins where a run of digits does: the last is its check.
fn identity_number(text: &[u8], start: usize, end: usize) -> Option<&[u8]> {
    let number = match end - start {
        18 => &text[start..end],
        17 if matches!(text.get(end), Some(b'X' | b'x')) && !text.get(end + 1).is_some_and(u8::is_ascii_alphanumeric) => {
            &text[start..=end]
        }
        _ => return None,
    };
    let sum: u32 = number.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    (number[17].to_ascii_uppercase() == CHECKS[(sum % 11) as usize]).then_some(number)
}

/// The date of birth in it, where it and the region may be.
fn born(number: &[u8]) -> Option<Date> {
    let of = |range: std::ops::Range<usize>| number[range].iter().fold(0_i16, |n, digit| n * 10 + i16::from(digit - b'0'));
    let region = u8::try_from(of(0..2)).ok()?;
    let two = |n: i16| i8::try_from(n).ok();
    let date = Date::new(of(6..10), two(of(10..12))?, two(of(12..14))?).ok()?;
    (date.year() >= 1900 && PROVINCES.iter().any(|(first, last)| (*first..=*last).contains(&region))).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn number(first: &str) -> String {
        let sum: u32 = first.bytes().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        format!("{first}{}", char::from(CHECKS[(sum % 11) as usize]))
    }

    fn found(text: &str, field: Field) -> &'static str {
        match held(text.as_bytes(), field, date(2026, 4, 20)) {
            None => "",
            Some(Looks::IdentityNumber) => "id",
            Some(Looks::MobilePhone) => "phone",
        }
    }

    #[test]
    fn identity_numbers() {
        let child = number("37030620200101001");
        let of_a_case = number("37030620260420000");
        let table = [
            // The example of the standard, whose owner was born in 1949.
            ("11010519491231002X", "id", "id"),
            ("11010519491231002x", "id", "id"),
            ("身份证11010519491231002X号", "id", "id"),
            ("id:11010519491231002X,", "id", "id"),
            ("no11010519491231002X", "id", "id"),
            // A check, a date or a region that cannot be.
            ("110105194912310021", "", ""),
            ("11010519491331002X", "", ""),
            (&number("11010519490230002"), "", ""),
            (&number("11010518991231002"), "", ""),
            (&number("99010519491231002"), "", ""),
            (&number("11010520270101002"), "", ""),
            // A part of something longer.
            ("011010519491231002X", "", ""),
            ("11010519491231002X1", "", ""),
            ("11010519491231002XA", "", ""),
            ("370306198001010012345678901234567890123456789", "", ""),
            ("12441500196720244T", "", ""),
            // Region, date and serial number of a thing, and a child.
            (&of_a_case, "id", ""),
            (&child, "id", ""),
            (&number("37030620100420001"), "id", "id"),
            (&number("37030620100421001"), "id", ""),
        ];
        for (text, other, of_number) in table {
            assert_eq!((found(text, Field::Other), found(text, Field::Number)), (other, of_number), "{text}");
        }
    }

    #[test]
    fn mobile_phones() {
        let table = [
            ("13812345678", "phone"),
            ("19912345678", "phone"),
            ("tel 13812345678.", "phone"),
            ("电话:13812345678", "phone"),
            ("+8613812345678", "phone"),
            ("008613812345678", "phone"),
            ("12012345678", ""),
            ("10012345678", ""),
            ("23812345678", ""),
            ("1381234567", ""),
            ("138123456789", ""),
            ("8713812345678", ""),
            ("138-1234-5678", ""),
            ("0533-6195678", ""),
            ("20260420001", ""),
        ];
        for (text, other) in table {
            assert_eq!((found(text, Field::Other), found(text, Field::Number)), (other, ""), "{text}");
        }
    }

    #[test]
    fn the_first_that_may_not_stand_is_said() {
        let text = r#"{"a":"20260420001","b":"1381234567","c":"11010519491231002X","d":"13812345678"}"#;
        assert_eq!(found(text, Field::Other), "id");
        assert_eq!(found("", Field::Other), "");
        assert_eq!(found("1 13 138 13812345678", Field::Other), "phone");
    }

    /// Aim: digits that nobody chose are seldom taken for somebody's. Of eighteen random ones one in some thousand has a date and a
    /// region, and one in eleven of those its check.
    #[test]
    fn accidents_are_rare() {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut digit = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            char::from(b'0' + u8::try_from((state >> 33) % 10).unwrap())
        };
        let hits = (0..100_000).filter(|_| !found(&(0..18).map(|_| digit()).collect::<String>(), Field::Other).is_empty()).count();
        assert!(hits < 20, "{hits} of 100,000");
    }
}
