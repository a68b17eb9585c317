//! How the answer of a token endpoint is read, and that of the implicit flow: [`TokenResponse::parse`] (RFC 6749 §5).

use std::borrow::Cow;

use crate::client::dpop::Dpop;
use crate::client::post::Sent;
use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, malformed};
use crate::ground::flow::Response;
use crate::ground::quirk::{Quirk, Quirks};
use crate::ground::refused::{Refused, Retry};
use crate::ground::rule::{Checks, Rule};
use crate::ground::subject::Subject;
use crate::ground::time::UnixTime;
use crate::ground::wiped::Wiped;
use crate::identity::asked::is_openid;
use crate::server::AuthorizationServer;
use crate::terms::scope::Scope;
use crate::terms::secret::{IdToken, RefreshToken};
use crate::token::grant::Grant;
use crate::token::members;
use crate::token::response::TokenResponse;
use crate::token::settled::{settle_details, settle_scope};
use crate::wire::answer::Reader;
use crate::wire::json::Value;
use crate::wire::{encoding, location};

/// What is known of the request when its answer is read.
pub(crate) struct Asked<'a> {
    pub(crate) at: UnixTime,
    pub(crate) now: UnixTime,
    pub(crate) server: &'a AuthorizationServer,
    pub(crate) grant: Option<&'a Grant>,
    pub(crate) sent: Option<&'a Sent<'a>>,
}

impl Asked<'_> {
    /// The thumbprint of the key that the request showed a proof of.
    fn thumbprint(&self) -> Option<&str> {
        self.sent.and_then(|sent| sent.client.bound_to()).map(Dpop::thumbprint)
    }
}

impl TokenResponse {
    /// Reads the answer of this server to a token request that was sent at `asked_at`.
    ///
    /// This is the bare message: what was asked for is not known here, so a missing `scope` stays missing. A
    /// [`TokenRequest`](crate::TokenRequest) knows it.
    ///
    /// # Errors
    ///
    /// - [`Error::Refused`] if the status is not a success, or the body has an `error` whatever the status
    ///   ([TR-4](crate::Rule::Tr4));
    /// - [`Error::Malformed`] for whatever breaks [TR-1](crate::Rule::Tr1) to [TR-12](crate::Rule::Tr12) and is not admitted
    ///   at the server.
    pub fn parse(
        response: Response,
        asked_at: UnixTime,
        server: &AuthorizationServer,
    ) -> Result<Self, Error> {
        let asked = Asked { at: asked_at, now: asked_at, server, grant: None, sent: None };
        Self::read(encoding::unpacked(response)?, &asked, &mut Checks::default())
    }

    pub(crate) fn read(response: Response, asked: &Asked<'_>, checks: &mut Checks) -> Result<Self, Error> {
        let status = response.status();
        if status.is_redirection() {
            let place = with_secrets(asked, |secrets| location::of_endpoint(response.headers(), secrets));
            let what = format!("the token response has status {}{place}", status.as_u16());
            return Err(malformed(Rule::Tr1, what));
        }
        let mut reader = Reader::new(asked.server.quirks());
        let written = asked.sent.and_then(|sent| sent.client.written_otherwise_by());
        reader.seen = written.map_or(reader.seen, |quirk| reader.seen.with(quirk));
        if !status.is_success() {
            // Who answers by forms refuses by them too; who is not known for it is shown as it is.
            let has_forms = reader.admitted.contains(Quirk::FormEncodedAnswer);
            let response = if has_forms { reader.form_as_json(response)? } else { response };
            return Err(refused(&response, asked, checks));
        }
        let tokens = Self::read_success(response, asked, &mut reader);
        *checks = reader.checks;
        tokens
    }

