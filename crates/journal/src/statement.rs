//! A statement with its text for each database. The lists of them are in `sql.rs` of the crates that have tables.

/// A statement for each database.
#[derive(Debug)]
pub struct Statement {
    /// For SQLite.
    pub sqlite: &'static str,
    /// For Postgres; the same where the two agree.
    pub postgres: &'static str,
    /// SQLite takes a parameter that nobody bound for NULL, so they are counted.
    pub parameters: usize,
}

/// Statics of [`Statement`], and the list `ALL` of them, which a test prepares on both databases: name, number of parameters, the
/// file for SQLite and, where the texts differ, the one for Postgres.
#[macro_export]
macro_rules! statements {
    ($($name:ident, $parameters:literal, $sqlite:literal $(, $postgres:literal)?;)+) => {
        $(pub(crate) static $name: $crate::Statement = $crate::Statement {
            sqlite: include_str!($sqlite),
            postgres: $crate::statements!(@last $sqlite $($postgres)?),
            parameters: $parameters,
        };)+
        #[cfg(test)]
        static ALL: &[(&str, &$crate::Statement)] = &[$((stringify!($name), &$name)),+];
    };
    (@last $one:literal) => { include_str!($one) };
    (@last $one:literal $other:literal) => { include_str!($other) };
}
