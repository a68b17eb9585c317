//! `valetkey logout`: revoked at the server where it can be, and forgotten in any case.

use valetkey_sandbox::{Endpoint, Failure};

use crate::world::{SECRET, World, chatbot, files};

fn records(world: &World) -> usize {
    let kept = files(&world.path("kept"));
    kept.iter().filter(|path| path.extension().is_some_and(|kind| kind == "session")).count()
}

#[test]
fn the_token_ends_at_the_server_and_here() {
    let world = World::standard();
    world.profiles(&[("bot", &chatbot("server = \"URL\""))]);
    let secret = world.secret_of("chatbot");
    let token = world.run_with(&["token"], &[(SECRET, &secret)], "").line().to_owned();
    let ask = |world: &World| {
        world.run_with(&["inspect", "--introspect", "--json", "bot"], &[(SECRET, &secret)], &token).json()["facts"]["active"].clone()
    };
    assert_eq!(ask(&world), true);
    world
        .run_with(&["logout"], &[(SECRET, &secret)], "")
        .failed(0, &["Revoked at the server, and forgotten."]);
    assert_eq!(ask(&world), false);
    assert_eq!(records(&world), 0);
    let before = world.requests();
    world.run(&["logout"]).failed(0, &["Nothing is stored."]);
    assert_eq!(world.requests(), before);
}

/// RFC 7009 §2.1: the refresh token is revoked, and its access tokens end with it.
#[test]
fn a_login_ends_by_its_refresh_token() {
    let world = World::standard();
    world.profiles(&[(
        "me",
        "server = \"URL\"\nclient_id = \"native\"\nscope = \"global:Profile.Absences.View\"",
    )]);
    let (login, url) = world.start(&["login", "--no-open"]);
    world.visit(&url, true);
    login.end(&world).failed(0, &[]);
    world.run(&["logout"]).failed(0, &["Revoked"]);
    let sandbox = world.front.sandbox();
    let sent = String::from_utf8_lossy(sandbox.log().last().unwrap().request().body()).into_owned();
    assert!(sent.contains("token_type_hint=refresh_token"));
    drop(sandbox);
    world.run(&["token"]).failed(3, &["valetkey login me"]);
}

#[test]
fn a_server_without_revocation_is_told_of() {
    let world = World::space();
    world.profiles(&[("bot", &chatbot("space = \"URL\""))]);
    world.run_with(&["token"], &[(SECRET, &world.secret_of("chatbot"))], "").line();
    world.run(&["logout"]).failed(0, &["Forgotten. The server has no endpoint to revoke a token at"]);
    assert_eq!(records(&world), 0);
}

#[test]
fn a_server_that_is_in_trouble_is_no_reason_to_keep_a_token() {
    let world = World::standard();
    world.profiles(&[("bot", &chatbot("server = \"URL\""))]);
    let secret = world.secret_of("chatbot");
    world.run_with(&["token"], &[(SECRET, &secret)], "").line();
    world.front.sandbox().fail_next(Endpoint::Revocation, Failure::unavailable(30));
    let ran = world.run_with(&["logout"], &[(SECRET, &secret)], "");
    ran.failed(4, &["Forgotten. The server did not revoke it", "next: try again in 30 s"]);
    assert_eq!(records(&world), 0);
}

#[test]
fn what_cannot_be_read_is_forgotten_too() {
    let world = World::standard();
    world.profiles(&[("bot", &chatbot("server = \"URL\""))]);
    let secret = world.secret_of("chatbot");
    world.run_with(&["token"], &[(SECRET, &secret)], "").line();
    let kept = files(&world.path("kept"));
    let record = kept.iter().find(|path| path.extension().is_some_and(|kind| kind == "session")).unwrap();
    let text = std::fs::read_to_string(record).unwrap();
    std::fs::write(record, text.replace("\"version\":2", "\"version\":9")).unwrap();
    world.run(&["token"]).failed(
        7,
        &["the stored record cannot be read, or has a later version", "`valetkey logout` forgets it"],
    );
    world.run(&["logout"]).failed(0, &["Forgotten"]);
    assert_eq!(records(&world), 0);
}
