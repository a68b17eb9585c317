//! Getting tokens with a person's help, or by what a source gives: each method's own part.

use valetkey_blocking::dialect::jetbrains::AccessType;
use valetkey_blocking::terms::Password;
use valetkey_blocking::token::{JwtAssertion, TokenExchange, TokenKind};
use valetkey_blocking::{Client, Grant, HttpClient, TokenRequest, TokenResponse, run};

use super::failure::Failure;
use super::profile::Profile;
use super::terminal::{Waiting, tell};
use super::values::Method;
use super::way::Way;
use super::{browser, device, foreseen};

/// Gets tokens by the profile's method; `owner` is whose its secrets in the keyring are.
pub(crate) fn perform(
    profile: &Profile,
    owner: &str,
    client: &Client,
    agent: &HttpClient,
    way: Way,
) -> Result<TokenResponse, Failure> {
    foreseen::require_method(profile, client, profile.method == Method::AuthorizationCode)?;
    let grant = match profile.method {
        Method::AuthorizationCode => return browser::log_in(profile, client, agent, way),
        Method::Device => return device::log_in(profile, client, agent, way),
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
