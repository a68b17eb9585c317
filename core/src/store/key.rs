//! What a session is kept under: [`StoreKey`] (ST-1).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::{Client, Scope};

/// What a session is kept under: everything that makes its tokens other tokens. Issuer and token endpoint, client, user,
/// resource, scope set, and the key that tokens are bound to.
///
/// ```
/// # use valetkey_core::{AuthorizationServer, Client};
/// use valetkey_core::store::StoreKey;
///
/// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
/// # let client = Client::new(server, "s6BhdRkqt3");
/// let key = StoreKey::new(&client).user("alice").scope(&"profile calendar".parse()?);
/// assert_eq!(key, StoreKey::new(&client).scope(&"calendar profile".parse()?).user("alice"));
/// assert_ne!(key, StoreKey::new(&client).user("bob").scope(&"profile calendar".parse()?));
/// assert_eq!(key.as_str().len(), 43);
/// # Ok::<(), valetkey_core::Error>(())
/// ```
///
/// It is a digest of these, as 43 characters of base64url, so that it fits file names and tells nothing.
#[derive(Clone)]
pub struct StoreKey {
    parts: [Option<String>; PARTS],
    digest: String,
}

const PARTS: usize = 7;
const ISSUER: usize = 0;
const TOKEN_ENDPOINT: usize = 1;
const CLIENT: usize = 2;
const USER: usize = 3;
const RESOURCE: usize = 4;
const SCOPE: usize = 5;
const THUMBPRINT: usize = 6;

impl StoreKey {
    /// The client's own key at its server: with the thumbprint of the key that its tokens are bound to, if it has one.
    #[must_use]
    pub fn new(client: &Client) -> Self {
        let mut parts = [const { None }; PARTS];
        let server = client.server();
        for (place, value) in [
            (ISSUER, server.issuer.clone()),
            (TOKEN_ENDPOINT, server.token_endpoint.as_ref().map(ToString::to_string)),
            (CLIENT, Some(client.id().to_owned())),
            (THUMBPRINT, client.bound_to().map(|key| key.thumbprint().to_owned())),
        ] {
            if let Some(part) = parts.get_mut(place) {
                *part = value;
            }
        }
        Self { digest: digest(&parts), parts }
    }

    /// Of this user, by whatever name the program knows them.
    #[must_use]
    pub fn user(self, user: &str) -> Self {
        self.with(USER, user.to_owned())
    }

    /// For tokens of this resource (RFC 8707).
    #[must_use]
    pub fn resource(self, resource: &str) -> Self {
        self.with(RESOURCE, resource.to_owned())
    }

    /// For tokens of this scope, as a set.
    #[must_use]
    pub fn scope(self, scope: &Scope) -> Self {
        let mut tokens: Vec<&str> = scope.iter().collect();
        tokens.sort_unstable();
        self.with(SCOPE, tokens.join(" "))
    }

    /// For tokens that are bound to a key, by its thumbprint (RFC 7638).
    #[must_use]
    pub fn thumbprint(self, thumbprint: &str) -> Self {
        self.with(THUMBPRINT, thumbprint.to_owned())
    }

    /// The digest: 43 characters of letters, digits, `-` and `_`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.digest
    }

    fn with(mut self, place: usize, value: String) -> Self {
        if let Some(part) = self.parts.get_mut(place) {
            *part = Some(value);
        }
        self.digest = digest(&self.parts);
        self
    }
}

/// Each part with its length before it, so that no two lists of parts run together to the same bytes.
fn digest(parts: &[Option<String>]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        match part {
            None => hash.update([0]),
            Some(part) => {
                hash.update([1]);
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part.as_bytes());
            }
        }
    }
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

impl PartialEq for StoreKey {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for StoreKey {}

impl std::hash::Hash for StoreKey {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreKey({})", self.digest)
    }
}
