//! What an application asks of a person, where the answer goes, and why a request may not be put to a person at all.

use serde_json::Value;

use super::ledger::Challenge;
use super::login::LoginWanted;
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
    /// `request_credentials=silent`: no page may be shown.
    pub(crate) silent: bool,
    /// `request_credentials=required`: a user who is signed in logs in anew.
    pub(crate) logs_out: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResponseType {
    Code,
    Token,
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
