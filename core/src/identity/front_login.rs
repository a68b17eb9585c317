//! An ID token that comes through the browser (OpenID Connect Core §3.3.2), and the second one of its login, which comes with the
//! tokens (§3.3.3).

use crate::client::Client;
use crate::ground::error::{Error, malformed};
use crate::ground::quirk::Quirks;
use crate::ground::rule::Rule;
use crate::identity::login::Login;
use crate::identity::verification::IdTokenVerification;
use crate::terms::secret::{AuthorizationCode, IdToken, Nonce, State};

impl IdTokenVerification {
    /// The verification of an ID token that came through the browser with this `state`.
    pub(crate) fn of_front_channel(client: &Client, token: &IdToken, state: State) -> Result<Self, Error> {
        let mut verification = Self::new(client, token)?;
        verification.beside.state = Some(state);
        Ok(verification)
    }

    /// The code that came beside it, or was traded for it.
    pub(crate) fn beside_code(mut self, code: Option<AuthorizationCode>) -> Self {
        self.beside.code = code;
        self
    }
}

impl Login {
    /// Whether the ID token of the token endpoint tells of this login, whose ID token came through the browser
    /// ([AR-20](crate::Rule::Ar20)). What only one of them has is not compared: the second may tell more.
    pub(crate) fn require_same(&self, second: &Self) -> Result<(), Error> {
        let no = |what: &'static str| Err(malformed(Rule::Ar20, what));
        if self.identity.issuer() != second.identity.issuer() {
            return no(
                "the ID token of the token endpoint is by another issuer than the one that came with the code",
            );
        }
        if self.identity.subject() != second.identity.subject() {
            return no(
                "the ID token of the token endpoint is about another person than the one that came with the code",
            );
        }
        let differs = differ(self.auth_time.as_ref(), second.auth_time.as_ref())
            || differ(self.acr.as_ref(), second.acr.as_ref())
            || (!self.amr.is_empty() && !second.amr.is_empty() && self.amr != second.amr);
        if differs {
            return no(
                "the ID token of the token endpoint tells of another login than the one that came with the code: auth_time, acr \
                 or amr differ",
            );
        }
        Ok(())
    }

    /// The same after what was let through before it.
    pub(crate) fn let_through(mut self, quirks: Quirks) -> Self {
        self.quirks = self.quirks.and(quirks);
        self
    }

    /// Whether it answers the request with this nonce.
    pub(crate) fn answers(&self, nonce: Option<&Nonce>) -> bool {
        self.nonce.is_some() && self.nonce.as_ref() == nonce
    }

    /// The second login, which has been compared with the first: the checks that the first passed, and what was let through of it,
    /// are this one's too.
    pub(crate) fn after_same(mut self, first: &Self) -> Self {
        self.checks = self.checks.and(first.checks);
        self.checks.pass(Rule::Ar20);
        self.quirks = self.quirks.and(first.quirks);
        self
    }
}

fn differ<T: PartialEq>(first: Option<&T>, second: Option<&T>) -> bool {
    first.zip(second).is_some_and(|(first, second)| first != second)
}
