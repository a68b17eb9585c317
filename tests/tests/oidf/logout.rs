//! The plans for log-out, and for a login that another party starts: whichever response type the login had, what comes after it is
//! the same, so that a row stands for each.

use serde_json::{Value, json};
use valetkey_core::jose::{Algorithm, JwtSigner, RustCrypto};
use valetkey_core::logout::{
    BackChannel, FrontChannel, LogoutAnswer, LogoutRequest, LogoutResponse, LogoutStep, LogoutWay,
    RemoteLogout, indexes_of, refused,
};
use valetkey_core::openid::ThirdPartyLogin;
use valetkey_core::server::Endpoint;
use valetkey_core::session::{RenewalAnswer, RenewalStep};
use valetkey_core::store::{MemoryStore, Store as _, StoreKey};
use valetkey_core::terms::IdToken;
use valetkey_core::{AuthorizationRequest, Client, Error, Rule, Session, TokenResponse};
use valetkey_tests::jose::key_pair;
use valetkey_tests::openid::{CALLBACK, logged_in, provider, run};
use valetkey_tests::{NOW, client_of, entropy};

use crate::module::Expected::{Accepted, Refused};
use crate::module::{Module, Server, hold};

const BYE: &str = "https://app.example/bye";
const SID: &str = "08a5019c";

/// The suite's server after a login, and the client, whose session is in a store.
#[derive(Debug)]
pub(crate) struct Suite {
    client: Client,
    tokens: TokenResponse,
    store: MemoryStore,
}

impl Server for Suite {
    /// Who is refused ends nothing, and is told so.
    fn require_ended(&self, error: Option<&Error>) {
        if let Some(error) = error {
            assert_eq!(refused(error).status().as_u16(), 400);
            assert!(self.is_logged_in());
        }
    }
}

impl Suite {
    fn new() -> Self {
        let server = provider(Algorithm::Es256).endpoint(Endpoint::EndSession, "https://as.example/logout");
        let client = client_of(server.unwrap());
        let tokens = logged_in(&client, |claims| claims["sid"] = json!(SID)).unwrap();
        let store = MemoryStore::new();
        let key = StoreKey::of_user(&client, "alice");
        let session =
            Session::from_tokens(&client, &tokens).with_indexes(indexes_of(tokens.login().unwrap()));
        let mut session = session.in_store(key.clone()).unwrap();
        let (mut renewal, mut answer) = (session.renewal().unwrap(), None);
        while let RenewalStep::Store(step) = renewal.step(answer.take(), NOW).unwrap() {
            answer = Some(RenewalAnswer::Store(step.on(&store, &key, NOW)));
        }
        session.settle(renewal, NOW).unwrap();
        Self { client, tokens, store }
    }

    fn is_logged_in(&self) -> bool {
        let stored = self.store.load(&StoreKey::of_user(&self.client, "alice")).unwrap().unwrap();
        let record: Value = serde_json::from_slice(stored.bytes.expose()).unwrap();
        record.get("ended_at").is_none()
    }

    /// The log-out by way of the browser, which comes back with this query.
    fn rp_initiated(&self, back: impl FnOnce(&str) -> String) -> Result<(), Error> {
        let hint = IdToken::new(self.tokens.id_token().unwrap().expose())?;
        let request = LogoutRequest::new(&self.client)?.hint(&hint)?.return_to(BYE)?;
        let (way, pending) = request.begin(entropy(3), NOW)?;
        let LogoutWay::Redirect(url) = &way else { panic!("nothing is personal in it") };
        let (endpoint, query) = url.as_str().split_once('?').unwrap();
        assert_eq!(endpoint, "https://as.example/logout");
        let sent: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        assert_eq!(sent[0], ("id_token_hint".into(), hint.expose().into()));
        assert_eq!(sent[1], ("post_logout_redirect_uri".into(), BYE.into()));
        let pending = pending.unwrap();
        assert_eq!(sent[2], ("state".into(), pending.state().into()));
        let query = back(pending.state());
        pending.confirm(&LogoutResponse::from_query(BYE, &query)?, NOW)
    }

