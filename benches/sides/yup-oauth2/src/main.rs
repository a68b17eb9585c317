//! Shared tokens by yup-oauth2: a service account, whose token endpoint can be named.

use std::process::ExitCode;
use std::sync::Arc;

use bench_inputs::{Answers, Load, Recovery, Side, play};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use yup_oauth2::authenticator::Authenticator;
use yup_oauth2::{CustomHyperClientBuilder, ServiceAccountAuthenticator, ServiceAccountKey};

const SCOPES: &[&str] = &["orders:read"];

fn main() -> ExitCode {
    play(&[Side { name: "yup-oauth2", plays: &[], probes: &[], load: Some(with_tasks) }])
}

fn with_tasks(load: &Load, recovery: Recovery) -> Answers {
    // It takes an answer without a token for one, whatever its status.
    let ask = async |tokens: Arc<Authenticator<HttpConnector>>| {
        tokens.token(SCOPES).await.is_ok_and(|token| token.token().is_some())
    };
    bench_callers::with_tasks(load, recovery, authenticator(load), ask)
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
