//! The methods of the page "Authorize in Space", each from nothing to an API call, in a few lines.

use valetkey_blocking::dialect::jetbrains::{AccessType, Application};
use valetkey_blocking::dialect::space::Space;
use valetkey_blocking::terms::Password;
use valetkey_blocking::{
    AccessToken, AuthorizationResponse, ClientSecret, Session, Subject, TokenResponse, entropy, now,
};
use valetkey_sandbox::{DEMO_USERS, Front};

use super::adapter::Adapter;
use super::example::Seen;
use super::{Failed, browser, example};

/// Each method, in the page's order.
pub(crate) const METHODS: &[Method] = &[
    Method::PermanentTokenApplication,
    Method::PermanentTokenUser,
    Method::AuthorizationCode,
    Method::RefreshToken,
    Method::ClientCredentials,
    Method::Implicit,
    Method::Password,
];

/// An authorization method.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Method {
    PermanentTokenApplication,
    PermanentTokenUser,
    AuthorizationCode,
    RefreshToken,
    ClientCredentials,
    Implicit,
    Password,
}

/// What a method is run with.
pub(crate) struct Visit<'a, A> {
    pub(crate) front: &'a Front,
    pub(crate) adapter: &'a A,
}

impl Method {
    /// The method's name in `--json`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::PermanentTokenApplication => "permanent-token-application",
            Self::PermanentTokenUser => "permanent-token-user",
            Self::AuthorizationCode => "authorization-code",
            Self::RefreshToken => "refresh-token",
            Self::ClientCredentials => "client-credentials",
            Self::Implicit => "implicit",
            Self::Password => "password",
        }
    }

    /// On whose behalf it acts.
    pub(crate) const fn subject(self) -> Subject {
        match self {
            Self::PermanentTokenApplication | Self::ClientCredentials => Subject::Application,
            _ => Subject::User,
        }
    }

    /// Whom the API must name as the author: a chatbot speaks as itself, an issue is a person's.
    pub(crate) const fn author(self) -> &'static str {
        match self.subject() {
            Subject::Application => "Chatbot",
            _ => "Alice Archer",
        }
    }

    /// What the page says of it.
    pub(crate) const fn advice(self) -> &'static str {
        match self {
            Self::PermanentTokenApplication | Self::PermanentTokenUser => "testing only",
            Self::AuthorizationCode | Self::RefreshToken | Self::ClientCredentials => "recommended",
            Self::Implicit => "deprecated",
            Self::Password => "not recommended",
        }
    }

    /// Gets a token and calls the API with it.
    pub(crate) fn run<A: Adapter>(self, visit: &Visit<'_, A>) -> Result<Seen, Failed> {
        match self {
            Self::PermanentTokenApplication => {
                let token = visit.front.sandbox().permanent_token_of_application("chatbot");
                let session = visit
                    .application("chatbot")?
                    .permanent_token(AccessToken::new(token)?, Subject::Application)?;
                visit.send_message(session)
            }
            Self::PermanentTokenUser => {
                let token = visit.front.sandbox().permanent_token_of_user("alice");
                let session =
                    visit.application("web")?.permanent_token(AccessToken::new(token)?, Subject::User)?;
                visit.create_issue(session)
            }
            Self::AuthorizationCode => {
                let app = visit.application("web")?;
                let tokens = visit.authorization_code(&app)?;
                visit.create_issue(Session::from_tokens(&app, &tokens))
            }
            Self::RefreshToken => {
                let app = visit.application("web")?;
                let tokens = visit.authorization_code(&app)?;
                let token =
                    tokens.refresh_token().ok_or_else(|| Failed("no refresh token came".to_owned()))?;
                let session = app.refresh_token(token.clone());
                visit.create_issue(match tokens.scope() {
                    Some(scope) => session.with_scope(scope.clone())?,
                    None => session,
                })
            }
            Self::ClientCredentials => {
                let scope = example::scope(Subject::Application)?;
                visit.send_message(visit.application("chatbot")?.client_credentials(scope)?)
            }
            Self::Implicit => visit.create_issue(visit.implicit()?),
            Self::Password => visit.create_issue(visit.password()?),
        }
    }
}

impl<A: Adapter> Visit<'_, A> {
    fn space(&self) -> Result<Space, Failed> {
        Ok(Space::on_loopback(self.front.url())?)
    }

    fn application(&self, client_id: &str) -> Result<Application, Failed> {
        let secret = self.front.sandbox().client_secret(client_id).map(str::to_owned);
        let secret = secret.ok_or_else(|| Failed(format!("the sandbox has no secret of {client_id}")))?;
        Ok(self.space()?.application(client_id).secret(ClientSecret::new(secret)?)?)
    }

    fn authorization_code(&self, app: &Application) -> Result<TokenResponse, Failed> {
        let scope = example::scope(Subject::User)?;
        let (mut pending, response) = self.adapter.authorize(browser::alice(), |redirect_uri| {
            Ok(app
                .authorization_code(redirect_uri)?
                .scope(scope)?
                .offline()
                .begin_unbound(entropy()?, now())?)
        })?;
        Ok(self.adapter.run(pending.finish(app, &response, now())?)?)
    }

    #[expect(deprecated, reason = "the tour shows the deprecated methods too, and says so in its table")]
    fn implicit(&self) -> Result<Session, Failed> {
        let app = self.application("legacy")?;
        let request =
            app.implicit("https://legacy.example/callback")?.scope(example::scope(Subject::User)?)?;
        let (url, mut pending) = request.begin_unbound(entropy()?, now())?;
        // Only the page in the browser sees a fragment, so the browser tells where it was sent.
        let arrived = browser::authorize(url.as_str())?;
        let tokens = pending.finish(&app, &AuthorizationResponse::from_url(&arrived)?, now())?;
        Ok(Session::from_tokens(&app, &tokens))
    }

    #[expect(deprecated, reason = "the tour shows the deprecated methods too, and says so in its table")]
    fn password(&self) -> Result<Session, Failed> {
        let app = self.application("web")?;
        let [(username, password), _] = DEMO_USERS;
        let flow = app.password(
            username,
            &Password::new(password),
            example::scope(Subject::User)?,
            AccessType::Online,
        )?;
        Ok(Session::from_tokens(&app, &self.adapter.run(flow)?))
    }

    /// The page's first example: a chatbot posts a message on behalf of itself.
    fn send_message(&self, session: Session) -> Result<Seen, Failed> {
        self.call(session, Subject::Application)
    }

    /// The page's second example: an issue that an application creates, and whose author is a person.
    fn create_issue(&self, session: Session) -> Result<Seen, Failed> {
        self.call(session, Subject::User)
    }

    fn call(&self, session: Session, subject: Subject) -> Result<Seen, Failed> {
        let request = example::request(&self.space()?.api(""), subject)?;
        Ok(example::seen(&self.adapter.call(session, request)?, subject))
    }
}
