//! A web log-in, by the library: the server is discovered, the browser goes and comes back, the ID token says who it is.

use std::error::Error;
use std::io;

use valetkey_async::{
    AuthorizationRequest, AuthorizationResponse, Client, Discovery, entropy, http_client, now, run,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let http = http_client()?;
    let server = run(&http, Discovery::new("https://as.example")?).await?.into_server();
    let client = Client::new(server, "client-id").secret("client-secret")?;
    let browser = entropy()?.text("login");
    let request = AuthorizationRequest::new(&client, "https://app.example/callback")?;
    let (url, mut pending) = request.scope("openid orders:read")?.begin(&browser, entropy()?, now())?;
    println!("{}", url.as_str());
    let back = io::read_to_string(io::stdin())?;
    let response = AuthorizationResponse::from_url(back.trim())?.received_in(&browser);
    let tokens = run(&http, pending.finish(&client, &response, now())?).await?;
    let login = tokens.login().ok_or("no ID token")?;
    println!("{}", login.identity().subject());
    Ok(())
}
