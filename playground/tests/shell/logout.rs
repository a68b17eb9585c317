//! `valetkey logout`: revoked at the server where it can be, and forgotten in any case.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use valetkey_sandbox::{Endpoint, Failure};

use crate::world::{SECRET, World, chatbot, files};

/// How many sessions are stored: what a log-out leaves holds no token, and is none.
fn records(world: &World) -> usize {
    let kept = files(&world.path("kept"));
    let sessions = kept.iter().filter(|path| path.extension().is_some_and(|kind| kind == "session"));
    let texts = sessions.map(|path| std::fs::read_to_string(path).unwrap());
    texts
        .filter(|text| {
            let has_ended = text.contains("\"ended_at\":");
            assert!(
                !has_ended || !(text.contains("access_token") || text.contains("\"refresh_token")),
                "{text}"
            );
            !has_ended
        })
        .count()
}

#[test]
fn the_token_ends_at_the_server_and_here() {
    let world = World::standard();
    world.profiles(&[("bot", &chatbot("server = \"URL\""))]);
    let secret = world.secret_of("chatbot");
    let token = world.run_with(&["token"], &[(SECRET, &secret)], "").line().to_owned();
    let ask = |world: &World| {
        world.run_with(&["inspect", "--introspect", "--json", "bot"], &[(SECRET, &secret)], &token).json()["facts"]["active"].clone()
    };
    assert_eq!(ask(&world), true);
    world
        .run_with(&["logout"], &[(SECRET, &secret)], "")
        .failed(0, &["Revoked at the server, and forgotten."]);
    assert_eq!(ask(&world), false);
    assert_eq!(records(&world), 0);
    let before = world.requests();
    world.run(&["logout"]).failed(0, &["Nothing is stored."]);
    assert_eq!(world.requests(), before);
}

/// RFC 7009 §2.1: the refresh token is revoked, and its access tokens end with it.
#[test]
fn a_login_ends_by_its_refresh_token() {
    let world = World::standard();
    world.profiles(&[(
        "me",
        "server = \"URL\"\nclient_id = \"native\"\nscope = \"global:Profile.Absences.View\"",
    )]);
    let (login, url) = world.start(&["login", "--no-open"]);
    world.visit(&url, true);
    login.end(&world).failed(0, &[]);
    world.run(&["logout"]).failed(0, &["Revoked"]);
    let sandbox = world.front.sandbox();
    let sent = String::from_utf8_lossy(sandbox.log().last().unwrap().request().body()).into_owned();
    assert!(sent.contains("token_type_hint=refresh_token"));
    drop(sandbox);
    world.run(&["token"]).failed(3, &["valetkey login me"]);
}

#[test]
fn a_server_without_revocation_is_told_of() {
    let world = World::space();
    world.profiles(&[("bot", &chatbot("space = \"URL\""))]);
    world.run_with(&["token"], &[(SECRET, &world.secret_of("chatbot"))], "").line();
    world.run(&["logout"]).failed(0, &["Forgotten. The server has no endpoint to revoke a token at"]);
    assert_eq!(records(&world), 0);
}

#[test]
fn a_server_that_is_in_trouble_is_no_reason_to_keep_a_token() {
    let world = World::standard();
    world.profiles(&[("bot", &chatbot("server = \"URL\""))]);
    let secret = world.secret_of("chatbot");
    world.run_with(&["token"], &[(SECRET, &secret)], "").line();
    world.front.sandbox().fail_next(Endpoint::Revocation, Failure::unavailable(30));
    let ran = world.run_with(&["logout"], &[(SECRET, &secret)], "");
    ran.failed(4, &["Forgotten. The server did not revoke it", "next: try again in 30 s"]);
    assert_eq!(records(&world), 0);
}

#[test]
fn what_cannot_be_read_is_forgotten_too() {
    let world = World::standard();
    world.profiles(&[("bot", &chatbot("server = \"URL\""))]);
    let secret = world.secret_of("chatbot");
    world.run_with(&["token"], &[(SECRET, &secret)], "").line();
    let kept = files(&world.path("kept"));
    let record = kept.iter().find(|path| path.extension().is_some_and(|kind| kind == "session")).unwrap();
    let text = std::fs::read_to_string(record).unwrap();
    std::fs::write(record, text.replace("\"version\":2", "\"version\":9")).unwrap();
    world.run(&["token"]).failed(
        7,
        &["the stored record cannot be read, or has a later version", "`valetkey logout` forgets it"],
    );
    world.run(&["logout"]).failed(0, &["Forgotten"]);
    assert_eq!(records(&world), 0);
}

