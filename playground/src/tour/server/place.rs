//! Where the tour goes: the sandbox, or somebody's server: [`Place`].

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use valetkey_blocking::client::AuthenticationMethod;
use valetkey_blocking::jose::{Algorithm, AwsLc, JwkSet, KeyPair, PrivateJwk, Signer as _};
use valetkey_blocking::server::Endpoint;
use valetkey_blocking::{
    AuthorizationServer, Client, ClientSecret, Entropy, Request, Response, Scope, Subject, entropy,
};
use valetkey_sandbox::{Application, CHATBOTS_RIGHTS, DEMO_PROJECT, FlowKind, Front, Rights, Sandbox};

use crate::shell::terminal;
use crate::tour::adapter::Person;
use crate::tour::example::{self, Seen};
use crate::tour::{Failed, browser};

/// The client of the tour at the sandbox, and its twin that authenticates by a key.
const CLIENT: &str = "tour";
const SIGNING_CLIENT: &str = "tour-signs";

/// How a client uses a secret that it sends. Which of the two is the server's to say.
const BY_SECRET: [AuthenticationMethod; 2] =
    [AuthenticationMethod::SecretBasic, AuthenticationMethod::SecretPost];

/// Where the tour goes.
pub(crate) enum Place {
    /// The sandbox in its standard dialect, which is started for it.
    Sandbox { front: Box<Front>, secret: String, key: Arc<KeyPair> },
    /// Any other.
    Server(Ours),
}

/// A server, and what the person who takes the tour knows of it.
#[derive(Default)]
pub(crate) struct Ours {
    pub(crate) issuer: String,
    pub(crate) client_id: Option<String>,
    pub(crate) secret: Option<ClientSecret>,
    /// What to GET with each token; the server's own userinfo for a person's if not said.
    pub(crate) api: Option<String>,
    pub(crate) scope: Option<Scope>,
    /// The ports of the redirect URI, if it is registered with its port.
    pub(crate) ports: Vec<u16>,
}

impl Place {
    /// Starts a sandbox, with a client that may do everything.
    pub(crate) fn sandbox() -> Result<Self, Failed> {
        let entropy = entropy()?;
        let secret = URL_SAFE_NO_PAD.encode(entropy.derive("client secret"));
        let front = Front::start(Sandbox::demo(entropy.derive("sandbox")))?;
        front.publish();
        let key =
            PrivateJwk::generate(&AwsLc, Algorithm::Es256, Entropy::from_seed(entropy.derive("client key")))?;
        let key = KeyPair::new(&AwsLc, Algorithm::Es256, &key)?.with_key_id(CLIENT);
        let jwks = serde_json::to_value(JwkSet::of(key.public_key().cloned()))?;
        let secretive = Application::confidential(CLIENT, &secret).keys(&jwks);
        let everything = [FlowKind::AuthorizationCode, FlowKind::Device, FlowKind::TokenExchange];
        for client in [secretive, Application::with_keys(SIGNING_CLIENT, &jwks)] {
            let client = everything.into_iter().fold(client.name("Tour"), Application::flow);
            let client = client.loopback("/callback").authorized(Rights::of(CHATBOTS_RIGHTS));
            front.sandbox().add_application(client.may_request(Rights::All));
        }
        // Nobody is to be waited for.
        front.sandbox().settings_mut().device_interval = Duration::from_secs(1);
        Ok(Self::Sandbox { front: Box::new(front), secret, key: Arc::new(key) })
    }

    pub(crate) fn issuer(&self) -> &str {
        match self {
            Self::Sandbox { front, .. } => front.url(),
            Self::Server(ours) => &ours.issuer,
        }
    }

    /// The client, if one is known. It authenticates by its secret in the way that the server lists first of those that
    /// valetkey prefers.
    pub(crate) fn client(&self, server: &AuthorizationServer) -> Result<Option<Client>, Failed> {
        let (id, secret, api) = match self {
            Self::Sandbox { front, secret, .. } => {
                (CLIENT, Some(ClientSecret::new(secret.as_str())?), Some(front.url()))
            }
            Self::Server(ours) => match &ours.client_id {
                Some(id) => (id.as_str(), ours.secret.clone(), ours.api.as_deref()),
                None => return Ok(None),
            },
        };
        let client = Client::new(server.clone(), id);
        let client = match (secret, server.preferred_method(&BY_SECRET)) {
            (Some(secret), Some(AuthenticationMethod::SecretPost)) => client.secret_in_body(secret)?,
            (Some(secret), _) => client.secret(secret)?,
            (None, _) => client,
        };
        let userinfo = server.url_of(Endpoint::Userinfo);
        let apis = api.into_iter().chain(userinfo.as_deref());
        Ok(Some(apis.into_iter().try_fold(client, Client::api)?))
    }

