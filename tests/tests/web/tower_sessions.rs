//! Sessions that `tower-sessions` keeps: the application's own things beside the login.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use axum::Router;
use axum::routing::get;
use http::{Method, StatusCode};
use serde_json::json;
use valetkey_axum::tower_sessions::session::{Id, Record};
use valetkey_axum::tower_sessions::{MemoryStore, Session, SessionStore, session_store};
use valetkey_axum::{User, WebLogin};

use crate::browser::Browser;
use crate::world::{EVENT, World, jwt, web, whole};

/// A store that can be switched off.
#[derive(Clone, Debug, Default)]
struct Theirs {
    store: MemoryStore,
    is_off: Arc<AtomicBool>,
    takes_no_writes: Arc<AtomicBool>,
}

impl Theirs {
    fn switch(&self, is_on: bool) {
        self.is_off.store(!is_on, Ordering::Relaxed);
    }

    fn to_write(&self) -> session_store::Result<&MemoryStore> {
        match self.takes_no_writes.load(Ordering::Relaxed) {
            true => Err(session_store::Error::Backend("the store takes no writes".to_owned())),
            false => self.inner(),
        }
    }

    fn inner(&self) -> session_store::Result<&MemoryStore> {
        match self.is_off.load(Ordering::Relaxed) {
            true => Err(session_store::Error::Backend("the store is off".to_owned())),
            false => Ok(&self.store),
        }
    }
}

#[async_trait]
impl SessionStore for Theirs {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        self.to_write()?.create(record).await
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.to_write()?.save(record).await
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        self.inner()?.load(id).await
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        self.inner()?.delete(id).await
    }
}

fn login(world: &World) -> WebLogin {
    world.settings().client(world.client()).in_tower_sessions().build().unwrap()
}

/// The application in one process, with a basket for each session.
fn shop(world: &World, store: &Theirs) -> Router {
    shop_of(&login(world), store)
}

fn shop_of(login: &WebLogin, store: &Theirs) -> Router {
    let basket = Router::new().route("/basket", get(basket).post(fill));
    web(login).merge(basket.with_state(login.clone())).layer(login.session_layer(store.clone()))
}

/// Alice, logged in at one process of it.
async fn logged_in() -> (World, Theirs, Router, Browser) {
    let world = World::new().await;
    let theirs = Theirs::default();
    let web = shop(&world, &theirs);
    let mut alice = Browser::default();
    assert_eq!(world.log_in(&web, &mut alice, "alice", "Alice").await.to(), "/");
    (world, theirs, web, alice)
}

async fn basket(_user: Option<User>, session: Session) -> String {
    session.get::<String>("basket").await.unwrap().unwrap_or_else(|| "nothing".to_owned())
}

async fn fill(session: Session, body: String) {
    session.insert("basket", body).await.unwrap();
}

impl Browser {
    fn id(&self) -> Option<String> {
        self.cookies.get("__Host-id").cloned()
    }
}

#[tokio::test]
async fn the_id_is_another_after_a_login_and_what_was_put_there_before_stays_lg_3() {
    let world = World::new().await;
    let theirs = Theirs::default();
    let (web, other_process) = (shop(&world, &theirs), shop(&world, &theirs));
    let mut alice = Browser::default();
    let page = alice.posts(&web, "/basket", "a valet key").await;
    let attributes: Vec<&str> = page.set()[0].split("; ").skip(1).collect();
    for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(attributes.contains(&attribute), "{attribute}: {attributes:?}");
    }
    // It is planted in her browser by somebody who has it too.
    let planted = alice.clone();
    assert_eq!(world.log_in(&web, &mut alice, "alice", "Alice").await.to(), "/");
    assert_ne!(alice.id(), planted.id());
    assert_eq!(alice.session(), None);
    assert!(alice.goes(&other_process, "/").await.body.starts_with("Hello, Alice "));
    assert_eq!(alice.goes(&other_process, "/basket").await.body, "a valet key");
    assert!(planted.clone().goes(&web, "/").await.body.starts_with("Hello, stranger "));
    assert_eq!(planted.clone().goes(&web, "/basket").await.body, "nothing");
    assert!(world.rules().is_empty());
}

