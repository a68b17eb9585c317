//! Secrets and tokens in the system's keyring: that of whoever runs this.

use rexpect::session::spawn_command;

use crate::world::{World, chatbot};

#[test]
#[ignore = "needs a keyring; run by tests/interop/processes/run"]
fn a_keyring_is_asked_once_and_keeps_secrets_and_tokens() {
    let world = World::space();
    let bot = chatbot("space = \"URL\"").replace("env:A_SECRET", "keyring").replace("URL", world.url());
    world.config(&format!("[profile.bot]\nquirks = [\"loopback-http\"]\n{bot}"));
    let secret = world.secret_of("chatbot");
    let bus: Vec<(&str, String)> = ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"]
        .into_iter()
        .filter_map(|name| Some((name, std::env::var(name).ok()?)))
        .collect();
    let bus: Vec<(&str, &str)> = bus.iter().map(|(name, value)| (*name, value.as_str())).collect();

    // Nobody is there to be asked.
    world
        .run_with(&["token"], &bus, "")
        .failed(2, &["the keyring has no client secret", "at a terminal once"]);

    let mut command = world.command(&["token"]);
    command.envs(bus.iter().copied()).env("TERM", "xterm-256color");
    let mut terminal = spawn_command(command, Some(30_000)).unwrap();
    terminal.exp_string("The client secret, to be kept in the keyring: ").unwrap();
    terminal.send_line(&secret).unwrap();
    assert!(terminal.exp_eof().unwrap().contains("access-"));

    let before = world.requests();
    let token = world.run_with(&["token"], &bus, "");
    world.require_good(token.line());
    assert_eq!(world.requests(), before + 1, "the token was stored");
    assert!(
        crate::world::files(&world.path(""))
            .iter()
            .all(|file| { !String::from_utf8_lossy(&std::fs::read(file).unwrap()).contains(token.line()) })
    );
    // The secret is there for another token.
    let other = ["token", "--set", "scope=channel:general:Channel.PostMessages"];
    assert_ne!(world.run_with(&other, &bus, "").line(), token.line());

    // And for no other server, whatever the profile is called.
    let elsewhere = World::space();
    let space = format!("space={}", elsewhere.url());
    world
        .run_with(&["token", "bot", "--set", &space], &bus, "")
        .failed(2, &["the keyring has no client secret"]);
    let tour = ["tour", "--server", world.url(), "--client-id", "chatbot", "--secret", "keyring"];
    world.run_with(&tour, &bus, "").failed(2, &["the keyring has no client secret"]);
    assert_eq!(elsewhere.requests(), 0);

    world.run_with(&["logout", "--secrets"], &bus, "").failed(0, &["Forgotten"]);
    world.run_with(&["token"], &bus, "").failed(2, &["the keyring has no client secret"]);
    // What the other scope left behind.
    world
        .run_with(&["logout", "--set", "scope=channel:general:Channel.PostMessages"], &bus, "")
        .failed(0, &[]);
}
