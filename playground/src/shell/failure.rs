//! What becomes of an error: an exit code, what happened, and what to do next. The one place where it is decided: [`Failure`].

use std::fmt;
use std::time::Duration;

use valetkey_blocking::error::{Cause, ErrorCode, Refused, Retry};
use valetkey_blocking::host::{BadCertificate, TransportErrorKind};
use valetkey_blocking::server::Endpoint;
use valetkey_blocking::store::StoreError;
use valetkey_blocking::valetkey_core::Error as CoreError;
use valetkey_blocking::{Error, Quirk, Rule};

use super::duration::spell;
use super::exit::Exit;
use super::terms::{self, Told};
use super::values::OneOrMany;

/// Why a subcommand did not get to its end, for people.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    what: String,
    next: Option<String>,
    /// What would admit it, beside those quirks that the profile has.
    admitted_by: Option<(Quirk, Vec<String>)>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self { exit, what: what.into(), next: None, admitted_by: None }
    }

    /// The command line, the configuration or a secret is at fault.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::new(Exit::Usage, what)
    }

    /// Says what to do next.
    pub(crate) fn next(self, next: impl Into<String>) -> Self {
        Self { next: Some(next.into()), ..self }
    }

    /// Says that it is what an earlier try failed with, so long ago, and when the next may be made.
    pub(crate) fn remembered(self, ago: Duration, left: Duration) -> Self {
        let what = format!(
            "{}. The last try failed for this, {} ago; the next is possible in {}, or now by `valetkey token --fresh`",
            self.what,
            spell(ago),
            spell(left)
        );
        Self { what, ..self }
    }

    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }

    pub(crate) fn what(&self) -> &str {
        &self.what
    }

    /// With the quirks that the profile has: what would admit it is named beside them, and takes none of them away.
    pub(crate) fn beside(mut self, quirks: &OneOrMany) -> Self {
        if let Some((_, beside)) = &mut self.admitted_by {
            *beside = quirks.iter().map(str::to_owned).collect();
        }
        self
    }

    pub(crate) fn advice(&self) -> Option<String> {
        let admit = self.admitted_by.as_ref().map(|(quirk, beside)| terms::admit(*quirk, beside));
        match (&self.next, admit) {
            (Some(next), Some(admit)) => Some(format!("{next}; or {admit}")),
            (next, admit) => next.clone().or(admit),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let what = error.to_string();
        match error {
            Error::Core(error) => error.into(),
            Error::Transport(http) => match http.kind() {
                TransportErrorKind::TooLarge | TransportErrorKind::Broken => Self::new(Exit::Malformed, what)
                    .next("nothing of the answer was used; tell the server's operator"),
                TransportErrorKind::Request => Self::usage(what).next("look at the URL and the headers"),
                TransportErrorKind::Timeout | TransportErrorKind::Connection => Self::new(
                    Exit::Unanswered,
                    what,
                )
                .next("look whether the server is up and the network there; the same command may work later"),
                TransportErrorKind::Certificate(BadCertificate::UnknownIssuer) => {
                    Self::new(Exit::Unanswered, what).next(
                        "name the authority's PEM file by --ca, or by `ca` in the profile, if you trust it",
                    )
                }
                // As one that signed itself does, if it says that it is an authority (RFC 5280 §4.2.1.9).
                TransportErrorKind::Certificate(BadCertificate::Invalid) => Self::new(Exit::Unanswered, what).next(
                    "nothing was sent; a certificate that signed itself is not to say that it is an authority: make it by \
                     `openssl req -x509 … -addext basicConstraints=CA:FALSE`. Otherwise tell the server's operator",
                ),
                TransportErrorKind::Certificate(_) => Self::new(Exit::Unanswered, what)
                    .next("nothing was sent; look at the URL and the clock, then tell the server's operator"),
                TransportErrorKind::ProxyRefused(_) => Self::new(Exit::Unanswered, what)
                    .next("look at the proxy that the environment names, or exempt the host by NO_PROXY"),
                TransportErrorKind::ProxyUnusable => {
                    Self::usage(what).next("name another proxy in that variable, or unset it")
                }
                TransportErrorKind::Setup => Self::usage(what)
                    .next("look at SSL_CERT_FILE and SSL_CERT_DIR, and at the system's authorities"),
                _ => Self::new(Exit::Unanswered, what),
            },
            Error::Loopback(_) => Self::new(Exit::Failed, what)
                .next("free the port, or name others in `redirect_ports` that are registered at the server"),
            _ => Self::new(Exit::Failed, what),
        }
    }
}