    /// The server's own announcement, with its token changed.
    fn announced(&self, change: impl FnOnce(&mut Value), algorithm: Option<Algorithm>) -> Result<(), Error> {
        self.rp_initiated(|state| format!("state={state}"))?;
        let event = "http://schemas.openid.net/event/backchannel-logout";
        let mut claims = json!({
            "iss": "https://as.example",
            "aud": "s6BhdRkqt3",
            "iat": NOW.as_secs(),
            "exp": NOW.as_secs() + 120,
            "jti": "bWJq",
            "sid": SID,
            "sub": self.tokens.login().unwrap().identity().subject(),
            "events": { event: {} },
        });
        change(&mut claims);
        let token = signed(&claims, algorithm);
        let request = http::Request::post("/logout")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("logout_token={token}").into_bytes())
            .unwrap();
        let client = self.client.clone().id_token_algorithm(Algorithm::Es256)?;
        let notice = run(BackChannel::new(&client)?.receive(&request)?, Vec::new(), NOW)?;
        let (mut logout, mut answer) = (RemoteLogout::new(&client, notice), None);
        loop {
            answer = match logout.step(answer.take(), NOW)? {
                LogoutStep::Find(index, after) => {
                    Some(LogoutAnswer::Found(self.store.find(&index, after.as_ref())))
                }
                LogoutStep::Store(key, step) => Some(LogoutAnswer::Store(step.on(&self.store, &key, NOW))),
                LogoutStep::Done => break,
                other => panic!("{other:?}"),
            };
        }
        assert_eq!(logout.finish()?.ended, 1);
        assert!(!self.is_logged_in());
        Ok(())
    }

    fn in_iframe(&self) -> Result<(), Error> {
        let receiver = FrontChannel::new(&self.client)?.session_required();
        let uri = format!("/logout?iss=https%3A%2F%2Fas.example&sid={SID}");
        let notice = receiver.receive(&http::Request::get(uri).body(()).unwrap())?;
        let login = self.tokens.login().unwrap();
        assert!(notice.ends(login.identity(), login.session_id()));
        assert_eq!(receiver.page()?.status().as_u16(), 200);
        Ok(())
    }
}

/// A logout token; `None` signs it by nothing.
fn signed(claims: &Value, algorithm: Option<Algorithm>) -> String {
    let by = |algorithm| {
        let signer = JwtSigner::new(key_pair(&RustCrypto, algorithm), Some("logout+jwt"));
        signer.write(claims).unwrap().sign().unwrap().ready().unwrap().expose().to_owned()
    };
    let Some(algorithm) = algorithm else {
        // {"alg":"none"}
        let token = by(Algorithm::Es256);
        return format!("eyJhbGciOiJub25lIn0.{}.", token.split('.').nth(1).unwrap());
    };
    by(algorithm)
}

const GOOD: Option<Algorithm> = Some(Algorithm::Es256);

macro_rules! modules {
    ($($name:ident $id:literal $expected:expr, $run:expr;)+) => {
        $(const $name: Module<Suite> = Module { id: $id, run: $run, expected: $expected };)+
    };
}

