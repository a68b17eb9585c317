//! Resource Owner Password Credentials with valetkey-blocking.

#![expect(deprecated, reason = "an older method: prefer Authorization Code")]

use valetkey_blocking::{
    ApiClient, AuthorizationServer, Client, Grant, Quirk, Request, Session, TokenRequest,
    http_client, run, terms::Password,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let http = http_client();
    let server = AuthorizationServer::new()
        .admit(Quirk::LoopbackHttp)
        .admit(Quirk::NoTokenType)
        .issuer("http://127.0.0.1:9")?
        .advertises_iss()
        .token_endpoint("http://127.0.0.1:9/oauth/token")?;
    let registered = Client::new(server, "web")
        .secret(std::env::var("CLIENT_SECRET")?)?
        .api("http://127.0.0.1:9/api/http/projects/key:DEMO/planning/issues")?;
    let password = Password::new(std::env::var("PASSWORD")?);
    let grant = Grant::password("alice", &password)
        .scope("project:key:DEMO:Project.Issues.Create global:Profile.View")?
        .parameter("access_type", "offline")?;
    let tokens = run(&http, TokenRequest::new(&registered, grant)?)?;
    let session = Session::from_tokens(&registered, &tokens);
    let api = ApiClient::new(http, session);
    let mut request = Request::new("{\"title\":\"Try the playground\"}".into());
    *request.method_mut() = "POST".parse()?;
    *request.uri_mut() = "http://127.0.0.1:9/api/http/projects/key:DEMO/planning/issues".parse()?;
    let answer = api.send(request)?; // renews, signs, repeats once
    println!("{}", answer.status());
    println!("{}", String::from_utf8_lossy(answer.body()));
    Ok(())
}
