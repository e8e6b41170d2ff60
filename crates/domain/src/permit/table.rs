//! Who may post and read what, as data (domain.md, Who may post, who may decide).

use crate::ids::LogName;
use std::fmt::Write as _;

macro_rules! roles {
    ($($variant:ident $name:literal $zh:literal $says:literal;)*) => {
        /// What a caller is to the centre. A caller may have several.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Role { $(#[doc = $says] $variant,)* }

        impl Role {
            /// Every role.
            pub const ALL: &'static [Role] = &[$(Role::$variant,)*];

            /// Its name in tokens, lists of actors and the stored actor.
            pub const fn name(self) -> &'static str {
                match self { $(Role::$variant => $name,)* }
            }

            const fn says(self) -> (&'static str, &'static str) {
                match self { $(Role::$variant => ($zh, $says),)* }
            }

            /// The role of a name.
            pub fn by_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|role| role.name() == name)
            }
        }
    };
}

roles! {
    Hall "hall" "综合受理平台" "The centre's own system, which posts for every unit that sits there.";
    Department "department" "部门业务系统" "The system of one unit.";
    Window "window" "窗口人员" "A person at a window of one unit.";
    Portal "portal" "办事门户、评价器、物流" "A portal, device or courier link that tells what applicants did.";
    Centre "centre" "政务服务中心办公室" "The Centre Office.";
    Registry "registry" "编办" "The office that keeps the lists of units and items.";
    Hotline "hotline" "热线中心专人" "Named staff of the hotline and the call-back team.";
    Supervision "supervision" "监察委、督查室" "Supervision, who verify and audit.";
    Organisation "organisation" "组织部" "The organisation department.";
    Analyst "analyst" "分析" "A job that reads projections and events.";
    Leader "leader" "领导" "Leaders who look at the board.";
    Node "node" "上级节点" "A node at the city or province that follows logs.";
    Operator "operator" "运维" "Who keeps an installation running; sees no case.";
    SystemAdmin "system_admin" "系统管理员" "Opens logs and rebuilds projections; sees no case.";
    SecurityAdmin "security_admin" "安全管理员" "Looks after keys and actors; sees no case.";
    AuditAdmin "audit_admin" "审计管理员" "Reads who read what; sees no case.";
}

/// How far a right goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The whole log.
    Log,
    /// What is of the caller's own unit.
    Unit,
}

/// A role, and how far its right goes.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// Who.
    pub role: Role,
    /// How far.
    pub extent: Extent,
}

/// Kinds of log, by the end of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfLog {
    /// A jurisdiction's own log.
    Open,
    /// `-sealed`: complaints.
    Sealed,
    /// `-access`: who read what.
    Access,
}

impl OfLog {
    const ENDS: [(&'static str, Self); 2] = [("-sealed", Self::Sealed), ("-access", Self::Access)];

    /// The kind of a log.
    pub fn of(log: &LogName) -> Self {
        Self::ENDS.into_iter().find(|(end, _)| log.as_str().ends_with(end)).map_or(Self::Open, |(_, of)| of)
    }

    /// The name of the log that says who read a log, one for each jurisdiction; none where a name would be too long.
    pub fn access(log: &LogName) -> Option<LogName> {
        LogName::new(&format!("{}-access", Self::jurisdiction(log)))
    }

    /// The jurisdiction of a log: its name without the end.
    pub fn jurisdiction(log: &LogName) -> &str {
        Self::ENDS.into_iter().find_map(|(end, _)| log.as_str().strip_suffix(end)).unwrap_or(log.as_str())
    }

    const fn says(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Sealed => "sealed",
            Self::Access => "access",
        }
    }
}

/// Facts that the same callers post.
#[derive(Debug)]
pub struct Group {
    /// What they are.
    pub name: &'static str,
    /// In logs of these kinds.
    pub of: &'static [OfLog],
    /// Names of the facts.
    pub facts: &'static [&'static str],
    /// Who posts them.
    pub posters: &'static [Line],
    /// Who does not, though his role would allow it.
    pub not_by: &'static str,
}

const fn whole(role: Role) -> Line {
    Line { role, extent: Extent::Log }
}

const fn own(role: Role) -> Line {
    Line { role, extent: Extent::Unit }
}

