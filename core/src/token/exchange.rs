//! Trading one token for another: [`TokenExchange`] (RFC 8693), a conversion into a [`Grant`].
//!
//! ```text
//!  an API that calls another                    authorization server
//!     │ TokenExchange::new(subject_token, kind)         │
//!     ├── POST token endpoint: subject_token, … ───────▶│
//!     │◀─ 200 access_token, issued_token_type … ────────┤  TokenResponse
//! ```
//!
//! One round, carried out by a [`TokenRequest`](crate::TokenRequest) like any other grant's. Without an actor's token the
//! new token impersonates the subject; with one, the actor acts for the subject.

use std::borrow::Cow;
use std::fmt;

use crate::client::late::{Form, Late};
use crate::client::secret_source::SecretSource;
use crate::ground::error::{Error, misuse};
use crate::ground::subject::Subject;
use crate::ground::text;
use crate::ground::wiped::Wiped;
use crate::terms::access::{Access, Asks, asks};
use crate::terms::authorization_details::AuthorizationDetails;
use crate::terms::resource::Resource;
use crate::terms::scope::Scope;
use crate::terms::secret::AccessToken;
use crate::token::grant::{Grant, TOKEN_EXCHANGE};
use crate::wire::uri;

/// The parameters that an exchange's own methods set.
const OWN: [&str; 5] =
    ["actor_token", "actor_token_type", "requested_token_type", "subject_token", "subject_token_type"];

/// What kind of token something is, as a URI (RFC 8693 §3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenKind(Cow<'static, str>);

impl TokenKind {
    /// An OAuth access token of the server that is asked.
    pub const ACCESS_TOKEN: Self = Self::known("urn:ietf:params:oauth:token-type:access_token");
    /// An OAuth refresh token of the server that is asked.
    pub const REFRESH_TOKEN: Self = Self::known("urn:ietf:params:oauth:token-type:refresh_token");
    /// An ID token of OpenID Connect.
    pub const ID_TOKEN: Self = Self::known("urn:ietf:params:oauth:token-type:id_token");
    /// A SAML 1.1 assertion, base64url-encoded.
    pub const SAML1: Self = Self::known("urn:ietf:params:oauth:token-type:saml1");
    /// A SAML 2.0 assertion, base64url-encoded.
    pub const SAML2: Self = Self::known("urn:ietf:params:oauth:token-type:saml2");
    /// A JWT, whatever it is.
    pub const JWT: Self = Self::known("urn:ietf:params:oauth:token-type:jwt");

    const fn known(uri: &'static str) -> Self {
        Self(Cow::Borrowed(uri))
    }

    /// A kind of the server's own.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if it is not an absolute URI.
    pub fn new(uri: impl Into<String>) -> Result<Self, Error> {
        let uri = uri.into();
        if !uri::is_absolute(&uri) {
            return Err(misuse("the kind of the token is not an absolute URI"));
        }
        Ok(Self(Cow::Owned(uri)))
    }

    /// The URI, to compare with [`TokenResponse::issued_token_type`](crate::TokenResponse::issued_token_type).
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A token to be exchanged, and what for. It becomes a [`Grant`] by `Grant::from`.
///
/// ```
/// use valetkey_core::{AccessToken, AuthorizationServer, Client, Grant, TokenRequest};
/// use valetkey_core::token::TokenExchange;
///
/// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
/// # let client = Client::new(server, "s6BhdRkqt3");
/// let received = AccessToken::new("accVkjcJyb4BWCxGsndESCJQbdFMogUC5PbRDqceLTC")?;
/// let exchange = TokenExchange::of(&received).resource("https://backend.example.com/api")?;
/// let flow = TokenRequest::new(&client, Grant::from(exchange))?;
/// # let _ = flow;
/// # Ok::<(), valetkey_core::Error>(())
/// ```
///
/// The answer must say what kind of token was issued ([TR-16](crate::Rule::Tr16)). Of all grants only this one may be
/// answered with the token type `N_A`; such a token is handed over, and no session takes it.
#[derive(Clone)]
pub struct TokenExchange {
    token: Token,
    kind: TokenKind,
    actor: Option<(Wiped, TokenKind)>,
    audiences: Vec<String>,
    requested: Option<TokenKind>,
    access: Access,
}

/// The subject's token, or what gives one for each request.
#[derive(Clone)]
enum Token {
    Held(Wiped),
    Late(Late),
}

impl TokenExchange {
    /// Exchanges an access token.
    #[must_use]
    pub fn of(token: &AccessToken) -> Self {
        Self::from_parts(token.expose(), TokenKind::ACCESS_TOKEN)
    }

