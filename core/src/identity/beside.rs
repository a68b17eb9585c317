//! What came beside an ID token, and the hashes in it that say so: [`Beside`].

use crate::ground::error::{Error, malformed};
use crate::ground::rule::{Checks, Rule};
use crate::identity::asked::Asked;
use crate::identity::hashes;
use crate::identity::members::text;
use crate::terms::secret::{AccessToken, AuthorizationCode, State};
use crate::wire::json::Object;

/// What came beside an ID token.
#[derive(Clone, Default)]
pub(crate) struct Beside {
    pub(crate) access_token: Option<AccessToken>,
    pub(crate) code: Option<AuthorizationCode>,
    /// The `state`, if it came through the browser: the ID token is then all that vouches for what is beside it.
    pub(crate) state: Option<State>,
}

impl Beside {
    /// Compares each hash with what it is of.
    pub(super) fn require(
        &self,
        claims: &mut Object<'_>,
        algorithm: &str,
        asked: &Asked,
        checks: &mut Checks,
    ) -> Result<(), Error> {
        let is_front = self.state.is_some();
        if let (Some(token), Some(hash)) = (&self.access_token, text(claims, "at_hash", Rule::Id19)?) {
            hashes::require(Rule::Id19, "at_hash", &hash, token.expose(), algorithm)?;
            passed(checks, Rule::Id19);
        }
        if let Some(code) = &self.code {
            match text(claims, "c_hash", Rule::Id20)? {
                Some(hash) => {
                    hashes::require(Rule::Id20, "c_hash", &hash, code.expose(), algorithm)?;
                    passed(checks, Rule::Id20);
                }
                None if is_front => {
                    return Err(malformed(
                        Rule::Id40,
                        "the ID token has no c_hash, and came with a code that nothing else vouches for",
                    ));
                }
                None => {}
            }
            checks.pass(Rule::Id40);
        }
        let Some(state) = &self.state else { return Ok(()) };
        match text(claims, "s_hash", Rule::Id41)? {
            Some(hash) => {
                hashes::require(Rule::Id41, "s_hash", &hash, state.expose(), algorithm)?;
                passed(checks, Rule::Id41);
                Ok(())
            }
            None if asked.s_hash => Err(malformed(
                Rule::Id41,
                "the ID token has no s_hash, which the request requires (`AuthorizationRequest::require_s_hash`)",
            )),
            None => Ok(()),
        }
    }
}

fn passed(checks: &mut Checks, rule: Rule) {
    [rule, Rule::Id39, Rule::Id42].into_iter().for_each(|rule| checks.pass(rule));
}
