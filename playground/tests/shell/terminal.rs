//! The program at a terminal: colours, progress, questions, and a login that begins by itself.

use std::time::Duration;

use rexpect::session::{PtySession, spawn_command};

use crate::world::{SECRET, World, chatbot};

/// How long a terminal is waited for, in milliseconds.
const PATIENCE: u64 = 30_000;

fn at_terminal(world: &World, arguments: &[&str], variables: &[(&str, &str)]) -> PtySession {
    let mut command = world.command(arguments);
    command.env("TERM", "xterm-256color").envs(variables.iter().copied());
    spawn_command(command, Some(PATIENCE)).unwrap()
}

fn everything(world: &World, arguments: &[&str], variables: &[(&str, &str)]) -> String {
    at_terminal(world, arguments, variables).exp_eof().unwrap()
}

#[test]
fn colours_are_for_terminals_and_those_who_want_them() {
    let world = World::space();
    world.profiles(&[("me", "space = \"URL\"\nclient_id = \"a\"\nstore = \"cloud\"")]);
    let coloured = everything(&world, &["token"], &[]);
    assert!(coloured.contains("\u{1b}[") && coloured.contains("valetkey:"), "{coloured:?}");
    let plain = everything(&world, &["token"], &[("NO_COLOR", "1")]);
    assert!(!plain.contains('\u{1b}') && plain.contains("valetkey: "), "{plain:?}");
    let ran = world.run(&["token"]);
    assert!(!ran.err.contains('\u{1b}') && ran.err.contains("valetkey: "), "{ran:?}");
    let list = everything(&world, &["list"], &[("NO_COLOR", "1")]);
    assert!(!list.contains('\u{1b}'), "{list:?}");
}

#[test]
fn a_secret_is_asked_for_and_not_shown() {
    let world = World::space();
    world.profiles(&[("bot", &chatbot("space = \"URL\"").replace("env:A_SECRET", "prompt"))]);
    let secret = world.secret_of("chatbot");
    let mut terminal = at_terminal(&world, &["token"], &[]);
    terminal.exp_string("The client secret: ").unwrap();
    terminal.send_line(&secret).unwrap();
    let rest = terminal.exp_eof().unwrap();
    assert!(!rest.contains(&secret), "{rest:?}");
    assert!(rest.contains("access-"), "{rest:?}");
    // It is not asked for again while the token is good.
    assert!(everything(&world, &["token"], &[]).starts_with("access-"));
}

#[test]
fn a_person_who_is_there_is_asked_to_log_in() {
    let world = World::standard();
    world.profiles(&[(
        "me",
        "server = \"URL\"\nclient_id = \"native\"\nscope = \"global:Profile.Absences.View\"",
    )]);
    let mut terminal = at_terminal(&world, &["token"], &[]);
    terminal.exp_string("Log in and allow it in the browser").unwrap();
    let (_, url) = terminal.exp_regex("http://127[^\r\n ]+").unwrap();
    world.visit(&url, true);
    let rest = terminal.exp_eof().unwrap();
    assert!(rest.contains("access-"), "{rest:?}");
}

#[test]
fn a_wait_shows_that_something_happens_and_leaves_nothing_behind() {
    let world = World::standard();
    world.front.sandbox().settings_mut().device_interval = Duration::from_secs(1);
    world.profiles(&[("tv", "server = \"URL\"\nclient_id = \"native\"\nmethod = \"device\"\nscope = \"global:Profile.Absences.View\"")]);
    let mut terminal = at_terminal(&world, &["login"], &[("NO_COLOR", "1")]);
    let (_, code) = terminal.exp_regex("[A-Z]{4}-[A-Z]{4}").unwrap();
    terminal.exp_string("waiting for the person").unwrap();
    assert!(world.front.sandbox().approve_device(&code, "alice"));
    let rest = terminal.exp_eof().unwrap();
    assert!(rest.contains("Logged in"), "{rest:?}");
    // Without a terminal nothing of that is told.
    let ran = world.run_with(
        &[
            "token",
            "--set",
            "method=client-credentials",
            "--set",
            "client_id=chatbot",
            "--set",
            "secret=env:A_SECRET",
        ],
        &[(SECRET, &world.secret_of("chatbot"))],
        "",
    );
    assert_eq!(ran.err, "");
}
