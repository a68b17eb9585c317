//! Secrets are planted in every place, and searched for in everything that is printed: `World::run` looks each time.

use valetkey_blocking::http::StatusCode;
use valetkey_sandbox::{Endpoint, Failure, Misbehaviour};

use crate::world::{SECRET, World, chatbot, files};

/// The misbehaviours of a server that echoes what it was sent.
#[test]
fn a_server_that_echoes_secrets_does_not_get_them_printed() {
    let echoes: Vec<Misbehaviour> =
        Misbehaviour::ALL.iter().copied().filter(|it| it.name().contains("echo")).collect();
    assert!(!echoes.is_empty());
    for misbehaviour in echoes {
        let world = World::space();
        world.profiles(&[("bot", &chatbot("space = \"URL\""))]);
        world.front.sandbox().misbehave(misbehaviour);
        world.run_with(&["token"], &[(SECRET, &world.secret_of("chatbot"))], "");
    }
}

#[test]
fn a_refused_secret_is_not_repeated() {
    let world = World::space();
    world.profiles(&[("bot", &chatbot("space = \"URL\""))]);
    world.plant("planted secret <&>");
    world.run_with(&["token"], &[(SECRET, "planted secret <&>")], "").failed(4, &["invalid_client"]);
    world.front.sandbox().fail_next(Endpoint::Token, Failure::new(StatusCode::BAD_REQUEST, "planted"));
    world.run_with(&["token"], &[(SECRET, "planted secret <&>")], "").failed(4, &[]);
}

/// Tokens are in the store, which only its owner reads, and in no other file.
#[test]
fn tokens_are_in_the_store_alone() {
    let world = World::standard();
    world.profiles(&[("bot", &chatbot("server = \"URL\""))]);
    let secret = world.secret_of("chatbot");
    let token = world.run_with(&["token"], &[(SECRET, &secret)], "").line().to_owned();
    let mut holding = 0;
    for file in files(&world.path("")) {
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        assert!(!text.contains(&secret), "{}", file.display());
        if text.contains(&token) {
            holding += 1;
            assert!(file.starts_with(world.path("kept")), "{}", file.display());
        }
    }
    assert_eq!(holding, 1);
}

/// No argument takes a secret: whoever lists the processes of a computer sees those.
#[test]
fn no_option_takes_a_secret() {
    let world = World::space();
    for option in ["--secret", "--password", "--token", "--client-secret"] {
        world.run(&["token", option, "x"]).failed(2, &["unexpected argument"]);
    }
}
