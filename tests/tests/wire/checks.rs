//! `Checks`: which rules a message was held to and kept, beside the one that it broke.

use valetkey_core::error::Checks;
use valetkey_core::session::{RenewalAnswer, RenewalStep};
use valetkey_core::store::{MemoryStore, StoreKey};
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, AuthorizationServer, Error, Flow, Grant,
    PendingAuthorization, Quirk, Response, Rule, Session, Step, TokenRequest, TokenResponse,
};
use valetkey_tests::stored::taken_out;
use valetkey_tests::{NOW, client, client_of, entropy, json, server};

const CALLBACK: &str = "https://app.example/callback";

const TOKEN: &str =
    r#"{"access_token":"a","token_type":"Bearer","expires_in":600,"refresh_token":"r","scope":"x"}"#;

fn ids(checks: Checks) -> Vec<&'static str> {
    checks.iter().map(Rule::id).collect()
}

fn pending() -> PendingAuthorization {
    AuthorizationRequest::new(&client(), CALLBACK).unwrap().begin_unbound(entropy(1), NOW).unwrap().1
}

fn back(pending: &PendingAuthorization, parameters: &str) -> AuthorizationResponse {
    let url = format!("{CALLBACK}?{}", parameters.replace("STATE", pending.state()));
    AuthorizationResponse::from_url(&url).unwrap()
}

/// Sends the grant, answers it, and returns the checks of the flow with its outcome.
fn answered(grant: Grant, response: Response) -> (Checks, Result<TokenResponse, Error>) {
    let mut flow = TokenRequest::new(&client(), grant).unwrap();
    assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))));
    assert!(flow.checks().is_empty(), "nothing is checked before there is an answer");
    let outcome = flow.step(Some(response), NOW).map(|step| match step {
        Step::Done(tokens) => tokens,
        _ => unreachable!("one answer ends a token request"),
    });
    (flow.checks(), outcome)
}

#[test]
fn a_set_holds_what_was_put_into_it_and_nothing_else() {
    let none = Checks::default();
    assert!(none.is_empty() && none.iter().next().is_none());
    assert!(Rule::ALL.iter().all(|rule| !none.contains(*rule)));
    let (some, _) = answered(Grant::client_credentials(), json(200, TOKEN));
    assert_eq!(some.len(), some.iter().count());
    assert!(Rule::ALL.iter().all(|rule| some.contains(*rule) == some.iter().any(|held| held == *rule)));
    assert!(format!("{some:?}").contains("\"TR-5\""));
}

/// AR-1 to AR-13: a response that is right passes everything that there is to check, and no more.
#[test]
fn a_right_authorization_response_passes_every_check_of_its_kind() {
    let mut pending = pending();
    assert!(pending.checks().is_empty());
    let response = back(&pending, "code=c&state=STATE");
    pending.finish(&client(), &response, NOW).unwrap();
    assert_eq!(
        ids(pending.checks()),
        ["AR-1", "AR-2", "AR-5", "AR-7", "AR-8", "AR-9", "AR-10", "AR-11", "AR-12", "AR-13", "TR-17"]
    );
}

/// AR-3, AR-4, AR-14: what was neither announced nor sent nor bound is not counted as checked.
#[test]
fn a_check_without_an_object_is_not_counted() {
    let advertising = client_of(server().advertises_iss());
    let request = AuthorizationRequest::new(&advertising, CALLBACK).unwrap();
    let (_, mut bound) = request.begin("session", entropy(1), NOW).unwrap();
    let response = back(&bound, "code=c&state=STATE&iss=https://as.example").received_in("session");
    bound.finish(&advertising, &response, NOW).unwrap();
    assert!(bound.checks().contains(Rule::Ar3) && bound.checks().contains(Rule::Ar14));
    assert!(!bound.checks().contains(Rule::Ar4));

    let mut plain = pending();
    let response = back(&plain, "code=c&state=STATE&iss=https://as.example");
    plain.finish(&client(), &response, NOW).unwrap();
    assert!(plain.checks().contains(Rule::Ar4));
    assert!(!plain.checks().contains(Rule::Ar3) && !plain.checks().contains(Rule::Ar14));

    let careless = client_of(server().admit(Quirk::IssDiscarded));
    let (_, mut waived) =
        AuthorizationRequest::new(&careless, CALLBACK).unwrap().begin_unbound(entropy(1), NOW).unwrap();
    let response = back(&waived, "code=c&state=STATE&iss=https://other.example");
    waived.finish(&careless, &response, NOW).unwrap();
    assert!(!waived.checks().contains(Rule::Ar4), "what a quirk waives is not passed");
}