    fn read_success(response: Response, asked: &Asked<'_>, reader: &mut Reader) -> Result<Self, Error> {
        let response = reader.form_as_json(response)?;
        let answers = asked.server.answers();
        let mut object = reader.parse(response.body());
        // An error is an error whatever its status and type say (TR-4), so it is looked for first.
        if let Ok(object) = &mut object {
            if answers.meaning(object).is_some() || reader.tells_error(object)? {
                return Err(refused(&response, asked, &mut reader.checks));
            }
            reader.checks.pass(Rule::Tr4);
        }
        reader.envelope(&response)?;
        let mut object = object?;
        if let Some(place) = answers.place_of_tokens() {
            object = place.take(object).ok_or_else(|| {
                malformed(
                    Rule::Tr5,
                    format!("the token response has no object at {}, where its tokens are", place.shown()),
                )
            })?;
            reader.seen = reader.seen.with(Quirk::TokensElsewhere);
            if reader.tells_error(&mut object)? {
                return Err(refused(&response, asked, &mut reader.checks));
            }
        }
        reader.checks.pass(Rule::Tr2);

        // Only then is it looked for what of the request must not be shown, which costs as much as to read the answer.
        if answers.place_of_tokens().is_none() && !object.has("access_token") {
            with_secrets(asked, |secrets| members::tell_what_is_there(&object, secrets))?;
        }
        let access_token = reader.access_token(object.take("access_token"))?;
        let exchange = asked.grant.is_some_and(Grant::is_token_exchange);
        let token_type =
            reader.token_type(object.take("token_type"), exchange, asked.thumbprint().is_some())?;
        let lifetime = reader.lifetime(object.take("expires_in"))?;
        let refresh_token = reader.filled_text(object.take("refresh_token"), Rule::Tr10, "refresh_token")?;
        let id_token = reader.filled_text(object.take("id_token"), Rule::Tr12, "id_token")?;
        let granted = reader.scope(object.take("scope"))?;
        let issued = reader.filled_text(object.take("issued_token_type"), Rule::Tr16, "issued_token_type")?;
        if exchange && issued.as_deref().is_none_or(str::is_empty) {
            return Err(malformed(Rule::Tr16, "a token exchange was answered without issued_token_type"));
        }
        let issued = reader.checked(Rule::Tr16, issued);
        if let Some(details) =
            reader.filled(object.take("authorization_details"), Rule::Tr15, "authorization_details")?
        {
            settle_details(details, asked.grant, asked.sent.map(|sent| sent.client.server()))?;
            reader.checks.pass(Rule::Tr15);
        }
        let refresh_token = reader.checked(Rule::Tr10, refresh_token.map(RefreshToken::admit).transpose()?);
        let id_token = reader.checked(Rule::Tr12, id_token.map(IdToken::admit).transpose()?);
        let scope = settle_scope(granted, asked.grant, &mut reader.checks)?;
        if id_token.is_none() && asked.grant.is_some_and(Grant::is_single_use) && is_openid(scope.as_ref()) {
            reader.admit(Quirk::NoIdToken, || {
                malformed(
                    Rule::Tr12,
                    "the scope openid was granted, and id_token is missing from the token response",
                )
            })?;
        }
        if reader.seen.contains(Quirk::FormEncodedAnswer) {
            // In a form a lifetime is text by nature.
            reader.seen = reader.seen.without(Quirk::LifetimeAsText);
        }
        Ok(Self {
            access_token,
            token_type,
            dpop_jkt: asked.thumbprint().map(str::to_owned),
            lifetime,
            issued_at: asked.at,
            resources: asked.grant.map(Grant::resources).unwrap_or_default(),
            refresh_token,
            scope,
            id_token,
            login: None,
            issued_token_type: issued,
            subject: asked.grant.map(Grant::subject),
            grant_type: asked.grant.map(Grant::known_type),
            of_purpose: asked.grant.map(Grant::of_purpose).unwrap_or_default(),
            asked_scope: asked.grant.filter(|grant| grant.is_own()).and_then(Grant::requested_scope).cloned(),
            quirks: reader.seen,
            checks: reader.checks,
            place: answers.place_of_tokens().cloned(),
            body: Wiped::new(response.into_body()),
        })
    }

    /// The token of the implicit flow: the parameters of a fragment, all of them text, held to the same rules.
    pub(crate) fn from_fragment<'p>(
        parameter: impl Fn(&str) -> Option<&'p str>,
        requested: Option<&Scope>,
        admitted: Quirks,
        now: UnixTime,
        checks: &mut Checks,
    ) -> Result<Self, Error> {
        // In a fragment a lifetime is text by nature, and that is no quirk.
        let mut reader = Reader::new(admitted.with(Quirk::LifetimeAsText));
        reader.checks = *checks;
        let tokens = Self::read_fragment(parameter, requested, now, &mut reader);
        *checks = reader.checks;
        tokens
    }

    fn read_fragment<'p>(
        parameter: impl Fn(&str) -> Option<&'p str>,
        requested: Option<&Scope>,
        now: UnixTime,
        reader: &mut Reader,
    ) -> Result<Self, Error> {
        let text = |name: &str| parameter(name).map(|text| Value::Text(text.into()));
        let access_token = reader.access_token(text("access_token"))?;
        let token_type = reader.token_type(text("token_type"), false, false)?;
        let lifetime = reader.lifetime(text("expires_in"))?;
        let granted = reader.scope(text("scope"))?;
        Ok(Self {
            access_token,
            token_type,
            dpop_jkt: None,
            lifetime,
            issued_at: now,
            resources: Vec::new(),
            refresh_token: None,
            scope: granted.or_else(|| requested.cloned()),
            id_token: None,
            login: None,
            issued_token_type: None,
            subject: Some(Subject::User),
            grant_type: Some(Cow::Borrowed("implicit")),
            of_purpose: Vec::new(),
            asked_scope: None,
            quirks: reader.seen.without(Quirk::LifetimeAsText),
            checks: reader.checks,
            place: None,
            body: Wiped::new(b"{}".to_vec()),
        })
    }
}

/// The refusal in the answer, without what it echoes of the request's secrets.
fn refused(response: &Response, asked: &Asked<'_>, checks: &mut Checks) -> Error {
    let place = asked.server.answers().place_of_tokens();
    match with_secrets(asked, |secrets| Refused::read_at(response, place, secrets, asked.now)) {
        Ok(refused) => {
            let mut refused = match asked.sent {
                Some(sent) => sent.told(refused),
                None => asked.server.told(refused, Endpoint::Token),
            };
            if refused.is_in_other_words() && refused.retry() == Retry::Never {
                refused.perhaps = asked.grant.and_then(Grant::usual_refusal);
            }
            let told: &[Rule] = match refused.code() {
                Some(_) => &[Rule::Tr4, Rule::Er1, Rule::Er3, Rule::Er4],
                None => &[Rule::Er3, Rule::Er6],
            };
            for rule in told {
                checks.pass(*rule);
            }
            Error::Refused(Box::new(refused))
        }
        Err(malformed) => malformed,
    }
}

/// Does something that must not let the request's secrets out.
pub(super) fn with_secrets<T>(asked: &Asked<'_>, act: impl FnOnce(&[&str]) -> T) -> T {
    let grant = asked.grant.map(Grant::secrets).unwrap_or_default();
    let client = asked.sent.into_iter().flat_map(Sent::secrets);
    let secrets: Vec<&str> = grant.iter().map(|secret| secret.as_str()).chain(client).collect();
    act(&secrets)
}
