//! What a record is kept under ([ST-1](crate::Rule::St1), [ST-4](crate::Rule::St4)): [`StoreKey`]; its kind: [`RecordKind`].
//!
//! Longer than most files: half of it says which key is for whom.

use std::fmt;

use crate::client::Client;
use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::store::owner::Owner;
use crate::token::grant::Grant;

/// Of which kind a record is. Later versions of the library may keep more kinds; a store keeps them all alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecordKind {
    /// The tokens of a session.
    Session,
    /// What waits for a user who is at the authorization server.
    Pending,
    /// A client that was registered dynamically.
    Registration,
    /// That something has happened, which may happen once.
    Mark,
}

impl RecordKind {
    /// The name of the kind, of lower-case letters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Pending => "pending",
            Self::Registration => "registration",
            Self::Mark => "mark",
        }
    }

    const ALL: [Self; 4] = [Self::Session, Self::Pending, Self::Registration, Self::Mark];
}

/// What a record is kept under in a store. Of a session: the client at its server, with the server's
/// [token parameters](crate::AuthorizationServer::token_parameter), the key that tokens are bound to, and **whose the session is**. Only the program knows that, so there is no key without it:
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
/// let grant = Grant::client_credentials().scope("orders:read")?;
/// let service = StoreKey::of_application(&client, &grant);
/// assert_ne!(service, alice);
/// assert_ne!(service, StoreKey::of_application(&client, &grant.parameter("audience", "https://api.example")?));
/// assert_eq!(service.as_str().len(), 43);
/// # Ok::<(), valetkey_core::Error>(())
/// ```
///
/// It is written as a digest, 43 characters of base64url, so that it fits file names and tells nothing. No secret of a
/// grant (an assertion, a subject token, a password) has a part in it. The keys of other [kinds](RecordKind) have the
/// kind's name and a dash before the digest.
#[derive(Clone)]
pub struct StoreKey {
    kind: RecordKind,
    /// Issuer, token endpoint, identifier of the client, and what its server wants in every token request.
    client: [Option<String>; 4],
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
    /// An empty name is refused by [`Session::in_store`](crate::Session::in_store) ([ST-4](crate::Rule::St4)): it is what a
    /// program has that forgot to look who is logged in.
    #[must_use]
    pub fn of_user(client: &Client, user: &str) -> Self {
        Self::digest(client, Owner::user(user))
    }

    /// For the session of the only user there is, in a command-line or desktop program that keeps a store for each of its
    /// users. In a program with more users they would all share one token.
    #[must_use]
    pub fn of_only_user(client: &Client) -> Self {
        Self::digest(client, Owner::OnlyUser)
    }

    /// For the application's own tokens, which this grant gets. Everything that the grant names in public is in the key:
    /// its type, scope, resources, audience and further parameters.
    ///
    /// A grant whose secret tells whose the token will be (an assertion, a token to exchange, a refresh token), or that has
    /// a parameter of which this library does not know whether it is a secret, needs a [`name`](Self::named) besides;
    /// without one [`Session::in_store`](crate::Session::in_store) refuses the key ([ST-4](crate::Rule::St4)).
    #[must_use]
    pub fn of_application(client: &Client, grant: &Grant) -> Self {
        Self::digest(client, Owner::application(grant))
    }

    /// For a [`MemoryStore`](crate::store::memory::MemoryStore) that holds one session and is shared with no other: what an adapter
    /// uses where the program named no store. A session in any store of its own choice is
    /// [put there](crate::Session::in_store) under one of the other keys.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::of([None, None, None, None], None, Owner::Nobody, None)
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

    /// For a pending authorization, by its `state`.
    #[must_use]
    pub fn of_pending(state: &str) -> Self {
        Self::of_kind(RecordKind::Pending, &[state])
    }

    /// For a client that was registered dynamically, by what tells it apart: the issuer, for example, and a name.
    #[must_use]
    pub fn of_registration(parts: &[&str]) -> Self {
        Self::of_kind(RecordKind::Registration, parts)
    }

