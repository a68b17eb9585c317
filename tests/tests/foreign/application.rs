//! A web application of `valetkey-axum` in two processes with one store, at a server that others wrote: [`Application`].
//!
//! The processes are two routers with nothing in common but the store and the settings, on ports of their own. A log-out is told to
//! the second one, and people log in at the first.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::Html;
use axum::routing::get;
use http::Method;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use valetkey_async::store::MemoryStore;
use valetkey_async::{Client, Discovery, Quirk, Quirks, http_client, run};
use valetkey_axum::{Failure, User, WebLogin};

use crate::browser::{Browser, Seen};
use crate::chromium::Visit;
use crate::rig::Rig;

const KEY: [u8; 32] = *b"0123456789abcdef0123456789abcdef";

/// What a server is told of the application: its URLs, of which those in the back lead to the second process.
pub(crate) struct Registration {
    pub(crate) redirect_uri: String,
    pub(crate) post_logout_redirect_uri: String,
    pub(crate) backchannel_logout_uri: String,
    pub(crate) frontchannel_logout_uri: String,
}

pub(crate) struct Application {
    /// Where people go, and the process that hears from the server.
    pub(crate) base: String,
    pub(crate) other: String,
    failures: Arc<Mutex<Vec<String>>>,
    /// What came from elsewhere, the oldest first: the process, and the path.
    announced: Arc<Mutex<Vec<String>>>,
    _runtime: Runtime,
}

impl Application {
    /// The application, at a server that registers it: the client's id and its secret.
    pub(crate) fn at(rig: &Rig, register: impl FnOnce(&Registration) -> (String, String)) -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let bind = || async { TcpListener::bind("127.0.0.1:0").await.unwrap() };
        let listeners = [runtime.block_on(bind()), runtime.block_on(bind())];
        let [base, other] = listeners.each_ref().map(|it| format!("http://{}", it.local_addr().unwrap()));
        let (id, secret) = register(&Registration {
            redirect_uri: format!("{base}/callback"),
            post_logout_redirect_uri: format!("{base}/logout/return"),
            backchannel_logout_uri: format!("{other}/logout/back-channel"),
            frontchannel_logout_uri: format!("{base}/logout/front-channel"),
        });
        let http = http_client().unwrap();
        let quirks = Quirks::STRICT.with(Quirk::LoopbackHttp);
        let discovery = Discovery::new(rig.text("/issuer")).unwrap().admit_all(quirks);
        let server = runtime.block_on(run(&http, discovery)).unwrap().into_server();
        let client = Client::new(server, &id).secret(secret).unwrap().api(rig.text("/issuer")).unwrap();
        let (failures, announced) =
            (Arc::<Mutex<Vec<String>>>::default(), Arc::<Mutex<Vec<String>>>::default());
        let store = Arc::new(MemoryStore::new());
        for (name, listener) in ["first", "second"].into_iter().zip(listeners) {
            let (heard, told) = (Arc::clone(&failures), Arc::clone(&announced));
            let note = move |failure: &Failure| heard.lock().unwrap().push(failure.to_string());
            let login = WebLogin::builder(http.clone(), &base, KEY)
                .on_loopback()
                .store(Arc::clone(&store))
                .on_failure(note)
                .front_channel()
                .client_asking(client.clone(), |request| request.scope("openid"))
                .build()
                .unwrap();
            let tell = move |request: Request, next: Next| {
                let path = request.uri().path().to_owned();
                if path.ends_with("-channel") && matches!(*request.method(), Method::GET | Method::POST) {
                    told.lock().unwrap().push(format!("{name}{path}"));
                }
                next.run(request)
            };
            let routes = Router::new()
                .route("/", get(home))
                .route("/orders", get(orders))
                .merge(login.router())
                .layer(from_fn(tell))
                .with_state(login);
            runtime.spawn(async move { axum::serve(listener, routes).await });
        }
        Self { base, other, failures, announced, _runtime: runtime }
    }

    /// A browser in which Alice has logged in, through the server's own pages, at the first process.
    pub(crate) fn log_in(&self) -> Browser {
        let mut browser = Browser::new();
        assert_eq!(self.log_in_at(&mut browser, "/login?return_to=/orders"), "Orders of alice");
        browser
    }

    /// The page that a login which begins at this path ends with.
    pub(crate) fn log_in_at(&self, browser: &mut Browser, path: &str) -> String {
        let callback = format!("{}/callback", self.base);
        let back =
            browser.visit(&format!("{}{path}", self.base), &callback).expect("the browser is sent back");
        browser.sees(&back, None).page
    }

    /// Presses the button that logs out, and follows where it leads.
    pub(crate) fn log_out(&self, browser: &mut Browser) -> Seen {
        let home = browser.sees(&self.base, None);
        let sent = browser.fills_in(&home);
        // What is too long for a URL goes by a form that sends itself.
        match sent.page.contains("document.forms[0].submit();") {
            true => browser.fills_in(&sent),
            false => sent,
        }
    }

    /// Whom the first pages of both processes greet in this browser.
    pub(crate) fn greets(&self, browser: &mut Browser) -> [String; 2] {
        [&self.base, &self.other].map(|process| {
            let page = browser.sees(process, None).page;
            page.split('<').next().unwrap_or_default().trim().to_owned()
        })
    }

    /// What came from elsewhere since this was asked last.
    pub(crate) fn announced(&self) -> Vec<String> {
        std::mem::take(&mut *self.announced.lock().unwrap())
    }

    /// What was refused, or failed, since this was asked last.
    pub(crate) fn failures(&self) -> Vec<String> {
        std::mem::take(&mut *self.failures.lock().unwrap())
    }
}

async fn home(State(login): State<WebLogin>, user: Option<User>) -> Html<String> {
    let name = user.as_ref().map_or("stranger", |user| user.identity().subject());
    Html(format!("Hello, {name} {}", login.button(user.as_ref())))
}

async fn orders(user: User) -> String {
    format!("Orders of {}", user.identity().subject())
}

/// A Chromium at a page, which finds nobody but this computer: the servers' pages have fonts from elsewhere.
pub(crate) async fn in_chromium(url: &str) -> Visit {
    let nobody_else = "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1".to_owned();
    Visit::of_page_by(url, &[nobody_else]).await
}

/// What others' pages have on the console is theirs.
pub(crate) async fn ends(visit: Visit) {
    visit.end_with(|_| true).await;
}