/// Browsers keep no `Secure` cookie there.
#[tokio::test]
async fn their_cookie_on_loopback_is_named_and_marked_as_the_others_are_lg_1() {
    let world = World::new().await;
    let settings = world.settings_at("http://127.0.0.1:8080").on_loopback().client(world.client());
    let login = settings.cookies_named("shop").in_tower_sessions().build().unwrap();
    let web = shop_of(&login, &Theirs::default());
    let page = Browser::default().posts(&web, "/basket", "a valet key").await;
    let [cookie] = page.set()[..] else { panic!("{:?}", page.set()) };
    assert!(cookie.starts_with("shop-id=") && !cookie.contains("Secure"), "{cookie}");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
}

#[tokio::test]
async fn nothing_of_one_person_is_left_to_the_next_in_the_same_browser_lg_3() {
    let world = World::new().await;
    let web = shop(&world, &Theirs::default());
    let mut browser = Browser::default();
    assert_eq!(world.log_in(&web, &mut browser, "alice", "Alice").await.to(), "/");
    browser.posts(&web, "/basket", "hers").await;
    let before = browser.clone();
    assert_eq!(world.log_in(&web, &mut browser, "bob", "Bob").await.to(), "/");
    assert_ne!(browser.id(), before.id());
    assert_eq!(browser.goes(&web, "/basket").await.body, "nothing");
    assert!(browser.goes(&web, "/").await.body.starts_with("Hello, Bob "));
    assert!(before.clone().goes(&web, "/").await.body.starts_with("Hello, stranger "));
}

#[tokio::test]
async fn what_a_person_has_there_stays_when_they_log_in_again_lg_3_lg_7() {
    let (world, _, web, mut alice) = logged_in().await;
    alice.posts(&web, "/basket", "hers").await;
    for start in ["/login", "/login?prompt=none"] {
        let before = alice.clone();
        let asked = alice.goes(&web, start).await;
        let back = world.allows(asked.to(), "alice", "Alice");
        assert_eq!(alice.goes(&web, &back).await.to(), "/", "{start}");
        assert_ne!(alice.id(), before.id());
        assert_eq!(alice.goes(&web, "/basket").await.body, "hers", "{start}");
        assert!(before.clone().goes(&web, "/").await.body.starts_with("Hello, stranger "));
    }
    // LG-7: somebody else is at the server by now.
    let asked = alice.goes(&web, "/login?prompt=none").await;
    let before = alice.clone();
    let back = world.allows(asked.to(), "bob", "Bob");
    assert_eq!(alice.goes(&web, &back).await.to(), "/");
    assert_eq!((alice.id(), world.rules()), (None, vec!["LG-7".to_owned()]));
    assert_eq!(before.clone().goes(&web, "/basket").await.body, "nothing");
}

#[tokio::test]
async fn a_log_out_takes_all_of_it_away_in_all_processes_lo_5_lg_8() {
    let (world, theirs, web, mut alice) = logged_in().await;
    let other_process = shop(&world, &theirs);
    alice.posts(&web, "/basket", "hers").await;
    // LG-8
    let page = alice.clone().sends(&web, Method::POST, "/logout", &[("origin", "null")], "").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert_eq!(world.rules(), ["LG-8"]);
    let before = alice.clone();
    let page = alice.posts(&other_process, "/logout", "").await;
    assert_eq!(page.to(), "/");
    assert_eq!(alice.id(), None);
    // Browsers leave a cookie of this prefix as it is where one without `Secure` would take it away.
    let is_taken = |cookie: &&str| {
        ["__Host-id=;", "Secure", "Path=/", "Max-Age=0"].iter().all(|part| cookie.contains(part))
    };
    assert!(page.set().iter().any(is_taken), "{:?}", page.set());
    for process in [&web, &other_process] {
        assert!(before.clone().goes(process, "/").await.body.starts_with("Hello, stranger "));
        assert_eq!(before.clone().goes(process, "/basket").await.body, "nothing");
    }
    assert_ne!(world.revoked(), 0);
}

