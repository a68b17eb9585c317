//! How to do common tasks, page by page.
//!
//! Each page opens with a diagram: who sends what to whom. Then comes code that is compiled with the tests, and then what
//! to know before it goes to production. The pages work at any OAuth 2.0 server, which is found by its issuer; a few
//! servers with ways of their own have a page besides.
//!
//! | you want … | read |
//! |---|---|
//! | a web application in which users log in | [`web_login`], then [`many_users`]; whole, over axum: [`by_hand`] |
//! | to know who logged in: accounts, names, how and how long ago | [`who_logged_in`] |
//! | a log-out at the server too, and to hear of one there | [`log_out`] |
//! | a command-line program in which the user of the machine logs in | [`command_line`] |
//! | a login on a television, in a container, or over SSH: no browser on this machine | [`devices`] |
//! | a service that calls an API on its own behalf, from many tasks | [`service`] |
//! | to know what an error means, and what to do | [`errors`] |
//! | to know what is refused, why, and how to admit it | [`refused`] |
//! | to call APIs: more scope, a second login, streams, another HTTP client; to verify tokens as an API | [`apis`] |
//! | tokens that a thief cannot use | [`dpop`], [`mutual_tls`] |
//! | a client that signs in place of a secret; requests and responses that are signed; FAPI | [`keys`] |
//! | to keep tokens in a place of your own | [`own_store`] |
//! | an assertion, a token exchange, a grant that only your server knows | [`own_grant`] |
//! | a runtime of your own: WASM, an event loop, a proxy, a game | [`own_runtime`] |
//! | a Keycloak on `http://localhost` | [`keycloak`] |
//! | GitHub, Google, Microsoft | [`github`], [`google`], [`microsoft`] |
//! | Slack, Spotify, Salesforce and fifty others | the table of [`Profile`](crate::server::Profile), then [`github`] for the code |
//! | JetBrains Space, Hub, YouTrack | [`space_and_hub`] |
//!
//! With threads in place of tasks: the crate `valetkey-blocking` has almost the same names, and [a guide of its
//! own](https://docs.rs/valetkey-blocking/latest/valetkey_blocking/guide/) for what differs by more than `.await`.
//!
//! Programs to copy whole are in [this crate's examples](https://github.com/valetkey/valetkey/tree/main/adapter-async#examples).

// The links of the pages are resolved by these names.
use valetkey_core::*;

use crate::{
    ApiClient, Download, Error, HttpClient, Loopback, Sessions, TokenSource, Tokens, Upload, entropy,
    http_client_for, http_client_with, log_in, network, now, run, send,
};

macro_rules! pages {
    ($($page:ident $file:literal)+) => {
        $(#[doc = include_str!($file)] pub mod $page {})+
    };
}

pages! {
    apis "apis.md"
    by_hand "by_hand.md"
    command_line "command_line.md"
    devices "devices.md"
    dpop "dpop.md"
    errors "errors.md"
    github "github.md"
    google "google.md"
    keycloak "keycloak.md"
    keys "keys.md"
    log_out "log_out.md"
    many_users "many_users.md"
    microsoft "microsoft.md"
    mutual_tls "mutual_tls.md"
    own_grant "own_grant.md"
    own_runtime "own_runtime.md"
    own_store "own_store.md"
    refused "refused.md"
    service "service.md"
    space_and_hub "space_and_hub.md"
    web_login "web_login.md"
    who_logged_in "who_logged_in.md"
}
