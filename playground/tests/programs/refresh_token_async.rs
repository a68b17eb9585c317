//! Refresh Token with valetkey-async.

use valetkey_async::{
    ApiClient, AuthorizationServer, Client, Quirk, RefreshToken, Request, Session, http_client,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let http = http_client()?;
    let server = AuthorizationServer::new()
        .admit(Quirk::LoopbackHttp)
        .admit(Quirk::NoTokenType)
        .issuer("http://127.0.0.1:9")?
        .advertises_iss()
        .token_endpoint("http://127.0.0.1:9/oauth/token")?;
    let registered = Client::new(server, "web")
        .secret(std::env::var("CLIENT_SECRET")?)?
        .api("http://127.0.0.1:9/api/http/projects/key:DEMO/planning/issues")?;
    let token = RefreshToken::new(std::env::var("REFRESH_TOKEN")?)?;
    let session = Session::from_refresh_token(&registered, token)
        .with_scope("project:key:DEMO:Project.Issues.Create global:Profile.View")?;
    let api = ApiClient::new(http, session);
    let mut request = Request::new("{\"title\":\"Try the playground\"}".into());
    *request.method_mut() = "POST".parse()?;
    *request.uri_mut() = "http://127.0.0.1:9/api/http/projects/key:DEMO/planning/issues".parse()?;
    let answer = api.send(request).await?; // renews, signs, repeats once
    println!("{}", answer.status());
    println!("{}", String::from_utf8_lossy(answer.body()));
    Ok(())
}
