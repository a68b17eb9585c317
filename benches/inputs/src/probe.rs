//! What a side does with wrong input, found by giving it some.

use std::fmt;

macro_rules! probes {
    ($($probe:ident $id:literal $title:literal,)*) => {
        /// Something wrong, or something secret.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each has its title")]
        pub enum Probe { $($probe,)* }

        impl Probe {
            /// All, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$probe,)*];

            /// What sides and runner call it.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$probe => $id,)* }
            }

            /// What readers call it.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$probe => $title,)* }
            }
        }
    };
}

probes! {
    StateWrong "state-wrong" "redirect: a wrong `state`",
    StateMissing "state-missing" "redirect: no `state`",
    CodeTwice "code-twice" "redirect: `code` twice",
    IssWrong "iss-wrong" "redirect: another issuer in `iss`",
    IssMissing "iss-missing" "redirect: no `iss`, of a server that announced it",
    CodeAndError "code-and-error" "redirect: `code` and `error`",
    TypeMissing "type-missing" "token response: no `token_type`",
    TypeUnknown "type-unknown" "token response: a token type that nobody asked for",
    MemberTwice "member-twice" "token response: `access_token` twice",
    NotJson "not-json" "token response: JSON said to be `text/html`",
    ServerError "server-error" "token response: tokens with status 500",
    ErrorMember "error-member" "token response: tokens beside an `error`",
    TokenOfSpaces "token-of-spaces" "token response: an access token that no header can carry",
    Huge "huge" "token response: 8 MB",
    MembersKept "members-kept" "token response: members that no standard names",
    DebugTokens "debug-tokens" "an access token in `Debug` of the tokens",
    OtherIssuer "other-issuer" "ID token of another issuer",
    OtherAudience "other-audience" "ID token for another client",
    SecondAudience "second-audience" "ID token for a second, unknown audience",
    OtherNonce "other-nonce" "ID token that answers another request (`nonce`)",
    Expired "expired" "ID token that has run out",
    WithoutIat "without-iat" "ID token without `iat`",
    OtherAccessToken "other-access-token" "ID token beside another access token (`at_hash`)",
    ClaimTwice "claim-twice" "ID token with `sub` twice",
    OtherAlgorithm "other-algorithm" "ID token by an algorithm that was not agreed on",
    Unsigned "unsigned" "ID token with `alg` `none`",
}

/// A probe, and what finds what a side does with it.
pub type Probing = (Probe, fn() -> Verdict);

/// What it did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// An error was returned.
    Refused,
    /// It was taken as if it were right.
    Taken,
    /// What was sent can be read.
    Kept,
    /// What was sent is gone.
    Dropped,
    /// The secret is in the text.
    Shown,
    /// It is not.
    Hidden,
    /// The side has no function that would look.
    NotLookedAt,
}

impl Verdict {
    /// In a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Taken => "**taken**",
            Self::Kept => "kept",
            Self::Dropped => "dropped",
            Self::Shown => "**shown**",
            Self::Hidden => "hidden",
            Self::NotLookedAt => "not looked at",
        }
    }
}

/// What a result says of an input that is wrong.
pub fn refused<T, E>(result: Result<T, E>) -> Verdict {
    if result.is_ok() { Verdict::Taken } else { Verdict::Refused }
}

/// Whether a secret is in what `Debug` prints.
pub fn printed(value: &impl fmt::Debug, secret: &str) -> Verdict {
    if format!("{value:?}").contains(secret) { Verdict::Shown } else { Verdict::Hidden }
}
