//! Shared tokens by yup-oauth2: a service account, whose token endpoint can be named.

use std::process::ExitCode;
use std::time::Instant;

use bench_inputs::{Answers, Load, Recovery, Scenario, Side, play};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::runtime::Builder;
use yup_oauth2::authenticator::Authenticator;
use yup_oauth2::{CustomHyperClientBuilder, ServiceAccountAuthenticator, ServiceAccountKey};

const SCOPES: &[&str] = &["orders:read"];

fn main() -> ExitCode {
    play(&[Side { name: "yup-oauth2", plays: &[], probes: &[], load: Some(with_tasks) }])
}

fn with_tasks(load: &Load, recovery: Recovery) -> Answers {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    runtime.block_on(bear(load, recovery))
}

async fn authenticator(load: &Load) -> Authenticator<HttpConnector> {
    let key = ServiceAccountKey {
        key_type: None,
        project_id: None,
        private_key_id: None,
        private_key: include_str!("../key.pem").to_owned(),
        client_email: String::from("service@app.example"),
        client_id: None,
        auth_uri: None,
        token_uri: load.url.clone(),
        auth_provider_x509_cert_url: None,
        client_x509_cert_url: None,
    };
    let http = Client::builder(TokioExecutor::new()).build(HttpConnector::new());
    ServiceAccountAuthenticator::with_client(key, CustomHyperClientBuilder::from(http))
        .build()
        .await
        .expect("an authenticator")
}

async fn bear(load: &Load, recovery: Recovery) -> Answers {
    let tokens = authenticator(load).await;
    if load.scenario == Scenario::Expired {
        tokens.token(SCOPES).await.expect("a first token");
        tokio::time::sleep(Load::RUN_OUT).await;
    }
    let start = Instant::now();
    let callers: Vec<_> = (0..load.callers)
        .map(|_| {
            let tokens = tokens.clone();
            tokio::spawn(async move {
                let got = tokio::time::timeout(Load::PATIENCE, tokens.token(SCOPES)).await;
                // It takes an answer without a token for one, whatever its status.
                let has_token = got.map(|got| got.is_ok_and(|token| token.token().is_some()));
                (has_token.ok(), start.elapsed())
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
            if let Ok(Ok(token)) = tokio::time::timeout(Load::AGAIN * 50, tokens.token(SCOPES)).await
                && token.token().is_some()
            {
                answers.recovered = Some(well.elapsed());
            }
            tokio::time::sleep(Load::AGAIN).await;
        }
    }
    answers
}
