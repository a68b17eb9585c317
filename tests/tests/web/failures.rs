//! What the program's log hears of what went wrong, and what the person is told meanwhile.

use std::error::Error as StdError;
use std::fmt;

use http::StatusCode;
use valetkey_async::store::StoreError;
use valetkey_axum::Failure;
use valetkey_core::{Error as CoreError, host};

use crate::browser::Browser;
use crate::world::{World, client_of, web};

/// What a store says, with what is behind it.
#[derive(Debug)]
struct Deep(Option<Box<Deep>>, &'static str);

impl fmt::Display for Deep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.1)
    }
}

impl StdError for Deep {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.as_ref().map(|behind| &**behind as _)
    }
}

#[test]
fn a_failure_says_what_it_was_by_which_rule_and_what_is_behind_it() {
    let deep = Deep(Some(Box::new(Deep(None, "the disk is broken"))), "the file cannot be read");
    let told = |failure: Failure| {
        let behind = failure.source().map(ToString::to_string);
        (failure.to_string(), failure.rule(), behind)
    };
    let of_store = told(Failure::from(StoreError::new(deep)));
    let said = "the token store failed: the file cannot be read".to_owned();
    assert_eq!(of_store, (said, None, Some("the disk is broken".to_owned())));
    let refused = Failure::Refused { rule: "LG-4", what: "the place is elsewhere" };
    assert_eq!(told(refused), ("the place is elsewhere (LG-4)".to_owned(), Some("LG-4"), None));
    let broken = Failure::Broken("something is missing");
    assert_eq!(told(broken), ("something is missing".to_owned(), None, None));
    let core = host::get("/me").unwrap_err();
    let (said, rule) = (core.to_string(), core.rule().map(|rule| rule.id()));
    assert!(said.starts_with("misuse: ") && rule.is_some(), "{said}");
    assert_eq!(told(Failure::from(core)), (said.clone(), rule, None));
    let of_library = Failure::from(valetkey_async::Error::Core(CoreError::Unanswered));
    assert_eq!(told(of_library).0, CoreError::Unanswered.to_string());
}

/// The code may be spent already, so that the login begins anew.
#[tokio::test]
async fn a_server_that_nobody_reaches_is_a_503_and_that_login_is_over() {
    let world = World::new().await;
    // Nobody listens there.
    let server = world.server.clone().token_endpoint("http://127.0.0.1:1/token").unwrap();
    let web = web(&world.settings().client(client_of(server)).build().unwrap());
    let mut alice = Browser::default();
    let asked = alice.posts(&web, "/login", "").await;
    let back = world.allows(asked.to(), "alice", "Alice");
    let page = alice.goes(&web, &back).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.body.contains("This does not work at the moment."), "{}", page.body);
    assert!(alice.waiting().is_empty() && alice.session().is_none());
    assert_eq!(world.rules(), ["none"]);
    // No page is there to be loaded again for this: its words are the answer.
    let page = alice.goes(&web, "/login/failed?why=unavailable").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
}
