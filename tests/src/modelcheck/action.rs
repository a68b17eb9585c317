//! What can happen next.

/// One thing that happens. A number is a process's, from 0; the log-out acts too, as the one after the last process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// A program in this process wants a new token.
    Wants(u8),
    /// The message of this one is carried out and answered, or a late answer to it comes.
    Goes(u8),
    /// Somebody logs the user out, without a process of their own.
    LogsOut,
    /// This process logs the user out.
    LogsOutIn(u8),
    /// The lease of one who does not move on ends, at no cost: nothing else could happen.
    LeaseEndsAtLast,
    /// A message comes that nobody waits for any longer.
    Arrives(u8),
    /// The message is lost, and its sender waits in vain.
    LosesRequest(u8),
    /// The message is carried out, and the answer is lost.
    LosesAnswer(u8),
    /// Its sender gives the message up; it is still on its way.
    IsLate(u8),
    /// The store carries the message out; its answer is still on its way.
    AnswersLate(u8),
    /// The process dies, and begins anew. Its message is still on its way.
    Dies(u8),
    /// A lease ends under its holder.
    LeaseEnds,
    /// The process's clock steps ten minutes on.
    ClockStepsOn(u8),
    /// The process's clock steps ten minutes back.
    ClockStepsBack(u8),
}

impl Action {
    /// One of each kind, so that one which never happened is seen.
    pub(super) const KINDS: [Self; 14] = [
        Self::Wants(0),
        Self::Goes(0),
        Self::LogsOut,
        Self::LogsOutIn(0),
        Self::LeaseEndsAtLast,
        Self::Arrives(0),
        Self::LosesRequest(0),
        Self::LosesAnswer(0),
        Self::IsLate(0),
        Self::AnswersLate(0),
        Self::Dies(0),
        Self::LeaseEnds,
        Self::ClockStepsOn(0),
        Self::ClockStepsBack(0),
    ];

    /// Whether something goes wrong.
    pub(super) const fn is_fault(self) -> bool {
        match self {
            Self::LosesRequest(_)
            | Self::LosesAnswer(_)
            | Self::IsLate(_)
            | Self::AnswersLate(_)
            | Self::Dies(_)
            | Self::LeaseEnds
            | Self::ClockStepsOn(_)
            | Self::ClockStepsBack(_) => true,
            Self::Wants(_)
            | Self::Goes(_)
            | Self::LogsOut
            | Self::LogsOutIn(_)
            | Self::LeaseEndsAtLast
            | Self::Arrives(_) => false,
        }
    }

    /// Whether it happens by itself in the end, whatever else does.
    pub(super) const fn is_certain(self) -> bool {
        matches!(self, Self::Wants(_) | Self::Goes(_) | Self::LeaseEndsAtLast | Self::Arrives(_))
    }

    /// Its name in a count.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Wants(_) => "renewal wanted",
            Self::Goes(_) => "step",
            Self::LogsOut => "log-out",
            Self::LogsOutIn(_) => "log-out in a process",
            Self::LeaseEndsAtLast => "lease ends at last",
            Self::Arrives(_) => "late request arrives",
            Self::LosesRequest(_) => "request lost",
            Self::LosesAnswer(_) => "answer lost",
            Self::IsLate(_) => "request late",
            Self::AnswersLate(_) => "store answers late",
            Self::Dies(_) => "process dies",
            Self::LeaseEnds => "lease ends under its holder",
            Self::ClockStepsOn(_) => "clock steps on",
            Self::ClockStepsBack(_) => "clock steps back",
        }
    }
}
