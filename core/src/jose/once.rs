//! A JWT that a flow signs once, for one request: [`Once`].

use std::fmt;

use crate::ground::error::Error;
use crate::jose::jwt::{SignedJwt, UnsignedJwt};
use crate::jose::signer::Signed;

/// A JWT from its text to its signature, as a flow keeps it: signed once, however often the flow is asked. It holds the
/// [`UnsignedJwt`] until the key has signed, and from then on the signed one, or what is made of that: a header, a form.
///
/// [The module](crate::jose#keys-that-answer-later) shows it in a flow. What it holds proves who this program is, so it
/// prints `<secret>`.
pub struct Once<T = SignedJwt>(State<T>);

enum State<T> {
    Unsigned(UnsignedJwt, fn(SignedJwt) -> Result<T, Error>),
    Signed(T),
}

impl Once {
    /// A JWT that is wanted as it is signed.
    #[must_use]
    pub const fn new(unsigned: UnsignedJwt) -> Self {
        Self::made_into(unsigned, Ok)
    }
}

impl<T> Once<T> {
    /// A JWT of which `make` makes what the request carries, as soon as it is signed.
    #[must_use]
    pub const fn made_into(unsigned: UnsignedJwt, make: fn(SignedJwt) -> Result<T, Error>) -> Self {
        Self(State::Unsigned(unsigned, make))
    }

    /// Asks the key for the signature, unless it is here. A flow answers [`Signed::Pending`] with
    /// [`Step::Wait`](crate::Step::Wait).
    ///
    /// # Errors
    ///
    /// As [`UnsignedJwt::sign`], and what making something of it fails with. The next call asks the key again.
    pub fn sign(&mut self) -> Result<Signed<&T>, Error> {
        loop {
            match self.0 {
                State::Signed(ref signed) => return Ok(Signed::Ready(signed)),
                State::Unsigned(ref unsigned, make) => match unsigned.sign()? {
                    Signed::Ready(jwt) => self.0 = State::Signed(make(jwt)?),
                    Signed::Pending(time) => return Ok(Signed::Pending(time)),
                },
            }
        }
    }

    /// What is signed, if it is here.
    #[must_use]
    pub const fn signed(&self) -> Option<&T> {
        match &self.0 {
            State::Unsigned(..) => None,
            State::Signed(signed) => Some(signed),
        }
    }
}

impl<T> fmt::Debug for Once<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Once(<secret>)")
    }
}
