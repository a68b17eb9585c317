//! Attacks on the page that were tried and that came to nothing: redirects to elsewhere, hostile text, connections that
//! say nothing, a server that never answers. Which attack is held by which test is told in `tests/HELD.md`.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use axum::http::StatusCode;
use valetkey_playground::page::Playground;
use valetkey_playground::play::Method;
use valetkey_sandbox::{RawAnswer, RawFront};

use crate::world::Browser;

/// What is waited for at the most before a test fails; nothing depends on it.
const LONG: Duration = Duration::from_secs(60);

/// Paths and fragments that look like another host's address: whatever is answered leads to a page here, or nowhere.
#[tokio::test]
async fn held_no_redirect_leads_elsewhere() {
    // One whose run takes whatever comes back, and one that has no run.
    let (browser, idle) = (Browser::new().await, Browser::new().await);
    let begun = browser.post("/runs", &[("method", "authorization-code")]).await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER);
    let odd = [
        "//evil.example",
        "/\\evil.example",
        "/%2f%2fevil.example",
        "/%5cevil.example",
        "@evil.example",
        ".evil.example",
        ":80@evil.example",
        "%0d%0aLocation:%20https://evil.example",
        "%09//evil.example",
        "/..//evil.example",
        "/javascript:alert(1)",
        ";https://evil.example",
    ];
    let mut answers = vec![begun];
    for odd in odd {
        for path in [
            format!("/callback{odd}?code=a&state=b"),
            format!("/callback?next={odd}&state={odd}"),
            odd.to_owned(),
        ] {
            let Ok(uri) = path.parse::<axum::http::Uri>() else { continue };
            if uri.path().starts_with('/') && uri.authority().is_none() {
                answers.extend([browser.get(&path).await, idle.get(&path).await]);
            }
        }
        for path in [format!("/callback{odd}"), odd.to_owned(), format!("https:{odd}")] {
            for fragment in [odd, "#code=a", "code=a&state=b"] {
                let form = [("path", path.as_str()), ("fragment", fragment)];
                answers.extend([browser.post("/arrive", &form).await, idle.post("/arrive", &form).await]);
            }
        }
        answers.push(browser.post("/runs/1/arrived", &[("url", odd)]).await);
        answers.push(browser.post("/runs/1/again", &[("next", odd), ("return", odd)]).await);
    }
    let mut redirects = 0;
    for answer in answers {
        if let Some(location) = answer.headers.get("location") {
            let location = location.to_str().unwrap();
            let is_here = [&browser, &idle].iter().any(|at| location.starts_with(&format!("{}/", at.root)));
            assert!(is_here || location.starts_with("/#"), "{location}");
            assert!(!location.contains("evil"), "{location}");
            redirects += 1;
        } else {
            assert!(!answer.status.is_redirection(), "{}", answer.status);
        }
    }
    assert!(redirects > 10, "{redirects}");
}

/// What would be markup in an element, in an attribute, in a script and in a URL.
const MARKUP: [&str; 4] = [
    "<script>planted()</script>",
    "\"><img src=x onerror=planted()>",
    "\" onmouseover=\"planted()",
    "</pre></title><svg onload=planted()>",
];

/// Nothing of the text is markup in the page. (Its own attributes stand in double quotes.)
fn require_text(page: &str, place: &str) {
    let page = page.to_ascii_lowercase();
    for markup in ["<script>planted", "<img src=x", "\" onmouseover=\"planted", "<svg onload"] {
        assert!(!page.contains(markup), "{markup} of {place}");
    }
}

