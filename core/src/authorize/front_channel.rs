//! A request through the browser, whatever it asks for: [`FrontChannel`], shared with the implicit request.
//!
//! ```text
//!  plain    endpoint ? response_type, client_id, redirect_uri … state, code_challenge
//!  signed   endpoint ? client_id, request         RFC 9101; encrypted too, if it is to be; response_type and scope of a login
//!  pushed   endpoint ? client_id, request_uri     RFC 9126
//! ```
//!
//! Longer than most files: what is sent is beside what is refused before it is sent.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use form_urlencoded::Serializer;

use crate::authorize::expected::Expected;
use crate::authorize::parties::Parties;
use crate::authorize::request_object::{Encrypting, RequestObject};
use crate::authorize::{request_object, supported};
use crate::client::Client;
use crate::client::held::Front;
use crate::client::security_profile::SecurityProfile;
use crate::ground::endpoint::Endpoint;
use crate::ground::entropy::Entropy;
use crate::ground::error::{Error, misuse_of};
use crate::ground::quirk::Quirks;
use crate::ground::response_mode::ResponseMode;
use crate::ground::response_type::ResponseType;
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::identity::asked::is_openid;
use crate::jose::jwe::Encryption;
use crate::jose::jwt::JwtSigner;
use crate::server::keys::ServerKeys;
use crate::terms::access::Asks;
use crate::terms::authorization_details::AuthorizationDetails;
use crate::terms::names::Names;
use crate::terms::parameter::OF_AUTHORIZATION_REQUESTS;
use crate::terms::scope::Scope;
use crate::terms::secret::State;
use crate::wire::uri::BrowserUrl;
use crate::wire::{form, redirect_uri};

/// How long a person may take at the server unless the program says otherwise.
const VALID_FOR: Duration = Duration::from_secs(10 * 60);

/// A request through the browser, prepared.
#[derive(Clone)]
pub(crate) struct FrontChannel {
    pub(crate) client: Client,
    /// Between whom it is, shared by all that it begins.
    parties: Parties,
    /// What departs in the request itself.
    pub(crate) quirks: Quirks,
    response_type: &'static str,
    usual_mode: ResponseMode,
    /// As the program wants it; its default depends on what comes, and on the server.
    mode: Option<ResponseMode>,
    /// Whether an ID token comes.
    has_id_token: bool,
    pub(crate) scope: Option<Scope>,
    parameters: Vec<(String, String)>,
    /// Their names.
    names: Names,
    valid_for: Duration,
    signer: Option<JwtSigner>,
    /// How a signed request is encrypted, and the keys among which the server's own for that is.
    encryption: Option<(Encryption, ServerKeys)>,
    /// Whether it is pushed to whatever server.
    pub(crate) pushed: bool,
    /// Whether a pushed request names the client's key by its thumbprint alone.
    pub(crate) key_by_thumbprint: bool,
    /// Where the response is to come, found once: it takes a look at each token of the scope.
    settled: OnceLock<ResponseMode>,
    /// Everything of the URL that is the same each time, encoded once.
    prepared: OnceLock<String>,
}

/// The parameters that differ each time, beside `state`.
pub(crate) type Own<'a> = [Option<(&'static str, &'a str)>; 3];

/// What the URL of a request carries.
pub(crate) enum Carried {
    /// The parameters: this is the URL.
    Plain(BrowserUrl),
    /// An object that is to be made first.
    Object(Box<RequestObject>),
}

impl FrontChannel {
    pub(crate) fn new(
        client: &Client,
        redirect_uri: String,
        response_type: &'static str,
        usual_mode: ResponseMode,
    ) -> Result<Self, Error> {
        let unusual = redirect_uri::redirect_uri(&redirect_uri, client.server().quirks())?;
        Ok(Self {
            quirks: unusual.map_or_else(Quirks::default, |quirk| Quirks::default().with(quirk)),
            client: client.clone(),
            parties: Parties::new(client, redirect_uri),
            response_type,
            usual_mode,
            mode: None,
            has_id_token: false,
            scope: None,
            parameters: Vec::new(),
            names: Names::default(),
            valid_for: VALID_FOR,
            signer: None,
            encryption: None,
            pushed: false,
            key_by_thumbprint: false,
            settled: OnceLock::new(),
            prepared: OnceLock::new(),
        })
    }

