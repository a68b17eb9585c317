//! ST-4: tokens that were asked for with other parameters are another session's.

use std::sync::atomic::{AtomicUsize, Ordering};

use valetkey_core::client::{Adjust, AdjustedRequest};
use valetkey_core::error::CallbackError;
use valetkey_core::session::RenewalStep;
use valetkey_core::store::StoreKey;
use valetkey_core::{Client, Grant, RefreshToken, Rule, Session};
use valetkey_tests::renewing::{Rig, elsewhere, held, refreshing};
use valetkey_tests::{client, client_of, server};

/// What a server wants in every token request is a part of the key, unless it only says how a token is got.
#[test]
fn sessions_of_other_token_parameters_have_other_keys() {
    let grant = Grant::client_credentials();
    let of = |name: &str, value: &str| client_of(server().token_parameter(name, value).unwrap());
    let all: [&dyn Fn(&Client) -> StoreKey; 3] = [
        &|client| StoreKey::of_application(client, &grant),
        &|client| StoreKey::of_user(client, "alice"),
        &StoreKey::of_only_user,
    ];
    for keys in all {
        for name in ["audience", "tenant", "anything"] {
            assert_ne!(keys(&of(name, "A")), keys(&of(name, "B")), "{name}");
            assert_ne!(keys(&of(name, "A")), keys(&client()), "{name}");
            assert_eq!(keys(&of(name, "A")), keys(&of(name, "A")), "{name}");
        }
        assert_eq!(keys(&of("action", "requesttoken")), keys(&client()));
    }
    let of_a = StoreKey::of_application(&of("audience", "A"), &grant);
    let error = Session::from_grant(&of("audience", "B"), grant.clone()).in_store(of_a).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::St1));
}

/// A session that refreshes for another audience does not take what the store has.
#[test]
fn tokens_that_were_refreshed_for_another_audience_are_not_taken() {
    let mut rig = Rig::new();
    rig.rotates("for-a", "r1");
    let of = |session: Session, value: &str| session.with_refresh_parameter("audience", value).unwrap();
    rig.renew(&mut of(refreshing("r0"), "A")).unwrap();
    let mut other = of(elsewhere(), "B");
    let error = rig.renew(&mut other).unwrap_err();
    assert!(error.is_authorization_required(), "{error}");
    assert_eq!(held(&other), None);
    let mut same = of(elsewhere(), "A");
    rig.renew(&mut same).unwrap();
    assert_eq!(held(&same).as_deref(), Some("for-a"));
}

struct FailsSecond(AtomicUsize);

impl Adjust for FailsSecond {
    fn request(&self, _: &mut AdjustedRequest) -> Result<(), CallbackError> {
        match self.0.fetch_add(1, Ordering::SeqCst) {
            1 => Err(CallbackError::new("the vault is closed")),
            _ => Ok(()),
        }
    }
}

/// A request that was handed out may have been sent, whatever fails when it is asked for again.
#[test]
fn a_request_that_cannot_be_made_a_second_time_keeps_its_intent() {
    let client = client().adjusted_by(FailsSecond(AtomicUsize::new(0)));
    let mut rig = Rig::new();
    let session = Session::from_refresh_token(&client, RefreshToken::new("r0").unwrap());
    let session = session.in_store(StoreKey::of_only_user(&client)).unwrap();
    let mut renewal = session.renewal().unwrap();
    let (mut answer, mut sent) = (None, 0);
    loop {
        use valetkey_core::session::RenewalAnswer;
        use valetkey_core::store::Store;
        answer = match renewal.step(answer.take(), rig.now()).unwrap() {
            RenewalStep::Store(step) => {
                let store: &dyn Store = &rig.store;
                Some(RenewalAnswer::Store(step.on(store, &StoreKey::of_only_user(&client), rig.now())))
            }
            RenewalStep::Send(_) => {
                sent += 1;
                None
            }
            RenewalStep::Wait(time) => {
                rig.pass(time.as_secs() + 1);
                None
            }
            RenewalStep::Done => break,
        };
    }
    assert_eq!(sent, 1);
    assert!(!rig.record()["intent"].is_null(), "{}", rig.record());
}