/// Each failure leaves what came before it as passed, and neither itself nor what would have come after.
#[test]
fn a_failed_check_is_the_errors_and_what_comes_after_it_is_not_reached() {
    let rows: [(&str, Rule, &[Rule], &[Rule]); 6] = [
        ("code=c&code=c&state=STATE", Rule::Ar1, &[Rule::Ar10, Rule::Ar12], &[Rule::Ar5, Rule::Ar7]),
        ("code=c&state=other", Rule::Ar5, &[Rule::Ar1, Rule::Ar11], &[Rule::Ar7, Rule::Ar9]),
        ("code=c&state=STATE&iss=https://evil.example", Rule::Ar4, &[Rule::Ar1], &[Rule::Ar5]),
        ("code=c&error=e&state=STATE", Rule::Ar7, &[Rule::Ar5], &[Rule::Ar9, Rule::Ar8]),
        ("code=c&access_token=t&state=STATE", Rule::Ar9, &[Rule::Ar5], &[Rule::Ar7, Rule::Ar8]),
        ("code=&state=STATE", Rule::Ar8, &[Rule::Ar5, Rule::Ar7, Rule::Ar9], &[]),
    ];
    for (parameters, broken, passed, unreached) in rows {
        let mut pending = pending();
        let error = pending.finish(&client(), &back(&pending, parameters), NOW).unwrap_err();
        assert_eq!(error.rule(), Some(broken), "{parameters}");
        let checks = pending.checks();
        assert!(!checks.contains(broken), "{parameters}");
        assert!(passed.iter().all(|rule| checks.contains(*rule)), "{parameters}: {checks:?}");
        assert!(unreached.iter().all(|rule| !checks.contains(*rule)), "{parameters}: {checks:?}");
    }
}

/// AR-12: a second response starts a new account, and the first one's does not shine through.
#[test]
fn the_checks_are_those_of_the_last_response() {
    let mut pending = pending();
    let (wrong, right) = (back(&pending, "code=c&state=other"), back(&pending, "code=c&state=STATE"));
    pending.finish(&client(), &wrong, NOW).unwrap_err();
    assert!(!pending.checks().contains(Rule::Ar5));
    pending.finish(&client(), &right, NOW).unwrap();
    assert!(pending.checks().contains(Rule::Ar5));
    pending.finish(&client(), &right, NOW).unwrap_err();
    assert!(pending.checks().is_empty(), "the first check of all failed");
}

/// A refusal that came by redirect was checked before it was believed: ER-1, ER-3 and ER-4.
#[test]
fn a_refusal_by_redirect_has_passed_the_checks_before_it() {
    let mut pending = pending();
    let response = back(&pending, "error=access_denied&state=STATE");
    assert!(pending.finish(&client(), &response, NOW).unwrap_err().is_access_denied());
    let checks = pending.checks();
    for rule in [Rule::Ar5, Rule::Ar7, Rule::Ar8, Rule::Er1, Rule::Er3, Rule::Er4] {
        assert!(checks.contains(rule), "{rule}");
    }
    assert!(!checks.contains(Rule::Ar9));
}

