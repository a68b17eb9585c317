//! The sandbox as the playground sets it up: [`Organisation`], and a setup for each method that works without typing.

use std::time::Duration;

use valetkey_core::Subject;
use valetkey_sandbox::{DEMO_CHANNEL, DEMO_PROJECT, DEMO_USERS, Dialect, Rights, Rotation, Sandbox};

use super::{ApiCall, Method, Setup};

/// How the sandbox of a run behaves when it behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Organisation {
    /// Whose answers it gives.
    pub dialect: Dialect,
    /// What becomes of a used refresh token.
    pub rotation: Rotation,
    /// Whether it names itself as `iss` in authorization responses, and announces that (RFC 9207).
    pub iss: bool,
    /// How long an access token is good, in seconds.
    pub lifetime: u64,
}

impl Default for Organisation {
    fn default() -> Self {
        Self {
            dialect: Dialect::Space,
            rotation: Rotation::DetectReuse { grace: Duration::ZERO },
            iss: true,
            lifetime: 600,
        }
    }
}

impl Organisation {
    /// As RFC 6749 has it: it says everything there is to say, so that every attack has something to spoil.
    #[must_use]
    pub fn standard() -> Self {
        Self { dialect: Dialect::Standard, ..Self::default() }
    }

    /// A sandbox that behaves so, and answers at `url`.
    #[must_use]
    pub fn sandbox(&self, seed: [u8; 32], url: &str) -> Sandbox {
        let mut sandbox = Sandbox::demo(seed);
        self.settle(&mut sandbox, url);
        sandbox
    }

    /// Makes a sandbox behave so.
    pub fn settle(&self, sandbox: &mut Sandbox, url: &str) {
        let settings = sandbox.settings_mut();
        settings.dialect = self.dialect;
        settings.rotation = self.rotation;
        settings.issuer = self.iss.then(|| url.to_owned());
        settings.access_token_lifetime = Duration::from_secs(self.lifetime);
        let [(alice, _), _] = DEMO_USERS;
        settings.filled_in = Some(alice.to_owned());
    }
}

/// A setup for a method against a sandbox that answers at `url`: every field filled in, so that it works as it is.
#[must_use]
pub fn demo_setup(
    method: Method,
    organisation: &Organisation,
    sandbox: &mut Sandbox,
    url: &str,
    redirect_uri: &str,
) -> Setup {
    let dialect = organisation.dialect;
    let client_id = match method {
        // A token in hand needs no client.
        Method::PermanentToken => "",
        Method::ClientCredentials => "chatbot",
        Method::Implicit => "legacy",
        _ => "web",
    };
    let subject = method.subject();
    let scope = match method {
        Method::PermanentToken => String::new(),
        Method::ClientCredentials => format!("channel:{DEMO_CHANNEL}:Channel.PostMessages"),
        _ => format!("project:key:{DEMO_PROJECT}:Project.Issues.Create global:Profile.View"),
    };
    let [(username, password), _] = DEMO_USERS;
    let token = match method {
        Method::PermanentToken => sandbox.permanent_token_of_user(username),
        Method::RefreshToken => {
            let rights = Rights::parse(&scope).unwrap_or_else(Rights::none);
            let pushed = sandbox.push_refresh_token(client_id, username, &rights);
            pushed.map(|pushed| pushed.refresh_token).unwrap_or_default()
        }
        _ => String::new(),
    };
    let with_password = method == Method::Password;
    Setup {
        method,
        authorization_endpoint: format!("{url}{}", dialect.authorization_path()),
        token_endpoint: format!("{url}{}", dialect.token_path()),
        issuer: if organisation.iss { url.to_owned() } else { String::new() },
        advertises_iss: organisation.iss,
        no_token_type: dialect != Dialect::Standard,
        client_id: client_id.to_owned(),
        client_secret: sandbox.client_secret(client_id).unwrap_or_default().to_owned(),
        redirect_uri: redirect_uri.to_owned(),
        scope,
        offline: matches!(method, Method::AuthorizationCode | Method::Password),
        username: if with_password { username.to_owned() } else { String::new() },
        password: if with_password { password.to_owned() } else { String::new() },
        token,
        subject,
        call: demo_call(subject, url),
    }
}

/// The page's own two examples: a chatbot that posts a message, an issue whose author is a person.
fn demo_call(subject: Subject, url: &str) -> ApiCall {
    let (path, body) = match subject {
        Subject::Application => (
            "chats/messages/send-message".to_owned(),
            format!(r#"{{"channel":"id:{DEMO_CHANNEL}","content":{{"text":"Hello from the playground"}}}}"#),
        ),
        _ => (
            format!("projects/key:{DEMO_PROJECT}/planning/issues"),
            r#"{"title":"Try the playground"}"#.to_owned(),
        ),
    };
    ApiCall { method: "POST".to_owned(), url: format!("{url}/api/http/{path}"), body }
}
