//! What a session is kept under: [`StoreKey`] (ST-1, ST-4).

use std::fmt;

use crate::client::Client;
use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::store::owner::Owner;
use crate::token::grant::Grant;

/// What a session is kept under in a store: the client at its server, the key that tokens are bound to, and **whose the
/// session is**. Only the program knows that, so there is no key without it:
///
/// | the session is | the key is made by | and has besides |
/// |---|---|---|
/// | one user's, of many | [`of_user`](Self::of_user) | the program's own name for the user |
/// | the only user's there is, as in a command-line tool | [`of_only_user`](Self::of_only_user) | nothing |
/// | the application's own | [`of_application`](Self::of_application) | everything public in its grant: type, scope, resources, audience … |
///
/// Equal keys are for sessions that may share a token. A user's scope is not in the key: a login that asks for more
/// replaces the tokens under the same key, and a program knows the key before the login, so that it finds the session
/// again. A user who has several sessions at once, one for each of two APIs for example, has them told apart by
/// [`named`](Self::named).
///
/// ```
/// # use valetkey_core::{AuthorizationServer, Client, Grant};
/// use valetkey_core::store::StoreKey;
///
/// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
/// # let client = Client::new(server, "s6BhdRkqt3");
/// let alice = StoreKey::of_user(&client, "alice");
/// assert_ne!(alice, StoreKey::of_user(&client, "bob"));
///
/// let grant = Grant::client_credentials().scope("orders:read".parse()?);
/// let service = StoreKey::of_application(&client, &grant);
/// assert_ne!(service, alice);
/// assert_ne!(service, StoreKey::of_application(&client, &grant.parameter("audience", "https://api.example")?));
/// assert_eq!(service.as_str().len(), 43);
/// # Ok::<(), valetkey_core::Error>(())
/// ```
///
/// It is written as a digest, 43 characters of base64url, so that it fits file names and tells nothing. No secret of a
/// grant (an assertion, a subject token, a password) has a part in it.
#[derive(Clone)]
pub struct StoreKey {
    /// Issuer, token endpoint and identifier of the client.
    client: [Option<String>; 3],
    thumbprint: Option<String>,
    owner: Owner,
    name: Option<String>,
    /// Owner and name as a digest, which the record has too.
    whose: String,
    digest: String,
}

impl StoreKey {
    /// For the session of one user among many. `user` is the program's own name for them: an account's number, the
    /// subject of a verified login; never something that the user may choose or change, such as a display name. Tenants
    /// and installations are told apart in the same way.
    ///
    /// An empty name is refused by [`Session::in_store`](crate::Session::in_store) (ST-4): it is what a program has that
    /// forgot to look who is logged in.
    #[must_use]
    pub fn of_user(client: &Client, user: &str) -> Self {
        Self::new(client, Owner::user(user))
    }

    /// For the session of the only user there is, in a command-line or desktop program that keeps a store for each of its
    /// users. In a program with more users they would all share one token.
    #[must_use]
    pub fn of_only_user(client: &Client) -> Self {
        Self::new(client, Owner::OnlyUser)
    }

    /// For the application's own tokens, which this grant gets. Everything that the grant names in public is in the key:
    /// its type, scope, resources, audience and further parameters.
    ///
    /// A grant whose secret tells whose the token will be (an assertion, a token to exchange, a refresh token), or that
    /// has a parameter of which this library does not know whether it is a secret, needs a [`name`](Self::named) besides;
    /// without one [`Session::in_store`](crate::Session::in_store) refuses the key (ST-4).
    #[must_use]
    pub fn of_application(client: &Client, grant: &Grant) -> Self {
        Self::new(client, Owner::application(grant))
    }

    /// For a [`MemoryStore`](crate::store::memory::MemoryStore) that holds one session and is shared with no other: what an adapter
    /// uses where the program named no store. A session in any store of its own choice is
    /// [put there](crate::Session::in_store) under one of the other keys.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::of([None, None, None], None, Owner::Nobody, None)
    }

    /// Tells several sessions of one owner apart, by a name of the program's own: `calendar` and `mail`, for example, or
    /// the service account whose assertions a grant has.
    #[must_use]
    pub fn named(self, name: &str) -> Self {
        Self::of(self.client, self.thumbprint, self.owner, Some(name.to_owned()))
    }

    /// For tokens that are bound to another key than the client's, by its thumbprint (RFC 7638): to find what was stored
    /// before the client's key was replaced.
    #[must_use]
    pub fn thumbprint(self, thumbprint: &str) -> Self {
        Self::of(self.client, Some(thumbprint.to_owned()), self.owner, self.name)
    }

    /// The digest: 43 characters of letters, digits, `-` and `_`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.digest
    }

    fn new(client: &Client, owner: Owner) -> Self {
        let server = client.server();
        let endpoint = server.token_endpoint.as_ref().map(ToString::to_string);
        let thumbprint = client.bound_to().map(|key| key.thumbprint().to_owned());
        Self::of([server.issuer.clone(), endpoint, Some(client.id().to_owned())], thumbprint, owner, None)
    }

    fn of(
        client: [Option<String>; 3],
        thumbprint: Option<String>,
        owner: Owner,
        name: Option<String>,
    ) -> Self {
        let whose = owner.whose(name.as_deref());
        let [issuer, endpoint, id] = &client;
        let parts =
            [issuer.as_deref(), endpoint.as_deref(), id.as_deref(), thumbprint.as_deref(), Some(&whose)];
        let digest = crate::wire::digest::digest("store key", parts);
        Self { client, thumbprint, owner, name, whose, digest }
    }

    pub(crate) const fn owner(&self) -> &Owner {
        &self.owner
    }

    /// Whose the session is, as its record says.
    pub(crate) fn whose(&self) -> &str {
        &self.whose
    }

    /// The key is one of this client's, and tells its owner apart from others.
    pub(crate) fn require(&self, client: &Client) -> Result<(), Error> {
        let own = Self::new(client, Owner::OnlyUser);
        if self.client != own.client || self.thumbprint != own.thumbprint {
            let what = "the store's key was made for another client, server or DPoP key than the session's";
            return Err(misuse_of(Rule::St1, what));
        }
        match &self.owner {
            Owner::Nobody => Err(misuse_of(
                Rule::St4,
                "`StoreKey::in_memory` does not say whose the session is: use `of_user`, `of_only_user` or \
                 `of_application`",
            )),
            Owner::User(user) if user.trim().is_empty() => Err(misuse_of(
                Rule::St4,
                "the user of the store's key has an empty name: name the user who is logged in",
            )),
            _ if self.name.as_ref().is_some_and(|name| name.trim().is_empty()) => Err(misuse_of(
                Rule::St4,
                "the store's key is `named` by an empty name, which tells nothing apart: name it, or leave that out",
            )),
            Owner::Application(grant) if grant.has_secrets && self.name.is_none() => Err(misuse_of(
                Rule::St4,
                "the secret or unknown parameters of the application's grant are not in the store's key: tell its \
                 sessions apart by `StoreKey::named`",
            )),
            _ => Ok(()),
        }
    }
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
