//! What core refuses is told in the terms of the command line: a key of the profile, an option, and none of Rust's names.

use crate::world::{Ran, SECRET, World, chatbot};

fn in_own_terms(ran: &Ran, code: i32, says: &[&str]) {
    ran.failed(code, says);
    for foreign in ["::", "misuse"] {
        assert!(!ran.err.contains(foreign), "{foreign:?}: {ran:?}");
    }
}

/// A server on this computer is the first that a newcomer tries.
#[test]
fn http_on_loopback_names_the_key_that_admits_it() {
    let world = World::standard();
    let admits =
        ["is http on loopback", "`quirks = [\"loopback-http\"]`", "--set 'quirks=[\"loopback-http\"]'"];
    let bot = chatbot("server = \"URL\"").replace("URL", world.url());
    let secret = world.secret_of("chatbot");
    world.config(&format!("[profile.bot]\nstore = \"file:kept\"\n{bot}"));
    in_own_terms(&world.run_with(&["token"], &[(SECRET, &secret)], ""), 2, &admits);
    // What it says to do is what helps.
    let set = ["token", "--set", "quirks=[\"loopback-http\"]"];
    let token = world.run_with(&set, &[(SECRET, &secret)], "").line().to_owned();
    world.require_good(&token);
    // The endpoints and the API likewise.
    for key in ["token_endpoint", "space", "hub"] {
        world.config(&format!(
            "[profile.bot]\n{key} = \"{}\"\nclient_id = \"a\"\nstore = \"file:kept\"",
            world.url()
        ));
        in_own_terms(&world.run(&["token"]), 2, &admits);
    }
    world.config(&format!(
        "[profile.bot]\ntoken_endpoint = \"https://as.example/token\"\nclient_id = \"a\"\nstore = \"file:kept\"\napi = \"{}\"",
        world.url()
    ));
    in_own_terms(&world.run(&["token"]), 2, &admits);
}

/// WA-5: where the token may not go is told with the key that names where it may.
#[test]
fn a_call_of_another_api_names_the_key_to_set() {
    let world = World::space();
    let secret = world.secret_of("chatbot");
    world.profiles(&[("bot", &chatbot("space = \"URL\""))]);
    let elsewhere = "https://elsewhere.example";
    let ran = world.run_with(&["call", elsewhere], &[(SECRET, &secret)], "");
    in_own_terms(
        &ran,
        2,
        &[elsewhere, world.url(), "WA-5", "`api = \"https://elsewhere.example\"`", "--set api="],
    );
    let header = ["call", "/", "-H", "Host: elsewhere.example"];
    in_own_terms(&world.run_with(&header, &[(SECRET, &secret)], ""), 2, &["Host", "leave it out"]);
    // A permanent token has no client, and its API is named the same way.
    world.profiles(&[("me", "method = \"permanent-token\"\ntoken = \"env:A_SECRET\"\napi = \"URL\"")]);
    let ran = world.run_with(&["call", elsewhere], &[(SECRET, "a-permanent-token")], "");
    in_own_terms(&ran, 2, &[elsewhere, world.url(), "WA-5", "`api = \"https://elsewhere.example\"`"]);
}

/// Nobody has logged in yet: that is said, and how.
#[test]
fn a_profile_without_a_login_is_told_to_log_in() {
    let world = World::space();
    world.profiles(&[(
        "me",
        "space = \"URL\"\nclient_id = \"native\"\nscope = \"global:Profile.Absences.View\"",
    )]);
    for arguments in [&["token"][..], &["call", "/"]] {
        let ran = world.run(arguments);
        in_own_terms(&ran, 3, &["me: nobody is logged in", "run `valetkey login me`"]);
        assert!(!ran.err.contains("no longer"), "{ran:?}");
    }
}
