//! The two documents of one issuer as one ([DI-16](crate::Rule::Di16)): RFC 8414's, and OpenID's.

use serde_json::{Map, Value};

use crate::ground::endpoint::Endpoint;
use crate::ground::error::{Error, malformed};
use crate::ground::flow::Response;
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::server::metadata::Metadata;
use crate::wire::json;

/// The members that are about the document itself: those of the second are not the first's.
const OF_ITSELF: [&str; 1] = ["signed_metadata"];

impl Metadata {
    /// This document, and what only the other has. Both were checked before, each for itself.
    pub(super) fn joined(&self, other: &Self) -> Result<Self, Error> {
        for &endpoint in Endpoint::ALL {
            for urls in [
                [self.server.url_of(endpoint), other.server.url_of(endpoint)],
                [self.server.mtls_url_of(endpoint), other.server.mtls_url_of(endpoint)],
            ] {
                let [Some(ours), Some(theirs)] = urls else { continue };
                if ours != theirs {
                    let what = format!(
                        "the two documents of the issuer name two addresses for {}: take one document alone, by \
                         `Discovery::openid_first` or without `joining_documents`",
                        endpoint.name()
                    );
                    return Err(malformed(Rule::Di16, what));
                }
            }
        }
        let mut members: Map<String, Value> = json::read(&self.document.body)?;
        let others: Map<String, Value> = json::read(&other.document.body)?;
        for (name, value) in others {
            let is_lacking = members.get(&name).is_none_or(Value::is_null);
            if is_lacking && !OF_ITSELF.contains(&name.as_str()) {
                members.insert(name, value);
            }
        }
        let is_verified = self.document.is_verified && other.document.is_verified;
        let mut joined =
            Self::read(answer(&members), self.issuer(), &self.server, is_verified, UnixTime::default())?;
        joined.document.quirks = self.document.quirks.and(other.document.quirks).and(joined.document.quirks);
        joined.document.fresh_until = self.document.fresh_until.min(other.document.fresh_until);
        Ok(joined)
    }

    fn issuer(&self) -> &str {
        self.server.issuer_identifier().unwrap_or_default()
    }
}

/// The members as an answer that is in order.
fn answer(members: &Map<String, Value>) -> Response {
    let mut response = Response::new(Value::Object(members.clone()).to_string().into_bytes());
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(http::header::CONTENT_TYPE, json);
    response
}
