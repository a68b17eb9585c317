//! What is done for one question, whichever server has the answer: [`Errand`].
//!
//! ```text
//!            ┌────────────────────────── MOVED, ASK: there ──┐
//!            ▼                                               │
//!  ──▶ Ask a server ──▶ answered, or refused for good ──▶ Done
//!            ▲     │
//!            │     └──▶ not sent, not done, or safe to ask again ──▶ Pause ──▶ Learn who has it
//!            └───────────────────────────────────────────────────────────────────┘
//! ```
//!
//! It reads no clock and no socket: the stores for threads and for tasks carry its steps out, each within their deadline.
//!
//! What changes something is sent again only if it is certain that it was not carried out (nothing was sent, or the server said so), or if
//! it knows itself again ([`Again::Recognized`]). A single server is asked once, and once more if it broke while nobody used it; and until the
//! deadline where it says that its replicas do not have what it has.

use std::sync::Arc;
use std::time::Duration;

use redis::{ServerError, Value};

use super::fleet::Fleet;
use super::learning::Learning;
use super::question::{Again, Question};
use super::server::Server;
use super::slots::redirected;
use super::trouble::{Failed, Trouble};

/// What is done next.
pub(super) enum Step {
    /// The question is asked at this server; if it is just taking the slot over, with `ASKING` before it.
    Ask { server: Arc<Server>, is_asking: bool },
    /// This server is asked who has what, on a connection of its own.
    Learn { server: Arc<Server>, question: Question },
    /// Nothing for this long.
    Pause(Duration),
    /// This is the answer.
    Done(Result<Value, Trouble>),
}

/// The most servers that one question is asked at, or for, one after the other: whatever the deadline.
const MOST_ASKED: u32 = 1000;

/// The most redirects that are followed in a row, without a pause; and how many such rows, in three seconds: servers that have not yet heard
/// of each other may send one on and back for a moment, and those that always do so are wrong.
const MOST_REDIRECTS: u32 = 5;
const MOST_ROWS: u32 = 20;

/// The longest that a server is asked for, who has what: one that is dead must not use up the time of those that are not.
pub(super) const LEARNING: Duration = Duration::from_secs(1);

/// The first pause, and the longest.
const PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// One question on its way to its answer.
pub(super) struct Errand<'a> {
    fleet: &'a Fleet,
    question: &'a Question,
    /// Who is asked, and what was known when it was.
    server: Option<Arc<Server>>,
    is_asking: bool,
    generation: u64,
    asked: u32,
    redirects: u32,
    rows: u32,
    pause: Duration,
    /// What went wrong when it may have been carried out all the same, after which it was asked again.
    lost: Option<Trouble>,
    /// Whether it was sent once without the server's word that nothing came of it.
    may_be_done: bool,
    last: Option<Trouble>,
    /// Who has what, if it is this errand that asks for it.
    learning: Option<Learning<'a>>,
}

impl<'a> Errand<'a> {
    pub(super) fn new(fleet: &'a Fleet, question: &'a Question) -> Self {
        Self {
            fleet,
            question,
            server: None,
            is_asking: false,
            generation: 0,
            asked: 0,
            redirects: 0,
            rows: 0,
            pause: PAUSE,
            lost: None,
            may_be_done: false,
            last: None,
            learning: None,
        }
    }

    /// The first step, and the one after a pause.
    pub(super) fn go_on(&mut self) -> Step {
        if let Some(server) = self.fleet.single() {
            return self.ask(server, false);
        }
        let (is_stale, is_learning, generation) = {
            let known = self.fleet.known();
            (known.is_stale || known.generation == 0, known.is_learning, known.generation)
        };
        // What others find out serves this one too; and before it has found anything wrong itself, it need not wait for that.
        let is_untried = self.last.is_none() && generation > 0;
        let is_found_out = if is_untried { is_learning } else { generation > self.generation };
        if is_stale && !is_found_out { self.learn(is_untried) } else { self.ask_whose_it_is() }
    }

    /// The step after a server was asked.
    pub(super) fn asked(&mut self, came: Result<Value, Failed>) -> Step {
        match came {
            Ok(Value::ServerError(error)) => self.refused(&error),
            // Somebody else has come after the first time, or there was none: who knows?
            Ok(Value::Int(0)) if self.question.again == Again::Recognized && self.lost.is_some() => {
                Step::Done(Err(self.late()))
            }
            Ok(answer) => Step::Done(Ok(answer)),
            Err(Failed { trouble, was_sent }) => self.failed(trouble, was_sent),
        }
    }

    /// The step after a server was asked who has what.
    pub(super) fn learned(&mut self, came: Result<Value, Trouble>) -> Step {
        let learned = match &mut self.learning {
            Some(learning) => learning.learned(came),
            None => Err(Trouble::Strange),
        };
        match learned {
            Ok(()) => {
                self.learning = None;
                self.ask_whose_it_is()
            }
            Err(trouble) => self.next_candidate(Some(trouble)),
        }
    }

    /// Why there is no answer when the time is over: what was met last says more than that it took too long.
    pub(super) fn late(&self) -> Trouble {
        let is_single = self.fleet.single().is_some();
        let met = self.lost.or(self.last);
        met.filter(|met| !is_single || matches!(met, Trouble::Unreplicated(..))).unwrap_or(Trouble::Late)
    }

    /// This, and whether it may have been carried out all the same, the first time or any other, by a server that may yet answer.
    pub(super) fn over(&self, trouble: Trouble) -> Failed {
        Failed { trouble, was_sent: self.may_be_done }
    }