    /// The same client as it authenticates by the key that it has; `None` if it has none.
    pub(crate) fn signing_client(&self, server: &AuthorizationServer) -> Result<Option<Client>, Failed> {
        match self {
            Self::Sandbox { front, key, .. } => {
                let client = Client::new(server.clone(), SIGNING_CLIENT).api(front.url())?;
                Ok(Some(client.assertion(Arc::clone(key) as _, entropy()?)?))
            }
            Self::Server(_) => Ok(None),
        }
    }

    /// Whether somebody is there to authorize.
    pub(crate) fn has_person(&self) -> bool {
        matches!(self, Self::Sandbox { .. }) || terminal::is_attended()
    }

    pub(crate) fn person(&self) -> Person<'_> {
        match self {
            Self::Sandbox { .. } => browser::alice(),
            Self::Server(ours) => Person {
                open: Arc::new(open_browser),
                patience: Duration::from_secs(300),
                ports: &ours.ports,
            },
        }
    }

    /// Lets the person agree to what a device asks.
    pub(crate) fn agree(&self, page: &str, user_code: &str) -> Result<(), Failed> {
        match self {
            Self::Sandbox { front, .. } => match front.sandbox().approve_device(user_code, "alice") {
                true => Ok(()),
                false => Err(Failed("the sandbox does not know the device's code".to_owned())),
            },
            Self::Server(_) => {
                terminal::tell(&format!("Open {page} on any device, and enter {user_code}"));
                Ok(())
            }
        }
    }

    /// What the client signs its requests with, where the server knows the key.
    pub(crate) fn key(&self) -> Option<Arc<KeyPair>> {
        match self {
            Self::Sandbox { key, .. } => Some(Arc::clone(key)),
            Self::Server(_) => None,
        }
    }

    /// Authorization details of a type that is known.
    pub(crate) fn details(&self) -> Option<serde_json::Value> {
        match self {
            Self::Sandbox { .. } => {
                let right = format!("project:key:{DEMO_PROJECT}:Project.Issues.Create");
                Some(serde_json::json!([{ "type": "rights", "rights": [right] }]))
            }
            Self::Server(_) => None,
        }
    }

    pub(crate) fn scope(&self, subject: Subject) -> Result<Option<Scope>, Failed> {
        match self {
            Self::Sandbox { .. } => example::scope(subject).map(Some),
            Self::Server(ours) => Ok(ours.scope.clone()),
        }
    }

    /// The call that shows what a token is good for; `None` if the tour knows of no API.
    pub(crate) fn example(&self, client: &Client, subject: Subject) -> Result<Option<Request>, Failed> {
        let url = match self {
            Self::Sandbox { front, .. } => {
                return example::request(&format!("{}/api/http", front.url()), subject).map(Some);
            }
            Self::Server(ours) => match subject {
                _ if ours.api.is_some() => ours.api.clone(),
                Subject::Application => None,
                _ => client.server().url_of(Endpoint::Userinfo),
            },
        };
        let Some(url) = url else { return Ok(None) };
        let mut request = Request::new(Vec::new());
        *request.uri_mut() = url.parse().map_err(|_| Failed("the API's URL is not valid".to_owned()))?;
        Ok(Some(request))
    }

    /// What the answer to it says.
    pub(crate) fn seen(&self, response: &Response, subject: Subject) -> Seen {
        match self {
            Self::Sandbox { .. } => example::seen(response, subject),
            Self::Server(_) => {
                let body: serde_json::Value = serde_json::from_slice(response.body()).unwrap_or_default();
                let author = body.get("sub").and_then(serde_json::Value::as_str).map(super::offer::shown);
                Seen { status: Some(response.status().as_u16()), author }
            }
        }
    }

    /// Whom the API must name.
    pub(crate) const fn author(&self, subject: Subject) -> Option<&'static str> {
        match (self, subject) {
            (Self::Server(_), _) => None,
            (Self::Sandbox { .. }, Subject::Application) => Some("Tour"),
            (Self::Sandbox { .. }, _) => Some("Alice Archer"),
        }
    }

    pub(crate) fn log_length(&self) -> usize {
        match self {
            Self::Sandbox { front, .. } => front.sandbox().log().len(),
            Self::Server(_) => 0,
        }
    }

    /// What the sandbox heard and said since, without a secret. Another server's answers are not kept.
    pub(crate) fn show_log(&self, since: usize, out: &mut impl Write) -> Result<(), Failed> {
        if let Self::Sandbox { front, .. } = self {
            for entry in front.sandbox().log().get(since..).unwrap_or_default() {
                writeln!(out, "{}\n", entry.redacted())?;
            }
        }
        Ok(())
    }
}

/// Core makes only URLs that begin as a web page's do.
fn open_browser(url: &str) -> Result<(), Failed> {
    terminal::tell("Log in and allow it in the browser. If none opens, open this URL:");
    terminal::tell(url);
    if opener::open_browser(url).is_err() {
        terminal::tell("No browser could be opened.");
    }
    Ok(())
}
