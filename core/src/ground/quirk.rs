//! What servers do differently from the RFCs, by name: [`Quirk`], and the set a server is met with: [`Quirks`].
//!
//! Longer than most files: a quirk is a line of one table, with what it is about and who needs it.

use std::fmt;

macro_rules! quirks {
    ($($(#[$doc:meta])+ $variant:ident = $bit:literal, $name:literal;)+) => {
        /// One way in which a server departs from the RFCs.
        ///
        /// A few are harmless and always admitted, the rest refused unless the server's [`Quirks`] admit them. Either
        /// way, one that occurred is reported on the result, so that nobody has to guess what was let through.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Quirk {
            $($(#[$doc])+ $variant = $bit,)+
        }

        impl Quirk {
            /// Every quirk.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// A stable kebab-case name, for logs and configuration files.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }
        }
    };
}

quirks! {
    /// `expires_in` as a string of digits, `"3600"`, with or without a fraction. Always admitted.
    LifetimeAsText = 0, "lifetime-as-text";
    /// `expires_in` with a fraction, `3600.0`; the fraction is dropped. Always admitted.
    LifetimeAsFraction = 1, "lifetime-as-fraction";
    /// `expires_in` beyond ten years, which is then the lifetime. Always admitted.
    LifetimeCapped = 2, "lifetime-capped";
    /// A token response without `Cache-Control: no-store` ([TR-19](crate::Rule::Tr19)). Always admitted.
    Cacheable = 3, "cacheable";
    /// No `token_type`: taken for `Bearer` ([TR-6](crate::Rule::Tr6)). JetBrains Space and Hub answer so.
    NoTokenType = 4, "no-token-type";
    /// `scope` as an array of strings ([TR-11](crate::Rule::Tr11)), in an introspection too. Home-made servers answer so.
    ScopeAsArray = 5, "scope-as-array";
    /// `scope` as an empty string, or another value without a scope token ([TR-11](crate::Rule::Tr11)): taken for no scope at
    /// all. GitHub answers so.
    EmptyScope = 6, "empty-scope";
    /// An optional member with the value `null`, or of a token response one that is empty (`""`, `[]`, `false`): taken for
    /// absent ([TR-10](crate::Rule::Tr10)). Frameworks that serialize every field answer so.
    NullMember = 7, "null-member";
    /// A successful token response with another 2xx status than 200 ([TR-1](crate::Rule::Tr1)). Web frameworks answer a POST
    /// with 201.
    AnySuccessStatus = 8, "any-success-status";
    /// A JSON body under another content type, or none ([TR-3](crate::Rule::Tr3)). Home-made servers answer so.
    AnyContentType = 9, "any-content-type";
    /// Basic credentials are sent as they are, not form-encoded ([CA-2](crate::Rule::Ca2)), because the server does not
    /// decode them. JetBrains' own clients send them so, and so do many servers read them.
    RawBasic = 10, "raw-basic";
    /// Endpoints and APIs under plain `http` on a loopback address ([DI-5](crate::Rule::Di5)), for tests and development.
    LoopbackHttp = 11, "loopback-http";
    /// An `iss` that was not advertised is ignored ([AR-4](crate::Rule::Ar4)), for servers that put another value than their
    /// issuer there.
    IssDiscarded = 12, "iss-discarded";
    /// A polling interval that is missing in substance (`0`, `null`, `""`), no whole number, or beyond an hour: taken for the
    /// usual one, rounded up, or cut ([DV-1](crate::Rule::Dv1)). Always admitted.
    IntervalAdjusted = 16, "interval-adjusted";
    /// `verification_url` in the place of `verification_uri` ([DV-1](crate::Rule::Dv1)). Google answers so.
    VerificationUrl = 17, "verification-url";
    /// Metadata about a resource that the requested URL is below, and not about that very URL ([PR-2](crate::Rule::Pr2)).
    /// APIs with one document for all their URLs answer so; a draft to follow RFC 9728 allows it.
    ResourcePrefix = 18, "resource-prefix";
    /// A challenge that leads to metadata on another origin than the API's ([PR-4](crate::Rule::Pr4)), for APIs behind a
    /// gateway that has its documents elsewhere.
    MetadataElsewhere = 19, "metadata-elsewhere";
    /// `scope` with commas between its tokens ([TR-11](crate::Rule::Tr11)). GitHub and Slack answer so.
    ScopeWithCommas = 20, "scope-with-commas";
    /// A `token_type` of `bot` or `user` ([TR-6](crate::Rule::Tr6)): it says whom the token is for, and is taken for
    /// `Bearer`. Slack answers so.
    SubjectAsTokenType = 21, "subject-as-token-type";
    /// A client assertion is addressed to an endpoint and not to the issuer ([CA-4](crate::Rule::Ca4)), for servers that
    /// were written to RFC 7523 §3 before it was told that this is unsafe.
    EndpointAudience = 24, "endpoint-audience";
    /// Any other `token_type` ([TR-6](crate::Rule::Tr6)): taken for `Bearer`, which is what the documentation of such a server
    /// says of the token. eBay (`User Access Token`), Apigee and Slack (`app`) answer so.
    AnyTokenType = 32, "any-token-type";
    /// A token response that is a form ([TR-3](crate::Rule::Tr3)), as drafts of OAuth had it: `access_token=…&expires=86400`.
    /// Its lifetime may be called `expires`. Stack Exchange and Deezer answer so.
    FormEncodedAnswer = 33, "form-encoded-answer";
    /// A byte order mark before the JSON of an answer ([TR-2](crate::Rule::Tr2)), which RFC 8259 §8.1 lets a reader ignore.
    /// Some ASP.NET servers write one.
    ByteOrderMark = 34, "byte-order-mark";
    /// A code was granted `openid` and no ID token came ([TR-12](crate::Rule::Tr12)): nobody is logged in by it. Servers
    /// without OpenID that repeat whatever scope they were asked for answer so.
    NoIdToken = 35, "no-id-token";
    /// A lifetime of 0 or -1 ([TR-9](crate::Rule::Tr9)), and an introspection's `exp` of 0 or -1 ([IN-1](crate::Rule::In1)): the
    /// token does not expire. Without this quirk 0 says that it has expired when it comes, and -1 is refused. VK answers so.
    ZeroLifetime = 36, "zero-lifetime";
    /// An answer compressed with gzip, which was not asked for (RFC 9110 §12.5.3): unpacked, up to the size that any answer
    /// may have. Always admitted. Some content delivery networks send so.
    UnaskedGzip = 37, "unasked-gzip";
    /// The members of the token response are where `AuthorizationServer::tokens_at` says. Never refused: to say
    /// where they are is to admit it.
    TokensElsewhere = 38, "tokens-elsewhere";
    /// A signed introspection whose `aud` is the API that the token is for, as `Expectations::audience` names it, and not the
    /// client that asked ([IN-2](crate::Rule::In2)). Servers that copy the token's own claims answer so.
    IntrospectionForApi = 39, "introspection-for-api";
    /// A bearer token where one bound to the client's key was asked for ([TR-7](crate::Rule::Tr7)): it is used as one, and a
    /// thief can use it too. A server that knows no DPoP ignores the proof and answers so (RFC 9449 §5).
    BearerForDpop = 28, "bearer-for-dpop";
    /// An error in the front channel without the `iss` that the server advertises ([AR-3](crate::Rule::Ar3)): it is told once
    /// its `state` is right, because an error sends nothing anywhere. Always admitted.
    IssMissingInErrors = 48, "iss-missing-in-errors";
    /// A code or token in the front channel without the `iss` that the server advertises ([AR-3](crate::Rule::Ar3)). Of a
    /// program with several servers each then needs a redirect URI of its own, which alone tells their responses apart
    /// (RFC 9700 §4.4.2).
    IssMissing = 49, "iss-missing";
    /// `iss` in the query of a response whose other parameters are in its fragment ([AR-11](crate::Rule::Ar11)). It is
    /// compared with the server's issuer as elsewhere.
    IssInQuery = 50, "iss-in-query";
    /// Metadata without `response_types_supported` ([DI-6](crate::Rule::Di6)).
    NoResponseTypes = 51, "no-response-types";
    /// A redirect URI that is not of a safe kind ([AQ-8](crate::Rule::Aq8)), but is registered: of a private-use scheme
    /// without a dot (`cursor://callback`), an URN (`urn:ietf:wg:oauth:2.0:oob`), or a name (`postmessage`). Another program
    /// may claim such a scheme and get the code.
    UnusualRedirectUri = 52, "unusual-redirect-uri";
    /// A claim of a signed response that is there twice, with one and the same value ([TR-2](crate::Rule::Tr2)): it is taken
    /// once, as RFC 7519 §4 lets a reader do. Keycloak answers so (`iss`).
    RepeatedClaim = 53, "repeated-claim";
    /// An API answers 400 to a token that is no good ([WA-3](crate::Rule::Wa3)): it is treated as the 401 of RFC 6750 §3.1, and the
    /// call is repeated once with a new token. A 400 to a request that is wrong in itself costs a renewal then.
    BadTokenBy400 = 64, "bad-token-by-400";
    /// An API answers 403 to a token that is no good ([WA-3](crate::Rule::Wa3)): likewise. A 403 that asks for a wider scope or
    /// another login is no such answer, and a 403 to what the user may not do costs a renewal.
    BadTokenBy403 = 65, "bad-token-by-403";
    /// A request to the server or its answer was changed by the program's own [`Adjust`](crate::client::Adjust). Always admitted: the client
    /// that was given one asked for it.
    Adjusted = 66, "adjusted";
    /// The refresh token of a public client, which is bound to no key, was used and stays in use ([TR-21](crate::Rule::Tr21)): a
    /// thief of it is not noticed. Always admitted; RFC 9700 §4.14.2 wants such servers to rotate or bind it.
    RefreshTokenKept = 67, "refresh-token-kept";
    /// A client that has a secret sends no code challenge (PKCE), to a server that refuses one ([AQ-3](crate::Rule::Aq3)): a login
    /// then rests on its `state`, and its code on the client's secret. A code that was stolen from another login can be injected
    /// (RFC 9700 §4.5). A client without a secret sends a challenge whatever is admitted. Slack's applications refuse one until it
    /// is turned on.
    NoCodeChallenge = 68, "no-code-challenge";
    /// The code challenge is written in hexadecimal, as `AuthorizationServer::code_challenge_in_hex` says: the same digest in
    /// another spelling ([AQ-2](crate::Rule::Aq2)). Never refused: to say so is to admit it. TikTok wants it of desktop
    /// applications.
    HexCodeChallenge = 69, "hex-code-challenge";
    /// An ID token is handed over as it came ([ID-8](crate::Rule::Id8)): nothing of it is looked at, and nobody is logged in by
    /// it. For programs that ask for `openid` and verify its answer by other means.
    IdTokenUnread = 72, "id-token-unread";
    /// The signature of an ID token is not verified ([ID-8](crate::Rule::Id8)), since the TLS connection to the token endpoint
    /// vouches for it (OpenID Connect Core §3.1.3.7, point 6). All its claims are. For servers whose keys cannot be had. During a
    /// renewal this is always admitted while the keys cannot be fetched, so that no refresh token is lost by it.
    IdTokenByTls = 73, "id-token-by-tls";
    /// Metadata without the lists that a login needs by OpenID Connect Discovery §3 ([DI-11](crate::Rule::Di11)): how subjects are
    /// named, and how ID tokens are signed, which is then by RS256. Servers that publish RFC 8414's metadata alone do so.
    SparseLoginMetadata = 74, "sparse-login-metadata";
    /// An ID token that comes with a renewal has another `auth_time` than the login ([ID-22](crate::Rule::Id22)), because the
    /// person has logged in again meanwhile.
    OtherAuthTime = 75, "other-auth-time";
    /// Signed UserInfo without `iss` or `aud` ([UI-4](crate::Rule::Ui4)).
    UnaddressedUserInfo = 76, "unaddressed-user-info";
    /// A standard claim of a wrong type, `"updated_at": "yesterday"`: it is left out ([UI-7](crate::Rule::Ui7)). Always admitted.
    ClaimOfOtherType = 77, "claim-of-other-type";
    /// A standard claim that is true or false as a text, `"email_verified": "true"` ([UI-7](crate::Rule::Ui7)). Apple answers so.
    BooleanAsText = 78, "boolean-as-text";
    /// An ID token by the code flow has no `nonce`, and one was sent ([ID-15](crate::Rule::Id15)): it is tied to its login by the
    /// code alone. One that comes through the browser must have its `nonce` all the same. LinkedIn answers so.
    NoNonce = 100, "no-nonce";
    /// An ID token names its issuer without the scheme, as `AuthorizationServer::issuer_without_scheme` says
    /// ([ID-57](crate::Rule::Id57)). Never refused: to say so is to admit it. Google answers so.
    IssuerWithoutScheme = 101, "issuer-without-scheme";
    /// Metadata name another issuer than the one that was asked: the one that `Discovery::naming_issuer` says
    /// ([ID-56](crate::Rule::Id56)). Never refused: to say so is to admit it. Entra ID answers so for all tenants together.
    OtherIssuer = 102, "other-issuer";
    /// An ID token is of one tenant, and the issuer of its server stands for many, as `AuthorizationServer::tenants` says
    /// ([ID-55](crate::Rule::Id55)). Never refused: to say so is to admit it. Entra ID answers so.
    TenantOfIssuer = 103, "tenant-of-issuer";
    /// A logout token without `exp` ([LO-10](crate::Rule::Lo10)), which OpenID Connect Back-Channel Logout asks for since its first
    /// errata (§2.4): it is taken while its `iat` is young enough ([`BackChannel::oldest`](crate::logout::BackChannel::oldest)), and remembered
    /// for as long. Ory Hydra and LemonLDAP::NG send so.
    LogoutWithoutExpiry = 104, "logout-without-expiry";
}

/// A set of quirks: those a server is allowed, or those that occurred.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Quirks([u64; WORDS]);

/// Room for 128 quirks.
const WORDS: usize = 2;

// One bit for each quirk.
const _: () = {
    let mut place = 0;
    while place < Quirk::ALL.len() {
        #[expect(clippy::indexing_slicing, reason = "the loop's bound is the length")]
        let quirk = Quirk::ALL[place];
        assert!((quirk as usize) < WORDS * 64);
        place += 1;
    }
};

/// The word that a quirk's bit is in, and the bit.
const fn bit(quirk: Quirk) -> (usize, u64) {
    let number = quirk as usize;
    (number / 64, 1 << (number % 64))
}

impl Quirks {
    /// Admits none but the harmless.
    pub const STRICT: Self = Self([0; WORDS])
        .with(Quirk::LifetimeAsText)
        .with(Quirk::LifetimeAsFraction)
        .with(Quirk::LifetimeCapped)
        .with(Quirk::Cacheable)
        .with(Quirk::IntervalAdjusted)
        .with(Quirk::IssMissingInErrors)
        .with(Quirk::UnaskedGzip)
        .with(Quirk::TokensElsewhere)
        .with(Quirk::HexCodeChallenge)
        .with(Quirk::Adjusted)
        .with(Quirk::RefreshTokenKept)
        .with(Quirk::ClaimOfOtherType)
        .with(Quirk::IssuerWithoutScheme)
        .with(Quirk::OtherIssuer)
        .with(Quirk::TenantOfIssuer);

    /// What a URL is held to when it is named. Whether plain http on loopback is admitted is asked when the URL is used: a
    /// program admits it before or after.
    pub(crate) const WHEN_NAMED: Self = Self::STRICT.with(Quirk::LoopbackHttp);

    /// This set and one more.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "every quirk has its bit, as is asserted above")]
    pub const fn with(mut self, quirk: Quirk) -> Self {
        let (word, bit) = bit(quirk);
        self.0[word] |= bit;
        self
    }

    /// This set and all of another.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        let ([one, two], [first, second]) = (self.0, others.0);
        Self([one | first, two | second])
    }

    #[expect(clippy::indexing_slicing, reason = "every quirk has its bit, as is asserted above")]
    pub(crate) const fn without(mut self, quirk: Quirk) -> Self {
        let (word, bit) = bit(quirk);
        self.0[word] &= !bit;
        self
    }

    /// Whether the set has it.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "every quirk has its bit, as is asserted above")]
    pub const fn contains(self, quirk: Quirk) -> bool {
        let (word, bit) = bit(quirk);
        self.0[word] & bit != 0
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        matches!(self.0, [0, 0])
    }

    /// The quirks in the set.
    pub fn iter(self) -> impl Iterator<Item = Quirk> {
        Quirk::ALL.iter().copied().filter(move |&quirk| self.contains(quirk))
    }
}

/// The names, such as `{"no-token-type"}`.
impl fmt::Debug for Quirks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Quirk::name)).finish()
    }
}

/// What an error's text ends with where a quirk would have admitted what was refused.
pub(crate) fn exit(f: &mut fmt::Formatter<'_>, admitted_by: Option<Quirk>) -> fmt::Result {
    match admitted_by {
        Some(quirk) => write!(f, "; the quirk `{}` admits it (`Quirk::{quirk:?}`)", quirk.name()),
        None => Ok(()),
    }
}

/// How relaxations are admitted, at whatever has `quirks`: one way, everywhere. What is written into it is said of `admit`.
macro_rules! admits {
    ($(#[$about:meta])+) => {
        $(#[$about])+
        #[must_use]
        pub const fn admit(mut self, quirk: $crate::ground::quirk::Quirk) -> Self {
            self.quirks = self.quirks.with(quirk);
            self
        }

        /// Admits all of these.
        #[must_use]
        pub fn admit_all(mut self, quirks: $crate::ground::quirk::Quirks) -> Self {
            self.quirks = self.quirks.and(quirks);
            self
        }
    };
}

pub(crate) use admits;