    /// For a mark, by what it marks: a use, for example, the issuer of a token, and the token's `jti`.
    #[must_use]
    pub fn of_mark(parts: &[&str]) -> Self {
        Self::of_kind(RecordKind::Mark, parts)
    }

    /// The key that a store has written as [this text](Self::as_str), for what [`find`](crate::store::Store::find) returns; `None`
    /// if it is not one. It does not say whose the record is, so no session is put under it.
    ///
    /// ```
    /// use valetkey_core::store::StoreKey;
    ///
    /// let key = StoreKey::of_mark(&["logout token", "https://as.example", "bWJq"]);
    /// assert_eq!(StoreKey::from_name(key.as_str()), Some(key));
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let kind_of = |kind: &RecordKind| {
            name.strip_prefix(kind.name())?.strip_prefix('-').filter(|rest| is_digest(rest))
        };
        let kind = match RecordKind::ALL.iter().find(|kind| kind_of(kind).is_some()) {
            Some(RecordKind::Session) => return None,
            Some(kind) => *kind,
            None if is_digest(name) => RecordKind::Session,
            None => return None,
        };
        Some(Self::found(kind, name.to_owned()))
    }

    /// Of which kind its record is.
    #[must_use]
    pub const fn kind(&self) -> RecordKind {
        self.kind
    }

    /// The key as a text: for a session its digest, 43 characters of letters, digits, `-` and `_`; for other kinds the
    /// kind's [name](RecordKind::name), a dash and the digest.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.digest
    }

    fn of_kind(kind: RecordKind, parts: &[&str]) -> Self {
        let digest = crate::wire::digest::digest(kind.name(), parts.iter().copied().map(Some));
        Self::found(kind, format!("{}-{digest}", kind.name()))
    }

    /// A key of which no more is known.
    fn found(kind: RecordKind, digest: String) -> Self {
        Self {
            kind,
            client: [None, None, None, None],
            thumbprint: None,
            owner: Owner::Nobody,
            name: None,
            whose: String::new(),
            digest,
        }
    }

    fn digest(client: &Client, owner: Owner) -> Self {
        Self::of(parts_of(client), thumbprint_of(client), owner, None)
    }

    fn of(
        client: [Option<String>; 4],
        thumbprint: Option<String>,
        owner: Owner,
        name: Option<String>,
    ) -> Self {
        let whose = owner.whose(name.as_deref());
        let [issuer, endpoint, id, wanted] = &client;
        let parts = [issuer, endpoint, id, &thumbprint].map(Option::as_deref).into_iter();
        // The keys of a server that wants nothing further stay what they were.
        let parts = parts.chain([Some(whose.as_str())]).chain(wanted.as_deref().map(Some));
        let digest = crate::wire::digest::digest("store key", parts);
        Self { kind: RecordKind::Session, client, thumbprint, owner, name, whose, digest }
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
        if self.whose.is_empty() {
            let what = "the store's key was found in a store and does not say whose the session is: use \
                        `StoreKey::of_user`, `of_only_user` or `of_application`";
            return Err(misuse_of(Rule::St4, what));
        }
        if matches!(self.owner, Owner::Nobody) {
            let what = "`StoreKey::in_memory` does not say whose the session is, so it names nothing in a \
                        store: use `StoreKey::of_user`, `of_only_user` or `of_application`";
            return Err(misuse_of(Rule::St4, what));
        }
        if (&self.client, &self.thumbprint) != (&parts_of(client), &thumbprint_of(client)) {
            let what = "the store's key was made for another client, server or DPoP key than the session's";
            return Err(misuse_of(Rule::St1, what));
        }
        match &self.owner {
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

/// What tells the client apart, but for its key.
fn parts_of(client: &Client) -> [Option<String>; 4] {
    let server = client.server();
    let endpoint = server.token_endpoint.as_ref().map(ToString::to_string);
    [server.issuer.clone(), endpoint, Some(client.id().to_owned()), server.token_purpose()]
}

fn thumbprint_of(client: &Client) -> Option<String> {
    client.bound_to().map(|key| key.thumbprint().to_owned())
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

/// Whether this is a digest as [`StoreKey`] and [`Index`](crate::store::index::Index) write it.
pub(super) fn is_digest(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
