//! How and when a user logged in, and what an authorization request wants of that.

use valetkey_core::UnixTime;

use crate::ground::parameters::Parameters;
use crate::ground::refusal::Refusal;

/// The ways to log in, the plain one first. The sandbox's form logs in by whichever is asked for.
pub(crate) const ACRS: [&str; 2] = ["pwd", "mfa"];

/// A login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) acr: &'static str,
    pub(crate) at: UnixTime,
}

impl Login {
    /// The login of somebody who had logged in before anybody asked.
    pub(crate) const fn long_ago() -> Self {
        Self { acr: ACRS[0], at: UnixTime::from_secs(0) }
    }

    /// The means by which it was done, for `amr` (RFC 8176).
    pub(crate) fn means(&self) -> &'static [&'static str] {
        if self.acr == ACRS[0] { &["pwd"] } else { &["pwd", "otp", "mfa"] }
    }

    /// Whether it is of one of these kinds, and recent enough.
    pub(crate) fn satisfies(&self, acr_values: Option<&str>, max_age: Option<u64>, now: UnixTime) -> bool {
        acr_values.is_none_or(|values| values.split(' ').any(|acr| acr == self.acr))
            && max_age.is_none_or(|seconds| now.since(self.at).as_secs() <= seconds)
    }
}

/// What an authorization request wants of the login.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LoginWanted {
    acr_values: Option<String>,
    max_age: Option<u64>,
    prompt: Option<String>,
}

impl LoginWanted {
    pub(crate) fn read(parameters: &Parameters) -> Result<Self, Refusal> {
        let max_age = match parameters.get("max_age") {
            None => None,
            Some(text) => {
                let digits = text.bytes().all(|byte| byte.is_ascii_digit());
                let seconds = text.parse().ok().filter(|_| digits);
                Some(seconds.ok_or(("invalid_request", "max_age must be a number of seconds"))?)
            }
        };
        let prompt = parameters.get("prompt").map(str::to_owned);
        let known = ["none", "login", "consent", "select_account"];
        if prompt.as_deref().is_some_and(|prompt| !prompt.split(' ').all(|one| known.contains(&one))) {
            return Err(("invalid_request", "prompt has an unknown value"));
        }
        if prompt
            .as_deref()
            .is_some_and(|prompt| prompt != "none" && prompt.split(' ').any(|one| one == "none"))
        {
            return Err(("invalid_request", "prompt has none and something beside it"));
        }
        Ok(Self { acr_values: parameters.get("acr_values").map(str::to_owned), max_age, prompt })
    }

    /// The same with these ways to log in, if it names none itself.
    pub(crate) fn or_by(mut self, acr_values: Option<String>) -> Self {
        self.acr_values = self.acr_values.or(acr_values);
        self
    }

    /// Whether somebody who is logged in need not log in again.
    pub(crate) fn is_met_by(&self, login: &Login, now: UnixTime) -> bool {
        let again = self.prompt.as_deref().is_some_and(|it| it.split(' ').any(|one| one != "none"));
        !again && login.satisfies(self.acr_values.as_deref(), self.max_age, now)
    }

    /// Whether no page may be shown.
    pub(crate) fn is_silent(&self) -> bool {
        self.prompt.as_deref() == Some("none")
    }

    /// A login by the form, in the first way that is asked for and known.
    pub(crate) fn by_form(&self, now: UnixTime) -> Login {
        let asked = self.acr_values.as_deref().unwrap_or_default().split(' ');
        let acr = asked.filter_map(|asked| ACRS.into_iter().find(|known| *known == asked)).next();
        Login { acr: acr.unwrap_or(ACRS[0]), at: now }
    }
}
