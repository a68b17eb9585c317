//! What a program says of a server's logins: what limits them, how their responses come, by what they are signed.

use crate::jose::algorithm::Algorithm;
use crate::server::AuthorizationServer;
use crate::terms::scope::Scope;

impl AuthorizationServer {
    /// This parameter of an authorization request limits who may log in, and the ID token repeats its value in the claim of the
    /// same name. The two are compared, to the letter, if the program sends the parameter ([ID-57](crate::Rule::Id57)): alone it
    /// is a wish, which the person's browser can take out. `*` stands for any value, and the claim must then be there. May be
    /// called for several.
    ///
    /// ```
    /// use valetkey_core::AuthorizationServer;
    ///
    /// let server = AuthorizationServer::new().login_limited_by("hd");
    /// // request.parameter("hd", "example.com")? now lets in nobody of another domain
    /// # let _ = server;
    /// ```
    #[must_use]
    pub fn login_limited_by(mut self, parameter: impl Into<String>) -> Self {
        self.logins.repeated.push(parameter.into());
        self
    }

    /// The server answers a request for this scope by a form (`form_post`) only. Such a request then
    /// asks for one, where the program does not say its own
    /// [`response_mode`](crate::AuthorizationRequest::response_mode). May be called for several.
    #[must_use]
    pub fn form_post_for(mut self, scope: impl Into<String>) -> Self {
        self.logins.by_form.push(scope.into());
        self
    }

    /// The server signs the ID tokens of a client that has a secret by HS256 with that secret, and those of others by its keys: each
    /// client is registered so ([ID-30](crate::Rule::Id30)), and need not say so by
    /// [`Client::id_token_algorithm`](crate::Client::id_token_algorithm).
    #[must_use]
    pub const fn id_tokens_by_secret(mut self) -> Self {
        self.logins.is_by_secret = true;
        self
    }

    /// The parameters that a claim of the same name repeats.
    pub(crate) fn limits(&self) -> impl Iterator<Item = &str> {
        self.logins.repeated.iter().map(String::as_str)
    }

    /// Whether the response to a request for this scope comes by a form.
    pub(crate) fn answers_by_form(&self, scope: &Scope) -> bool {
        scope.iter().any(|token| self.logins.by_form.iter().any(|known| known == token))
    }

    /// By what the ID tokens are signed of a client that has a secret, where it is that.
    pub(crate) fn secret_algorithm(&self) -> Option<Algorithm> {
        self.logins.is_by_secret.then_some(Algorithm::Hs256)
    }
}
