//! What a login asks for, and whether its server takes it: what only the whole request shows (OpenID Connect Core §3.1.2.1,
//! §5.5).

use std::borrow::Cow;

use crate::client::Client;
use crate::client::encrypted::{Message, is_encrypted};
use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::ground::wiped::Wiped;
use crate::jose::claims::Claims;
use crate::jose::jws::Jws;
use crate::jose::jwt_type::JwtType;
use crate::wire::json::{Object, Value};

/// Whether the server takes all of it. `is_signed` if it goes in a request object.
pub(super) fn require<'p>(
    client: &Client,
    is_signed: bool,
    value: impl Fn(&'static str) -> Option<Cow<'p, str>>,
) -> Result<(), Error> {
    if let Some(prompt) = value("prompt") {
        require_prompt(client, &prompt)?;
    }
    if let Some(hint) = value("id_token_hint") {
        require_hint(client, &hint)?;
    }
    let Some(claims) = value("claims") else { return Ok(()) };
    let server = client.server();
    let has_metadata = server.listed("response_types_supported").is_some();
    if has_metadata && !is_signed && !server.announces("claims_parameter_supported") {
        return Err(misuse_of(
            Rule::Aq22,
            "the server does not announce that it takes claims (claims_parameter_supported): ask by scope, or, if it takes \
             them all the same, describe it so by `AuthorizationServer::flag(\"claims_parameter_supported\")`",
        ));
    }
    if value("acr_values").is_some() && asks_for_acr(&claims) {
        return Err(misuse_of(
            Rule::Aq23,
            "acr is asked for by claims and by acr_values, and the server could heed either: ask by claims if it is \
             essential, by acr_values if not",
        ));
    }
    Ok(())
}

/// Whether the server lists `create`, which others do not know ([AQ-17](crate::Rule::Aq17)).
pub(super) fn require_prompt(client: &Client, prompt: &str) -> Result<(), Error> {
    let is_listed = || {
        let listed = client.server().listed("prompt_values_supported");
        listed.is_some_and(|listed| listed.iter().any(|value| value == "create"))
    };
    if prompt.split(' ').any(|word| word == "create") && !is_listed() {
        return Err(misuse_of(
            Rule::Aq17,
            "the server does not list the prompt `create` (prompt_values_supported): leave it out, or, if the server takes \
             it all the same, describe it so by `AuthorizationServer::list(\"prompt_values_supported\", [\"create\"])`",
        ));
    }
    Ok(())
}

/// A hint as it is sent: the ID token that was inside, if it was encrypted to this client ([AQ-20](crate::Rule::Aq20)).
pub(crate) fn decrypted(client: &Client, hint: &str) -> Result<Wiped, Error> {
    let signed = if is_encrypted(hint) {
        let opened = client.opened(Message::IdToken, hint).map_err(|_| {
            let what = "the id_token_hint is encrypted, and does not open by a key of this client's: give the ID token that \
                        was inside";
            misuse_of(Rule::Aq20, what)
        })?;
        Wiped::new(opened.signed().to_owned())
    } else {
        Wiped::new(hint.to_owned())
    };
    require_hint(client, &signed).map(|()| signed)
}

/// Whether it is an ID token of this server for this client, expired or not ([AQ-20](crate::Rule::Aq20)). Its signature is the
/// server's own to verify.
pub(super) fn require_hint(client: &Client, hint: &str) -> Result<(), Error> {
    let no = |what| Err(misuse_of(Rule::Aq20, what));
    if is_encrypted(hint) {
        return no(
            "the id_token_hint is encrypted: give it by `AuthorizationRequest::id_token_hint`, which decrypts it",
        );
    }
    let claims = Jws::parse(hint)
        .and_then(|jws| jws.unverified_payload(JwtType::Generic).map(Claims::read).transpose());
    let Ok(Some(claims)) = claims else {
        return no("the id_token_hint is not an ID token: give the one that came with a login");
    };
    let server = client.server();
    let is_ours = |iss: &str| server.speaks_for(iss) || server.issuer_of(iss.to_owned(), None).is_some();
    if !claims.issuer().is_some_and(is_ours) {
        return no(
            "the id_token_hint is of another issuer than this server's, to the letter: give the one that came with a \
             login here, and describe the server with its `issuer`",
        );
    }
    if !claims.audience().iter().any(|audience| audience == client.id()) {
        return no(
            "the id_token_hint is for another client: give the one that came with a login of this client",
        );
    }
    Ok(())
}

/// Whether claims of the ID token have `acr`.
fn asks_for_acr(claims: &str) -> bool {
    let asked = Object::read(claims.as_bytes()).ok().and_then(|mut claims| claims.take("id_token"));
    matches!(asked, Some(Value::Object(claims)) if claims.has("acr"))
}
