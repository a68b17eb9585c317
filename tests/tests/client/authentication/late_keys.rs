//! CA-4: keys that answer later, or not at all.

use std::sync::Arc;
use std::time::Duration;

use valetkey_core::jose::{Algorithm, AwsLc, DeferredSigner, Signer, SignerError};
use valetkey_core::{
    AuthorizationRequest, DeviceAuthorizationRequest, DevicePoll, Dpop, Error, Flow, Quirks, Rule, Step,
};
use valetkey_sandbox::FlowKind;
use valetkey_tests::jose::key_pair;
use valetkey_tests::script::play;
use valetkey_tests::world::same;
use valetkey_tests::{NOW, entropy, json as answer, server};

use super::world::*;

const CALLBACK: &str = "https://app.example/callback";

/// A key that answers later makes the flow wait, and go on with the very text that was to be signed.
#[test]
fn a_flow_waits_for_a_key_that_answers_later() {
    let key = key_pair(&AwsLc, Algorithm::Es256);
    let patience = Duration::from_millis(50);
    let deferred = Arc::new(DeferredSigner::new(Algorithm::Es256, key.public_key().cloned(), patience));
    let mut sandbox = sandbox_with(registered(Algorithm::Es256));
    let client = signing(met(&mut sandbox, Quirks::STRICT), deferred.clone());
    let mut flow = tokens_for(&client);
    for _ in 0..3 {
        assert!(matches!(flow.step(None, NOW), Ok(Step::Wait(time)) if time == patience));
    }
    // An answer to what was not sent is the program's mistake, and changes nothing.
    assert!(matches!(flow.step(Some(answer(200, "{}")), NOW), Err(Error::Misuse(_))));
    assert!(matches!(flow.step(None, NOW), Ok(Step::Wait(_))));
    let wanted = deferred.wanted();
    assert_eq!(wanted.len(), 1, "asking again asks for the same");
    deferred.fulfil(&wanted[0], key.sign(&wanted[0]).map(|signed| signed.ready().unwrap()));

    let later = NOW.after(Duration::from_secs(20));
    let Step::Send(request) = flow.step(None, later).unwrap() else { panic!("it is signed, and not sent") };
    let Step::Send(again) = flow.step(None, later).unwrap() else { panic!("asked again, it does not send") };
    assert!(same(&request, &again));
    assert_eq!(claims_of(&request)["iat"], NOW.as_secs(), "it was written when it was first asked for");
    let Step::Done(tokens) = flow.step(Some(sandbox.answer(&request, later)), later).unwrap() else {
        panic!("it goes on after the answer")
    };
    assert_eq!(tokens.issued_at(), later, "a token's lifetime does not include the wait for the key");
}

/// A key that fails ends the flow, before anything was sent.
#[test]
fn a_key_that_fails_ends_the_flow() {
    let key = key_pair(&AwsLc, Algorithm::Es256);
    let deferred =
        Arc::new(DeferredSigner::new(Algorithm::Es256, key.public_key().cloned(), Duration::from_secs(1)));
    let mut flow = tokens_for(&signing(server(), deferred.clone()));
    assert!(matches!(flow.step(None, NOW), Ok(Step::Wait(_))));
    let wanted = deferred.wanted();
    deferred.fulfil(&wanted[0], Err(SignerError::new("the card was pulled")));
    for _ in 0..2 {
        assert!(matches!(flow.step(None, NOW), Err(Error::Misuse(_))));
    }
}

/// DV-4: a device's code that expires while a key is waited for is not sent.
#[test]
fn a_device_does_not_wait_for_a_key_beyond_its_code() {
    let key = key_pair(&AwsLc, Algorithm::Es256);
    let deferred =
        Arc::new(DeferredSigner::new(Algorithm::Es256, key.public_key().cloned(), Duration::from_secs(1)));
    let ready = signing(all_endpoints(), key);
    let body = r#"{"device_code":"d","user_code":"WDJB-MJHT","verification_uri":"https://example.com/device","expires_in":60}"#;
    let device = play(DeviceAuthorizationRequest::new(&ready).unwrap(), [Some(answer(200, body))]);
    let mut poll = DevicePoll::new(&signing(all_endpoints(), deferred), device.outcome.unwrap()).unwrap();
    for seconds in [0, 5, 59] {
        assert!(matches!(poll.step(None, NOW.after(Duration::from_secs(seconds))), Ok(Step::Wait(_))));
    }
    let late = NOW.after(Duration::from_secs(60));
    assert_eq!(poll.step(None, late).unwrap_err().rule(), Some(Rule::Dv4));
    assert!(matches!(poll.step(None, late), Err(Error::Misuse(_))));
}

