//! Whatever a server or an API answers, the program ends with a code of its table, and nothing reaches the terminal that
//! would control it.

use valetkey_sandbox::{Endpoint, Misbehaviour};

use crate::world::{Ran, SECRET, World, chatbot};

fn require_decent(ran: &Ran, misbehaviour: Misbehaviour) {
    let told = ran.err.lines().next().unwrap_or_default();
    match ran.code {
        // A redirect is an answer too, which shows nothing by itself.
        0 => assert!(
            told.is_empty() || told.starts_with("valetkey: the API answered with status 30"),
            "{misbehaviour}: {ran:?}"
        ),
        1..=8 => assert!(told.starts_with("valetkey: "), "{misbehaviour}: {ran:?}"),
        _ => panic!("{misbehaviour}: {ran:?}"),
    }
    let controls = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}');
    assert!(!ran.err.contains(controls), "{misbehaviour}: {ran:?}");
}

fn each_of(endpoint: Endpoint) -> impl Iterator<Item = Misbehaviour> {
    Misbehaviour::ALL.iter().copied().filter(move |misbehaviour| misbehaviour.endpoint() == endpoint)
}

/// In each a folder of its own, so that nothing is remembered.
fn token(world: &World, misbehaviour: Misbehaviour) -> Ran {
    world.front.sandbox().behave();
    world.front.sandbox().misbehave(misbehaviour);
    let store = format!("store=file:kept-{misbehaviour}");
    let data = world.path(&format!("data-{misbehaviour}"));
    let secret = world.secret_of("chatbot");
    let variables = [(SECRET, secret.as_str()), ("XDG_DATA_HOME", data.to_str().unwrap())];
    world.run_with(&["token", "--set", &store], &variables, "")
}

#[test]
fn whatever_the_token_endpoint_answers() {
    let world = World::standard();
    world.profiles(&[("bot", &chatbot("server = \"URL\""))]);
    let mut seen = [0; 9];
    for misbehaviour in each_of(Endpoint::Token) {
        let ran = token(&world, misbehaviour);
        require_decent(&ran, misbehaviour);
        assert!(ran.code == 0 || ran.out.is_empty(), "{misbehaviour}: {ran:?}");
        seen[usize::try_from(ran.code).unwrap()] += 1;
    }
    // Some are admitted by name, some are refusals, most are broken.
    assert!(seen[0] > 0 && seen[4] > 0 && seen[5] > seen[0], "{seen:?}");
}

#[test]
fn whatever_a_server_says_of_itself() {
    let world = World::standard();
    world.profiles(&[("bot", &chatbot("server = \"URL\""))]);
    for misbehaviour in each_of(Endpoint::Metadata) {
        let ran = token(&world, misbehaviour);
        // An endpoint on another host is told of, and some are odd without being wrong.
        if ran.code != 0 {
            require_decent(&ran, misbehaviour);
        }
    }
}

#[test]
fn whatever_an_api_answers() {
    let world = World::space();
    world.profiles(&[("bot", &chatbot("space = \"URL\""))]);
    let secret = world.secret_of("chatbot");
    for misbehaviour in each_of(Endpoint::Api) {
        world.front.sandbox().behave();
        world.front.sandbox().misbehave(misbehaviour);
        let ran = world.run_with(&["call", "/api/http/absences"], &[(SECRET, &secret)], "");
        require_decent(&ran, misbehaviour);
        assert!([0, 8].contains(&ran.code), "{misbehaviour}: {ran:?}");
    }
}

/// DV-2: what a person is shown is a web page's address and a printable code.
#[test]
fn a_device_shows_nothing_that_is_not_fit_to_be_shown() {
    for misbehaviour in [
        Misbehaviour::UserCodeEscapes,
        Misbehaviour::VerificationUriEscapes,
        Misbehaviour::VerificationUriScript,
        Misbehaviour::DeviceCodeMissing,
        Misbehaviour::DeviceExpiryNegative,
    ] {
        let world = World::standard();
        world.profiles(&[("tv", "server = \"URL\"\nclient_id = \"native\"\nmethod = \"device\"")]);
        world.front.sandbox().misbehave(misbehaviour);
        let ran = world.run(&["login", "--no-open"]);
        require_decent(&ran, misbehaviour);
        ran.failed(5, &["(DV-"]);
        assert_eq!(ran.out, "");
    }
}

/// LB-2: a forged response is not the one that is waited for, and the right one may still come.
#[test]
fn a_forged_redirect_is_not_taken_for_the_right_one() {
    for misbehaviour in [Misbehaviour::StateWrong, Misbehaviour::StateMissing] {
        let world = World::standard();
        world
            .profiles(&[("me", "server = \"URL\"\nclient_id = \"native\"\nscope = \"global:Profile.View\"")]);
        world.front.sandbox().misbehave_once(misbehaviour);
        let (login, url) = world.start(&["login", "--no-open"]);
        world.visit(&url, true);
        world.visit(&url, true);
        login.end(&world).failed(0, &["Logged in"]);
    }
}

#[test]
fn a_redirect_that_breaks_a_rule_ends_the_login() {
    for (misbehaviour, rule) in [(Misbehaviour::IssForeign, "AR-3"), (Misbehaviour::CodeMissing, "AR-7")] {
        let world = World::standard();
        world
            .profiles(&[("me", "server = \"URL\"\nclient_id = \"native\"\nscope = \"global:Profile.View\"")]);
        world.front.sandbox().misbehave(misbehaviour);
        let (login, url) = world.start(&["login", "--no-open"]);
        world.visit(&url, true);
        let ran = login.end(&world);
        require_decent(&ran, misbehaviour);
        ran.failed(5, &[rule]);
    }
}
