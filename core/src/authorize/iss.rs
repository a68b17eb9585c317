//! Which server a response is of, as its `iss` says (RFC 9207).

use crate::authorize::response_parameters::Parameters;
use crate::client::Client;
use crate::client::security_profile::SecurityProfile;
use crate::ground::error::{Error, response_refused};
use crate::ground::quirk::Quirk;
use crate::ground::rule::Rule;
use crate::ground::text;
use crate::server::AuthorizationServer;

/// What `iss` came to.
pub(super) enum Iss {
    /// It was held to this rule.
    Kept(Rule),
    /// It departed, and this admits that.
    LetThrough(Quirk),
    /// The server does not announce it, and it did not come.
    Unasked,
    /// The ID token beside it says the same, and is verified before the response is used (RFC 9207 §4).
    InIdToken,
}

/// Whether a response has what a success has.
pub(super) fn is_success(server: &AuthorizationServer, parameters: &Parameters<'_>) -> bool {
    ["code", "access_token", "id_token", server.code_name()].iter().any(|name| parameters.get(name).is_some())
}

/// What the response means as a refusal, if the program said something about it.
pub(super) fn meaning(server: &AuthorizationServer, parameters: &Parameters<'_>) -> Option<&'static str> {
    server.answers().meaning_of_parameters(|name| parameters.get(name))
}

/// Whether the response says that it is of this server, by its `iss` (RFC 9207 §2.4), or will by the ID token that was asked for.
pub(super) fn require_iss(
    client: &Client,
    parameters: &Parameters<'_>,
    brings_id_token: bool,
) -> Result<Iss, Error> {
    let server = client.server();
    let (iss, quirks) = (parameters.get("iss"), server.quirks());
    if iss.is_none() && client.held_to().is_some_and(SecurityProfile::is_fapi_2) {
        let what = "FAPI 2.0 Security Profile §5.3.3.2 (4): iss of the response is missing, whatever the server advertises";
        return Err(response_refused(Rule::Fa1, what));
    }
    let has_id_token =
        brings_id_token && parameters.get("id_token").is_some() && parameters.get("error").is_none();
    let is_error = (parameters.get("error").is_some() || meaning(server, parameters).is_some())
        && !is_success(server, parameters);
    let (rule, what) = match (iss, &server.issuer) {
        // An issuer that stands for many speaks for those that are admitted.
        (Some(iss), Some(issuer)) if iss == issuer || server.speaks_for(iss) => {
            return Ok(Iss::Kept(if server.iss_advertised { Rule::Ar3 } else { Rule::Ar4 }));
        }
        (None, _) if !server.iss_advertised => return Ok(Iss::Unasked),
        (None, _) if has_id_token => return Ok(Iss::InIdToken),
        // It sends nothing anywhere. That it answers this request is seen by its state, which is compared next.
        (None, _) if is_error && quirks.contains(Quirk::IssMissingInErrors) => {
            return Ok(Iss::LetThrough(Quirk::IssMissingInErrors));
        }
        (None, _) if quirks.contains(Quirk::IssMissing) => return Ok(Iss::LetThrough(Quirk::IssMissing)),
        (Some(_), _) if !server.iss_advertised && quirks.contains(Quirk::IssDiscarded) => {
            return Ok(Iss::LetThrough(Quirk::IssDiscarded));
        }
        (None, _) => {
            let what = "iss of the response is missing, though the server advertises it: without it, only a redirect URI that no \
                        other server has shows whose response it is";
            return Err(response_refused(Rule::Ar3, what).unless_admitted(Quirk::IssMissing));
        }
        (Some(_), Some(_)) if server.iss_advertised => (
            Rule::Ar3,
            "iss of the response is another issuer than the server's: another server's response was brought \
             here",
        ),
        (Some(_), Some(_)) => (
            Rule::Ar4,
            "iss of the response is another issuer than the server's: it is from another server, or this one \
             puts something else there",
        ),
        (Some(iss), None) => {
            let what = format!(
                "iss came in the response, and the server's issuer is not known: discover the server, or describe it with its \
                 `issuer`{}",
                shown(iss)
            );
            let refused = response_refused(Rule::Ar4, what);
            return Err(match server.iss_advertised {
                true => refused,
                false => refused.unless_admitted(Quirk::IssDiscarded),
            });
        }
    };
    let refused = response_refused(rule, what);
    Err(if rule == Rule::Ar4 { refused.unless_admitted(Quirk::IssDiscarded) } else { refused })
}

/// What came, for a person to look at. Anybody may have written it, so it is never believed by itself.
fn shown(iss: &str) -> String {
    match iss.starts_with("https://") {
        true => format!(
            ". What came is `{}`: look in the server's documentation whether that is its issuer",
            text::displayable_to_strangers(iss)
        ),
        false => String::new(),
    }
}
