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

/// F50: over SSH the ways are told, no browser is opened, and what is pasted is taken.
#[test]
fn over_ssh_the_person_pastes() {
    let world = World::standard();
    world.profiles(&[(
        "me",
        "server = \"URL\"\nclient_id = \"native\"\nscope = \"global:Profile.Absences.View\"",
    )]);
    let ssh = [("SSH_CONNECTION", "192.0.2.1 50022 192.0.2.2 22")];
    let mut terminal = at_terminal(&world, &["login"], &ssh);
    terminal.exp_string("in the browser of your own computer").unwrap();
    let (_, url) = terminal.exp_regex("http://127[^\r\n ]+").unwrap();
    terminal.exp_string("paste it here").unwrap();
    terminal.exp_string("login --device").unwrap();
    terminal.send_line(&world.arrive(&url, true)).unwrap();
    terminal.exp_string("Logged in").unwrap();
    terminal.exp_eof().unwrap();
    // Who has a display there has a browser there too.
    let with_display = [ssh[0], ("DISPLAY", ":10")];
    let mut terminal = at_terminal(&world, &["login"], &with_display);
    terminal.exp_string("If none opens, open this URL").unwrap();
    terminal.send_control('c').unwrap();
    terminal.exp_eof().unwrap();
}

/// A terminal drops what of a line is beyond its limit, and tells nobody: the program tells it, and a file brings the rest.
#[cfg(any(target_os = "linux", target_os = "macos"))]
#[test]
fn a_line_that_the_terminal_cuts_is_told_of() {
    let world = World::standard();
    world.profiles(&[(
        "me",
        "server = \"URL\"\nclient_id = \"native\"\nscope = \"global:Profile.Absences.View\"",
    )]);
    let mut terminal = at_terminal(&world, &["login"], &[("SSH_CONNECTION", "192.0.2.1 50022 192.0.2.2 22")]);
    let (_, url) = terminal.exp_regex("http://127[^\r\n ]+").unwrap();
    terminal.exp_string("enter @FILE here").unwrap();
    // What is cut off is at the end: all that core asks for is there, and yet it is not the whole.
    let arrived = format!("{}&pad={}", world.arrive(&url, true), "x".repeat(5000));
    terminal.send_line(&arrived).unwrap();
    terminal.exp_string("characters of a line, and this one is longer").unwrap();
    std::fs::write(world.path("url.txt"), &arrived).unwrap();
    terminal.send_line("@url.txt").unwrap();
    terminal.exp_string("Logged in").unwrap();
    terminal.exp_eof().unwrap();
}

/// XD-1, DV-2: the page with the code in it is drawn for a camera, beside what is allowed by it.
#[test]
fn xd_1_a_device_draws_its_page_and_tells_what_it_is_for() {
    let world = World::standard();
    world.front.sandbox().settings_mut().device_interval = Duration::from_secs(1);
    world.profiles(&[("tv", "server = \"URL\"\nclient_id = \"native\"\nmethod = \"device\"\nscope = \"global:Profile.Absences.View\"")]);
    let mut terminal = at_terminal(&world, &["login"], &[("NO_COLOR", "1")]);
    let (_, complete) = terminal.exp_regex("or open [^ ]+ and").unwrap();
    let complete = complete.split(' ').nth(2).unwrap().to_owned();
    let drawn = terminal.exp_string("The QR code leads to ").unwrap();
    terminal
        .exp_string(&format!("This logs in native at {}, for global:Profile.Absences.View", world.url()))
        .unwrap();
    assert_eq!(modules(&drawn), expected_modules(&complete), "{complete}");
    let code = complete.split("user_code=").nth(1).unwrap();
    assert!(world.front.sandbox().approve_device(code, "alice"));
    terminal.exp_string("Logged in").unwrap();
    terminal.exp_eof().unwrap();

    // Not where it is not wanted, nor where nobody looks.
    let mut terminal = at_terminal(&world, &["login", "--no-qr"], &[("NO_COLOR", "1")]);
    let before = terminal.exp_string("This logs in native").unwrap();
    assert!(modules(&before).is_empty(), "{before}");
    terminal.send_control('c').unwrap();
    terminal.exp_eof().unwrap();
    let (login, line) = world.start(&["login", "--no-open"]);
    assert!(world.front.sandbox().deny_device(line.split_once(' ').unwrap().1));
    let ran = login.end(&world);
    assert!(ran.err.contains("This logs in native") && !ran.err.contains('█'), "{ran:?}");
}

/// Whether each module is light, by rows, of what is drawn in half blocks.
fn modules(drawn: &str) -> Vec<Vec<bool>> {
    // The terminal is read byte by byte.
    let bytes: Option<Vec<u8>> = drawn.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_else(|| drawn.to_owned());
    let is_drawing = |line: &&str| line.contains(['█', '▀', '▄']);
    text.lines()
        .map(|line| line.trim_matches('\r'))
        .filter(is_drawing)
        .flat_map(|line| {
            let half = |lights: [char; 2]| line.chars().map(|c| lights.contains(&c)).collect::<Vec<_>>();
            [half(['█', '▀']), half(['█', '▄'])]
        })
        .collect()
}

fn expected_modules(url: &str) -> Vec<Vec<bool>> {
    let code = qrcode::QrCode::with_error_correction_level(url, qrcode::EcLevel::L).unwrap();
    let (width, colors) = (code.width(), code.to_colors());
    let side = width + 8;
    let is_light = |column: usize, row: usize| {
        let is_margin = |at: usize| at < 4 || at >= width + 4;
        is_margin(column) || is_margin(row) || colors[(row - 4) * width + column - 4] == qrcode::Color::Light
    };
    (0..side.next_multiple_of(2))
        .map(|row| (0..side).map(|column| row < side && is_light(column, row)).collect())
        .collect()
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
