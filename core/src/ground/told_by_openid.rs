//! What the errors of OpenID Connect mean for a program ([AR-21](crate::Rule::Ar21), OpenID Connect Core §3.1.2.6, and Unmet
//! Authentication Requirements 1.0).

use crate::ground::error::Error;
use crate::ground::refused::Refused;

macro_rules! told {
    ($($(#[$doc:meta])+ $name:ident $code:literal;)+) => {
        impl Refused {$(
            $(#[$doc])+
            #[must_use]
            pub fn $name(&self) -> bool {
                self.meant() == Some($code)
            }
        )+}

        impl Error {$(
            $(#[$doc])+
            #[must_use]
            pub fn $name(&self) -> bool {
                self.refused().is_some_and(Refused::$name)
            }
        )+}
    };
}

told! {
    /// Whether the person must log in, which the server may not ask them (`login_required`).
    is_login_required "login_required";
    /// Whether the server must ask the person something, which it may not (`interaction_required`).
    is_interaction_required "interaction_required";
    /// Whether the person must consent, which the server may not ask them (`consent_required`).
    is_consent_required "consent_required";
    /// Whether the person must choose one of their accounts, which the server may not ask them (`account_selection_required`).
    is_account_selection_required "account_selection_required";
    /// Whether the person cannot log in as well as was asked for as essential (`unmet_authentication_requirements`).
    is_unmet_authentication_requirements "unmet_authentication_requirements";
    /// Whether the server could not use the `request_uri` (`invalid_request_uri`): it has expired, for example.
    is_invalid_request_uri "invalid_request_uri";
    /// Whether the server could not use the signed request (`invalid_request_object`).
    is_invalid_request_object "invalid_request_object";
    /// Whether the server takes no signed requests (`request_not_supported`).
    is_request_not_supported "request_not_supported";
    /// Whether the server takes no requests by reference (`request_uri_not_supported`).
    is_request_uri_not_supported "request_uri_not_supported";
    /// Whether the server takes no registration in a request (`registration_not_supported`).
    is_registration_not_supported "registration_not_supported";
}

impl Refused {
    /// Whether a silent login (`prompt=none`) failed only because a person is needed ([AQ-18](crate::Rule::Aq18)): a login that
    /// shows pages may succeed. `login_required`, `interaction_required`, `consent_required`, `account_selection_required`.
    #[must_use]
    pub fn needs_person(&self) -> bool {
        self.is_login_required()
            || self.is_interaction_required()
            || self.is_consent_required()
            || self.is_account_selection_required()
    }
}

impl Error {
    /// Whether a silent login (`prompt=none`) failed only because a person is needed ([AQ-18](crate::Rule::Aq18)): a login that
    /// shows pages may succeed, and is the program's to begin.
    #[must_use]
    pub fn needs_person(&self) -> bool {
        self.refused().is_some_and(Refused::needs_person)
    }
}
