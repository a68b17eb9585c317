//! The renewal protocol as a state machine: one state for each thing it waits for.
//!
//! Longer than most files: it is one state machine, and each of its arms is read beside the others.

pub(crate) mod writing;

use std::fmt;
use std::time::Duration;

use crate::ground::error::{Error, ended, expired, misuse};
use crate::ground::flow::{Flow, Response, Step};
use crate::ground::rule::Checks;
use crate::ground::subject::Subject;
use crate::ground::time::UnixTime;
use crate::jose::signer::Signed;
use crate::session::record::SessionRecord;
use crate::session::renewal::commit::Commit;
use crate::session::renewal::failure::Failure;
use crate::session::renewal::outcome::{Outcome, Unsaved};
use crate::session::renewal::pause::Pause;
use crate::session::renewal::plan::Plan;
use crate::session::renewal::revoking::Revoking;
use crate::session::renewal::step::{RenewalAnswer, RenewalStep};
use crate::session::renewal::turn::{Turn, newest, read};
use crate::store::entry::{Lease, Replaced, StoreVersion, Stored};
use crate::store::step::{StoreAnswer, StoreStep};
use crate::terms::secret::AccessToken;
use crate::token::response::TokenResponse;

/// One renewal of a session, from [`Session::renewal`](crate::Session::renewal) to
/// [`Session::settle`](crate::Session::settle).
///
/// Like a [`Flow`], but with a store beside the network: step it, carry out what it wants, hand over what came of it. It
/// keeps its own outcome, which is told when it is settled.
pub struct Renewal {
    plan: Plan,
    held: Option<SessionRecord>,
    refused: Option<AccessToken>,
    unsaved: Option<Unsaved>,
    /// Whether it only looks at what the store has.
    /// How many renewals of the session had been settled when it began, if so.
    looks_since: Option<u64>,
    /// When the store was asked for what it has, or was given: the step that is not answered yet, and the last that was.
    asked_at: Option<UnixTime>,
    seen_at: Option<UnixTime>,
    /// Whether it is to bring another token than the store has when it looks first.
    is_forced: bool,
    has_looked: bool,
    state: State,
    lease: Option<Lease>,
    /// When the lease was asked for.
    leased_at: UnixTime,
    /// For somebody else's renewal, and for a record that changes under our hands.
    busy: Pause,
    /// Whether a refresh token was refused, and the client's own grant is tried in its place.
    fell_back: bool,
    checks: Checks,
    outcome: Option<Outcome>,
}

enum State {
    Look,
    Leasing,
    Busy,
    Reread,
    /// What was looked at is in use, and is to be kept for longer.
    Keep(Box<Keeping>),
    /// A key may answer later.
    Sign(Box<Turn>),
    Intend(Box<Turn>),
    Send(Box<Turn>),
    Commit(Box<Commit>),
    /// The store failed, or somebody wrote since: what is there now?
    Merge(Box<Commit>),
    CommitLater(Box<Commit>),
    /// The session was ended meanwhile: so are the tokens that came.
    Revoke(Box<Revoking>),
    Release,
    Ended,
}

/// A record that is in use and is to be kept for longer.
struct Keeping {
    /// As the session may use it: perhaps without a token that is bound to another key, or is for another audience.
    seen: SessionRecord,
    /// What is written: all that the store has, since others may use what this session may not.
    kept: SessionRecord,
    expected: StoreVersion,
}

/// Somebody else's renewal is looked after this often at first, and at the longest.
const FIRST_LOOK: Duration = Duration::from_millis(20);
const LONGEST_LOOK: Duration = Duration::from_millis(500);

impl Renewal {
    pub(crate) fn new(
        plan: Plan,
        held: Option<SessionRecord>,
        refused: Option<AccessToken>,
        unsaved: Option<Unsaved>,
    ) -> Self {
        // A holder that died is gone when its lease is; a caller that waits for longer is told so.
        let busy = Pause::new(FIRST_LOOK, LONGEST_LOOK, plan.lease.saturating_mul(2));
        Self {
            plan,
            held,
            refused,
            unsaved,
            looks_since: None,
            asked_at: None,
            seen_at: None,
            is_forced: false,
            has_looked: false,
            state: State::Look,
            lease: None,
            leased_at: UnixTime::default(),
            busy,
            fell_back: false,
            checks: Checks::NONE,
            outcome: None,
        }
    }

