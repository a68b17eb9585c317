//! `grant_type=authorization_code` (RFC 6749 §4.1.3): a code is used once, by its own client.

use super::{Granted, allowed};
use crate::ground::keys::sha256;
use crate::ground::refusal::Refusal;
use crate::proof::client_auth::same;
use crate::proof::client_request::ClientRequest;
use crate::world::ledger::{Binding, Challenge};
use crate::{FlowKind, Sandbox};

impl Sandbox {
    pub(crate) fn code_grant(&mut self, asked: &ClientRequest) -> Result<Granted, Refusal> {
        let ClientRequest { client, parameters, now, .. } = asked;
        allowed(client, FlowKind::AuthorizationCode)?;
        let presented = parameters.get("code").ok_or(("invalid_request", "code is missing"))?;
        let redirect_uri =
            parameters.get("redirect_uri").ok_or(("invalid_request", "redirect_uri is missing"))?;
        let code = self
            .ledger
            .codes
            .get_mut(presented)
            .filter(|code| code.client_id == client.application.client_id)
            .ok_or(("invalid_grant", "The code is unknown"))?;
        // A code is spent by its own client's first attempt, whatever comes of it.
        if std::mem::replace(&mut code.used, true) {
            let family = code.grant.family.clone();
            self.ledger.revoke(&family);
            return Err(("invalid_grant", "The code was already used"));
        }
        if *now >= code.expires || code.grant.revoked {
            return Err(("invalid_grant", "The code has expired"));
        }
        if code.redirect_uri != redirect_uri {
            return Err(("invalid_grant", "The code was issued for another redirect_uri"));
        }
        if code.key.is_some() && code.key.as_deref() != asked.binding.as_ref().and_then(Binding::key) {
            return Err(("invalid_grant", "The code is bound to another key"));
        }
        verify(code.challenge.as_ref(), parameters.get("code_verifier"))?;
        if !client.proven && code.challenge.is_none() {
            return Err(("invalid_grant", "A client without a secret must use PKCE"));
        }
        code.grant.authenticated = client.proven;
        let (grant, offline) = (code.grant.clone(), code.offline);
        let refresh = offline.then(|| grant.clone());
        Ok(Granted { grant, refresh })
    }
}

/// Compares the verifier with the challenge of the authorization request (RFC 7636 §4.6). A verifier without a
/// challenge is refused as well: it may be a code that was injected (RFC 9700 §2.1.1).
fn verify(challenge: Option<&Challenge>, verifier: Option<&str>) -> Result<(), Refusal> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(("invalid_grant", "code_verifier without code_challenge")),
        (Some(_), None) => Err(("invalid_grant", "code_verifier is missing")),
        (Some(challenge), Some(verifier)) => {
            let matches = is_verifier(verifier)
                && match challenge {
                    Challenge::Plain(challenge) => same(challenge, verifier),
                    Challenge::Sha256(challenge) => same(challenge, &sha256(verifier)),
                };
            matches.then_some(()).ok_or(("invalid_grant", "code_verifier does not match"))
        }
    }
}

/// Whether a text may be a code verifier (RFC 7636 §4.1).
pub(crate) fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
}
