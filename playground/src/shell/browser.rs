//! The Authorization Code flow, with PKCE, received on a loopback port: [`log_in`].

use valetkey_blocking::{
    AuthorizationRequest, BrowserUrl, Client, HttpClient, Loopback, TokenResponse, entropy, now, run,
};

use super::failure::Failure;
use super::openid;
use super::paste;
use super::profile::Profile;
use super::remote::{self, Ports};
use super::terminal::{Waiting, print, tell};
use super::values::RedirectHost;
use super::way::{Show, Way};

pub(super) fn log_in(
    profile: &Profile,
    client: &Client,
    agent: &HttpClient,
    way: Way,
) -> Result<TokenResponse, Failure> {
    let mut loopback = bind(profile)?;
    if let Some(path) = &profile.redirect_path {
        loopback = loopback.path(path);
    }
    let (ports, redirect_uri) = redirect_uri(&loopback, profile.forwarded_port.map(|port| port.0));
    let mut request =
        AuthorizationRequest::new(client, redirect_uri)?.access(profile.access()?)?.valid_for(way.within);
    if profile.offline {
        request = request.offline();
    }
    if profile.pushed {
        request = request.pushed();
    }
    if profile.key_by_thumbprint {
        request = request.key_by_thumbprint();
    }
    let request = openid::asking(profile, request)?;
    let (url, mut pending) = run(agent, request.start_unbound(entropy()?, now())?)?;
    show(&url, way, ports)?;
    let response = if way.takes_paste {
        paste::receive(loopback, &pending, way.within)?
    } else {
        let _waiting = Waiting::for_what("waiting for the browser to come back");
        loopback.receive(&pending, way.within)?
    };
    let _waiting = Waiting::for_what("trading the code for a token");
    let response = run(agent, pending.open(client, &response)?)?;
    Ok(run(agent, pending.finish(client, &response, now())?)?)
}

fn bind(profile: &Profile) -> Result<Loopback, Failure> {
    let ports = profile.redirect_ports.0.as_slice();
    let is_any = ports.is_empty();
    Ok(match profile.redirect_host {
        RedirectHost::Ipv4 if is_any => Loopback::bind(),
        RedirectHost::Ipv4 => Loopback::bind_first(ports),
        RedirectHost::Ipv6 if is_any => Loopback::bind_ipv6(),
        RedirectHost::Ipv6 => Loopback::bind_ipv6_first(ports),
        RedirectHost::Localhost if is_any => Loopback::bind_localhost(),
        RedirectHost::Localhost => Loopback::bind_localhost_first(ports),
    }?)
}

/// The redirect URI and its port, which is another at the browser's computer if something forwards it.
fn redirect_uri(loopback: &Loopback, forwarded: Option<u16>) -> (Ports, String) {
    let uri = loopback.redirect_uri();
    let rest = uri.strip_prefix("http://").unwrap_or_default();
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, ""));
    let here = port.parse().unwrap_or_default();
    let there = forwarded.unwrap_or(here);
    (Ports { here, there, is_ipv6: host == "[::1]" }, format!("http://{host}:{there}/{path}"))
}

/// Core makes only URLs that begin as a web page's do, and lets nothing of a server's into them but its endpoint.
fn show(url: &BrowserUrl, way: Way, ports: Ports) -> Result<(), Failure> {
    match way.show {
        Show::Printed => {
            print(&format!("{}\n", url.as_str()))?;
            tell("valetkey: open this URL in a browser, on any computer, and log in there.");
            tell(&remote::ways(way.takes_paste, ports));
        }
        Show::Told => {
            tell("Open this URL in the browser of your own computer, and log in there:");
            tell(url.as_str());
            tell(&remote::ways(way.takes_paste, ports));
        }
        Show::Opened => {
            tell("Log in and allow it in the browser. If none opens, open this URL:");
            tell(url.as_str());
            if opener::open_browser(url.as_str()).is_err() {
                tell("No browser could be opened.");
                tell(&remote::ways(way.takes_paste, ports));
            }
        }
    }
    Ok(())
}
