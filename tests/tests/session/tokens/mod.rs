//! `Tokens` of both adapters: one session, many callers, one renewal. Each test is written once and runs through both,
//! but for what only one of them has.

mod anew;
mod callers;
mod endings;
pub(crate) mod face;
mod owners;
mod slow;
mod stores;
pub(crate) mod world;

/// A test of each adapter from one body: `fn name(adapter: A)`, where `A` is its type.
macro_rules! for_both {
    ($($(#[$doc:meta])* fn $name:ident($adapter:ident: $type:ident) $body:block)*) => {
        $($(#[$doc])*
        mod $name {
            use super::*;

            fn test<$type: crate::face::Adapter>($adapter: $type) $body

            #[test]
            fn blocking() {
                test(crate::face::Blocking);
            }

            #[test]
            fn asynchronous() {
                test(crate::face::Async::new());
            }
        })*
    };
}
pub(crate) use for_both;
