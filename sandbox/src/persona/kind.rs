//! How a much-used server behaves, as data: [`Persona`].

use valetkey_core::server::Endpoint;

/// How a much-used server behaves, by its documentation: what it answers, and what it refuses.
///
/// The endpoints are those of the profile of the same name. What a documentation does not tell is left to the RFCs: a refresh
/// token that is no good is then `invalid_grant` (RFC 6749 §5.2), a refused access token a 401 (RFC 6750 §3).
#[derive(Clone, Copy, Debug)]
pub struct Persona {
    pub(crate) name: &'static str,
    /// Where it publishes its metadata, and which endpoints are named there.
    pub(crate) issuer: Option<&'static str>,
    /// The issuer that it names in its authorization responses (RFC 9207).
    pub(crate) iss: Option<&'static str>,
    pub(crate) endpoints: &'static [(Endpoint, &'static str)],
    pub(crate) client: Shows,
    /// How a client authenticates at the revocation endpoint, where that is another way.
    pub(crate) at_revocation: Option<Shows>,
    /// The parameters that the client's identifier and the code are in.
    pub(crate) id_in: &'static str,
    pub(crate) code_in: &'static str,
    /// Parameters without which the authorization request is refused, and the token request.
    pub(crate) wants: &'static [(&'static str, &'static str)],
    pub(crate) token_wants: &'static [(&'static str, &'static str)],
    pub(crate) wants_agent: bool,
    pub(crate) has_commas: bool,
    pub(crate) pkce: Pkce,
    /// What is asked for, with spaces.
    pub(crate) scope: &'static str,
    pub(crate) offline: Offline,
    pub(crate) rotation: Renewed,
    /// The documented answer to a code. `$ACCESS`, `$REFRESH` and `$ID` stand for what is new each time.
    pub(crate) tokens: Said,
    /// The documented answer to a refresh token, where it is another.
    pub(crate) renewed: Option<Said>,
    /// To a refresh token that is no good, and to a code that was used.
    pub(crate) dead: Said,
    pub(crate) used: Said,
    pub(crate) denial: Denial,
    pub(crate) revocation: Revoked,
    /// Who logged in, where its servers tell (OpenID Connect).
    pub(crate) identity: Option<Told>,
    /// The issuers beside its own that have a document too, and whom each names there.
    pub(crate) naming: &'static [(&'static str, &'static str)],
    /// The scopes for which it answers by a form, and not otherwise.
    pub(crate) form_post_for: &'static [&'static str],
    pub(crate) api: &'static str,
    /// What the API says to a token that is no good.
    pub(crate) refusal: Said,
    /// A page about it.
    pub(crate) source: &'static str,
    pub(crate) as_of: &'static str,
}

/// An answer: status, content type, body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Said(pub(crate) u16, pub(crate) &'static str, pub(crate) &'static str);

/// How a client authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shows {
    /// In the header, or in the body.
    Either,
    Basic,
    Body,
    /// By its identifier alone: it has no secret.
    Identifier,
    /// In the body, by a JWT that it signs by ES256 in the place of a secret: of this issuer, for this audience.
    Written(&'static str, &'static str),
}

/// What its servers tell of the person who logged in, by their documentation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told {
    /// The issuer, as ID tokens spell it.
    pub(crate) iss: &'static str,
    /// Who it is.
    pub(crate) sub: &'static str,
    /// What else an ID token says, as JSON.
    pub(crate) claims: &'static str,
    /// What UserInfo says beside `sub`, as JSON.
    pub(crate) userinfo: &'static str,
    /// Whether an ID token has the `nonce` of the request.
    pub(crate) has_nonce: bool,
    /// Whether it is signed with the client's secret, and not by a key that is published.
    pub(crate) is_by_secret: bool,
    /// Whose its keys say that they are.
    pub(crate) key_issuer: Option<&'static str>,
    /// What the browser brings of the person beside a code, once.
    pub(crate) user: Option<&'static str>,
}

/// What most servers tell.
pub(crate) const TOLD: Told = Told {
    iss: "",
    sub: "",
    claims: "{}",
    userinfo: "{}",
    has_nonce: true,
    is_by_secret: false,
    key_issuer: None,
    user: None,
};

/// Whether it knows PKCE (RFC 7636).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pkce {
    /// A request without a challenge is refused.
    Required,
    /// A challenge is verified.
    Verified,
    /// The parameters are not looked at.
    Unknown,
    /// A request without a challenge is refused, and a challenge is in hexadecimal; another is refused by this answer.
    Hex(Said),
    /// A verifier is refused, by this answer.
    Refused(Said),
}

