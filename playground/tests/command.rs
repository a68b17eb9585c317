//! The program's first lines, which other programs wait for, and its tour of a server.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test fails by a panic")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

use serde_json::{Value, json};

/// A program that ends with the test.
struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Running {
    fn new(arguments: &[&str]) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_valetkey"));
        let mut child = program.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { child, out }
    }

    /// The next line that it prints.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn first_line(arguments: &[&str]) -> (Running, String) {
    let mut running = Running::new(arguments);
    let line = running.line();
    (running, line)
}

fn get(url: &str, path: &str) -> String {
    get_with(url, path, "")
}

/// With these lines in the head.
fn get_with(url: &str, path: &str, lines: &str) -> String {
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\n{lines}Connection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The origin of a link, and its path.
fn split(link: &str) -> (&str, &str) {
    let rest = link.strip_prefix("http://").unwrap();
    link.split_at("http://".len() + rest.find('/').unwrap())
}

/// What a header of an answer says.
fn header<'a>(answer: &'a str, name: &str) -> &'a str {
    let mut lines = answer.lines().take_while(|line| !line.is_empty());
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": ")).unwrap_or_default()
}

/// The first line is the link that opens the page; once that is used, another is told.
#[test]
fn s11_the_playground_prints_its_link_first_and_opens_by_it() {
    let mut running = Running::new(&["playground", "--no-open"]);
    let link = running.line();
    let (url, path) = split(&link);
    assert!(url.starts_with("http://127.0.0.1:") && path.starts_with("/?key="), "{link}");
    assert!(get(url, "/").starts_with("HTTP/1.1 403 "));
    let opened = get(url, path);
    assert!(opened.starts_with("HTTP/1.1 303 "), "{opened}");
    let cookie = header(&opened, "set-cookie").split(';').next().unwrap();
    let home = get_with(url, header(&opened, "location"), &format!("Cookie: {cookie}\r\n"));
    assert!(home.contains("See every step of an authorization"), "{home}");
    assert!(running.line().starts_with("The Authorization Playground"));
    let told = running.line();
    let (told, next) = told.split_once(": ").unwrap();
    assert!(told.contains("has been used") && next.starts_with(url) && next != link, "{told}: {next}");
    assert!(get(url, split(next).1).starts_with("HTTP/1.1 303 "));
}

#[test]
fn the_sandbox_prints_what_a_test_needs_and_answers() {
    let (_running, line) = first_line(&["sandbox", "--json", "--seed", "a test"]);
    let told: serde_json::Value = serde_json::from_str(&line).unwrap();
    let url = told.get("url").unwrap().as_str().unwrap();
    assert!(get(url, "/oauth/jwks.json").contains("200 OK"));
    let (_another, same) = first_line(&["sandbox", "--json", "--seed", "a test"]);
    let same: serde_json::Value = serde_json::from_str(&same).unwrap();
    assert_eq!(told.get("clients"), same.get("clients"), "a seed decides every secret");
    assert!(told.pointer("/clients/web").unwrap().is_string());
}

/// S20: a page whose name was made to resolve to this computer is answered nothing.
#[test]
fn s20_the_sandbox_answers_to_its_own_names_only() {
    let (_running, url) = first_line(&["sandbox"]);
    let host = url.strip_prefix("http://").unwrap();
    for (name, status) in [("evil.example", "421"), (host, "200")] {
        let mut stream = TcpStream::connect(host).unwrap();
        write!(stream, "GET /oauth/jwks.json HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{name}: {answer}");
    }
}

#[test]
fn the_sandbox_of_today_publishes_its_metadata() {
    let (_running, url) = first_line(&["sandbox", "--standard"]);
    let metadata = get(&url, "/.well-known/oauth-authorization-server");
    assert!(metadata.contains("200 OK") && metadata.contains("device_authorization_endpoint"), "{metadata}");
}

#[test]
fn the_sandbox_is_open_to_the_page_that_is_named() {
    let page = "http://127.0.0.1:8000";
    let (_running, line) = first_line(&["sandbox", "--json", "--standard", "--page", &format!("{page}/")]);
    let told: Value = serde_json::from_str(&line).unwrap();
    assert_eq!(told.pointer("/clients/page"), Some(&Value::Null), "a client without a secret: {told}");
    let host = told["url"].as_str().unwrap().strip_prefix("http://").unwrap();
    for (origin, is_open) in [(page, true), ("http://127.0.0.1:8001", false)] {
        let mut stream = TcpStream::connect(host).unwrap();
        let head = format!("GET /oauth/jwks.json HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\n");
        write!(stream, "{head}Connection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let told = answer.contains(&format!("access-control-allow-origin: {page}\r\n"));
        assert!(answer.starts_with("HTTP/1.1 200 ") && told == is_open, "{origin}: {answer}");
    }
    for wrong in ["*", "null", "127.0.0.1:8000", "http://127.0.0.1:8000/app", "http://App.example", "http://"]
    {
        let output = Command::new(env!("CARGO_BIN_EXE_valetkey"))
            .args(["sandbox", "--standard", "--page", wrong])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{wrong}");
        assert!(
            String::from_utf8_lossy(&output.stderr).contains("an origin is scheme, host and port"),
            "{wrong}"
        );
    }
}

#[test]
fn a_port_that_is_taken_is_an_error() {
    let (_running, url) = first_line(&["playground", "--no-open"]);
    let port = split(&url).0.rsplit(':').next().unwrap();
    let second = Command::new(env!("CARGO_BIN_EXE_valetkey"))
        .args(["playground", "--no-open", "--port", port])
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&second.stderr).starts_with("valetkey: "));
}

