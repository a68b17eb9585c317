//! An OAuth 2.0 authorization server with an API behind it, for testing OAuth programs.

mod answer;
mod api;
mod application;
mod authorization;
mod authorization_request;
#[cfg(feature = "front")]
mod background;
mod bounded;
mod catalogue;
mod change;
mod client_auth;
mod controls;
mod demo;
mod exchange;
mod failure;
mod form;
#[cfg(feature = "front")]
mod front;
mod hostile;
mod ledger;
mod location;
mod misbehaviour;
mod pages;
mod parameters;
mod person;
mod random;
#[cfg(feature = "front")]
mod raw_answer;
#[cfg(feature = "front")]
mod raw_front;
mod redirect;
mod rights;
mod sandbox;
mod settings;
mod token;
mod world;

pub use application::{Application, FlowKind};
pub use controls::PushedRefreshToken;
pub use demo::{BOBS_RIGHTS, CHATBOTS_RIGHTS, DEMO_CHANNEL, DEMO_PROJECT, DEMO_USERS};
pub use exchange::{Exchange, MAX_KEPT_BODY};
pub use failure::Failure;
#[cfg(feature = "front")]
pub use front::Front;
pub use misbehaviour::{Misbehaviour, UnknownMisbehaviour};
pub use person::{Arrival, Person, PersonError};
#[cfg(feature = "front")]
pub use raw_answer::RawAnswer;
#[cfg(feature = "front")]
pub use raw_front::RawFront;
pub use rights::Rights;
pub use sandbox::{Endpoint, Sandbox};
pub use settings::{BasicEncoding, Dialect, Rotation, Settings};
pub use world::{Created, Subject, User};
