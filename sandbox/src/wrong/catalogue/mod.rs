//! The catalogue of misbehaviours: one row each, its name, what it changes, and what is wrong about that.
//!
//! The rows are in a file for each kind of answer. Each file is a macro that hands its rows on to the next, and
//! `catalogue!`, the last one, makes of them all the enumeration and what is known of each of its members.

#[macro_use]
mod api;
#[macro_use]
mod back_channel;
#[macro_use]
mod documents;
#[macro_use]
mod encrypted;
#[macro_use]
mod hybrid;
#[macro_use]
mod openid;
#[macro_use]
mod redirects;
#[macro_use]
mod signed_response;
#[macro_use]
mod status;
#[macro_use]
mod token_error;
#[macro_use]
mod token_response;

use crate::Endpoint;
use crate::ground::jwe::Envelope;
use crate::wrong::change::Change::{
    self, Answer, At, Bare, Body, Compact, Enclosed, EnclosedAnyway, Error, Front, FrontAnew, FrontCompact,
    Header, Instead, LongHeader, Member, Members, MembersAnew, NoHeader, NoMember, Packed, PackedHuge,
    Rechallenge, Redirect, Renewed, Sealed, SecondClaim, Signed, SignedAnew, Status, TwoMembers, Unenclosed,
    Unsealed,
};
use crate::wrong::hostile::{body, challenge, document, id_token, keys, redirect, signed, sources};

/// What the catalogue says about a misbehaviour.
pub(crate) struct Row {
    pub(crate) endpoint: Endpoint,
    pub(crate) name: &'static str,
    pub(crate) description: &'static str,
    pub(crate) change: Change,
}

/// Which specifications an answer is spoilt by.
pub(crate) enum Age {
    /// RFC 6749 and RFC 6750.
    Classic,
    /// What came after them.
    Later,
}

macro_rules! catalogue {
    ([] $($endpoint:ident $age:ident { $($variant:ident $name:literal $change:expr, $description:literal;)* })*) => {
        /// A way to answer wrongly, hostile or merely odd: each was met in the wild, or is what an attacker would try.
        ///
        /// It changes an answer after the work is done, so that a code is spent and a token issued even if the client
        /// never learns of it. An answer that it does not fit is left alone: one about `code` waits for a redirect
        /// with a code, one about a member of the token response for a token response. What goes by `form_post` is spoilt as
        /// a redirect is, before it is put on its page.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Misbehaviour {
            $($(#[doc = $description] $variant,)*)*
        }

        impl Misbehaviour {
            /// All of them.
            pub const ALL: &'static [Self] = &[$($(Self::$variant,)*)*];

            pub(crate) const fn age(self) -> Age {
                match self {
                    $($(Self::$variant)|* => Age::$age,)*
                }
            }

            pub(crate) fn row(self) -> Row {
                match self {
                    $($(Self::$variant => Row {
                        endpoint: Endpoint::$endpoint,
                        name: $name,
                        description: $description,
                        change: $change,
                    },)*)*
                }
            }
        }
    };
}

redirects_rows! { [signed_response_rows token_response_rows token_error_rows documents_rows back_channel_rows status_rows api_rows openid_rows hybrid_rows encrypted_rows catalogue] }
