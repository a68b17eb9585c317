//! How the log-in of an application is set up: [`WebLoginBuilder`].

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use valetkey_async::logout::{BackChannel, FrontChannel};
use valetkey_async::openid::ThirdPartyLogin;
use valetkey_async::server::{Endpoint, require_distinct_issuers};
use valetkey_async::store::{AsyncStore, MemoryStore};
use valetkey_async::{AuthorizationRequest, Client, HttpClient, Sessions, Tasks, entropy, now};
use zeroize::Zeroizing;

use crate::base::Base;
use crate::common::Common;
use crate::cookies::Cookies;
use crate::failure::Failure;
use crate::known::Known;
use crate::names::Names;
use crate::seal::{Seals, require_good};
use crate::starts::Starts;
use crate::texts::Texts;
use crate::web_login::{Ask, Inner, Provider, WebLogin};

/// How long a session lasts, and how many logins may begin in a second.
const LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);
const MOST_STARTS: u32 = 1000;

/// The settings of a [`WebLogin`].
pub struct WebLoginBuilder {
    http: HttpClient,
    base: String,
    keys: Vec<Zeroizing<[u8; 32]>>,
    is_on_loopback: bool,
    providers: Vec<(String, Client, Ask)>,
    store: Arc<dyn AsyncStore>,
    texts: Texts,
    on_failure: Arc<dyn Fn(&Failure) + Send + Sync>,
    own: String,
    pub(crate) names: Names,
    lifetime: Duration,
    most_starts: u32,
    is_local_logout: bool,
    needs_sid: bool,
    has_front: bool,
}

impl WebLogin {
    /// The log-in of the application at this external URL, which is its operator's setting and never made of a request; below
    /// its path, if it has one. The key seals the logins under way: 32 random bytes, the same in all processes, and secret.
    #[must_use]
    pub fn builder(http: HttpClient, base: &str, sealing_key: [u8; 32]) -> WebLoginBuilder {
        WebLoginBuilder::new(http, base, sealing_key)
    }
}

impl WebLoginBuilder {
    fn new(http: HttpClient, base: &str, key: [u8; 32]) -> Self {
        Self {
            http,
            base: base.to_owned(),
            keys: vec![Zeroizing::new(key)],
            is_on_loopback: false,
            providers: Vec::new(),
            store: Arc::new(MemoryStore::new()),
            texts: Texts::default(),
            on_failure: Arc::new(|_| {}),
            own: String::new(),
            names: Names::Cookies,
            lifetime: LIFETIME,
            most_starts: MOST_STARTS,
            is_local_logout: false,
            needs_sid: false,
            has_front: false,
        }
    }

    /// The application is on this computer, in plain http: its cookies have neither `Secure` nor the prefix `__Host-`, which
    /// browsers would not keep there.
    #[must_use]
    pub fn on_loopback(mut self) -> Self {
        self.is_on_loopback = true;
        self
    }

    /// People log in by this client's server, and its redirect URI is `/callback` below the base URL. They are asked for
    /// `openid profile`.
    #[must_use]
    pub fn client(self, client: Client) -> Self {
        self.client_asking(client, |request| request.scope("openid profile"))
    }

    /// The same, asking for what the program says: for more scope, or a response that is posted.
    ///
    /// ```
    /// # fn settings(builder: valetkey_axum::WebLoginBuilder, client: valetkey_async::Client) -> valetkey_axum::WebLoginBuilder {
    /// builder.client_asking(client, |request| request.scope("openid profile orders:read"))
    /// # }
    /// ```
    #[must_use]
    pub fn client_asking(
        mut self,
        client: Client,
        ask: impl Fn(AuthorizationRequest) -> Result<AuthorizationRequest, valetkey_async::valetkey_core::Error>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.providers.push((String::new(), client, Arc::new(ask)));
        self
    }

    /// People may log in by another server too, which has this name in URLs: its redirect URI is `/callback/NAME` below the
    /// base URL, so that the response of one server never counts as the other's. `/login?by=NAME` leads there.
    #[must_use]
    pub fn client_named(mut self, name: &str, client: Client) -> Self {
        let ask: Ask = Arc::new(|request| request.scope("openid profile"));
        self.providers.push((name.to_owned(), client, ask));
        self
    }

    /// Where the sessions are. **By default in this process's memory**: they are gone when it ends, and no other process knows them.
    /// A session's tokens go from there with a log-out, or when nobody has come for the [lifetime](Self::session_lifetime) of a session
    /// and a quarter of it at most.
    #[must_use]
    pub fn store(mut self, store: impl AsyncStore + 'static) -> Self {
        self.store = Arc::new(store);
        self
    }

    /// What was sealed with an earlier key is read too: name it for as long as a login may take, ten minutes. Where several processes
    /// change one after another, name the *new* key here in all of them first: what one seals with it, the others read then.
    #[must_use]
    pub fn former_key(mut self, key: [u8; 32]) -> Self {
        self.keys.push(Zeroizing::new(key));
        self
    }

    /// What the pages say.
    #[must_use]
    pub fn texts(mut self, texts: Texts) -> Self {
        self.texts = texts;
        self
    }

    /// Hears what went wrong, for the program's log. By default nobody does.
    #[must_use]
    pub fn on_failure(mut self, hear: impl Fn(&Failure) + Send + Sync + 'static) -> Self {
        self.on_failure = Arc::new(hear);
        self
    }

    /// A name for this application's cookies, letters and digits, if several of them are at one host: cookies with the prefix
    /// `__Host-` are for all paths of it.
    #[must_use]
    pub fn cookies_named(mut self, name: &str) -> Self {
        self.own = format!("{name}-");
        self
    }

