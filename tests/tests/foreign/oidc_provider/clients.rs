//! How a client proves who it is.

use valetkey_core::{Client, ClientSecret, Grant, Resource};

use super::{Visit, scope, text};
use crate::adapter::{Adapter, rows};
use crate::refusal;

rows! { secret_basic, secret_basic_form_encoded, secret_post, wrong_secret }

/// The client's own token, and what an API that asks the server learns of it.
fn on_its_own_behalf<A: Adapter>(visit: &Visit<'_, A>, client: &Client) {
    let api = Resource::new(visit.url_of("opaque")).unwrap();
    let grant = Grant::client_credentials().scope(scope("api:read")).resource(&api);
    let tokens = visit.grant(client, grant).unwrap();
    let told = visit.api("opaque", client, &tokens);
    assert_eq!(text(&told, "/client_id"), client.id());
    assert_eq!(text(&told, "/scope"), "api:read");
}

fn secret_basic(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    on_its_own_behalf(&visit, &visit.basic("basic"));
}

/// CA-2: an identifier and a secret of which form-encoding changes every second character.
fn secret_basic_form_encoded(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    on_its_own_behalf(&visit, &visit.basic("odd:id +%/"));
}

fn secret_post(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    on_its_own_behalf(&visit, &visit.client("post").secret_in_body(visit.secret()).unwrap());
}

/// ER-1: a refusal of the client itself, with the challenge that goes with Basic.
fn wrong_secret(adapter: &impl Adapter) {
    let visit = Visit::new(adapter);
    let client = visit.client("basic").secret(ClientSecret::new("another secret").unwrap()).unwrap();
    let error = visit.grant(&client, Grant::client_credentials()).unwrap_err();
    assert_eq!(refusal(&error), (401, "invalid_client"));
}
