//! UI-5: what the server says of the person of a session, asked with a token that is renewed if need be.

use valetkey_core::{Client, Discovery, Quirk, Rule};
use valetkey_sandbox::{Endpoint, Front, Misbehaviour, Sandbox};

use crate::face::Adapter;
use crate::for_both;
use crate::many_users::granted;

const SCOPE: &str = "openid profile global:Profile.View";

/// An OpenID provider, and the demo's native application there.
fn provider<A: Adapter>(adapter: &A) -> (Front, Client) {
    let front = Front::start(Sandbox::demo([9; 32])).unwrap();
    front.publish();
    let discovery = Discovery::new(front.url()).unwrap().admit(Quirk::LoopbackHttp);
    let client = Client::new(adapter.run(discovery).unwrap().into_server(), "native");
    (front, client)
}

fn asked(front: &Front, endpoint: Endpoint) -> usize {
    front.sandbox().log().iter().filter(|entry| entry.endpoint() == endpoint).count()
}

for_both! {
    fn the_person_who_logged_in_is_told_of(adapter: A) {
        let (front, client) = provider(&adapter);
        let api = adapter.issued(&client, &granted(&adapter, &front, &client, "alice", SCOPE));
        let person = adapter.user_info(&api).unwrap();
        assert_eq!(person.identity().subject(), front.sandbox().user_id("alice"));
        assert_eq!(person.standard_claims().name(), Some("Alice Archer"));
        assert_eq!((asked(&front, Endpoint::Userinfo), asked(&front, Endpoint::Token)), (1, 1));
    }

    /// WA-3: once more, with the next token; and not again.
    fn a_token_that_the_server_does_not_take_is_renewed_once(adapter: A) {
        let (front, client) = provider(&adapter);
        let api = adapter.issued(&client, &granted(&adapter, &front, &client, "alice", SCOPE));
        front.sandbox().expire_all();
        assert_eq!(adapter.user_info(&api).unwrap().standard_claims().name(), Some("Alice Archer"));
        assert_eq!((asked(&front, Endpoint::Userinfo), asked(&front, Endpoint::Token)), (2, 2));
        front.sandbox().revoke_user("alice");
        assert!(adapter.user_info(&api).unwrap_err().is_authorization_required);
        assert_eq!((asked(&front, Endpoint::Userinfo), asked(&front, Endpoint::Token)), (3, 3));
    }

    fn another_person_is_refused(adapter: A) {
        let (front, client) = provider(&adapter);
        let api = adapter.issued(&client, &granted(&adapter, &front, &client, "alice", SCOPE));
        front.sandbox().misbehave(Misbehaviour::UserinfoSubOther);
        let error = adapter.user_info(&api).unwrap_err().core.unwrap();
        assert_eq!(error.rule(), Some(Rule::Ui5));
        assert_eq!(asked(&front, Endpoint::Userinfo), 1);
    }

    /// Nobody is known to have logged in: nothing is sent.
    fn a_session_without_a_login_is_nobodys(adapter: A) {
        let (front, client) = provider(&adapter);
        let api = adapter.issued(&client, &granted(&adapter, &front, &client, "alice", "global:Profile.View"));
        let error = adapter.user_info(&api).unwrap_err().core.unwrap();
        assert_eq!((error.rule(), asked(&front, Endpoint::Userinfo)), (Some(Rule::Ui5), 0));
        assert!(error.to_string().contains("log in with the scope openid"), "{error}");
    }
}
