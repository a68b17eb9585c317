//! A program that asks for one URL by an adapter, in whatever environment it is started: what the tests of proxies and of
//! authorities start.
//!
//! It says on its standard output the status of the answer, or else how it failed.

use clap::{Parser, ValueEnum};
use valetkey_async::reqwest;
use valetkey_blocking::{Request, ureq};
use valetkey_tests::SECRET;

/// Asks for a URL, with a secret.
#[derive(Parser)]
struct Arguments {
    by: By,
    url: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum By {
    /// The adapters' own agent and client.
    Blocking,
    Async,
    /// A program's own, of which nothing is set.
    OwnBlocking,
    OwnAsync,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let request = http::Request::get(&arguments.url).header("authorization", format!("Bearer {SECRET}"));
    let said = ask(arguments.by, request.body(Vec::new())?).await;
    #[expect(clippy::disallowed_macros, reason = "whoever started this reads what it says")]
    {
        println!("{}", said.unwrap_or_else(|failed| failed));
    }
    Ok(())
}

async fn ask(by: By, request: Request) -> Result<String, String> {
    let answer = match by {
        By::Blocking => blocking(valetkey_blocking::http_client(), request)?,
        By::OwnBlocking => blocking(ureq::Agent::new_with_defaults(), request)?,
        By::Async => asynchronous(valetkey_async::http_client(), request).await?,
        By::OwnAsync => {
            asynchronous(valetkey_async::http_client_with(reqwest::Client::builder()), request).await?
        }
    };
    Ok(answer)
}

fn blocking(agent: valetkey_blocking::HttpClient, request: Request) -> Result<String, String> {
    let answer = valetkey_blocking::send(&agent, request).map_err(|error| error.to_string())?;
    Ok(answer.status().as_str().to_owned())
}

async fn asynchronous(
    client: Result<valetkey_async::HttpClient, valetkey_async::Error>,
    request: Request,
) -> Result<String, String> {
    let client = client.map_err(|error| error.to_string())?;
    let answer = valetkey_async::send(&client, request).await.map_err(|error| error.to_string())?;
    Ok(answer.status().as_str().to_owned())
}
