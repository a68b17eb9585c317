//! What is traded for a token at the token endpoint: [`Grant`].
//!
//! Longer than most files: the grants are one list, and what may be added to them is beside them.

use std::borrow::Cow;
use std::fmt;

use crate::client::late::Late;
use crate::ground::error::Error;
use crate::ground::subject::Subject;
use crate::ground::wiped::Wiped;
use crate::terms::access::Access;
use crate::terms::authorization_details::AuthorizationDetails;
use crate::terms::code_verifier::CodeVerifier;
use crate::terms::names::Names;
use crate::terms::resource::Resource;
use crate::terms::scope::Scope;
use crate::terms::secret::{CheckedCode, DeviceCode, Password, RefreshToken};
use crate::token::proving::{Begin, Proof};
use crate::wire::form;
use crate::wire::form::Part;

/// The grant type of a token exchange (RFC 8693 §2.1).
pub(crate) const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// What is traded for a token: plain data, the same for every client and every adapter.
///
/// ```
/// use valetkey_core::Grant;
///
/// let grant = Grant::client_credentials().scope("profile")?;
/// # Ok::<(), valetkey_core::Error>(())
/// ```
///
/// A grant of your own is one conversion; both adapters run it at once, and a session renews with it:
///
/// ```
/// use serde::Serialize;
/// use valetkey_core::{AuthorizationServer, Client, Error, Flow, Grant, Session, Step, Subject, TokenRequest, UnixTime};
///
/// #[derive(Serialize)]
/// struct PartnerTicket<'a> {
///     ticket: &'a str,
/// }
///
/// impl TryFrom<PartnerTicket<'_>> for Grant {
///     type Error = Error;
///
///     fn try_from(ticket: PartnerTicket<'_>) -> Result<Self, Error> {
///         Grant::extension("urn:example:params:oauth:grant-type:partner-ticket", Subject::User, ticket)
///     }
/// }
///
/// # let server = AuthorizationServer::new().token_endpoint("https://as.example/token")?;
/// # let client = Client::new(server, "s6BhdRkqt3");
/// # let now = UnixTime::from_secs(1_700_000_000);
/// let grant = Grant::try_from(PartnerTicket { ticket: "T-1000" })?;
/// let session = Session::from_grant(&client, grant.clone());
/// let mut flow = TokenRequest::new(&client, grant)?;
///
/// let Step::Send(request) = flow.step(None, now)? else { unreachable!() };
/// let body = "grant_type=urn%3Aexample%3Aparams%3Aoauth%3Agrant-type%3Apartner-ticket&ticket=T-1000&client_id=s6BhdRkqt3";
/// assert_eq!(request.body(), body.as_bytes());
/// # let answer = http::Response::builder()
/// #     .header("content-type", "application/json")
/// #     .body(br#"{"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer"}"#.to_vec())
/// #     .unwrap();
/// let Step::Done(tokens) = flow.step(Some(answer), now)? else { unreachable!() };
/// assert_eq!(tokens.subject(), Some(Subject::User));
/// assert!(session.renews());
/// # Ok::<(), Error>(())
/// ```
///
/// The grant of an authorization code is made by [`PendingAuthorization::finish`](crate::PendingAuthorization::finish), after
/// its checks; of one that came from elsewhere, without them, by
/// [`code_of_unverified_response`](Self::code_of_unverified_response).
#[derive(Clone)]
pub struct Grant {
    /// The parameters, form-encoded once. They hold the grant's secrets.
    pub(super) form: Wiped,
    /// How much of the form was there from the beginning, and the names of what came after it.
    pub(super) fixed: usize,
    pub(super) further: Names,
    pub(super) kind: Cow<'static, str>,
    pub(super) subject: Subject,
    pub(super) scope: Option<Scope>,
    pub(super) limit: Option<Scope>,
    pub(super) details: Option<AuthorizationDetails>,
    /// The audience that the authorization request named, which the token request does not repeat.
    pub(super) audience: Option<String>,
    /// What a refresh token was granted for, where that is known.
    pub(super) granted: Option<Box<Access>>,
    /// The parameters that are made for each request, all of them secrets.
    pub(super) late: Vec<Late>,
    /// How a session that renews by this verifies an ID token. An application's own tokens come with none, and a program that
    /// has no other grant is linked without what would verify it.
    pub(super) begin: Option<Begin>,
}

impl Grant {
    /// The client's own credentials (RFC 6749 §4.4): the token acts for the application itself.
    #[must_use]
    pub fn client_credentials() -> Self {
        Self::unproven("client_credentials", Subject::Application, &[])
    }

