//! Who and what exists in the organisation: [`User`], and the one who acts, a [`Subject`].

use std::fmt;

use crate::Rights;

/// A person with a password.
#[derive(Clone)]
pub struct User {
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) display_name: String,
    pub(crate) email: String,
    pub(crate) rights: Rights,
}

impl User {
    /// A user who has every right.
    #[must_use]
    pub fn new(username: &str, password: &str) -> Self {
        Self {
            username: username.to_owned(),
            password: password.to_owned(),
            display_name: username.to_owned(),
            email: format!("{username}@example.com"),
            rights: Rights::All,
        }
    }

    /// Names the user as people read it; the username otherwise.
    #[must_use]
    pub fn display_name(mut self, name: &str) -> Self {
        name.clone_into(&mut self.display_name);
        self
    }

    /// The user's email address; the username at `example.com` otherwise.
    #[must_use]
    pub fn email(mut self, address: &str) -> Self {
        address.clone_into(&mut self.email);
        self
    }

    /// Gives the user these rights and no others.
    #[must_use]
    pub fn rights(mut self, rights: Rights) -> Self {
        self.rights = rights;
        self
    }
}

/// Without the password.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("username", &self.username)
            .field("rights", &self.rights)
            .finish_non_exhaustive()
    }
}

/// On whose behalf a token acts, and so who is named as the author of what is made with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Subject {
    /// An application on its own behalf, by client id.
    Application(String),
    /// A user, by username.
    User(String),
}

impl Subject {
    /// The client id or the username.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Application(name) | Self::User(name) => name,
        }
    }
}

/// What an API request made: a chat message or an issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Its identifier, a number counted up.
    pub id: u64,
    /// Where: a channel's id for a message, a project's key for an issue.
    pub place: String,
    /// The text of a message, the title of an issue.
    pub text: String,
    /// Who is named as its author.
    pub author: Subject,
}
