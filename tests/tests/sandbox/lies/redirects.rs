//! The redirect back to the application: its parameters, and where it leads.

use std::ops::Not as _;

use valetkey_core::Response;
use valetkey_sandbox::Sandbox;

use super::signed::{claims, text};
use super::{Ask, header, lie, truth};
use crate::metadata::ISSUER;
use crate::support::*;

/// Where a redirect leads, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    uri: String,
    in_fragment: bool,
    /// In order of their names.
    parameters: Vec<(String, String)>,
}

impl Place {
    fn of(response: &Response) -> Self {
        let location = header(response, "location").unwrap();
        let in_fragment = location.contains('#');
        let (uri, rest) = location.split_once(if in_fragment { '#' } else { '?' }).unwrap();
        let mut parameters: Vec<_> = form_urlencoded::parse(rest.as_bytes()).into_owned().collect();
        parameters.sort();
        Self { uri: uri.to_owned(), in_fragment, parameters }
    }

    fn get(&self, name: &str) -> &str {
        self.parameters.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    fn without(mut self, names: &[&str]) -> Self {
        self.parameters.retain(|(name, _)| names.contains(&&**name).not());
        self
    }

    fn and(mut self, pairs: &[(&str, &str)]) -> Self {
        self.parameters.extend(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.parameters.sort();
        self
    }

    fn with(self, name: &str, value: &str) -> Self {
        self.without(&[name]).and(&[(name, value)])
    }
}

fn asked(sandbox: &mut Sandbox) -> Response {
    ask(sandbox, REQUEST)
}

#[track_caller]
fn leads(name: &str, ask: Ask, change: impl FnOnce(Place) -> Place) {
    let right = Place::of(&truth(ask));
    let expected = change(right.clone());
    assert_ne!(expected, right, "{name}");
    assert_eq!(Place::of(&lie(name, ask)), expected, "{name}");
}

const NOBODYS: &str = "a-state-that-nobody-sent";

#[test]
fn a_state_or_an_issuer_is_another_or_is_not_there() {
    let right = Place::of(&truth(asked));
    assert_eq!((&*right.uri, right.in_fragment, right.get("iss")), (WEB, false, ISSUER));
    leads("state-missing", asked, |to| to.without(&["state"]));
    leads("state-wrong", asked, |to| to.with("state", NOBODYS));
    leads("state-twice", asked, |to| to.and(&[("state", "xyz")]));
    leads("iss-missing", asked, |to| to.without(&["iss"]));
    leads("iss-foreign", asked, |to| to.with("iss", "https://attacker.example"));
    leads("iss-twice", asked, |to| to.and(&[("iss", ISSUER)]));
    leads("iss-trailing-slash", asked, |to| to.with("iss", "https://as.example/"));
    leads("iss-upper-case", asked, |to| to.with("iss", "HTTPS://AS.EXAMPLE"));
    leads("iss-port", asked, |to| to.with("iss", "https://as.example:443"));
    leads("iss-escaped", asked, |to| to.with("iss", "https://%61s.example"));
    leads("iss-in-query", asked, |to| {
        let uri = format!("{WEB}?iss=https%3A%2F%2Fas.example");
        Place { uri, in_fragment: true, ..to.without(&["iss"]) }
    });
}

#[test]
fn a_code_is_another_or_is_not_there() {
    let code = Place::of(&truth(asked)).get("code").to_owned();
    assert!(!code.is_empty());
    leads("code-missing", asked, |to| to.without(&["code"]));
    leads("code-empty", asked, |to| to.with("code", ""));
    leads("code-twice", asked, |to| to.and(&[("code", &code)]));
    leads("code-forged", asked, |to| to.with("code", "code-that-was-never-issued"));
    leads("code-upper-case", asked, |to| to.without(&["code"]).and(&[("CODE", &code)]));
    leads("code-renamed", asked, |to| to.without(&["code"]).and(&[("oauth_code", &code)]));
    leads("code-control-characters", asked, |to| to.with("code", "a\0b\r\nc\u{1b}[31m"));
    leads("code-huge", asked, |to| to.with("code", &"c".repeat(64 * 1024)));
}

#[test]
fn something_is_beside_what_was_asked_for() {
    let token = [("access_token", "a-token-that-does-not-belong-here"), ("token_type", "Bearer")];
    leads("code-and-error", asked, |to| to.and(&[("error", "access_denied")]));
    leads("token-in-redirect", asked, |to| to.and(&token));
    leads("id-token-in-redirect", asked, |to| to.and(&[("id_token", "eyJhbGciOiJFUzI1NiJ9.e30.AAAA")]));
    leads("response-unasked", asked, |to| to.and(&[("response", "eyJhbGciOiJFUzI1NiJ9.e30.AAAA")]));
    leads("unknown-parameters", asked, |to| to.and(&[("session_state", "a1b2c3"), ("prompt", "")]));
}

#[test]
fn an_error_says_what_it_should_not() {
    let denied = |to: Place| to.without(&["code"]).and(&[("error", "access_denied")]);
    let call = ("error_description", "Call +1 555 0100 to unlock your account");
    let escapes = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}<script>alert(1)</script>";
    leads("denied-in-other-words", asked, |to| to.without(&["code"]).and(&[("error", "user_denied")]));
    leads("error-forged", asked, |to| denied(to).and(&[call]).with("state", NOBODYS));
    leads("error-with-escapes", asked, |to| denied(to).and(&[("error_description", escapes)]));
    leads("error-script-uri", asked, |to| denied(to).and(&[("error_uri", "javascript:alert(1)")]));
    leads("error-without-iss", asked, |to| denied(to).without(&["iss"]));
    leads("error-twice", asked, |to| denied(to).and(&[("error", "access_denied")]));
}

#[test]
fn it_leads_elsewhere() {
    let at = |uri: &'static str| move |to: Place| Place { uri: uri.to_owned(), ..to };
    leads("other-path", asked, at("https://app.example/callback/elsewhere"));
    leads("other-host", asked, at("https://attacker.example/callback"));
    leads("other-port", asked, at("https://app.example:8443/callback"));
    leads("response-in-fragment", asked, |to| Place { in_fragment: true, ..to });
    let implicit: Ask = |sandbox| {
        let legacy = [
            ("client_id", "legacy"),
            ("redirect_uri", "https://legacy.example/callback"),
            ("response_type", "token"),
            ("code_challenge", ""),
            ("code_challenge_method", ""),
        ];
        ask(sandbox, &with(REQUEST, &legacy))
    };
    assert!(Place::of(&truth(implicit)).in_fragment);
    leads("response-in-query", implicit, |to| Place { in_fragment: false, ..to });
    // The token goes with the code.
    leads("error-forged", implicit, |to| {
        let words = "Call +1 555 0100 to unlock your account";
        let to = to.without(&["access_token"]).with("state", NOBODYS);
        to.and(&[("error", "access_denied"), ("error_description", words)])
    });
}

#[test]
fn a_signed_response_has_its_parameters_beside_it_or_in_its_place() {
    let jarm: Ask = |sandbox| ask(sandbox, &with(REQUEST, &[("response_mode", "jwt")]));
    let right = Place::of(&truth(jarm));
    let signed = claims(right.get("response"));
    let plain = ["code", "state", "iss"].map(|name| (name, text(&signed, name)));
    leads("jarm-beside-plain", jarm, |to| to.and(&plain));
    leads("jarm-unpacked", jarm, |to| to.without(&["response"]).and(&plain));
    // A plain one has nothing to unpack.
    assert_eq!(Place::of(&lie("jarm-unpacked", asked)), Place::of(&truth(asked)));
}

#[test]
fn what_is_beside_an_id_token_is_another() {
    let hybrid: Ask = |sandbox| {
        let both = [("response_type", "code id_token"), ("scope", "openid"), ("nonce", "n")];
        ask(sandbox, &with(REQUEST, &both))
    };
    let id_token = Place::of(&truth(hybrid)).get("id_token").to_owned();
    assert!(!id_token.is_empty());
    let token = [("access_token", "a-token-that-does-not-belong-here"), ("token_type", "Bearer")];
    leads("front-code-other", hybrid, |to| to.with("code", "code-that-was-stolen-elsewhere"));
    leads("front-token", hybrid, |to| to.and(&token));
    leads("front-error-beside", hybrid, |to| to.without(&["code"]).and(&[("error", "access_denied")]));
    leads("front-id-token-missing", hybrid, |to| to.without(&["id_token"]));
    leads("front-id-token-twice", hybrid, |to| to.and(&[("id_token", &id_token)]));
    leads("front-in-query", hybrid, |to| Place { in_fragment: false, ..to });
    for name in
        ["front-code-other", "front-token", "front-error-beside", "front-id-token-twice", "front-in-query"]
    {
        assert_eq!(Place::of(&lie(name, asked)), Place::of(&truth(asked)), "{name}");
    }
}
