//! Who acts in the district: units, their systems, staff and windows, all by invented numbers.

use super::catalogue::{CENTRE, HOTLINE, SUPERVISION};
use super::random::Random;
use xiaoer_domain::ids::usci_is_valid;
use xiaoer_wire::v1;

/// Windows of the hall.
pub(super) const WINDOWS: u32 = 12;
/// People of each unit.
pub(super) const STAFF: u32 = 8;

/// A unit of the district.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) name: &'static str,
    pub(super) kind: v1::UnitKind,
}

/// Who states an event.
#[derive(Debug, Clone, Copy)]
pub(super) enum By {
    /// The portal, where nobody of a unit acts.
    Portal,
    /// A window of the hall.
    Window(u32),
    /// A person of a unit.
    Unit(usize),
    /// The mail service.
    Courier,
}

impl By {
    pub(super) fn hotline() -> Self {
        Self::Unit(HOTLINE)
    }

    pub(super) fn supervision() -> Self {
        Self::Unit(SUPERVISION)
    }

    /// The unit whose code the event carries.
    pub(super) fn unit(self) -> Option<usize> {
        match self {
            Self::Window(_) => Some(CENTRE),
            Self::Unit(unit) => Some(unit),
            Self::Portal | Self::Courier => None,
        }
    }

    pub(super) fn source(self, random: &mut Random) -> v1::Source {
        let system = match self {
            Self::Portal => "portal",
            Self::Courier => "courier",
            Self::Window(_) => "hall",
            Self::Unit(HOTLINE) => "hotline",
            Self::Unit(SUPERVISION) => "supervision",
            Self::Unit(_) => "approval",
        };
        let window_id = if let Self::Window(window) = self { self::window(window) } else { String::new() };
        let staff_id = match self {
            // A window is staffed by the same two people.
            Self::Window(window) => staff(CENTRE, window * 2 + random.below(2)),
            _ => self.unit().map(|unit| staff(unit, random.below(STAFF))).unwrap_or_default(),
        };
        v1::Source { system: system.to_owned(), unit_usci: self.unit().map(usci).unwrap_or_default(), staff_id, window_id }
    }
}

/// Code of a window.
pub(super) fn window(window: u32) -> String {
    format!("A{:02}", window + 1)
}

/// Work number of a person.
pub(super) fn staff(unit: usize, person: u32) -> String {
    format!("ZC{unit:02}{person:02}")
}

/// 统一社会信用代码 of a unit (GB 32100-2015), with an organisation code that no register gives out.
pub(super) fn usci(unit: usize) -> String {
    code("11370306", u32::try_from(unit).unwrap_or(0) + 1)
}

/// 统一社会信用代码 of an enterprise.
pub(super) fn enterprise(number: u32) -> String {
    code("91370306", 1_000 + number % 8_000)
}

fn code(prefix: &str, number: u32) -> String {
    let organisation = format!("XXXX{number:04}");
    let body = format!("{prefix}{organisation}{}", organisation_check(&organisation));
    let check = "0123456789ABCDEFGHJKLMNPQRTUWXY".chars().find(|&check| usci_is_valid(&format!("{body}{check}")));
    body + &check.map(String::from).unwrap_or_default()
}

/// Check character of an organisation code (GB 11714).
fn organisation_check(eight: &str) -> char {
    let sum: u32 = eight.chars().zip([3, 7, 9, 10, 5, 8, 4, 2]).map(|(c, weight)| c.to_digit(36).unwrap_or(0) * weight).sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        n => char::from_digit(n, 10).unwrap_or('0'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_domain_page() {
        // domain.md section 4, synthetic codes.
        let units: Vec<String> = (0..5).map(usci).collect();
        let expected =
            ["11370306XXXX00019K", "11370306XXXX00027E", "11370306XXXX000359", "11370306XXXX000434", "11370306XXXX00051Y"];
        assert_eq!(units, expected);
        assert_eq!(code("91370306", 101), "91370306XXXX01011R");
        assert!((0..9_000).step_by(37).all(|n| usci_is_valid(&enterprise(n))));
    }
}
