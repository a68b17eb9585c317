//! The playground in a real Chromium, and core in one as WebAssembly. Run by `tests/interop/browser/run`, which installs one where it is missing.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub,
    reason = "a test fails by a panic, and this one is of the world: it has files, sockets and a clock"
)]

mod accessible;
mod axe;
mod chromium;
mod embedder;

use chromium::Visit;
use fantoccini::Locator;
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use valetkey_core::UnixTime;
use valetkey_playground::play::{Attack, Method, Organisation, Run, Trial, Verdict, demo_setup};

/// A browser at a playground of its own.
async fn begin() -> Visit {
    Visit::of_playground(env!("CARGO_BIN_EXE_valetkey")).await
}

/// From the first page to a token, as a person would, and no further than needed.
async fn to_a_token(visit: &mut Visit, method: Method) {
    visit.open("/").await;
    visit.clicks = 0;
    visit.press(&format!("button[value='{}']", method.name())).await;
    if method.has_browser() {
        visit.press_named("Open the consent page").await;
        visit.screenshot("consent").await;
        visit.press_named("Allow").await;
    }
    if method.has_token_request() {
        visit.press_named("Send").await;
    }
    assert!(visit.has("aside .token").await, "{method:?}: no token after {} clicks", visit.clicks);
}

/// The figure: at most four clicks and no typing from the first page to the first token, for each method; then the
/// API is called with it, and the token renewed where it can be.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/browser/run"]
async fn each_method_is_stepped_to_a_token_and_an_api_call() {
    let mut visit = begin().await;
    visit.screenshot("home").await;
    for method in Method::ALL {
        to_a_token(&mut visit, *method).await;
        println!("{}: {} clicks to the first token", method.name(), visit.clicks);
        assert!(visit.clicks <= 4, "{method:?}: {} clicks", visit.clicks);
        visit.screenshot(&format!("token-{}", method.name())).await;
        if *method != Method::PermanentToken {
            visit.press_named("Call the API").await;
        }
        visit.press_named("Send").await;
        let status = visit.text("#latest .chip").await;
        assert_eq!(status, "200", "{method:?}: the API's answer");
        if visit.text("#next").await.contains("Renew the token") {
            visit.press_named("Renew the token").await;
            visit.press_named("Send").await;
            // Space's documented answers have no token_type, which is let through by name.
            assert_eq!(visit.text("#latest .chip").await, "passed, 1 let through", "{method:?}: the renewal");
        }
        visit.screenshot(&format!("end-{}", method.name())).await;
    }
    visit.end().await;
}

/// What becomes of an attack in the engine, without a browser: what the page must show too.
fn expected(method: Method, attack: Attack) -> Verdict {
    let organisation = Organisation::default();
    let mut sandbox = organisation.sandbox([1; 32], "http://127.0.0.1:9");
    let back = "http://127.0.0.1:8/callback";
    let setup = demo_setup(method, &organisation, &mut sandbox, "http://127.0.0.1:9", back);
    let run = Run::begin(setup, [2; 32], UnixTime::from_secs(1_700_000_000)).unwrap();
    Trial::new(run, Some(attack), Some(&mut sandbox)).drive(&mut sandbox, UnixTime::from_secs(1_700_000_000))
}

/// Steps a run under attack to its end, in the browser.
async fn step_under(visit: &mut Visit, method: Method, attack: Attack) {
    visit.open(&format!("/new/{}", method.name())).await;
    let option = format!("#sandbox ~ form option[value='{}']", attack.name());
    visit
        .client
        .execute("document.querySelector(arguments[0]).selected = true", vec![json!(option)])
        .await
        .unwrap();
    visit.press_named("Begin in the sandbox").await;
    if method.has_browser() {
        if visit.has("#next a.primary").await {
            visit.press_named("Open the consent page").await;
            visit.press_named("Allow").await;
        } else {
            visit.press_named("Let Alice allow it for you").await;
        }
    }
    let is_over = |visit: &Visit| {
        let client = visit.client.clone();
        async move { !client.find_all(Locator::Css(".banner.caught")).await.unwrap().is_empty() }
    };
    if method.has_token_request() && !is_over(visit).await && visit.has("#next button.send").await {
        visit.press_named("Send").await;
    }
}

