//! `valetkey list --servers`: the servers that `server` may name, and what each needs.

use serde_json::json;
use valetkey_blocking::server::{Endpoint, Profile as Known};

use crate::shell::exit::Exit;
use crate::shell::failure::Failure;
use crate::shell::terminal::{BOLD, print_json, print_styled, tell};

pub(super) fn run(is_json: bool) -> Result<Exit, Failure> {
    if is_json {
        let servers: Vec<_> = Known::ALL
            .iter()
            .map(|known| {
                let endpoints: serde_json::Map<_, _> = endpoints(known)
                    .map(|(endpoint, url)| (endpoint.name().to_owned(), json!(url)))
                    .collect();
                json!({
                    "name": known.name(),
                    "title": known.title(),
                    "issuer": known.server().is_none().then(|| known.issuer().replace('`', "")),
                    "endpoints": endpoints,
                    "authentication_methods": known.authentication_methods(),
                    "pkce": known.pkce().name(),
                    "tells_who_logged_in": known.tells_who_logged_in(),
                    "quirks": known.admitted().map(|(quirk, _)| quirk.name()).collect::<Vec<_>>(),
                    "remark": known.remark(),
                    "source": known.source(),
                })
            })
            .collect();
        print_json(&json!(servers))?;
        return Ok(Exit::Success);
    }
    let mut known: Vec<&Known> = Known::ALL.iter().collect();
    known.sort_by_key(|known| known.name());
    let width = known.iter().map(|known| known.name().len()).max().unwrap_or_default();
    let mut text = String::new();
    for known in known {
        text += &format!("{BOLD}{:width$}{BOLD:#}  {}\n", known.name(), known.title());
        if known.server().is_none() {
            text += &wrapped(width + 2, &format!("issuer: {}", known.issuer()));
        }
        let needs = [
            needs_secret(known).then_some("needs a secret"),
            endpoints(known)
                .any(|(endpoint, _)| endpoint == Endpoint::DeviceAuthorization)
                .then_some("has --device"),
            known.tells_who_logged_in().then_some("tells who logged in, for the scope openid"),
        ];
        let needs: Vec<&str> = needs.into_iter().flatten().collect();
        if !needs.is_empty() {
            text += &wrapped(width + 2, &needs.join(", "));
        }
        text += &wrapped(width + 2, known.remark());
    }
    print_styled(&text)?;
    tell(
        "Name one by `server = \"NAME\"`. Where an issuer has words in capitals, say\n\
         yours by `issuer`. At the server, register the redirect URI\n\
         http://127.0.0.1/callback, with a port if it wants one: see `redirect_ports`\n\
         and `redirect_host` in `valetkey --help`.",
    );
    Ok(Exit::Success)
}

/// The endpoints that are known without asking.
fn endpoints(known: &Known) -> impl Iterator<Item = (Endpoint, String)> {
    let server = known.server().unwrap_or_default();
    Endpoint::ALL.iter().filter_map(move |endpoint| Some((*endpoint, server.url_of(*endpoint)?.to_string())))
}

/// Whether no public client is taken, as far as is known.
fn needs_secret(known: &Known) -> bool {
    let methods = known.authentication_methods();
    !methods.is_empty() && !methods.contains(&"none")
}

/// A text in lines of 80 columns at most, if its words allow it, indented.
fn wrapped(indent: usize, text: &str) -> String {
    let mut lines = String::new();
    let mut column = 80;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column + 1 + length > 80 {
            if !lines.is_empty() {
                lines.push('\n');
            }
            lines += &" ".repeat(indent);
            column = indent;
        } else {
            lines.push(' ');
            column += 1;
        }
        lines += word;
        column += length;
    }
    lines.push('\n');
    lines
}
