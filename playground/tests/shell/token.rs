//! `valetkey token`: what it prints, and what it costs when a token is stored.

use serde_json::json;
use valetkey_sandbox::{Endpoint, Failure};

use crate::world::{SECRET, World, chatbot};

fn with_chatbot() -> (World, String) {
    let world = World::standard();
    world.profiles(&[("bot", &chatbot("server = \"URL\""))]);
    let secret = world.secret_of("chatbot");
    (world, secret)
}

#[test]
fn a_server_is_described_by_its_issuer_its_family_or_its_endpoints() {
    let token_endpoint = "token_endpoint = \"URL/oauth/token\"\nclient_authentication = \"post\"";
    for (server, is_standard) in
        [("server = \"URL\"", true), ("space = \"URL\"", false), (token_endpoint, true)]
    {
        let world = if is_standard { World::standard() } else { World::space() };
        world.profiles(&[("bot", &chatbot(server))]);
        let ran = world.run_with(&["token", "bot"], &[(SECRET, &world.secret_of("chatbot"))], "");
        world.require_good(ran.line());
        assert_eq!(ran.err, "", "nothing is told where nobody looks");
    }
}

#[test]
fn a_stored_token_that_is_good_needs_no_secret_and_no_request() {
    let (world, secret) = with_chatbot();
    let first = world.run_with(&["token"], &[(SECRET, &secret)], "");
    let before = world.requests();
    let second = world.run(&["token"]);
    assert_eq!(first.line(), second.line());
    assert_eq!(world.requests(), before);
}

#[test]
fn an_expired_token_is_replaced() {
    let (world, secret) = with_chatbot();
    world.front.sandbox().settings_mut().access_token_lifetime = std::time::Duration::ZERO;
    let first = world.run_with(&["token"], &[(SECRET, &secret)], "");
    world.front.sandbox().settings_mut().access_token_lifetime = std::time::Duration::from_secs(600);
    let second = world.run_with(&["token"], &[(SECRET, &secret)], "");
    assert_ne!(first.line(), second.line());
    assert_eq!(second.line(), world.run(&["token"]).line());
}

#[test]
fn a_profile_that_asks_for_something_else_has_another_token() {
    let (world, secret) = with_chatbot();
    let set = ["token", "--set", "scope=channel:general:Channel.PostMessages"];
    let one = world.run_with(&["token"], &[(SECRET, &secret)], "");
    let other = world.run_with(&set, &[(SECRET, &secret)], "");
    assert_ne!(one.line(), other.line());
    assert_eq!(other.line(), world.run(&set).line());
}

#[test]
fn the_header_is_one_for_curl() {
    let (world, secret) = with_chatbot();
    let token = world.run_with(&["token"], &[(SECRET, &secret)], "");
    let header = world.run(&["token", "--header"]);
    assert_eq!(header.line(), format!("Authorization: Bearer {}", token.line()));
}

#[test]
fn json_has_the_same_members_whatever_is_known() {
    let (world, secret) = with_chatbot();
    let told = world.run_with(&["token", "--json"], &[(SECRET, &secret)], "").json();
    let expires_at = told["expires_at"].as_u64().unwrap();
    let expires_in = told["expires_in"].as_u64().unwrap();
    assert!(expires_in > 500 && expires_in <= 600 && expires_at > 1_700_000_000, "{told}");
    let expected = json!({
        "access_token": told["access_token"], "token_type": "Bearer", "expires_at": expires_at,
        "expires_in": expires_in, "scope": "global:Profile.Absences.View", "subject": "application",
    });
    assert_eq!(told, expected);

    let permanent = world.front.sandbox().permanent_token_of_user("alice");
    let set = ["token", "--json", "--set", "method=permanent-token", "--set", "token=env:A_SECRET"];
    let told = world.run_with(&set, &[(SECRET, &permanent)], "").json();
    let expected = json!({
        "access_token": permanent, "token_type": "Bearer", "expires_at": null, "expires_in": null,
        "scope": null, "subject": null,
    });
    assert_eq!(told, expected);
}