/// What a run of the tour printed, line by line, and whether it succeeded.
fn tour(arguments: &[&str], secret: &str) -> (bool, Vec<Value>) {
    let output = Command::new(env!("CARGO_BIN_EXE_valetkey"))
        .args(["tour", "--json"])
        .args(arguments)
        .env("TOUR_SECRET", secret)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(!String::from_utf8_lossy(&output.stdout).contains(secret), "the secret is printed");
    let lines = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    (output.status.success(), lines.map(|line| serde_json::from_slice(line).unwrap()).collect())
}

fn offer<'a>(lines: &'a [Value], name: &str) -> &'a Value {
    lines.iter().find(|line| line.get("offer").is_some_and(|offer| offer == name)).unwrap()
}

#[test]
fn the_tour_of_the_standard_sandbox_runs_every_method_through_both_adapters() {
    let (ok, lines) = tour(&["--server"], "unused");
    let rows: Vec<_> = lines.iter().filter(|line| line.get("method").is_some()).collect();
    assert!(ok && rows.iter().all(|row| row["ok"] == true && row["api_status"] == 200), "{rows:?}");
    let run = |adapter: &str| -> Vec<_> {
        rows.iter()
            .filter(|row| row["adapter"] == adapter)
            .map(|row| row["method"].as_str().unwrap())
            .collect()
    };
    let methods = [
        "client-credentials",
        "private-key-jwt",
        "authorization-code",
        "pushed-request",
        "signed-request",
        "signed-response",
        "dpop",
        "authorization-details",
        "openid",
        "refresh-token",
        "device",
        "token-exchange",
        "introspection",
        "revocation",
    ];
    assert_eq!((run("blocking"), run("async")), (methods.to_vec(), methods.to_vec()));
    assert_eq!(offer(&lines, "client authentication")["chosen"], "client_secret_basic");
    assert_eq!(offer(&lines, "iss in responses")["announced"], json!(["yes"]));
}

#[test]
fn the_tour_of_a_server_shows_what_it_offers_and_runs_what_needs_no_person() {
    let (_running, line) = first_line(&["sandbox", "--json", "--standard"]);
    let told: Value = serde_json::from_str(&line).unwrap();
    let url = told["url"].as_str().unwrap();
    let secret = told.pointer("/clients/chatbot").unwrap().as_str().unwrap();

    // Without a client there is nothing to run, and the best way to authenticate is what is shown.
    let (ok, lines) = tour(&["--server", url], secret);
    assert!(ok && lines.iter().all(|line| line.get("method").is_none()));
    assert_eq!(offer(&lines, "client authentication")["chosen"], "private_key_jwt");
    assert_eq!(offer(&lines, "pushed requests")["chosen"], "the request is pushed");

    let api = format!("{url}/api/http/absences");
    let scope = "global:Profile.Absences.View";
    let client = ["--client-id", "chatbot", "--secret", "env:TOUR_SECRET", "--scope", scope, "--api", &api];
    let (ok, lines) = tour(&[&["--server", url], client.as_slice()].concat(), secret);
    let rows: Vec<_> = lines.iter().filter(|line| line.get("method").is_some()).collect();
    assert!(ok && rows.len() == 2, "{rows:?}");
    assert!(rows.iter().all(|row| row["method"] == "client-credentials" && row["api_status"] == 200));

    // A secret that is written where its place belongs is not repeated.
    let output = Command::new(env!("CARGO_BIN_EXE_valetkey"))
        .args(["tour", "--server", url, "--client-id", "chatbot", "--secret", secret])
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(!String::from_utf8_lossy(&output.stderr).contains(secret));

    // A secret that is wrong is a row that failed, and the program's exit says so.
    let wrong = "not the secret at all";
    let (ok, lines) = tour(&[&["--server", url], client.as_slice()].concat(), wrong);
    assert!(!ok && lines.iter().filter(|line| line.get("ok").is_some_and(|ok| ok == false)).count() == 2);
}

#[test]
fn what_a_server_says_of_itself_cannot_speak_to_the_terminal() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let body = json!({
        "issuer": issuer,
        "authorization_endpoint": "https://as.example/authorize",
        "response_types_supported": ["code"],
        "grant_types_supported": ["authorization_code", "\u{1b}[2Jgone\u{202e}", "x".repeat(10_000)],
    });
    let served = thread::spawn(move || {
        // Each adapter asks once.
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = BufReader::new(stream.try_clone().unwrap()).lines();
            while request.next().unwrap().unwrap() != "" {}
            let body = body.to_string();
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
            write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).unwrap();
        }
    });
    let output =
        Command::new(env!("CARGO_BIN_EXE_valetkey")).args(["tour", "--server", &issuer]).output().unwrap();
    served.join().unwrap();
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && table.contains("?[2Jgone?"), "{table}");
    assert!(!table.contains(['\u{1b}', '\u{202e}']) && table.lines().all(|line| line.chars().count() < 400));
    assert!(table.contains("endpoints elsewhere") && table.contains("authorization_endpoint"), "{table}");
}

#[test]
fn plain_http_is_for_loopback() {
    for issuer in ["http://as.example", "http://127.0.0.1.as.example"] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_valetkey")).args(["tour", "--server", issuer]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&output.stderr).contains("DI-1"), "{output:?}");
    }
}
