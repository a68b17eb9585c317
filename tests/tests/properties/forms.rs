//! AR-1, AR-5: the parameters of a response are decoded as the URL standard has it.

use proptest::prelude::*;
use valetkey_core::{AuthorizationResponse, Scope};

const REDIRECT_URI: &str = "https://app.example/callback";

/// Encoded texts, in order and not: half an octet, octets that are no UTF-8, letters beyond ASCII.
fn encoded() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[a-zA-Z0-9_.~*-]{1,20}",
        "%[0-9a-fA-F]{2}",
        "%[0-9a-gA-G%+]{0,2}",
        Just("+".to_owned()),
        Just("%C3%A9".to_owned()),
        Just("%f0%9f%98".to_owned()),
        "[é€=?/ ]{1,2}",
    ];
    prop::collection::vec(part, 0..8).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn ar5_a_state_is_decoded_as_the_url_standard_decodes_a_form(state in encoded(), before in "[a-z&=]{0,6}", after in encoded()) {
        let query = format!("{before}&state={state}&code={after}");
        let read = AuthorizationResponse::from_query(REDIRECT_URI, &query).unwrap().state();
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let count = |wanted: &str| pairs.iter().filter(|(name, _)| name == wanted).count();
        let is_once = pairs.iter().all(|(name, _)| count(name) == 1);
        let expected = pairs.iter().find(|(name, _)| name == "state").filter(|_| is_once);
        prop_assert_eq!(read, expected.map(|(_, value)| value.to_string()));
    }

    /// However it is made, and whatever else it has: what asks for a login is found in it.
    #[test]
    fn tr11_a_scope_has_the_tokens_that_it_is_made_of(tokens in prop::collection::vec("[a-c]{1,2}|openid|openid2", 1..40)) {
        let read: Scope = tokens.join("  ").parse().unwrap();
        let made = Scope::new(&tokens).unwrap();
        let mut expected: Vec<&str> = Vec::new();
        for token in &tokens {
            if !expected.contains(&token.as_str()) {
                expected.push(token);
            }
        }
        prop_assert_eq!(read.iter().collect::<Vec<_>>(), expected.clone());
        prop_assert_eq!(made.as_str(), expected.join(" "));
        prop_assert_eq!(read.contains("openid"), tokens.iter().any(|token| token == "openid"));
    }
}
