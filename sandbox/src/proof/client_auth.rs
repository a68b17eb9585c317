//! Client authentication at the token endpoint: Basic, the secret in the body, or a public client's name alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, StatusCode};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use valetkey_core::Response;

use crate::ground::answer;
use crate::ground::parameters::Parameters;
use crate::{Application, BasicEncoding, Settings};

/// The client that sent a token request, and whether it proved to be that client.
#[derive(Clone, Debug)]
pub(crate) struct Authenticated {
    pub(crate) application: Application,
    /// `false` for a public client, which only said its name.
    pub(crate) proven: bool,
}

/// Finds and checks the client, or answers why not.
pub(crate) fn authenticate<'a>(
    headers: &HeaderMap,
    parameters: &Parameters,
    settings: &Settings,
    find: impl Fn(&str) -> Option<&'a Application>,
) -> Result<Authenticated, Box<Response>> {
    let mut authorization = headers.get_all(AUTHORIZATION).iter();
    let (header, second) = (authorization.next(), authorization.next());
    let in_body = parameters.get("client_secret");
    if second.is_some() || (header.is_some() && in_body.is_some()) {
        return Err(invalid_request("The client authenticates in more than one way"));
    }
    let used_header = header.is_some();
    let (client_id, secret) = match header {
        Some(value) => {
            let (client_id, secret) = value
                .to_str()
                .ok()
                .and_then(|value| basic(value, settings.basic_encoding))
                .ok_or_else(|| refused(true))?;
            if parameters.get("client_id").is_some_and(|named| named != client_id) {
                return Err(invalid_request("The header and the body name different clients"));
            }
            (client_id, Some(secret))
        }
        None => {
            let client_id = parameters.get("client_id").ok_or_else(|| unnamed(settings))?;
            (client_id.to_owned(), in_body.map(str::to_owned))
        }
    };
    let application = find(&client_id).ok_or_else(|| refused(used_header))?;
    let proven = match (&application.secret, &secret) {
        _ if application.signs() || application.certificate.is_some() => return Err(refused(used_header)),
        (Some(ours), Some(theirs)) if same(ours, theirs) => true,
        // A client without a secret may still send Basic with an empty password.
        (None, Some(theirs)) if theirs.is_empty() => false,
        (None, None) => false,
        (Some(_), None) if application.allow_public_clients => false,
        _ => return Err(refused(used_header)),
    };
    if settings.public_clients_by_basic && !proven && !used_header {
        let description = "A client without a secret names itself by Basic, with an empty secret";
        return Err(Box::new(challenged(description)));
    }
    Ok(Authenticated { application: application.clone(), proven })
}

/// The two halves of `Basic base64(client_id:client_secret)`.
fn basic(header: &str, encoding: BasicEncoding) -> Option<(String, String)> {
    let (scheme, credentials) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (client_id, secret) = text.split_once(':')?;
    match encoding {
        BasicEncoding::Raw => Some((client_id.to_owned(), secret.to_owned())),
        BasicEncoding::Percent => {
            let decoded = |text: &str| form_decoded(&text.replace('+', "%2B"));
            Some((decoded(client_id)?, decoded(secret)?))
        }
        BasicEncoding::FormUrlencoded => Some((form_decoded(client_id)?, form_decoded(secret)?)),
    }
}

/// One form-urlencoded text. `&` and `=` would have been encoded, so either is a mistake.
fn form_decoded(text: &str) -> Option<String> {
    if text.contains(['&', '=']) {
        return None;
    }
    let value = form_urlencoded::parse(text.as_bytes()).next().map(|(name, _)| name.into_owned());
    Some(value.unwrap_or_default()).filter(|value| !value.contains('\u{FFFD}'))
}

/// Compares two secrets in a time that tells nothing about either, not even the length.
pub(crate) fn same(ours: &str, theirs: &str) -> bool {
    Sha256::digest(ours).ct_eq(&Sha256::digest(theirs)).into()
}

fn refused(used_header: bool) -> Box<Response> {
    let description = "Client authentication failed";
    Box::new(if used_header { challenged(description) } else { invalid_client(description) })
}

fn invalid_client(description: &str) -> Response {
    answer::error(StatusCode::UNAUTHORIZED, "invalid_client", description)
}

fn challenged(description: &str) -> Response {
    answer::challenged(invalid_client(description), "Basic realm=\"sandbox\"")
}

/// A client that did not name itself is told under which name, where that is not the usual one.
fn unnamed(settings: &Settings) -> Box<Response> {
    match settings.client_id_name.as_str() {
        "client_id" => refused(false),
        name => invalid_request(&format!("{name} is missing")),
    }
}

fn invalid_request(description: &str) -> Box<Response> {
    Box::new(answer::error(StatusCode::BAD_REQUEST, "invalid_request", description))
}
