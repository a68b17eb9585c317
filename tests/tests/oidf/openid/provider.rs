//! The suite's OpenID provider, and a client that logs a person in there: [`Provider`].

use std::fmt;
use std::time::Duration;

use valetkey_core::authorize::{Prompt, ResponseMode, ResponseType};
use valetkey_core::identity::Login;
use valetkey_core::jose::{Algorithm, AwsLc};
use valetkey_core::openid::{UserInfo, UserInfoRequest};
use valetkey_core::server::ServerKeys;
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, Client, ClientSecret, Discovery, Error, Flow, Request,
    Session, Step, TokenResponse, UnixTime,
};
use valetkey_sandbox::{
    Application, Arrival, CERTIFICATE_THUMBPRINT, Endpoint, FlowKind, Misbehaviour, Person, Rights, Sandbox,
    SigningAlgorithm,
};
use valetkey_tests::{NOW, entropy, get};

use crate::module::Server;

pub(crate) const ISSUER: &str = "https://as.example";
pub(crate) const SECRET: &str = "a-secret-of-the-client-with-32-bytes-or-more";
/// Where certificates are shown.
pub(crate) const MTLS: &str = "mtls.as.example";
/// RFC 8705, Appendix A.
pub(crate) const THUMBPRINT: &str = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";
const CLIENT: &str = "rp";
const CALLBACK: &str = "https://app.example/callback";

/// What the client asks for: the variant of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) response_type: ResponseType,
    /// `response_mode=form_post`; the default of the response type otherwise, which is the fragment for an ID token.
    pub(crate) form_post: bool,
}

impl Asked {
    pub(crate) const fn new(response_type: ResponseType) -> Self {
        Self { response_type, form_post: false }
    }

    pub(crate) const fn form_post(self) -> Self {
        Self { form_post: true, ..self }
    }

    /// As the table tells it.
    pub(crate) fn told(self) -> String {
        format!("`{}`{}", self.response_type.name(), if self.form_post { ", `form_post`" } else { "" })
    }
}

/// What a login ended with.
pub(crate) enum LoggedIn {
    /// A login alone, by the response type `id_token`.
    Alone(Box<Login>),
    /// Tokens, with the login.
    With(Box<TokenResponse>),
}

impl LoggedIn {
    pub(crate) fn login(&self) -> &Login {
        match self {
            Self::Alone(login) => login,
            Self::With(tokens) => tokens.login().expect("a verified ID token"),
        }
    }
}

/// The provider, which signs by RS256, and all that was sent to it.
pub(crate) struct Provider {
    pub(crate) asked: Asked,
    pub(crate) sandbox: Sandbox,
    pub(crate) now: UnixTime,
    pub(crate) sent: Vec<Request>,
    /// The parameters of the URL that the browser was sent to last.
    pub(crate) visited: Vec<(String, String)>,
    signs: (SigningAlgorithm, Algorithm),
    wrong: Option<Misbehaviour>,
    lasting: usize,
    has_certificate: bool,
}

impl Provider {
    pub(crate) fn new(asked: Asked) -> Self {
        let mut provider = Self {
            asked,
            sandbox: Sandbox::standard([7; 32], ISSUER),
            now: NOW,
            sent: Vec::new(),
            visited: Vec::new(),
            signs: (SigningAlgorithm::Rs256, Algorithm::Rs256),
            wrong: None,
            lasting: 0,
            has_certificate: false,
        };
        provider.signs_by(SigningAlgorithm::Rs256, Algorithm::Rs256);
        provider.register(|application| application);
        provider
    }

    /// What ID tokens are signed by, and the client is registered for.
    pub(crate) fn signs_by(&mut self, signs: SigningAlgorithm, expects: Algorithm) {
        self.sandbox.settings_mut().signing_algorithm = signs;
        self.signs = (signs, expects);
    }

    /// Registers the client, with more.
    pub(crate) fn register(&mut self, more: impl FnOnce(Application) -> Application) {
        self.register_as(Application::confidential(CLIENT, SECRET), more);
    }

    /// Registers the client by its certificate, and has other endpoints for it.
    pub(crate) fn register_certificate(&mut self) {
        self.sandbox.settings_mut().mtls_origin = Some(format!("https://{MTLS}"));
        self.register_as(Application::with_certificate(CLIENT, THUMBPRINT), |application| application);
        self.has_certificate = true;
    }

    fn register_as(&mut self, client: Application, more: impl FnOnce(Application) -> Application) {
        let client = client
            .flow(FlowKind::AuthorizationCode)
            .flow(FlowKind::Implicit)
            .redirect_uri(CALLBACK)
            .may_request(Rights::All);
        self.sandbox.add_application(more(client));
    }

    /// Misbehaves once, wherever that is.
    pub(crate) fn wrong(&mut self, misbehaviour: Misbehaviour) {
        self.sandbox.misbehave_once(misbehaviour);
        self.wrong = Some(misbehaviour);
    }

    /// The same about the first ID token: that of the token endpoint, or that of the response where one is asked for.
    pub(crate) fn wrong_id_token(&mut self, of_tokens: Misbehaviour, of_response: Misbehaviour) {
        let is_in_response = self.asked.response_type.has_id_token();
        self.wrong(if is_in_response { of_response } else { of_tokens });
    }

    /// Is odd all the time, which the client may or may not mind.
    pub(crate) fn odd(&mut self, misbehaviour: Misbehaviour) {
        self.sandbox.misbehave(misbehaviour);
        self.lasting += 1;
    }

