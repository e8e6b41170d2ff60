//! The synthetic district.