/// Each switch that a rule catches in the redirect or in the token's answer: the page names the rule.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/browser/run"]
async fn each_attack_that_a_rule_catches_is_shown_with_its_rule() {
    let mut visit = begin().await;
    let mut shown = 0;
    for method in [Method::AuthorizationCode, Method::Implicit, Method::ClientCredentials] {
        for attack in Attack::all() {
            // Bodies beyond what the adapter reads never get to a rule: it has a limit of its own.
            let Verdict::Caught(rule) = expected(method, attack) else { continue };
            let is_large = attack.name() == "huge-body";
            let is_again = method == Method::AuthorizationCode && attack.target() == "The token response";
            if is_large || is_again {
                continue;
            }
            step_under(&mut visit, method, attack).await;
            let banner = visit.text("#attack-banner").await;
            let caught = format!("Caught by {}", rule.id());
            assert!(banner.contains(&caught), "{method:?} {attack}: {banner}");
            let failed = visit.text(".checks li.bad strong").await;
            assert_eq!(failed, rule.id(), "{method:?} {attack}: in the list of checks");
            let link = visit.find(".checks li.bad .source a").await.attr("href").await.unwrap().unwrap();
            assert!(link.starts_with("https://"), "{link}");
            if shown == 0 || attack.name() == "token-type-mac" {
                visit.screenshot(&format!("attack-{}", attack.name())).await;
            }
            shown += 1;
        }
    }
    println!("{shown} attacks caught and shown");
    assert!(shown > 70, "only {shown}");
    visit.end().await;
}

/// What the server itself refuses, and what a thief gets: told on the page too.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/browser/run"]
async fn each_trick_that_no_rule_catches_ends_in_a_refusal() {
    let mut visit = begin().await;
    for (name, told) in [
        ("pkce-stripped", "refused: invalid_grant"),
        ("code-forged", "refused: invalid_grant"),
        ("code-stolen", "The attacker was answered"),
    ] {
        step_under(&mut visit, Method::AuthorizationCode, Attack::of_name(name).unwrap()).await;
        let banner = visit.text("#attack-banner").await;
        assert!(banner.contains(told), "{name}: {banner}");
        visit.screenshot(&format!("attack-{name}")).await;
    }
    visit.open("/").await;
    visit.press("button[value='authorization-code']").await;
    visit.press_named("Open the consent page").await;
    visit.press_named("Deny").await;
    assert_eq!(visit.text("#latest .chip").await, "refused");
    assert!(visit.text("#latest .failure").await.contains("access_denied"));
    assert!(visit.text("#next").await.contains("ended without a token"));
    visit.screenshot("denied").await;

    visit.open("/attacks").await;
    visit.screenshot("attacks").await;
    visit.press("button[value='authorization-code state-wrong']").await;
    assert!(visit.text("#attack-banner").await.contains("state-wrong"));
    visit.open("/compare").await;
    visit.screenshot("compare").await;
    visit.end().await;
}

async fn key(visit: &Visit, key: &str) {
    let active = visit.client.active_element().await.unwrap();
    active.send_keys(key).await.unwrap();
}

/// Presses Tab until the element that has the focus has this name.
async fn tab_to(visit: &Visit, name: &str) {
    for _ in 0..80 {
        let focused = visit.value_of("return document.activeElement?.matches('a, button') ? document.activeElement.innerText.trim() : ''").await;
        if focused
            .as_str()
            .unwrap_or_default()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .contains(name)
        {
            let visible = visit.value_of("return document.activeElement.matches(':focus-visible')").await;
            assert_eq!(visible, Value::Bool(true), "the focus on {name} is not to be seen");
            return;
        }
        // The browser's own Tab, which moves the focus.
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: '\u{E004}' })
            .then(KeyAction::Up { value: '\u{E004}' });
        visit.client.perform_actions(keys).await.unwrap();
    }
    panic!("Tab never gets to {name}");
}

/// A token and an API call without a mouse; each step has the focus when it comes, and is told to a screen reader.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/browser/run"]
async fn a_token_is_got_with_the_keyboard_alone() {
    let visit = begin().await;
    tab_to(&visit, "Skip to the content").await;
    tab_to(&visit, "Run Client Credentials in the sandbox").await;
    for button in ["Send", "Call the API", "Send"] {
        visit.mark().await;
        key(&visit, "\u{E007}").await;
        visit.settled().await;
        let focused = visit.value_of("return document.activeElement.id").await;
        assert!(focused == "next" || focused == "latest", "the focus is at {focused}");
        tab_to(&visit, button).await;
    }
    visit.mark().await;
    key(&visit, "\u{E007}").await;
    visit.settled().await;
    assert_eq!(visit.text("#latest .chip").await, "200");
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    let told = visit.value_of("return document.getElementById('announce').textContent").await;
    assert!(told.as_str().unwrap().contains("API request: 200"), "{told}");
    visit.end().await;
}

