//! `grant_type=…jwt-bearer` (RFC 7523 §2.1): a token for whom an assertion says.

use serde_json::Value;

use super::{Granted, allowed, narrowed};
use crate::ground::jws::Jws;
use crate::ground::refusal::Refusal;
use crate::proof::assertion::{by_one_of, signed_by};
use crate::proof::client_request::ClientRequest;
use crate::{AssertionAudience, FlowKind, Sandbox, Subject};

impl Sandbox {
    pub(crate) fn jwt_bearer_grant(&mut self, asked: &ClientRequest) -> Result<Granted, Refusal> {
        let ClientRequest { client, parameters, now, .. } = asked;
        allowed(client, FlowKind::JwtBearer)?;
        let assertion = parameters.get("assertion").ok_or(("invalid_request", "assertion is missing"))?;
        let refused = ("invalid_grant", "The assertion is not to be trusted");
        let jws = Jws::read(assertion).ok_or(refused)?;
        let issuer = jws.unverified().get("iss").and_then(Value::as_str).ok_or(refused)?;
        let claims = if issuer == client.application.client_id {
            signed_by(&client.application, &jws)
        } else {
            self.trusted.get(issuer).and_then(|keys| by_one_of(keys, &jws))
        };
        let claims = claims.ok_or(refused)?;
        let addressed = [AssertionAudience::Issuer, AssertionAudience::TokenEndpoint];
        let addressed = addressed.into_iter().any(|audience| self.is_addressed(claims, audience));
        if !addressed || !self.timely_and_new(claims, *now) {
            return Err((
                "invalid_grant",
                "The assertion is for another server, not of this time, or was used",
            ));
        }
        let username = claims.get("sub").and_then(Value::as_str).and_then(|name| self.user(name));
        let user = username.ok_or(("invalid_grant", "The assertion's subject is nobody here"))?;
        let most = user.rights.intersect(&client.application.requested);
        let subject = Subject::User(user.username.clone());
        let scope = narrowed(&most, parameters.get("scope"))?;
        // The assertion itself is what the client renews with, so there is no refresh token (RFC 7521 §4.1).
        Ok(Granted { grant: self.new_grant(client, subject, scope), refresh: None })
    }
}