/// CA-4: an assertion that was signed after its end is not sent, and a key that never answers is waited for no longer.
#[test]
fn an_assertion_is_signed_while_it_is_good_or_not_at_all() {
    let key = key_pair(&AwsLc, Algorithm::Es256);
    for (lifetime, answers) in [(60, false), (60, true), (300, true)] {
        let patience = Duration::from_secs(1);
        let deferred = Arc::new(DeferredSigner::new(Algorithm::Es256, key.public_key().cloned(), patience));
        let client = signing(server(), deferred.clone());
        let client = client.assertion_lifetime(Duration::from_secs(lifetime)).unwrap();
        let mut flow = tokens_for(&client);
        for second in [0, lifetime - 1] {
            assert!(matches!(flow.step(None, NOW.after(Duration::from_secs(second))), Ok(Step::Wait(_))));
        }
        if answers {
            for message in deferred.wanted() {
                deferred.fulfil(&message, key.sign(&message).map(|signed| signed.ready().unwrap()));
            }
        }
        let late = NOW.after(Duration::from_secs(lifetime));
        let error = flow.step(None, late).unwrap_err();
        assert!(matches!(error, Error::Misuse(_)), "{error}");
        assert_eq!(error.rule(), Some(Rule::Ca4));
        assert!(matches!(flow.step(None, late), Err(Error::Misuse(_))), "it has ended");
    }
}

/// An answer to a poll that was not sent is the program's mistake too, and ends no person's authorization.
#[test]
fn nothing_answers_a_poll_that_waits_for_a_key() {
    let key = key_pair(&AwsLc, Algorithm::Es256);
    let patience = Duration::from_secs(1);
    let deferred = Arc::new(DeferredSigner::new(Algorithm::Es256, key.public_key().cloned(), patience));
    let ready = signing(all_endpoints(), key.clone());
    let body = r#"{"device_code":"d","user_code":"WDJB-MJHT","verification_uri":"https://example.com/device","expires_in":60}"#;
    let device = play(DeviceAuthorizationRequest::new(&ready).unwrap(), [Some(answer(200, body))]);
    let mut poll =
        DevicePoll::new(&signing(all_endpoints(), deferred.clone()), device.outcome.unwrap()).unwrap();
    let now = NOW.after(Duration::from_secs(5));
    assert!(matches!(poll.step(None, now), Ok(Step::Wait(time)) if time == patience));
    for status in [200, 503] {
        assert!(matches!(poll.step(Some(answer(status, "{}")), now), Err(Error::Misuse(_))));
        assert!(matches!(poll.step(None, now), Ok(Step::Wait(time)) if time == patience));
    }
    for message in deferred.wanted() {
        deferred.fulfil(&message, key.sign(&message).map(|signed| signed.ready().unwrap()));
    }
    assert!(matches!(poll.step(None, now), Ok(Step::Send(_))));
}

/// CA-4, AQ-12, DP-5: a request object, then an assertion and a proof at once, and both anew for a nonce.
#[test]
fn a_push_waits_for_each_of_its_signatures() {
    let key = key_pair(&AwsLc, Algorithm::Es256);
    let patience = Duration::from_secs(1);
    let deferred = Arc::new(DeferredSigner::new(Algorithm::Es256, key.public_key().cloned(), patience));
    let application = registered(Algorithm::Es256).flow(FlowKind::AuthorizationCode).redirect_uri(CALLBACK);
    let mut sandbox = sandbox_with(application.require_dpop().require_signed_request());
    sandbox.settings_mut().dpop_nonces = Some(Duration::from_secs(600));
    let client = signing(met(&mut sandbox, Quirks::STRICT), deferred.clone());
    let client = client.dpop(Dpop::of(deferred.clone(), entropy(2)).unwrap()).unwrap();
    let request = AuthorizationRequest::new(&client, CALLBACK).unwrap().signed(deferred.clone()).unwrap();

    let mut flow = request.push_unbound(entropy(3), NOW).unwrap();
    let (mut now, mut response, mut wanted, mut statuses) = (NOW, None, Vec::new(), Vec::new());
    let (url, _) = loop {
        match flow.step(response.take(), now).unwrap() {
            Step::Wait(time) => {
                let messages = deferred.wanted();
                wanted.push(messages.len());
                for message in messages {
                    deferred.fulfil(&message, key.sign(&message).map(|signed| signed.ready().unwrap()));
                }
                now = now.after(time);
            }
            Step::Send(request) => {
                let answer = sandbox.answer(&request, now);
                statuses.push(answer.status().as_u16());
                response = Some(answer);
            }
            Step::Done(output) => break output,
        }
    };
    assert!(url.as_str().contains("request_uri="));
    assert_eq!((wanted, statuses), (vec![1, 2, 2], vec![400, 201]));
}
