//! Remarks: what is worth knowing of an event at posting, or of a thing on a day, and forbids nothing.
//!
//! Flags on a receipt are as of posting; the current ones are derived by the fold. Codes are for ever.

macro_rules! flags {
    ($($variant:ident $code:literal $doc:literal;)*) => {
        /// A remark.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Flag { $(#[doc = $doc] $variant,)* }

        impl Flag {
            /// Every flag there is.
            pub const ALL: &'static [Flag] = &[$(Flag::$variant,)*];

            /// The code that receipts and pages show.
            pub const fn code(self) -> &'static str {
                match self { $(Flag::$variant => $code,)* }
            }

            /// What it says.
            pub const fn meaning(self) -> &'static str {
                match self { $(Flag::$variant => $doc,)* }
            }
        }
    };
}

flags! {
    Irregular "irregular" "The state it found does not allow it; stored because the audit wants the truth.";
    RecordModeUnlisted "record_mode_unlisted" "Irregular, and its source is not listed in the rule `record_mode_sources`.";
    LatePosted "late_posted" "Recorded more than `late_posted_wd` working days after its own day.";
    PossibleDuplicate "possible_duplicate" "The same fact at the same time stands in the stream under another identity.";
    BadUnitUsci "bad_unit_usci" "The code of the unit that acted fails its check, and no such unit is registered.";
    ItemUnknown "item_unknown" "The item or its version is not in the catalogue, so that the clocks are unknown.";
    PromisedDueDiffers "promised_due_differs" "The date promised to the applicant is not the one the item's limit gives.";
    DeemedAccepted "deemed_accepted" "Accepted by 行政许可法 art. 32(1)(4): nothing was told within the receipt window.";
    PostAcceptance "post_acceptance" "A correction was asked after acceptance.";
    ExtensionVoid "extension_void" "An extension was late, untold or not the first, and moves nothing (C5).";
    LegallyExtended "legally_extended" "A valid extension moved the statutory due date and not the promised one (C5).";
    PauseUnproven "pause_unproven" "A pause without written notice to the applicant counts in the main figure (C8).";
    JointOpinionMissing "joint_opinion_missing" "A joint case was concluded while a member had given no opinion and its silence had not agreed.";
    JointListRepeated "joint_list_repeated" "A further rectification list was issued before what stood on the last one was accepted.";
    ToleranceLapsed "tolerance_lapsed" "The last day for what was missing passed, and not all of it was accepted (容缺, 3.5).";
    ToleranceUntold "tolerance_untold" "A tolerance was granted without handing over the list of what is missing, until when and with what consequence.";
    ToleranceExtensionVoid "tolerance_extension_void" "A tolerance was extended after its last day, which moves nothing.";
    ToleranceDecidedOpen "tolerance_decided_open" "Decided by a plain pass while something that was missing was not accepted yet.";
    ToleranceUnrecorded "tolerance_unrecorded" "Accepted or decided by tolerance, and no grant is recorded.";
    RenewedByLaw "renewed_by_law" "Nothing was decided by the last day of the licence, which is renewed by 行政许可法 art. 50 (C13).";
    RenewalLate "renewal_late" "The renewal was applied for less than 30 days before the last day of the licence, so that no law renews it.";
    HearingRequestedLate "hearing_requested_late" "A hearing was asked for more than 5 working days after the right to it was told (行政许可法 art. 47).";
    HearingNoticeShort "hearing_notice_short" "A hearing was held of which the applicant was told in writing less than 7 days before, or not at all (art. 48).";
    HearingPassedOver "hearing_passed_over" "Decided although a hearing was asked for in time, and none was held.";
    LimitLengthened "limit_lengthened" "A version promises a longer limit than the one before it, and no ItemLimitChanged has said so (S23).";
    EarlyTransfer "early_transfer" "A complaint was transferred to a unit before anything was found of it (S8).";
    Provisional "provisional" "A due date rests on a year without a notice of holidays.";
}

#[cfg(test)]
mod tests {
    use super::Flag;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique() {
        let codes: BTreeSet<_> = Flag::ALL.iter().map(|flag| flag.code()).collect();
        assert_eq!(codes.len(), Flag::ALL.len());
    }
}
