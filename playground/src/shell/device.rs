//! The device flow: the person goes to a page, on any device, and enters a code. [`log_in`].

use valetkey_blocking::{
    Client, DeviceAuthorization, DeviceAuthorizationRequest, DevicePoll, HttpClient, TokenResponse, now, run,
};

use super::failure::Failure;
use super::openid;
use super::profile::Profile;
use super::qr;
use super::terminal::{BOLD, Waiting, print, tell, tell_styled};
use super::values::Method;
use super::visible::visible;
use super::way::{Show, Way};

pub(super) fn log_in(
    profile: &Profile,
    client: &Client,
    agent: &HttpClient,
    way: Way,
) -> Result<TokenResponse, Failure> {
    openid::require_browser(profile, Method::Device)?;
    let request = DeviceAuthorizationRequest::new(client)?.access(profile.access()?)?;
    let device = {
        let _waiting = Waiting::for_what("asking for a code");
        run(agent, request)?
    };
    show(profile, &device, way)?;
    let left = device.expires_at().since(now());
    let _waiting = Waiting::for_at_most("waiting for the person", left);
    Ok(run(agent, DevicePoll::new(client, device)?)?)
}

fn show(profile: &Profile, device: &DeviceAuthorization, way: Way) -> Result<(), Failure> {
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
        } else if let Some(drawing) = way.draws.then(|| qr::drawn(complete)).flatten() {
            // A code shows nobody where it leads: only to the host that is named above (DV-2).
            tell_styled(&drawing);
            tell(&format!("The QR code leads to {complete}"));
        }
    }
    // What the person is about to allow is told beside the code (XD-1).
    tell(&format!(
        "This logs in {} at {}, for {}. Allow it only if you began it yourself.",
        profile.client_id.as_deref().unwrap_or("-"),
        profile.server_name(),
        profile
            .scope
            .as_ref()
            .map_or_else(|| "what the server gives by itself".to_owned(), ToString::to_string),
    ));
    if way.show == Show::Printed {
        print(&format!("{page} {code}\n"))?;
    }
    Ok(())
}
