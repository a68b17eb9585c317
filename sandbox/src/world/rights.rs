//! Rights: what a scope asks for, an administrator or a user grants, and a user has.

use std::collections::BTreeSet;
use std::fmt;

/// A set of rights, each a `CONTEXT:PERMISSION`, or all of them.
///
/// The contexts are Space's: `global:Project.View`, `project:key:DEMO:Project.Issues.Create`,
/// `channel:ID:Channel.PostMessages`. A right in the global context covers the same permission in every other.
/// Any other scope token (a Hub service id, `openid`) is a right that covers only itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rights {
    /// Every right there is, `**` in a scope.
    All,
    /// These rights and no others.
    Some(BTreeSet<String>),
}

impl Rights {
    /// No right at all.
    #[must_use]
    pub const fn none() -> Self {
        Self::Some(BTreeSet::new())
    }

    /// The rights of a list; `**` among them means all.
    #[must_use]
    pub fn of<'a>(rights: impl IntoIterator<Item = &'a str>) -> Self {
        let set: BTreeSet<String> = rights.into_iter().map(str::to_owned).collect();
        if set.contains("**") { Self::All } else { Self::Some(set) }
    }

    /// Reads a `scope` parameter: tokens of RFC 6749's characters with single spaces between them, or `None`.
    #[must_use]
    pub fn parse(scope: &str) -> Option<Self> {
        let is_token = |token: &str| {
            !token.is_empty() && token.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5B | 0x5D..=0x7E))
        };
        scope.split(' ').all(is_token).then(|| Self::of(scope.split(' ')))
    }

    /// Whether the right `CONTEXT:PERMISSION` is among these, by itself or by the global context.
    #[must_use]
    pub fn cover(&self, right: &str) -> bool {
        let Self::Some(rights) = self else { return true };
        rights.contains(right)
            || right
                .rsplit_once(':')
                .is_some_and(|(_, permission)| rights.contains(&format!("global:{permission}")))
    }

    /// Whether every right of `other` is covered. `**` is covered by `**` alone.
    #[must_use]
    pub fn cover_all(&self, other: &Self) -> bool {
        match other {
            Self::All => *self == Self::All,
            Self::Some(rights) => rights.iter().all(|right| self.cover(right)),
        }
    }

    /// The rights that both cover.
    #[must_use]
    pub fn intersect(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::All, rights) | (rights, Self::All) => rights.clone(),
            (Self::Some(ours), Self::Some(theirs)) => Self::Some(
                ours.iter()
                    .filter(|right| other.cover(right))
                    .chain(theirs.iter().filter(|right| self.cover(right)))
                    .cloned()
                    .collect(),
            ),
        }
    }

    /// Whether there is no right in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Some(rights) if rights.is_empty())
    }

    /// The rights one by one; `**` for all.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let (all, some) = match self {
            Self::All => (Some("**"), None),
            Self::Some(rights) => (None, Some(rights)),
        };
        all.into_iter().chain(some.into_iter().flatten().map(String::as_str))
    }
}

/// As a `scope` parameter.
impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, right) in self.iter().enumerate() {
            write!(f, "{}{right}", if index == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}