    /// A refresh token (RFC 6749 §6). Without a [`scope`](Self::scope) the new token has the scope of the old one.
    #[must_use]
    pub fn refresh_token(token: &RefreshToken) -> Self {
        Self { begin: Some(Proof::of), ..Self::renewing(token) }
    }

    /// A person's name and password (RFC 6749 §4.3).
    #[must_use]
    #[deprecated(note = "the person's password passes through the program, and no second factor does \
                         (RFC 9700 §2.4 forbids it): use the Authorization Code flow")]
    pub fn password(username: &str, password: &Password) -> Self {
        Self::new("password", Subject::User, &[("username", username), ("password", password.expose())])
    }

    /// A code that has passed its checks, with the verifier that belongs to it if it was challenged (RFC 6749 §4.1.3, RFC 7636 §4.5).
    pub(crate) fn authorization_code(
        code: CheckedCode<'_>,
        encoded_redirect_uri: &str,
        verifier: Option<&CodeVerifier>,
    ) -> Self {
        const NAMES: &str = "grant_type=authorization_code&code=&redirect_uri=&code_verifier=";
        // Each is looked through once: whether it stands for itself says how long it gets, and how it is written.
        let (code, verifier_text) =
            (Part::of(code.expose()), verifier.map(|verifier| Part::of(verifier.expose())));
        let verifier_length = verifier_text.as_ref().map_or(0, Part::length);
        let room = NAMES.len() + code.length() + encoded_redirect_uri.len() + verifier_length;
        let mut text = String::with_capacity(room);
        text.push_str("grant_type=authorization_code&code=");
        code.append_to(&mut text);
        text.push_str("&redirect_uri=");
        text.push_str(encoded_redirect_uri);
        if let Some(verifier) = verifier_text {
            text.push_str("&code_verifier=");
            verifier.append_to(&mut text);
        }
        Self::of_form(text, Cow::Borrowed(AUTHORIZATION_CODE), Subject::User)
    }

    /// A device's code (RFC 8628 §3.4). Its scope was asked for when the code was.
    pub(crate) fn device_code(code: &DeviceCode, verifier: Option<&CodeVerifier>) -> Self {
        let mut parameters = vec![("device_code", code.expose())];
        parameters.extend(verifier.map(|verifier| ("code_verifier", verifier.expose())));
        Self::new(DEVICE_CODE, Subject::User, &parameters)
    }

    /// The same for a session, which knows by itself how ID tokens are verified.
    pub(crate) fn renewing(token: &RefreshToken) -> Self {
        Self::unproven("refresh_token", Subject::User, &[("refresh_token", token.expose())])
    }

    pub(crate) fn new(kind: &str, subject: Subject, parameters: &[(&str, &str)]) -> Self {
        Self { begin: Some(Proof::of), ..Self::unproven(kind, subject, parameters) }
    }

    /// One that is not for a login.
    pub(crate) fn unproven(kind: &str, subject: Subject, parameters: &[(&str, &str)]) -> Self {
        let type_of_grant = [("grant_type", kind)];
        let pairs = || type_of_grant.iter().chain(parameters);
        // All the room beforehand: a text that grows leaves copies of itself behind.
        let mut text = String::with_capacity(pairs().map(|(name, value)| form::length(name, value)).sum());
        pairs().for_each(|(name, value)| form::append_pair(&mut text, name, value));
        let known = [
            "client_credentials",
            "refresh_token",
            "password",
            AUTHORIZATION_CODE,
            DEVICE_CODE,
            TOKEN_EXCHANGE,
        ];
        let kind = known
            .into_iter()
            .find(|known| *known == kind)
            .map_or_else(|| Cow::Owned(kind.to_owned()), Cow::Borrowed);
        Self::of_form(text, kind, subject)
    }

    fn of_form(form: String, kind: Cow<'static, str>, subject: Subject) -> Self {
        Self {
            fixed: form.len(),
            form: Wiped::new(form),
            further: Names::default(),
            kind,
            subject,
            scope: None,
            limit: None,
            details: None,
            audience: None,
            granted: None,
            late: Vec::new(),
            begin: None,
        }
    }

    /// Refuses an answer that grants more than this scope: [TR-14](crate::Rule::Tr14) for a refresh token,
    /// [TR-11](crate::Rule::Tr11) for any other grant. Without it, a wider scope is reported by
    /// [`TokenResponse::scope`](crate::TokenResponse::scope) and no more.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([TR-11](crate::Rule::Tr11)) for a text that is not a scope.
    pub fn at_most(self, scope: impl TryInto<Scope, Error: Into<Error>>) -> Result<Self, Error> {
        Ok(self.limited_to(Some(scope.try_into().map_err(Into::into)?)))
    }

