//! What an error names as its way through is a key that the profile takes, and it helps.

use valetkey_blocking::Quirk;
use valetkey_sandbox::{Endpoint, Misbehaviour};

use crate::world::{Ran, SECRET, World, chatbot};

/// The `KEY=VALUE` that the error says to set, beside what the profile has.
fn named(ran: &Ran) -> Option<&str> {
    let set = ran.err.split("--set 'quirks=").nth(1)?.split('\'').next()?;
    let in_profile = format!("`quirks = {set}` in the profile");
    assert!(ran.err.contains(&in_profile), "{ran:?}");
    assert!(set.starts_with("[\"loopback-http\", "), "what the profile has is kept: {ran:?}");
    Some(set)
}

#[test]
fn every_quirk_is_a_word_of_the_key() {
    let world = World::standard();
    let names: Vec<&str> = Quirk::ALL.iter().map(|quirk| quirk.name()).collect();
    world.profiles(&[("bot", &chatbot("server = \"URL\""))]);
    let secret = world.secret_of("chatbot");
    let token = |quirks: &str| {
        world.run_with(&["token", "--set", &format!("quirks={quirks}")], &[(SECRET, &secret)], "")
    };
    token(&format!("{names:?}")).line();
    // The error of one that is not known lists them all.
    let ran = token("nonsense");
    assert!(ran.err.contains(&format!("(known: {})", names.join(", "))), "{ran:?}");
}

/// Each departure of the token endpoint's answer, and of the metadata, for which there is a quirk.
#[test]
fn what_an_error_says_to_set_helps() {
    let world = World::standard();
    world.profiles(&[("bot", &chatbot("server = \"URL\""))]);
    let secret = world.secret_of("chatbot");
    let (mut helped, mut number) = (Vec::new(), 0);
    for misbehaviour in Misbehaviour::ALL
        .iter()
        .filter(|misbehaviour| matches!(misbehaviour.endpoint(), Endpoint::Token | Endpoint::Metadata))
    {
        world.front.sandbox().behave();
        world.front.sandbox().misbehave(*misbehaviour);
        // In each a folder of its own, so that nothing is remembered.
        let mut token = |more: &[&str]| {
            number += 1;
            let data = world.path(&format!("data-{number}"));
            let store = format!("store=file:kept-{number}");
            let variables = [(SECRET, secret.as_str()), ("XDG_DATA_HOME", data.to_str().unwrap())];
            world.run_with(&[&["token", "--set", &store], more].concat(), &variables, "")
        };
        let refused = token(&[]);
        let Some(set) = named(&refused) else { continue };
        let admitted = token(&["--set", &format!("quirks={set}")]);
        let quirk = set.rsplit('"').nth(1).unwrap();
        assert!(
            admitted.code == 0 || named(&admitted).is_some_and(|next| next != set),
            "{quirk} does not help against {misbehaviour}: {refused:?}, {admitted:?}"
        );
        helped.push(quirk.to_owned());
    }
    helped.sort();
    helped.dedup();
    assert!(helped.len() >= 10, "{helped:?}");
}

/// The same in the browser's response.
#[test]
fn what_a_refused_login_says_to_set_helps() {
    let world = World::standard();
    let native = "server = \"URL\"\nclient_id = \"native\"\nscope = \"global:Profile.View\"";
    world.profiles(&[("me", native)]);
    let login = |set: &[&str]| {
        let (login, url) = world.start(&[&["login", "--no-open"], set].concat());
        world.visit(&url, true);
        login.end(&world)
    };
    world.front.sandbox().misbehave(Misbehaviour::IssMissing);
    let ran = login(&[]);
    let set = named(ran.failed(5, &["AR-3"])).unwrap();
    login(&["--set", &format!("quirks={set}")]).failed(0, &["Logged in"]);
}
