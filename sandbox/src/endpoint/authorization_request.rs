//! What an application asks of a person, read from the query of the authorization endpoint.

use crate::grant::code::is_verifier;
use crate::ground::parameters::Parameters;
use crate::ground::refusal::Refusal;
use crate::world::asked::{AuthorizationRequest, Redirect, Refused, ResponseMode, ResponseType};
use crate::world::details;
use crate::world::ledger::Challenge;
use crate::world::login::LoginWanted;
use crate::world::telling::{Telling, asks_who};
use crate::{Application, Dialect, FlowKind, Rights, Settings};

/// Reads the parameters, of which `verdict` says what was wrong with them as a whole.
pub(crate) fn read<'a>(
    parameters: &Parameters,
    verdict: Result<(), &'static str>,
    settings: &Settings,
    find: impl Fn(&str) -> Option<&'a Application>,
) -> Result<AuthorizationRequest, Refused> {
    let Some(application) = parameters.get("client_id").and_then(find) else {
        let usual = settings.client_id_name == "client_id";
        let unnamed = "The client is not named in the parameter for that, or no application has this name.";
        return Err(Refused::Page(if usual { "No application has this client_id." } else { unnamed }));
    };
    let Some(redirect_uri) = parameters.get("redirect_uri").filter(|uri| application.is_registered(uri))
    else {
        return Err(Refused::Page("This redirect_uri is not registered for the application."));
    };
    let response_type = parameters.get("response_type").and_then(ResponseType::named);
    let (mode, signed) = match parameters.get("response_mode") {
        Some("jwt") => (None, true),
        Some(mode) => match mode.strip_suffix(".jwt") {
            Some(mode) => (Some(mode), true),
            None => (Some(mode), false),
        },
        None => (None, false),
    };
    // Without an issuer there is nobody to sign.
    let can_sign = settings.published_issuer().is_some();
    let mode = response_mode(mode, response_type).filter(|_| can_sign || !signed);
    let redirect = Redirect {
        uri: redirect_uri.to_owned(),
        place: application.place_of(redirect_uri),
        mode: mode.unwrap_or(default_mode(response_type)),
        signed: signed && can_sign,
        client_id: application.client_id.clone(),
        state: parameters.get("state").map(str::to_owned),
        issuer: settings.issuer.clone(),
    };
    let checked = verdict
        .map_err(|reason| ("invalid_request", reason))
        .and_then(|()| mode.map(|_| ()).ok_or(("invalid_request", "This response_mode cannot be used")))
        .and_then(|()| check(parameters, application, settings.dialect, &redirect));
    checked.map_err(|refusal| Refused::Redirect(Box::new(redirect), refusal))
}

