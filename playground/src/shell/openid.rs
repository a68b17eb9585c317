//! OpenID Connect's part of a profile: how the client is registered, and what is asked of a login.
//!
//! Of a browser alone: a device's request has no place for it (RFC 8628 §3.1), and other methods have no login.

use valetkey_blocking::jose::Algorithm;
use valetkey_blocking::{AuthorizationRequest, Client};

use super::failure::Failure;
use super::profile::Profile;
use super::values::{Method, SignedBy};

/// The client as it is registered where it comes to ID tokens and UserInfo.
pub(super) fn registered(profile: &Profile, mut client: Client) -> Result<Client, Failure> {
    if let Some(SignedBy(algorithm)) = profile.id_token_algorithm {
        client = client.id_token_algorithm(algorithm)?;
    }
    if let Some(SignedBy(algorithm)) = profile.user_info_algorithm {
        client = client.user_info_algorithm(algorithm)?;
    }
    Ok(profile.trusted_audience.iter().fold(client, |client, audience| client.trusted_audience(audience)))
}

/// What a server signs by that says nothing of itself: as the client is registered, or by RS256 (OpenID Connect Core §15.1).
pub(super) fn signed_by(profile: &Profile) -> Vec<Algorithm> {
    let registered = [profile.id_token_algorithm, profile.user_info_algorithm];
    let registered = registered.into_iter().flatten().map(|SignedBy(algorithm)| algorithm);
    let mut algorithms: Vec<Algorithm> = registered.filter(|algorithm| !algorithm.is_symmetric()).collect();
    if profile.id_token_algorithm.is_none() {
        algorithms.push(Algorithm::Rs256);
    }
    algorithms
}

/// The request with what the profile asks of the login.
pub(super) fn asking(
    profile: &Profile,
    mut request: AuthorizationRequest,
) -> Result<AuthorizationRequest, Failure> {
    if let Some(hint) = &profile.login_hint {
        request = request.login_hint(hint)?;
    }
    if !profile.prompt.0.is_empty() {
        request = request.prompt(profile.prompt.0.iter().copied())?;
    }
    if let Some(age) = profile.max_age {
        request = request.max_age(age.0);
    }
    if profile.acr_values.iter().next().is_some() {
        request = request.acr_values(profile.acr_values.iter())?;
    }
    if let Some(claims) = &profile.claims {
        request = request.claims(claims)?;
    }
    Ok(request)
}

/// Refuses what would not be asked: a login that is to be new, and is not, must not seem so.
pub(super) fn require_browser(profile: &Profile, method: Method) -> Result<(), Failure> {
    let asked = [
        ("login_hint", profile.login_hint.is_some()),
        ("prompt", !profile.prompt.0.is_empty()),
        ("max_age", profile.max_age.is_some()),
        ("acr_values", profile.acr_values.iter().next().is_some()),
        ("claims", profile.claims.is_some()),
    ];
    match asked.into_iter().find(|(_, is_asked)| *is_asked) {
        Some((key, _)) if method != Method::AuthorizationCode => Err(Failure::usage(format!(
            "`{key}` is asked of a login by the browser, and nobody logs in so by the method {}: leave it out",
            method.name()
        ))),
        _ => Ok(()),
    }
}
