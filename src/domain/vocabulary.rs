//! One definition for every closed vocabulary: its members, their spelling in data, and how they are read back.

use std::fmt;

/// A closed vocabulary whose members have one spelling in the database, in exports and on the command line.
pub trait Term: Copy + Eq + fmt::Display + std::str::FromStr<Err = ParseTermError> + 'static {
    /// What the vocabulary is called in messages ("role", "polarity").
    const NAME: &'static str;
    /// All members, in their order of presentation.
    const ALL: &'static [Self];
    /// The spelling in data.
    fn as_str(self) -> &'static str;
}

/// A word that is not a member of a [`Term`]'s vocabulary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {name} \"{given}\"; use one of: {allowed}")]
pub struct ParseTermError {
    /// The vocabulary's name.
    pub name: &'static str,
    /// The word as it was given.
    pub given: String,
    /// The members, separated by commas.
    pub allowed: String,
}

/// Declares an enum with its spellings, and everything that follows from them.
macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident, $what:literal { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$vmeta])* #[serde(rename = $text)] $variant),+
        }

        impl $crate::domain::Term for $name {
            const NAME: &'static str = $what;
            const ALL: &'static [Self] = &[$(Self::$variant),+];
            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad($crate::domain::Term::as_str(*self))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::domain::ParseTermError;
            fn from_str(given: &str) -> Result<Self, Self::Err> {
                match given {
                    $($text => Ok(Self::$variant),)+
                    _ => Err($crate::domain::ParseTermError {
                        name: $what,
                        given: given.to_owned(),
                        allowed: [$($text),+].join(", "),
                    }),
                }
            }
        }
    };
}
pub(crate) use vocabulary;
