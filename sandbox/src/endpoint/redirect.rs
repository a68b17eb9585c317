//! The authorization response: parameters that travel to the application through the person's browser, signed by the
//! server if that was asked for (JARM), and encrypted to an application that is registered for that.

use http::StatusCode;
use http::header::LOCATION;
use serde_json::Value;
use valetkey_core::{Response, UnixTime};

use super::pages;
use crate::Sandbox;
use crate::ground::answer;
use crate::ground::keys::Claims;
use crate::ground::refusal::Refusal;
use crate::world::asked::{Redirect, Refused, ResponseMode};
use crate::world::encryption::enclose;

/// How long a signed response is good, in seconds; JARM §2.1 recommends ten minutes at most.
const LIFETIME: u64 = 600;

impl Sandbox {
    /// The parameters, with `state` and `iss` after them.
    pub(crate) fn redirected(
        &self,
        to: &Redirect,
        status: StatusCode,
        parameters: &[(&str, &str)],
        now: UnixTime,
    ) -> Response {
        let common = [("state", to.state.as_deref()), ("iss", to.issuer.as_deref())];
        let common = common.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
        let all: Vec<(&str, &str)> = parameters.iter().copied().chain(common).collect();
        if to.signed {
            let signed = self.signed_response(&to.client_id, &all, now);
            let application = self.application(&to.client_id);
            let envelope = application.and_then(|it| it.envelope(it.encrypted.responses));
            let mut response = to.carrying(status, &[("response", &signed)]);
            enclose(&mut response, envelope);
            response
        } else {
            let mut response = to.carrying(status, &all);
            let has_id_token = parameters.iter().any(|(name, _)| *name == "id_token");
            let application = self.application(&to.client_id).filter(|_| has_id_token);
            enclose(&mut response, application.and_then(|it| it.envelope(it.encrypted.id_tokens)));
            response
        }
    }

    /// An error response.
    pub(crate) fn redirected_error(
        &self,
        to: &Redirect,
        status: StatusCode,
        (error, description): Refusal,
        now: UnixTime,
    ) -> Response {
        self.redirected(to, status, &[("error", error), ("error_description", description)], now)
    }

    /// The answer to a browser whose request is refused.
    pub(crate) fn refused(&self, refused: Refused, now: UnixTime) -> Response {
        match refused {
            Refused::Page(reason) | Refused::Object(reason) => {
                answer::page(StatusCode::BAD_REQUEST, pages::refusal(reason))
            }
            Refused::Redirect(to, reason) => self.redirected_error(&to, StatusCode::FOUND, reason, now),
        }
    }

    fn signed_response(&self, client_id: &str, parameters: &[(&str, &str)], now: UnixTime) -> String {
        let text = |(name, value): &(&str, &str)| ((*name).to_owned(), Value::from(*value));
        let mut claims: Claims = parameters.iter().map(text).collect();
        claims.insert("aud".to_owned(), Value::from(client_id));
        claims.insert("exp".to_owned(), Value::from(now.as_secs().saturating_add(LIFETIME)));
        self.key().sign("JWT", &claims)
    }
}

impl Redirect {
    fn carrying(&self, status: StatusCode, parameters: &[(&str, &str)]) -> Response {
        let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        let Some(place) = &self.place else { return answer::page(StatusCode::OK, pages::copied(&encoded)) };
        let separator = match self.mode {
            ResponseMode::Fragment | ResponseMode::FormPost => '#',
            _ if place.contains('?') => '&',
            _ => '?',
        };
        let Some(mut response) = answer::redirect(status, &format!("{place}{separator}{encoded}")) else {
            let reason = "The redirect URI cannot be redirected to.";
            return answer::page(StatusCode::BAD_REQUEST, pages::refusal(reason));
        };
        if self.mode == ResponseMode::FormPost {
            response.extensions_mut().insert(Posted);
        }
        response
    }
}

/// Marks what goes by `form_post`. It is as a redirect with a fragment, and so can be encrypted and spoilt as one, until it is put
/// on its page.
#[derive(Clone, Copy)]
struct Posted;

/// Puts on its page what goes by `form_post`. What is no longer in the fragment stays a redirect.
pub(crate) fn put_on_page(response: &mut Response) {
    if response.extensions_mut().remove::<Posted>().is_none() {
        return;
    }
    let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
    let Some((place, parameters)) = location.and_then(|location| location.split_once('#')) else { return };
    let parameters: Vec<_> = form_urlencoded::parse(parameters.as_bytes()).collect();
    *response = answer::page(StatusCode::OK, pages::form_post(place, &parameters));
}
