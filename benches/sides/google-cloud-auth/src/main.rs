//! Shared tokens by google-cloud-auth: user credentials, whose token endpoint can be named.

use std::process::ExitCode;
use std::time::Instant;

use bench_inputs::inputs::{CLIENT_ID, CLIENT_SECRET};
use bench_inputs::{Answers, Load, Recovery, Scenario, Side, play};
use google_cloud_auth::credentials::user_account::Builder as UserAccount;
use google_cloud_auth::credentials::{AccessTokenCredentials, AccessTokenCredentialsProvider as _};
use tokio::runtime::Builder;

fn main() -> ExitCode {
    play(&[Side { name: "google-cloud-auth", plays: &[], probes: &[], load: Some(with_tasks) }])
}

fn with_tasks(load: &Load, recovery: Recovery) -> Answers {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(bear(load, recovery))
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

async fn bear(load: &Load, recovery: Recovery) -> Answers {
    let tokens = credentials(load);
    if load.scenario == Scenario::Expired {
        tokens.access_token().await.expect("a first token");
        tokio::time::sleep(Load::RUN_OUT).await;
    }
    let start = Instant::now();
    let callers: Vec<_> = (0..load.callers)
        .map(|_| {
            let tokens = tokens.clone();
            tokio::spawn(async move {
                let got = tokio::time::timeout(Load::PATIENCE, tokens.access_token()).await;
                (got.ok().map(|got| got.is_ok()), start.elapsed())
            })
        })
        .collect();
    let mut answers = Answers::default();
    for caller in callers {
        let (is_good, after) = caller.await.expect("a caller");
        answers.count(is_good, after);
    }
    if load.scenario.is_failing() {
        let well = recovery.happen();
        while well.elapsed() < Load::RECOVERY && answers.recovered.is_none() {
            if let Ok(Ok(_)) = tokio::time::timeout(Load::AGAIN * 50, tokens.access_token()).await {
                answers.recovered = Some(well.elapsed());
            }
            tokio::time::sleep(Load::AGAIN).await;
        }
    }
    answers
}
