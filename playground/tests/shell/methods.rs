//! Each method of a profile, from nothing to a token that its API takes.

use std::time::Duration;

use valetkey_sandbox::{Application, DEMO_USERS, FlowKind, Rights, Rotation};

use crate::world::{SECRET, World};

#[test]
fn a_refresh_token_from_elsewhere_is_used_once_and_its_successor_is_stored() {
    let world = World::space();
    world.profiles(&[(
        "web",
        "space = \"URL\"\nclient_id = \"web\"\nsecret = \"env:CLIENT\"\nmethod = \"refresh-token\"\n\
         token = \"env:A_SECRET\"\nscope = \"global:Profile.Absences.View\"",
    )]);
    let client = world.secret_of("web");
    let rights = Rights::parse("global:Profile.Absences.View").unwrap();
    let refresh = {
        let mut sandbox = world.front.sandbox();
        sandbox.settings_mut().rotation = Rotation::DetectReuse { grace: Duration::ZERO };
        sandbox.settings_mut().access_token_lifetime = Duration::ZERO;
        sandbox.push_refresh_token("web", "alice", &rights).unwrap().refresh_token
    };
    world.plant(&refresh);
    let first = world.run_with(&["token"], &[("CLIENT", &client), (SECRET, &refresh)], "");
    world.front.sandbox().settings_mut().access_token_lifetime = Duration::from_secs(600);
    // The one that came from elsewhere is neither needed nor sent any more.
    let second = world.run_with(&["token"], &[("CLIENT", &client)], "");
    assert_ne!(first.line(), second.line());
    world.require_good(second.line());
}

#[test]
fn the_password_method_says_that_it_is_deprecated() {
    let world = World::space();
    world.profiles(&[(
        "web",
        "space = \"URL\"\nclient_id = \"web\"\nsecret = \"env:CLIENT\"\nmethod = \"password\"\n\
         username = \"alice\"\npassword = \"env:A_SECRET\"\nscope = \"global:Profile.Absences.View\"\noffline = true",
    )]);
    let [(_, password), _] = DEMO_USERS;
    let client = world.secret_of("web");
    let ran = world.run_with(&["token"], &[("CLIENT", &client), (SECRET, password)], "");
    ran.failed(0, &["deprecated", "RFC 9700 §2.4"]);
    world.require_good(ran.line());
    // It came with a refresh token, so that the password is not needed again.
    world.front.sandbox().settings_mut().access_token_lifetime = Duration::ZERO;
    assert!(world.run(&["list", "--json"]).json()[0]["renews"].as_bool().unwrap());
}

#[test]
fn a_permanent_token_is_taken_from_its_source_and_stored_nowhere() {
    let world = World::space();
    world.profiles(&[("mine", "space = \"URL\"\nmethod = \"permanent-token\"\ntoken = \"env:A_SECRET\"")]);
    let permanent = world.front.sandbox().permanent_token_of_user("alice");
    world.plant(&permanent);
    let before = world.requests();
    let ran = world.run_with(&["token"], &[(SECRET, &permanent)], "");
    assert_eq!(ran.line(), permanent);
    assert_eq!(world.requests(), before);
    let call = world.run_with(&["call", "/api/http/absences"], &[(SECRET, &permanent)], "");
    assert!(call.line_free().contains("Alice Archer"));
    world.run(&["logout"]).failed(0, &["Nothing is stored."]);
    assert!(crate::world::files(&world.path("kept")).is_empty());
}

#[test]
fn a_token_is_exchanged_for_another() {
    let world = World::standard();
    let backend = Application::confidential("backend", "a secret of the backend")
        .flow(FlowKind::TokenExchange)
        .may_request(Rights::All);
    world.front.sandbox().add_application(backend);
    world.plant("a secret of the backend");
    let received = world.front.sandbox().permanent_token_of_user("alice");
    world.profiles(&[(
        "backend",
        "server = \"URL\"\nclient_id = \"backend\"\nsecret = \"env:CLIENT\"\nmethod = \"token-exchange\"\n\
         token = \"env:A_SECRET\"\nscope = \"global:Profile.Absences.View\"",
    )]);
    let ran = world.run_with(&["token"], &[("CLIENT", "a secret of the backend"), (SECRET, &received)], "");
    world.require_good(ran.line());
    assert_ne!(ran.line(), received);
}

#[test]
fn an_assertion_is_sent_as_its_own_grant() {
    let world = World::standard();
    world.profiles(&[(
        "web",
        "server = \"URL\"\nclient_id = \"web\"\nsecret = \"env:CLIENT\"\nmethod = \"jwt-bearer\"\n\
         token = \"env:A_SECRET\"",
    )]);
    let client = world.secret_of("web");
    // Nobody trusts who signed it, which the server says in its own words.
    let ran = world.run_with(&["token"], &[("CLIENT", &client), (SECRET, "e30.e30.c2ln")], "");
    ran.failed(4, &["the server refused"]);
    let sandbox = world.front.sandbox();
    assert!(sandbox.log().last().unwrap().to_string().contains("jwt-bearer"));
}

/// What the profile asks for beside the scope is in every request that asks.
#[test]
fn resources_and_further_parameters_are_sent() {
    let world = World::standard();
    let asks = "resource = [\"https://one.example\", \"https://two.example\"]\nparameters = { audience = \"three\" }\n";
    let keys = |method: &str, client: &str| {
        format!("server = \"URL\"\nclient_id = \"{client}\"\nmethod = \"{method}\"\n{asks}")
    };
    world.profiles(&[
        ("bot", &keys("client-credentials", "chatbot")),
        ("me", &keys("authorization-code", "native")),
    ]);
    let is_asked_for = |parameters: &str| {
        for part in
            ["resource=https%3A%2F%2Fone.example", "resource=https%3A%2F%2Ftwo.example", "audience=three"]
        {
            assert!(parameters.contains(part), "{part} is not in {parameters}");
        }
    };
    let secret = world.secret_of("chatbot");
    world.run_with(&["token", "bot", "--set", "secret=env:A_SECRET"], &[(SECRET, &secret)], "");
    let body = world.front.sandbox().log().last().unwrap().request().body().clone();
    is_asked_for(&String::from_utf8(body).unwrap());
    let (_login, url) = world.start(&["login", "me", "--no-open"]);
    is_asked_for(&url);
}