/// Hostile text in every field of every method, and in whatever a server answers: dozens of pages, on each of which it is
/// text.
#[tokio::test]
async fn held_hostile_text_stays_text() {
    let (mut pages, mut runs) = (0, 0);
    let browser = Browser::new().await;
    let fields = [
        "client_id",
        "client_secret",
        "username",
        "password",
        "token",
        "scope",
        "issuer",
        "call_method",
        "call_url",
        "call_body",
        "attack",
    ];
    for method in Method::ALL {
        for (number, hostile) in fields.into_iter().enumerate() {
            let (name, markup) = (method.name(), MARKUP[number % MARKUP.len()]);
            let mut form = vec![
                ("method", name),
                ("where", "elsewhere"),
                ("family", "other"),
                ("authorization_endpoint", "https://as.example/authorize"),
                ("token_endpoint", "https://as.example/token"),
                ("client_id", "c"),
                ("client_secret", "s"),
                ("username", "u"),
                ("password", "p"),
                ("token", "t"),
                ("call_url", "https://api.example/x"),
            ];
            form.retain(|(field, _)| *field != hostile);
            form.push((hostile, markup));
            let begun = browser.post("/runs", &form).await;
            require_text(&begun.body, hostile);
            pages += 1;
            if begun.status != StatusCode::SEE_OTHER {
                continue;
            }
            let run = browser.run_of(&begun);
            browser.post(&format!("{run}/arrived"), &[("url", markup)]).await;
            let call = [("call_method", markup), ("call_url", markup), ("call_body", markup)];
            browser.post(&format!("{run}/call"), &call).await;
            for path in [run.clone(), format!("{run}?show=secrets")] {
                require_text(&browser.get(&path).await.body, hostile);
                pages += 1;
            }
            browser.post(&format!("{run}/close"), &[]).await;
            runs += 1;
        }
    }
    // A server that answers with it: as an error, in a document, as a token, in a header.
    for markup in MARKUP {
        let quoted = serde_json::to_string(markup).unwrap();
        let answers = [
            format!(
                "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{{\"error\":\"invalid_grant\",\"error_description\":{quoted},\"error_uri\":{quoted}}}"
            ),
            format!("HTTP/1.1 500 No\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n{markup}"),
            format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n{{\"access_token\":\"planted\",\"token_type\":\"Bearer\",\"scope\":\"a\",\"x\":{quoted}}}"
            ),
            format!(
                "HTTP/1.1 401 {markup}\r\nWWW-Authenticate: Bearer realm={quoted}\r\nX-Odd: {markup}\r\nConnection: close\r\n\r\n"
            ),
        ];
        for answer in answers {
            let server = RawFront::start([RawAnswer::new(answer)]).unwrap();
            let endpoint = format!("{}/token", server.url());
            let form = [
                ("method", "client-credentials"),
                ("where", "elsewhere"),
                ("family", "other"),
                ("token_endpoint", endpoint.as_str()),
                ("client_id", "c"),
                ("client_secret", "a secret"),
                ("call_url", endpoint.as_str()),
            ];
            let begun = browser.post("/runs", &form).await;
            let run = browser.run_of(&begun);
            browser.post(&format!("{run}/send"), &[]).await;
            let page = browser.get(&format!("{run}?show=secrets")).await.body;
            assert!(page.contains("planted"), "{page}");
            require_text(&page, "a server's answer");
            browser.post(&format!("{run}/close"), &[]).await;
            pages += 1;
        }
    }
    assert!(pages >= 32 && runs >= 12, "{pages} pages of {runs} runs");
}

/// 500 connections that say nothing, or half a request, keep nobody out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn held_stuck_connections_keep_nobody_out() {
    let playground = Playground::bind(0).await.unwrap();
    let address = playground.url().strip_prefix("http://").unwrap().to_owned();
    let serving = tokio::spawn(playground.serve(|_| {}));
    let asked = tokio::task::spawn_blocking(move || {
        let mut stuck = Vec::new();
        for number in 0..500 {
            let mut stream = TcpStream::connect(&address).unwrap();
            let said = [
                "",
                "GET / HT",
                "GET / HTTP/1.1\r\nHost: x\r\n",
                "POST /runs HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n",
            ];
            stream.write_all(said[number % said.len()].as_bytes()).unwrap();
            stuck.push(stream);
        }
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream
            .write_all(
                format!("GET /style.css HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes(),
            )
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    let answer = tokio::time::timeout(LONG, asked).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    serving.abort();
}

/// A server that never answers holds its own step up, and no other page.
#[tokio::test]
async fn held_a_server_that_never_answers_holds_nothing_else_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}/token", listener.local_addr().unwrap());
    let (heard, hears) = tokio::sync::oneshot::channel();
    let silent = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 1024]);
        let _ = heard.send(());
        // It says nothing until the client is gone.
        while stream.read(&mut [0; 1024]).is_ok_and(|count| count > 0) {}
    });
    let browser = Browser::new().await;
    let form = [
        ("method", "client-credentials"),
        ("where", "elsewhere"),
        ("family", "other"),
        ("token_endpoint", endpoint.as_str()),
        ("client_id", "c"),
        ("client_secret", "a secret"),
        ("call_url", endpoint.as_str()),
    ];
    let begun = browser.post("/runs", &form).await;
    let run = browser.run_of(&begun);
    let sending = tokio::spawn({
        let (browser, run) = (browser.clone(), run.clone());
        async move { browser.post(&format!("{run}/send"), &[]).await.status }
    });
    tokio::time::timeout(LONG, hears).await.unwrap().unwrap();
    for path in ["/", "/attacks", &run] {
        assert_eq!(browser.get(path).await.status, StatusCode::OK, "{path}");
    }
    // It is not sent a second time meanwhile.
    assert_eq!(browser.post(&format!("{run}/send"), &[]).await.status, StatusCode::SEE_OTHER);
    assert!(!sending.is_finished());
    sending.abort();
    let _ = sending.await;
    silent.join().unwrap();
    assert_eq!(browser.get(&run).await.status, StatusCode::OK);
}
