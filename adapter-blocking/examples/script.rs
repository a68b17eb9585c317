//! A script: from nothing to an authorized call of the API.
//!
//! `cargo run -p valetkey-blocking --example script` needs no account: the server is a sandbox, and Alice is played.
#![expect(clippy::disallowed_macros, reason = "a script prints")]

use std::error::Error;
use std::thread;
use std::time::Duration;

use valetkey_blocking::dialect::space::{Permissions, Space};
use valetkey_blocking::{ApiClient, ClientSecret, Loopback, entropy, http, http_client, now, run, send};
use valetkey_sandbox::{DEMO_USERS, Front, Person, Sandbox};

type Failed = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failed> {
    let server = Front::start(Sandbox::demo([0; 32]))?;
    let secret = server.sandbox().client_secret("web").unwrap_or_default().to_owned();

    // The script. Against a real service it begins with `Space::new("https://mycompany.jetbrains.space")`.
    let space = Space::on_loopback(server.url())?;
    let app = space.application("web").secret(ClientSecret::new(secret)?)?;
    let loopback = Loopback::bind()?;
    let scope = Permissions::new().global("Profile.Absences.View").scope()?;
    let (url, mut pending) = app
        .authorization_code(loopback.redirect_uri())?
        .scope(scope)?
        .offline()
        .begin_unbound(entropy()?, now())?;
    println!("Open {url}");
    let response = thread::scope(|person| {
        person.spawn(|| allow(&server, url.as_str()).inspect_err(|error| eprintln!("the browser: {error}")));
        loopback.receive(&pending, Duration::from_secs(30))
    })?;
    let http = http_client();
    let tokens = run(&http, pending.finish(&app, &response, now())?)?;
    let api = ApiClient::from_tokens(http, &app, &tokens);
    let absences = api.get(space.api("absences"))?;
    println!("{}\n{}", absences.status(), String::from_utf8_lossy(absences.body()));

    if absences.status().is_success() { Ok(()) } else { Err("the API gave no absences".into()) }
}

/// The browser, with Alice at it: she logs in and allows, and it goes where the server sends it.
fn allow(server: &Front, url: &str) -> Result<(), Failed> {
    let [(username, password), _] = DEMO_USERS;
    let arrival = server.sandbox().visit(url, &Person::new(username, password), now())?;
    let back = arrival.url().ok_or("the server did not send the browser back")?;
    let page = send(&http_client(), http::Request::get(back).body(Vec::new())?)?;
    let page = page.headers().get("location").ok_or("the script does not send the browser on")?.to_str()?;
    let (host, _) = back.split_once("/callback").unwrap_or_default();
    send(&http_client(), http::Request::get(format!("{host}{page}")).body(Vec::new())?)?;
    Ok(())
}