    /// How long a session lasts at most, whatever happens in it: 30 days by default.
    #[must_use]
    pub const fn session_lifetime(mut self, time: Duration) -> Self {
        self.lifetime = time;
        self
    }

    /// How many logins may begin in one second in this process: 1,000 by default. Others are asked to come again. It protects the server
    /// that they are sent to, and not the application: limits for each address belong in front of it.
    #[must_use]
    pub const fn most_starts(mut self, most: u32) -> Self {
        self.most_starts = most;
        self
    }

    /// A log-out ends the session here alone, and the person stays logged in at the server. Otherwise the browser is sent there, if the server
    /// has an `end_session_endpoint`, and `/logout/return` below the base URL is to be registered as
    /// `post_logout_redirect_uri`.
    #[must_use]
    pub const fn logout_here_only(mut self) -> Self {
        self.is_local_logout = true;
        self
    }

    /// Opens `/logout/front-channel`, which is 404 otherwise: an iframe of the server's page ends the session of the browser that shows it.
    ///
    /// Any site may have such an iframe, and it works only where server and application are of the same site: others' iframes bring no
    /// cookie that is `SameSite=Lax`. So register the back channel instead, and this where the server knows nothing else. A request that is
    /// no frame's is refused, and one that names no `sid` ends nothing where the login had one
    /// ([LO-17](valetkey_async::Rule::Lo17)).
    #[must_use]
    pub const fn front_channel(mut self) -> Self {
        self.has_front = true;
        self
    }

    /// The clients are registered with `backchannel_logout_session_required` and its like for the front channel: a log-out that names no
    /// `sid` is refused.
    #[must_use]
    pub const fn sid_required(mut self) -> Self {
        self.needs_sid = true;
        self
    }

    /// The log-in.
    ///
    /// # Errors
    ///
    /// [`Failure::Refused`] (`LG-6`) if the base URL is neither https, nor http on loopback where that was said; (`LG-2`) for the
    /// key of the examples elsewhere than on loopback, or one of 32 equal bytes; [`Failure::Broken`] if there is no client, or
    /// a name that URLs or cookies do not take; [`Failure::Failed`] if two servers are the same, or the issuer of one of several is not known, or
    /// if no login can be asked for as the program says, for want of the cryptography that verifies ID tokens
    /// ([ID-8](valetkey_async::Rule::Id8)) say.
    pub fn build(self) -> Result<WebLogin, Failure> {
        let base = Base::read(&self.base, self.is_on_loopback)?;
        for key in &self.keys {
            require_good(key, self.is_on_loopback)?;
        }
        // Its session's cookie would begin as the logins under way of an application without a name do, which clears those it cannot read.
        if self.own == "login-" {
            return Err(Failure::broken("the cookies cannot be named `login`: logins under way begin so"));
        }
        if !self.own.is_empty() && !self.own.strip_suffix('-').is_some_and(is_name) {
            return Err(Failure::broken("the name of the cookies has more than letters and digits"));
        }
        let servers = self.providers.iter().map(|(_, client, _)| client.server());
        require_distinct_issuers(servers)?;
        if self.providers.is_empty() {
            return Err(Failure::broken(
                "nobody can log in without a client: name one by `WebLoginBuilder::client`",
            ));
        }
        let (tasks, mut providers) = (Tasks::new(), Vec::<Provider>::new());
        let mut starts = ThirdPartyLogin::new(&self.base)?;
        for (name, client, ask) in self.providers {
            if !name.is_empty() && !is_name(&name) || providers.iter().any(|known| known.name == name) {
                return Err(Failure::broken(
                    "the name of a client has more than letters and digits, or is there twice",
                ));
            }
            let is_issuer_known = client.server().issuer_identifier().is_some();
            if is_issuer_known {
                starts = starts.at(client.server())?;
            }
            let back = BackChannel::new(&client).map_err(Failure::from);
            let front = if self.has_front { FrontChannel::new(&client).ok() } else { None };
            let redirect_uri = base.absolute(&Base::callback(&name));
            // It goes nowhere. What no login can do is said to the program now, and not to people one by one.
            let request = ask(AuthorizationRequest::new(&client, &redirect_uri)?)?;
            drop(request.start("nobody", entropy()?, now())?);
            providers.push(Provider {
                common: Common::new(&client, &redirect_uri),
                sessions: Sessions::new(self.http.clone(), &client, Arc::clone(&self.store))
                    .with_lifetime(self.lifetime)
                    .with_tasks(&tasks),
                has_end_session: client.server().url_of(Endpoint::EndSession).is_some(),
                back: back.map(|back| if self.needs_sid { back.session_required() } else { back }),
                front: front.map(|front| if self.needs_sid { front.session_required() } else { front }),
                name,
                client,
                redirect_uri,
                ask,
            });
        }
        Ok(WebLogin(Arc::new(Inner {
            cookies: Cookies::new(!self.is_on_loopback, &self.own),
            seals: Seals::new(&self.keys),
            starts: Starts::new(self.most_starts),
            names: self.names,
            known: Known::new(),
            tasks,
            http: self.http,
            foreign: starts,
            base,
            providers,
            store: self.store,
            texts: self.texts,
            on_failure: self.on_failure,
            lifetime: self.lifetime,
            is_local_logout: self.is_local_logout,
        })))
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 32 && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

impl fmt::Debug for WebLoginBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebLoginBuilder").field("base", &self.base).finish_non_exhaustive()
    }
}
