//! Log-in and log-out of a web application, by the routes of `valetkey-axum`: what browsers and servers send them, and what is
//! refused. The browser is a value, so that it opens no socket; the authorization server is a small one on loopback, which signs what a test
//! says.

mod announced;
mod browser;
mod cookies;
mod elsewhere;
mod failures;
mod forged;
mod kept;
mod limits;
mod log_in;
mod log_out;
mod properties;
mod redis;
mod routes;
mod set_up;
mod shut_down;
mod silent;
mod switched_store;
mod tower_sessions;
mod world;