/// Every control has a name, every field a label, every page one main heading.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/browser/run"]
async fn every_control_has_a_name_and_every_page_a_heading() {
    let script = "
        const unnamed = [...document.querySelectorAll('a, button, input:not([type=hidden]), select, summary')]
            .filter((e) => !e.textContent?.trim() && !e.getAttribute('aria-label') && !e.labels?.length && !e.hidden);
        const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
        return {
            unnamed: unnamed.map((e) => e.outerHTML),
            headings: document.querySelectorAll('h1').length,
            doubled: ids.filter((id, at) => ids.indexOf(id) !== at),
            language: document.documentElement.lang,
        }";
    let mut visit = begin().await;
    to_a_token(&mut visit, Method::AuthorizationCode).await;
    let run = visit.path().await;
    for path in [
        "/",
        "/new/authorization-code",
        "/new/permanent-token",
        "/new/password",
        "/attacks",
        "/compare",
        &run,
        "/callback",
    ] {
        visit.open(path).await;
        let seen = visit.value_of(script).await;
        assert_eq!(seen, json!({ "unnamed": [], "headings": 1, "doubled": [], "language": "en" }), "{path}");
    }
    visit.end().await;
}

/// How light a colour is, and the worst contrast of a text on its ground (WCAG 2.2, 1.4.3).
const CONTRAST: &str = "
    const parse = (c) => { const n = c.match(/[\\d.]+/g).map(Number); return { rgb: n.slice(0, 3), a: n[3] ?? 1 }; };
    const light = (rgb) => rgb.map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
    const ground = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c.a > 0) return c.rgb; } return [255, 255, 255]; };
    let worst = { ratio: 99 };
    for (const e of document.querySelectorAll('main *, header *, footer *')) {
        if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) || !e.checkVisibility()) continue;
        const [a, b] = [light(parse(getComputedStyle(e).color).rgb), light(ground(e))];
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < worst.ratio) worst = { ratio, text: e.textContent.slice(0, 40), tag: e.tagName + '.' + e.className };
    }
    return worst";

/// Dark where the system is dark, the other way round by the button, and readable in both.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/browser/run"]
async fn dark_and_light_are_both_readable() {
    let ground = "return Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])";
    let mut visit = begin().await;
    step_under(&mut visit, Method::AuthorizationCode, Attack::of_name("state-wrong").unwrap()).await;
    let run = visit.path().await;
    for scheme in ["light", "dark"] {
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        visit.chromium("Emulation.setEmulatedMedia", media).await;
        for path in ["/", "/new/implicit", "/attacks", "/compare", &run] {
            visit.open(path).await;
            let is_dark = visit.value_of(ground).await.as_f64().unwrap() < 128.0;
            assert_eq!(is_dark, scheme == "dark", "{path}");
            let worst = visit.value_of(CONTRAST).await;
            assert!(worst["ratio"].as_f64().unwrap() >= 4.5, "{scheme} {path}: {worst}");
        }
        visit.screenshot(&format!("{scheme}-run")).await;
    }
    visit.open("/").await;
    visit.screenshot("dark-home").await;
    visit.find("#theme").await.click().await.unwrap();
    assert!(visit.value_of(ground).await.as_f64().unwrap() > 128.0, "the button makes it light");
    visit.client.refresh().await.unwrap();
    assert!(visit.value_of(ground).await.as_f64().unwrap() > 128.0, "and it stays so");
    visit.end().await;
}

/// At a phone's width nothing is cut off or scrolls sideways, but what has a scroll bar of its own.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/browser/run"]
async fn a_phones_width_is_enough() {
    let mut visit = begin().await;
    visit.narrow(360).await;
    to_a_token(&mut visit, Method::AuthorizationCode).await;
    let run = visit.path().await;
    for (name, path) in [
        ("home", "/"),
        ("new", "/new/authorization-code"),
        ("attacks", "/attacks"),
        ("compare", "/compare"),
        ("run", &run),
    ] {
        visit.open(path).await;
        let widths = visit.value_of("return [document.documentElement.scrollWidth, innerWidth]").await;
        assert!(widths[0].as_u64() <= Some(360), "{path}: {widths}");
        visit.screenshot(&format!("narrow-{name}")).await;
    }
    visit.end().await;
}

