//! CA-1 and CA-2 as the server sees them: one method a request, Basic in either encoding, clients without a secret.

use valetkey_sandbox::{Application, BasicEncoding, FlowKind, Rights, Sandbox};

use crate::support::*;

const CREDENTIALS: Pairs<'static> = &[("grant_type", "client_credentials")];

/// A client whose name and secret survive only the right encoding.
const ODD_ID: &str = "id:with %&+£€";
const ODD_SECRET: &str = "s:ecret %&+£€=";

fn odd() -> Sandbox {
    let mut sandbox = demo();
    let rights = Rights::of(["global:Profile.View"]);
    sandbox.add_application(Application::confidential(ODD_ID, ODD_SECRET).authorized(rights.clone()));
    sandbox.add_application(Application::confidential("plain", "a:b+c %41").authorized(rights));
    sandbox
}

fn form(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn by_basic(sandbox: &mut Sandbox, client_id: &str, secret: &str) -> u16 {
    let request = basic(post("/oauth/token", CREDENTIALS), client_id, secret);
    sandbox.answer(&request, NOW).status().as_u16()
}

/// RFC 6749 §2.3.1 and Appendix B.
#[test]
fn basic_is_form_urlencoded_percent_encoded_or_raw_as_set() {
    let mut sandbox = odd();
    assert_eq!(by_basic(&mut sandbox, &form(ODD_ID), &form(ODD_SECRET)), 200);
    assert_eq!(by_basic(&mut sandbox, "plain", "a%3Ab%2Bc+%2541"), 200);
    assert_eq!(by_basic(&mut sandbox, "plain", "a:b+c %41"), 401);
    assert_eq!(by_basic(&mut sandbox, &form(ODD_ID), ODD_SECRET), 401, "a bare = or & is no encoding");
    sandbox.settings_mut().basic_encoding = BasicEncoding::Percent;
    assert_eq!(by_basic(&mut sandbox, "plain", "a%3Ab%2Bc%20%2541"), 200);
    assert_eq!(by_basic(&mut sandbox, "plain", "a%3Ab+c%20%2541"), 200, "a plus sign is one");
    assert_eq!(by_basic(&mut sandbox, "plain", "a%3Ab%2Bc+%2541"), 401, "and no space");
    sandbox.settings_mut().basic_encoding = BasicEncoding::Raw;
    assert_eq!(by_basic(&mut sandbox, "plain", "a:b+c %41"), 200);
    assert_eq!(by_basic(&mut sandbox, "plain", "a%3Ab%2Bc+%2541"), 401);
}

#[test]
fn the_secret_may_be_in_the_body_instead() {
    let mut sandbox = odd();
    let pairs = with(CREDENTIALS, &[("client_id", ODD_ID), ("client_secret", ODD_SECRET)]);
    assert_eq!(sandbox.answer(&post("/oauth/token", &pairs), NOW).status(), 200);
}

#[test]
fn two_methods_at_once_are_one_too_many() {
    let mut sandbox = demo();
    let secret = sandbox.client_secret("chatbot").unwrap().to_owned();
    let in_body = with(CREDENTIALS, &[("client_id", "chatbot"), ("client_secret", &secret)]);
    let both = basic(post("/oauth/token", &in_body), "chatbot", &secret);
    assert_eq!(Answer::of(sandbox.answer(&both, NOW)).error(), (400, "invalid_request"));
    let twice = basic(basic(post("/oauth/token", CREDENTIALS), "chatbot", &secret), "chatbot", &secret);
    assert_eq!(Answer::of(sandbox.answer(&twice, NOW)).error(), (400, "invalid_request"));
    let other = post("/oauth/token", &with(CREDENTIALS, &[("client_id", "web")]));
    assert_eq!(
        Answer::of(sandbox.answer(&basic(other, "chatbot", &secret), NOW)).error(),
        (400, "invalid_request")
    );
    let same = post("/oauth/token", &with(CREDENTIALS, &[("client_id", "chatbot")]));
    assert_eq!(sandbox.answer(&basic(same, "chatbot", &secret), NOW).status(), 200);
}

#[test]
fn a_client_that_fails_is_told_nothing_but_that() {
    let mut sandbox = demo();
    let secret = sandbox.client_secret("chatbot").unwrap().to_owned();
    let bare = || post("/oauth/token", CREDENTIALS);
    let with_basic = [
        basic(bare(), "chatbot", "wrong"),
        basic(bare(), "nobody", &secret),
        basic(bare(), "chatbot", ""),
        with_header(bare(), "authorization", "Basic !!!"),
        with_header(bare(), "authorization", "Basic bm9jb2xvbg=="),
        with_header(bare(), "authorization", "Bearer abc"),
    ];
    let mut bodies = Vec::new();
    for request in with_basic {
        let answer = Answer::of(sandbox.answer(&request, NOW));
        assert_eq!(answer.error(), (401, "invalid_client"));
        assert_eq!(answer.header("www-authenticate"), "Basic realm=\"sandbox\"");
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "one text for every reason");
    for pairs in [
        with(CREDENTIALS, &[]),
        with(CREDENTIALS, &[("client_id", "chatbot")]),
        with(CREDENTIALS, &[("client_id", "chatbot"), ("client_secret", "wrong")]),
        with(CREDENTIALS, &[("client_id", "native"), ("client_secret", "invented")]),
    ] {
        let answer = Answer::of(sandbox.answer(&post("/oauth/token", &pairs), NOW));
        assert_eq!(answer.error(), (401, "invalid_client"), "{pairs:?}");
        assert_eq!(answer.header("www-authenticate"), "", "a challenge answers a header alone");
    }
}

#[test]
fn a_public_client_only_says_its_name() {
    let mut sandbox = demo();
    let pairs = [("grant_type", "password"), ("username", "alice"), ("password", "x"), ("scope", "**")];
    sandbox.add_application(Application::public("pub").flow(FlowKind::ClientCredentials));
    assert_eq!(token(&mut sandbox, By::Public("pub"), &pairs, NOW).error(), (400, "invalid_grant"));
    let empty = basic(post("/oauth/token", &pairs), "pub", "");
    assert_eq!(Answer::of(sandbox.answer(&empty, NOW)).error(), (400, "invalid_grant"));
    let answer = token(&mut sandbox, By::Public("pub"), CREDENTIALS, NOW);
    assert_eq!(answer.error(), (400, "unauthorized_client"), "a name proves nothing");
}
