//! The jobs.

/// Something that an OAuth client does again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each has its title")]
pub enum Job {
    UrlAnew,
    UrlPrepared,
    UrlRandom,
    Exchange,
    TokenResponse,
    WholeFlow,
    Rs256,
    Es256,
    EdDsa,
    Dpop,
}

impl Job {
    /// All, in the order of the tables.
    pub const ALL: [Self; 10] = [
        Self::UrlAnew,
        Self::UrlPrepared,
        Self::UrlRandom,
        Self::Exchange,
        Self::TokenResponse,
        Self::WholeFlow,
        Self::Rs256,
        Self::Es256,
        Self::EdDsa,
        Self::Dpop,
    ];

    /// What sides and runner call it.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::UrlAnew => "url-anew",
            Self::UrlPrepared => "url-prepared",
            Self::UrlRandom => "url-random",
            Self::Exchange => "exchange",
            Self::TokenResponse => "token-response",
            Self::WholeFlow => "whole-flow",
            Self::Rs256 => "rs256",
            Self::Es256 => "es256",
            Self::EdDsa => "eddsa",
            Self::Dpop => "dpop",
        }
    }

    /// The job of this id.
    #[must_use]
    pub fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|job| job.id() == id)
    }

    /// What readers call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::UrlAnew => "authorization URL, built anew",
            Self::UrlPrepared => "authorization URL, prepared once",
            Self::UrlRandom => "authorization URL, prepared once, with the system's randomness",
            Self::Exchange => "redirect read and checked, code-exchange request",
            Self::TokenResponse => "token response of ten members in 1.7 KB",
            Self::WholeFlow => "redirect, exchange request, token response",
            Self::Rs256 => "ID token verified, RS256",
            Self::Es256 => "ID token verified, ES256",
            Self::EdDsa => "ID token verified, EdDSA",
            Self::Dpop => "DPoP proof, ES256",
        }
    }

    /// What it is, exactly.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::UrlAnew => {
                "From the client's constants, a `state` and a code verifier that are given (ours: a seed that is given) to a URL \
                 with PKCE by S256, and what is kept until the browser comes back."
            }
            Self::UrlPrepared => {
                "The same, where what is the same for each user may be prepared, as far as the library has a way to."
            }
            Self::UrlRandom => {
                "The same with fresh randomness: ours and the floor ask the system for each URL, the peers have a generator of \
                 their own that it seeded once."
            }
            Self::Exchange => {
                "From the URL that the browser came back to, through the checks that the library makes, to the HTTP request for \
                 the token endpoint. oauth2 and openidconnect read no redirect: there it is done as their examples do, by `url` \
                 and a comparison."
            }
            Self::TokenResponse => {
                "From the answer of the token endpoint to typed tokens. Ours is given the whole answer; the readers of the others are \
                 given its body alone, and what they check of status and content type is in the next job."
            }
            Self::WholeFlow => "The two before, in one conversation, with an answer that is there at once.",
            Self::Rs256 | Self::Es256 | Self::EdDsa => {
                "From the compact JWT to claims that were checked (`iss`, `aud`, `exp`; `nonce` and `at_hash` where the library \
                 can), with a key that was parsed and a verification that was set up before."
            }
            Self::Dpop => "A proof for an API, with a fresh identifier and the hash of an access token.",
        }
    }

    /// How many rounds a turn has: some hundred microseconds of work.
    #[must_use]
    pub fn rounds(self) -> usize {
        match self {
            Self::UrlAnew | Self::UrlPrepared | Self::UrlRandom | Self::Exchange | Self::TokenResponse => 64,
            Self::WholeFlow => 32,
            Self::Rs256 => 8,
            Self::Es256 | Self::EdDsa | Self::Dpop => 4,
        }
    }
}