    pub(crate) fn response_mode(self, mode: ResponseMode) -> Self {
        Self { mode: Some(mode), settled: OnceLock::new(), prepared: OnceLock::new(), ..self }
    }

    /// What is asked for, of which an ID token is never in a query (Multiple Response Types §3, §5).
    pub(crate) fn response_type(self, asked: ResponseType) -> Self {
        let has_id_token = asked.has_id_token();
        let usual_mode = if has_id_token { ResponseMode::Fragment } else { ResponseMode::Query };
        Self {
            response_type: asked.name(),
            has_id_token,
            usual_mode,
            settled: OnceLock::new(),
            prepared: OnceLock::new(),
            ..self
        }
    }

    /// Where the response is to come: where the program says, or else, for one with an ID token, in a form if the server lists
    /// that, which no script of a page reads ([AQ-16](crate::Rule::Aq16)).
    pub(crate) fn mode(&self) -> ResponseMode {
        *self.settled.get_or_init(|| self.find_mode())
    }

    fn find_mode(&self) -> ResponseMode {
        let form = ResponseMode::FormPost;
        let lists_form = || {
            let listed = self.client.server().listed("response_modes_supported");
            listed.is_some_and(|listed| listed.iter().any(|mode| mode == form.name()))
        };
        match self.mode {
            Some(mode) => mode,
            None if self.has_id_token && lists_form() => form,
            // A signed ID token beside the code is a signature under the response.
            None if !self.has_id_token && self.signs_messages() => ResponseMode::Jwt,
            None if self.scope.as_ref().is_some_and(|scope| self.client.server().answers_by_form(scope)) => {
                form
            }
            None => self.usual_mode,
        }
    }

    pub(crate) fn valid_for(self, valid_for: Duration) -> Self {
        Self { valid_for, ..self }
    }

    /// A parameter that the library sets for a server it knows, in the place of an earlier value.
    pub(crate) fn known_parameter(mut self, name: &'static str, value: &str) -> Self {
        self.parameters.retain(|(known, _)| known != name);
        self.put(name, value);
        self
    }

    /// What was set under this name.
    pub(crate) fn values(&self, name: &'static str) -> impl Iterator<Item = &str> {
        self.parameters.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter of the request, from each place that may put it there: the program, the description of the
    /// server, or the query of the authorization endpoint.
    pub(crate) fn value(&self, name: &str) -> Option<Cow<'_, str>> {
        let usual = &self.client.server().authorization_parameters;
        let found = self.parameters.iter().chain(usual).find(|(known, _)| known == name);
        let in_query = || self.own_query().find(|(known, _)| known == name).map(|(_, value)| value);
        found.map(|(_, value)| value.as_str().into()).or_else(in_query)
    }

    /// Whether it asks for access while the person is away, which a person consents to (OpenID Connect Core §11,
    /// [AQ-25](crate::Rule::Aq25)); and nothing else says what the person is to be asked for.
    fn asks_for_consent(&self) -> bool {
        let has = |scope: &Scope, wanted| scope.iter().any(|token| token == wanted);
        self.scope.as_ref().is_some_and(|scope| has(scope, "openid") && has(scope, "offline_access"))
            && !self.client.server().offline_without_consent
            && self.value("prompt").is_none()
    }