    /// Exchanges a token of any kind: whom the new token will stand for.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the token is empty or holds anything but printable ASCII.
    pub fn new(subject_token: &str, kind: TokenKind) -> Result<Self, Error> {
        require_token(subject_token)?;
        Ok(Self::from_parts(subject_token, kind))
    }

    /// Exchanges a token of any kind that a source gives anew for each request: the token that a platform writes into a file, for
    /// example (workload identity).
    ///
    /// ```
    /// use valetkey_core::Grant;
    /// use valetkey_core::token::{TokenExchange, TokenKind};
    ///
    /// let exchange = TokenExchange::from_source(TokenKind::JWT, || std::fs::read_to_string("/run/secrets/token"));
    /// let grant = Grant::from(exchange.audience("//iam.example/pools/build"));
    /// # let _ = grant;
    /// ```
    #[must_use]
    pub fn from_source(kind: TokenKind, source: impl SecretSource + 'static) -> Self {
        Self {
            token: Token::Late(Late::from_source("subject_token", source, Form::Text)),
            ..Self::from_parts("", kind)
        }
    }

    fn from_parts(token: &str, kind: TokenKind) -> Self {
        Self {
            token: Token::Held(Wiped::new(token.to_owned())),
            kind,
            actor: None,
            audiences: Vec::new(),
            requested: None,
            access: Access::new(),
        }
    }

    /// Says who acts for the subject, by a token of the actor's own.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the token is empty or holds anything but printable ASCII.
    pub fn actor_token(mut self, actor_token: &str, kind: TokenKind) -> Result<Self, Error> {
        require_token(actor_token)?;
        self.actor = Some((Wiped::new(actor_token.to_owned()), kind));
        Ok(self)
    }

    /// Names a service that the new token is for, as the server knows it. May be called for several.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Asks for a token of this kind; without it, the server's choice.
    #[must_use]
    pub fn requested_token_type(mut self, kind: TokenKind) -> Self {
        self.requested = Some(kind);
        self
    }
}

asks!(TokenExchange);

impl Asks for TokenExchange {
    fn is_reserved(name: &str) -> bool {
        OWN.contains(&name) || Grant::is_reserved(name)
    }

    fn has(&self, name: &str) -> bool {
        self.access.has(name) || (name == "audience" && !self.audiences.is_empty())
    }

    fn put(&mut self, name: &str, value: &str) {
        match name {
            "audience" => self.audiences.push(value.to_owned()),
            name => self.access.put(name, value),
        }
    }

    fn put_scope(&mut self, scope: Scope) {
        self.access.put_scope(scope);
    }

    fn put_resource(&mut self, resource: Resource) {
        self.access.put_resource(resource);
    }

    fn put_details(&mut self, details: AuthorizationDetails) -> Result<(), Error> {
        self.access.put_details(details)
    }
}

/// On a user's behalf, unless [`Grant::on_behalf_of`] says otherwise.
impl From<TokenExchange> for Grant {
    fn from(exchange: TokenExchange) -> Self {
        let Access { scope, resources, details, parameters } = exchange.access;
        let mut grant = Self::new(TOKEN_EXCHANGE, Subject::User, &[]).for_scope(scope);
        grant = resources.iter().fold(grant, Self::for_resource);
        for audience in &exchange.audiences {
            grant = grant.repeated_parameter("audience", audience);
        }
        if let Some(kind) = &exchange.requested {
            grant = grant.known_parameter("requested_token_type", kind.as_str());
        }
        grant = match exchange.token {
            Token::Held(token) => grant.known_parameter("subject_token", &token),
            Token::Late(late) => grant.made_later(late),
        }
        .known_parameter("subject_token_type", exchange.kind.as_str());
        if let Some((token, kind)) = &exchange.actor {
            grant = grant
                .known_parameter("actor_token", token)
                .known_parameter("actor_token_type", kind.as_str());
        }
        if let Some(details) = details {
            let json = details.as_str().to_owned();
            grant = grant.known_parameter("authorization_details", &json).expecting_details(details);
        }
        parameters.iter().fold(grant, |grant, (name, value)| grant.known_parameter(name, value))
    }
}

/// Without the tokens.
impl fmt::Debug for TokenExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenExchange")
            .field("kind", &self.kind)
            .field("actor", &self.actor.as_ref().map(|(_, kind)| kind))
            .field("audiences", &self.audiences)
            .field("requested", &self.requested)
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}

fn require_token(token: &str) -> Result<(), Error> {
    if text::is_vschar(token) {
        Ok(())
    } else {
        Err(misuse("the token to exchange is empty or not printable ASCII"))
    }
}
