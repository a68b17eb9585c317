//! Any server's part, played by the sandbox: [`Stage`].

mod authority;
mod browser;
mod cast;
mod part;
mod place;
mod tunnel;
mod user;

use std::fmt;
use std::future::{Ready, pending, ready};
use std::io;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use http::Uri;
use http::header::LOCATION;
use rcgen::KeyPair;
use tokio::sync::oneshot;
use valetkey_core::host::{Network, ProxyRules};
use valetkey_core::terms::CertificateThumbprint;

use self::authority::Authority;
use self::browser::Browser;
use self::cast::{ALICE, cast};
use self::place::Place;
use self::tunnel::Tunnel;
use self::user::User;
use crate::{DEMO_USERS, Front, Person, Provider, Sandbox};

/// A sandbox in the place of every https server, for a program that is shown or tested as it is: with the URLs of the real
/// servers in it. Nothing leaves this computer.
///
/// A program needs two things from it: an HTTP client on its [network](Self::network), and somebody to
/// [show](Self::show) the URL of a login to. With `--once` among the program's arguments, Alice answers there, as a user with
/// a browser would; without it, the URL is printed for a browser on this computer.
///
/// The sandbox plays one server at a time. When an issuer is asked for its metadata, it is that one from then on, in
/// [`Dialect::Standard`](crate::Dialect::Standard); an organisation below `jetbrains.space` speaks Space's dialect; a server
/// without metadata is known by the ends of its endpoints' paths: `/authorize`, `/token`, `/access_token`, `/device/code`.
/// These applications are registered, the confidential ones with the secret `client-secret`:
///
/// | client id | is | may |
/// |---|---|---|
/// | `client-id` | public | Authorization Code, at any loopback port's `/callback`; the device grant |
/// | `web-id` | confidential | Authorization Code, at any loopback port's `/callback`, `/callback/staff` and `/callback/guests` |
/// | `service-id` | confidential | Client Credentials, token exchange, the JWT bearer grant |
/// | `signing-id` | by a [key](Self::key) (`private_key_jwt`) | Client Credentials |
/// | `certified-id` | by its [certificate](Self::certificate) | Client Credentials |
///
/// and an API answers, each URL for a right of its own: `https://api.example/me` (`profile`), `https://api.example/orders`
/// (`orders:read`), the profiles of GitHub (`read:user`) and of Microsoft Graph (`User.Read`), and the calendars of Google
/// (`https://www.googleapis.com/auth/calendar.readonly`). [`Sandbox::serve`] adds others.
///
/// ```
/// use valetkey_core::Discovery;
/// use valetkey_sandbox::Stage;
///
/// let stage = Stage::start()?;
/// let network = stage.network(); // let http = http_client_for(&network)?;
/// let flow = Discovery::new("https://accounts.google.com")?; // run(&http, flow)?
/// # let _ = (network, flow);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Stage {
    front: Front,
    tunnel: Tunnel,
    authority: Arc<Authority>,
    /// Who is played in the sandbox's place.
    provider: Arc<Mutex<Option<Provider>>>,
    is_once: bool,
    /// The certificate of `certified-id` and the key of both, in PEM.
    certificate: String,
    key: String,
}

impl Stage {
    /// Sets the stage, on ports of 127.0.0.1 that are free. Dropping it ends it.
    ///
    /// # Errors
    ///
    /// The operating system's, if it gives no port or no thread.
    pub fn start() -> io::Result<Self> {
        let authority = Authority::new()?;
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let certificate = authority.issue("certified-id.example", &key)?;
        let thumbprint = CertificateThumbprint::of_der(certificate.der()).map_err(io::Error::other)?;
        let front = Front::start(cast(&thumbprint, &key))?;
        let provider = Arc::default();
        let tunnel = Tunnel::start(&authority, front.shared(), Arc::clone(&provider))?;
        let is_once = std::env::args_os().any(|argument| argument == "--once");
        let key = key.serialize_pem();
        let certificate = format!("{}{key}", certificate.pem());
        Ok(Self { front, tunnel, authority, provider, is_once, certificate, key })
    }

    /// The network on which every https server is the sandbox: what `http_client_for` of an adapter makes an HTTP client of.
    /// Plain http to another computer is refused by the proxy (403 or 405); to this computer it goes directly.
    #[must_use]
    pub fn network(&self) -> Network {
        let proxy = self.tunnel.url();
        let rules = ProxyRules::from_values(|name| {
            ["HTTPS_PROXY", "HTTP_PROXY"].contains(&name).then(|| proxy.to_owned())
        });
        Network::new(rules).authority(self.authority.pem())
    }

    /// The address on this computer for a server that is one: `http://localhost:8080/realms/demo` with the sandbox's port.
    /// The sandbox is the issuer of this address from now on.
    #[must_use]
    pub fn local(&self, url: &str) -> String {
        let path = url.parse::<Uri>().map_or_else(|_| String::new(), |url| url.path().to_owned());
        self.front.publish();
        let issuer = format!("{}{}", self.front.url(), path.trim_end_matches('/'));
        self.sandbox().settings_mut().issuer = Some(issuer.clone());
        issuer
    }