/// One command, and no configuration at all.
#[test]
fn a_token_from_any_server_needs_no_profile() {
    let world = World::standard();
    let url = format!("server={}", world.url());
    let mut arguments = vec!["token", "--config", "/dev/null", "--set", &url, "--set", "client_id=chatbot"];
    for key in [
        "secret=env:A_SECRET",
        "method=client-credentials",
        "scope=global:Profile.Absences.View",
        "store=file:kept",
        "quirks=[\"loopback-http\"]",
    ] {
        arguments.extend(["--set", key]);
    }
    // Relative to the file's folder, which is not ours to write in.
    let store = format!("store=file:{}", world.path("kept").display());
    *arguments.iter_mut().find(|argument| **argument == "store=file:kept").unwrap() = &store;
    let ran = world.run_with(&arguments, &[(SECRET, &world.secret_of("chatbot"))], "");
    world.require_good(ran.line());
}

/// The server is asked about itself once, and again when what it said is no longer fresh.
#[test]
fn what_a_server_says_of_itself_is_remembered() {
    let (world, secret) = with_chatbot();
    let metadata = |world: &World| {
        let sandbox = world.front.sandbox();
        sandbox.log().iter().filter(|exchange| exchange.endpoint() == Endpoint::Metadata).count()
    };
    world.front.sandbox().settings_mut().access_token_lifetime = std::time::Duration::ZERO;
    for _ in 0..3 {
        world.run_with(&["token"], &[(SECRET, &secret)], "").line();
    }
    assert_eq!(metadata(&world), 1);
}

/// F43: an API may refuse a token in ways that nobody is told of, or a person may have revoked it.
#[test]
fn a_fresh_token_is_made_just_now() {
    let world = World::standard();
    world.profiles(&[
        ("bot", &chatbot("server = \"URL\"")),
        ("me", "server = \"URL\"\nclient_id = \"native\"\nscope = \"global:Profile.Absences.View\""),
        ("mine", "api = \"URL\"\nmethod = \"permanent-token\"\ntoken = \"env:MINE\""),
    ]);
    let secret = world.secret_of("chatbot");
    let token = |arguments: &[&str]| world.run_with(arguments, &[(SECRET, &secret)], "").line().to_owned();
    let first = token(&["token", "bot"]);
    assert_eq!(token(&["token", "bot"]), first);
    let fresh = token(&["token", "bot", "--fresh"]);
    assert_ne!(fresh, first);
    world.require_good(&fresh);
    // It is the one that is stored from then on.
    assert_eq!(token(&["token", "bot"]), fresh);

    // By a refresh token too, and with one request where none was good.
    let (login, url) = world.start(&["login", "me", "--no-open"]);
    world.visit(&url, true);
    login.end(&world).failed(0, &["Logged in"]);
    let first = token(&["token", "me"]);
    let before = world.requests();
    let fresh = token(&["token", "me", "--fresh"]);
    assert_ne!(fresh, first);
    world.require_good(&fresh);
    assert_eq!(world.requests(), before + 2, "one renewal, and the call above");
    world.front.sandbox().expire_all();
    assert_ne!(token(&["token", "me", "--fresh"]), fresh);

    // A permanent token is what it is, and who is not logged in is told so.
    world
        .run_with(&["token", "mine", "--fresh"], &[("MINE", "x")], "")
        .failed(2, &["made once", "next: get another"]);
    world.run(&["logout", "me"]).failed(0, &["Revoked"]);
    world.run(&["token", "me", "--fresh"]).failed(3, &["nobody is logged in"]);
}

/// A server that asks to be left alone is, unless the person who knows better says so; the error tells how long.
#[test]
fn what_the_last_try_failed_with_is_told_as_such_and_fresh_tries_again() {
    let (world, secret) = with_chatbot();
    world.front.sandbox().fail_next(Endpoint::Token, Failure::unavailable(30));
    let run = |arguments: &[&str]| world.run_with(arguments, &[(SECRET, &secret)], "");
    let first = run(&["token"]);
    assert!(!first.err.contains("the next is possible") && first.code != 0, "{first:?}");
    let before = world.requests();
    let second = run(&["token"]);
    second.failed(
        first.code,
        &["The last try failed for this, ", " ago; the next is possible in ", "`valetkey token --fresh`"],
    );
    assert_eq!(world.requests(), before);
    world.require_good(run(&["token", "--fresh"]).line());
}
