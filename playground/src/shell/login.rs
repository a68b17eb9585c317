//! Getting tokens with a person's help, or by what a source gives: each method's own part.

use std::time::Duration;

use valetkey_blocking::dialect::jetbrains::AccessType;
use valetkey_blocking::terms::Password;
use valetkey_blocking::token::{JwtAssertion, TokenExchange, TokenKind};
use valetkey_blocking::{
    AuthorizationRequest, BrowserUrl, Client, DeviceAuthorizationRequest, DevicePoll, Grant, HttpClient,
    Loopback, TokenRequest, TokenResponse, entropy, now, run,
};

use super::failure::Failure;
use super::profile::{Method, Profile};
use super::terminal::{self, BOLD, Waiting, print, tell, tell_styled};
use super::visible::visible;

/// How long a user may take by default.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// How the person is reached.
#[derive(Clone, Copy)]
pub(crate) struct Way {
    /// Whether a browser is opened; else the URL is printed.
    pub(crate) open: bool,
    /// How long the person may take.
    pub(crate) within: Duration,
}

/// Gets tokens by the profile's method; `owner` is whose its secrets in the keyring are.
pub(crate) fn perform(
    profile: &Profile,
    owner: &str,
    client: &Client,
    agent: &HttpClient,
    way: Way,
) -> Result<TokenResponse, Failure> {
    let grant = match profile.method {
        Method::AuthorizationCode => return by_browser(profile, client, agent, way),
        Method::Device => return by_device(profile, client, agent, way),
        Method::Password => password(profile, owner)?,
        Method::JwtBearer => Grant::from(&JwtAssertion::new(profile.given_token(owner)?.as_str())?),
        Method::TokenExchange => {
            Grant::from(TokenExchange::new(&profile.given_token(owner)?, TokenKind::ACCESS_TOKEN)?)
        }
        method @ (Method::ClientCredentials | Method::PermanentToken | Method::RefreshToken) => {
            return Err(nobody_logs_in(method));
        }
    };
    let _waiting = Waiting::for_what("asking for a token");
    Ok(run(agent, TokenRequest::new(client, asking(profile, grant)?)?)?)
}

/// Refuses a method that has no login, before anything is looked for on its behalf.
pub(crate) fn require_login(method: Method) -> Result<(), Failure> {
    match method {
        Method::ClientCredentials | Method::PermanentToken | Method::RefreshToken => {
            Err(nobody_logs_in(method))
        }
        _ => Ok(()),
    }
}

fn nobody_logs_in(method: Method) -> Failure {
    Failure::usage(format!("nobody logs in by the method {}", method.name()))
        .next("`valetkey token` gets the token")
}

/// The grant with what the profile asks for.
pub(crate) fn asking(profile: &Profile, grant: Grant) -> Result<Grant, Failure> {
    Ok(grant.access(profile.access()?)?)
}

#[expect(deprecated, reason = "the method is offered for servers that have no other, and says so")]
fn password(profile: &Profile, owner: &str) -> Result<Grant, Failure> {
    tell(
        "valetkey: the method \"password\" is deprecated: the password passes through this program, and no second factor \
         does (RFC 9700 §2.4). Use \"authorization-code\" or \"device\" where the server has them.",
    );
    let (Some(username), Some(source)) = (&profile.username, &profile.password) else {
        return Err(Failure::usage(
            "`username` and `password`, which says where the password comes from, are both needed",
        ));
    };
    let password = Password::new(source.read("password", owner)?.as_str());
    let grant = Grant::password(username, &password);
    Ok(if profile.offline { grant.access_type(AccessType::Offline) } else { grant })
}

/// The Authorization Code flow, with PKCE, received on a loopback port.
fn by_browser(
    profile: &Profile,
    client: &Client,
    agent: &HttpClient,
    way: Way,
) -> Result<TokenResponse, Failure> {
    let mut loopback = match profile.redirect_ports.as_slice() {
        [] => Loopback::bind()?,
        ports => Loopback::bind_first(ports)?,
    };
    if let Some(path) = &profile.redirect_path {
        loopback = loopback.path(path);
    }
    let mut request = AuthorizationRequest::new(client, loopback.redirect_uri())?
        .access(profile.access()?)?
        .valid_for(way.within);
    if profile.offline {
        request = request.offline();
    }
    if profile.pushed {
        request = request.pushed();
    }
    let (url, mut pending) = run(agent, request.start_unbound(entropy()?, now())?)?;
    show(&url, way)?;
    let response = {
        let _waiting = Waiting::for_what("waiting for the browser to come back");
        loopback.receive(&pending, way.within)?
    };
    let _waiting = Waiting::for_what("trading the code for a token");
    Ok(run(agent, pending.finish(client, &response, now())?)?)
}

/// Core makes only URLs that begin as a web page's do, and lets nothing of a server's into them but its endpoint.
fn show(url: &BrowserUrl, way: Way) -> Result<(), Failure> {
    if !way.open {
        return print(&format!("{}\n", url.as_str()));
    }
    tell("Log in and allow it in the browser. If none opens, open this URL:");
    tell(url.as_str());
    if opener::open_browser(url.as_str()).is_err() {
        tell("No browser could be opened.");
    }
    Ok(())
}

/// The device flow: the person goes to a page, on any device, and enters a code.
fn by_device(
    profile: &Profile,
    client: &Client,
    agent: &HttpClient,
    way: Way,
) -> Result<TokenResponse, Failure> {
    let request = DeviceAuthorizationRequest::new(client)?.access(profile.access()?)?;
    let device = {
        let _waiting = Waiting::for_what("asking for a code");
        run(agent, request)?
    };
    // Both always, so that a person who followed a link can compare the code.
    let (page, code) = (device.verification_uri(), device.user_code());
    let (shown_page, shown_code) = (visible(page), visible(code));
    tell_styled(&format!(
        "Open {BOLD}{shown_page}{BOLD:#} on any device, and enter {BOLD}{shown_code}{BOLD:#}"
    ));
    if let Some(complete) = device.verification_uri_complete() {
        tell(&format!("or open {complete} and compare the code."));
        if device.is_complete_elsewhere() {
            tell("valetkey: that second page is on another host than the first.");
        }
    }
    if !way.open {
        print(&format!("{page} {code}\n"))?;
    }
    let left = terminal::spell(device.expires_at().since(now()));
    let _waiting = Waiting::for_what(&format!("waiting for the person, for {left} at most"));
    Ok(run(agent, DevicePoll::new(client, device)?)?)
}