#[tokio::test]
async fn a_log_out_of_the_server_ends_it_in_all_processes_lo_15_lo_16() {
    let (world, theirs, web, mut alice) = logged_in().await;
    let other_process = shop(&world, &theirs);
    alice.posts(&web, "/basket", "hers").await;
    let claims = json!({ "sub": "alice", "sid": "sid of alice", "jti": "1", "events": { EVENT: {} } });
    let form = format!("logout_token={}", jwt("logout+jwt", &whole(claims, 120)));
    let page =
        Browser::default().sends(&other_process, Method::POST, "/logout/back-channel", &[], &form).await;
    assert_eq!(page.status, StatusCode::OK);
    for process in [&other_process, &web] {
        // What was kept beside the login is gone when it is found over.
        assert_eq!(alice.goes(process, "/basket").await.body, "nothing");
        assert!(alice.goes(process, "/").await.body.starts_with("Hello, stranger "));
    }
    assert_eq!(alice.id(), None);
}

#[tokio::test]
async fn what_a_late_request_writes_back_is_no_login_lo_16() {
    let (_world, theirs, web, mut alice) = logged_in().await;
    let before = alice.clone();
    let id: Id = alice.id().unwrap().parse().unwrap();
    let record = theirs.load(&id).await.unwrap().unwrap();
    // Neither who she is nor a token is in their store.
    let held = serde_json::to_string(&record).unwrap();
    assert!(!held.contains("Alice") && !held.contains("code-0"), "{held}");
    assert_eq!(alice.posts(&web, "/logout", "").await.to(), "/");
    theirs.save(&record).await.unwrap();
    assert!(before.clone().goes(&web, "/").await.body.starts_with("Hello, stranger "));
    assert!(theirs.load(&id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_store_of_theirs_that_is_down_is_a_503_and_logs_nobody_in_or_out() {
    let (world, theirs, web, mut alice) = logged_in().await;
    let asked = alice.posts(&web, "/login", "").await;
    let back = world.allows(asked.to(), "bob", "Bob");
    theirs.switch(false);
    for page in [
        alice.clone().goes(&web, "/").await,
        alice.clone().posts(&web, "/logout", "").await,
        alice.clone().goes(&web, &back).await,
    ] {
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(!page.set().iter().any(|cookie| cookie.starts_with("__Host-id=")), "{:?}", page.set());
    }
    assert_eq!(world.rules().len(), 3);
    theirs.switch(true);
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice "));
    // The code was not sent: a reload is enough.
    assert_eq!(world.redeemed(), 1);
    assert_eq!(alice.goes(&web, &back).await.to(), "/");
    assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Bob "));
}

/// A disk that is full, or a replica: what is there can be read and deleted.
#[tokio::test]
async fn a_store_of_theirs_that_takes_no_writes_logs_nobody_out() {
    let (world, theirs, web, mut alice) = logged_in().await;
    alice.posts(&web, "/basket", "hers").await;
    for (sub, name) in [("alice", "Alice"), ("bob", "Bob")] {
        let asked = alice.posts(&web, "/login", "").await;
        let back = world.allows(asked.to(), sub, name);
        theirs.takes_no_writes.store(true, Ordering::Relaxed);
        assert_eq!(alice.goes(&web, &back).await.status, StatusCode::SERVICE_UNAVAILABLE, "{sub}");
        theirs.takes_no_writes.store(false, Ordering::Relaxed);
        assert_eq!(world.rules(), ["none"], "{sub}");
        assert!(alice.goes(&web, "/").await.body.starts_with("Hello, Alice "), "{sub}");
        assert_eq!(alice.goes(&web, "/basket").await.body, "hers", "{sub}");
    }
}

#[tokio::test]
async fn routes_outside_of_the_layer_say_so() {
    let world = World::new().await;
    let login = login(&world);
    let web = web(&login);
    assert_eq!(Browser::default().goes(&web, "/").await.status, StatusCode::SERVICE_UNAVAILABLE);
    let failure = login.user(&http::HeaderMap::new()).await.unwrap_err();
    assert!(failure.to_string().contains("session_layer"), "{failure}");
    assert_eq!(world.rules(), ["none"]);
}
