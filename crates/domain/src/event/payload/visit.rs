//! Visits (跑动).

use super::code_enum;
use crate::event::CodeText;
use crate::ids::Subject;

code_enum! {
    /// Who came.
    VisitWho { Applicant = "applicant", Proxy = "proxy", Agent = "agent" }
}

code_enum! {
    /// What a visit was for.
    VisitPurpose {
        Unknown = "", Submit = "submit", Sign = "sign", IdentityCheck = "identity_check", Collect = "collect",
        Correct = "correct", Consult = "consult", Other = "other",
    }
}

code_enum! {
    /// Causes of a visit (3.3).
    VisitCause {
        Unknown = "", NoticeBreach = "notice_breach", WrongGuide = "wrong_guide", WrongReferral = "wrong_referral",
        WindowClosed = "window_closed", SystemDown = "system_down", LostMaterial = "lost_material",
        WrongResult = "wrong_result", JointAskedSeparately = "joint_asked_separately",
        ListedMaterialMissing = "listed_material_missing", RequestChanged = "request_changed",
        LawRequiresPresence = "law_requires_presence", ChoseToCollect = "chose_to_collect",
    }
}

impl VisitCause {
    /// The government's fault (3.3).
    pub const fn is_government(self) -> bool {
        matches!(
            self,
            Self::NoticeBreach
                | Self::WrongGuide
                | Self::WrongReferral
                | Self::WindowClosed
                | Self::SystemDown
                | Self::LostMaterial
                | Self::WrongResult
                | Self::JointAskedSeparately
        )
    }
}

/// 跑动.
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    /// The cases it was for.
    pub cases: Vec<Subject>,
    /// Code of the place.
    pub place: CodeText,
    /// Who came.
    pub who: VisitWho,
    /// What for.
    pub purpose: VisitPurpose,
    /// Whether it was needed.
    pub required: bool,
    /// Why, as the window says.
    pub cause: VisitCause,
}

code_enum! {
    /// Who decided a cause, lowest first.
    Decider { Window = "window", Callback = "callback", Hotline = "hotline", Reviewer = "reviewer", Supervision = "supervision" }
}

/// 跑动原因认定.
#[derive(Debug, Clone, PartialEq)]
pub struct CauseDecided {
    /// The cause.
    pub cause: VisitCause,
    /// Who decided.
    pub decider: Decider,
}
