//! Microsoft Entra ID and Microsoft Graph. The issuer has the tenant's identifier: the metadata of a tenant's name are of another
//! issuer, and refused. For `organizations` or `common`, say whose people may log in, by `AuthorizationServer::tenants`.
//!
//! Register an application with the platform *Mobile and desktop* and, in its manifest (the portal's form refuses it), the redirect URI
//! `http://127.0.0.1/callback`. `cargo run -p valetkey-async --example microsoft` needs none: see `base.rs`.
#![expect(clippy::disallowed_macros, reason = "a program prints")]

use std::error::Error;
use std::time::Duration;

use valetkey_async::server::Profile;
use valetkey_async::{ApiClient, AuthorizationRequest, Client, http_client_for, log_in, run};
use valetkey_sandbox::Stage;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stage = Stage::start()?;
    let http = http_client_for(&stage.network())?;
    // Put your tenant's identifier here.
    let tenant = "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0";
    let server = run(&http, Profile::ENTRA.discovery(tenant)?).await?.into_server();
    let app = Client::new(server, "client-id").api("https://graph.microsoft.com")?; // its tokens go nowhere else
    let request = |redirect_uri: String| {
        AuthorizationRequest::new(&app, redirect_uri)?.scope("openid offline_access User.Read")
    };
    let tokens = log_in(&http, request, |url| stage.show(url), Duration::from_secs(300)).await?;
    let api = ApiClient::from_tokens(http, &app, &tokens);
    let answer = api.get("https://graph.microsoft.com/v1.0/me").await?;
    println!("{}: {}", answer.status(), String::from_utf8_lossy(answer.body()));
    if answer.status().is_success() { Ok(()) } else { Err("the API refused".into()) }
}
