//! What becomes of a message where a protection is off.

use serde_json::Value;
use valetkey_core::session::RenewalAnswer;
use valetkey_core::store::{Lease, StoreAnswer, StoreStep, StoredBytes};

use super::Protection;

/// What a renewal hears, of which it is noted who has the lease; falsified where a protection is off.
pub(crate) fn heard(
    lease: &mut Option<Lease>,
    first_look: &mut Option<StoreAnswer>,
    answer: RenewalAnswer,
    without: Option<Protection>,
) -> RenewalAnswer {
    match answer {
        RenewalAnswer::Store(StoreAnswer::Leased(leased)) => {
            lease.clone_from(&leased);
            RenewalAnswer::Store(StoreAnswer::Leased(leased))
        }
        RenewalAnswer::Store(StoreAnswer::Loaded(loaded)) if without == Some(Protection::Reread) => {
            let first = first_look.get_or_insert(StoreAnswer::Loaded(loaded));
            RenewalAnswer::Store(first.clone())
        }
        answer => answer,
    }
}

/// The same step, which writes no intent.
pub(crate) fn without_intent(step: StoreStep) -> StoreStep {
    let StoreStep::Replace { expected, entry } = step else { return step };
    let Ok(Value::Object(mut members)) = serde_json::from_slice(entry.bytes().expose()) else {
        return StoreStep::Replace { expected, entry };
    };
    members.remove("intent");
    let bytes = StoredBytes::new(Value::Object(members).to_string().into_bytes());
    StoreStep::Replace { expected, entry: entry.with_bytes(bytes) }
}
