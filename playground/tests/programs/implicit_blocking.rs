//! Implicit with valetkey-blocking.

#![expect(deprecated, reason = "an older method: prefer Authorization Code")]

use valetkey_blocking::{
    ApiClient, AuthorizationResponse, AuthorizationServer, Client, Quirk, Request, Session,
    authorize::ImplicitRequest, entropy, http_client, now,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let http = http_client();
    let server = AuthorizationServer::new()
        .admit(Quirk::LoopbackHttp)
        .admit(Quirk::NoTokenType)
        .issuer("http://127.0.0.1:9")?
        .advertises_iss()
        .authorization_endpoint("http://127.0.0.1:9/oauth/auth")?
        .token_endpoint("http://127.0.0.1:9/oauth/token")?;
    let registered = Client::new(server, "legacy")
        .secret(std::env::var("CLIENT_SECRET")?)?
        .api("http://127.0.0.1:9/api/http/projects/key:DEMO/planning/issues")?;
    let request = ImplicitRequest::new(&registered, "http://127.0.0.1:8/callback")?
        .scope("project:key:DEMO:Project.Issues.Create global:Profile.View")?;
    let (url, mut pending) = request.begin_unbound(entropy()?, now())?;
    println!("Open {url}, and paste the address where the browser ends:");
    let mut back = String::new();
    std::io::stdin().read_line(&mut back)?;
    let response = AuthorizationResponse::from_url(back.trim())?;
    let tokens = pending.finish(&registered, &response, now())?;
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
