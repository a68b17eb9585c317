//! What is traded for a token.

use std::thread;

use valetkey_core::token::{TokenExchange, TokenKind};
use valetkey_core::{Client, DeviceAuthorizationRequest, DevicePoll, Grant};

use super::{openid, visit};
use crate::adapter::{Adapter, rows};
use crate::browser::Browser;
use crate::refusal;
use crate::visit::{CALLBACK, Visit, identity, scope, text};

rows! { client_credentials, device, device_denied, device_public, token_exchange, token_exchange_refused }

/// A token for the application itself, in the form of a JWT, at an API that reads it.
fn client_credentials(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = visit.basic("basic");
    let grant = Grant::client_credentials().scope(scope("api:read")).unwrap();
    let tokens = visit.grant(&client, grant).unwrap();
    assert_eq!(tokens.scope(), Some(&scope("api:read")));
    let told = visit.api("jwt", &client, &tokens);
    assert_eq!(text(&told, "/azp"), "basic");
    assert_eq!(text(&told, "/scope"), "api:read");
}

/// RFC 8628, ID-15: the device polls while a person logs in and agrees on another screen, and learns who.
fn at_another_screen<A: Adapter>(visit: &Visit<'_, A>, client: &Client) {
    let request = DeviceAuthorizationRequest::new(client).unwrap().scope(scope("openid")).unwrap();
    let device = visit.adapter.run(request).unwrap();
    let page = device.verification_uri_complete().unwrap().to_owned();
    let person = thread::spawn(move || Browser::new().visit(&page, CALLBACK));
    let tokens = visit.adapter.run(DevicePoll::new(client, device).unwrap()).unwrap();
    assert_eq!(person.join().unwrap(), None, "a device's person is sent nowhere");
    assert_eq!(identity(&tokens).subject(), "alice");
    assert_eq!(visit.userinfo(client, &tokens), "alice");
}

fn device(adapter: &impl Adapter) {
    let visit = visit(adapter);
    at_another_screen(&visit, &visit.basic("basic"));
}

/// CA-3: as a device usually is.
fn device_public(adapter: &impl Adapter) {
    let visit = visit(adapter);
    at_another_screen(&visit, &visit.client("television"));
}

fn device_denied(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = visit.basic("basic");
    let request = DeviceAuthorizationRequest::new(&client).unwrap().scope(scope("openid")).unwrap();
    let device = adapter.run(request).unwrap();
    assert_eq!(Browser::refusing().visit(device.verification_uri_complete().unwrap(), CALLBACK), None);
    let error = adapter.run(DevicePoll::new(&client, device).unwrap()).unwrap_err();
    assert!(error.is_access_denied(), "{error}");
}

/// TR-16: a person's token for another with less in it, by the same client.
fn token_exchange(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = visit.basic("basic");
    let ask = |request| openid(request).scope(scope("openid api:read api:write")).unwrap();
    let tokens = visit.authorize(&client, ask).unwrap();
    let exchange = TokenExchange::of(tokens.access_token())
        .requested_token_type(TokenKind::ACCESS_TOKEN)
        .scope(scope("openid api:read"))
        .unwrap();
    let exchanged = visit.grant(&client, exchange).unwrap();
    assert_eq!(exchanged.issued_token_type(), Some(TokenKind::ACCESS_TOKEN.as_str()));
    assert_ne!(exchanged.access_token(), tokens.access_token());
    let told = visit.api("jwt", &client, &exchanged);
    assert_eq!(text(&told, "/sub"), "alice");
}

fn token_exchange_refused(adapter: &impl Adapter) {
    let visit = visit(adapter);
    let client = visit.basic("basic");
    let no_token = TokenExchange::new("unheard", TokenKind::ACCESS_TOKEN).unwrap();
    assert_eq!(refusal(&visit.grant(&client, no_token).unwrap_err()), (400, "invalid_request"));
    let tokens = visit.authorize(&client, openid).unwrap();
    let forbidden = TokenExchange::of(tokens.access_token()).audience("unheard");
    assert_eq!(refusal(&visit.grant(&client, forbidden).unwrap_err()).1, "invalid_client");
}
