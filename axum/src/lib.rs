#![doc = include_str!("../README.md")]

mod announced;
mod answer;
mod asked;
mod base;
mod builder;
mod callback;
mod cookies;
mod failure;
mod log_out;
mod login;
mod page;
mod record;
mod return_to;
mod router;
mod seal;
mod starts;
mod tasks;
mod texts;
mod user;
mod waiting;
mod web_login;

pub use answer::MAX_BODY;
pub use builder::{EXAMPLE_KEY, WebLoginBuilder};
pub use failure::Failure;
pub use texts::Texts;
pub use user::{NoUser, User};
pub use web_login::WebLogin;
