//! Authorization Code with valetkey-blocking.

use std::time::Duration;

use valetkey_blocking::{
    ApiClient, AuthorizationRequest, AuthorizationServer, Client, Loopback, Quirk, Request,
    Session, entropy, http_client, now, run,
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
    let registered = Client::new(server, "web")
        .secret(std::env::var("CLIENT_SECRET")?)?
        .api("http://127.0.0.1:9/api/http/projects/key:DEMO/planning/issues")?;
    let loopback = Loopback::bind()?;
    let request = AuthorizationRequest::new(&registered, loopback.redirect_uri())?
        .scope("project:key:DEMO:Project.Issues.Create global:Profile.View")?
        .offline();
    let (url, mut pending) = request.begin_unbound(entropy()?, now())?;
    println!("Open {url}");
    let response = loopback.receive(&pending, Duration::from_secs(300))?;
    let tokens = run(&http, pending.finish(&registered, &response, now())?)?;
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
