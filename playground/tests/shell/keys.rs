//! Clients that sign, tokens that are bound to a key, requests that are pushed.

use serde_json::json;
use valetkey_blocking::jose::{Algorithm, AwsLc, JwkSet, PrivateJwk};
use valetkey_blocking::{Entropy, http};
use valetkey_sandbox::{Application, Rights};

use crate::world::{SECRET, World};

const KEYS: &str = "server = \"URL\"\nclient_id = \"signer\"\nsecret = \"env:A_SECRET\"\n\
    method = \"client-credentials\"\nscope = \"global:Profile.Absences.View\"\n";

fn rights() -> Rights {
    Rights::parse("global:Profile.Absences.View").unwrap()
}

#[test]
fn a_client_signs_with_its_private_key() {
    let world = World::standard();
    let key = PrivateJwk::generate(&AwsLc, Algorithm::Es256, Entropy::from_seed([9; 32])).unwrap();
    let public = serde_json::to_value(JwkSet::of([key.public()])).unwrap();
    world.front.sandbox().add_application(Application::with_keys("signer", &public).authorized(rights()));
    world.profiles(&[("signer", &format!("{KEYS}client_authentication = \"private-key-jwt\""))]);
    world.plant(&key.expose());
    let ran = world.run_with(&["token"], &[(SECRET, &key.expose())], "");
    world.require_good(ran.line());
    world.run_with(&["token", "--set", "scope=x"], &[(SECRET, "no key")], "").failed(2, &["PRIVATE KEY"]);
}

#[test]
fn a_secret_signs_and_is_not_sent() {
    let world = World::standard();
    let secret = "a secret of thirty-two bytes, at least";
    world.plant(secret);
    let application = Application::confidential("signer", secret).secret_signs().authorized(rights());
    world.front.sandbox().add_application(application);
    world.profiles(&[("signer", &format!("{KEYS}client_authentication = \"client-secret-jwt\""))]);
    let ran = world.run_with(&["token"], &[(SECRET, secret)], "");
    world.require_good(ran.line());
    world.run_with(&["token", "--set", "algorithm=none"], &[(SECRET, secret)], "").line();
    let wrong = ["token", "--set", "algorithm=none", "--set", "scope=x"];
    world.run_with(&wrong, &[(SECRET, secret)], "").failed(2, &["`algorithm` is \"none\""]);
}

/// RFC 9449: the token and its key outlive the process, and both are needed for a call.
#[test]
fn a_bound_token_goes_with_a_proof_of_its_key() {
    let world = World::standard();
    world.plant("a secret");
    let application = Application::confidential("signer", "a secret").require_dpop().authorized(rights());
    world.front.sandbox().add_application(application);
    world.profiles(&[("signer", &format!("{KEYS}dpop = true\napi = \"URL\""))]);
    let told = world.run_with(&["token", "--json"], &[(SECRET, "a secret")], "").json();
    assert_eq!(told["token_type"], "DPoP");
    // Neither the secret nor another token is needed for the calls, by other processes.
    let before = world.requests();
    for _ in 0..2 {
        assert_eq!(world.run(&["call", "/api/http/absences"]).json()["totalCount"], 2);
    }
    assert_eq!(world.requests(), before + 2);
    assert_eq!(world.run(&["list", "--json"]).json()[0]["state"], "good");
    world.run(&["token", "--header"]).failed(2, &["bound to a key", "`valetkey call`"]);
    // By itself it is worth nothing.
    let request = http::Request::get(format!("{}/api/http/absences", world.url()))
        .header("authorization", format!("Bearer {}", told["access_token"].as_str().unwrap()))
        .body(Vec::new())
        .unwrap();
    let answer = valetkey_blocking::send(&valetkey_blocking::http_client(), request).unwrap();
    assert_eq!(answer.status(), 401);

    world.run_with(&["logout", "--secrets"], &[(SECRET, "a secret")], "").failed(0, &["Revoked"]);
    let left = crate::world::files(&world.path("kept"));
    let sessions = left.iter().filter(|path| path.extension().is_some_and(|kind| kind == "session"));
    for text in sessions.map(|path| std::fs::read_to_string(path).unwrap()) {
        // What a log-out leaves has neither a token nor the key.
        assert!(text.contains("\"ended_at\":"), "{text}");
        assert!(!text.contains("access_token") && !text.contains("\"kty\""), "{text}");
    }
}

/// RFC 9126: what is asked for is pushed where it is to be, and where the server takes nothing else.
#[test]
fn an_authorization_request_is_pushed_past_the_browser() {
    for (keys, requires) in [("pushed = true\n", false), ("", true)] {
        let world = World::standard();
        world.front.sandbox().settings_mut().require_pushed = requires;
        let keys = format!(
            "server = \"URL\"\nclient_id = \"native\"\nscope = \"global:Profile.Absences.View\"\n{keys}"
        );
        world.profiles(&[("me", &keys)]);
        let (login, url) = world.start(&["login", "--no-open"]);
        assert!(url.contains("request_uri=") && !url.contains("scope="), "{url}");
        world.visit(&url, true);
        login.end(&world).failed(0, &["Logged in"]);
        world.require_good(world.run(&["token"]).line());
    }
}

#[test]
fn what_a_token_is_bound_to_is_told_by_introspection() {
    let world = World::standard();
    world.plant("a secret");
    let application = Application::confidential("signer", "a secret").require_dpop().authorized(rights());
    world.front.sandbox().add_application(application);
    world.profiles(&[("signer", &format!("{KEYS}dpop = true"))]);
    let token = world.run_with(&["token"], &[(SECRET, "a secret")], "").line().to_owned();
    let ran = world.run_with(&["inspect", "--introspect", "--json"], &[(SECRET, "a secret")], &token);
    assert_eq!(ran.json()["facts"]["bound to"], json!("a DPoP key"));
}

/// What was found, what is wanted, and which keys of the profile say so.
#[test]
fn a_key_of_the_wrong_kind_is_named() {
    let world = World::space();
    world.profiles(&[("bot", "space = \"URL\"\nclient_id = \"chatbot\"\nmethod = \"client-credentials\"\nclient_authentication = \"private-key-jwt\"\nsecret = \"env:A_SECRET\"\nscope = \"global:Profile.Absences.View\"")]);
    let rsa = include_str!("../../../tests/keys/rsa.pem");
    world.run_with(&["token"], &[(SECRET, rsa)], "").failed(
        2,
        &["the key is an RSA key, and ES256 needs an EC key on P-256", "`algorithm`", "RS256", "`secret`"],
    );
}
