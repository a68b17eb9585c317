//! `ApiClient`: one session, many calls, over HTTP.

use valetkey_core::error::Cause;
use valetkey_core::{Error as CoreError, Grant, Quirk, Quirks, Request, Rule, Session};
use valetkey_sandbox::{Endpoint, Front, Misbehaviour, RawAnswer, RawFront};
use valetkey_tests::get;

use crate::face::Adapter;
use crate::for_both;
use crate::wire::{chatbot, chatbot_met, client_at, front, nobody, permanent};

fn absences(front: &Front) -> Request {
    get(&format!("{}/api/http/absences", front.url()))
}

/// How many requests each of the two endpoints was asked.
fn asked(front: &Front) -> (usize, usize) {
    let sandbox = front.sandbox();
    let count = |endpoint| sandbox.log().iter().filter(|exchange| exchange.endpoint() == endpoint).count();
    (count(Endpoint::Token), count(Endpoint::Api))
}

for_both! {
    /// The first call gets a token, the next ones use it.
    fn a_token_is_got_once_and_used(adapter: A) {
        let front = front();
        let api = adapter.api(chatbot(&front));
        for _ in 0..3 {
            assert_eq!(adapter.call(&api, absences(&front)).unwrap().status(), 200);
        }
        assert_eq!(asked(&front), (1, 3));
    }

    /// Many calls at once want one token, and one request is made for it.
    fn many_calls_share_one_renewal(adapter: A) {
        let front = front();
        let api = adapter.api(chatbot(&front));
        for answer in adapter.call_at_once(&api, &absences(&front), 30) {
            assert_eq!(answer.unwrap().status(), 200);
        }
        assert_eq!(asked(&front), (1, 30));
    }

    /// WA-3: after a 401 the token is renewed and the request repeated, once.
    fn a_401_renews_and_repeats_once(adapter: A) {
        let front = front();
        let api = adapter.api(chatbot(&front));
        adapter.call(&api, absences(&front)).unwrap();
        front.sandbox().expire_all();
        assert_eq!(adapter.call(&api, absences(&front)).unwrap().status(), 200);
        assert_eq!(asked(&front), (2, 3));

        front.sandbox().misbehave(Misbehaviour::ApiExpired);
        assert_eq!(adapter.call(&api, absences(&front)).unwrap().status(), 401);
        assert_eq!(asked(&front), (3, 5), "no token is good enough, and that is the answer");
    }

    /// WA-3: an API that says by 400 or 403 that a token is no good is understood where that is admitted, and it is told on the answer.
    fn a_400_or_403_renews_where_that_is_admitted(adapter: A) {
        for (status, quirk) in [(400, Quirk::BadTokenBy400), (403, Quirk::BadTokenBy403)] {
            for admitted in [false, true] {
                let front = front();
                front.sandbox().settings_mut().bad_token_status = status;
                let api = adapter.api(chatbot_met(&front, admitted.then_some(quirk)));
                let first = adapter.call(&api, absences(&front)).unwrap();
                assert_eq!((first.status().as_u16(), first.extensions().get::<Quirks>()), (200, None));
                front.sandbox().expire_all();
                let second = adapter.call(&api, absences(&front)).unwrap();
                let told = second.extensions().get::<Quirks>().is_some_and(|quirks| quirks.contains(quirk));
                let expected = if admitted { (200, true, (2, 3)) } else { (status, false, (1, 2)) };
                assert_eq!((second.status().as_u16(), told, asked(&front)), expected);
            }
        }
    }

    /// WA-5: no token goes to another origin, and no request either.
    fn another_origin_gets_nothing(adapter: A) {
        let front = front();
        let other = RawFront::start([RawAnswer::default()]).unwrap();
        let api = adapter.api(chatbot(&front));
        let port = front.url().rsplit_once(':').unwrap().1;
        for url in [
            format!("{}/api/http/absences", other.url()),
            format!("http://localhost:{port}/api/http/absences"),
            format!("https://127.0.0.1:{port}/api/http/absences"),
            format!("http://user@127.0.0.1:{port}/api/http/absences"),
        ] {
            let failed = adapter.call(&api, get(&url)).unwrap_err();
            assert_eq!(failed.core.and_then(|error| error.rule()), Some(Rule::Wa5), "{url}");
        }
        assert_eq!((asked(&front), other.connections()), ((0, 0), 0));
    }

    /// WA-5, HT-1: nor after the API's redirect, which is the answer.
    fn a_redirect_of_the_api_takes_no_token_along(adapter: A) {
        let front = front();
        let api = adapter.api(chatbot(&front));
        for (misbehaviour, status) in [(Misbehaviour::ApiRedirect, 302), (Misbehaviour::ApiRedirectTemporary, 307)] {
            front.sandbox().misbehave_once(misbehaviour);
            assert_eq!(adapter.call(&api, absences(&front)).unwrap().status(), status);
        }
        assert_eq!(asked(&front), (1, 2));
    }

    /// A request with an `Authorization` of its own is not sent.
    fn an_authorization_is_not_replaced(adapter: A) {
        let front = front();
        let mut request = absences(&front);
        request.headers_mut().insert("authorization", "Bearer other".parse().unwrap());
        let failed = adapter.call(&adapter.api(chatbot(&front)), request).unwrap_err();
        assert!(matches!(failed.core, Some(CoreError::Misuse(_))));
        assert_eq!(asked(&front), (0, 0));
    }

    /// S6, WA-5: a header that leads the request elsewhere, or frames it otherwise, is not sent beside a token.
    fn s6_a_header_that_leads_elsewhere_is_refused(adapter: A) {
        let front = front();
        let api = adapter.api(chatbot(&front));
        for (name, value) in [
            ("host", "evil.example"), ("transfer-encoding", "chunked"), ("content-length", "100"), ("dpop", "forged"),
            ("proxy-authorization", "Basic eDp5"), ("connection", "authorization"), ("upgrade", "h2c"),
        ] {
            let mut request = absences(&front);
            request.headers_mut().insert(name, value.parse().unwrap());
            let failed = adapter.call(&api, request).unwrap_err();
            assert_eq!(failed.core.and_then(|error| error.rule()), Some(Rule::Wa5), "{name}");
        }
        assert_eq!(asked(&front), (0, 0), "not even a token is asked for");
    }

    /// S6, WA-5: what says the same as the request itself goes out, once.
    fn s6_the_requests_own_host_and_length_are_sent_once(adapter: A) {
        let front = front();
        let api = adapter.api(chatbot(&front));
        let authority = front.url().strip_prefix("http://").unwrap().to_owned();
        let request = http::Request::post(absences(&front).uri()).header("host", &authority);
        let request = request.header("content-length", "4").header("connection", "close");
        adapter.call(&api, request.body(b"body".to_vec()).unwrap()).unwrap();
        let sandbox = front.sandbox();
        let sent = sandbox.log().iter().find(|exchange| exchange.endpoint() == Endpoint::Api).unwrap().request();
        assert_eq!(sent.body(), b"body");
        let values = |name| sent.headers().get_all(name).iter().collect::<Vec<_>>();
        assert_eq!(values("host"), [authority.as_str()]);
        assert_eq!(values("content-length"), ["4"]);
        assert!(values("transfer-encoding").is_empty());
    }

    /// A renewal that the network fails is told by its own reason, and as one that may pass.
    fn a_renewal_without_an_answer_says_why(adapter: A) {
        let url = nobody();
        let api = adapter.api(Session::from_grant(&client_at(&url), Grant::client_credentials()));
        let failed = adapter.call(&api, get(&url)).unwrap_err();
        assert_eq!(failed.http.as_deref(), Some("Connection"), "{}", failed.shown);
        assert!(failed.is_transient);
    }

    /// What the server refuses for good is for a person to mend; what it refuses for now is not.
    fn a_refused_renewal_says_who_must_act(adapter: A) {
        let front = front();
        front.sandbox().misbehave(Misbehaviour::InvalidGrantAlways);
        let failed = adapter.call(&adapter.api(chatbot(&front)), absences(&front)).unwrap_err();
        assert!(failed.is_authorization_required && !failed.is_transient, "{}", failed.shown);
        assert!(matches!(
            failed.core,
            Some(CoreError::AuthorizationRequired(required)) if matches!(required.cause(), Cause::Refused(_))
        ));

        front.sandbox().behave();
        front.sandbox().misbehave(Misbehaviour::Unavailable);
        let failed = adapter.call(&adapter.api(chatbot(&front)), absences(&front)).unwrap_err();
        assert!(failed.is_transient && !failed.is_authorization_required, "{}", failed.shown);
    }

    /// An API that gives no answer ends the call with the reason, and the next call is a new one.
    fn an_api_without_an_answer_ends_the_call(adapter: A) {
        let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
        let server = RawFront::start([RawAnswer::default(), RawAnswer::new(ok)]).unwrap();
        let api = adapter.api(permanent(server.url()));
        let failed = adapter.call(&api, get(server.url())).unwrap_err();
        assert_eq!(failed.http.as_deref(), Some("Connection"));
        assert_eq!(adapter.call(&api, get(server.url())).unwrap().status(), 200);
        assert_eq!(server.connections(), 2, "a request is never repeated in secret");
    }
}