modules! {
    RP "oidcc-client-test-rp-init-logout" Accepted, |suite| suite.rp_initiated(|state| format!("state={state}"));
    OTHER_STATE "oidcc-client-test-rp-init-logout-other-state" Refused(Rule::Lo6),
        |suite| suite.rp_initiated(|_| "state=another".to_owned());
    NO_STATE "oidcc-client-test-rp-init-logout-no-state" Refused(Rule::Lo6),
        |suite| suite.rp_initiated(|_| String::new());
    BACK "oidcc-client-test-rp-backchannel-rpinitlogout" Accepted, |suite| suite.announced(|_| {}, GOOD);
    ALG_NONE "oidcc-client-test-rp-backchannel-rpinitlogout-alg-none" Refused(Rule::Id28),
        |suite| suite.announced(|_| {}, None);
    NO_EVENT "oidcc-client-test-rp-backchannel-rpinitlogout-no-event" Refused(Rule::Lo11),
        |suite| suite.announced(|claims| drop(claims.as_object_mut().unwrap().remove("events")), GOOD);
    WITH_NONCE "oidcc-client-test-rp-backchannel-rpinitlogout-with-nonce" Refused(Rule::Lo13),
        |suite| suite.announced(|claims| claims["nonce"] = json!("n-0S6"), GOOD);
    WRONG_ALG "oidcc-client-test-rp-backchannel-rpinitlogout-wrong-alg" Refused(Rule::Id28),
        |suite| suite.announced(|_| {}, Some(Algorithm::Hs256));
    WRONG_AUD "oidcc-client-test-rp-backchannel-rpinitlogout-wrong-aud" Refused(Rule::Id10),
        |suite| suite.announced(|claims| claims["aud"] = json!("another"), GOOD);
    WRONG_EVENT "oidcc-client-test-rp-backchannel-rpinitlogout-wrong-event" Refused(Rule::Lo11),
        |suite| suite.announced(|claims| claims["events"] = json!({ "http://schemas.openid.net/event/other": {} }), GOOD);
    WRONG_ISS "oidcc-client-test-rp-backchannel-rpinitlogout-wrong-iss" Refused(Rule::Id9),
        |suite| suite.announced(|claims| claims["iss"] = json!("https://as.example/wrong"), GOOD);
    FRONT "oidcc-client-test-rp-frontchannel-rpinitlogout" Accepted, |suite| {
        suite.in_iframe()?;
        suite.rp_initiated(|state| format!("state={state}"))
    };
    FRONT_BY_SERVER "oidcc-client-test-rp-frontchannel-opinitlogout" Accepted, |suite| suite.in_iframe();
    STARTED "oidcc-client-test-3rd-party-init-login" Accepted, |suite| {
        let starts = ThirdPartyLogin::new(BYE)?.at(suite.client.server())?;
        let start = starts.receive(&http::Request::get("/start?iss=https%3A%2F%2Fas.example").body("").unwrap())?;
        assert_eq!(start.issuer(), "https://as.example");
        let request = start.ask(AuthorizationRequest::new(&suite.client, CALLBACK)?.scope("openid")?)?;
        let (url, _) = request.begin("the browser's cookie", entropy(4), NOW)?;
        assert!(url.as_str().starts_with("https://as.example/authorize?"));
        Ok(())
    };
}

type Plan = (&'static str, &'static str, Vec<&'static Module<Suite>>);

/// The plans, each with the test of its name: `test: plan, modules`.
macro_rules! plans {
    ($($test:ident: $id:literal, $modules:expr;)*) => {
        /// All of them.
        pub(crate) fn plans() -> Vec<Plan> {
            vec![$(($id, stringify!($test), $modules.to_vec())),*]
        }

        $(
            #[test]
            fn $test() {
                hold(|| vec![Suite::new()], &$modules);
            }
        )*
    };
}

plans! {
    started_by_another: "oidcc-client-test-3rd-party-init-login-test-plan", [&STARTED];
    by_the_client: "oidcc-client-rp-initiated-logout-rp-{basic,implicit,hybrid}", [&RP, &OTHER_STATE, &NO_STATE];
    back_channel: "oidcc-client-back-channel-logout-rp-{basic,implicit,hybrid}",
        [&BACK, &ALG_NONE, &NO_EVENT, &WITH_NONCE, &WRONG_ALG, &WRONG_AUD, &WRONG_EVENT, &WRONG_ISS];
    front_channel: "oidcc-client-front-channel-logout-rp-{basic,implicit,hybrid}", [&FRONT];
    front_channel_by_the_server: "oidcc-client-logout-test-plan", [&FRONT_BY_SERVER];
}
