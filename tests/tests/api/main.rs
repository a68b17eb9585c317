//! PR and WA: what an API says of itself, and when it wants more of a login.

mod resource;
mod step_up;
