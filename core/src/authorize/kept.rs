//! What everything that waits for a response says of it: the accessors of `PendingAuthorization` and of `PendingImplicit`.

/// What both say of what they expect (`kept.expected`).
macro_rules! says_what_it_expects {
    () => {
        /// Whether the response answers this request, so that a receiver knows what to keep waiting for. The checks are
        /// [`finish`](Self::finish)'s.
        #[must_use]
        pub fn recognizes(&self, response: &AuthorizationResponse) -> bool {
            self.kept.expected.recognizes(response)
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

        /// What departed from the RFCs in the response of the last [`finish`](Self::finish) and was let through, by name.
        #[must_use]
        pub const fn quirks(&self) -> Quirks {
            self.kept.expected.quirks
        }

        /// Where the response is to arrive.
        #[must_use]
        pub fn redirect_uri(&self) -> &str {
            &self.kept.expected.redirect_uri
        }

        /// `state`, under which a web application may store this value.
        #[must_use]
        pub fn state(&self) -> &str {
            self.kept.expected.state.expose()
        }
    };
}

pub(crate) use says_what_it_expects;
