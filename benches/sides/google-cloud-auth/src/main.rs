//! Shared tokens by google-cloud-auth: user credentials, whose token endpoint can be named.

use std::process::ExitCode;
use std::sync::Arc;

use bench_inputs::inputs::{CLIENT_ID, CLIENT_SECRET};
use bench_inputs::{Answers, Load, Recovery, Side, play};
use google_cloud_auth::credentials::AccessTokenCredentials;
use google_cloud_auth::credentials::user_account::Builder as UserAccount;

fn main() -> ExitCode {
    play(&[Side { name: "google-cloud-auth", plays: &[], probes: &[], load: Some(with_tasks) }])
}

fn with_tasks(load: &Load, recovery: Recovery) -> Answers {
    let ask = async |tokens: Arc<AccessTokenCredentials>| tokens.access_token().await.is_ok();
    bench_callers::with_tasks(load, recovery, async { credentials(load) }, ask)
}

fn credentials(load: &Load) -> AccessTokenCredentials {
    let user = serde_json::json!({
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "refresh_token": "8xLOxBtZp8",
        "type": "authorized_user",
    });
    UserAccount::new(user).with_token_uri(&load.url).build_access_token_credentials().expect("credentials")
}
