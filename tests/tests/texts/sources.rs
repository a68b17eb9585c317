//! An error and its sources are printed one after another by what reports errors: nothing is said twice.

use std::error::Error as StdError;
use std::io;
use std::sync::Arc;

use hyper_util::client::legacy;
use hyper_util::rt::TokioExecutor;
use tower::{Layer as _, ServiceExt as _};
use valetkey_core::host::{self, BadCertificate, TransportError, TransportErrorKind};
use valetkey_core::jose::{KeyRejected, SignerError};
use valetkey_core::store::{Store as _, StoreError, StoreKey};
use valetkey_core::{Error, Grant, Session, TokenResponse};
use valetkey_sandbox::{Misbehaviour, PersonError};
use valetkey_stores::{FileStore, RedisStore};
use valetkey_tests::{NOW, client, json, server};

type Any = Box<dyn StdError + Send + Sync>;

/// Nothing that an error says is said again by one of its sources.
fn once(error: &(dyn StdError + 'static)) {
    let chain: Vec<String> =
        std::iter::successors(Some(error), |&error| error.source()).map(ToString::to_string).collect();
    for (place, said) in chain.iter().enumerate() {
        for behind in &chain[place + 1..] {
            assert!(!said.contains(behind.as_str()), "{chain:#?}");
        }
    }
}

/// An error with one behind it.
fn system() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, StoreError::new(io::Error::other("the disk is broken")))
}

#[test]
fn the_errors_of_core_and_of_its_hosts_say_nothing_twice() {
    let uri = "https://login.example".parse().unwrap();
    let kinds = [
        TransportErrorKind::Timeout,
        TransportErrorKind::Connection,
        TransportErrorKind::Certificate(BadCertificate::Expired),
        TransportErrorKind::ProxyRefused(Some(407)),
        TransportErrorKind::TooLarge,
        TransportErrorKind::Broken,
        TransportErrorKind::Request,
        TransportErrorKind::Setup,
    ];
    for kind in kinds {
        let transport = TransportError::caused(kind, system()).of(&uri);
        once(&transport);
        once(&host::Error::Transport(transport));
    }
    let core = [
        TokenResponse::parse(json(200, "[]"), NOW, &server()).unwrap_err(),
        client().api("http://api.example").unwrap_err(),
        Error::Unanswered,
        Error::Store(StoreError::new(system())),
    ];
    for error in core {
        once(&error);
        once(&host::Error::from(error));
    }
    once(&host::Error::Loopback(Arc::new(system())));
    once(&StoreError::new(system()));
    once(&KeyRejected::new("it is short"));
    once(&SignerError::new("the token is unplugged"));
    once(&PersonError::Stays);
    once(&"nothing".parse::<Misbehaviour>().unwrap_err());
}

#[tokio::test]
async fn the_errors_of_both_adapters_say_nothing_twice() {
    let taken = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    once(&valetkey_async::Loopback::bind_first(&[port]).await.map(|_| ()).unwrap_err());
    once(&valetkey_async::Loopback::bind_first(&[]).await.map(|_| ()).unwrap_err());
    once(&valetkey_blocking::Loopback::bind_first(&[port]).map(|_| ()).unwrap_err());
    drop(taken);
    // Nobody listens there any more.
    let url = format!("http://127.0.0.1:{port}/");
    let get = || valetkey_core::host::get(&url).unwrap();
    let http = valetkey_async::http_client().unwrap();
    once(&valetkey_async::send(&http, get()).await.unwrap_err());
    once(&valetkey_blocking::send(&valetkey_blocking::http_client(), get()).unwrap_err());
}

#[test]
fn the_errors_of_the_stores_say_nothing_twice() {
    once(&FileStore::open(std::env::current_exe().unwrap()).map(|_| ()).unwrap_err());
    once(&RedisStore::connect("redis.example").map(|_| ()).unwrap_err());
    let away = RedisStore::connect("redis://127.0.0.1:1").unwrap();
    once(
        &away
            .load(&StoreKey::of_application(&client(), &Grant::client_credentials()))
            .map(|_| ())
            .unwrap_err(),
    );
}

/// A request that goes to none of the client's APIs is refused before anything is sent.
#[tokio::test]
async fn the_errors_of_the_middlewares_say_nothing_twice() {
    let session = || Session::from_grant(&client(), Grant::client_credentials());
    let tokens = || valetkey_async::Tokens::new(valetkey_async::http_client().unwrap(), session());
    let url = "https://elsewhere.example/";

    let layer = valetkey_middleware::tower::AuthorizeLayer::new(tokens());
    let service = layer.layer(legacy::Client::builder(TokioExecutor::new()).build_http::<String>());
    let request = http::Request::get(url).body(String::new()).unwrap();
    let error: Any = service.oneshot(request).await.unwrap_err();
    once(&*error);

    let http = reqwest_middleware::ClientBuilder::new(reqwest::Client::new())
        .with(valetkey_middleware::reqwest::Authorize::new(tokens()))
        .build();
    once(&http.get(url).send().await.unwrap_err());

    let tokens = valetkey_blocking::Tokens::new(valetkey_blocking::http_client(), session());
    let http =
        ureq::Agent::config_builder().middleware(valetkey_middleware::ureq::Authorize::new(tokens)).build();
    once(&ureq::Agent::from(http).get(url).call().unwrap_err());
}