    /// Shows the URL of an authorization to the user. With `--once`, Alice logs in and allows in a thread of her own; if she
    /// cannot, the program ends with status 1, for it would wait for her in vain.
    #[expect(clippy::disallowed_macros, reason = "the stage is for programs that print")]
    pub fn show(&self, url: impl fmt::Display) {
        let url = url.to_string();
        if !self.is_once {
            println!("Open {}", url.parse().map_or(url, |url| self.place().of(&url)));
            return;
        }
        println!("Open {url}");
        drop(self.act(move |alice| alice.log_in(&url)));
    }

    /// Shows the user where to approve a device. The sandbox has no page for that: Alice approves, with `--once` or without.
    #[expect(clippy::disallowed_macros, reason = "the stage is for programs that print")]
    pub fn approve(&self, verification_uri: &str, user_code: &str) {
        println!("Open {verification_uri} and enter {user_code}");
        self.sandbox().approve_device(user_code, "alice");
    }

    /// Has a user visit a web application, whose pages have one form each: a button to log in, or one to log out. Without
    /// `--once`, says where to click, and never ends. With it, ends when Alice has logged in and out. The program ends with
    /// status 1 if a page is not as it should be (a user who logged in is greeted by name, and nobody else is), if a cookie
    /// lacks `HttpOnly`, or `SameSite=Lax` or `Strict`, or outlives a login, if the cookies from before the log-out are
    /// still good after it, or if Alice is logged in by the response to Bob's login.
    ///
    /// A page's form is found if it is written as `<form method="post" action="/login">`, with these attributes alone. Where a page has
    /// several, to choose a server by, they press the one that names the address of this stage's sandbox. No script is run; but
    /// what an element has that is written as `<main data-from="/path">` is replaced by what is at that path, if the answer is a
    /// success, as by a script's `fetch`.
    #[expect(clippy::disallowed_macros, reason = "the stage is for programs that print")]
    pub fn visited(&self, url: String) -> impl Future<Output = ()> + Send + use<> {
        println!("Open {url} (Ctrl-C ends the application)");
        let mut bob = self.user(1);
        let visit = move |alice: &mut User| {
            alice.visit(&url, &mut bob)?;
            println!("Alice has logged in, was greeted, and has logged out");
            Ok(())
        };
        let left = self.is_once.then(|| self.act(visit));
        async {
            match left {
                Some(left) => drop(left.await),
                None => pending().await,
            }
        }
    }

    /// What leads the user of a web application onto the stage: a response that redirects to an https server redirects to
    /// the sandbox's address on this computer. For `axum::middleware::map_response`.
    pub fn leads<B>(&self) -> impl Fn(http::Response<B>) -> Ready<http::Response<B>> + Clone + Send + use<B> {
        let place = self.place();
        move |mut response| {
            if let Some(location) = response.headers_mut().get_mut(LOCATION) {
                let url = location.to_str().ok().and_then(|url| url.parse().ok()).map(|url| place.of(&url));
                *location = url.and_then(|url| url.parse().ok()).unwrap_or(location.clone());
            }
            ready(response)
        }
    }

    /// The authority that the network trusts, in PEM: for an HTTP client that a program configures by itself.
    #[must_use]
    pub fn authority(&self) -> String {
        self.authority.pem()
    }

    /// The certificate by which `certified-id` authenticates, and its key, in PEM.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// The private key by which `signing-id` authenticates, for ES256, in PEM (PKCS #8).
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The sandbox, for switches and the log. No request is answered while the guard is held.
    pub fn sandbox(&self) -> MutexGuard<'_, Sandbox> {
        self.front.sandbox()
    }

    /// Has this provider answer in the sandbox's place, at every https URL, from now on.
    ///
    /// ```
    /// use valetkey_sandbox::{Persona, Provider, Stage};
    ///
    /// let stage = Stage::start()?;
    /// let github = Persona::named("github").ok_or("there is no such persona")?;
    /// stage.play(Provider::new(&github, [7; 32]));
    /// assert_eq!(stage.provider(|provider| provider.token_requests()), Some(0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn play(&self, provider: Provider) {
        *self.provider.lock().unwrap_or_else(PoisonError::into_inner) = Some(provider);
    }

    /// Looks at the provider that is played, or has something happen to it; `None` if none is played.
    pub fn provider<T>(&self, look: impl FnOnce(&mut Provider) -> T) -> Option<T> {
        self.provider.lock().unwrap_or_else(PoisonError::into_inner).as_mut().map(look)
    }

    fn place(&self) -> Place {
        Place { front: self.front.url().to_owned(), sandbox: self.front.shared() }
    }

    /// One of the demo's users, with a new browser.
    fn user(&self, index: usize) -> User {
        let (username, password) = DEMO_USERS.get(index).copied().unwrap_or_default();
        User { browser: Browser::new(self.place()), person: Person::new(username, password), name: ALICE }
    }

    /// Has Alice do something, in a thread of her own. If she cannot, nobody else tells the program.
    #[expect(clippy::disallowed_macros, reason = "the stage is for programs that print")]
    fn act(&self, act: impl FnOnce(&mut User) -> io::Result<()> + Send + 'static) -> oneshot::Receiver<()> {
        let mut alice = self.user(0);
        let (leave, left) = oneshot::channel();
        thread::spawn(move || {
            if let Err(error) = act(&mut alice) {
                eprintln!("Alice: {error}");
                process::exit(1);
            }
            leave.send(())
        });
        left
    }
}

/// Where it is.
impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage")
            .field("front", &self.front)
            .field("proxy", &self.tunnel.url())
            .finish_non_exhaustive()
    }
}
