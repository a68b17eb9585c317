//! What else an authorization request may ask for: OpenID Connect Core §3.1.2.1 and §5.5. Scope, resources and details, which
//! other requests have too, are in `terms/access.rs`.
//!
//! ```text
//!  who          login_hint  id_token_hint
//!  how          prompt  max_age  acr_values  display  ui_locales
//!  what for     claims
//! ```
//!
//! No round of its own: parameters of the authorization request. One that is set again replaces its former value.

use std::time::Duration;

use serde::Serialize;

use crate::authorize::request::AuthorizationRequest;
use crate::ground::error::{Error, misuse};
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
    /// Says what the person is to be asked for (`prompt`).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if `prompts` is empty, or [`Prompt::None`] is not alone.
    pub fn prompt(self, prompts: impl IntoIterator<Item = Prompt>) -> Result<Self, Error> {
        let names: Vec<&str> = prompts.into_iter().map(Prompt::name).collect();
        let value = names.join(" ");
        require("prompt", &value)?;
        Ok(self.known("prompt", &value))
    }

    /// Asks for a login that is no older than this, in whole seconds (`max_age`, [AQ-11](crate::Rule::Aq11)); nothing asks
    /// for a new one.
    #[must_use]
    pub fn max_age(self, age: Duration) -> Self {
        self.known("max_age", &age.as_secs().to_string())
    }

    /// Asks for one of these ways of logging in, the first the most welcome (`acr_values`).
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
    #[must_use]
    pub fn login_hint(self, hint: &str) -> Self {
        self.known("login_hint", hint)
    }

    /// Says who is to be logged in, by an ID token of theirs (`id_token_hint`). It goes through the browser, as the
    /// protocol has it.
    #[must_use]
    pub fn id_token_hint(self, token: &IdToken) -> Self {
        self.known("id_token_hint", token.expose())
    }

    /// Asks for one of these languages, the first the most welcome, by their BCP 47 tags (`ui_locales`).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if `tags` is empty, or one is not made of letters, digits and hyphens.
    pub fn ui_locales<T: AsRef<str>>(self, tags: impl IntoIterator<Item = T>) -> Result<Self, Error> {
        let value = joined(tags);
        require("ui_locales", &value)?;
        Ok(self.known("ui_locales", &value))
    }

    /// Says how the server is to show its pages (`display`).
    #[must_use]
    pub fn display(self, display: Display) -> Self {
        self.known("display", display.name())
    }

    /// Asks for these claims, one by one: anything that serializes to a JSON object (`claims`).
    ///
    /// # Errors
    ///
    /// [`Error::Misuse`] if it does not, or has a member twice.
    pub fn claims(self, claims: impl Serialize) -> Result<Self, Error> {
        // The library's message may quote a value.
        let value = serde_json::to_string(&claims).map_err(|_| misuse("claims do not serialize to JSON"))?;
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
