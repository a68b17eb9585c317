//! A server that the profile describes endpoint by endpoint, and what is told where it describes too little.

use valetkey_blocking::server::Endpoint;
use valetkey_sandbox::Misbehaviour;

use crate::world::{SECRET, World, chatbot};

const ENDPOINTS: &str = "authorization_endpoint = \"URL/oauth/auth\"\ntoken_endpoint = \"URL/oauth/token\"\n";
const NATIVE: &str = "client_id = \"native\"\nscope = \"global:Profile.Absences.View\"\n";

/// F50, I12: a pushed authorization needs the key of its endpoint, and the error names it.
#[test]
fn the_endpoint_of_pushed_requests_is_named() {
    let world = World::standard();
    let described = format!("server = \"URL\"\n{ENDPOINTS}{NATIVE}pushed = true\n");
    world.profiles(&[("me", &described)]);
    world.run(&["login", "--no-open"]).failed(
        2,
        &[
            "the server has no pushed_authorization_request_endpoint\n",
            "`pushed_authorization_request_endpoint = \"https://…\"` in the profile",
        ],
    );
    world.profiles(&[(
        "me",
        &format!("{described}pushed_authorization_request_endpoint = \"URL/oauth/par\""),
    )]);
    let (login, url) = world.start(&["login", "--no-open"]);
    assert!(url.contains("request_uri=") && !url.contains("scope="), "{url}");
    world.visit(&url, true);
    login.end(&world).failed(0, &["Logged in"]);
}

/// Each endpoint that core knows is a key, but for those that no subcommand asks.
#[test]
fn every_endpoint_that_is_asked_has_a_key() {
    let world = World::space();
    world.config("[profile.one]\nno_such_key = 1");
    let ran = world.run(&["token"]);
    for endpoint in Endpoint::ALL {
        let is_asked = !matches!(endpoint, Endpoint::EndSession | Endpoint::Registration);
        assert_eq!(ran.err.contains(&format!("`{}`", endpoint.name())), is_asked, "{endpoint:?}: {ran:?}");
    }
}

/// Of a method that the description is not enough for, the key that is missing is told.
#[test]
fn an_endpoint_that_is_missing_is_told_by_its_key() {
    let world = World::standard();
    world.profiles(&[("me", &format!("{ENDPOINTS}{NATIVE}"))]);
    world
        .run(&["login", "--no-open", "--device"])
        .failed(2, &["--set device_authorization_endpoint=https://…", "beside the server's other endpoints"]);
}

/// AR-4: a server that tells its issuer, which the profile does not: the key that names it comes first, and helps.
#[test]
fn an_issuer_that_is_not_known_is_told_by_its_key() {
    let world = World::standard();
    world.profiles(&[("me", &format!("{ENDPOINTS}{NATIVE}"))]);
    let login = |set: &[&str]| {
        let (login, url) = world.start(&[&["login", "--no-open"], set].concat());
        world.visit(&url, true);
        login.end(&world)
    };
    let ran = login(&[]);
    ran.failed(
        5,
        &[
            "the server's issuer is not known (AR-4",
            "next: name the server's issuer beside its endpoints, `server = \"https://…\"`",
            "or admit it if it is meant: `quirks = [\"loopback-http\", \"iss-discarded\"]`",
        ],
    );
    login(&["--set", &format!("server={}", world.url())]).failed(0, &["Logged in"]);
}

/// TR-5: tokens that are further down in the answer are told with the key that says where, and that helps.
#[test]
fn tr_5_tokens_elsewhere_are_told_by_their_key() {
    let world = World::standard();
    world.profiles(&[("bot", &chatbot("server = \"URL\""))]);
    let secret = world.secret_of("chatbot");
    world.front.sandbox().misbehave(Misbehaviour::Enveloped);
    let token = |set: &[&str]| world.run_with(&[&["token"], set].concat(), &[(SECRET, &secret)], "");
    token(&[]).failed(
        5,
        &["there is one at `/body` (TR-5", "next: if that is the one, say so: `tokens_at = \"/body\"` in the profile, or --set tokens_at=/body\n"],
    );
    token(&["--fresh", "--set", "tokens_at=/body"]).line();
}

/// TR-1: where a redirect points is told, with what to do about it, and once.
#[test]
fn tr_1_a_moved_endpoint_is_told_by_its_key() {
    let world = World::standard();
    world.profiles(&[("bot", &chatbot("server = \"URL\""))]);
    let secret = world.secret_of("chatbot");
    world.front.sandbox().misbehave(Misbehaviour::RedirectTemporary);
    let ran = world.run_with(&["token"], &[(SECRET, &secret)], "");
    ran.failed(
        5,
        &[
            "; it points to ",
            " (TR-1",
            "next: nothing of the answer was used; if the server's documentation names that URL",
            "`token_endpoint`",
        ],
    );
    assert!(!ran.err.contains("configure") && !ran.err.contains("`quirks`"), "{ran:?}");
}

/// DI-3: the same of the metadata, whose place follows from the issuer.
#[test]
fn di_3_metadata_that_have_moved_are_told_with_the_key_of_the_issuer() {
    let world = World::standard();
    world.profiles(&[("me", &format!("server = \"URL\"\n{NATIVE}"))]);
    world.front.sandbox().misbehave(Misbehaviour::MetadataRedirect);
    let ran = world.run(&["login", "--no-open"]);
    ran.failed(
        5,
        &["(DI-3", "next: nothing of the answer was used; if the server has another issuer now, `server`"],
    );
}

/// A URL at which the server has nothing is told of by the key that names it.
#[test]
fn a_url_that_nothing_answers_at_is_told_of() {
    let world = World::standard();
    let secret = world.secret_of("chatbot");
    let token = |keys: &str| {
        world.profiles(&[("bot", &chatbot(keys))]);
        world.run_with(&["token"], &[(SECRET, &secret)], "")
    };
    token("server = \"URL/nowhere\"").failed(
        4,
        &[
            "(status 404, metadata)",
            "next: look at `server`: it is the issuer, to the letter",
            "`token_endpoint`",
        ],
    );
    token("token_endpoint = \"URL/nowhere\"")
        .failed(4, &["(status 404, token endpoint)", "next: look at the URL of the token endpoint"]);
}
