//! Whatever comes, it is read or refused.

use proptest::prelude::*;
use valetkey_core::logout::{FrontChannel, LogoutRequest, LogoutResponse};
use valetkey_tests::{NOW, entropy};

use crate::world::*;

const BYE: &str = "https://app.example/bye";

proptest! {
    #[test]
    fn the_back_channel_takes_whatever_is_posted(body in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(receiver().receive(&post(body)).is_err());
    }

    #[test]
    fn a_logout_token_that_nobody_signed_is_refused(text in "[A-Za-z0-9_-]{0,80}\\.[A-Za-z0-9_-]{0,200}\\.[A-Za-z0-9_-]{0,90}") {
        prop_assert!(heard_by(&receiver(), &text).is_err());
    }

    #[test]
    fn the_front_channel_names_the_server_or_nobody(query in "(iss|sid|x)=[a-z:/.%0-9]{0,30}(&(iss|sid|x)=[a-z:/.%0-9]{0,30}){0,3}") {
        let request = http::Request::get(format!("/out?{query}")).body(());
        let Ok(request) = request else { return Ok(()) };
        if let Ok(notice) = FrontChannel::new(&client()).unwrap().receive(&request) {
            prop_assert!(notice.issuer().is_none_or(|issuer| issuer == "https://as.example"));
            prop_assert_eq!(notice.issuer().is_some(), notice.session_id().is_some());
        }
    }

    #[test]
    fn a_return_is_confirmed_by_its_own_state_alone(query in "[ -~]{0,120}") {
        let request = LogoutRequest::new(&client()).unwrap().return_to(BYE).unwrap();
        let (_, pending) = request.begin(entropy(5), NOW).unwrap();
        let response = LogoutResponse::from_query(BYE, &query).unwrap();
        prop_assert!(pending.unwrap().confirm(&response, NOW).is_err());
    }
}
