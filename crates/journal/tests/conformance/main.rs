//! The journal's promises J1 to J8 (`src/lib.rs`) and the vault's V1 to V5 (`src/vault/mod.rs`), each proved once and from one list for every database.
//!
//! A test is a function of a [`lab::Lab`]; it stands in the list of its promise below. Which database it is, only `base.rs` knows:
//! another one is another variant there and another line `promises!(…)`. A test that is in no list is dead code and fails the lints.
//! What only Postgres can get wrong is in `only_postgres.rs`. Nothing here measures time: waits have a bound, beyond which a test fails.

mod base;
mod contract;
mod copied;
mod crash;
mod cut;
mod failover;
mod genesis;
mod identity;
mod lab;
mod leaf;
mod lock;
mod only_postgres;
mod order;
mod pages;
mod refused;
mod rewound;
mod stored;
mod tamper;
mod vault;

macro_rules! suite {
    ($backend:ident: $($file:ident { $($test:ident)+ })+) => {
        mod $backend {
            $(mod $file {
                $(#[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    let lab = crate::lab::Lab::$backend().await;
                    tokio::time::timeout(crate::lab::PATIENCE, crate::$file::$test(lab)).await.expect("an end in time");
                })+
            })+
        }
    };
}

macro_rules! promises {
    ($backend:ident) => {
        suite! { $backend:
            // A log begins with one genesis, and logs share nothing.
            genesis {
                a_log_begins_with_its_genesis
                a_second_opening_finds_the_first
                one_of_many_openers_is_first
                an_opening_cut_short_is_made_good
                only_a_genesis_opens_a_log
                logs_are_separate
            }
            contract {
                a_log_has_the_number_of_its_genesis
                a_finalized_log_stays_it
                tables_that_a_newer_program_expanded_are_used
            }
            // J1 durable, J7 no half commit.
            crash {
                every_answer_survives_a_kill_and_no_commit_is_halved
                processes_take_turns
            }
            // J2 dense, J3 one order.
            order {
                positions_and_revisions_are_dense
                wide_lists_of_every_length
                time_never_falls
                time_before_the_head_is_a_loud_error
                a_revision_that_stands_is_refused
                a_position_at_a_time
            }
            pages {
                pages_of_every_size_leave_no_hole
                pages_are_bounded_in_bytes
                streams_come_as_asked
                kinds_and_positions
                a_reader_beside_a_writer_sees_whole_commits
                a_wait_ends_with_the_commit
                a_wait_ends_without_one
                who_follows_reads_what_is_stored
            }
            // J4 one writer at a time.
            lock {
                a_drop_changes_nothing
                one_holder_at_a_time
                a_drop_lets_other_processes_in
                other_processes_wait_and_see_what_was_appended
                handles_take_turns
                a_failed_append_is_never_committed
                nothing_is_seen_before_the_commit
            }
            cut {
                an_append_cut_anywhere_is_whole_or_nothing
                an_append_cut_and_committed_is_refused
                a_lock_cut_anywhere_is_let_go
            }
            // J5 identity.
            identity {
                an_identity_stands_once
                identities_are_found_with_what_was_stored
                what_is_known_outlives_the_process
            }
            // J6 stored bytes.
            stored {
                every_byte_comes_back
                leaf_hashes_fit_the_stored_bytes
                a_body_that_is_no_text_is_refused
                a_nul_in_a_name_is_refused
            }
            tamper {
                a_changed_row_is_named
                a_lost_row_is_named
                a_head_that_disagrees_is_refused
                a_log_under_another_name_is_refused
                a_newer_log_is_refused
            }
            // Rows of another copy.
            copied {
                a_copy_is_equal_to_the_byte
                a_log_is_adopted_once
                what_does_not_follow_is_refused
                what_is_carried_is_the_row
            }
            // J8 going backwards is noticed.
            rewound {
                a_point_is_checked
                an_earlier_state_is_noticed
                who_has_seen_more_writes_nothing
                what_is_lost_is_copied_back
            }
            // V1 to V5 of the vault.
            vault {
                content_comes_back_with_its_commitment
                a_request_is_known_for_ever
                one_request_at_once_is_one_content
                nothing_is_stored_in_plain
                a_moved_or_changed_row_is_refused
                what_is_erased_is_gone
                nothing_slips_in_beside_an_erasure
                an_erasure_cut_anywhere_can_go_on
                a_rotation_wraps_every_key_anew
                a_rotation_cut_anywhere_goes_on
                puts_beside_a_rotation_are_safe
                keys_that_are_not_the_vaults_are_refused
                a_vault_that_was_put_back_adopts_its_keys
            }
            // Refused attempts.
            refused {
                attempts_are_kept_without_their_content
                attempts_are_bounded_per_actor
                attempts_commit_with_the_events
            }
        }
    };
}

promises!(sqlite);
promises!(postgres);
