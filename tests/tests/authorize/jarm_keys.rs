//! JK: the keys of a signed response are fetched in the flow that needs them, and no more often than they need be.

use std::time::Duration;

use valetkey_core::authorize::{ResponseMode, SignedResponse};
use valetkey_core::{AuthorizationResponse, Client, Error, Flow, PendingAuthorization, Rule, Step};
use valetkey_sandbox::Sandbox;
use valetkey_tests::NOW;

use crate::support::*;

/// What waits for a signed response, and the response.
fn answered(sandbox: &mut Sandbox, client: &Client) -> (PendingAuthorization, AuthorizationResponse) {
    let (url, pending) = begun(&request(client).response_mode(ResponseMode::Jwt));
    let response = visited(sandbox, &url);
    (pending, response)
}

fn opening(sandbox: &mut Sandbox, client: &Client) -> SignedResponse {
    let (pending, response) = answered(sandbox, client);
    pending.open(client, &response).unwrap()
}

fn fetches(sandbox: &Sandbox) -> usize {
    sandbox.log().iter().filter(|exchange| exchange.request().uri().path() == "/oauth/jwks.json").count()
}

/// JK-2: one fetch for all responses, of all clones of the client; a new one when the server has a new key.
#[test]
fn keys_are_fetched_once_and_again_for_an_unknown_key() {
    let mut sandbox = sandbox();
    let client = client(&mut sandbox);
    for _ in 0..3 {
        let flow = opening(&mut sandbox, &client.clone());
        run(&mut sandbox, flow).unwrap();
    }
    assert_eq!(fetches(&sandbox), 1);
    sandbox.rotate_keys();
    // A moment after the last fetch too: a server may change its keys at any time.
    let flow = opening(&mut sandbox, &client);
    run(&mut sandbox, flow).unwrap();
    assert_eq!(fetches(&sandbox), 2);
    sandbox.rotate_keys();
    let mut flow = opening(&mut sandbox, &client);
    // But nobody makes us fetch on and on by naming keys that never were.
    assert_eq!(rule(flow.step(None, after(1))), Rule::Jk2);
    let mut flow = opening(&mut sandbox, &client);
    let Ok(Step::Send(request)) = flow.step(None, after(61)) else { panic!("it looks for the key") };
    assert_eq!(request.uri(), "https://as.example/oauth/jwks.json");
    let answer = sandbox.answer(&request, after(61));
    assert!(matches!(flow.step(Some(answer), after(61)), Ok(Step::Done(_))));
}

/// A fetch that is under way is waited for, and one that was given up is made by the next.
#[test]
fn two_that_need_the_keys_make_one_fetch() {
    let mut sandbox = sandbox();
    let client = client(&mut sandbox);
    let (mut first, mut second) = (opening(&mut sandbox, &client), opening(&mut sandbox, &client));
    let Ok(Step::Send(request)) = first.step(None, NOW) else { panic!("it fetches") };
    let Ok(Step::Send(again)) = first.step(None, NOW) else { panic!("asking twice is harmless") };
    assert_eq!(request.uri(), again.uri());
    let Ok(Step::Wait(time)) = second.step(None, NOW) else { panic!("it waits for the other's") };
    assert!(time > Duration::ZERO);
    // An answer to what it did not send is the program's mistake, and changes nothing.
    let answer = sandbox.answer(&request, NOW);
    assert!(matches!(second.step(Some(answer.clone()), NOW), Err(Error::Misuse(_))));
    assert!(matches!(second.step(None, NOW), Ok(Step::Wait(again)) if again == time));
    assert!(matches!(first.step(Some(answer), NOW), Ok(Step::Done(_))));
    assert!(matches!(second.step(None, NOW), Ok(Step::Done(_))));

    let client = self::client(&mut sandbox);
    let (mut first, mut second) = (opening(&mut sandbox, &client), opening(&mut sandbox, &client));
    assert!(matches!(first.step(None, NOW), Ok(Step::Send(_))));
    drop(first);
    assert!(matches!(second.step(None, after(2)), Ok(Step::Send(_))), "a dropped flow keeps nobody waiting");
}

/// While the keys cannot be fetched, those that were fresh an hour ago at most serve on; without any, it ends.
#[test]
fn old_keys_serve_while_no_new_ones_can_be_had() {
    let mut sandbox = sandbox();
    let client = client(&mut sandbox);
    let mut first = opening(&mut sandbox, &client);
    assert!(matches!(first.step(None, NOW), Ok(Step::Send(_))));
    assert!(!first.unanswered(NOW), "there is nothing to go on with");
    assert!(first.step(None, NOW).is_err(), "and it has ended");

    let mut flow = opening(&mut sandbox, &client);
    let Ok(Step::Send(request)) = flow.step(None, after(2)) else { panic!("the next one tries again") };
    let mut answer = sandbox.answer(&request, NOW);
    answer.headers_mut().insert("cache-control", "max-age=60".parse().unwrap());
    assert!(matches!(flow.step(Some(answer), after(2)), Ok(Step::Done(_))));

    let mut flow = opening(&mut sandbox, &client);
    assert!(matches!(flow.step(None, after(70)), Ok(Step::Send(_))));
    assert!(flow.unanswered(after(70)), "the old keys are good enough");
    assert!(matches!(flow.step(None, after(70)), Ok(Step::Done(_))));
    // A server that says no is told, where there are no keys.
    let mut flow = opening(&mut sandbox, &client);
    let late = NOW.after(Duration::from_secs(2 * 60 * 60));
    assert!(matches!(flow.step(None, late), Ok(Step::Send(_))));
    let refused = flow.step(Some(valetkey_tests::json(503, "{}")), late).unwrap_err();
    assert_eq!(refused.refused().unwrap().status().unwrap(), 503);
}

/// Nothing is asked for that was not asked for, and an end is an end.
#[test]
fn answers_out_of_turn_are_misuse() {
    let mut sandbox = sandbox();
    let client = client(&mut sandbox);
    let mut flow = opening(&mut sandbox, &client);
    assert!(misuse(flow.step(Some(valetkey_tests::json(200, "{}")), NOW)).is_none());
    let mut flow = opening(&mut sandbox, &client);
    assert!(!format!("{flow:?}").contains("eyJ"), "nothing of the response is shown");
    run(&mut sandbox, &mut flow).unwrap();
    assert!(misuse(flow.step(None, NOW)).is_none());
}
