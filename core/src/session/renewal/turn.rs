//! One attempt to get a token: what is renewed from, what is sent, and what its outcome means: [`Turn`].

use crate::ground::error::{Error, expired, lost, malformed, misuse_of, refused_for_good};
use crate::ground::required::Cause;
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::session::record::SessionRecord;
use crate::session::renewal::commit::{Commit, Kind};
use crate::session::renewal::dead::{Verdict, judge};
use crate::session::renewal::failure::{Failure, Intent};
use crate::session::renewal::plan::Plan;
use crate::store::entry::{StoreVersion, Stored};
use crate::terms::secret::RefreshToken;
use crate::token::grant::Grant;
use crate::token::proving::Proof;
use crate::token::request::TokenRequest;
use crate::token::response::TokenResponse;

/// One attempt to get a token.
pub(super) struct Turn {
    /// The record as it was, and the refresh token in it that is used.
    pub(super) base: SessionRecord,
    used: Option<RefreshToken>,
    /// Whether the same may have been sent before without an answer.
    replay: bool,
    pub(super) request: TokenRequest,
    /// Whether the request was handed out, and may be under way.
    pub(super) is_sent: bool,
    /// Whether one that was handed out may have been granted.
    pub(super) may_have_arrived: bool,
    /// Whether it failed before it was handed out.
    pub(super) is_unsendable: bool,
    /// The record with the intent, and the version it replaces.
    pub(super) intent: SessionRecord,
    pub(super) expected: Option<StoreVersion>,
}

impl Turn {
    pub(super) fn new(
        base: SessionRecord,
        expected: Option<StoreVersion>,
        plan: &Plan,
        now: UnixTime,
    ) -> Result<Self, Error> {
        // A refresh token is bound to the key too, where the client has no other proof of who it is (DP-7).
        base.require_key(&plan.client)?;
        let used = base.refresh_token.clone();
        let grant = match (&used, &plan.grant) {
            (Some(token), _) => {
                let grant = base.resources.iter().fold(Grant::renewing(token), Grant::for_resource);
                let grant = plan
                    .refresh_parameters
                    .iter()
                    .try_fold(grant, |grant, (name, value)| grant.parameter(name, value))?;
                grant.limited_to(base.scope.clone())
            }
            (None, Some(grant)) => grant.clone(),
            (None, None) => return Err(expired()),
        };
        let intent = Intent::again(base.intent.as_ref(), now);
        let request = TokenRequest::new(&plan.client, grant)?;
        let request = match base.known.as_deref().cloned().filter(|_| used.is_some()) {
            Some(known) => {
                let begin = plan.begin.ok_or_else(|| {
                    misuse_of(
                        Rule::St4,
                        "the stored session is of a person's login, and this one is the application's own: keep each under a \
                         `StoreKey` of its own",
                    )
                })?;
                request.proving_by(Proof::Renewal(known), begin)
            }
            None => request,
        };
        Ok(Self {
            request,
            is_sent: false,
            may_have_arrived: false,
            is_unsendable: false,
            replay: base.intent.is_some(),
            intent: SessionRecord { intent: Some(intent), ..base.clone() },
            base,
            used,
            expected,
        })
    }

