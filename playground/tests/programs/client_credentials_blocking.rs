//! Client Credentials with valetkey-blocking.

use valetkey_blocking::{
    ApiClient, AuthorizationServer, Client, Grant, Quirk, Request, Session, http_client,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let http = http_client();
    let server = AuthorizationServer::new()
        .admit(Quirk::LoopbackHttp)
        .admit(Quirk::NoTokenType)
        .issuer("http://127.0.0.1:9")?
        .advertises_iss()
        .token_endpoint("http://127.0.0.1:9/oauth/token")?;
    let registered = Client::new(server, "chatbot")
        .secret(std::env::var("CLIENT_SECRET")?)?
        .api("http://127.0.0.1:9/api/http/chats/messages/send-message")?;
    let session = Session::from_grant(&registered, Grant::client_credentials()
        .scope("channel:general:Channel.PostMessages")?);
    let api = ApiClient::new(http, session);
    let mut request = Request::new("{\"channel\":\"id:general\",\"content\":{\"text\":\"Hello from the playground\"}}".into());
    *request.method_mut() = "POST".parse()?;
    *request.uri_mut() = "http://127.0.0.1:9/api/http/chats/messages/send-message".parse()?;
    let answer = api.send(request)?; // renews, signs, repeats once
    println!("{}", answer.status());
    println!("{}", String::from_utf8_lossy(answer.body()));
    Ok(())
}
