//! All of it at once, as the FAPI 2.0 profiles want it: a client that signs pushes a signed request, proves its key with
//! the server's nonces, reads a signed response, and calls the API with a bound token.

use std::time::Duration;

use serde_json::{Value, json};
use valetkey_core::Request;
use valetkey_sandbox::{Application, FlowKind, Rights, Rotation, Sandbox};

use crate::key::{Key, sha256};
use crate::metadata::{ISSUER, modern};
use crate::support::*;

struct Client {
    key: Key,
    signed: u32,
    nonces: [Option<String>; 2],
}

impl Client {
    /// An assertion for the server, a new one each time.
    fn assertion(&mut self) -> String {
        self.signed += 1;
        let now = NOW.as_secs();
        let claims = json!({
            "iss": "fapi", "sub": "fapi", "aud": ISSUER, "exp": now + 60, "iat": now, "jti": self.signed.to_string(),
        });
        self.key.sign("JWT", &claims, |_| {})
    }

    /// Sends a request with a proof, and once more if a nonce is demanded.
    fn send(
        &mut self,
        sandbox: &mut Sandbox,
        make: impl Fn(&mut Self) -> Request,
        token: Option<&str>,
    ) -> Answer {
        for _ in 0..2 {
            let request = make(self);
            self.signed += 1;
            let mut claims = json!({
                "htm": request.method().as_str(),
                "htu": format!("{ISSUER}{}", request.uri().path()),
                "iat": NOW.as_secs(),
                "jti": self.signed.to_string(),
            });
            let place = usize::from(token.is_some());
            if let Some(nonce) = &self.nonces[place] {
                claims["nonce"] = json!(nonce);
            }
            if let Some(token) = token {
                claims["ath"] = json!(sha256(token));
            }
            let proof = self.key.proof(&claims);
            let answer = Answer::of(sandbox.answer(&with_header(request, "dpop", &proof), NOW));
            self.nonces[place] = Some(answer.header("dpop-nonce").to_owned());
            let demanded = answer.text("error") == "use_dpop_nonce"
                || answer.header("www-authenticate").contains("use_dpop_nonce");
            if !demanded {
                return answer;
            }
        }
        panic!("a nonce was demanded twice");
    }

    fn form(&mut self, path: &str, pairs: Pairs<'_>) -> Request {
        let assertion = self.assertion();
        let signed = [
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &*assertion),
        ];
        post(path, &with(pairs, &signed))
    }
}

#[test]
fn a_client_of_the_strictest_profile_gets_through() {
    let mut client = Client { key: Key::es256(), signed: 0, nonces: [None, None] };
    let mut sandbox = modern();
    let keys = json!({ "keys": [client.key.public()] });
    let application = Application::with_keys("fapi", &keys).flow(FlowKind::AuthorizationCode).require_pkce();
    let application = application.require_pushed().require_dpop().require_signed_request();
    sandbox.add_application(application.redirect_uri(WEB).may_request(Rights::All));
    sandbox.settings_mut().dpop_nonces = Some(Duration::from_secs(60));
    sandbox.settings_mut().rotation = Rotation::On;

    let mut object = json!({ "iss": "fapi", "aud": ISSUER, "exp": NOW.as_secs() + 60, "nbf": NOW.as_secs() });
    for (name, value) in with(REQUEST, &[("client_id", "fapi"), ("response_mode", "jwt"), ("scope", ISSUES)])
    {
        object[name] = Value::from(value);
    }
    let object = client.key.sign("oauth-authz-req+jwt", &object, |_| {});
    let pushed = client.send(
        &mut sandbox,
        |it| it.form("/oauth/par", &[("client_id", "fapi"), ("request", &object)]),
        None,
    );
    assert_eq!(pushed.status, 201, "{:?}", pushed.body);

    let browser = [("client_id", "fapi"), ("request_uri", pushed.text("request_uri"))];
    let arrival = arrive(&mut sandbox, "alice", &browser);
    let (_, claims) = verified(&mut sandbox, &arrival.parameter("response").unwrap());
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ISSUER), &json!("fapi")));
    let code = claims["code"].as_str().unwrap().to_owned();

    let answer = client.send(&mut sandbox, |it| it.form("/oauth/token", &redeeming(&code)), None);
    assert_eq!((answer.status, answer.text("token_type")), (200, "DPoP"), "{:?}", answer.body);
    let refresh_token = answer.text("refresh_token").to_owned();
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", &*refresh_token)];
    let renewed = client.send(&mut sandbox, |it| it.form("/oauth/token", &pairs), None);
    let token = renewed.text("access_token").to_owned();
    let make = |_: &mut Client| {
        http::Request::post("/api/http/projects/key:DEMO/planning/issues")
            .header("authorization", format!("DPoP {token}"))
            .body(br#"{"title":"Try it"}"#.to_vec())
            .unwrap()
    };
    let made = client.send(&mut sandbox, make, Some(&token));
    assert_eq!(
        (made.status, &made.body["createdBy"]["name"]),
        (200, &"Alice Archer".into()),
        "{:?}",
        made.body
    );
    let pairs = [("token", &*token)];
    let revoked = client.send(&mut sandbox, |it| it.form("/oauth/revoke", &pairs), None);
    assert_eq!(revoked.status, 200);
    assert_eq!(client.send(&mut sandbox, make, Some(&token)).status, 401);
}