/// A program that renews while somebody logs out does not bring the session back, however late its answer comes: not in the
/// store, and not on its own output.
#[test]
fn a_renewal_under_way_does_not_bring_an_ended_session_back() {
    let world = World::space();
    let server = Held::start();
    world.profiles(&[(
        "me",
        &format!(
            "token_endpoint = \"{0}/token\"\nrevocation_endpoint = \"{0}/revoke\"\nclient_id = \"a\"\n\
             method = \"refresh-token\"\ntoken = \"env:{SECRET}\"",
            server.url
        ),
    )]);
    let first = world.run_with(&["token"], &[(SECRET, "a-refresh-token")], "");
    assert_eq!(first.line(), "access-1");
    assert_eq!(records(&world), 1);
    expire(&world);

    let renewing = world
        .command(&["token"])
        .env(SECRET, "a-refresh-token")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    server.arrived.recv_timeout(Duration::from_secs(30)).unwrap();
    world.run(&["logout"]).failed(0, &["Revoked at the server, and forgotten."]);
    assert_eq!(records(&world), 0);
    // Only now does the answer come, with tokens that are good.
    server.release.send(()).unwrap();
    let output = renewing.wait_with_output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(3), &b""[..]), "{err}");
    assert!(err.contains("the session has ended"), "{err}");

    assert_eq!(records(&world), 0);
    assert_eq!(world.run(&["list", "--json"]).json()[0]["state"], "none");
    world.run(&["logout"]).failed(0, &["Nothing is stored."]);
    for path in files(&world.path("kept")) {
        let text = std::fs::read_to_string(path).unwrap();
        assert!(!text.contains("access-2") && !text.contains("renewed-2"), "{text}");
    }
    // Who starts again from a token of their own has another session.
    let again = world.run_with(&["token"], &[(SECRET, "another-refresh-token")], "");
    assert_eq!(again.line(), "access-3");
    assert_eq!(records(&world), 1);
}

/// After a log-out a login begins anew.
#[test]
fn after_a_log_out_another_login_is_stored() {
    let world = World::standard();
    world.profiles(&[(
        "me",
        "server = \"URL\"\nclient_id = \"native\"\nscope = \"global:Profile.Absences.View\"",
    )]);
    for _ in 0..2 {
        let (login, url) = world.start(&["login", "--no-open"]);
        world.visit(&url, true);
        login.end(&world).failed(0, &[]);
        let token = world.run(&["token"]).line().to_owned();
        world.require_good(&token);
        assert_eq!(records(&world), 1);
        world.run(&["logout"]).failed(0, &["Revoked"]);
        assert_eq!(records(&world), 0);
        world.run(&["token"]).failed(3, &["me: nobody is logged in"]);
    }
    // The application's own tokens need nobody: its next token is a new one.
    world.profiles(&[("bot", &chatbot("server = \"URL\""))]);
    let secret = world.secret_of("chatbot");
    let token = || world.run_with(&["token"], &[(SECRET, &secret)], "").line().to_owned();
    let first = token();
    world.run_with(&["logout"], &[(SECRET, &secret)], "").failed(0, &["Revoked"]);
    let second = token();
    assert_ne!(first, second);
    world.require_good(&second);
}

/// What is stored is good no more.
fn expire(world: &World) {
    let kept = files(&world.path("kept"));
    let path = kept.iter().find(|path| path.extension().is_some_and(|kind| kind == "session")).unwrap();
    let text = std::fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once("\"expires_at\":").unwrap();
    let rest = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
    std::fs::write(path, format!("{before}\"expires_at\":1000{rest}")).unwrap();
}

/// A server on loopback that keeps its second token back until it is released.
struct Held {
    url: String,
    arrived: Receiver<()>,
    release: Sender<()>,
}

impl Held {
    fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let ((arrives, arrived), (release, released)) = (channel(), channel());
        let released = Mutex::new(released);
        let issued = AtomicU32::new(0);
        let answer = move |mut stream: TcpStream| {
            let path = request_path(&stream);
            let mut body = String::new();
            if path == "/token" {
                let number = issued.fetch_add(1, Ordering::Relaxed) + 1;
                if number == 2 {
                    arrives.send(()).unwrap();
                    let _ = released.lock().unwrap().recv();
                }
                body = format!(
                    r#"{{"access_token":"access-{number}","token_type":"Bearer","expires_in":3600,"refresh_token":"renewed-{number}"}}"#
                );
            }
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nConnection: close";
            let _ = write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        };
        let answer = Arc::new(answer);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let answer = Arc::clone(&answer);
                thread::spawn(move || answer(stream));
            }
        });
        Self { url, arrived, release }
    }
}

/// The path of a request whose head and body have been read.
fn request_path(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let (mut path, mut length) = (String::new(), 0);
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        if path.is_empty() {
            path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    path
}
