//! What all logins by one client have in common: [`Common`].

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use valetkey_async::Client;
use valetkey_async::server::Endpoint;

/// The members of a pending authorization's record that the settings say, and that are therefore in no cookie. A digest of them is: a
/// process with other settings cannot put its own in their place, so that what compares them with the client's refuses as before.
pub(crate) struct Common {
    members: Map<String, Value>,
    digest: String,
}

impl Common {
    pub(crate) fn new(client: &Client, redirect_uri: &str) -> Self {
        let server = client.server();
        let said = [
            ("version", Some(json!(1))),
            ("client_id", Some(json!(client.id()))),
            ("issuer", server.issuer_identifier().map(Value::from)),
            ("token_endpoint", server.url_of(Endpoint::Token).map(Value::from)),
            ("redirect_uri", Some(json!(redirect_uri))),
            ("response_mode", Some(json!("query"))),
            ("spent", Some(json!(false))),
        ];
        let members: Map<String, Value> =
            said.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        let hash = Sha256::digest(Value::Object(members.clone()).to_string());
        let short = hash.first_chunk::<12>().copied().unwrap_or_default();
        Self { members, digest: URL_SAFE_NO_PAD.encode(short) }
    }

    pub(crate) fn digest(&self) -> &str {
        &self.digest
    }

    /// Takes them out of a record: what it has otherwise stays, and what it does not have is `null` there.
    pub(crate) fn take_out(&self, record: &mut Map<String, Value>) {
        for (name, value) in &self.members {
            match record.get(name) {
                Some(own) if own == value => drop(record.remove(name)),
                Some(_) => {}
                None => drop(record.insert(name.clone(), Value::Null)),
            }
        }
    }

    /// Makes the record whole again, if it was these that were taken out.
    pub(crate) fn put_back(&self, digest: &str, record: &mut Map<String, Value>) -> Option<()> {
        if digest != self.digest {
            return None;
        }
        for (name, value) in &self.members {
            match record.get(name) {
                Some(Value::Null) => drop(record.remove(name)),
                Some(_) => {}
                None => drop(record.insert(name.clone(), value.clone())),
            }
        }
        Some(())
    }
}
