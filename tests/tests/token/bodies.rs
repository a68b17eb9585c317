//! S24: what is sent to the token endpoint, and pushed, is allocated once whatever its texts are, so that no copy of a secret is
//! left behind where it grew; and forms encode what does not stand for itself.

use allocation_counter::measure;
use valetkey_core::server::Endpoint;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, Client, Flow, Grant, Quirk, RefreshToken, Request, Step,
    TokenRequest,
};
use valetkey_tests::openid::CALLBACK;
use valetkey_tests::{NOW, client, client_of, entropy, server};

/// A character that takes three in a form.
const WIDE: &str = "!";
/// One that stands for itself.
const PLAIN: &str = "a";

fn sent(flow: &mut impl Flow) -> Request {
    match flow.step(None, NOW) {
        Ok(Step::Send(request)) => request,
        Ok(_) => panic!("nothing is sent"),
        Err(error) => panic!("{error}"),
    }
}

/// How often memory is asked for while the request is made.
fn allocations(flow: &mut impl Flow) -> u64 {
    // What is made once is made before.
    drop(sent(flow));
    measure(|| drop(sent(flow))).count_total
}

fn refreshing(client: &Client) -> TokenRequest {
    TokenRequest::new(client, Grant::refresh_token(&RefreshToken::new("r").unwrap())).unwrap()
}

#[test]
fn a_body_has_room_for_the_parameters_of_its_server() {
    let with = |text: &str| {
        let described = ('a'..='z').fold(server(), |server, name| {
            server.token_parameter(&name.to_string(), &text.repeat(40)).unwrap()
        });
        // A client that adds nothing itself.
        allocations(&mut refreshing(&Client::new(described, "")))
    };
    assert_eq!(with(WIDE), with(PLAIN));
}

#[test]
fn a_pushed_body_has_room_for_its_client() {
    let with = |text: &str| {
        let server = server().endpoint(Endpoint::PushedAuthorization, "https://as.example/par").unwrap();
        let client = Client::new(server, text.repeat(200));
        let request = AuthorizationRequest::new(&client, CALLBACK).unwrap();
        allocations(&mut request.push_unbound(entropy(1), NOW).unwrap())
    };
    assert_eq!(with(WIDE), with(PLAIN));
}

/// CA-4: what another has written for the request may be longer than all else in it.
#[test]
fn a_body_has_room_for_what_was_made_for_it() {
    let text = |length: usize| format!("e30.{}.AAAA", "a".repeat(length));
    let asserting = |length: usize| {
        let assertion = text(length);
        let client = Client::new(server(), "s6BhdRkqt3")
            .assertions_from(move || Ok::<_, String>(assertion.clone()))
            .unwrap();
        allocations(&mut refreshing(&client))
    };
    assert_eq!(asserting(8), asserting(4000));
    let granting = |length: usize| {
        let assertion = text(length);
        let grant = Grant::assertions_from(move || Ok::<_, String>(assertion.clone()));
        allocations(&mut TokenRequest::new(&client(), grant).unwrap())
    };
    assert_eq!(granting(8), granting(4000));
}

/// What a grant is made of is written into one piece of memory, whatever has to be encoded in it.
#[test]
fn the_form_of_a_grant_is_allocated_once() {
    let made = |grant: &dyn Fn() -> Grant| {
        drop(grant());
        measure(|| drop(grant())).count_total
    };
    assert_eq!(made(&Grant::client_credentials), 1);
    for token in [PLAIN.to_owned(), PLAIN.repeat(200), WIDE.repeat(200)] {
        let token = RefreshToken::new(token).unwrap();
        assert_eq!(made(&|| Grant::refresh_token(&token)), 1, "{token:?}");
    }
}

/// Nor does it grow while a parameter is written that was added to it, be its value empty.
#[test]
fn a_form_has_room_for_a_parameter_before_that_is_written() {
    let name = "n".repeat(500);
    let added = |value: &str| {
        let mut grant = Some(Grant::refresh_token(&RefreshToken::new("r").unwrap()));
        let add = || grant = grant.take().map(|grant| grant.parameter(&name, value).unwrap());
        measure(add).count_total
    };
    let usual = added("value");
    for value in ["", "v", "vv", &PLAIN.repeat(500), &WIDE.repeat(500)] {
        assert_eq!(added(value), usual, "{value:?}");
    }
}

/// The request for tokens of a code that came to this redirect URI, and how often memory was asked for while it was made.
fn finished(client: &Client, redirect_uri: &str, code: &str) -> (TokenRequest, u64) {
    let request = AuthorizationRequest::new(client, redirect_uri).unwrap();
    let finish = |number| {
        let (_, mut pending) = request.begin_unbound(entropy(number), NOW).unwrap();
        let back = format!("{redirect_uri}?code={code}&state={}", pending.state());
        let response = AuthorizationResponse::from_url(&back).unwrap();
        let mut flow = None;
        let counted = measure(|| flow = Some(pending.finish(client, &response, NOW).unwrap()));
        (flow.unwrap(), counted.count_total)
    };
    finish(1);
    finish(2)
}

#[test]
fn the_form_of_a_code_has_room_for_its_verifier_where_there_is_one() {
    let without = client_of(server().admit(Quirk::NoCodeChallenge));
    let (mut unchallenged, few) = finished(&without, CALLBACK, "c");
    assert!(!String::from_utf8(sent(&mut unchallenged).into_body()).unwrap().contains("code_verifier"));
    let (mut challenged, more) = finished(&client(), CALLBACK, "c");
    assert!(String::from_utf8(sent(&mut challenged).into_body()).unwrap().contains("code_verifier"));
    assert_eq!(few, more);
}

/// Each part may be longer than all the others together.
#[test]
fn a_code_and_a_redirect_uri_may_be_long() {
    let long = format!("{CALLBACK}/{}", "p".repeat(500));
    for (redirect_uri, code) in [(CALLBACK, "c".repeat(500)), (&*long, "c".to_owned())] {
        let (mut flow, _) = finished(&client(), redirect_uri, &code);
        let form = sent(&mut flow).into_body();
        let value = |name: &str| {
            form_urlencoded::parse(&form)
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.into_owned())
        };
        assert_eq!(value("code"), Some(code));
        assert_eq!(value("redirect_uri").as_deref(), Some(redirect_uri));
        assert_eq!(value("code_verifier").unwrap().len(), 43);
    }
}

/// RFC 6749 appendix B: every character of ASCII comes back, and those that are no letters, digits or `*-._` are written as octets,
/// the brackets that come after the letters too.
#[test]
fn a_form_encodes_what_does_not_stand_for_itself() {
    for character in ' '..='~' {
        for text in [character.to_string(), format!("{character}{}", "a".repeat(20))] {
            let grant = Grant::client_credentials().parameter("p", &text).unwrap();
            let body = sent(&mut TokenRequest::new(&client(), grant).unwrap()).into_body();
            let whole = String::from_utf8(body).unwrap();
            let (_, written) = whole.split_once("&p=").unwrap();
            let written = written.split('&').next().unwrap();
            let expected: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
            assert_eq!(written, expected, "{character}");
        }
    }
}
