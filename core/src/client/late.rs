//! A parameter whose value is made for one request and no other: [`Late`], and what was made: [`Made`].

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::client::secret_source::SecretSource;
use crate::ground::callback_error::CallbackError;
use crate::ground::error::{Error, misuse};
use crate::ground::text;
use crate::ground::time::UnixTime;
use crate::ground::wiped::Wiped;
use crate::jose::compact;
use crate::jose::jwt::{SignedJwt, UnsignedJwt};
use crate::jose::once::Once;
use crate::jose::signer::Signed;

/// A parameter whose value is made anew for each request.
#[derive(Clone)]
pub(crate) struct Late {
    name: Cow<'static, str>,
    maker: Maker,
}

type Write = dyn Fn(UnixTime) -> Result<UnsignedJwt, Error> + Send + Sync;

#[derive(Clone)]
enum Maker {
    Source(Arc<dyn SecretSource>, Form),
    /// A JWT of this program's own, and for how long it is good.
    Jwt(Arc<Write>, Duration),
}

/// What a source is to give.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A JWT that another authority wrote.
    Jwt,
    /// Any printable text.
    Text,
}

/// A value, on its way or here.
pub(crate) enum Made {
    Wanted(Arc<dyn SecretSource>, Form),
    Jwt(Once),
    Text(Wiped),
}

/// A parameter of one request, on its way or here.
pub(crate) struct MadeParameter {
    pub(crate) name: Cow<'static, str>,
    made: Made,
    /// When it was written, and for how long it is good, if it is a JWT.
    good_for: Option<(UnixTime, Duration)>,
}

impl Late {
    pub(crate) fn from_source(
        name: impl Into<Cow<'static, str>>,
        source: impl SecretSource + 'static,
        form: Form,
    ) -> Self {
        Self { name: name.into(), maker: Maker::Source(Arc::new(source), form) }
    }

    pub(crate) fn jwt(
        name: &'static str,
        write: impl Fn(UnixTime) -> Result<UnsignedJwt, Error> + Send + Sync + 'static,
        good_for: Duration,
    ) -> Self {
        Self { name: Cow::Borrowed(name), maker: Maker::Jwt(Arc::new(write), good_for) }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Begins the value alone.
    pub(crate) fn begin_value(&self, now: UnixTime) -> Result<Made, Error> {
        self.begin(now).map(|parameter| parameter.made)
    }

    /// Begins the value for one request.
    pub(crate) fn begin(&self, now: UnixTime) -> Result<MadeParameter, Error> {
        let name = self.name.clone();
        Ok(match &self.maker {
            Maker::Source(source, form) => {
                MadeParameter { name, made: Made::Wanted(Arc::clone(source), *form), good_for: None }
            }
            Maker::Jwt(write, time) => {
                let made = Made::Jwt(Once::new(write(now)?));
                MadeParameter { name, made, good_for: Some((now, *time)) }
            }
        })
    }
}

impl Made {
    /// Asks for the value, unless it is here; how long to wait for it, if it comes later.
    pub(crate) fn ask(&mut self, now: UnixTime) -> Result<Option<Duration>, Error> {
        let (source, form) = match self {
            Self::Text(_) => return Ok(None),
            Self::Jwt(jwt) => return Ok(jwt.sign()?.pending()),
            Self::Wanted(source, form) => (source, *form),
        };
        let failed = |error: CallbackError| Error::Callback(error.of("a source of secrets of this program"));
        match source.secret(now).map_err(failed)? {
            Signed::Pending(time) => Ok(Some(time)),
            Signed::Ready(secret) => {
                let secret = Wiped::new(secret);
                let secret = Wiped::new(secret.trim_ascii().to_owned());
                let is_fit = match form {
                    Form::Jwt => compact::is_jwt(&secret),
                    Form::Text => text::is_vschar(&secret) && secret.len() <= compact::MAX_ASSERTION,
                };
                if !is_fit {
                    return Err(failed(CallbackError::new(form.wanted())));
                }
                *self = Self::Text(secret);
                Ok(None)
            }
        }
    }

    /// The value, once it is here.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Wanted(..) => None,
            Self::Jwt(jwt) => jwt.signed().map(SignedJwt::expose),
            Self::Text(text) => Some(text),
        }
    }
}

impl MadeParameter {
    /// As [`Made::ask`]; a JWT that is not signed while it is good is not sent.
    pub(crate) fn ask(&mut self, now: UnixTime) -> Result<Option<Duration>, Error> {
        let is_over = self.good_for.is_some_and(|(from, time)| now.since(from) >= time);
        if is_over && self.made.text().is_none() {
            return Err(misuse(
                "the key did not sign the assertion before it expired: have it answer sooner",
            ));
        }
        self.made.ask(now)
    }

    pub(crate) fn text(&self) -> Option<&str> {
        self.made.text()
    }
}

impl Form {
    const fn wanted(self) -> &'static str {
        match self {
            Self::Jwt => {
                "what it gave is not three or five parts of base64url with dots between them, 256 KiB at most"
            }
            Self::Text => "what it gave is empty, not printable ASCII, or larger than 256 KiB",
        }
    }
}

/// Whose value it is, and nothing of the value.
impl fmt::Debug for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Late").field(&self.name).finish()
    }
}
