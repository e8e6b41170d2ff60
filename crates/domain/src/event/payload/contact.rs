//! First-ask contacts (首问).

use super::{Channel, Finding, code_enum};
use crate::event::CodeText;
use jiff::civil::Date;

/// 首问.
#[derive(Debug, Clone, PartialEq)]
pub struct FirstAskReceived {
    /// How the person asked.
    pub channel: Channel,
    /// The reply date promised.
    pub promised_reply_on: Option<Date>,
}

/// 转办.
#[derive(Debug, Clone, PartialEq)]
pub struct HandedOver {
    /// To this unit.
    pub to_unit: CodeText,
    /// To this person; empty is a bare "go elsewhere".
    pub to_staff: CodeText,
}

/// 接办.
#[derive(Debug, Clone, PartialEq)]
pub struct AskAccepted {
    /// The person who took the responsibility.
    pub by_staff: CodeText,
}

/// 拒绝.
#[derive(Debug, Clone, PartialEq)]
pub struct AskRefused {
    /// Code of the ground.
    pub ground: CodeText,
    /// Whether the reason was explained.
    pub explained: bool,
}

code_enum! {
    /// Kinds of first-ask breach (3.2).
    AskBreach {
        Refused = "refused", ApplicationRefused = "application_refused", Bounced = "bounced", Unclear = "unclear",
        Slow = "slow", Late = "late", Rude = "rude",
    }
}

/// 反映首问违规.
#[derive(Debug, Clone, PartialEq)]
pub struct AskBreachAlleged {
    /// The sender's id of the allegation.
    pub allegation_id: CodeText,
    /// What was wrong.
    pub kind: AskBreach,
}

/// What the verifier found.
#[derive(Debug, Clone, PartialEq)]
pub struct AskBreachFound {
    /// Which allegation.
    pub allegation_id: CodeText,
    /// What was found.
    pub finding: Finding,
}
