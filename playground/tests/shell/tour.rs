//! The tour of a server, with a person at a terminal.

use std::time::Duration;

use rexpect::session::spawn_command;

use crate::world::World;

/// What a public client can do there, in the order of the tour.
const METHODS: [&str; 8] = [
    "authorization-code",
    "pushed-request",
    "signed-response",
    "dpop",
    "openid",
    "refresh-token",
    "device",
    "revocation",
];

/// How long a terminal is waited for, in milliseconds.
const PATIENCE: u64 = 30_000;

#[test]
fn a_person_is_led_through_every_method_of_a_server() {
    let world = World::standard();
    world.front.sandbox().settings_mut().device_interval = Duration::from_secs(1);
    let api = format!("{}/api/http/absences", world.url());
    let scope = "global:Profile.Absences.View";
    let arguments =
        ["tour", "--server", world.url(), "--client-id", "native", "--scope", scope, "--api", &api];
    let mut command = world.command(&arguments);
    command.env("TERM", "dumb").env("NO_COLOR", "1");
    let mut terminal = spawn_command(command, Some(PATIENCE)).unwrap();
    for method in METHODS.iter().flat_map(|method| [method; 2]) {
        if *method == "device" {
            let (_, code) = terminal.exp_regex("[A-Z]{4}-[A-Z]{4}").unwrap();
            assert!(world.front.sandbox().approve_device(&code, "alice"));
        } else {
            terminal.exp_string("open this URL").unwrap();
            let (_, url) = terminal.exp_regex("http://127[^\r\n ]+").unwrap();
            world.visit(&url, true);
        }
    }
    let rest = terminal.exp_eof().unwrap();
    for method in METHODS {
        for adapter in ["blocking", "async"] {
            let row = rest.lines().find(|line| line.starts_with(method) && line.contains(adapter));
            assert!(row.is_some_and(|row| row.trim_end().ends_with("ok")), "{method}, {adapter}: {rest}");
        }
    }
    assert!(rest.contains("All 16 runs got a token and called the API with it."), "{rest}");
}
