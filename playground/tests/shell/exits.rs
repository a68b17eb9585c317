//! Every exit code, by whatever leads to it.

use valetkey_sandbox::{Endpoint, Failure, Misbehaviour};

use crate::world::{SECRET, World, chatbot};

fn world() -> (World, String) {
    let world = World::space();
    world.profiles(&[("bot", &chatbot("space = \"URL\""))]);
    let secret = world.secret_of("chatbot");
    (world, secret)
}

#[test]
fn zero_is_success_and_two_a_wrong_command_line() {
    let (world, secret) = world();
    assert_eq!(world.run_with(&["token"], &[(SECRET, &secret)], "").code, 0);
    world.run(&["token", "--nonsense"]).failed(2, &["--nonsense", "Usage"]);
    world.run(&["nonsense"]).failed(2, &["unrecognized subcommand"]);
    world.run(&["call"]).failed(2, &["<URL>"]);
    world.run(&["call", "not a url"]).failed(2, &["the URL is not valid"]);
    world.run(&["token", "--set", "scope"]).failed(2, &["KEY=VALUE is expected"]);
    let tour = |arguments: &[&str]| world.run(&[&["tour", "--server"], arguments].concat());
    tour(&["sandbox", "--client-id", "a"]).failed(2, &["leave --client-id out"]);
    let with_secret = |source| tour(&["https://as.example", "--client-id", "a", "--secret", source]);
    with_secret("env:NOT_SET").failed(2, &["which is not set", "next: set NOT_SET"]);
    with_secret("hunter2").failed(2, &["a secret is not written here"]);
}

#[test]
fn three_is_for_a_person() {
    let (world, _) = world();
    world.profiles(&[("me", "space = \"URL\"\nclient_id = \"native\"")]);
    world.run(&["token"]).failed(3, &["next: run `valetkey login me` at a terminal"]);
    world.run(&["call", "/api/http/absences"]).failed(3, &["valetkey login me"]);
}

#[test]
fn four_is_the_servers_no_with_what_to_do() {
    for (scope, secret_is_right, fails, says) in [
        ("global:Profile.Absences.View", false, false, ["invalid_client", "`client_id`, `secret`"]),
        ("global:Everything", true, false, ["invalid_scope", "ask for another `scope`"]),
        ("global:Profile.Absences.View", true, true, ["rate-limited", "next: try again in 7 s"]),
    ] {
        let (world, secret) = world();
        let secret = if secret_is_right { secret } else { "another secret".to_owned() };
        if fails {
            world.front.sandbox().fail_next(Endpoint::Token, Failure::rate_limited(7));
        }
        let set = format!("scope={scope}");
        world.run_with(&["token", "--set", &set], &[(SECRET, &secret)], "").failed(4, &says);
    }
}

#[test]
fn five_is_an_answer_that_breaks_the_protocol_with_its_rule() {
    for (misbehaviour, rule) in [
        (Misbehaviour::ExpiresInNegative, "TR-9"),
        (Misbehaviour::AccessTokenMissing, "TR-5"),
        (Misbehaviour::RedirectTemporary, "TR-1"),
        (Misbehaviour::TokenTypeNumber, "TR-6"),
    ] {
        let (world, secret) = world();
        world.front.sandbox().misbehave(misbehaviour);
        let ran = world.run_with(&["token"], &[(SECRET, &secret)], "");
        ran.failed(5, &["the server broke the protocol", rule, "RFC ", "nothing of the answer was used"]);
        assert_eq!(ran.out, "");
    }
}

/// What a relaxation admits is told with the key of the profile that admits it, and works with that.
#[test]
fn five_names_the_key_that_admits_it() {
    let (world, secret) = world();
    world.front.sandbox().misbehave(Misbehaviour::TokenTypeOther);
    let ran = world.run_with(&["token"], &[(SECRET, &secret)], "");
    // Beside the one that the profile has.
    let set = "quirks=[\"loopback-http\", \"any-token-type\"]";
    let in_profile = "`quirks = [\"loopback-http\", \"any-token-type\"]` in the profile";
    ran.failed(5, &["TR-6", in_profile, &format!("--set '{set}'")]);
    assert!(!ran.err.contains("Quirk::"), "{ran:?}");
    // Where nothing is remembered of the last try.
    world
        .run_with(&["token", "--set", set, "--set", "store=file:elsewhere"], &[(SECRET, &secret)], "")
        .line();
}

#[test]
fn six_is_no_answer() {
    let (world, secret) = world();
    // A port on which nobody listens any more.
    let gone = World::space().url().to_owned();
    let set = format!("space={gone}");
    let ran = world.run_with(&["token", "bot", "--set", &set], &[(SECRET, &secret)], "");
    ran.failed(
        6,
        &["the connection to http://127.0.0.1:", "could not be made", "look whether the server is up"],
    );
}

#[test]
fn seven_is_the_store() {
    let (world, secret) = world();
    let run = |store: &str| world.run_with(&["token", "--set", store], &[(SECRET, &secret)], "");
    run("store=keyring").failed(7, &["keyring", "`store = \"file\"`"]);
    std::fs::write(world.path("a-file"), "").unwrap();
    run("store=file:a-file/folder").failed(7, &["the token store failed", "a-file/folder"]);
}

/// Tokens that others may read are not used.
#[cfg(unix)]
#[test]
fn seven_is_a_stored_token_that_others_may_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let (world, secret) = world();
    world.run_with(&["token"], &[(SECRET, &secret)], "").line();
    let record = crate::world::files(&world.path("kept"))
        .into_iter()
        .find(|path| path.extension().is_some_and(|it| it == "session"));
    std::fs::set_permissions(record.unwrap(), std::fs::Permissions::from_mode(0o644)).unwrap();
    world.run(&["token"]).failed(7, &["others may read or write", "0600"]);
}

#[test]
fn eight_is_the_apis_status() {
    let (world, secret) = world();
    for (misbehaviour, says) in [
        (Misbehaviour::ApiInsufficientScope, "it wants the scope global:Project.View"),
        (Misbehaviour::ApiUnavailable, "status 503"),
        (Misbehaviour::ApiUnauthorized, "next: have an administrator"),
    ] {
        world.front.sandbox().behave();
        world.front.sandbox().misbehave(misbehaviour);
        world.run_with(&["call", "/api/http/absences"], &[(SECRET, &secret)], "").failed(8, &[says]);
    }
}
