//! What the feature `tracing` adds: a span for each renewal, and events in it.

use std::sync::{Mutex, PoisonError};

use tracing::{Span, debug, field, info, info_span, warn};
use valetkey_core::UnixTime;
use valetkey_core::session::{Observer, SessionEvent};

const TARGET: &str = "valetkey";

/// Tells a session's events to `tracing`. Each session has one of its own, since each has one renewal at a time.
#[derive(Default)]
pub(crate) struct Traced {
    /// The renewal that is under way, or that has failed a moment ago.
    renewal: Mutex<Option<Span>>,
}

impl Traced {
    /// The span of the renewal, which ends with this event or goes on. The subscriber is called without the lock.
    fn span(&self, goes_on: bool) -> Span {
        let mut renewal = self.renewal.lock().unwrap_or_else(PoisonError::into_inner);
        let span = if goes_on { renewal.clone() } else { renewal.take() };
        span.unwrap_or_else(Span::none)
    }
}

impl Observer for Traced {
    fn observe(&self, key: &str, event: &SessionEvent<'_>, _: UnixTime) {
        let name = event.name();
        if let SessionEvent::Begun = event {
            let span = info_span!(
                target: TARGET,
                "valetkey.renewal",
                key,
                outcome = field::Empty,
                cause = field::Empty,
                why = field::Empty,
            );
            *self.renewal.lock().unwrap_or_else(PoisonError::into_inner) = Some(span);
            return;
        }
        let goes_on = matches!(
            event,
            SessionEvent::Shared
                | SessionEvent::StoreConflict
                | SessionEvent::Refused { .. }
                | SessionEvent::Failed { .. }
        );
        let span = self.span(goes_on);
        match event {
            SessionEvent::Done { took, .. } => {
                span.record("outcome", name);
                info!(target: TARGET, parent: &span, key, took_ms = millis(*took), "{name}");
            }
            SessionEvent::Refused { cause, took, .. } | SessionEvent::Ended { cause, took, .. } => {
                span.record("outcome", name).record("cause", field::display(cause));
                warn!(target: TARGET, parent: &span, key, took_ms = millis(*took), %cause, "{name}");
            }
            SessionEvent::Failed { cause, why, took, .. } => {
                let why = why.map(field::display);
                span.record("outcome", name).record("cause", field::display(cause)).record("why", &why);
                warn!(target: TARGET, parent: &span, key, took_ms = millis(*took), %cause, why, "{name}");
            }
            SessionEvent::Paused { until, .. } => {
                warn!(target: TARGET, parent: &span, key, until = until.as_secs(), "{name}");
            }
            _ => debug!(target: TARGET, parent: &span, key, "{name}"),
        }
    }
}

fn millis(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
