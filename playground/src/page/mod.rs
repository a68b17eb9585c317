//! The page: [`play`](crate::play) behind a loopback port, for one person and their browser.
//!
//! | what | how |
//! |---|---|
//! | who may ask | the `Host` is this very address; a POST comes from this very origin with its session's token |
//! | who sees a run | the browser that a link from the terminal has opened it in, by an address and a cookie of its own: see `session.rs` |
//! | what a page may do | run the one script and use the one style sheet that are embedded here, nothing inline, nothing from elsewhere |
//! | what stays | nothing: runs and tokens are in memory, no answer may be stored |

mod actions;
mod assets;
mod begin;
mod callback;
mod desk;
mod door;
mod form;
mod guard;
mod pages;
mod session;
mod view;
mod visitor;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use valetkey_async::host::Network;

use desk::Desk;
use guard::House;

/// The playground on a port that it has and does not yet answer on.
#[derive(Debug)]
pub struct Playground {
    listener: TcpListener,
    address: SocketAddr,
    network: Network,
}

impl Playground {
    /// Takes a port of 127.0.0.1; 0 is any that is free.
    ///
    /// # Errors
    ///
    /// The operating system's, if the port is taken.
    pub async fn bind(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, network: valetkey_async::network() })
    }

    /// Asks servers elsewhere on this network, in place of the environment's: by its proxies, and trusting its authorities.
    #[must_use]
    pub fn on(self, network: Network) -> Self {
        Self { network, ..self }
    }

    /// Where it is: `http://127.0.0.1:PORT`. What opens it is told by [`serve`](Self::serve).
    #[must_use]
    pub fn url(&self) -> String {
        origin(self.address)
    }

    /// Answers, until the future is dropped. `tell` is told the address that opens the page: now, and a new one whenever
    /// that has been used, for it is good once.
    ///
    /// # Errors
    ///
    /// The operating system's, if the port fails, and if it gives no randomness; an authority of the network that cannot be
    /// read.
    pub async fn serve(self, tell: impl Fn(&str) + Send + Sync + 'static) -> io::Result<()> {
        axum::serve(self.listener, routes(self.address, &self.network, tell)?).await
    }
}

fn origin(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// The routes, as they answer at this address. `tell` is told the addresses that open the page, as by
/// [`Playground::serve`].
///
/// # Errors
///
/// If the operating system gives no randomness.
pub fn router(address: SocketAddr, tell: impl Fn(&str) + Send + Sync + 'static) -> io::Result<Router> {
    routes(address, &valetkey_async::network(), tell)
}

fn routes(
    address: SocketAddr,
    network: &Network,
    tell: impl Fn(&str) + Send + Sync + 'static,
) -> io::Result<Router> {
    let desk = Desk::new(address.port(), origin(address), network, tell).map_err(io::Error::other)?;
    let desk = Arc::new(desk);
    let own = Router::new()
        .route("/", get(pages::home))
        .route("/new/{method}", get(pages::new))
        .route("/attacks", get(pages::attacks))
        .route("/compare", get(pages::compare))
        .route("/runs", post(begin::begin))
        .route("/runs/{id}", get(pages::run))
        .route("/runs/{id}/transcript.json", get(pages::transcript))
        .route("/runs/{id}/send", post(actions::send))
        .route("/runs/{id}/consent", post(actions::consent))
        .route("/runs/{id}/arrived", post(actions::arrived))
        .route("/runs/{id}/call", post(actions::call))
        .route("/runs/{id}/renew", post(actions::renew))
        .route("/runs/{id}/attack", post(actions::attack))
        .route("/runs/{id}/again", post(begin::again))
        .route("/runs/{id}/close", post(actions::close))
        .fallback(pages::nothing)
        .with_state(Arc::clone(&desk));
    let open = Router::new()
        .route("/", get(door::open))
        .route("/callback", get(callback::arrive).post(callback::fragment))
        .route("/callback/{*rest}", get(callback::arrive))
        .route("/style.css", get(assets::style))
        .route("/script.js", get(assets::script))
        .route("/icon.svg", get(assets::icon))
        .fallback(door::nothing)
        .with_state(Arc::clone(&desk));
    Ok(Router::new().fallback(guard::guard).with_state(House { desk, own, open }))
}
