//! What others wrote reaches a terminal without what would control it, and a pipe as it came.

use rexpect::session::spawn_command;
use serde_json::Value;
use valetkey_sandbox::{RawAnswer, RawFront};

use crate::world::{SECRET, World};

/// How long a terminal is waited for, in milliseconds.
const PATIENCE: u64 = 30_000;

/// Escape sequences, controls of both kinds, direction and invisible characters; and letters that need no help.
const HOSTILE: &str = "\u{1b}]0;pwned\u{7}\u{1b}[2J\u{1b}[31m\u{9b}2J\u{90}q\u{85}\u{202e}boo\u{2066}\u{200b}\u{feff}\
                       \u{7f}\u{8}\u{0}\u{ad}\u{e0041}over\rwrite Größe \u{1f469}\u{200d}\u{1f52c}\t日本\r\nend\n";

/// The bytes that the program wrote to a terminal, without colours of its own.
fn at_terminal(world: &World, arguments: &[&str]) -> Vec<u8> {
    let mut command = world.command(arguments);
    command.env("TERM", "xterm-256color").env("NO_COLOR", "1").env(SECRET, "a-permanent-token");
    let text = spawn_command(command, Some(PATIENCE)).unwrap().exp_eof().unwrap();
    // Each byte is a character of its own there.
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

/// It is text, and nothing in it controls anything.
fn harmless(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).unwrap_or_else(|_| panic!("no UTF-8: {bytes:?}"));
    // The program clears its own progress, and a terminal ends a line with both.
    let text = text.replace("\r\u{1b}[2K", "\n").replace("\r\n", "\n");
    let odd = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{feff}')
            || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{e0000}'..='\u{e0fff}')
    };
    assert!(!text.contains(odd), "{text:?}");
    text
}

/// An API that answers with this head's last lines and this body.
fn api(head: &[u8], body: &[u8]) -> (World, RawFront) {
    let length = format!("Content-Length: {}\r\n", body.len());
    let answer =
        [b"HTTP/1.1 200 OK\r\n", length.as_bytes(), head, b"Connection: close\r\n\r\n", body].concat();
    let front = RawFront::start([RawAnswer::new(answer)]).unwrap();
    let world = World::space();
    let keys = format!("method = \"permanent-token\"\napi = \"{}\"\ntoken = \"env:{SECRET}\"", front.url());
    world.profiles(&[("me", &keys)]);
    (world, front)
}

