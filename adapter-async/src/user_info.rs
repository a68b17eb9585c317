//! What the server says of the person who logged in: [`Tokens::user_info`].

use valetkey_core::openid::UserInfo;
use valetkey_core::session::Credential;

use crate::{Error, Tokens, run};

impl Tokens {
    /// What the server says of the person who logged in (OpenID Connect Core §5.3), asked with a credential that is renewed if
    /// need be: once more with the next, if the server does not take the first. It is about the person of the login, or an error
    /// ([UI-5](crate::Rule::Ui5)).
    ///
    /// # Errors
    ///
    /// As for [`TokenSource::credential`](crate::TokenSource::credential); as for [`Session::user_info`](crate::Session::user_info),
    /// if nobody is known to have logged in, for example; and what a
    /// [`UserInfoRequest`](crate::openid::UserInfoRequest) ends with.
    pub async fn user_info(&self) -> Result<UserInfo, Error> {
        let credential = self.credential().await?;
        match self.told_with(&credential).await {
            Err(error) if error.core().is_some_and(|error| credential.is_refused_with(error)) => {
                self.refuse(&credential);
                let next = self.credential().await?;
                self.told_with(&next).await
            }
            told => told,
        }
    }

    async fn told_with(&self, credential: &Credential) -> Result<UserInfo, Error> {
        let request = self.look(|session| session.user_info(credential))?;
        run(&self.host.0.http, request).await
    }
}