use Role::{
    Analyst, AuditAdmin, Centre, Department, Hall, Hotline, Leader, Node, Operator, Organisation, Portal, Registry, SecurityAdmin,
    Supervision, SystemAdmin, Window,
};

const EVERY: &[OfLog] = &[OfLog::Open, OfLog::Sealed, OfLog::Access];
const OPEN: &[OfLog] = &[OfLog::Open];
const SEALED: &[OfLog] = &[OfLog::Sealed];
const OPEN_AND_SEALED: &[OfLog] = &[OfLog::Open, OfLog::Sealed];

const CASE_HANDLERS: &[Line] = &[whole(Hall), own(Department), own(Window)];

/// Who posts what. A fact stands in one group; those of none are the server's own.
pub const POSTS: &[Group] = &[
    Group {
        name: "life of a case 办件, notices 告知, tolerance 容缺, hearings 听证",
        of: OPEN,
        facts: &[
            "CaseReceived",
            "FirstCheckDone",
            "NoticeGiven",
            "CorrectionSubmitted",
            "ToleranceGranted",
            "NotAccepted",
            "CaseAccepted",
            "CaseRoutedToDept",
            "DeptTookCase",
            "CaseTransferred",
            "ReviewStepDone",
            "SpecialProcedureStarted",
            "SpecialProcedureEnded",
            "ExtensionApproved",
            "DeficiencyMadeGood",
            "ToleranceExtended",
            "ToleranceClosed",
            "CaseDecided",
            "CaseCompleted",
            "ResultIssued",
            "ResultDelivered",
            "CaseWithdrawn",
            "CaseTerminated",
            "DecisionRevoked",
            "CaseReopened",
            "HearingRightTold",
            "HearingRequested",
            "CaseNoteRecorded",
        ],
        posters: CASE_HANDLERS,
        not_by: "",
    },
    Group {
        name: "what applicants do",
        of: OPEN,
        facts: &["ApplicationSubmittedOnline", "DeficiencyFiled", "ApplicantVisited", "ResultMailed"],
        posters: &[whole(Hall), own(Department), own(Window), whole(Portal)],
        not_by: "",
    },
    Group {
        name: "alerts 预警",
        of: OPEN,
        facts: &["SupervisionAlertRaised", "SupervisionAlertCleared"],
        posters: &[whole(Hall), whole(Centre), whole(Supervision)],
        not_by: "",
    },
    Group {
        name: "joint handling 联审联办 (S16 to S20)",
        of: OPEN,
        facts: &[
            "JointCaseOpened",
            "SubOpinionGiven",
            "JointConcluded",
            "RectificationListIssued",
            "RectificationAccepted",
            "SiteInspectionScheduled",
            "SiteInspectionDone",
            "InspectionAbsence",
            "ZoneAssessmentApproved",
            "ZoneAssessmentApplied",
            "SeparateAssessmentDemanded",
            "LinkedSessionHeld",
            "RemoteOpinionGiven",
            "DrawingSubmitted",
            "DrawingReviewOpened",
            "DrawingOpinionGiven",
            "DrawingConclusionIssued",
        ],
        posters: CASE_HANDLERS,
        not_by: "a member for another member",
    },
    Group {
        name: "first-ask contacts 首问",
        of: OPEN,
        facts: &[
            "FirstAskReceived",
            "FirstAskAnswered",
            "FirstAskHandedOver",
            "FirstAskAccepted",
            "FirstAskReplied",
            "FirstAskRefused",
        ],
        posters: CASE_HANDLERS,
        not_by: "",
    },
    Group {
        name: "allegations",
        of: OPEN,
        facts: &["FirstAskBreachAlleged", "NoticeBreachAlleged"],
        posters: &[whole(Hotline), whole(Supervision), whole(Centre), whole(Portal)],
        not_by: "",
    },
    Group {
        name: "findings",
        of: OPEN,
        facts: &["FirstAskBreachFound", "NoticeBreachFound", "VisitCauseDecided"],
        posters: &[whole(Centre), whole(Supervision), whole(Hotline)],
        not_by: "the unit or window concerned",
    },
    Group {
        name: "liability 追责",
        of: OPEN,
        facts: &["StaffHeldLiable"],
        posters: &[whole(Supervision), whole(Organisation), own(Department)],
        not_by: "the person",
    },
    Group {
        name: "windows and training 窗口、培训",
        of: OPEN,
        facts: &["WindowConfigured", "TrainingHeld", "TrainingAttended"],
        posters: &[whole(Centre), whole(Hall)],
        not_by: "",
    },
    Group {
        name: "postings to windows 派驻",
        of: OPEN,
        facts: &["StaffPosted", "StaffUnposted"],
        posters: &[whole(Centre), own(Department)],
        not_by: "",
    },
    Group {
        name: "items 事项",
        of: OPEN,
        facts: &[
            "ItemVersionPublished",
            "ItemWithdrawn",
            "ToleranceListPublished",
            "ItemTakenOver",
            "ItemCancelled",
            "ItemDelegated",
            "ItemLimitChanged",
        ],
        posters: &[own(Department), whole(Centre), whole(Registry)],
        not_by: "",
    },
    Group {
        name: "publication of items 公开",
        of: OPEN,
        facts: &["ItemPosted", "PeerFigurePublished"],
        posters: &[whole(Centre)],
        not_by: "",
    },
    Group { name: "edition of flows 汇编", of: OPEN, facts: &["ItemFlowsConsolidated"], posters: &[whole(Registry)], not_by: "" },
    Group {
        name: "registry of units, enterprises and projects 登记",
        of: OPEN,
        facts: &["SubjectRegistered", "UnitRegistered", "UnitHeadAppointed", "UnitHeadRelieved"],
        posters: &[whole(Centre), whole(Registry), whole(Organisation)],
        not_by: "the unit itself",
    },
    Group {
        name: "rules and calendar 规则、日历",
        of: OPEN_AND_SEALED,
        facts: &["RuleSet", "CalendarPublished"],
        posters: &[whole(Centre)],
        not_by: "",
    },
    Group {
        name: "corrections 更正",
        of: OPEN_AND_SEALED,
        facts: &["EventVoided", "EventReplaced"],
        posters: &[
            whole(Hall),
            own(Department),
            own(Window),
            whole(Portal),
            whole(Centre),
            whole(Registry),
            whole(Hotline),
            whole(Supervision),
            whole(Organisation),
        ],
        not_by: "another system than the one that sent the event, unless Centre Office or supervision on a named authority; in a sealed log anyone but `hotline` and `supervision`",
    },
    Group {
        name: "designated staff of the hotline 专人 (S8)",
        of: SEALED,
        facts: &["HotlineStaffDesignated"],
        posters: &[whole(Hotline), whole(Centre)],
        not_by: "",
    },
    Group {
        name: "complaints 投诉 (S8)",
        of: SEALED,
        facts: &[
            "ComplaintReceived",
            "ComplaintAccepted",
            "ComplaintVerificationStarted",
            "ComplaintVerified",
            "ComplaintTransferred",
            "ComplainantCalledBack",
            "ComplaintReworkOrdered",
            "ComplaintExtended",
            "ComplaintClosed",
            "RecordRefIssued",
            "ComplaintDigestCompiled",
        ],
        posters: &[whole(Hotline)],
        not_by: "other staff than was designated; verification: the unit or person complained about",
    },
    Group {
        name: "answers to complaints 答复 (S8)",
        of: SEALED,
        facts: &["ComplaintReplied"],
        posters: &[whole(Hotline), own(Department)],
        not_by: "a unit that it was not transferred to",
    },
];