    /// Carries a flow out. Every host is the provider.
    pub(crate) fn run<F: Flow>(&mut self, mut flow: F) -> Result<F::Output, Error> {
        let mut response = None;
        for _ in 0..20 {
            match flow.step(response.take(), self.now)? {
                Step::Send(mut request) => {
                    self.sent.push(request.clone());
                    // TLS is said by the header that the sandbox has for it.
                    if request.uri().host() == Some(MTLS) {
                        request.headers_mut().insert(CERTIFICATE_THUMBPRINT, THUMBPRINT.parse().unwrap());
                    }
                    response = Some(self.sandbox.answer(&request, self.now));
                }
                Step::Wait(time) => self.now = self.now.after(time),
                Step::Done(output) => return Ok(output),
            }
        }
        panic!("the conversation does not end");
    }

    /// The client, at the server that it discovers.
    pub(crate) fn client(&mut self) -> Result<Client, Error> {
        let server = self.run(Discovery::new(ISSUER)?)?.into_server();
        let (_, expects) = self.signs;
        let client = Client::new(server, CLIENT);
        let client = match self.has_certificate {
            true => client.self_signed_tls_client_auth()?,
            false => client.secret(ClientSecret::new(SECRET)?)?,
        };
        client.api(ISSUER)?.id_token_algorithm(expects)
    }

    /// The keys that the provider publishes, for P-256.
    pub(crate) fn keys(&self, client: &Client) -> Result<ServerKeys, Error> {
        ServerKeys::published(client.server(), std::sync::Arc::new(AwsLc), &[Algorithm::Es256])
    }

    /// A login of Alice's, with more asked for.
    pub(crate) fn log_in_asking(
        &mut self,
        client: &Client,
        more: impl FnOnce(AuthorizationRequest) -> Result<AuthorizationRequest, Error>,
    ) -> Result<LoggedIn, Error> {
        let request = AuthorizationRequest::new(client, CALLBACK)?.scope("openid profile email")?;
        let request = match self.asked {
            Asked { response_type, form_post: true } => {
                request.response_type(response_type).response_mode(ResponseMode::FormPost)
            }
            Asked { response_type, .. } if response_type.has_id_token() => {
                request.response_type(response_type).response_mode(ResponseMode::Fragment)
            }
            Asked { .. } => request,
        };
        let (url, mut pending) = more(request)?.begin_unbound(entropy(1), self.now)?;
        let (_, query) = url.as_str().split_once('?').unwrap();
        self.visited = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let alice = Person::new("alice", self.sandbox.password("alice").unwrap());
        let response = match self.sandbox.visit(url.as_str(), &alice, self.now).unwrap() {
            Arrival::Get(url) => AuthorizationResponse::from_url(&url)?,
            Arrival::Post(posted) => AuthorizationResponse::from_request(CALLBACK, &*posted)?,
        };
        let response = self.run(pending.open(client, &response)?)?;
        let logged_in = if self.asked.response_type.has_code() {
            let flow = pending.finish(client, &response, self.now)?;
            LoggedIn::With(Box::new(self.run(flow)?))
        } else {
            LoggedIn::Alone(Box::new(pending.finish_login(client, &response, self.now)?))
        };
        let identity = logged_in.login().identity();
        assert_eq!((identity.issuer(), identity.subject()), (ISSUER, &*self.sandbox.user_id("alice")));
        Ok(logged_in)
    }

    pub(crate) fn log_in(&mut self, client: &Client) -> Result<LoggedIn, Error> {
        self.log_in_asking(client, Ok)
    }

    /// A login that may show no page, where nobody is logged in.
    pub(crate) fn log_in_silently(&mut self) -> Result<LoggedIn, Error> {
        let client = self.client()?;
        self.log_in_asking(&client, |request| Ok(request.prompt([Prompt::None])?.max_age(Duration::ZERO)))
    }

    /// What UserInfo says, where a token came to ask it by.
    pub(crate) fn user_info(
        &mut self,
        client: &Client,
        logged_in: &LoggedIn,
    ) -> Result<Option<UserInfo>, Error> {
        let LoggedIn::With(tokens) = logged_in else { return Ok(None) };
        self.run(UserInfoRequest::new(client, tokens)?).map(Some)
    }

    /// A whole module: discovery, login, UserInfo.
    pub(crate) fn whole(&mut self) -> Result<(), Error> {
        let client = self.client()?;
        let logged_in = self.log_in(&client)?;
        self.user_info(&client, &logged_in).map(drop)
    }

    /// Calls the API after the access token has expired, which takes a renewal.
    pub(crate) fn renew(&mut self, client: &Client, tokens: &TokenResponse) -> Result<Session, Error> {
        self.now = self.now.after(Duration::from_secs(700));
        let mut session = Session::from_tokens(client, tokens);
        let flow = session.call(get(&format!("{ISSUER}/api/http/team-directory/profiles/me")))?;
        // Whether the API does what it is asked is about rights, which this login did not ask for.
        assert_ne!(self.run(flow)?.status(), 401);
        Ok(session)
    }

    /// A parameter of the URL that the browser was sent to.
    pub(crate) fn visited(&self, name: &str) -> Option<&str> {
        self.visited.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// What was sent to an endpoint.
    pub(crate) fn sent_to(&self, path: &str) -> Vec<&Request> {
        self.sent.iter().filter(|request| request.uri().path() == path).collect()
    }
}

impl Server for Provider {
    /// After a wrong answer nothing but keys is asked for.
    fn require_ended(&self, error: Option<&Error>) {
        assert_eq!(self.sandbox.misbehaviours().count(), self.lasting, "{self:?}: each was met");
        let (Some(wrong), Some(_)) = (self.wrong, error) else { return };
        let last = self.sandbox.log().iter().map(|entry| entry.endpoint()).rfind(|it| *it != Endpoint::Jwks);
        assert_eq!(last, Some(wrong.endpoint()), "{self:?}");
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("asked", &self.asked)
            .field("wrong", &self.wrong)
            .finish_non_exhaustive()
    }
}
