//! What the metadata of a server and those of an API have alike: [`Document`].

use crate::ground::error::Error;
use crate::ground::flow::Response;
use crate::ground::quirk::Quirks;
use crate::ground::rule::Rule;
use crate::ground::time::UnixTime;
use crate::server::signed_metadata::MetadataSigner;
use crate::wire::answer::Reader;
use crate::wire::json::Object;
use crate::wire::{encoding, freshness};

/// A document as it came, beside what was read from it.
#[derive(Clone)]
pub(crate) struct Document {
    pub(crate) is_signed: bool,
    pub(crate) is_verified: bool,
    pub(crate) fresh_until: UnixTime,
    pub(crate) quirks: Quirks,
    pub(crate) body: Vec<u8>,
}

impl Document {
    /// The answer as it is to be read. If a signer is known, it has signed the document, and what is signed in it stands in the
    /// place of what is not (RFC 8414 §2.1, RFC 9728 §2.2). `about` is the member that says whom it is about.
    pub(crate) fn admit(
        response: Response,
        about: &'static str,
        signer: Option<&MetadataSigner>,
        now: UnixTime,
    ) -> Result<Response, Error> {
        let response = encoding::unpacked(response)?;
        match signer {
            None => Ok(response),
            Some(signer) => signer.admit(response, about, now),
        }
    }

    /// Whether there is `signed_metadata` in it.
    pub(crate) fn is_signed(reader: &mut Reader, object: &mut Object<'_>) -> Result<bool, Error> {
        let signed = reader.text(object.take("signed_metadata"), Rule::Di9, "signed_metadata")?;
        Ok(signed.is_some())
    }

    /// What is kept of it, once it was read.
    pub(crate) fn of(
        response: Response,
        quirks: Quirks,
        is_signed: bool,
        is_verified: bool,
        now: UnixTime,
    ) -> Self {
        let fresh_until = now.after(freshness::lifetime(response.headers(), now));
        Self { is_signed, is_verified, fresh_until, quirks, body: response.into_body() }
    }
}

/// What both kinds of metadata say of their field `document`.
macro_rules! says_of_its_document {
    () => {
        /// Whether there is `signed_metadata` ([DI-9](crate::Rule::Di9)). Unless it [is verified](Self::is_verified),
        /// nothing of it is used.
        #[must_use]
        pub const fn is_signed(&self) -> bool {
            self.document.is_signed
        }

        /// Whether a [signer](crate::server::MetadataSigner) that the program knows has signed it, and what it signed was used.
        #[must_use]
        pub const fn is_verified(&self) -> bool {
            self.document.is_verified
        }

        /// Until when the document need not be fetched again ([DI-10](crate::Rule::Di10)): what HTTP says, between a minute
        /// and a day.
        #[must_use]
        pub const fn fresh_until(&self) -> UnixTime {
            self.document.fresh_until
        }

        /// What departed from the RFC and was let through, by name.
        #[must_use]
        pub const fn quirks(&self) -> Quirks {
            self.document.quirks
        }

        /// Any member of the document, read into a type of yours; `None` if it has no such member.
        ///
        /// # Errors
        ///
        /// [`Error::Malformed`] ([TR-2](crate::Rule::Tr2)) if the member is not of that type.
        pub fn member<'a, T: Deserialize<'a>>(&'a self, name: &str) -> Result<Option<T>, Error> {
            json::member(&self.document.body, name)
        }
    };
}

pub(crate) use says_of_its_document;
