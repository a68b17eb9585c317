//! What else an authorization request may ask for: OpenID Connect Core §3.1.2.1 and §5.5. Scope, resources and details, which
//! other requests have too, are in `terms/access.rs`.
//!
//! ```text
//!  who          login_hint  id_token_hint
//!  how          prompt  max_age  acr_values  display  ui_locales  claims_locales
//!  what for     claims
//! ```
//!
//! No round of its own: parameters of the authorization request. One that is set again replaces its former value. What only the
//! whole request shows is looked at when it begins (`supported.rs`), whichever way it was set.

use std::time::Duration;

use serde::Serialize;

use crate::authorize::request::AuthorizationRequest;
use crate::authorize::supported;
use crate::ground::error::{Error, misuse_of};
use crate::ground::rule::Rule;
use crate::terms::parameter::require;
use crate::terms::secret::IdToken;

/// What the server is to ask the person for (`prompt`; the last by Initiating User Registration 1.0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Prompt {
    /// Nothing at all: it answers with an error if it would have to.
    None,
    /// To log in again.
    Login,
    /// To consent again.
    Consent,
    /// Which of their accounts it is to be.
    SelectAccount,
    /// To make an account.
    Create,
}

impl Prompt {
    /// The word in the parameter.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
            Self::Create => "create",
        }
    }
}

/// How the server is to show its pages (`display`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Display {
    /// As a full page.
    Page,
    /// In a popup window.
    Popup,
    /// For touch.
    Touch,
    /// For a feature phone.
    Wap,
}

impl Display {
    /// The word in the parameter.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Popup => "popup",
            Self::Touch => "touch",
            Self::Wap => "wap",
        }
    }
}

impl AuthorizationRequest {
    /// Says what the person is to be asked for (`prompt`). A login with [`Prompt::None`] ends as a login, or as an error of which
    /// [`Error::needs_person`] says whether one that shows pages may succeed ([AQ-18](crate::Rule::Aq18)): that one is the
    /// program's to begin.
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-17](crate::Rule::Aq17)) if `prompts` is empty, has one twice, or [`Prompt::None`] is not alone; or
    /// for [`Prompt::Create`], if the server does not list it (`prompt_values_supported`).
    pub fn prompt(self, prompts: impl IntoIterator<Item = Prompt>) -> Result<Self, Error> {
        let names: Vec<&str> = prompts.into_iter().map(Prompt::name).collect();
        let value = names.join(" ");
        require("prompt", &value)?;
        supported::require_prompt(&self.front.client, &value)?;
        Ok(self.known("prompt", &value))
    }

    /// Asks for a login that is no older than this, in whole seconds (`max_age`, [AQ-11](crate::Rule::Aq11)); an age of 0 asks
    /// for a new one, which then comes after this request ([AQ-19](crate::Rule::Aq19)). With the scope `openid` the ID token
    /// must prove it ([ID-17](crate::Rule::Id17)); without, it is a wish, of which nothing is heard.
    #[must_use]
    pub fn max_age(self, age: Duration) -> Self {
        self.known("max_age", &age.as_secs().to_string())
    }

    /// Asks for one of these ways of logging in, the first the most welcome (`acr_values`). The server may do otherwise; one that
    /// is essential is asked for by [`claims`](Self::claims), and by that alone ([AQ-23](crate::Rule::Aq23)).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-11](crate::Rule::Aq11)) if `values` is empty, or one is empty or holds a quote or anything but
    /// printable ASCII.
    pub fn acr_values<T: AsRef<str>>(self, values: impl IntoIterator<Item = T>) -> Result<Self, Error> {
        let value = joined(values);
        require("acr_values", &value)?;
        Ok(self.known("acr_values", &value))
    }

    /// Says who is probably going to log in: a name as the server knows it (`login_hint`).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-21](crate::Rule::Aq21)) if it is longer than 1 KiB, or has a control character.
    pub fn login_hint(self, hint: &str) -> Result<Self, Error> {
        require("login_hint", hint)?;
        Ok(self.known("login_hint", hint))
    }

    /// Says who is to be logged in, by an ID token of theirs (`id_token_hint`), which may have expired. It goes through the
    /// browser, as the protocol has it, unless the request is [pushed](Self::pushed): it says who the person is, so push it
    /// where the server takes that. One that is encrypted to this client is decrypted, since the server could not read it. The login
    /// of another person is refused ([AQ-24](crate::Rule::Aq24)).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-20](crate::Rule::Aq20)) if it is not an ID token of this server for this client, the issuer of the
    /// server is not known, or it is encrypted and no key of this client's opens it.
    pub fn id_token_hint(self, token: &IdToken) -> Result<Self, Error> {
        let hint = supported::decrypted(&self.front.client, token.expose())?;
        Ok(self.known("id_token_hint", &hint))
    }

    /// Asks for one of these languages, the first the most welcome, by their BCP 47 tags (`ui_locales`).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-26](crate::Rule::Aq26)) if `tags` is empty, or one is not subtags of up to eight letters and digits
    /// with hyphens between them, the first of letters.
    pub fn ui_locales<T: AsRef<str>>(self, tags: impl IntoIterator<Item = T>) -> Result<Self, Error> {
        let value = joined(tags);
        require("ui_locales", &value)?;
        Ok(self.known("ui_locales", &value))
    }

    /// Asks for claims in one of these languages, the first the most welcome, by their BCP 47 tags (`claims_locales`, OpenID
    /// Connect Core §5.2).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] ([AQ-26](crate::Rule::Aq26)), as for [`ui_locales`](Self::ui_locales).
    pub fn claims_locales<T: AsRef<str>>(self, tags: impl IntoIterator<Item = T>) -> Result<Self, Error> {
        let value = joined(tags);
        require("claims_locales", &value)?;
        Ok(self.known("claims_locales", &value))
    }

    /// Says how the server is to show its pages (`display`).
    #[must_use]
    pub fn display(self, display: Display) -> Self {
        self.known("display", display.name())
    }

    /// Asks for these claims, one by one: anything that serializes to a JSON object (`claims`) with the members `userinfo` and
    /// `id_token`, each an object with a member for each claim, whose value is null or has `essential`, `value` or `values`.
    ///
    /// A server whose metadata do not have `claims_parameter_supported` is not asked so, but in a [signed](Self::signed) request:
    /// that is refused when the request begins ([AQ-22](crate::Rule::Aq22)).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`]: [AQ-22](crate::Rule::Aq22) for another form.
    pub fn claims(self, claims: impl Serialize) -> Result<Self, Error> {
        // The library's message may quote a value.
        let value = serde_json::to_string(&claims)
            .map_err(|_| misuse_of(Rule::Aq22, "claims do not serialize to JSON"))?;
        require("claims", &value)?;
        Ok(self.known("claims", &value))
    }

    fn known(mut self, name: &'static str, value: &str) -> Self {
        self.front = self.front.known_parameter(name, value);
        self
    }
}

fn joined<T: AsRef<str>>(words: impl IntoIterator<Item = T>) -> String {
    let mut joined = String::new();
    for (place, word) in words.into_iter().enumerate() {
        if place > 0 {
            joined.push(' ');
        }
        joined.push_str(word.as_ref());
    }
    joined
}