    /// Moves the renewal on. `None` asks "what now?" and changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if the answer is to something that was not asked. Whatever the store and the server say is
    /// told when the renewal is settled.
    pub fn step(&mut self, answer: Option<RenewalAnswer>, now: UnixTime) -> Result<RenewalStep, Error> {
        if let Some(answer) = answer {
            self.take(answer, now)?;
        }
        self.wanted(now)
    }

    /// Whether nothing is lost if it is never stepped again: no request is under way, and no token is unsaved. A lease
    /// that it holds ends by itself.
    #[must_use]
    pub const fn may_be_abandoned(&self) -> bool {
        self.unsaved.is_none()
            && matches!(
                self.state,
                State::Look
                    | State::Leasing
                    | State::Busy
                    | State::Reread
                    | State::Keep(_)
                    | State::Sign(_)
                    | State::Ended
            )
    }

    /// The checks that the last token response passed, whether it then failed or not; none before it came.
    #[must_use]
    pub const fn checks(&self) -> Checks {
        self.checks
    }

    /// The same, which takes no token that is there already.
    pub(crate) fn forced(self) -> Self {
        Self { is_forced: true, ..self }
    }

    /// The same, which asks for no token.
    pub(crate) fn only_looking(self, settled: u64) -> Self {
        // What is to be written stays for the next renewal.
        Self { looks_since: Some(settled), unsaved: None, ..self }
    }

    pub(crate) const fn looks_since(&self) -> Option<u64> {
        self.looks_since
    }

    pub(crate) const fn only_looks(&self) -> bool {
        self.looks_since.is_some()
    }

    pub(crate) const fn is_forced(&self) -> bool {
        self.is_forced
    }

    pub(crate) const fn ends(&self) -> u64 {
        self.plan.ends
    }

    /// What it came to; of one that was dropped before its end, the tokens that it was about to write.
    pub(crate) fn into_outcome(self) -> Option<Outcome> {
        let unsaved = match self.state {
            State::Commit(mut commit) => {
                // Its writing may have been under way, and may arrive.
                commit.is_unsure = true;
                commit.unsaved()
            }
            State::Merge(commit) | State::CommitLater(commit) => commit.unsaved(),
            State::Revoke(revoking) => return Some(revoking.into_outcome()),
            _ => None,
        };
        let dropped = |unsaved| Outcome {
            result: Err(Error::Unanswered),
            record: None,
            seen_at: None,
            granted: false,
            unsaved: Some(unsaved),
        };
        self.outcome.or_else(|| unsaved.map(dropped))
    }

