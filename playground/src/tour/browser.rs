//! The browser's part, with a person at it: follows the consent form over HTTP.

use std::sync::Arc;
use std::time::Duration;

use valetkey_blocking::{Request, send};
use valetkey_sandbox::{Arrival, DEMO_USERS, Person as SandboxPerson};

use super::Failed;
use super::adapter::Person;

/// Opens an authorization URL as Alice, who logs in and allows. The URL where the browser is sent then.
pub(crate) fn authorize(url: &str) -> Result<String, Failed> {
    let [(username, password), _] = DEMO_USERS;
    let agent = valetkey_blocking::http_client();
    let page = send(&agent, get(url)?)?;
    let html = String::from_utf8_lossy(page.body());
    let consent = SandboxPerson::new(username, password).consent(url, &html)?;
    let answer = send(&agent, consent)?;
    let arrival = Arrival::after(&answer)?;
    arrival.url().map(str::to_owned).ok_or_else(|| Failed("the browser was not redirected".to_owned()))
}

/// Alice, whom nobody has to wait for.
pub(crate) fn alice() -> Person<'static> {
    let open = Arc::new(|url: &str| open(&authorize(url)?));
    Person { open, patience: Duration::from_secs(20), ports: &[] }
}

/// Opens the URL where the browser was sent, and what that leads to, as a browser does.
pub(crate) fn open(url: &str) -> Result<(), Failed> {
    let agent = valetkey_blocking::http_client();
    let answer = send(&agent, get(url)?)?;
    let location = answer.headers().get("location").and_then(|location| location.to_str().ok());
    if let (Some(path), Some((scheme, rest))) = (location, url.split_once("://")) {
        let host = rest.split('/').next().unwrap_or_default();
        send(&agent, get(&format!("{scheme}://{host}{path}"))?)?;
    }
    Ok(())
}

pub(crate) fn get(url: &str) -> Result<Request, Failed> {
    let mut request = Request::new(Vec::new());
    *request.uri_mut() =
        url.parse().map_err(|_| Failed("the sandbox gave a URL that cannot be read".to_owned()))?;
    Ok(request)
}
