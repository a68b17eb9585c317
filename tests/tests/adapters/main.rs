//! The contract of the adapters: each test is written once and runs through both.
#![expect(
    clippy::disallowed_methods,
    reason = "the tests play the world: its browsers, its servers and its clock"
)]

mod announced;
mod answers;
mod authorities;
mod calls;
mod cancellation;
mod client_authentication;
mod defaults;
mod errors;
mod face;
mod flows;
mod front_channel;
mod held;
mod hosts;
mod log_outs;
mod loopback;
mod many_users;
mod mirror;
mod mtls;
mod names;
mod network;
mod peers;
mod proxies;
mod requests;
mod secrets;
mod shown;
mod slow;
mod streams;
mod transport;
mod unsent;
mod user_info;
mod wire;

/// A test of each adapter from one body: `fn name(adapter: A)`, where `A` is its type.
macro_rules! for_both {
    ($($(#[$doc:meta])* fn $name:ident($adapter:ident: $type:ident) $body:block)*) => {
        $($(#[$doc])*
        mod $name {
            use super::*;

            fn test<$type: crate::many_users::Doors>($adapter: $type) $body

            #[test]
            fn blocking() {
                test(crate::face::Blocking::new());
            }

            #[test]
            fn asynchronous() {
                test(crate::face::Async::new());
            }
        })*
    };
}
use for_both;
