//! `valetkey login`: by a browser that comes back to a loopback port, and by another device.

use std::net::TcpListener;
use std::time::Duration;

use crate::world::World;

const NATIVE: &str = "client_id = \"native\"\nscope = \"global:Profile.Absences.View\"\n";

#[test]
fn a_browser_is_sent_out_received_and_its_tokens_stored() {
    for (server, world) in
        [("server = \"URL\"", World::standard()), ("space = \"URL\"\noffline = true", World::space())]
    {
        world.profiles(&[("me", &format!("{server}\n{NATIVE}"))]);
        let (login, url) = world.start(&["login", "--no-open"]);
        assert!(url.starts_with(&format!("{}/oauth/auth?", world.url())), "{url}");
        world.visit(&url, true);
        let ran = login.end(&world);
        ran.failed(
            0,
            &["Logged in on behalf of the user, for global:Profile.Absences.View", "renewed from then on"],
        );
        let token = world.run(&["token"]);
        world.require_good(token.line());
        // The refresh token works, and nobody is asked again.
        world.front.sandbox().expire_all();
        world.front.sandbox().settings_mut().access_token_lifetime = Duration::from_secs(600);
        let call = world.run(&[
            "call",
            &format!("{}/api/http/absences", world.url()),
            "--set",
            &format!("api={}", world.url()),
        ]);
        assert_eq!(call.code, 0, "{call:?}");
        assert_ne!(world.run(&["token"]).line(), token.line());
    }
}

#[test]
fn a_person_who_denies_is_told_so() {
    let world = World::standard();
    world.profiles(&[("me", &format!("server = \"URL\"\n{NATIVE}"))]);
    let (login, url) = world.start(&["login", "--no-open"]);
    world.visit(&url, false);
    login.end(&world).failed(4, &["access_denied", "next: "]);
    world.run(&["token"]).failed(3, &["nobody is logged in", "run `valetkey login me` at a terminal"]);
}

#[test]
fn a_browser_that_does_not_come_is_not_waited_for_for_ever() {
    let world = World::standard();
    world.profiles(&[("me", &format!("server = \"URL\"\n{NATIVE}"))]);
    world
        .run(&["login", "--no-open", "--within", "0"])
        .failed(3, &["no browser brought the response to http://127.0.0.1:", "within 0 s"]);
}

#[test]
fn a_registered_port_that_is_taken_is_an_error_of_this_computer() {
    let world = World::standard();
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let ports = format!("redirect_ports = [{}]\n", taken.local_addr().unwrap().port());
    world.profiles(&[("me", &format!("server = \"URL\"\n{NATIVE}{ports}"))]);
    world.run(&["login"]).failed(
        1,
        &["a loopback port for the browser's redirect cannot be bound: port ", "`redirect_ports`"],
    );
}

#[test]
fn a_device_shows_page_and_code_and_polls() {
    let world = World::standard();
    world.front.sandbox().settings_mut().device_interval = Duration::from_secs(1);
    world.profiles(&[("tv", &format!("server = \"URL\"\n{NATIVE}"))]);
    let (login, line) = world.start(&["login", "--device", "--no-open"]);
    let (page, code) = line.split_once(' ').unwrap();
    assert_eq!(page, format!("{}/oauth/device", world.url()));
    assert!(world.front.sandbox().approve_device(code, "alice"));
    login.end(&world).failed(0, &["enter ", code, "compare the code", "Logged in"]);
    world.require_good(world.run(&["token"]).line());
}

#[test]
fn a_device_that_is_denied_is_refused() {
    let world = World::standard();
    world.front.sandbox().settings_mut().device_interval = Duration::from_secs(1);
    world.profiles(&[("tv", &format!("server = \"URL\"\nmethod = \"device\"\n{NATIVE}"))]);
    let (login, line) = world.start(&["login", "--no-open"]);
    assert!(world.front.sandbox().deny_device(line.split_once(' ').unwrap().1));
    login.end(&world).failed(4, &["access_denied"]);
}

#[test]
fn nobody_logs_in_by_a_method_without_a_person() {
    let world = World::space();
    world.profiles(&[("bot", "space = \"URL\"\nclient_id = \"chatbot\"\nmethod = \"client-credentials\"")]);
    world.run(&["login"]).failed(2, &["nobody logs in by the method client-credentials", "`valetkey token`"]);
    // Said before a store is opened, which may fail in its own way.
    world.run(&["login", "--set", "store=keyring"]).failed(2, &["nobody logs in"]);
}

/// A new login takes the place of the old one.
#[test]
fn a_login_replaces_what_was_stored() {
    let world = World::standard();
    world.profiles(&[("me", &format!("server = \"URL\"\n{NATIVE}"))]);
    let login = || {
        let (login, url) = world.start(&["login", "--no-open"]);
        world.visit(&url, true);
        login.end(&world).failed(0, &["Logged in"]);
        world.run(&["token"]).line().to_owned()
    };
    assert_ne!(login(), login());
}

/// The server's own reason is told, and what to do about it.
#[test]
fn a_login_that_the_server_ended_is_for_the_person_to_repeat() {
    let world = World::standard();
    world.profiles(&[("me", &format!("server = \"URL\"\n{NATIVE}"))]);
    world.front.sandbox().settings_mut().access_token_lifetime = Duration::ZERO;
    let (login, url) = world.start(&["login", "--no-open"]);
    world.visit(&url, true);
    login.end(&world).failed(0, &["Logged in"]);
    world.front.sandbox().revoke_user("alice");
    world
        .run(&["token"])
        .failed(3, &["authorization required: the server refused: invalid_grant", "run `valetkey login me`"]);
}
