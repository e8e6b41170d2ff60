//! What each fact says, as far as a rule reads it: one struct or closed list for each message of the contract.

mod case;
mod notice;
mod contact;
mod complaint;
mod joint;
mod visit;
mod correction;
mod project;
mod registry;
mod window;
mod vault;
mod access;
mod catalogue;

pub use access::*;
pub use case::*;
pub use catalogue::*;
pub use complaint::*;
pub use contact::*;
pub use correction::*;
pub use joint::*;
pub use notice::*;
pub use project::*;
pub use registry::*;
pub use vault::*;
pub use visit::*;
pub use window::*;

/// Makes an enum of the contract's closed lists, with the codes that metrics and pages show.
macro_rules! code_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $code:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vmeta])* #[allow(missing_docs)] $variant,)* }
        impl $name {
            /// The code that figures and pages show.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }
    };
}
use code_enum;

code_enum! {
    /// The unit of a limit (C15).
    LimitUnit { WorkingDay = "working_day", CalendarDay = "calendar_day", Month = "month", Hour = "hour", Immediate = "immediate" }
}

/// A time limit: a number and its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many; 0 where immediate.
    pub n: u32,
    /// Of what.
    pub unit: LimitUnit,
}

impl Limit {
    /// So many working days.
    pub(crate) const fn working_days(n: u32) -> Self {
        Self { n, unit: LimitUnit::WorkingDay }
    }
}

code_enum! {
    /// How a person reached the centre.
    Channel {
        Unknown = "", Window = "window", Online = "online", Phone = "phone", Mail = "mail", Kiosk = "kiosk", Desk = "desk",
        Hotline = "hotline", Other = "other",
    }
}

code_enum! {
    /// What a verification came to.
    Finding { Substantiated = "substantiated", Unsubstantiated = "unsubstantiated", Unverifiable = "unverifiable" }
}