    /// Says on whose behalf the token will act, where the grant does not tell: an assertion or an exchanged token may
    /// stand for a person or for the application itself.
    #[must_use]
    pub const fn on_behalf_of(mut self, subject: Subject) -> Self {
        self.subject = subject;
        self.begin = Some(Proof::of);
        self
    }

    /// Remembers which details were asked for, here or when a code was, to compare the answer with
    /// ([TR-15](crate::Rule::Tr15)).
    pub(crate) fn expecting_details(mut self, details: AuthorizationDetails) -> Self {
        self.details = Some(details);
        self
    }

    pub(crate) const fn details(&self) -> Option<&AuthorizationDetails> {
        self.details.as_ref()
    }

    /// Remembers which audience was asked for when the code was.
    pub(crate) fn for_audience(mut self, audience: Option<String>) -> Self {
        self.audience = audience;
        self
    }

    /// The APIs that the token is for.
    pub(crate) fn resources(&self) -> Vec<Resource> {
        if !self.form.contains("&resource=") {
            return Vec::new();
        }
        form_urlencoded::parse(self.form.as_bytes())
            .filter(|(name, _)| name == "resource")
            .filter_map(|(_, value)| Resource::new(value).ok())
            .collect()
    }

    /// The same grant for this scope.
    pub(crate) fn for_scope(mut self, scope: Option<Scope>) -> Self {
        self.scope = scope;
        self
    }

    /// The same grant for one more API.
    pub(crate) fn for_resource(self, resource: &Resource) -> Self {
        self.repeated_parameter("resource", resource.as_str())
    }

    /// The same grant, whose answer is to grant no more than this scope.
    pub(crate) fn limited_to(self, limit: Option<Scope>) -> Self {
        Self { limit, ..self }
    }

    /// One more value of a parameter that may have several: RFC 8707 and RFC 8693 have `resource` and `audience` so.
    pub(crate) fn repeated_parameter(mut self, name: &str, value: &str) -> Self {
        self.append(name, value);
        self
    }

    /// A parameter that the library sets for a server it knows, unless it is set.
    pub(crate) fn known_parameter(mut self, name: &str, value: &str) -> Self {
        if !self.has_parameter(name) {
            self.append(name, value);
        }
        self
    }

    pub(crate) fn has_parameter(&self, name: &str) -> bool {
        let fixed = self.form.get(..self.fixed).unwrap_or_default();
        form::pairs(fixed).any(|(known, _)| known == name)
            || self.further.contain(name)
            || self.late.iter().any(|late| late.name() == name)
    }

    /// A form that must grow is copied into a larger one and wiped, so that it leaves no copy of its secrets behind: into one
    /// of twice the size at least, so that of many parameters each is not copied for each.
    pub(super) fn append(&mut self, name: &str, value: &str) {
        let wanted = self.form.len() + form::length(name, value);
        if wanted > self.form.capacity() {
            let mut larger = Wiped::new(String::with_capacity(wanted.max(2 * self.form.capacity())));
            larger.push_str(&self.form);
            self.form = larger;
        }
        form::append_pair(&mut self.form, name, value);
        self.further.add(name);
    }

    /// `grant_type`, as it is sent.
    #[must_use]
    pub fn grant_type(&self) -> &str {
        &self.kind
    }

    /// The same, free for the types that the library knows.
    pub(crate) fn known_type(&self) -> Cow<'static, str> {
        self.kind.clone()
    }

    /// On whose behalf the token will act.
    #[must_use]
    pub const fn subject(&self) -> Subject {
        self.subject
    }

    pub(crate) const fn begin(&self) -> Option<Begin> {
        self.begin
    }

    pub(crate) fn form(&self) -> &str {
        &self.form
    }

    pub(crate) const fn requested_scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }

    /// The scope that the token request carries: that of a code, a device's too, was asked for when the code was.
    pub(crate) fn sent_scope(&self) -> Option<&Scope> {
        self.scope.as_ref().filter(|_| !self.is_single_use() && self.kind != DEVICE_CODE)
    }

    pub(crate) const fn limit(&self) -> Option<&Scope> {
        self.limit.as_ref()
    }

    /// Whether it may be sent once only ([TR-18](crate::Rule::Tr18)).
    pub(crate) fn is_single_use(&self) -> bool {
        self.kind == AUTHORIZATION_CODE
    }
}

pub(super) const AUTHORIZATION_CODE: &str = "authorization_code";
pub(super) const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Shows the type and the scope; parameters may be secrets.
impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant").field("kind", &self.kind).field("scope", &self.scope).finish_non_exhaustive()
    }
}
