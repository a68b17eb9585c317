//! How a client says who it is at a [`Provider`].

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::{AUTHORIZATION, USER_AGENT};
use valetkey_core::{Request, Response};

use super::kind::Shows;
use super::provider::{Provider, form};
use crate::ground::parameters::Parameters;

impl Provider {
    /// Answers the form of a request that says by which program it is sent, and is of the client that is registered. Where its
    /// secret is not wanted, its name is enough, and a secret that it shows all the same is looked at.
    pub(crate) fn for_client(
        &mut self,
        request: &Request,
        wanted: Shows,
        wants_secret: bool,
        answer: impl FnOnce(&mut Self, &Parameters) -> Response,
    ) -> Response {
        let Some(form) = form(request) else {
            let why = "it is not a form that can be read";
            return self.refuse(StatusCode::BAD_REQUEST, "invalid_request", why);
        };
        let refused = self.unnamed(request).or_else(|| self.unknown(request, &form, wanted, wants_secret));
        refused.unwrap_or_else(|| answer(self, &form))
    }

    /// Refuses a request that does not say by which program it is sent, where that is wanted.
    pub(crate) fn unnamed(&mut self, request: &Request) -> Option<Response> {
        let is_named = request.headers().get(USER_AGENT).is_some_and(|agent| !agent.is_empty());
        (self.persona.wants_agent && !is_named)
            .then(|| self.refuse(StatusCode::FORBIDDEN, "forbidden", "User-Agent is missing"))
    }

    /// Refuses a client that is not the one that is registered, or says so in another way than is wanted.
    fn unknown(
        &mut self,
        request: &Request,
        form: &Parameters,
        wanted: Shows,
        wants_secret: bool,
    ) -> Option<Response> {
        if !wants_secret
            && names_itself_alone(request, form)
            && form.get(self.persona.id_in) == Some(self.client_id())
        {
            return None;
        }
        let shown = shown(request, form, self.persona.id_in);
        let is_wanted = match (wanted, &shown) {
            (Shows::Either, Shown::Basic(..) | Shown::Body(..))
            | (Shows::Basic, Shown::Basic(..))
            | (Shows::Body | Shows::Written(..), Shown::Body(..))
            | (Shows::Identifier, Shown::Identifier(_)) => true,
            (Shows::Either | Shows::Basic | Shows::Body | Shows::Identifier | Shows::Written(..), _) => false,
        };
        let is_known = match &shown {
            Shown::Body(id, secret) if let Shows::Written(issuer, audience) = wanted => {
                id == self.client_id() && self.is_written(secret, issuer, audience)
            }
            Shown::Basic(id, secret) | Shown::Body(id, secret) => {
                id == self.client_id() && secret == self.client_secret()
            }
            Shown::Identifier(id) => id == self.client_id(),
            Shown::Nothing => false,
        };
        (!is_wanted || !is_known).then(|| {
            let why = format!("the client is not known as {wanted:?}");
            self.refuse(StatusCode::UNAUTHORIZED, "invalid_client", &why)
        })
    }
}

fn names_itself_alone(request: &Request, form: &Parameters) -> bool {
    !request.headers().contains_key(AUTHORIZATION) && form.get("client_secret").is_none()
}

/// Identifier and secret, and where they were.
enum Shown {
    Basic(String, String),
    Body(String, String),
    Identifier(String),
    Nothing,
}

fn shown(request: &Request, form: &Parameters, id_in: &str) -> Shown {
    let basic = request.headers().get(AUTHORIZATION).and_then(|value| {
        let pair = STANDARD.decode(value.to_str().ok()?.strip_prefix("Basic ")?).ok()?;
        let pair = String::from_utf8(pair).ok()?;
        pair.split_once(':').map(|(id, secret)| (id.to_owned(), secret.to_owned()))
    });
    let body = form.get(id_in).zip(form.get("client_secret"));
    match (basic, body) {
        (Some((id, secret)), None) => Shown::Basic(id, secret),
        (None, Some((id, secret))) => Shown::Body(id.to_owned(), secret.to_owned()),
        (None, None) if form.get("client_secret").is_none() => {
            form.get(id_in).map_or(Shown::Nothing, |id| Shown::Identifier(id.to_owned()))
        }
        // Both at once is what RFC 6749 §2.3 forbids.
        _ => Shown::Nothing,
    }
}