    fn wanted(&mut self, now: UnixTime) -> Result<RenewalStep, Error> {
        // Waits that are over lead on; everything else is said as often as it is asked.
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Busy if self.busy.left(now).is_zero() => self.state = State::Look,
            State::CommitLater(commit) if commit.pause.left(now).is_zero() => {
                self.state = State::Merge(commit)
            }
            State::Sign(_) if self.lease_left(now).is_zero() => self.give_way(),
            State::Send(turn) if !turn.is_sent && self.lease_left(now).is_zero() => self.give_way(),
            State::Revoke(revoking) if revoking.is_over(now) => self.end_with(revoking.into_outcome()),
            state => self.state = state,
        }
        if matches!(self.state, State::Look | State::Reread | State::Merge(_) | State::Commit(_)) {
            self.asked_at.get_or_insert(now);
        }
        let load = RenewalStep::Store(StoreStep::Load);
        let replace = |expected: &Option<StoreVersion>, record: &SessionRecord| {
            let entry = record.to_entry(now).map_err(Error::Store)?;
            Ok(RenewalStep::Store(StoreStep::Replace { expected: expected.clone(), entry }))
        };
        let lease_left = self.lease_left(now);
        Ok(match &mut self.state {
            State::Look | State::Reread | State::Merge(_) => load,
            State::Leasing => RenewalStep::Store(StoreStep::Lease(self.plan.lease)),
            State::Busy => RenewalStep::Wait(self.busy.left(now)),
            State::CommitLater(commit) => RenewalStep::Wait(commit.pause.left(now)),
            State::Keep(keeping) => return replace(&Some(keeping.expected.clone()), &keeping.kept),
            State::Intend(turn) => {
                turn.intent.keep(now);
                return replace(&turn.expected, &turn.intent);
            }
            State::Commit(commit) => {
                commit.record.keep(now);
                return replace(&commit.expected, &commit.record);
            }
            State::Sign(turn) => match turn.request.sign(now) {
                Ok(Signed::Pending(time)) => RenewalStep::Wait(time.min(lease_left)),
                Ok(Signed::Ready(())) => return self.intend(now),
                Err(error) => {
                    self.end(Err(error), None);
                    return self.wanted(now);
                }
            },
            State::Send(turn) => match turn.request.step(None, now) {
                Ok(Step::Send(request)) => {
                    (turn.is_sent, turn.may_have_arrived) = (true, true);
                    RenewalStep::Send(request)
                }
                // Another proof is wanted, and its key answers later.
                Ok(Step::Wait(time)) => RenewalStep::Wait(time.min(lease_left)),
                Ok(Step::Done(tokens)) => return self.conclude(Ok(tokens), now),
                Err(error) => {
                    turn.is_unsendable = !turn.may_have_arrived;
                    return self.conclude(Err(error), now);
                }
            },
            State::Revoke(revoking) => match revoking.step(now) {
                Some(step) => step,
                None => return self.wanted(now),
            },
            State::Release => match &self.lease {
                Some(lease) => RenewalStep::Store(StoreStep::Release(lease.clone())),
                None => RenewalStep::Done,
            },
            State::Ended => RenewalStep::Done,
        })
    }

    fn take(&mut self, answer: RenewalAnswer, now: UnixTime) -> Result<(), Error> {
        use StoreAnswer::{Failed, Leased, Loaded, Released, Replaced as Answered};
        let store = match answer {
            RenewalAnswer::Store(answer) => answer,
            RenewalAnswer::Response(response) => return self.received(Some(response), now),
            RenewalAnswer::NoResponse => return self.received(None, now),
        };
        // What it says was so at some moment since it was asked.
        match self.asked_at.take() {
            Some(at) if !matches!(store, Failed(_)) => self.seen_at = Some(at),
            _ => {}
        }
        match (std::mem::replace(&mut self.state, State::Ended), store) {
            (State::Look, Loaded(stored)) => self.look(stored, false, now),
            (State::Reread, Loaded(stored)) => self.look(stored, true, now),
            (State::Merge(commit), Loaded(stored)) => self.merge(*commit, stored, now),
            (State::Leasing, Leased(Some(lease))) => {
                self.lease = Some(lease);
                self.state = State::Reread;
            }
            (State::Leasing, Leased(None)) => self.wait_for_others(now),
            (State::Keep(keeping), answer @ (Answered(_) | Failed(_))) => self.kept(*keeping, &answer),
            (State::Intend(mut turn), Answered(Replaced::Written(version))) => {
                turn.expected = Some(version);
                self.state = State::Send(turn);
            }
            (State::Intend(_), Answered(_)) => self.wait_for_others(now),
            (State::Commit(commit), Answered(Replaced::Conflict)) => self.state = State::Merge(commit),
            (State::Commit(commit), Answered(_)) => self.committed(*commit),
            (State::Release, Released | Failed(_)) => self.lease = None,
            (State::Commit(mut commit), Failed(error)) => {
                commit.is_unsure = true;
                self.commit_later(commit, error, now);
            }
            (State::Merge(commit), Failed(error)) => self.commit_later(commit, error, now),
            (State::Look | State::Leasing | State::Reread | State::Intend(_), Failed(error)) => {
                self.end(Err(Error::Store(error)), None);
            }
            (state, _) => {
                self.state = state;
                return Err(misuse("the store's answer is not to the last step"));
            }
        }
        Ok(())
    }

    fn received(&mut self, response: Option<Response>, now: UnixTime) -> Result<(), Error> {
        let turn = match &mut self.state {
            State::Send(turn) => turn,
            State::Revoke(revoking) => return revoking.received(response, now),
            _ => {
                return Err(misuse("an answer came that no request was for: step with `None` first"));
            }
        };
        if !std::mem::take(&mut turn.is_sent) {
            return Err(misuse("an answer came before its request: step the flow with `None` first"));
        }
        let outcome = match response {
            Some(response) => match turn.request.step(Some(response), now) {
                Ok(Step::Send(_) | Step::Wait(_)) => {
                    // It was refused for its proof, or it was granted and its ID token waits for keys.
                    turn.may_have_arrived = turn.request.is_proving();
                    return Ok(());
                }
                Ok(Step::Done(tokens)) => Ok(tokens),
                Err(error) => Err(error),
            },
            // It was granted, and goes on without the keys of its ID token, or asks for them once more.
            None if turn.request.unanswered(now) => return Ok(()),
            None => Err(Error::Unanswered),
        };
        self.conclude(outcome, now).map(drop)
    }

    /// What a record says: a token to use, a failure to tell, or that it is our turn.
    fn look(&mut self, stored: Option<Stored>, leased: bool, now: UnixTime) {
        if let Some(Unsaved(commit)) = self.unsaved.take() {
            return self.merge(*commit, stored, now);
        }
        let there = stored;
        let stored = match there.as_ref().map(|stored| read(stored, &self.plan)).transpose() {
            Ok(stored) => stored,
            Err(error) => return self.end(Err(error), None),
        };
        if self.only_looks() {
            return self.saw(there.as_ref(), stored, now);
        }
        // What somebody else brings after this look is new enough.
        let is_first = !std::mem::replace(&mut self.has_looked, true);
        if self.is_forced && is_first {
            let held = stored.as_ref().map(|(record, _)| record).or(self.held.as_ref());
            if let Some(token) = held.and_then(|record| record.access_token.clone()) {
                self.refused = Some(token);
            }
        }
        if let Some((record, version)) = stored.as_ref().filter(|(record, _)| !record.is_over(now)) {
            if self.is_fresh(record, now) {
                // Who takes a token up uses the session, as who looks at it does.
                return match keeping(there.as_ref(), record, version, now) {
                    Some(keeping) => self.state = State::Keep(Box::new(keeping)),
                    None => self.end(Ok(()), Some(record.clone())),
                };
            }
            if let Some(failure) = record.failure.as_ref().filter(|failure| !failure.is_over(now)) {
                return self.end(Err(failure.error()), Some(record.clone()));
            }
        }
        let (stored, version) =
            stored.map_or((None, None), |(record, version)| (Some(record), Some(version)));
        let base = match (stored, self.held.clone()) {
            (Some(tombstone), _) if tombstone.is_ended() => {
                // Nobody logs the application itself in: it begins anew.
                if !self.plan.grant.as_ref().is_some_and(|grant| grant.subject() == Subject::Application) {
                    return self.end(Err(ended()), Some(tombstone));
                }
                Some(tombstone.emptied())
            }
            // The store might as well have dropped it.
            (Some(over), _) if over.is_over(now) => match &self.plan.grant {
                Some(_) => Some(over.emptied()),
                None => return self.end(Err(ended()), Some(over.emptied())),
            },
            // It was there, so somebody has deleted it. A grant begins anew, as in a process that never saw it.
            (None, Some(held)) if held.was_stored || held.is_ended() => match &self.plan.grant {
                Some(_) if !held.is_ended() => Some(held.emptied()),
                Some(grant) if grant.subject() == Subject::Application => Some(held.emptied()),
                _ => return self.end(Err(ended()), Some(held.emptied())),
            },
            (stored, held) => newest(stored, held),
        };
        let Some(base) = base else {
            return self.end(Err(expired()), None);
        };
        if base.refresh_token.is_none() && self.plan.grant.is_none() {
            let error = base.failure.as_deref().map_or_else(expired, Failure::error);
            return self.end(Err(error), Some(base));
        }
        if !leased {
            self.leased_at = now;
            self.state = State::Leasing;
            return;
        }
        if self.lease_left(now).is_zero() {
            return self.give_way();
        }
        match Turn::new(base, version, &self.plan, now) {
            Ok(turn) => self.state = State::Sign(Box::new(turn)),
            Err(error) => self.end(Err(error), None),
        }
    }

    /// The end of one that only looks.
    fn saw(&mut self, there: Option<&Stored>, stored: Option<(SessionRecord, StoreVersion)>, now: UnixTime) {
        let keeping = stored.as_ref().and_then(|(record, version)| keeping(there, record, version, now));
        let come = |grant: bool| if grant { Ok(()) } else { Err(ended()) };
        let begins_anew = self.plan.grant.is_some();
        match (stored, self.held.clone()) {
            (Some((tombstone, _)), _) if tombstone.is_ended() => self.end(Err(ended()), Some(tombstone)),
            (Some((over, _)), _) if over.is_over(now) => self.end(come(begins_anew), Some(over.emptied())),
            // It was there, so somebody has deleted it; a grant gets others at the next renewal.
            (None, Some(held)) if held.was_stored || held.is_ended() => {
                self.end(come(begins_anew), Some(held.emptied()));
            }
            (stored, held) => match keeping {
                Some(keeping) => self.state = State::Keep(Box::new(keeping)),
                None => self.end(Ok(()), newest(stored.map(|(record, _)| record), held)),
            },
        }
    }

    /// The end of a look at one that is in use. If somebody else has written it, that was a use too; and if the store failed, the next use
    /// tries it again: what was looked at goes on.
    fn kept(&mut self, keeping: Keeping, answer: &StoreAnswer) {
        let Keeping { seen, kept, .. } = keeping;
        let is_written = matches!(answer, StoreAnswer::Replaced(Replaced::Written(_)));
        let record = if is_written { SessionRecord { kept: kept.kept, ..seen } } else { seen };
        let record = if self.only_looks() { newest(Some(record), self.held.clone()) } else { Some(record) };
        self.end(Ok(()), record);
    }

    fn is_fresh(&self, record: &SessionRecord, now: UnixTime) -> bool {
        let Some(token) = &record.access_token else { return false };
        let fresh_until = self.plan.margin.fresh_until(record.issued_at, record.expires_at, self.plan.spread);
        self.refused.as_ref() != Some(token) && fresh_until.is_none_or(|until| now < until)
    }

    /// All is signed: what is about to be sent is written down.
    fn intend(&mut self, now: UnixTime) -> Result<RenewalStep, Error> {
        if let State::Sign(turn) = std::mem::replace(&mut self.state, State::Ended) {
            self.state = State::Intend(turn);
        }
        self.wanted(now)
    }

    /// The token request has ended: what is to be written of it?
    fn conclude(
        &mut self,
        outcome: Result<TokenResponse, Error>,
        now: UnixTime,
    ) -> Result<RenewalStep, Error> {
        let State::Send(turn) = std::mem::replace(&mut self.state, State::Ended) else {
            return Err(misuse("this renewal has ended: ask the session for another"));
        };
        self.checks = turn.request.checks();
        self.state = State::Commit(Box::new(turn.commit(outcome, &self.plan, now)));
        self.wanted(now)
    }

    fn lease_left(&self, now: UnixTime) -> Duration {
        self.plan.lease.saturating_sub(now.since(self.leased_at))
    }

    /// The lease is over with nothing sent, and somebody else may have it by now: it looks again like any other, for no longer
    /// in all than it waits for a holder that died.
    fn give_way(&mut self) {
        self.lease = None;
        if !self.busy.spend(self.plan.lease) {
            return self.end(Err(Error::Unanswered), None);
        }
        self.state = State::Look;
    }

    fn wait_for_others(&mut self, now: UnixTime) {
        if !self.busy.begin(now) {
            return self.end(Err(Error::Unanswered), None);
        }
        // Under a lease of ours only somebody whose lease has ended writes: there is nobody to wait for.
        self.state = if self.lease.is_some() { State::Reread } else { State::Busy };
    }

    fn end(&mut self, result: Result<(), Error>, record: Option<SessionRecord>) {
        let unsaved = self.unsaved.take();
        self.end_with(Outcome { result, record, seen_at: None, granted: false, unsaved });
    }

    fn end_with(&mut self, outcome: Outcome) {
        self.outcome = Some(Outcome { seen_at: self.seen_at, ..outcome });
        self.state = if self.lease.is_some() { State::Release } else { State::Ended };
    }
}

/// What is to be written so that this record, which is in use, is kept for longer; `None` if it is anyway.
fn keeping(
    there: Option<&Stored>,
    seen: &SessionRecord,
    expected: &StoreVersion,
    now: UnixTime,
) -> Option<Keeping> {
    if !seen.must_be_kept(now) {
        return None;
    }
    let stored = SessionRecord::from_bytes(&there?.bytes).ok()?;
    let mut kept = SessionRecord { kept: seen.kept, indexes: seen.indexes.clone(), ..stored };
    kept.keep(now);
    Some(Keeping { seen: seen.clone(), kept, expected: expected.clone() })
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::Look => "look",
            State::Leasing => "leasing",
            State::Busy => "busy",
            State::Reread => "reread",
            State::Keep(_) => "keep",
            State::Sign(_) => "sign",
            State::Intend(_) => "intend",
            State::Send(_) => "send",
            State::Commit(_) => "commit",
            State::Merge(_) => "merge",
            State::CommitLater(_) => "commit later",
            State::Revoke(_) => "revoke",
            State::Release => "release",
            State::Ended => "ended",
        };
        f.debug_struct("Renewal")
            .field("client", &self.plan.client)
            .field("state", &state)
            .finish_non_exhaustive()
    }
}