    fn ask_whose_it_is(&mut self) -> Step {
        let (node, generation) = {
            let known = self.fleet.known();
            (known.slots.server_of(self.question.slot).cloned(), known.generation)
        };
        self.generation = generation;
        match node.map(|node| self.fleet.server(&node)) {
            Some(Ok(server)) => self.ask(server, false),
            Some(Err(trouble)) => Step::Done(Err(trouble)),
            // Nobody has the slot just now, or nobody knows yet who has.
            None => self.pause(Trouble::Nobody),
        }
    }

    fn ask(&mut self, server: Arc<Server>, is_asking: bool) -> Step {
        self.asked += 1;
        if self.asked > MOST_ASKED {
            return Step::Done(Err(self.late()));
        }
        self.server = Some(Arc::clone(&server));
        self.is_asking = is_asking;
        Step::Ask { server, is_asking }
    }

    fn refused(&mut self, error: &ServerError) -> Step {
        let trouble = Trouble::refused(error);
        let (Some(server), None) = (self.server.clone(), self.fleet.single()) else {
            return Step::Done(Err(trouble));
        };
        let is_asking = error.code() == "ASK";
        if is_asking || error.code() == "MOVED" {
            self.redirects += 1;
            if self.redirects > MOST_REDIRECTS {
                self.rows += 1;
                return if self.rows < MOST_ROWS { self.pause(trouble) } else { Step::Done(Err(trouble)) };
            }
            let node = match redirected(error.details(), &server.node.host) {
                Ok(node) => node,
                Err(trouble) => return Step::Done(Err(trouble)),
            };
            let there = match self.fleet.server(&node) {
                Ok(there) => there,
                Err(trouble) => return Step::Done(Err(trouble)),
            };
            if !is_asking {
                let mut known = self.fleet.known();
                known.slots.set(self.question.slot, node);
                // Others have moved too, probably: who asks next learns all of it.
                known.is_stale = true;
            }
            return self.ask(there, is_asking);
        }
        if trouble.is_passing() { self.pause(trouble) } else { Step::Done(Err(trouble)) }
    }

    fn failed(&mut self, trouble: Trouble, was_sent: bool) -> Step {
        self.may_be_done |= was_sent;
        let is_single = self.fleet.single().is_some();
        // It was carried out, and the server goes on answering.
        let is_made = matches!(trouble, Trouble::Unreplicated(..));
        let may_again = !was_sent
            || match self.question.again {
                Again::Always => true,
                Again::Recognized => is_made || !is_single,
                Again::Never => false,
            };
        // It broke while nobody used it: often that is all.
        let is_idle = matches!(trouble, Trouble::Gone(_));
        if let Some(server) = self.server.clone()
            && is_idle
            && may_again
            && self.last.is_none()
        {
            self.note(was_sent, trouble);
            return self.ask(server, self.is_asking);
        }
        if !is_single && trouble.is_passing() {
            self.doubt();
        }
        if !may_again || !trouble.is_passing() || is_single && !is_made {
            let is_late = is_single && matches!(trouble, Trouble::Late);
            return Step::Done(Err(if is_late { self.late() } else { trouble }));
        }
        self.note(was_sent, trouble);
        self.pause(trouble)
    }

    /// Remembers what was met. That it took too long says less than what was met before.
    fn meet(&mut self, trouble: Trouble) {
        if self.last.is_none() || !matches!(trouble, Trouble::Late) {
            self.last = Some(trouble);
        }
    }

    /// Remembers that it may have been carried out.
    fn note(&mut self, was_sent: bool, trouble: Trouble) {
        self.meet(trouble);
        if was_sent && self.lost.is_none() && self.question.again == Again::Recognized {
            self.lost = Some(trouble);
        }
    }

    /// Who has what is to be learned anew, and not of this server first, unless somebody has since.
    fn doubt(&self) {
        let mut known = self.fleet.known();
        if known.generation == self.generation {
            known.is_stale = true;
            known.doubted = self.server.as_ref().map(|server| server.node.clone());
        }
    }

    fn pause(&mut self, trouble: Trouble) -> Step {
        self.doubt();
        self.meet(trouble);
        self.redirects = 0;
        let pause = self.pause;
        self.pause = (pause * 2).min(LONGEST_PAUSE);
        Step::Pause(pause)
    }

    fn learn(&mut self, is_aside: bool) -> Step {
        self.learning = Learning::begin(self.fleet, is_aside);
        if self.learning.is_some() { self.next_candidate(None) } else { Step::Pause(PAUSE) }
    }

    /// Who is asked after one that did not know, if there is another.
    fn next_candidate(&mut self, met: Option<Trouble>) -> Step {
        let is_aside = self.learning.as_ref().is_some_and(|learning| learning.is_aside);
        if let Some(met) = met
            && !is_aside
        {
            self.meet(met);
        }
        self.asked += 1;
        let is_over = self.asked > MOST_ASKED;
        if let Some(server) = self.learning.as_ref().and_then(Learning::candidate)
            && !is_over
        {
            return Step::Learn { server, question: self.fleet.asks() };
        }
        let is_hopeless = self.learning.take().is_none_or(|learning| learning.is_hopeless);
        if is_aside {
            return self.ask_whose_it_is();
        }
        let last = self.last.take().unwrap_or(Trouble::Unresolved);
        if is_hopeless || is_over { Step::Done(Err(last)) } else { self.pause(last) }
    }
}