/// The figure: less than 200 KB for a page with everything that it loads.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/browser/run"]
async fn a_page_weighs_less_than_200_kb() {
    let script =
        "return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
        .reduce((sum, entry) => sum + entry.transferSize, 0)";
    let mut visit = begin().await;
    to_a_token(&mut visit, Method::AuthorizationCode).await;
    let run = visit.path().await;
    for path in ["/", "/new/authorization-code", "/attacks", "/compare", &run] {
        visit.open(path).await;
        let weight = visit.value_of(script).await.as_u64().unwrap();
        println!("{path}: {weight} bytes");
        if path.starts_with("/new") {
            visit.screenshot("new").await;
        }
        assert!((2_000..200_000).contains(&weight), "{path}: {weight} bytes");
    }
    visit.end().await;
}

/// Cookies know no ports: another server of this computer that the browser visits is sent the page's. What it asks for
/// with that by itself tells it nothing of a run, for the address is not sent to it.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/browser/run"]
async fn s11_another_server_that_the_browser_visits_reads_nothing() {
    let mut visit = begin().await;
    to_a_token(&mut visit, Method::AuthorizationCode).await;
    let run = visit.path().await;
    let stranger = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = format!("http://{}/", stranger.local_addr().unwrap());
    let visited = tokio::spawn(async move {
        let (mut stream, _) = stranger.accept().await.unwrap();
        let head = head_of(&mut stream).await;
        // It has no icon, which a browser would ask for too.
        let body = "<title>elsewhere</title><link rel=icon href=data:,>";
        let head_of_answer = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close";
        let answer = format!("{head_of_answer}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).await.unwrap();
        head
    });
    // By a link on the page itself, which is the most that a browser would tell of where it comes from.
    let follow =
        "const a = document.createElement('a'); a.href = arguments[0]; document.body.append(a); a.click()";
    visit.client.execute(follow, vec![json!(elsewhere)]).await.unwrap();
    let head = visited.await.unwrap();
    let cookies = head.lines().find_map(|line| line.strip_prefix("Cookie: ")).unwrap_or_default().to_owned();
    assert!(cookies.contains("valetkey-"), "the browser sends cookies to every port: {head}");
    assert!(!head.contains("/at/") && !head.contains("Referer"), "the address went elsewhere: {head}");

    let host = visit.url.strip_prefix("http://").unwrap().split('/').next().unwrap().to_owned();
    let shown = format!("{run}?show=secrets");
    let transcript = format!("{run}/transcript.json");
    for path in ["/", &run, &shown, &transcript, "/callback?code=a&state=b"] {
        let mut stream = TcpStream::connect(&host).await.unwrap();
        let head =
            format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookies}\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 4"), "{path}: {answer}");
        for secret in ["/at/0.", "access-", "csrf"] {
            assert!(!answer.contains(secret), "{path}: {answer}");
        }
    }
    // The browser itself goes on where it was.
    visit.open(&run).await;
    assert!(visit.has("aside .token").await);
    visit.end().await;
}

/// Reads a request up to the end of its head.
async fn head_of(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

/// A secret is not in the page until it is asked for.
#[tokio::test]
#[ignore = "needs Chromium; run by tests/interop/browser/run"]
async fn secrets_are_masked_until_asked_for() {
    let mut visit = begin().await;
    to_a_token(&mut visit, Method::AuthorizationCode).await;
    let shows = "return /(access|refresh|code)-[\\w-]{43}/.test(document.documentElement.outerHTML)";
    assert_eq!(visit.value_of(shows).await, Value::Bool(false), "a secret is in the page");
    visit.press_named("Show the secrets").await;
    assert_eq!(visit.value_of(shows).await, Value::Bool(true));
    assert!(visit.text("aside .token").await.starts_with("access-"));
    visit.screenshot("secrets-shown").await;
    visit.press_named("Mask the secrets").await;
    assert_eq!(visit.value_of(shows).await, Value::Bool(false), "masked again");
    visit.end().await;
}
