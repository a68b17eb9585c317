//! `valetkey list`: what is stored, and never a secret.

use serde_json::json;

use crate::world::{SECRET, World, chatbot};

#[test]
fn the_shape_of_json_is_stable() {
    let world = World::standard();
    world.profiles(&[
        ("bot", &chatbot("server = \"URL\"")),
        ("me", "server = \"URL\"\nclient_id = \"native\""),
        ("mine", "api = \"URL\"\nmethod = \"permanent-token\"\ntoken = \"env:MINE\"\nsubject = \"user\""),
        ("wrong", "client_id = \"a\""),
    ]);
    world.run_with(&["token", "bot"], &[(SECRET, &world.secret_of("chatbot"))], "").line();
    let ran = world.run(&["list", "--json"]);
    assert_eq!(ran.code, 2, "one profile is at fault: {ran:?}");
    let rows = ran.json();
    let expires_at = rows[0]["expires_at"].as_u64().unwrap();
    assert!(expires_at > 1_700_000_000);
    let url = world.url();
    assert_eq!(
        rows[0],
        json!({
            "profile": "bot", "method": "client-credentials", "server": url, "client_id": "chatbot",
            "store": "file:kept", "state": "good", "subject": "application",
            "scope": "global:Profile.Absences.View", "expires_at": expires_at, "renews": true, "error": null,
        })
    );
    assert_eq!(
        rows[1],
        json!({
            "profile": "me", "method": "authorization-code", "server": url, "client_id": "native",
            "store": "file:kept", "state": "none", "subject": null, "scope": null, "expires_at": null,
            "renews": false, "error": null,
        })
    );
    assert_eq!((&rows[2]["state"], &rows[2]["subject"]), (&json!("permanent"), &json!("user")));
    assert_eq!(rows[3]["state"], "failed");
    assert!(rows[3]["error"].as_str().unwrap().contains("the server is missing"));
}

#[test]
fn people_get_a_table() {
    let world = World::standard();
    world.profiles(&[
        ("bot", &chatbot("server = \"URL\"")),
        ("me", "server = \"URL\"\nclient_id = \"native\""),
    ]);
    world.run_with(&["token", "bot"], &[(SECRET, &world.secret_of("chatbot"))], "").line();
    let ran = world.run(&["list"]);
    let lines: Vec<&str> = ran.line_free().lines().collect();
    assert!(lines[0].starts_with("PROFILE  METHOD "), "{ran:?}");
    assert!(
        lines[1].starts_with("bot ")
            && lines[1].contains("good for 9 min")
            && lines[1].contains("application")
    );
    assert!(lines[2].starts_with("me ") && lines[2].contains("nothing stored"));
}

#[test]
fn an_expired_token_is_told_from_one_that_is_renewed() {
    let world = World::standard();
    world.profiles(&[("bot", &chatbot("server = \"URL\""))]);
    world.front.sandbox().settings_mut().access_token_lifetime = std::time::Duration::ZERO;
    world.run_with(&["token"], &[(SECRET, &world.secret_of("chatbot"))], "").line();
    let row = &world.run(&["list", "--json"]).json()[0];
    assert_eq!((&row["state"], &row["renews"]), (&json!("expired"), &json!(true)));
    assert!(world.run(&["list"]).line_free().contains("expired, renewed when used"));
}

#[test]
fn looking_asks_no_server() {
    let world = World::standard();
    world.profiles(&[("bot", &chatbot("server = \"URL\""))]);
    world.run(&["list"]).line_free();
    assert_eq!(world.requests(), 0);
}
