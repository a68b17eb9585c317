//! What a family of servers does with a code challenge: [`Pkce`].

/// What a family of servers does with a code challenge (PKCE, RFC 7636).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pkce {
    /// The documentation has it: a code is good for its verifier only.
    Known,
    /// The documentation does not have it. The challenge is sent all the same; if the server ignores it, nothing but `state` ties
    /// the response to its request.
    Ignored,
    /// A challenge spoils the login of a client that has a secret, which sends none:
    /// [`Quirk::NoCodeChallenge`](crate::Quirk::NoCodeChallenge) is admitted. A client without a secret sends one.
    Refused,
}

impl Pkce {
    /// `known`, `ignored`, `refused`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Ignored => "ignored",
            Self::Refused => "refused",
        }
    }
}
