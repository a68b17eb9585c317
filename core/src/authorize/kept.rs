//! What everything that waits for a response says of it: the accessors of `PendingAuthorization` and of `PendingImplicit`.

/// What both say of what they expect (`kept.expected`).
macro_rules! says_what_it_expects {
    () => {
        /// Whether the response answers this request, so that a receiver knows what to keep waiting for. The checks are
        /// [`finish`](Self::finish)'s. An encrypted response is [decrypted](crate::AuthorizationResponse::decrypted_for) first.
        #[must_use]
        pub fn recognizes(&self, response: &AuthorizationResponse) -> bool {
            self.kept.expected.recognizes(response)
        }

        /// The same with the reason why not, for a person who pastes the URL at which their browser ended, and is asked
        /// again. It uses nothing up.
        ///
        /// # Errors
        ///
        /// [`Error::Malformed`] if it arrived elsewhere than at the redirect URI ([AR-10](crate::Rule::Ar10)), has a
        /// parameter more than once ([AR-1](crate::Rule::Ar1)), or another `state` ([AR-5](crate::Rule::Ar5)).
        pub fn require_recognized(&self, response: &AuthorizationResponse) -> Result<(), Error> {
            self.kept.expected.require_recognized(response)
        }

        /// Whether it has been used up.
        #[must_use]
        pub const fn is_spent(&self) -> bool {
            self.kept.expected.is_spent()
        }

        /// The checks that the response of the last [`finish`](Self::finish) passed, whether it then failed or not; none
        /// before it.
        #[must_use]
        pub const fn checks(&self) -> Checks {
            self.kept.expected.checks
        }

        /// What departed from the RFCs in the response of the last [`finish`](Self::finish), and in the answer to a request that was
        /// pushed, and was let through, by name. Not stored. The tokens report it too.
        #[must_use]
        pub const fn quirks(&self) -> Quirks {
            self.kept.expected.quirks
        }

        /// Where the response is to arrive.
        #[must_use]
        pub fn redirect_uri(&self) -> &str {
            self.kept.expected.parties.redirect_uri()
        }

        /// `state`, under which a web application may store this value.
        #[must_use]
        pub fn state(&self) -> &str {
            self.kept.expected.state.expose()
        }
    };
}

pub(crate) use says_what_it_expects;
