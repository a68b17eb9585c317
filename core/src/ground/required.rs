//! Why a person must authorize again: [`AuthorizationRequired`] and its [`Cause`].

use std::borrow::Cow;
use std::fmt;

use crate::ground::quirk::{Quirk, exit};
use crate::ground::refused::Refused;
use crate::ground::rule::Rule;

/// Why somebody must authorize again.
#[derive(Clone, Debug)]
pub struct AuthorizationRequired {
    pub(super) rule: Option<Rule>,
    pub(super) cause: Cause,
    /// What came too late, or what is the matter with another login, if that is the cause.
    pub(super) late: Cow<'static, str>,
    pub(super) admitted_by: Option<Quirk>,
}

/// What ended an authorization.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Cause {
    /// The access token has expired or was rejected, and nothing renews it.
    Expired,
    /// The login ([AR-13](crate::Rule::Ar13)) or the device's code ([DV-4](crate::Rule::Dv4)) was too old when the user came.
    TooLate,
    /// The server refused to renew the token.
    Refused(Box<Refused>),
    /// The answer to a renewal was lost, by a crash or by the network, and when the same refresh token was sent once more
    /// the server refused it: what it had given in its place never arrived.
    Lost(Box<Refused>),
    /// The stored session does not say whose it is, since an earlier version of the library wrote it
    /// ([ST-4](crate::Rule::St4)). After a login there is one that does.
    OwnerUnknown,
    /// The stored tokens are for other resources, or another audience, than the session's ([ST-4](crate::Rule::St4)): it
    /// asks for others than it did when its user logged in.
    OtherResources,
    /// The ID token that came with a renewal is not of the login that was renewed, or failed otherwise
    /// ([ID-53](crate::Rule::Id53)): another person, for example. The rule is that which it failed by.
    OtherLogin,
    /// The session was ended by a log-out, here or in another process, or its record is gone from the store.
    Ended,
}

impl AuthorizationRequired {
    /// What ended the authorization.
    #[must_use]
    pub const fn cause(&self) -> &Cause {
        &self.cause
    }
}

impl fmt::Display for AuthorizationRequired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Expired => {
                f.write_str(
                    "authorization required: nobody has logged in yet, or the access token is not good any more and \
                     nothing renews it: log in",
                )?;
                match self.admitted_by {
                    Some(quirk) => write!(
                        f,
                        "; the token came with a lifetime of 0, and the quirk `{}` admits that (`Quirk::{quirk:?}`)",
                        quirk.name()
                    ),
                    None => Ok(()),
                }
            }
            Cause::TooLate => write!(f, "authorization required: {}", self.late),
            Cause::OtherLogin => {
                write!(
                    f,
                    "authorization required: {}: nothing of the renewal is used, so log in again",
                    self.late
                )?;
                exit(f, self.admitted_by)
            }
            Cause::Refused(refused) => write!(f, "authorization required: {refused}"),
            Cause::Lost(refused) => {
                write!(f, "authorization required: the answer to an earlier renewal was lost, and {refused}")
            }
            Cause::Ended => {
                f.write_str("authorization required: the session has ended by a log-out: log in again")
            }
            Cause::OtherResources => write!(
                f,
                "authorization required: the stored tokens are for other resources than this session's: log in again ({})",
                Rule::St4
            ),
            Cause::OwnerUnknown => write!(
                f,
                "authorization required: the stored session was written by an earlier version, which did not say whose \
                 it is: log in again ({})",
                Rule::St4
            ),
        }
    }
}
