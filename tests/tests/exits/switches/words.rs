//! What servers say in words of their own: a dead refresh token, a person's no, a device that is to wait on.

use valetkey_core::{DeviceAuthorizationRequest, DevicePoll, Rule, Session};
use valetkey_sandbox::Misbehaviour as M;
use valetkey_tests::get;

use super::*;

/// What the server says, and the member and the value by which that means `invalid_grant`.
const DEAD: &[(M, &str, &str)] = &[
    // HubSpot, Atlassian, Zoho.
    (M::RefusedInOtherWords, "status", "BAD_REFRESH_TOKEN"),
    (M::RefusedAsClient, "error_description", "refresh_token is invalid"),
    (M::RefusedAsInvalidCode, "error", "invalid_code"),
];

/// A session of a server that is known so, whose access token has expired, and when that is.
fn expired(sandbox: &mut Sandbox, known: AuthorizationServer) -> (Session, UnixTime) {
    let client = web(known, sandbox);
    let tokens = tokens(sandbox, &client, WEB).unwrap();
    (Session::from_tokens(&client, &tokens), UnixTime::from_secs(NOW.as_secs() + 3_600))
}

fn call(sandbox: &mut Sandbox, session: &mut Session, now: UnixTime) -> Error {
    run_from(sandbox, session.call(get(API)).unwrap(), now).unwrap_err()
}

fn token_requests(sandbox: &Sandbox) -> usize {
    sandbox.log().iter().filter(|entry| entry.endpoint() == valetkey_sandbox::Endpoint::Token).count()
}

/// ER-7: told what it means, the first refusal ends the session; not told, the third does. Nobody asks again after it.
#[test]
fn a_dead_refresh_token_ends_the_session_in_any_words() {
    for &(misbehaviour, member, value) in DEAD {
        for is_told in [false, true] {
            let mut sandbox = sandbox();
            let known = server(&mut sandbox, &[]);
            let known =
                if is_told { known.refusal_means(member, value, "invalid_grant").unwrap() } else { known };
            let (mut session, mut now) = expired(&mut sandbox, known);
            sandbox.misbehave(misbehaviour);
            let before = token_requests(&sandbox);
            let first = call(&mut sandbox, &mut session, now);
            assert_eq!(first.is_authorization_required(), is_told, "{misbehaviour}: {first}");
            assert_eq!(first.is_invalid_grant(), is_told, "{misbehaviour}: {first}");
            for _ in 0..10 {
                now = UnixTime::from_secs(now.as_secs() + 300);
                let _ = call(&mut sandbox, &mut session, now);
            }
            assert!(call(&mut sandbox, &mut session, now).is_authorization_required(), "{misbehaviour}");
            assert_eq!(token_requests(&sandbox) - before, if is_told { 1 } else { 3 }, "{misbehaviour}");
        }
    }
}

/// TR-5: a success without a token is no refusal by itself, as at Withings; what it means ends the session at once.
#[test]
fn a_dead_refresh_token_that_is_told_by_a_number_in_a_success_ends_the_session_where_that_is_said() {
    for is_told in [false, true] {
        let mut sandbox = sandbox();
        let known = server(&mut sandbox, &[]);
        let known =
            if is_told { known.refusal_means("status", "401", "invalid_grant").unwrap() } else { known };
        let (mut session, now) = expired(&mut sandbox, known);
        sandbox.misbehave(M::RefusedWithStatusOk);
        let error = call(&mut sandbox, &mut session, now);
        assert_eq!(error.is_authorization_required(), is_told, "{error}");
        assert_eq!(error.rule(), (!is_told).then_some(Rule::Tr5), "{error}");
    }
}

/// OpenID Connect Core §3.1.2.6: what only a person mends needs no word of the program's.
#[test]
fn a_session_that_only_the_person_mends_asks_for_the_person_at_once() {
    let mut sandbox = sandbox();
    let known = server(&mut sandbox, &[]);
    let (mut session, now) = expired(&mut sandbox, known);
    sandbox.misbehave(M::InteractionRequired);
    let before = token_requests(&sandbox);
    for _ in 0..3 {
        assert!(call(&mut sandbox, &mut session, now).is_authorization_required());
    }
    assert_eq!(token_requests(&sandbox) - before, 1);
}

/// AR-6: the person's no by another name.
#[test]
fn a_denial_in_other_words_is_known_where_that_is_said() {
    for is_told in [false, true] {
        let mut sandbox = sandbox();
        sandbox.misbehave(M::DeniedInOtherWords);
        let known = server(&mut sandbox, &[]);
        let known = if is_told {
            known.refusal_means("error", "user_denied", "access_denied").unwrap()
        } else {
            known
        };
        let client = web(known, &sandbox);
        let denied = tokens(&mut sandbox, &client, WEB).unwrap_err();
        assert_eq!(denied.is_access_denied(), is_told, "{denied}");
        assert!(denied.to_string().contains("user_denied"), "{denied}");
    }
}

/// DV-3: Twitch's word for a person who has not decided yet.
#[test]
fn a_device_that_is_to_wait_on_in_other_words_waits_where_that_is_said() {
    for is_told in [false, true] {
        let mut sandbox = sandbox();
        sandbox.misbehave_once(M::PendingInOtherWords);
        let known = server(&mut sandbox, &[]);
        let known = if is_told {
            known.refusal_means("message", "authorization_pending", "authorization_pending").unwrap()
        } else {
            known
        };
        let client = Client::new(known, "native");
        let device = run(&mut sandbox, DeviceAuthorizationRequest::new(&client).unwrap()).unwrap();
        let code = device.user_code().to_owned();
        // The person allows it once it has asked.
        let polled = run_with(DevicePoll::new(&client, device).unwrap(), NOW, |request, now| {
            let answer = sandbox.answer(request, now);
            sandbox.approve_device(&code, "alice");
            answer
        });
        assert_eq!(polled.is_ok(), is_told);
        if let Err(error) = polled {
            assert!(error.to_string().contains("authorization_pending"), "{error}");
        }
    }
}
