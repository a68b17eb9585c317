//! `valetkey whoami`: who the stored login is, and what the server says of the person.

use std::time::Duration;

use serde_json::json;
use valetkey_sandbox::Misbehaviour;

use crate::openid::{NATIVE, logged_in};
use crate::world::{SECRET, World, chatbot};

#[test]
fn it_is_told_from_the_store_alone() {
    let world = World::standard();
    world.profiles(&[("me", NATIVE)]);
    logged_in(&world, &[]).failed(0, &[]);
    let alice = world.front.sandbox().user_id("alice");
    let requests = world.requests();
    let text = format!("iss  {}\nsub  {alice}", world.url());
    assert_eq!(world.run(&["whoami"]).line(), text);
    // However long ago that was.
    world.front.sandbox().expire_all();
    assert_eq!(
        world.run(&["whoami", "--json"]).json(),
        json!({ "iss": world.url(), "sub": alice, "user_info": null, "quirks": null })
    );
    let row = &world.run(&["list", "--json"]).json()[0];
    assert_eq!(row["identity"], json!({ "iss": world.url(), "sub": alice }));
    assert!(world.run(&["list"]).out.contains(&alice));
    assert_eq!(world.requests(), requests);
}

/// UI-1, UI-5, UI-6.
#[test]
fn the_server_is_asked_with_the_stored_token() {
    for more in ["", "dpop = true\n"] {
        let world = World::standard();
        world.profiles(&[("me", &format!("{NATIVE}{more}"))]);
        logged_in(&world, &[]).failed(0, &[]);
        let ran = world.run(&["whoami", "--user-info"]);
        assert!(ran.line().contains("\nname "), "{ran:?}");
        assert!(ran.out.contains("Alice Archer") && ran.out.contains("preferred_username  alice"), "{ran:?}");
        let told = world.run(&["whoami", "--user-info", "--json"]).json();
        assert_eq!(told["user_info"]["sub"], told["sub"]);
        assert_eq!((&told["user_info"]["name"], &told["quirks"]), (&json!("Alice Archer"), &json!([])));
    }
}

/// A token that the server takes no longer is renewed, once.
#[test]
fn a_token_that_is_refused_is_renewed() {
    let world = World::standard();
    world.profiles(&[("me", NATIVE)]);
    logged_in(&world, &[]).failed(0, &[]);
    world.front.sandbox().expire_all();
    assert!(world.run(&["whoami", "--user-info"]).line().contains("Alice Archer"));
    // One that is known to have expired is renewed before it is sent.
    world.front.sandbox().settings_mut().access_token_lifetime = Duration::ZERO;
    logged_in(&world, &[]).failed(0, &[]);
    world.front.sandbox().settings_mut().access_token_lifetime = Duration::from_secs(600);
    assert!(world.run(&["whoami", "--user-info"]).line().contains("Alice Archer"));
    // And nobody is asked for what only a person can give.
    world.front.sandbox().revoke_user("alice");
    world.run(&["whoami", "--user-info"]).failed(3, &["invalid_grant", "run `valetkey login me`"]);
}

/// UI-5: claims of another person are not shown.
#[test]
fn what_is_about_another_person_is_refused() {
    let world = World::standard();
    world.profiles(&[("me", NATIVE)]);
    logged_in(&world, &[]).failed(0, &[]);
    world.front.sandbox().misbehave(Misbehaviour::UserinfoSubOther);
    let ran = world.run(&["whoami", "--user-info"]);
    ran.failed(5, &["about another person", "UI-5"]);
    assert_eq!(ran.out, "");
}

#[test]
fn nobody_is_told_from_somebody() {
    let world = World::standard();
    world.profiles(&[
        ("bot", &chatbot("server = \"URL\"")),
        ("me", NATIVE),
        ("mine", "api = \"URL\"\nmethod = \"permanent-token\"\ntoken = \"env:MINE\""),
    ]);
    world.run(&["whoami", "me"]).failed(3, &["nobody is logged in", "run `valetkey login me`"]);
    world.run(&["whoami", "mine"]).failed(2, &["by the method permanent-token", "`openid` in `scope`"]);
    world.run_with(&["token", "bot"], &[(SECRET, &world.secret_of("chatbot"))], "").line();
    world.run(&["whoami", "bot"]).failed(2, &["by the method client-credentials"]);
    // A login that was not asked who it is.
    let unasked = ["--set", "scope=global:Profile.Absences.View"];
    logged_in(&world, &["me", unasked[0], unasked[1]]).failed(0, &[]);
    world
        .run(&["whoami", "me", unasked[0], unasked[1]])
        .failed(2, &["does not say who it is", "put `openid` into `scope`", "run `valetkey login me"]);
}
