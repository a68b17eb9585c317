//! Permanent token with valetkey-blocking.

use valetkey_blocking::{
    AccessToken, ApiClient, Quirk, Request, Session, Subject, http_client,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let http = http_client();
    let token = AccessToken::new(std::env::var("TOKEN")?)?;
    let session = Session::from_permanent_token("http://127.0.0.1:9/api/http/projects/key:DEMO/planning/issues", token, Subject::User)?;
    let session = session.admit(Quirk::LoopbackHttp);
    let api = ApiClient::new(http, session);
    let mut request = Request::new("{\"title\":\"Try the playground\"}".into());
    *request.method_mut() = "POST".parse()?;
    *request.uri_mut() = "http://127.0.0.1:9/api/http/projects/key:DEMO/planning/issues".parse()?;
    let answer = api.send(request)?; // renews, signs, repeats once
    println!("{}", answer.status());
    println!("{}", String::from_utf8_lossy(answer.body()));
    Ok(())
}