macro_rules! rights {
    ($($variant:ident $name:literal $says:literal;)*) => {
        /// What may be done with a log beside posting.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Right { $(#[doc = $says] $variant,)* }

        impl Right {
            /// Every right.
            pub const ALL: &'static [Right] = &[$(Right::$variant,)*];

            /// Its name.
            pub const fn name(self) -> &'static str {
                match self { $(Right::$variant => $name,)* }
            }

            const fn says(self) -> &'static str {
                match self { $(Right::$variant => $says,)* }
            }
        }
    };
}

rights! {
    Cases "cases" "Histories, states, deadlines and lists of things.";
    Figures "figures" "Figures. Of complaints those of a whole month where no count is small (`small_count`), to whoever has not `members` too.";
    Members "members" "The members behind a figure; of a sealed log also figures however small.";
    Transferred "transferred" "Complaints that were transferred to a unit, as it sees them: redacted.";
    Events "events" "The events themselves, as they are recorded.";
    Catalogue "catalogue" "Items, units, windows, calendar and rules: what is published anyway.";
    Status "status" "Where a log and its projections stand; no content.";
    Accesses "accesses" "Who read what.";
    VaultPut "vault_put" "Putting persons and texts into the vault.";
    VaultGet "vault_get" "Reading them. *Own unit*: what was put for a stream that the unit had a part in; of a complaint the redacted text that was transferred to it.";
    VaultErase "vault_erase" "Erasing them.";
    VaultHold "vault_hold" "Placing and lifting legal holds on them.";
    VaultKeys "vault_keys" "Epochs of the vault's keys; no content.";
    OpenLog "open_log" "Opening a log.";
    Rebuild "rebuild" "Building a projection anew.";
}

