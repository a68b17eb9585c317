//! UI and the rest of OpenID Connect beside the login: UserInfo, claims of other sources.

mod elsewhere;
mod signed;
mod user_info;
mod world;
