//! What an attacker, or a careless server, does to a run: [`Attack`].

use std::fmt;

use valetkey_sandbox::{Endpoint, Misbehaviour};

use super::Method;

/// One switch of the attacker's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Attack {
    /// An answer of the server's is wrong, once.
    Misbehaviour(Misbehaviour),
    /// Somebody interferes from outside.
    Trick(Trick),
}

/// What somebody can do without the server's help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trick {
    /// The same response is delivered a second time.
    ResponseReplayed,
    /// The response arrives in another person's browser.
    OtherSession,
    /// The response comes after the pending authorization has expired.
    ResponseLate,
    /// The PKCE challenge is taken out of the URL on its way to the server.
    ChallengeStripped,
    /// A thief who read the code out of the redirect redeems it first.
    CodeStolen,
    /// A thief presents a refresh token that was used before, to a server that rotates and watches for it.
    RefreshTokenReused,
    /// Every access token expires at the server, whatever it said.
    TokensExpired,
    /// The user revokes what was granted.
    GrantRevoked,
}

impl Trick {
    const ALL: &[Self] = &[
        Self::ResponseReplayed,
        Self::OtherSession,
        Self::ResponseLate,
        Self::ChallengeStripped,
        Self::CodeStolen,
        Self::RefreshTokenReused,
        Self::TokensExpired,
        Self::GrantRevoked,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::ResponseReplayed => "response-replayed",
            Self::OtherSession => "response-in-another-session",
            Self::ResponseLate => "response-late",
            Self::ChallengeStripped => "pkce-stripped",
            Self::CodeStolen => "code-stolen",
            Self::RefreshTokenReused => "refresh-token-reused",
            Self::TokensExpired => "tokens-expired",
            Self::GrantRevoked => "grant-revoked",
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::ResponseReplayed => "The same redirect is delivered to the program a second time.",
            Self::OtherSession => {
                "The redirect arrives in another session than the one that began (login CSRF)."
            }
            Self::ResponseLate => "The redirect arrives eleven minutes later.",
            Self::ChallengeStripped => {
                "The PKCE challenge is taken out of the URL before the server sees it."
            }
            Self::CodeStolen => "A thief who saw the redirect sends the code to the token endpoint first.",
            Self::RefreshTokenReused => {
                "A thief presents a used refresh token to a server that rotates them."
            }
            Self::TokensExpired => "Every access token expires at the server before its time.",
            Self::GrantRevoked => "The user revokes everything that was granted.",
        }
    }
}

impl Attack {
    /// Every switch: those from outside, then what of the sandbox's catalogue the methods of Space's page meet.
    pub fn all() -> impl Iterator<Item = Self> {
        let tricks = Trick::ALL.iter().map(|trick| Self::Trick(*trick));
        let classic = Misbehaviour::ALL.iter().filter(|misbehaviour| misbehaviour.is_classic());
        tricks.chain(classic.map(|misbehaviour| Self::Misbehaviour(*misbehaviour)))
    }

    /// The stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Misbehaviour(misbehaviour) => misbehaviour.name(),
            Self::Trick(trick) => trick.name(),
        }
    }

    /// The switch of this name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::all().find(|attack| attack.name() == name)
    }

    /// One sentence about it.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::Misbehaviour(misbehaviour) => misbehaviour.description(),
            Self::Trick(trick) => trick.description(),
        }
    }

    /// What a switch may be aimed at, as headings.
    pub const TARGETS: [&'static str; 4] =
        ["From outside", "The authorization response", "The token response", "The API's answer"];

    /// What it is aimed at: one of [`TARGETS`](Self::TARGETS).
    #[must_use]
    pub fn target(self) -> &'static str {
        let [outside, authorization, token, api] = Self::TARGETS;
        match self {
            Self::Trick(_) => outside,
            Self::Misbehaviour(misbehaviour) => match misbehaviour.endpoint() {
                Endpoint::Authorization => authorization,
                Endpoint::Token => token,
                _ => api,
            },
        }
    }

    /// Whether a browser that is sent on by it would not come back here: to another host, or by a URL that is larger
    /// than servers read. The playground then plays the person itself.
    #[must_use]
    pub const fn loses_the_browser(self) -> bool {
        matches!(self, Self::Misbehaviour(Misbehaviour::OtherHost | Misbehaviour::CodeHuge))
    }

    /// Why the switch has nothing to act on in this method, if it has nothing.
    #[must_use]
    pub fn not_in(self, method: Method) -> Option<&'static str> {
        let no_browser = (!method.has_browser()).then_some("no browser goes to the authorization endpoint");
        match self {
            Self::Trick(Trick::OtherSession | Trick::ResponseLate | Trick::ResponseReplayed) => no_browser,
            Self::Trick(Trick::ChallengeStripped | Trick::CodeStolen) => {
                (method != Method::AuthorizationCode).then_some("there is no code")
            }
            Self::Trick(Trick::RefreshTokenReused) => {
                let refreshes =
                    matches!(method, Method::AuthorizationCode | Method::RefreshToken | Method::Password);
                (!refreshes).then_some("there is no refresh token")
            }
            Self::Trick(Trick::TokensExpired | Trick::GrantRevoked) => None,
            Self::Misbehaviour(misbehaviour) => match misbehaviour.endpoint() {
                Endpoint::Authorization => no_browser,
                Endpoint::Token => {
                    (!method.has_token_request()).then_some("no request goes to the token endpoint")
                }
                _ => None,
            },
        }
    }
}

/// The name.
impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
