//! One token source, shared by tasks. The client is one of a few lines, for one request to a connection.

use std::io;

use bench_inputs::inputs::{CLIENT_ID, CLIENT_SECRET};
use bench_inputs::{Answers, Load, Recovery};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode};
use huskarl::cache::{GrantTokenSource, InMemoryRefreshTokenStore, InMemoryTokenCache, TokenSource};
use huskarl::core::client_auth::ClientSecret;
use huskarl::core::http::{HttpClient, HttpResponse, Idempotency};
use huskarl::core::platform::MaybeSendBoxFuture;
use huskarl::core::secrets::{ProvidedSecret, SecretString};
use huskarl::core::{Error, RetryAdvice};
use huskarl::grant::client_credentials::{ClientCredentialsGrant, ClientCredentialsGrantParameters};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

struct Http;

impl HttpClient for Http {
    fn execute(
        &self,
        request: Request<Bytes>,
        _: Idempotency,
    ) -> MaybeSendBoxFuture<'_, Result<HttpResponse, Error>> {
        Box::pin(async move { send(request).await.map_err(|error| Error::new(RetryAdvice::RETRY, error)) })
    }
}

async fn send(request: Request<Bytes>) -> io::Result<HttpResponse> {
    let authority =
        request.uri().authority().map(|authority| authority.as_str().to_owned()).unwrap_or_default();
    let mut stream = TcpStream::connect(&authority).await?;
    let mut head =
        format!("POST {} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\n", request.uri().path());
    head.push_str(&format!("content-length: {}\r\n", request.body().len()));
    for (name, value) in request.headers() {
        head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap_or_default()));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(request.body()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8(answer).map_err(io::Error::other)?;
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(|| io::Error::other("no answer"))?;
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.get(9..12)).unwrap_or_default();
    let status = StatusCode::from_bytes(status.as_bytes()).map_err(io::Error::other)?;
    let mut headers = HeaderMap::new();
    for line in lines {
        let Some((name, value)) = line.split_once(": ") else { continue };
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(io::Error::other)?;
        headers.insert(name, HeaderValue::from_str(value).map_err(io::Error::other)?);
    }
    Ok(HttpResponse { status, headers, body: Bytes::from(body.to_owned()) })
}

pub(crate) fn with_tasks(load: &Load, recovery: Recovery) -> Answers {
    bench_callers::with_tasks(load, recovery, async { source(load) }, async |tokens| {
        tokens.token().await.is_ok()
    })
}

fn source(load: &Load) -> impl TokenSource + 'static {
    let grant = ClientCredentialsGrant::builder()
        .client_id(CLIENT_ID)
        .client_auth(ClientSecret::new(ProvidedSecret::new(SecretString::new(CLIENT_SECRET))))
        .http_client(Http)
        .token_endpoint(load.url.parse().expect("a URL"))
        .build();
    let source = GrantTokenSource::builder()
        .grant(grant)
        .grant_parameters(ClientCredentialsGrantParameters::builder().build())
        .refresh_store(InMemoryRefreshTokenStore::default())
        .build();
    InMemoryTokenCache::builder().source(source).build()
}