/// When a refresh token is issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offline {
    Always,
    /// Where this scope was asked for.
    Scope(&'static str),
    /// Where the authorization request had this parameter.
    Parameter(&'static str, &'static str),
    /// Why not, and where that is written.
    Never(&'static str, &'static str),
}

/// What a renewal brings beside the access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Renewed {
    /// A new refresh token; the old one is no good any more.
    Rotated,
    /// The same one.
    Same,
    /// None: the old one stays good.
    Kept,
}

/// How the person's no comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denial {
    /// By these parameters.
    Said(&'static str),
    /// Not to where the program waits: why, and where that is written.
    Elsewhere(&'static str, &'static str),
}

/// What becomes of a token that the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Revoked {
    /// RFC 7009, at the profile's endpoint.
    Standard,
    /// The same, for access tokens only.
    AccessTokens,
    /// Why not, and where that is written.
    Otherwise(&'static str, &'static str),
}

pub(crate) const JSON: &str = "application/json";

/// What the RFCs say, where a documentation says nothing.
pub(crate) const USUAL: Persona = Persona {
    name: "",
    issuer: None,
    iss: None,
    endpoints: &[],
    client: Shows::Either,
    at_revocation: None,
    id_in: "client_id",
    code_in: "code",
    wants: &[],
    token_wants: &[],
    wants_agent: false,
    has_commas: false,
    pkce: Pkce::Unknown,
    scope: "",
    offline: Offline::Always,
    rotation: Renewed::Rotated,
    tokens: Said(200, JSON, ""),
    renewed: None,
    dead: Said(400, JSON, r#"{"error":"invalid_grant"}"#),
    used: Said(400, JSON, r#"{"error":"invalid_grant"}"#),
    denial: Denial::Said("error=access_denied"),
    revocation: Revoked::Standard,
    identity: None,
    naming: &[],
    form_post_for: &[],
    api: "",
    refusal: Said(401, JSON, r#"{"error":"invalid_token"}"#),
    source: "",
    as_of: "2026-11-27",
};

impl Persona {
    /// The name of the profile whose servers it plays.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The issuer that it plays, where its servers publish metadata.
    #[must_use]
    pub const fn issuer(&self) -> Option<&'static str> {
        self.issuer
    }

    /// A scope that its servers know, with spaces; empty where they have none to name.
    #[must_use]
    pub const fn scope(&self) -> &'static str {
        self.scope
    }

    /// A URL of its API that is answered.
    #[must_use]
    pub const fn api(&self) -> &'static str {
        self.api
    }

    /// Why no refresh token is ever issued, and the page that says so; `None` where one is.
    #[must_use]
    pub const fn never_renews(&self) -> Option<(&'static str, &'static str)> {
        match self.offline {
            Offline::Never(why, source) => Some((why, source)),
            _ => None,
        }
    }

    /// Why a token is not ended by RFC 7009, and the page that says so; `None` where it is.
    #[must_use]
    pub const fn never_revokes(&self) -> Option<(&'static str, &'static str)> {
        match self.revocation {
            Revoked::Otherwise(why, source) => Some((why, source)),
            Revoked::Standard | Revoked::AccessTokens => None,
        }
    }

    /// Whether a refresh token is refused where an access token is ended.
    #[must_use]
    pub fn keeps_refresh_tokens(&self) -> bool {
        self.revocation == Revoked::AccessTokens
    }

    /// Why the person's no does not come back, and the page that says so; `None` where it does.
    #[must_use]
    pub const fn never_denies(&self) -> Option<(&'static str, &'static str)> {
        match self.denial {
            Denial::Elsewhere(why, source) => Some((why, source)),
            Denial::Said(_) => None,
        }
    }

    /// Who logs in at its servers with the scope `openid`: their issuer, in the form in which it is compared, and their subject.
    /// `None` where its servers are not known to tell.
    #[must_use]
    pub fn identity(&self) -> Option<(&'static str, &'static str)> {
        self.identity.map(|told| (self.issuer.unwrap_or(told.iss), told.sub))
    }

    /// A page that its answers are from.
    #[must_use]
    pub const fn source(&self) -> &'static str {
        self.source
    }

    /// The date as of which its answers are those of its servers: `2026-11-27`.
    #[must_use]
    pub const fn as_of(&self) -> &'static str {
        self.as_of
    }
}
