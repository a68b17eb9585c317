//! On whose behalf a token acts: [`Subject`].

use std::fmt;

use serde::{Deserialize, Serialize};

/// On whose behalf an API request is made.
///
/// It follows from the grant that got the token, and is what the program knows, not what the server attests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Subject {
    /// The application's own: it is the author of what it does, within what an administrator granted it.
    Application,
    /// A user's: that person is the author, within what they granted and what they may do themselves.
    User,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Application => "application",
            Self::User => "user",
        })
    }
}
