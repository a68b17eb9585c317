//! What an issuer identifier is (RFC 8414 §2), and that no two servers of a program have the same.

use std::collections::BTreeSet;

use crate::ground::error::{Error, misuse_of};
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::rule::Rule;
use crate::server::AuthorizationServer;
use crate::wire::uri;

/// An issuer that the program names, and what is wrong with it.
pub(crate) fn no_issuer(unfit: impl Into<Unfit>) -> Error {
    let unfit = unfit.into();
    let error = misuse_of(Rule::Di1, format!("the issuer {}", unfit.what));
    match unfit.admitted_by {
        Some(quirk) => error.unless_admitted(quirk),
        None => error,
    }
}

/// What is wrong with an issuer, as it goes on from "the issuer", and what would admit it.
pub(crate) struct Unfit {
    what: &'static str,
    admitted_by: Option<Quirk>,
}

impl Unfit {
    /// What would admit it.
    pub(crate) const fn admitted_by(&self) -> Option<Quirk> {
        self.admitted_by
    }
}

impl From<&'static str> for Unfit {
    fn from(what: &'static str) -> Self {
        Self { what, admitted_by: None }
    }
}

/// Whether this is an issuer ([DI-1](crate::Rule::Di1)), or what is wrong with it.
pub(crate) fn require_issuer(issuer: &str, quirks: Quirks) -> Result<(), Unfit> {
    if issuer.contains('?') {
        return Err("has a query, which an issuer never has: leave out the `?` and what follows".into());
    }
    match uri::endpoint(issuer, Quirks::WHEN_NAMED) {
        Ok(uri) if uri.scheme_str() == Some("https") || quirks.contains(Quirk::LoopbackHttp) => Ok(()),
        Ok(_) => Err(Unfit {
            what: "is http on loopback, which is for tests",
            admitted_by: Some(Quirk::LoopbackHttp),
        }),
        Err(_) => {
            Err("is not an https URL as the server writes it: scheme and host in small letters, no user, no \
                 fragment"
                .into())
        }
    }
}

/// Refuses two servers with the same issuer in one program ([DI-8](crate::Rule::Di8)): a response that names it could be
/// either's.
///
/// # Errors
///
/// [`Error::Misuse`] ([DI-8](crate::Rule::Di8)) if two have the same issuer, or one of several has none.
pub fn require_distinct_issuers<'a>(
    servers: impl IntoIterator<Item = &'a AuthorizationServer>,
) -> Result<(), Error> {
    let servers: Vec<&AuthorizationServer> = servers.into_iter().collect();
    let mut issuers = BTreeSet::new();
    for server in &servers {
        match server.issuer_identifier() {
            Some(issuer) if issuers.insert(issuer) => {}
            None if servers.len() < 2 => {}
            Some(_) => {
                return Err(misuse_of(
                    Rule::Di8,
                    "two servers have the same issuer: a response could be either's",
                ));
            }
            None => {
                return Err(misuse_of(
                    Rule::Di8,
                    "one of several servers has no issuer: describe it with its `issuer`",
                ));
            }
        }
    }
    Ok(())
}