    /// The parameters that the authorization endpoint has in its own query.
    fn own_query(&self) -> form_urlencoded::Parse<'_> {
        let endpoint = self.client.server().authorization_endpoint.as_deref().unwrap_or_default();
        let query = form::split_once(endpoint, b'?').map_or("", |(_, query)| query);
        form_urlencoded::parse(query.as_bytes())
    }

    /// Signs what is asked for.
    pub(crate) fn signer(self, signer: JwtSigner) -> Self {
        Self { signer: Some(signer), ..self }
    }

    /// Encrypts what is signed.
    pub(crate) fn encryption(self, encryption: Encryption, keys: ServerKeys) -> Self {
        Self { encryption: Some((encryption, keys)), ..self }
    }

    /// Whether it is signed.
    pub(crate) const fn is_signed(&self) -> bool {
        self.signer.is_some()
    }

    /// Whether it is to be pushed: the program or its profile wants it, or the server takes nothing else.
    pub(crate) fn is_pushed(&self) -> bool {
        self.pushed
            || self.client.server().announces("require_pushed_authorization_requests")
            || self.client.held_to().is_some_and(SecurityProfile::is_fapi_2)
    }

    fn signs_messages(&self) -> bool {
        self.client.held_to().is_some_and(SecurityProfile::signs_messages)
    }

    /// Whether it is what the client's profile wants.
    pub(crate) fn require_profile(&self, is_pushed: bool) -> Result<(), Error> {
        self.client.require_profile_of(&Front {
            response_type: self.response_type,
            mode: self.mode(),
            signed_by: self.signer.as_ref().map(|signer| signer.signer().algorithm()),
            is_pushed,
            redirect_uri: self.parties.redirect_uri(),
        })
    }

    /// A new request: what is unpredictable in it, and what is expected of its response.
    pub(crate) fn expect(
        &self,
        state: State,
        now: UnixTime,
        session: Option<String>,
    ) -> Result<Expected, Error> {
        let server = self.client.server();
        if self.signer.is_none() && server.announces("require_signed_request_object") {
            return Err(misuse_of(
                Rule::Aq14,
                "the server takes signed requests only: sign this one with `AuthorizationRequest::signed`",
            ));
        }
        if self.mode().is_signed() && server.issuer.is_none() {
            let what = "a signed response needs a server whose issuer is known: discover the server, or \
                        name its `issuer`";
            return Err(misuse_of(Rule::Jm2, what));
        }
        let mode = self.mode().name();
        if self.mode() != self.usual_mode && !server.admits("response_modes_supported", mode) {
            let what = format!(
                "the server lists its response modes (response_modes_supported), and {mode} is not among them: ask for \
                 a listed one, or, if the server takes this one although it is not listed, say so by \
                 `AuthorizationServer::list(\"response_modes_supported\", [\"{mode}\"])`"
            );
            return Err(misuse_of(Rule::Ar11, what));
        }
        supported::require(&self.client, self.signer.is_some(), |name| self.value(name))?;
        Ok(Expected::new(
            &self.client,
            self.parties.clone(),
            self.mode(),
            state,
            session,
            now,
            self.valid_for,
        ))
    }

    /// The URL of a request that goes through the browser as a whole; `own` are the parameters that differ each time,
    /// beside `state`.
    pub(crate) fn begin(
        &self,
        entropy: &Entropy,
        now: UnixTime,
        session: Option<String>,
        own: &Own<'_>,
    ) -> Result<(BrowserUrl, Expected), Error> {
        self.require_profile(false)?;
        let state = State::admit(entropy.text("state"))?;
        let (carried, expected) = self.carried(state, entropy, now, session, own)?;
        Ok((self.url_of(carried, now)?, expected))
    }

    /// The URL that carries it, made at once.
    pub(crate) fn url_of(&self, carried: Carried, now: UnixTime) -> Result<BrowserUrl, Error> {
        match carried {
            Carried::Plain(url) => Ok(url),
            Carried::Object(object) => self.containing(&object.at_once(now)?),
        }
    }

    /// What the URL of such a request carries.
    pub(crate) fn carried(
        &self,
        state: State,
        entropy: &Entropy,
        now: UnixTime,
        session: Option<String>,
        own: &Own<'_>,
    ) -> Result<(Carried, Expected), Error> {
        if self.is_pushed() {
            return Err(misuse_of(
                Rule::Aq14,
                "the server takes pushed requests only: use `start` in the place of `begin`",
            ));
        }
        let expected = self.expect(state, now, session)?;
        let carried = match self.object(expected.state.expose(), own, entropy, now)? {
            Some(object) => {
                // Looked at now, so that nothing is made in vain.
                self.endpoint()?;
                Carried::Object(Box::new(object))
            }
            None => Carried::Plain(self.plain(expected.state.expose(), own)?),
        };
        Ok((carried, expected))
    }

    /// The request as an object to be signed, and encrypted if it is to be; `None` for one that is plain.
    pub(crate) fn object(
        &self,
        state: &str,
        own: &Own<'_>,
        entropy: &Entropy,
        now: UnixTime,
    ) -> Result<Option<RequestObject>, Error> {
        let Some(signer) = &self.signer else { return Ok(None) };
        let lasting = self.lasting();
        let mut parameters: Vec<_> = lasting.iter().map(|(name, value)| (*name, &**value)).collect();
        parameters.push(("state", state));
        parameters.extend(own.iter().flatten());
        let (server, id) = (self.client.server(), self.client.id());
        let jti = entropy.text("request object");
        let unsigned = request_object::write(signer, server, id, &parameters, jti, now)?;
        let encrypting = self.encryption.as_ref().map(|(encryption, keys)| {
            let entropy = Entropy::from_seed(entropy.derive("request object encryption"));
            Encrypting::new(*encryption, entropy, keys.search(server.quirks()))
        });
        Ok(Some(RequestObject::new(unsigned, encrypting)))
    }

    /// The URL of a request that was pushed, by the name that it got.
    pub(crate) fn naming(&self, request_uri: &str) -> Result<BrowserUrl, Error> {
        self.instead("request_uri", request_uri, Vec::new())
    }

    /// The URL of a request that is in an object. Beside that of a login stands what makes it one, equal to what is inside: an
    /// OpenID provider looks for it there ([AQ-28](crate::Rule::Aq28)).
    pub(crate) fn containing(&self, object: &str) -> Result<BrowserUrl, Error> {
        let scope = self.client.server().name_of_scope(Endpoint::Authorization);
        let mut beside = self.lasting();
        // FAPI 1.0 Advanced §5.2.3 (9) wants it of every request.
        let is_told =
            is_openid(self.scope.as_ref()) || self.client.held_to() == Some(SecurityProfile::Fapi1Advanced);
        beside.retain(|(name, _)| is_told && (*name == "response_type" || *name == scope));
        self.instead("request", object, beside)
    }

    /// The URL of a request in whose place there is one parameter, and what stands beside that.
    fn instead(
        &self,
        name: &str,
        value: &str,
        beside: Vec<(&str, Cow<'_, str>)>,
    ) -> Result<BrowserUrl, Error> {
        let (url, start) = self.endpoint()?;
        let mut query = Serializer::for_suffix(url, start);
        query.append_pair(self.client.server().client_id_name(), self.client.id());
        query.extend_pairs(beside).append_pair(name, value);
        Ok(BrowserUrl::joined(query.finish()))
    }

    fn plain(&self, state: &str, own: &Own<'_>) -> Result<BrowserUrl, Error> {
        let prepared = match self.prepared.get() {
            Some(prepared) => prepared,
            None => {
                let prepared = self.prepare()?;
                self.prepared.get_or_init(|| prepared)
            }
        };
        let mut url = String::with_capacity(prepared.len() + 192);
        url.push_str(prepared);
        // The prepared part ends within the query, so that each is appended after an `&`.
        form::append_known(&mut url, "state", state);
        own.iter().flatten().for_each(|(name, value)| form::append_known(&mut url, name, value));
        Ok(BrowserUrl::joined(url))
    }

    fn prepare(&self) -> Result<String, Error> {
        let (mut url, start) = self.endpoint()?;
        for (name, value) in self.lasting() {
            if url.len() > start {
                url.push('&');
            }
            form::append_first(&mut url, name, &value);
        }
        Ok(url)
    }

    /// The parameters that are the same each time.
    pub(crate) fn lasting(&self) -> Vec<(&str, Cow<'_, str>)> {
        let server = self.client.server();
        let mode = Some(self.mode()).filter(|mode| *mode != self.usual_mode).map(ResponseMode::name);
        let known = [
            ("response_type", Some(self.response_type.into())),
            (server.client_id_name(), Some(self.client.id().into())),
            ("redirect_uri", Some(self.parties.redirect_uri().into())),
            ("response_mode", mode.map(Cow::from)),
            (
                server.name_of_scope(Endpoint::Authorization),
                self.scope.as_ref().map(|scope| server.spelled(scope)),
            ),
            ("prompt", self.asks_for_consent().then(|| "consent".into())),
            // The code is then of no use without the key (RFC 9449 §10).
            ("dpop_jkt", self.client.bound_to().map(|key| key.thumbprint().into())),
        ];
        let usual = server.authorization_parameters.iter().filter(|(name, _)| !self.has(name));
        let own = self.parameters.iter().chain(usual).map(|(name, value)| (name.as_str(), value.into()));
        known.into_iter().filter_map(|(name, value)| Some((name, value?))).chain(own).collect()
    }

    /// The authorization endpoint up to where the request's own parameters begin, and where that is. Its own query stays,
    /// and none of its parameters may be one of ours ([AQ-6](crate::Rule::Aq6)).
    fn endpoint(&self) -> Result<(String, usize), Error> {
        let server = self.client.server();
        let endpoint = server.require_authorization_endpoint()?;
        let own = endpoint.split_once('?').map(|(_, query)| query);
        for (name, _) in self.own_query() {
            let is_usual = server.authorization_parameters.iter().any(|(known, _)| *known == name);
            if OF_AUTHORIZATION_REQUESTS.contains(&&*name) || self.has(&name) || is_usual {
                return Err(misuse_of(
                    Rule::Aq6,
                    "the query of the authorization endpoint has a parameter that the request has too: \
                     leave one of them out",
                ));
            }
        }
        let mut url = String::with_capacity(endpoint.len() + 256);
        url.push_str(endpoint);
        match own {
            None => url.push('?'),
            Some(own) if own.is_empty() || own.ends_with('&') => {}
            Some(_) => url.push('&'),
        }
        let start = url.len();
        Ok((url, start))
    }
}

