//! The module on refresh tokens.

use std::cell::Cell;
use std::rc::Rc;

use http::StatusCode;
use valetkey_core::Session;

use super::sent::assert_conformant;
use super::suite::{Suite, Variant};

/// The API answers 401 whatever it is sent, until two refresh tokens were used, the second of them a new one.
#[test]
fn an_api_that_refuses_until_tokens_were_refreshed_twice() {
    for variant in Variant::all() {
        let mut suite = Suite::new(variant);
        let client = suite.client().unwrap();
        let tokens = suite.log_in(&client).unwrap();
        let refreshed = Rc::new(Cell::new(0));
        let counted = Rc::clone(&refreshed);
        suite.tamper(move |request, answer| {
            let refreshes = request.body().starts_with(b"grant_type=refresh_token");
            if request.uri().path() == "/oauth/token" && refreshes && answer.status() == 200 {
                counted.set(counted.get() + 1);
            }
            if request.uri().path().starts_with("/api/") && answer.status() == 200 && counted.get() < 2 {
                *answer.status_mut() = StatusCode::UNAUTHORIZED;
                let challenge = r#"Bearer realm="conformancesuite", error="invalid_token", error_description="Refresh twice""#;
                answer.headers_mut().insert("www-authenticate", challenge.parse().unwrap());
            }
        });
        let mut session = Session::from_tokens(&client, &tokens);
        // One renewal a call, and never a loop: the second call brings the second.
        assert_eq!(suite.call(&mut session).unwrap(), 401, "{variant:?}");
        assert_eq!(suite.call(&mut session).unwrap(), 200, "{variant:?}");
        assert_eq!(refreshed.get(), 2, "{variant:?}");
        assert_conformant(&suite);
    }
}
