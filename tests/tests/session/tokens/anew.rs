//! RFC 7523, RFC 7521 §4.2: grants and proofs that are made anew, by both adapters, over HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use valetkey_core::jose::{Algorithm, AwsLc, JwkSet, Signer as _};
use valetkey_core::{AuthorizationServer, Client, Grant, Quirk, Session};
use valetkey_sandbox::{Application, FlowKind, Front, Rights, Sandbox};
use valetkey_tests::NOW;
use valetkey_tests::jose::{key_pair, signed};

use crate::for_both;

const ISSUER: &str = "https://as.example";

/// A server whose clock is an hour further at each renewal, and the assertions that are good there for five minutes.
struct Server {
    front: Front,
    hour: Arc<AtomicU64>,
}

impl Server {
    fn new() -> Self {
        let keys = JwkSet::of(key_pair(&AwsLc, Algorithm::Es256).public_key().cloned());
        let keys = serde_json::to_value(keys).unwrap();
        let mut sandbox = Sandbox::standard([7; 32], ISSUER);
        sandbox.trust_issuer("https://platform.example", &keys);
        let robot = Application::confidential("robot", "s").flow(FlowKind::JwtBearer);
        sandbox.add_application(robot.may_request(Rights::All));
        let workload = Application::with_keys("workload", &keys);
        sandbox.add_application(workload.authorized(Rights::of(["global:Profile.View"])));
        let hour = Arc::new(AtomicU64::new(0));
        let clock = Arc::clone(&hour);
        let now = move || NOW.after(std::time::Duration::from_secs(3600 * clock.load(Ordering::SeqCst)));
        Self { front: Front::start_with_clock(sandbox, now).unwrap(), hour }
    }

    fn described(&self) -> AuthorizationServer {
        let endpoint = format!("{}/oauth/token", self.front.url());
        AuthorizationServer::new().admit(Quirk::LoopbackHttp).token_endpoint(&endpoint).unwrap()
    }

    /// A file that somebody replaces.
    fn file(
        &self,
        issuer: &'static str,
        subject: &'static str,
    ) -> impl Fn() -> Result<String, std::io::Error> + Send + Sync + 'static {
        let (hour, written) = (Arc::clone(&self.hour), AtomicU64::new(0));
        move || {
            let now = NOW.as_secs() + 3600 * hour.load(Ordering::SeqCst);
            let jti = written.fetch_add(1, Ordering::SeqCst).to_string();
            let claims = serde_json::json!({
                "iss": issuer, "sub": subject, "aud": ISSUER, "jti": jti, "iat": now, "exp": now + 300,
            });
            Ok(signed(&AwsLc, Algorithm::Es256, &claims))
        }
    }
}

for_both! {
    /// F54, I5: two days of a service account, a renewal each hour, each with an assertion that is good then and once.
    fn a_service_accounts_session_lives_for_ever(adapter: A) {
        let server = Server::new();
        let client = Client::new(server.described(), "robot").secret_in_body("s").unwrap();
        let grant = Grant::assertions_from(server.file("https://platform.example", "alice"));
        let tokens = adapter.tokens(Session::from_grant(&client, grant));
        let mut had = std::collections::BTreeSet::new();
        for _ in 0..48 {
            had.insert(adapter.ask_anew(&tokens).unwrap());
            server.hour.fetch_add(1, Ordering::SeqCst);
        }
        assert_eq!(had.len(), 48);
    }

    /// F53: two days of a workload, whose platform writes its proof into a file.
    fn a_workloads_session_lives_for_ever(adapter: A) {
        let server = Server::new();
        let client = Client::new(server.described(), "workload");
        let client = client.assertions_from(server.file("workload", "workload")).unwrap();
        let grant = Grant::client_credentials().scope("global:Profile.View").unwrap();
        let tokens = adapter.tokens(Session::from_grant(&client, grant));
        for _ in 0..48 {
            adapter.ask_anew(&tokens).unwrap();
            server.hour.fetch_add(1, Ordering::SeqCst);
        }
    }
}