/// Who has a right.
#[derive(Debug)]
pub struct Read {
    /// The right.
    pub right: Right,
    /// In logs of these kinds.
    pub of: &'static [OfLog],
    /// Who has it.
    pub readers: &'static [Line],
}

/// Who sees figures, and the members behind them.
const COUNTERS: &[Line] = &[
    own(Department),
    own(Window),
    whole(Centre),
    whole(Registry),
    whole(Hotline),
    whole(Supervision),
    whole(Organisation),
    whole(Analyst),
    whole(Leader),
];

/// Which reads are recorded, in which kinds of log: what shows single things or who saw them, and of a sealed log everything that
/// says what is in it. Figures and what is published anyway are not, nor where a log stands.
pub const RECORDED: &[(Right, &[OfLog])] = &[
    (Right::Cases, EVERY),
    (Right::Members, EVERY),
    (Right::Transferred, EVERY),
    (Right::Events, EVERY),
    (Right::VaultGet, EVERY),
    (Right::Accesses, EVERY),
    (Right::Figures, SEALED),
    (Right::Catalogue, SEALED),
];

impl Right {
    /// Whether a read by it is recorded in logs of a kind.
    pub fn is_recorded(self, of: OfLog) -> bool {
        RECORDED.iter().any(|(right, kinds)| *right == self && kinds.contains(&of))
    }

    /// Whether there is a kind of log in which a read by it is recorded.
    pub fn may_be_recorded(self) -> bool {
        RECORDED.iter().any(|(right, _)| *right == self)
    }
}

/// Who reads what.
pub const READS: &[Read] = &[
    Read {
        right: Right::Cases,
        of: OPEN,
        readers: &[
            whole(Hall),
            own(Department),
            own(Window),
            whole(Centre),
            whole(Hotline),
            whole(Supervision),
            whole(Analyst),
            whole(Leader),
        ],
    },
    Read { right: Right::Figures, of: OPEN, readers: COUNTERS },
    Read { right: Right::Members, of: OPEN, readers: COUNTERS },
    Read { right: Right::Events, of: OPEN, readers: &[whole(Centre), whole(Supervision), whole(Analyst), whole(Node)] },
    Read {
        right: Right::Catalogue,
        of: OPEN,
        readers: &[
            whole(Hall),
            whole(Department),
            whole(Window),
            whole(Portal),
            whole(Centre),
            whole(Registry),
            whole(Hotline),
            whole(Supervision),
            whole(Organisation),
            whole(Analyst),
            whole(Leader),
            whole(Node),
            whole(Operator),
        ],
    },
    Read { right: Right::Cases, of: SEALED, readers: &[whole(Hotline), whole(Supervision)] },
    Read {
        right: Right::Figures,
        of: SEALED,
        readers: &[whole(Hotline), whole(Supervision), own(Department), whole(Centre), whole(Organisation), whole(Leader)],
    },
    Read { right: Right::Members, of: SEALED, readers: &[whole(Hotline), whole(Supervision)] },
    Read { right: Right::Transferred, of: SEALED, readers: &[whole(Hotline), whole(Supervision), own(Department)] },
    Read { right: Right::Events, of: SEALED, readers: &[whole(Supervision)] },
    Read { right: Right::Catalogue, of: SEALED, readers: &[whole(Hotline), whole(Supervision)] },
    Read {
        right: Right::Status,
        of: EVERY,
        readers: &[
            whole(Centre),
            whole(Supervision),
            whole(Analyst),
            whole(Node),
            whole(Operator),
            whole(SystemAdmin),
            whole(SecurityAdmin),
            whole(AuditAdmin),
        ],
    },
    Read {
        right: Right::VaultPut,
        of: OPEN,
        readers: &[whole(Hall), whole(Department), whole(Window), whole(Portal), whole(Centre), whole(Hotline)],
    },
    Read {
        right: Right::VaultGet,
        of: OPEN,
        readers: &[whole(Hall), own(Department), own(Window), whole(Hotline), whole(Supervision)],
    },
    // A unit puts its answer.
    Read { right: Right::VaultPut, of: SEALED, readers: &[whole(Hotline), whole(Department)] },
    Read { right: Right::VaultGet, of: SEALED, readers: &[whole(Hotline), whole(Supervision), own(Department)] },
    // Who erases is not who holds.
    Read { right: Right::VaultErase, of: OPEN, readers: &[whole(Centre)] },
    Read { right: Right::VaultErase, of: SEALED, readers: &[whole(Hotline)] },
    Read { right: Right::VaultHold, of: OPEN_AND_SEALED, readers: &[whole(Supervision)] },
    // Of all logs of an installation at once.
    Read { right: Right::VaultKeys, of: EVERY, readers: &[whole(SecurityAdmin)] },
    Read { right: Right::Accesses, of: &[OfLog::Access], readers: &[whole(AuditAdmin)] },
    Read { right: Right::OpenLog, of: OPEN_AND_SEALED, readers: &[whole(SystemAdmin)] },
    Read { right: Right::Rebuild, of: OPEN_AND_SEALED, readers: &[whole(SystemAdmin), whole(Operator)] },
];

