//! Several processes of one application, whose sessions are in one Redis: the one that `tests/interop/processes` starts and names.

use http::{Method, StatusCode};
use serde_json::json;
use valetkey_async::entropy;
use valetkey_stores::AsyncRedisStore;

use crate::browser::Browser;
use crate::world::{EVENT, World, jwt, web, whole};

#[tokio::test]
#[ignore = "tests/interop/processes starts the Redis"]
#[expect(clippy::disallowed_methods, reason = "the script says where its Redis is")]
async fn processes_on_one_redis_log_in_and_out_together_lo_15_lo_16() {
    let url = std::env::var("VALETKEY_REDIS").unwrap();
    let world = World::new().await;
    let process = || {
        let store = AsyncRedisStore::connect(&url).unwrap();
        web(&world.settings().client(world.client()).store(store).build().unwrap())
    };
    let (one, other) = (process(), process());
    // Nobody's who was there before.
    let alice = entropy().unwrap().text("Alice");
    // What begins in the one process ends in the other.
    let mut browser = Browser::default();
    let asked = browser.posts(&one, "/login", "").await;
    let back = world.allows(asked.to(), &alice, "Alice");
    assert_eq!(browser.goes(&other, &back).await.to(), "/");
    for process in [&one, &other] {
        assert!(browser.goes(process, "/").await.body.starts_with("Hello, Alice "));
    }
    // The server says to either that she has left.
    let claims =
        json!({ "sub": alice, "sid": format!("sid of {alice}"), "jti": alice, "events": { EVENT: {} } });
    let form = format!("logout_token={}", jwt("logout+jwt", &whole(claims, 120)));
    let page = Browser::default().sends(&one, Method::POST, "/logout/back-channel", &[], &form).await;
    assert_eq!(page.status, StatusCode::OK);
    for process in [&other, &one] {
        assert!(browser.goes(process, "/").await.body.starts_with("Hello, stranger "));
    }
    // LO-14: in both, once.
    let page = Browser::default().sends(&other, Method::POST, "/logout/back-channel", &[], &form).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    // And she does it herself.
    let mut browser = world.browser_of(&other, &alice, "Alice").await;
    let before = browser.clone();
    assert_eq!(browser.posts(&one, "/logout", "").await.to(), "/");
    assert!(before.clone().goes(&other, "/").await.body.starts_with("Hello, stranger "));
}
