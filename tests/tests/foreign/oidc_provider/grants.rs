//! What is traded for a token, and what the token is for.

use std::thread;

use serde_json::json;
use valetkey_core::terms::AuthorizationDetails;
use valetkey_core::token::{TokenExchange, TokenKind};
use valetkey_core::{
    AuthorizationRequest, DeviceAuthorizationRequest, DevicePoll, Grant, Resource, Rule, Session,
};
use valetkey_tests::get;

use super::{Visit, identity, scope, text};
use crate::adapter::{Adapter, rows};
use crate::browser::Browser;
use crate::refusal;

rows! {
    client_credentials, device, device_denied, resource_indicators, resource_refused, rich_authorization_details,
    rich_authorization_details_refused, token_exchange, token_exchange_refused,
}

/// RFC 8628, ID-15: the device polls while a person agrees on another screen, and learns who.
fn device(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.client("native");
    let request = DeviceAuthorizationRequest::new(&client).unwrap().scope(scope("openid")).unwrap();
    let device = adapter.run(request).unwrap();
    let page = device.verification_uri_complete().unwrap().to_owned();
    let person = thread::spawn(move || Browser::new().visit(&page, super::CALLBACK));
    let tokens = adapter.run(DevicePoll::new(&client, device).unwrap()).unwrap();
    assert_eq!(person.join().unwrap(), None, "a device's person is sent nowhere");
    assert_eq!(identity(&tokens).subject(), "alice");
    assert_eq!(visit.userinfo(&client, &tokens), "alice");
}

fn device_denied(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let device = adapter
        .run(DeviceAuthorizationRequest::new(&client).unwrap().scope(scope("openid")).unwrap())
        .unwrap();
    let page = device.verification_uri_complete().unwrap();
    assert_eq!(Browser::refusing().visit(page, super::CALLBACK), None);
    let error = adapter.run(DevicePoll::new(&client, device).unwrap()).unwrap_err();
    assert!(error.is_access_denied(), "{error}");
}

/// A token for the application itself, in the form of a JWT, at an API that reads it.
fn client_credentials(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let api = Resource::new(visit.url_of("jwt")).unwrap();
    let tokens = visit.grant(&client, Grant::client_credentials().resource(&api).unwrap()).unwrap();
    assert_eq!(text(&visit.api("jwt", &client, &tokens), "/sub"), "basic");
}

/// AQ-9: a person's authorization for one API is no good at another.
fn resource_indicators(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let api = Resource::new(visit.url_of("jwt")).unwrap();
    let tokens = visit
        .authorize(&client, |request| {
            request.scope(scope("openid api:read api:write")).unwrap().resource(&api).unwrap()
        })
        .unwrap();
    let told = visit.api("jwt", &client, &tokens);
    assert_eq!(text(&told, "/aud"), api.as_str());
    assert_eq!(text(&told, "/sub"), "alice");
    assert_eq!(text(&told, "/scope"), "api:read api:write");
    let elsewhere = adapter.api(Session::from_tokens(&client, &tokens));
    assert_eq!(adapter.send(&elsewhere, get(&visit.url_of("opaque"))).unwrap().status(), 401);
}

/// RFC 8707 §2: a resource that the server does not know is refused by the name of that.
fn resource_refused(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let elsewhere = Resource::new("https://elsewhere.example").unwrap();
    let grant = Grant::client_credentials().resource(&elsewhere).unwrap();
    let error = visit.grant(&visit.basic("basic"), grant).unwrap_err();
    assert_eq!(refusal(&error), (400, "invalid_target"));
}

/// AQ-10, TR-15: what a person agreed to in detail comes back in the answer, and is in the token.
fn rich_authorization_details(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let api = Resource::new(visit.url_of("jwt")).unwrap();
    let payment = json!([{ "type": "payment", "amount": "12.30", "actions": ["initiate"] }]);
    let details = AuthorizationDetails::new(&payment).unwrap();
    let tokens = visit
        .authorize(&client, |request| {
            request
                .scope(scope("openid api:read"))
                .unwrap()
                .resource(&api)
                .unwrap()
                .authorization_details(&details)
                .unwrap()
        })
        .unwrap();
    let granted = tokens.authorization_details().unwrap();
    assert_eq!(granted.types().collect::<Vec<_>>(), ["payment"]);
    assert_eq!(visit.api("jwt", &client, &tokens).get("authorization_details"), Some(&payment));
}

/// AQ-10: details of a kind that the server does not list are not even sent; those that lack something are refused.
fn rich_authorization_details_refused(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let ask = |details: &str| {
        let details = AuthorizationDetails::parse(details).unwrap();
        let request = AuthorizationRequest::new(&client, super::CALLBACK).unwrap();
        request.authorization_details(&details).map(|_| details)
    };
    assert_eq!(ask(r#"[{"type":"unheard"}]"#).unwrap_err().rule(), Some(Rule::Aq10));
    let lacking = ask(r#"[{"type":"payment"}]"#).unwrap();
    let error = visit
        .authorize(&client, |request| {
            request.scope(scope("openid")).unwrap().authorization_details(&lacking).unwrap()
        })
        .unwrap_err();
    assert_eq!(refusal(&error), (0, "invalid_authorization_details"));
}

/// TR-16: a person's token for another, by the same client.
fn token_exchange(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let tokens = visit.authorize(&client, |request| request.scope(scope("openid")).unwrap()).unwrap();
    let exchange = TokenExchange::of(tokens.access_token())
        .audience("urn:example:backend")
        .requested_token_type(TokenKind::ACCESS_TOKEN)
        .scope(scope("openid"))
        .unwrap();
    let exchanged = visit.grant(&client, exchange).unwrap();
    assert_eq!(exchanged.issued_token_type(), Some(TokenKind::ACCESS_TOKEN.as_str()));
    assert_ne!(exchanged.access_token(), tokens.access_token());
    assert_eq!(visit.userinfo(&client, &exchanged), "alice");
}

fn token_exchange_refused(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.basic("basic");
    let no_token = TokenExchange::new("unheard", TokenKind::ACCESS_TOKEN).unwrap();
    assert!(visit.grant(&client, no_token).unwrap_err().is_invalid_grant());
    let tokens = visit.authorize(&client, |request| request.scope(scope("openid")).unwrap()).unwrap();
    let forbidden = TokenExchange::of(tokens.access_token()).audience("urn:example:forbidden");
    let error = visit.grant(&client, forbidden).unwrap_err();
    assert_eq!(refusal(&error), (400, "invalid_target"));
}
