//! One way to declare a constant regular expression.

/// Declares a regular expression that is compiled at its first use.
macro_rules! pattern {
    ($($(#[$meta:meta])* $name:ident = $text:expr;)+) => {
        $(
            $(#[$meta])*
            static $name: std::sync::LazyLock<regex::Regex> = std::sync::LazyLock::new(|| {
                #[allow(clippy::expect_used, reason = "a constant pattern: the first test that reads a letter compiles it")]
                regex::Regex::new($text).expect("valid pattern")
            });
        )+
    };
}
pub(crate) use pattern;
