//! What a server offers, and what valetkey would make of it: [`Offer`].

use std::io::{self, Write};

use serde::Serialize;
use valetkey_blocking::client::AuthenticationMethod;
use valetkey_blocking::server::{Endpoint, Metadata};
use valetkey_blocking::{AuthorizationServer, Client};

use crate::tour::report;

/// As many of one list as a table shows.
const MANY: usize = 4;
/// What is made of something that is not offered, and not missed.
const NOTHING: &str = "–";

/// One thing that a server offers.
#[derive(Serialize)]
pub(crate) struct Offer {
    offer: &'static str,
    announced: Vec<String>,
    chosen: &'static str,
}

/// What the server says of itself, with the choice that is made from it.
pub(crate) fn of(metadata: &Metadata, client: Option<&Client>) -> Vec<Offer> {
    let server = metadata.server();
    let list = |name: &str| -> Vec<String> {
        server.listed(name).unwrap_or_default().iter().map(|one| shown(one)).collect()
    };
    let has = |endpoint| yes(server.url_of(endpoint).is_some());
    let flag = |name| yes(server.announces(name));
    let pushed = match server.announces("require_pushed_authorization_requests") {
        true => vec!["required".to_owned()],
        false => has(Endpoint::PushedAuthorization),
    };
    let proofs = list("dpop_signing_alg_values_supported");
    let binds = proofs.iter().any(|algorithm| algorithm == "ES256");
    let methods = list("token_endpoint_auth_methods_supported");
    let iss = flag("authorization_response_iss_parameter_supported");
    let details = list("authorization_details_types_supported");
    let signed = list("request_object_signing_alg_values_supported");
    let id_tokens = list("id_token_signing_alg_values_supported");
    // What is offered, what is done then, and what is done otherwise.
    let elsewhere: Vec<String> =
        metadata.foreign_endpoints().iter().map(|endpoint| endpoint.name().to_owned()).collect();
    [
        ("client authentication", methods, authentication(server, client), "client_secret_basic"),
        ("pkce", list("code_challenge_methods_supported"), "S256", "S256"),
        ("pushed requests", pushed, "the request is pushed", "the browser carries the request"),
        ("dpop", proofs, if binds { "tokens are bound to a key" } else { "bearer tokens" }, "bearer tokens"),
        ("iss in responses", iss, "a response without it is refused", "state alone tells servers apart"),
        ("response modes", list("response_modes_supported"), "query", "query"),
        ("grants", list("grant_types_supported"), "what the client may use", "authorization_code"),
        ("ID tokens", id_tokens, "who logged in is verified", NOTHING),
        ("UserInfo", has(Endpoint::Userinfo), "a person's claims, compared with the login", NOTHING),
        ("introspection", has(Endpoint::Introspection), "a token may be asked about", NOTHING),
        (
            "revocation",
            has(Endpoint::Revocation),
            "a log-out ends the tokens",
            "a log-out forgets the tokens",
        ),
        ("device", has(Endpoint::DeviceAuthorization), "where there is no browser", NOTHING),
        ("rich authorization requests", details, "sent if a program has some", NOTHING),
        ("signed requests", signed, "signed if a program has a key", NOTHING),
        (
            "mutual TLS",
            flag("tls_client_certificate_bound_access_tokens"),
            "used if a program has a certificate",
            NOTHING,
        ),
        ("endpoints elsewhere", elsewhere, "on another origin: worth a look (DI-7)", "none"),
    ]
    .into_iter()
    .map(|(offer, announced, then, otherwise)| Offer {
        offer,
        chosen: if announced.is_empty() { otherwise } else { then },
        announced,
    })
    .collect()
}

/// The client's own method, or the best that the server lists.
fn authentication(server: &AuthorizationServer, client: Option<&Client>) -> &'static str {
    if let Some(client) = client {
        let (method, listed) = (client.method(), server.listed("token_endpoint_auth_methods_supported"));
        return match method {
            AuthenticationMethod::None => "none: a public client sends its client_id",
            _ if listed.is_some_and(|listed| listed.iter().all(|one| one != method.name())) => {
                "refused: the client's method is not listed (CA-3)"
            }
            _ => method.name(),
        };
    }
    let best = server.preferred_method(AuthenticationMethod::ALL);
    best.map_or("none that valetkey knows", AuthenticationMethod::name)
}

fn yes(is_so: bool) -> Vec<String> {
    if is_so { vec!["yes".to_owned()] } else { Vec::new() }
}

/// A server's text as a terminal may have it: printable ASCII, and not too much of it.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(80).map(|one| if one.is_ascii_graphic() || one == ' ' { one } else { '?' }).collect()
}

/// One object a line.
pub(crate) fn json(offers: &[Offer], out: &mut impl Write) -> io::Result<()> {
    for offer in offers {
        serde_json::to_writer(&mut *out, offer)?;
        writeln!(out)?;
    }
    Ok(())
}

/// A table for people.
pub(crate) fn table(issuer: &str, offers: &[Offer], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "What the server {issuer} offers, and what valetkey makes of it\n")?;
    let head = ["WHAT", "THE SERVER OFFERS", "VALETKEY"].map(str::to_owned);
    let body = offers.iter().map(|offer| {
        let mut announced = offer.announced.iter().take(MANY).cloned().collect::<Vec<_>>().join(" ");
        match offer.announced.len() {
            0 => announced.push('–'),
            count if count > MANY => announced.push_str(&format!(" and {} more", count - MANY)),
            _ => {}
        }
        [offer.offer.to_owned(), announced, offer.chosen.to_owned()]
    });
    report::columns(&[head].into_iter().chain(body).collect::<Vec<_>>(), out)
}