    pub(super) fn commit(self, outcome: Result<TokenResponse, Error>, plan: &Plan, now: UnixTime) -> Commit {
        let earlier = self.base.failure.as_deref();
        let failed =
            |error: &Error| Box::new(Failure::after(earlier, error, self.used.as_ref(), plan.spread, now));
        let verdict = match &outcome {
            Err(Error::Refused(refused)) => {
                judge(refused, self.used.as_ref(), earlier.and_then(Failure::refusals), plan.refusals, now)
            }
            // Whatever else came of it says nothing of the refusals before.
            _ => Verdict::Unsure(earlier.and_then(Failure::refusals).cloned()),
        };
        let (kind, record, result) = match (outcome.and_then(usable), verdict) {
            (Ok(tokens), _) => (Kind::Tokens, self.base.with_tokens(&tokens), Ok(())),
            (Err(Error::Refused(refused)), Verdict::Dead) => {
                let lost_before = self.replay && self.used.is_some();
                let error = if lost_before { lost(refused) } else { refused_for_good(refused) };
                // A grant of the client's own needs no person: it is tried at once, and no failure stands in its way.
                let failure = (self.used.is_none() || plan.grant.is_none()).then(|| failed(&error));
                let record =
                    SessionRecord { refresh_token: None, intent: None, failure, ..self.base.clone() };
                (Kind::Ended, record, Err(error))
            }
            // Another person's tokens, perhaps: nothing of the answer is used, and its refresh token may be spent (ID-53).
            (Err(error), _) if is_other_login(&error) => {
                let failure = Some(failed(&error));
                let (refresh_token, access_token) = (None, None);
                let record =
                    SessionRecord { refresh_token, access_token, intent: None, failure, ..self.base.clone() };
                (Kind::Ended, record, Err(error))
            }
            (Err(error), verdict) => {
                let refusals = match verdict {
                    Verdict::Unsure(refusals) => refusals,
                    Verdict::Dead => None,
                };
                let failure = Some(Box::new(failed(&error).with_refusals(refusals)));
                // Only a refusal in the server's own words says that nothing was given, and only to this request: one
                // before it may have been given something that never arrived.
                let known =
                    self.is_unsendable || (matches!(&error, Error::Refused(_)) && !error.is_transient());
                let intent = if known { self.base.intent.clone() } else { self.intent.intent.clone() };
                (Kind::Failed, SessionRecord { intent, failure, ..self.base.clone() }, Err(error))
            }
        };
        Commit::new(kind, record, self.base.generation, self.used, result)
            .after(self.intent.intent, self.expected)
    }
}

fn is_other_login(error: &Error) -> bool {
    matches!(error, Error::AuthorizationRequired(why) if matches!(why.cause(), Cause::OtherLogin))
}

/// A grant that is renewed with gets tokens for APIs, or it is of no use to a session.
fn usable(tokens: TokenResponse) -> Result<TokenResponse, Error> {
    if tokens.is_for_apis() {
        return Ok(tokens);
    }
    Err(malformed(
        Rule::Tr16,
        "the token that the exchange gave is not an access token, so no API takes it: ask for \
         `requested_token_type` access_token",
    ))
}

/// A record of ours, for what the session is for, with its version.
pub(super) fn read(stored: &Stored, plan: &Plan) -> Result<(SessionRecord, StoreVersion), Error> {
    let record = SessionRecord::from_bytes(&stored.bytes).map_err(Error::Store)?;
    let record = record.admitted(&plan.client)?;
    let record = match &plan.grant {
        Some(grant) => plan.purpose.admit_or_begin(record, grant)?,
        None => plan.purpose.admit(record)?,
    };
    Ok((SessionRecord { was_stored: true, ..record }, stored.version.clone()))
}

/// The same for a login, which replaces whatever there was: nothing is taken up of a record that is not this session's, or
/// that cannot be read.
pub(super) fn read_for_login(stored: &Stored, plan: &Plan) -> (SessionRecord, StoreVersion) {
    read(stored, plan)
        .unwrap_or_else(|_| (SessionRecord::replaced(&stored.bytes, &plan.client), stored.version.clone()))
}

/// What to renew from: the later generation, since a store may have lost what it was given; and a refresh token that
/// came from elsewhere, where the store has none but one that was refused.
pub(super) fn newest(stored: Option<SessionRecord>, held: Option<SessionRecord>) -> Option<SessionRecord> {
    let (stored, held) = match (stored, held) {
        (Some(stored), Some(held)) => (stored, held),
        (stored, held) => return stored.or(held),
    };
    // Somebody has logged in since: however often the former login's tokens were renewed, they are not brought back.
    if stored.another_login(&held) || held.is_ended() {
        return Some(stored);
    }
    if held.generation > stored.generation {
        return Some(held);
    }
    let other_token = held.generation == 0
        && held
            .refresh_token
            .as_ref()
            .is_some_and(|token| stored.failure.as_ref().is_some_and(|failure| !failure.ended(token)));
    if stored.refresh_token.is_none() && other_token {
        return Some(SessionRecord { refresh_token: held.refresh_token, failure: None, ..stored });
    }
    Some(stored)
}
