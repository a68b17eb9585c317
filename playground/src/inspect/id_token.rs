//! An ID token that is verified with its issuer's keys: whose it should be, and what came of it.
//!
//! What only the program that asked for it can tell, and nobody said here, is taken from the token itself, and not counted.

use serde_json::Value;
use valetkey_blocking::identity::{IdTokenVerification, Login};
use valetkey_blocking::terms::IdToken;
use valetkey_blocking::valetkey_core::Error;
use valetkey_blocking::{AuthorizationServer, Client, Rule, UnixTime};
use valetkey_playground::play;

use super::{Report, token};

/// For whom an ID token should be, and in answer to what, as far as that is known.
pub(crate) struct Expected<'a> {
    pub(crate) client_id: Option<&'a str>,
    pub(crate) nonce: Option<&'a str>,
}

impl Expected<'_> {
    /// The verification of an ID token of this server.
    pub(crate) fn verification(
        &self,
        server: AuthorizationServer,
        token: &str,
    ) -> Result<IdTokenVerification, Error> {
        let claims = play::claims(token).map(|(_, claims)| claims).unwrap_or_default();
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let audience: Vec<&str> = match claims.get("aud") {
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            Some(one) => one.as_str().into_iter().collect(),
            None => Vec::new(),
        };
        let client = match self.client_id {
            Some(client_id) => Client::new(server, client_id),
            None => {
                let client_id = text("azp").or(audience.first().copied()).unwrap_or_default();
                audience
                    .iter()
                    .fold(Client::new(server, client_id), |client, one| client.trusted_audience(*one))
            }
        };
        let verification = IdTokenVerification::new(&client, &IdToken::new(token)?)?;
        match self.nonce.or(text("nonce")) {
            Some(nonce) => verification.nonce(nonce),
            None => Ok(verification),
        }
    }

    /// What came of it.
    pub(crate) fn report(&self, token: &str, outcome: &Result<Login, Error>, now: UnixTime) -> Report {
        let mut report = Report::new(match outcome {
            Ok(_) => "an ID token (OpenID Connect Core §2), verified with its issuer's keys",
            Err(_) => "an ID token (OpenID Connect Core §2) that is refused",
        });
        token::facts(token, now, &mut report);
        match outcome {
            Ok(login) => {
                let untold = self.untold();
                report.kept.extend(login.checks().iter().filter(|rule| !untold.contains(rule)));
            }
            Err(error) => report.broken(error),
        }
        if self.client_id.is_none() {
            report.note("whether it is for your client (ID-10, ID-11), --client-id tells");
        }
        if self.nonce.is_none() {
            report.note("whether it answers your request (ID-15), --nonce tells: the nonce that was sent");
        }
        report.note(
            "whether the login is as new and as good as was asked for (ID-16, ID-17), and which access token came beside it \
             (ID-19), only the program that asked can tell",
        );
        report
    }

    /// The rules of which nobody knows whether they are kept.
    fn untold(&self) -> Vec<Rule> {
        let mut untold = vec![Rule::Id16, Rule::Id17, Rule::Id19];
        untold.extend(self.client_id.is_none().then_some([Rule::Id10, Rule::Id11]).into_iter().flatten());
        untold.extend(self.nonce.is_none().then_some(Rule::Id15));
        untold
    }
}
