//! Where a browser's session has its name: [`Names`].

use std::borrow::Cow;

use http::request::Parts;
use http::{Extensions, HeaderMap, Request};

use crate::cookies::{Cookies, cookie};
use crate::failure::Failure;

/// What came with a request: its fields, and what layers have put beside them.
#[derive(Clone, Copy)]
pub(crate) struct Came<'a> {
    pub(crate) headers: &'a HeaderMap,
    #[cfg_attr(not(feature = "tower-sessions"), expect(dead_code, reason = "a layer's sessions are there"))]
    pub(crate) extensions: &'a Extensions,
}

impl<'a, B> From<&'a Request<B>> for Came<'a> {
    fn from(request: &'a Request<B>) -> Self {
        Self { headers: request.headers(), extensions: request.extensions() }
    }
}

impl<'a> From<&'a Parts> for Came<'a> {
    fn from(parts: &'a Parts) -> Self {
        Self { headers: &parts.headers, extensions: &parts.extensions }
    }
}

/// Where the names of sessions are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Names {
    /// Each in a cookie of ours, with nothing beside it.
    Cookies,
    /// Each among what `tower-sessions` keeps for the browser, whose cookie names that.
    #[cfg(feature = "tower-sessions")]
    TowerSessions,
}

/// What a login leaves of what was kept for the browser beside the name of its session.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaves {
    /// It was nobody's yet, or is the same person's.
    All,
    /// It was another's, or may have been.
    Nothing,
}

impl Names {
    /// The name of the browser's session, whether somebody is logged in by it or not.
    pub(crate) async fn of<'a>(
        self,
        cookies: &Cookies,
        came: Came<'a>,
    ) -> Result<Option<Cow<'a, str>>, Failure> {
        match self {
            Self::Cookies => {
                let name = cookie(came.headers, cookies.session()).filter(|name| !name.is_empty());
                Ok(name.map(Cow::Borrowed))
            }
            #[cfg(feature = "tower-sessions")]
            Self::TowerSessions => Ok(crate::tower::name(came.extensions).await?.map(Cow::Owned)),
        }
    }

    /// Gives the browser this one, and leaves it of what was kept for it so much.
    pub(crate) async fn give(
        self,
        cookies: &Cookies,
        came: Came<'_>,
        answer: &mut HeaderMap,
        name: &str,
        leaves: Leaves,
    ) -> Result<(), Failure> {
        match self {
            Self::Cookies => {
                // Layers have no part in it, and nothing is beside it.
                let _ = (came, leaves);
                cookies.set(answer, cookies.session(), name);
                Ok(())
            }
            #[cfg(feature = "tower-sessions")]
            Self::TowerSessions => crate::tower::give(came.extensions, name, leaves == Leaves::All).await,
        }
    }

    /// Takes it from the browser, with all that was kept beside it. The layer of tower-sessions takes its cookie away without `Secure`, and
    /// browsers leave one with the prefix `__Host-` as it is then.
    pub(crate) async fn take(
        self,
        cookies: &Cookies,
        came: Came<'_>,
        answer: &mut HeaderMap,
    ) -> Result<(), Failure> {
        match self {
            Self::Cookies => {
                let _ = came;
                cookies.clear(answer, cookies.session());
                Ok(())
            }
            #[cfg(feature = "tower-sessions")]
            Self::TowerSessions => {
                crate::tower::take(came.extensions).await?;
                cookies.clear(answer, &cookies.id());
                Ok(())
            }
        }
    }

    /// Takes away what is kept beside a name by which nobody is logged in any more.
    pub(crate) async fn forget(self, came: Came<'_>) -> Result<(), Failure> {
        match self {
            Self::Cookies => {
                let _ = came;
                Ok(())
            }
            #[cfg(feature = "tower-sessions")]
            Self::TowerSessions => crate::tower::take(came.extensions).await,
        }
    }
}
