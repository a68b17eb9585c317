//! The program's first lines, which other programs wait for.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test fails by a panic")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn first_line(arguments: &[&str]) -> (Running, String) {
    let mut child =
        Command::new(env!("CARGO_BIN_EXE_valetkey")).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (Running(child), line.trim_end().to_owned())
}

fn get(url: &str, path: &str) -> String {
    let host = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn the_playground_prints_its_address_first_and_answers_there() {
    let (_running, url) = first_line(&["playground", "--no-open"]);
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    assert!(get(&url, "/").contains("See every step of an authorization"));
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

#[test]
fn the_sandbox_of_today_publishes_its_metadata() {
    let (_running, url) = first_line(&["sandbox", "--standard"]);
    let metadata = get(&url, "/.well-known/oauth-authorization-server");
    assert!(metadata.contains("200 OK") && metadata.contains("device_authorization_endpoint"), "{metadata}");
}

#[test]
fn a_port_that_is_taken_is_an_error() {
    let (_running, url) = first_line(&["playground", "--no-open"]);
    let port = url.rsplit(':').next().unwrap();
    let second = Command::new(env!("CARGO_BIN_EXE_valetkey"))
        .args(["playground", "--no-open", "--port", port])
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&second.stderr).starts_with("valetkey: "));
}
