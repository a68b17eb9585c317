//! How to do what with threads: the pages whose code differs by more than `.await`.
//!
//! The guide is that of [`valetkey-async`](https://docs.rs/valetkey-async/latest/valetkey_async/guide/): almost all names
//! are here too, under `valetkey_blocking`, so read its other pages without the `.await`, and without the `?` where the
//! HTTP client is made. What is said there is not said again here.
//!
//! | you want … | read |
//! |---|---|
//! | a command-line program in which the user of the machine logs in | [`command_line`] |
//! | a web application in which users log in | [`web_login`], then [`many_users`] |
//! | to know who logged in: accounts, names, how and how long ago | [who_logged_in] |
//! | a service that calls an API on its own behalf, from many threads | [`service`] |
//! | a client with a certificate | [`mutual_tls`] |
//! | a login on another device | [devices] |
//! | to know what an error means, and what to do | [errors] |
//! | to know what is refused, why, and how to admit it | [refused] |
//! | more scope, streams, another HTTP client | [apis] |
//! | tokens that a thief cannot use; keys in place of secrets | [dpop], [keys] |
//! | a store, a grant, a runtime of your own | [own_store], [own_grant], [own_runtime] |
//! | a Keycloak on `http://localhost`; GitHub, Google, Microsoft | [keycloak], [github], [google], [microsoft] |
//! | JetBrains Space, Hub, YouTrack | [space_and_hub] |
//!
//! [apis]: https://docs.rs/valetkey-async/latest/valetkey_async/guide/apis/
//! [devices]: https://docs.rs/valetkey-async/latest/valetkey_async/guide/devices/
//! [dpop]: https://docs.rs/valetkey-async/latest/valetkey_async/guide/dpop/
//! [errors]: https://docs.rs/valetkey-async/latest/valetkey_async/guide/errors/
//! [github]: https://docs.rs/valetkey-async/latest/valetkey_async/guide/github/
//! [google]: https://docs.rs/valetkey-async/latest/valetkey_async/guide/google/
//! [keycloak]: https://docs.rs/valetkey-async/latest/valetkey_async/guide/keycloak/
//! [keys]: https://docs.rs/valetkey-async/latest/valetkey_async/guide/keys/
//! [microsoft]: https://docs.rs/valetkey-async/latest/valetkey_async/guide/microsoft/
//! [own_grant]: https://docs.rs/valetkey-async/latest/valetkey_async/guide/own_grant/
//! [own_runtime]: https://docs.rs/valetkey-async/latest/valetkey_async/guide/own_runtime/
//! [own_store]: https://docs.rs/valetkey-async/latest/valetkey_async/guide/own_store/
//! [refused]: https://docs.rs/valetkey-async/latest/valetkey_async/guide/refused/
//! [space_and_hub]: https://docs.rs/valetkey-async/latest/valetkey_async/guide/space_and_hub/
//! [who_logged_in]: https://docs.rs/valetkey-async/latest/valetkey_async/guide/who_logged_in/

// The links of the pages are resolved by these names.
use valetkey_core::*;

use crate::{
    ApiClient, Download, Error, HttpClient, Loopback, Sessions, TokenSource, Tokens, Upload, entropy,
    http_client_for, log_in, network, now, run, send,
};

macro_rules! pages {
    ($($page:ident $file:literal)+) => {
        $(#[doc = include_str!($file)] pub mod $page {})+
    };
}

pages! {
    command_line "command_line.md"
    many_users "many_users.md"
    mutual_tls "mutual_tls.md"
    service "service.md"
    web_login "web_login.md"
}
