//! Attacks on the command line that were tried and that came to nothing: escapes and look-alike letters in a server's
//! answers, look-alike addresses, secrets where they do not belong, and hostile input of `inspect`. Which attack is held
//! by which test is told in `tests/HELD.md`.

use valetkey_sandbox::{RawAnswer, RawFront};

use crate::world::{Ran, SECRET, World, chatbot};

/// What would control a terminal, turn its text around, or hide in it.
const CONTROLS: [&str; 9] = [
    "\u{1b}[2J",
    "\u{1b}]0;owned\u{7}",
    "\u{9b}2J",
    "\u{90}x",
    "\r",
    "\u{8}",
    "\u{202e}",
    "\u{2066}",
    "\u{200b}",
];

fn require_no_controls(ran: &Ran, what: &str) {
    for control in CONTROLS {
        assert!(!ran.err.contains(control) && !ran.out.contains(control), "{control:?} of {what:?}: {ran:?}");
    }
}

/// A server on loopback that answers every request so.
fn server(status: &str, body: &serde_json::Value) -> RawFront {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nConnection: close\r\n"
    );
    RawFront::start([RawAnswer::new(format!("{head}\r\n{body}"))]).unwrap()
}

fn endpoint(server: &RawFront) -> String {
    format!(
        "token_endpoint = \"{0}/token\"\ndevice_authorization_endpoint = \"{0}/device\"\napi = \"{0}\"",
        server.url()
    )
}

/// Escapes in an answer with a token, in a refusal and in what a device is told: none reaches the terminal.
#[test]
fn held_escapes_in_an_answer_do_not_reach_the_terminal() {
    let world = World::space();
    for control in CONTROLS {
        let odd = format!("a{control}b");
        let answers = [
            ("200 OK", serde_json::json!({ "access_token": odd, "token_type": "Bearer" })),
            ("200 OK", serde_json::json!({ "access_token": "a", "token_type": odd })),
            ("200 OK", serde_json::json!({ "access_token": "a", "token_type": "Bearer", "scope": odd })),
            ("400 Bad Request", serde_json::json!({ "error": odd })),
            (
                "400 Bad Request",
                serde_json::json!({ "error": "invalid_grant", "error_description": odd, "error_uri": odd }),
            ),
            ("500 No", serde_json::json!(odd)),
        ];
        for (status, body) in answers {
            let server = server(status, &body);
            world.profiles(&[("bot", &chatbot(&endpoint(&server)))]);
            let ran = world.run_with(&["token", "--set", "store=file:none"], &[(SECRET, "a secret")], "");
            require_no_controls(&ran, &body.to_string());
        }
        for (name, value) in
            [("user_code", odd.clone()), ("verification_uri", format!("https://as.example/{odd}"))]
        {
            let mut body = device();
            body[name] = value.into();
            let server = server("200 OK", &body);
            world.profiles(&[(
                "tv",
                &format!("{}\nclient_id = \"native\"\nmethod = \"device\"", endpoint(&server)),
            )]);
            let ran = world.run(&["login", "--no-open"]);
            require_no_controls(&ran, &body.to_string());
            ran.failed(5, &["(DV-"]);
        }
    }
}

/// What a device is told, all in order.
fn device() -> serde_json::Value {
    serde_json::json!({
        "device_code": "d", "user_code": "WDJB-MJHT", "verification_uri": "https://as.example/device", "expires_in": 600,
    })
}

/// Letters of other alphabets that look like ours, in the address of a page or in a code: a person cannot tell them apart,
/// so they are not shown as they are.
#[test]
fn held_look_alike_letters_are_not_shown() {
    let world = World::space();
    for (name, value) in [
        ("verification_uri", "https://gооgle.example/device"),
        ("verification_uri", "https://as.example／evil/device"),
        ("verification_uri", "https://as。example/device"),
        ("verification_uri_complete", "https://ａs.example/device"),
        ("user_code", "WDJВ-MJHT"),
        ("user_code", "ＷDJB"),
    ] {
        let mut body = device();
        body[name] = value.into();
        let server = server("200 OK", &body);
        world.profiles(&[(
            "tv",
            &format!("{}\nclient_id = \"native\"\nmethod = \"device\"", endpoint(&server)),
        )]);
        let ran = world.run(&["login", "--no-open"]);
        ran.failed(5, &["(DV-2"]);
        assert!(!ran.err.contains(value) && ran.out.is_empty(), "{value}: {ran:?}");
    }
}