/// The whole table as a page of Markdown: `docs/permits.md`, and what `xiaoer permits` prints.
pub fn page() -> String {
    let mut page = String::from(INTRODUCTION);
    let mut line = |text: std::fmt::Arguments<'_>| {
        // Writing to a string does not fail.
        let _ = page.write_fmt(text);
        page.push('\n');
    };
    line(format_args!("\n## Roles\n\n| role | 中文 | what it is |\n|---|---|---|"));
    for role in Role::ALL {
        let (zh, says) = role.says();
        line(format_args!("| `{}` | {zh} | {says} |", role.name()));
    }
    line(format_args!("\n## Who posts what\n\n| events | logs | posted by | not by |\n|---|---|---|---|"));
    for Group { name, of, facts, posters, not_by } in POSTS {
        let of = logs(of);
        let facts = facts.iter().map(|fact| format!("`{fact}`")).collect::<Vec<_>>().join(", ");
        line(format_args!("| **{name}**: {facts} | {of} | {} | {not_by} |", lines(posters)));
    }
    line(format_args!("\n## Who reads what\n\n| right | what it is | logs | recorded | who has it |\n|---|---|---|---|---|"));
    for Read { right, of, readers } in READS {
        let recorded = if of.iter().any(|&of| right.is_recorded(of)) { "yes" } else { "" };
        let of = logs(of);
        line(format_args!("| `{}` | {} | {of} | {recorded} | {} |", right.name(), right.says(), lines(readers)));
    }
    page
}

fn logs(of: &[OfLog]) -> String {
    of.iter().map(|of| of.says()).collect::<Vec<_>>().join(", ")
}

fn lines(lines: &[Line]) -> String {
    let line = |line: &Line| match line.extent {
        Extent::Log => format!("`{}`", line.role.name()),
        Extent::Unit => format!("`{}` (own unit)", line.role.name()),
    };
    lines.iter().map(line).collect::<Vec<_>>().join(", ")
}

const INTRODUCTION: &str = "\
# Who may do what

Made by `xiaoer permits` from `crates/domain/src/permit/table.rs`; a test compares the two.

A caller is authenticated by a client certificate or a token and has one role or several, a unit, a system, and the jurisdictions
(logs) it has to do with ([security.md](security.md)).
What no line here allows is refused with `XE-FORBIDDEN`, whether or not there is such a log or such a thing.
*Own unit*: posts in the name of no other unit (`source.unit_usci`), and sees what its unit had a part in, and its unit's figures.
Every event is sent by the caller's own system (`source.system`).
The genesis of a log, its recovery, what the vault says of holds, erasures and epochs, and who read what are the server's own and
posted by nobody.
*Recorded*: an answer is given only after the log `<jurisdiction>-access` says who asked and for what, also where it is a refusal.
";
