//! OpenID Connect beside the ID token: what a login asks for (AQ, AR-21), UserInfo (UI), WebFinger (DI-13), logins that others start (TP).

mod asked;
mod elsewhere;
mod encrypted;
mod shown;
mod signed;
mod third_party;
mod user_info;
mod web_finger;
mod world;