impl Asks for FrontChannel {
    fn is_reserved(name: &str) -> bool {
        OF_AUTHORIZATION_REQUESTS.contains(&name)
    }

    fn has(&self, name: &str) -> bool {
        let server = self.client.server();
        name == server.client_id_name()
            || Some(name) == server.other_name_of_scope(Endpoint::Authorization)
            || self.names.contain(name)
    }

    fn put(&mut self, name: &str, value: &str) {
        self.names.add(name);
        self.parameters.push((name.to_owned(), value.to_owned()));
        self.settled = OnceLock::new();
        self.prepared = OnceLock::new();
    }

    fn put_scope(&mut self, scope: Scope) {
        self.scope = Some(scope);
        self.settled = OnceLock::new();
        self.prepared = OnceLock::new();
    }

    fn put_details(&mut self, details: AuthorizationDetails) -> Result<(), Error> {
        self.client.server().require_details(&details)?;
        self.parameters.retain(|(known, _)| known != "authorization_details");
        self.put("authorization_details", details.as_str());
        Ok(())
    }
}

/// Without the program's own parameters: an `id_token_hint` is one.
impl fmt::Debug for FrontChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrontChannel")
            .field("client", &self.client)
            .field("redirect_uri", &self.parties.redirect_uri())
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}
