//! How a question is asked: [`Asking`].

use redis::Value;

use super::deadline::{Deadline, Moment};
use super::question::{Again, Question};
use super::replicas::Replicas;

/// How a question is asked.
pub(super) struct Asking<'a> {
    pub(super) question: &'a Question,
    /// Whether the server is told first that it is the one that takes the slot over.
    pub(super) is_asking: bool,
    pub(super) replicas: Replicas,
    /// Whether it is the only server there is.
    pub(super) is_single: bool,
}

impl Asking<'_> {
    /// Until when a connection must be there, and until when the answer. Where there are others, half of the time that is left is left for
    /// them, unless what was sent may not be sent again.
    pub(super) fn within<M: Moment>(&self, deadline: Deadline<M>) -> (Deadline<M>, Deadline<M>) {
        let half = if self.is_single { deadline } else { deadline.share(2) };
        (half, if self.question.again == Again::Never { deadline } else { half })
    }

    /// Whether this answer says that something was changed which replicas are waited for.
    pub(super) fn is_waited_for(&self, answer: &Value) -> bool {
        self.replicas.count > 0 && self.question.is_kept && *answer == Value::Int(1)
    }
}