/// In this program's terms: core's own are Rust's.
impl From<CoreError> for Failure {
    fn from(error: CoreError) -> Self {
        let Told { what, next, admitted_by } = terms::told(&error);
        let failure = Self::said(&error, what);
        if next.is_none() && admitted_by.is_none() {
            return failure;
        }
        Self { next, admitted_by: admitted_by.map(|quirk| (quirk, Vec::new())), ..failure }
    }
}

impl Failure {
    fn said(error: &CoreError, what: String) -> Self {
        match error {
            CoreError::Refused(refused) => {
                let next = after_refusal(refused, &what);
                Self::new(Exit::Refused, what).next(next)
            }
            CoreError::Malformed(malformed) => {
                Self::new(Exit::Malformed, what).next(after_broken(malformed.rule()))
            }
            CoreError::AuthorizationRequired(required) => {
                Self::new(Exit::Authorize, what).next(match required.cause() {
                    Cause::OtherLogin => {
                        "run `valetkey login` again; if nobody else logged in at the server, tell its operator"
                    }
                    Cause::TooLate => "run `valetkey login` again; --within SECONDS waits longer",
                    _ => "run `valetkey login`",
                })
            }
            CoreError::Unanswered => Self::new(Exit::Unanswered, what)
                .next("look whether the server is up and the network there; the same command may work later"),
            CoreError::Store(_) => store(what),
            CoreError::Misuse(_) => Self::usage(what).next("look at the profile, and at what --set says"),
            _ => Self::new(Exit::Failed, what),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        store(error.to_string())
    }
}

fn store(what: String) -> Failure {
    // The library's name of the other store; its key is told.
    let what = [", or use a FileStore", "; where nobody can, use a FileStore"]
        .iter()
        .fold(what, |what, advice| what.replace(advice, ""));
    Failure::new(Exit::Store, what)
        .next("look at the place that `store` names in the profile; `store = \"file\"` needs no keyring")
}

/// Who must act after a refusal, and how.
fn after_refusal(refused: &Refused, what: &str) -> String {
    let next = match refused.meaning().or_else(|| refused.code().map(ErrorCode::as_str)) {
        // The refusal is remembered for a moment, lest every call asks again.
        Some("invalid_client") => {
            "look at `client_id`, `secret` and `client_authentication` of the profile; what was put right is tried \
             again within a minute"
        }
        Some("unauthorized_client" | "unsupported_grant_type" | "unsupported_response_type") => {
            "the client may not use this `method`: choose another, or have it allowed at the server"
        }
        Some("invalid_scope") => "ask for another `scope`",
        Some("invalid_target") => "ask for another `resource`",
        Some("invalid_grant") => {
            "what was to be traded for a token is not good any more (used up, expired, revoked): get \
             another, or run `valetkey login`"
        }
        Some("access_denied") => {
            "the user, or a rule of the server, denied it: ask for less, and run the same command again"
        }
        code => match (refused.retry(), refused.endpoint()) {
            (Retry::Later(Some(time)), _) => return format!("try again in {}", spell(time)),
            (Retry::Later(None), _) => "try again later",
            (_, None) if what.ends_with(", metadata)") => {
                "look at `server`: it is the issuer, to the letter. A server that publishes nothing about itself is named by \
                 its endpoints: `authorization_endpoint`, `token_endpoint`"
            }
            (_, Some(endpoint)) if is_elsewhere(refused) => {
                return format!("look at the URL of the {}: nothing there answers as one", spoken(endpoint));
            }
            (_, Some(Endpoint::Token)) if code.is_some() => {
                "ask the server's operator, with the error above; if this is the server's word for one of OAuth's, say which by \
                 `refusals` in the profile"
            }
            _ => "ask the server's operator, with the error above",
        },
    };
    next.to_owned()
}

/// Whether there is no endpoint at the URL that was asked.
fn is_elsewhere(refused: &Refused) -> bool {
    let status = refused.status().map(|status| status.as_u16());
    matches!(status, Some(404 | 405 | 410))
}

/// The name of an endpoint in a sentence.
fn spoken(endpoint: Endpoint) -> String {
    endpoint.name().replace('_', " ")
}

fn after_broken(rule: Rule) -> String {
    let next = match rule {
        Rule::Id12 | Rule::Id13 | Rule::Id14 | Rule::Id31 => {
            "look at the clock of this computer. If the server's is wrong, `clock_skew = 300` in the profile allows for five minutes"
        }
        Rule::Id16 | Rule::Id17 => {
            "run `valetkey login` again, and log in as the profile asks it of the server (`max_age`, `claims`)"
        }
        Rule::Id55 | Rule::Id57 => {
            "run `valetkey login` again as a person whom the profile lets in (`tenants`, `parameters`)"
        }
        _ => {
            return format!(
                "nothing of the answer was used; {} is from {}. Tell the server's operator",
                rule.id(),
                rule.source()
            );
        }
    };
    format!("nothing of the answer was used; {next}")
}