/// The record is what it was: checks are no part of it.
#[test]
fn checks_are_not_stored() {
    let mut spent = pending();
    let response = back(&spent, "code=c&state=STATE");
    spent.finish(&client(), &response, NOW).unwrap();
    let stored = serde_json::to_string(&spent).unwrap();
    assert!(!stored.contains("checks"), "{stored}");
    let restored: PendingAuthorization = taken_out(&stored);
    assert!(restored.checks().is_empty());
}

/// TR-1 to TR-19: a right token response, and the same account on the flow and on the tokens.
#[test]
fn a_right_token_response_passes_every_check_of_its_kind() {
    let (checks, outcome) = answered(Grant::client_credentials(), json(200, TOKEN));
    assert_eq!(outcome.unwrap().checks(), checks);
    assert_eq!(
        ids(checks),
        ["TR-1", "TR-2", "TR-3", "TR-4", "TR-5", "TR-6", "TR-8", "TR-9", "TR-10", "TR-11", "TR-19"]
    );
    let (short, _) =
        answered(Grant::client_credentials(), json(200, r#"{"access_token":"a","token_type":"bearer"}"#));
    assert!([Rule::Tr9, Rule::Tr10, Rule::Tr11, Rule::Tr12].iter().all(|rule| !short.contains(*rule)));
}

#[test]
fn a_failed_token_response_says_how_far_it_got() {
    let rows: [(&str, Rule, &[Rule], &[Rule]); 5] = [
        ("[]", Rule::Tr2, &[Rule::Tr1, Rule::Tr3], &[Rule::Tr4, Rule::Tr5]),
        (r#"{"access_token":""}"#, Rule::Tr5, &[Rule::Tr2, Rule::Tr4], &[Rule::Tr6]),
        (r#"{"access_token":"a"}"#, Rule::Tr6, &[Rule::Tr5], &[Rule::Tr8, Rule::Tr9]),
        (r#"{"access_token":"a","token_type":"DPoP"}"#, Rule::Tr8, &[Rule::Tr5], &[Rule::Tr6]),
        (r#"{"access_token":"a","token_type":"Bearer","expires_in":-1}"#, Rule::Tr9, &[Rule::Tr6], &[]),
    ];
    for (body, broken, passed, unreached) in rows {
        let (checks, outcome) = answered(Grant::client_credentials(), json(200, body));
        assert_eq!(outcome.unwrap_err().rule(), Some(broken), "{body}");
        assert!(!checks.contains(broken), "{body}");
        assert!(passed.iter().all(|rule| checks.contains(*rule)), "{body}: {checks:?}");
        assert!(unreached.iter().all(|rule| !checks.contains(*rule)), "{body}: {checks:?}");
    }
    let (checks, _) = answered(Grant::client_credentials(), json(201, TOKEN));
    assert!(!checks.contains(Rule::Tr1) && !checks.contains(Rule::Tr5));
}

/// TR-14, TR-11: the limit counts as a check of the grant that set it.
#[test]
fn a_scope_within_its_limit_is_a_check() {
    let token = valetkey_core::RefreshToken::new("r").unwrap();
    let limit: valetkey_core::Scope = "x y".parse().unwrap();
    let (checks, _) =
        answered(Grant::refresh_token(&token).at_most(limit.clone()).unwrap(), json(200, TOKEN));
    assert!(checks.contains(Rule::Tr14));
    let narrow: valetkey_core::Scope = "y".parse().unwrap();
    let (checks, outcome) = answered(Grant::refresh_token(&token).at_most(narrow).unwrap(), json(200, TOKEN));
    assert_eq!(outcome.unwrap_err().rule(), Some(Rule::Tr14));
    assert!(!checks.contains(Rule::Tr14));
}

/// TR-4, ER-1, ER-6: a refusal, in JSON or not.
#[test]
fn a_refusal_has_its_own_checks() {
    let (checks, _) = answered(Grant::client_credentials(), json(400, r#"{"error":"invalid_scope"}"#));
    assert_eq!(ids(checks), ["TR-4", "ER-1", "ER-3", "ER-4"]);
    let (checks, _) = answered(Grant::client_credentials(), json(503, "<h1>Back soon</h1>"));
    assert_eq!(ids(checks), ["ER-3", "ER-6"]);
    let (checks, outcome) = answered(Grant::client_credentials(), json(400, r#"{"error":""}"#));
    assert!(outcome.unwrap_err().refused().unwrap().code().is_none());
    assert_eq!(ids(checks), ["ER-3", "ER-6"]);
}

/// The quirks that are admitted are reported as such, not as passed.
#[test]
fn what_a_quirk_lets_through_is_not_passed() {
    let quirks = valetkey_core::Quirks::STRICT.with(Quirk::NoTokenType).with(Quirk::AnySuccessStatus);
    let tokens = TokenResponse::parse(
        json(201, r#"{"access_token":"a"}"#),
        NOW,
        &AuthorizationServer::new().admit_all(quirks),
    )
    .unwrap();
    assert!(tokens.quirks().contains(Quirk::NoTokenType));
    assert!(!tokens.checks().contains(Rule::Tr6) && !tokens.checks().contains(Rule::Tr1));
    assert!(tokens.checks().contains(Rule::Tr5));
}

/// AR-9, TR-5: the implicit flow's two halves are one account.
#[test]
#[expect(deprecated, reason = "the deprecated flow is tested too")]
fn the_implicit_response_is_checked_as_both() {
    let request = valetkey_core::authorize::ImplicitRequest::new(&client(), CALLBACK).unwrap();
    let (_, mut pending) = request.begin_unbound(entropy(1), NOW).unwrap();
    let url = format!("{CALLBACK}#access_token=a&token_type=bearer&expires_in=5&state={}", pending.state());
    let response = AuthorizationResponse::from_url(&url).unwrap();
    let tokens = pending.finish(&client(), &response, NOW).unwrap();
    assert_eq!(tokens.checks(), pending.checks());
    for rule in [Rule::Ar5, Rule::Ar9, Rule::Tr5, Rule::Tr6, Rule::Tr9] {
        assert!(pending.checks().contains(rule), "{rule}");
    }
}

/// A renewal accounts for its answer as a token request does.
#[test]
fn a_renewal_has_the_checks_of_its_answer() {
    let token = valetkey_core::RefreshToken::new("r").unwrap();
    let mut session = valetkey_core::Session::from_refresh_token(&client(), token);
    let (checks, outcome) = renewed(&mut session, TOKEN);
    assert!(outcome.is_ok() && checks.contains(Rule::Tr10));
    let token = valetkey_core::RefreshToken::new("r").unwrap();
    let mut session = valetkey_core::Session::from_refresh_token(&client(), token);
    let (checks, outcome) = renewed(&mut session, r#"{"access_token":""}"#);
    assert!(checks.contains(Rule::Tr2) && !checks.contains(Rule::Tr5));
    assert_eq!(outcome.unwrap_err().rule(), Some(Rule::Tr5));
}

fn renewed(session: &mut Session, body: &str) -> (Checks, Result<(), Error>) {
    let (store, key) = (MemoryStore::new(), StoreKey::in_memory());
    let mut renewal = session.renewal().unwrap();
    let mut answer = None;
    loop {
        answer = match renewal.step(answer.take(), NOW).unwrap() {
            RenewalStep::Store(step) => Some(RenewalAnswer::Store(step.on(&store, &key, NOW))),
            RenewalStep::Send(_) => {
                assert!(renewal.checks().is_empty(), "nothing was checked before the answer");
                Some(RenewalAnswer::Response(json(200, body)))
            }
            RenewalStep::Wait(time) => panic!("nothing to wait for: {time:?}"),
            RenewalStep::Done => return (renewal.checks(), session.settle(renewal, NOW)),
        };
    }
}
