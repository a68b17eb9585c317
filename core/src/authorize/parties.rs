//! Who asks whom, and where the answer is to arrive: [`Parties`].

use std::sync::{Arc, OnceLock};

use http::Uri;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::client::Client;
use crate::wire::{form, uri};

/// The client, its server and the redirect URI of an authorization. They are the same for every person who begins it, so that all
/// that wait share one of these. Serialized as members of the pending authorization.
#[derive(Clone)]
pub(crate) struct Parties(Arc<Named>);

#[derive(Serialize, Deserialize)]
struct Named {
    client_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token_endpoint: Option<String>,
    redirect_uri: String,
    /// The redirect URI as it is in a form, once that was asked for; no part of the record.
    #[serde(skip)]
    encoded: OnceLock<String>,
}

impl Parties {
    pub(crate) fn new(client: &Client, redirect_uri: String) -> Self {
        let server = client.server();
        Self(Arc::new(Named {
            client_id: client.id().to_owned(),
            issuer: server.issuer.clone(),
            token_endpoint: server.token_endpoint.as_ref().map(uri::to_text),
            redirect_uri,
            encoded: OnceLock::new(),
        }))
    }

    /// Whether this is the client, at the server, that they name ([TR-17](crate::Rule::Tr17)).
    pub(crate) fn include(&self, client: &Client) -> bool {
        let server = client.server();
        let is_at = |endpoint: &Option<Uri>| match (&self.0.token_endpoint, endpoint) {
            (Some(expected), Some(endpoint)) => uri::is_written(endpoint, expected),
            (expected, endpoint) => expected.is_none() && endpoint.is_none(),
        };
        self.0.client_id == client.id() && self.0.issuer == server.issuer && is_at(&server.token_endpoint)
    }

    pub(crate) fn issuer(&self) -> Option<&str> {
        self.0.issuer.as_deref()
    }

    pub(crate) fn redirect_uri(&self) -> &str {
        &self.0.redirect_uri
    }

    /// The redirect URI as it is in a form. Encoded once for all who come.
    pub(crate) fn encoded_redirect_uri(&self) -> &str {
        self.0.encoded.get_or_init(|| {
            let mut encoded = String::with_capacity(self.0.redirect_uri.len() + 16);
            form::append(&mut encoded, &self.0.redirect_uri);
            encoded
        })
    }
}

impl Serialize for Parties {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Parties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Named::deserialize(deserializer).map(|named| Self(Arc::new(named)))
    }
}