fn check(
    parameters: &Parameters,
    application: &Application,
    dialect: Dialect,
    redirect: &Redirect,
) -> Result<AuthorizationRequest, Refusal> {
    let can_tell_who = dialect == Dialect::Standard && redirect.issuer.is_some();
    let (response_type, flow) = match parameters.get("response_type") {
        Some(name) => match ResponseType::named(name).filter(|asked| !asked.has_id_token() || can_tell_who) {
            Some(asked) if asked.has_code() => (asked, FlowKind::AuthorizationCode),
            Some(asked) => (asked, FlowKind::Implicit),
            None => return Err(("unsupported_response_type", "This response_type is not supported")),
        },
        None => return Err(("invalid_request", "response_type is missing")),
    };
    if !application.allows(flow) {
        return Err(("unauthorized_client", "This flow is switched off for the application"));
    }
    let request_credentials = parameters.get("request_credentials");
    if !matches!(request_credentials, None | Some("default" | "required" | "skip" | "silent")) {
        return Err(("invalid_request", "request_credentials has an unknown value"));
    }
    let offline = match parameters.get("access_type") {
        None => None,
        Some("online") => Some(false),
        Some("offline") => Some(true),
        Some(_) => return Err(("invalid_request", "access_type has an unknown value")),
    };
    let details = match dialect {
        Dialect::Standard => details::read(parameters, application)?,
        Dialect::Space | Dialect::Hub => Vec::new(),
    };
    let scope = match parameters.get("scope") {
        None if !details.is_empty() => Rights::none(),
        requested => scope(requested, application, dialect)?,
    };
    let telling = match dialect {
        Dialect::Standard if asks_who(&scope) => Some(Telling::read(parameters)?),
        Dialect::Standard | Dialect::Space | Dialect::Hub => None,
    };
    if response_type.has_id_token() && telling.as_ref().is_none_or(|telling| telling.nonce.is_none()) {
        return Err((
            "invalid_request",
            "An ID token is asked for without openid in the scope, or without a nonce",
        ));
    }
    Ok(AuthorizationRequest {
        client_id: application.client_id.clone(),
        redirect: redirect.clone(),
        response_type,
        scope,
        resources: Vec::new(),
        details,
        challenge: match response_type.has_code() {
            true => challenge(parameters, application)?,
            false => None,
        },
        key: parameters.get("dpop_jkt").filter(|_| dialect == Dialect::Standard).map(str::to_owned),
        offline,
        login: match dialect {
            Dialect::Standard => {
                LoginWanted::read(parameters)?.or_by(telling.as_ref().and_then(Telling::acr_values))
            }
            Dialect::Space | Dialect::Hub => LoginWanted::default(),
        },
        telling,
        silent: request_credentials == Some("silent"),
        logs_out: request_credentials == Some("required"),
    })
}

/// `**` asks for all that the application may ask for; any other right must be among it.
pub(crate) fn scope(
    scope: Option<&str>,
    application: &Application,
    dialect: Dialect,
) -> Result<Rights, Refusal> {
    let requested = match scope {
        Some(scope) => Rights::parse(scope).ok_or(("invalid_scope", "scope is malformed"))?,
        None if dialect == Dialect::Standard => Rights::All,
        None => return Err(("invalid_scope", "scope is missing")),
    };
    match requested {
        Rights::All if application.requested.is_empty() => {
            Err(("invalid_scope", "The application may not ask for any rights"))
        }
        Rights::All => Ok(application.requested.clone()),
        rights if application.requested.cover_all(&rights) => Ok(rights),
        _ => Err(("invalid_scope", "The application may not ask for these rights")),
    }
}

/// The code challenge; its method is `plain` unless named, as RFC 7636 and Space's documentation say.
fn challenge(parameters: &Parameters, application: &Application) -> Result<Option<Challenge>, Refusal> {
    let method = parameters.get("code_challenge_method");
    let Some(challenge) = parameters.get("code_challenge") else {
        return if method.is_some() {
            Err(("invalid_request", "code_challenge_method without code_challenge"))
        } else if application.require_pkce {
            Err(("invalid_request", "This application must use PKCE"))
        } else {
            Ok(None)
        };
    };
    match method {
        Some("S256") if is_sha256(challenge) => Ok(Some(Challenge::Sha256(challenge.to_owned()))),
        None | Some("plain") if is_verifier(challenge) => Ok(Some(Challenge::Plain(challenge.to_owned()))),
        None | Some("S256" | "plain") => Err(("invalid_request", "code_challenge is malformed")),
        Some(_) => Err(("invalid_request", "This code_challenge_method is not supported")),
    }
}

fn is_sha256(challenge: &str) -> bool {
    challenge.len() == 43
        && challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// `None` for a mode that is unknown, or would put a token into a query.
fn response_mode(mode: Option<&str>, response_type: Option<ResponseType>) -> Option<ResponseMode> {
    match mode {
        None => Some(default_mode(response_type)),
        Some("query") if default_mode(response_type) == ResponseMode::Query => Some(ResponseMode::Query),
        Some("fragment") => Some(ResponseMode::Fragment),
        Some("form_post") => Some(ResponseMode::FormPost),
        Some(_) => None,
    }
}

fn default_mode(response_type: Option<ResponseType>) -> ResponseMode {
    match response_type {
        None | Some(ResponseType::Code) => ResponseMode::Query,
        Some(_) => ResponseMode::Fragment,
    }
}