/// Addresses that look like the profile's API, and are another's: nothing is sent, to nobody.
#[test]
fn held_a_look_alike_address_gets_no_token() {
    let world = World::space();
    world.profiles(&[("bot", &chatbot("space = \"URL\""))]);
    let port = world.url().rsplit_once(':').unwrap().1.to_owned();
    for url in [
        format!("http://127.0.0.1:{port}@evil.example/x"),
        format!("http://evil.example@127.0.0.1:{port}/x"),
        format!("http://127.0.0.1:{port}.evil.example/x"),
        format!("http://127.0.0.1.evil.example:{port}/x"),
        format!("http://127.0.0.1:{port}0/x"),
        format!("http://localhost:{port}/x"),
        format!("http://127.1:{port}/x"),
        format!("http://2130706433:{port}/x"),
        format!("http://[::ffff:127.0.0.1]:{port}/x"),
        format!("https://127.0.0.1:{port}/x"),
        "http://127.0.0.1/x".to_owned(),
        "//evil.example/x".to_owned(),
        "\\\\evil.example\\x".to_owned(),
        "javascript:alert(1)".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        let ran = world.run_with(&["call", &url], &[(SECRET, &world.secret_of("chatbot"))], "");
        assert!(ran.code != 0 || url.starts_with("//"), "{url}: {ran:?}");
        assert!(
            !world.front.sandbox().log().iter().any(|exchange| exchange.request().uri().path() == "/x"),
            "{url}"
        );
    }
}

/// A secret in the place of its source, of another key, of a list, a number or a table, unfinished, or on the command
/// line: it is refused, and not repeated. (`World::run` looks.)
#[test]
fn held_a_misplaced_secret_is_not_repeated() {
    let world = World::space();
    world.plant("hunter2-and-more");
    world.plant("8675309867530");
    let bot = "space = \"URL\"\nclient_id = \"chatbot\"\nmethod = \"client-credentials\"\n";
    for wrong in [
        "secret = \"hunter2-and-more\"",
        "secret = 'hunter2-and-more'",
        "secret = [\"hunter2-and-more\"]",
        "secret = { value = \"hunter2-and-more\" }",
        "secret = \"fd:hunter2-and-more\"",
        "secret = \"file:hunter2-and-more\"",
        "secret = \"hunter2-and-more",
        "secret = hunter2-and-more",
        "secret = 8675309867530",
        "secret = \"\"\"\nhunter2-and-more\n\"\"\"",
        "token = \"hunter2-and-more\"",
        "password = \"hunter2-and-more\"",
        "client_secret = \"hunter2-and-more\"",
        "access_token = \"hunter2-and-more\"",
    ] {
        world.profiles(&[("bot", &format!("{bot}{wrong}"))]);
        world.run(&["token"]).failed(2, &[]);
    }
    world.profiles(&[("bot", bot)]);
    for wrong in [
        "secret=hunter2-and-more",
        "secret=fd:hunter2-and-more",
        "secret=[\"hunter2-and-more\"]",
        "token=hunter2-and-more",
        "password=hunter2-and-more",
        "client_secret=hunter2-and-more",
    ] {
        world.run(&["token", "--set", wrong]).failed(2, &[]);
    }
    world.config("secret = \"hunter2-and-more\"");
    world.run(&["token"]).failed(2, &[]);
    world.config("[profile]\nsecret = \"hunter2-and-more\"");
    world.run(&["token"]).failed(2, &[]);
}

/// Nested 100,000 deep, 200,000 dots, NULs: it is read, or said to be nothing that is known, and it ends.
#[test]
fn held_hostile_input_is_inspected_and_ends() {
    let world = World::space();
    for input in [
        format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000)),
        "{\"a\":".repeat(100_000),
        "[".repeat(100_000),
        ".".repeat(200_000),
        format!("eyJhbGciOiJub25lIn0{}", ".".repeat(200_000)),
        "\0".repeat(100_000),
        "{\"access_token\":\"\0\"}".to_owned(),
        "HTTP/1.1 200 OK\0\r\n\r\n".to_owned(),
        format!("HTTP/1.1 200 OK\r\n{}\r\n{{}}", "X: y\r\n".repeat(10_000)),
        format!("WWW-Authenticate: {}", ",".repeat(200_000)),
        format!("https://app.example/cb?{}", "code=a&".repeat(50_000)),
        format!("{{{}\"b\":1}}", "\"a\":1,".repeat(100_000)),
        "\u{1b}[2J\u{202e}".repeat(10_000),
    ] {
        for arguments in [&["inspect"][..], &["inspect", "--json"]] {
            let ran = world.run_with(arguments, &[], &input);
            let shown: String = input.chars().take(40).collect();
            assert!([0, 2, 5].contains(&ran.code), "{shown:?}: {} {}", ran.code, ran.err);
            assert!(!ran.err.contains("panicked"), "{shown:?}: {}", ran.err);
        }
    }
    assert_eq!(world.requests(), 0);
}
