//! What an application asks of a person, where the answer goes, and why a request may not be put to a person at all.

use serde_json::Value;

use super::ledger::Challenge;
use super::login::LoginWanted;
use super::telling::Telling;
use crate::Rights;
use crate::ground::refusal::Refusal;

/// A request that may be put to a person.
#[derive(Clone, Debug)]
pub(crate) struct AuthorizationRequest {
    pub(crate) client_id: String,
    pub(crate) redirect: Redirect,
    pub(crate) response_type: ResponseType,
    /// The rights to put to the person, all of which the application may ask for.
    pub(crate) scope: Rights,
    /// The resources that the tokens are for (RFC 8707), checked where the request is read.
    pub(crate) resources: Vec<String>,
    /// What is asked for in detail (RFC 9396).
    pub(crate) details: Vec<Value>,
    pub(crate) challenge: Option<Challenge>,
    /// `dpop_jkt`: the thumbprint of the key that the code is bound to (RFC 9449 §10).
    pub(crate) key: Option<String>,
    /// `access_type`, if it was given.
    pub(crate) offline: Option<bool>,
    pub(crate) login: LoginWanted,
    /// What the application is to be told about the person, if it asks who that is.
    pub(crate) telling: Option<Telling>,
    /// `request_credentials=silent`: no page may be shown.
    pub(crate) silent: bool,
    /// `request_credentials=required`: a user who is signed in logs in anew.
    pub(crate) logs_out: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResponseType {
    Code,
    /// A code and an ID token (OpenID Connect Core §3.3).
    CodeIdToken,
    /// An ID token alone (OpenID Connect Core §3.2).
    IdToken,
    Token,
}

impl ResponseType {
    /// By its name, whose words may come in any order.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "code" => Some(Self::Code),
            "code id_token" | "id_token code" => Some(Self::CodeIdToken),
            "id_token" => Some(Self::IdToken),
            "token" => Some(Self::Token),
            _ => None,
        }
    }

    pub(crate) const fn has_code(self) -> bool {
        matches!(self, Self::Code | Self::CodeIdToken)
    }

    pub(crate) const fn has_id_token(self) -> bool {
        matches!(self, Self::CodeIdToken | Self::IdToken)
    }
}

/// Why a request may not be put to a person.
pub(crate) enum Refused {
    /// The client or the redirect URI is bad: a person is told, and nobody is sent anywhere.
    Page(&'static str),
    /// The request object is not to be trusted, and so nothing that it says.
    Object(&'static str),
    /// Whatever else is wrong, the application is told through the redirect.
    Redirect(Box<Redirect>, Refusal),
}

impl Refused {
    /// What is wrong, for a client that is spoken to without a browser.
    pub(crate) const fn refusal(&self) -> Refusal {
        match self {
            Self::Page(reason) => ("invalid_request", reason),
            Self::Object(reason) => ("invalid_request_object", reason),
            Self::Redirect(_, refusal) => *refusal,
        }
    }
}

/// Where an authorization response goes, and how.
#[derive(Clone, Debug)]
pub(crate) struct Redirect {
    /// The redirect URI as the application names it.
    pub(crate) uri: String,
    /// Where a browser gets by it; if nowhere, the person is shown the parameters, and carries them there.
    pub(crate) place: Option<String>,
    pub(crate) mode: ResponseMode,
    /// Whether the parameters are the claims of a JWT, which is the only parameter then.
    pub(crate) signed: bool,
    pub(crate) client_id: String,
    pub(crate) state: Option<String>,
    pub(crate) issuer: Option<String>,
}

/// How the parameters travel (`response_mode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}