#[test]
fn s15_an_answer_does_not_control_the_terminal() {
    let body = [HOSTILE.as_bytes(), b"\x9b31m \x90 \xff \xc2", b" tail"].concat();
    let (world, _front) = api(b"X-Evil: a\x9b2J\xc2\x9bb\tc\r\n", &body);
    let shown = harmless(&at_terminal(&world, &["call", "/", "-i"]));
    for part in [
        r"\u001b]0;pwned\u0007\u001b[2J",
        r"\u009b2J\u0090q\u0085\u202eboo\u2066\u200b\ufeff\u007f\u0008\u0000\u00ad\udb40\udc41over\u000dwrite",
        "Größe \u{1f469}\u{200d}\u{1f52c}",
        "日本\nend\n",
        r"\x9b31m \x90 \xff \xc2 tail",
        r"x-evil: a\x9b2J\u009bb",
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
}

#[test]
fn s15_an_answer_goes_to_a_pipe_as_it_came_and_raw_to_a_terminal_where_that_is_said() {
    let body = [HOSTILE.as_bytes(), b"\x9b31m \x90 \xff \xc2", b" tail"].concat();
    let (world, _front) = api(b"X-Evil: a\x9b2J\r\n", &body);
    let output = world.command(&["call", "/"]).env(SECRET, "a-permanent-token").output().unwrap();
    assert_eq!(output.stdout, body);
    let output = world.command(&["call", "/", "-i"]).env(SECRET, "a-permanent-token").output().unwrap();
    assert!(output.stdout.ends_with(&body));
    assert!(output.stdout.windows(6).any(|bytes| bytes == b": a\x9b2J"), "{output:?}");
    let raw = at_terminal(&world, &["call", "/", "--raw"]);
    let wanted = b"\x1b]0;pwned\x07\x1b[2J";
    assert!(raw.windows(wanted.len()).any(|bytes| bytes == wanted), "{raw:?}");
    let help = world.run(&["call", "--help"]);
    assert!(help.line_free().contains("--raw") && help.out.contains("as it came"), "{help:?}");
}

/// On a terminal both outputs are one text: what is said of a refusal begins on a line of its own.
#[test]
fn a_message_does_not_stick_to_a_body_without_a_line_end() {
    for (body, shown) in [("not here", "not here\nvaletkey: "), ("not here\n", "not here\nvaletkey: ")] {
        let answer = format!(
            "HTTP/1.1 404 Not Found\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        let front = RawFront::start([RawAnswer::new(answer)]).unwrap();
        let world = World::space();
        world.profiles(&[(
            "me",
            &format!("method = \"permanent-token\"\ntoken = \"env:{SECRET}\"\napi = \"{}\"", front.url()),
        )]);
        let text = harmless(&at_terminal(&world, &["call", "/"]));
        assert!(text.contains(shown), "{text:?}");
        // A pipe gets the body as it came, and the message by itself.
        let output = world.command(&["call", "/"]).env(SECRET, "a-permanent-token").output().unwrap();
        assert_eq!(output.stdout, body.as_bytes());
        assert!(output.stderr.starts_with(b"valetkey: the API answered with status 404"), "{output:?}");
    }
}

/// JSON means the same with its controls written out, wherever it goes.
#[test]
fn s15_a_token_that_is_looked_into_does_not_control_the_terminal() {
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let claims = serde_json::json!({ "sub": HOSTILE, "\u{9b}\u{202e}name\nkept    AR-5": "\u{7f}\u{e0041}" });
    let token = format!("{}.{}.{}", encode(r#"{"alg":"ES256"}"#), encode(&claims.to_string()), encode("x"));
    let world = World::space();
    let ran = world.run_with(&["inspect", "--json"], &[], &token);
    harmless(ran.line_free().as_bytes());
    assert_eq!(ran.json()["facts"]["sub"], HOSTILE, "it means the same");
    assert_eq!(ran.json()["facts"]["\u{9b}\u{202e}name\nkept    AR-5"], "\u{7f}\u{e0041}");
    let people = world.run_with(&["inspect"], &[], &token);
    let shown = harmless(people.line_free().as_bytes());
    assert!(shown.contains(r"\u009b2J") && !shown.contains("\nkept    AR-5"), "{shown}");
    std::fs::write(world.path("token"), &token).unwrap();
    for arguments in ["inspect", "inspect --json"] {
        let mut command = world.command(&[]);
        let program = command.get_program().to_owned();
        command = std::process::Command::new("/bin/sh");
        let line = format!("{} {arguments} < {}", program.display(), world.path("token").display());
        command.args(["-c", &line]).env("TERM", "xterm").env("NO_COLOR", "1");
        let text = spawn_command(command, Some(PATIENCE)).unwrap().exp_eof().unwrap();
        let bytes: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        assert!(harmless(&bytes).contains(r"\u009b2J"), "{arguments}");
    }
}

/// A configuration file may come from elsewhere too.
#[test]
fn s15_a_profiles_name_does_not_control_the_terminal() {
    let world = World::space();
    world.config(
        "[profile.\"a\\u001b]0;x\\u0007\\u202eb\\u009bc\\nd\"]\nserver = \"https://as.example\"\nclient_id = \"c\"\n\
         store = \"file:k\\u001b[2J\"\nscope = \"s\"\n\
         [profile.\"\\u001b[31mbroken\"]\nno_such_key = 1\n",
    );
    for arguments in
        [&["list"][..], &["list", "--json"], &["token"], &["token", "\u{1b}[31mbroken"], &["login", "nobody"]]
    {
        let ran = world.run(arguments);
        harmless(ran.out.as_bytes());
        harmless(ran.err.as_bytes());
        harmless(&at_terminal(&world, arguments));
    }
    let row = &world.run(&["list", "--json"]).json()[1];
    assert_eq!(row["profile"], Value::from("a\u{1b}]0;x\u{7}\u{202e}b\u{9b}c\nd"), "it means the same");
    let table = world.run(&["list"]).out;
    assert!(table.contains(r"a\u001b]0;x\u0007\u202eb\u009bc\u000ad  "), "{table}");
    assert_eq!(table.lines().count(), 3, "a name is one row: {table}");
}

/// What a server says in place of a token, and where it sends a person with a device.
#[test]
fn s15_a_servers_words_do_not_control_the_terminal() {
    let error =
        serde_json::json!({ "error": "invalid_request", "error_description": HOSTILE, "error_uri": HOSTILE });
    let device = serde_json::json!({
        "device_code": "d", "user_code": HOSTILE, "verification_uri": "https://as.example/\u{202e}\u{9b}",
        "expires_in": 600,
    });
    for (status, body) in [("400 Bad Request", error), ("200 OK", device)] {
        let body = body.to_string();
        let answer = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            body.len()
        );
        let front = RawFront::start([RawAnswer::new(answer)]).unwrap();
        let world = World::space();
        let url = front.url();
        world.profiles(&[(
            "me",
            &format!(
                "token_endpoint = \"{url}/t\"\ndevice_authorization_endpoint = \"{url}/d\"\nclient_id = \"c\"\nmethod = \"device\""
            ),
        )]);
        for arguments in [&["login"][..], &["login", "--no-open"], &["token"]] {
            let ran = world.run(arguments);
            assert_ne!(ran.code, 0);
            harmless(ran.out.as_bytes());
            harmless(ran.err.as_bytes());
            harmless(&at_terminal(&world, arguments));
        }
    }
}

/// The tour asks a server what it offers, and says it.
#[test]
fn s15_a_tour_does_not_control_the_terminal() {
    use std::io::{BufRead as _, BufReader, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let body = serde_json::json!({
        "issuer": issuer,
        "authorization_endpoint": "https://as.example/authorize",
        "response_types_supported": ["code"],
        "grant_types_supported": [HOSTILE],
    })
    .to_string();
    let served = std::thread::spawn(move || {
        // Each adapter asks once, for each of two tours.
        for _ in 0..4 {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            while lines.next().unwrap().unwrap() != "" {}
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
            write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        }
    });
    let world = World::space();
    let table = harmless(&at_terminal(&world, &["tour", "--server", &issuer]));
    let lines = harmless(&at_terminal(&world, &["tour", "--json", "--server", &issuer]));
    assert!(table.contains("boo") && lines.contains("boo"), "{table} {lines}");
    served.join().unwrap();
}
