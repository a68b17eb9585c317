//! The modules of features that the library does not have: each is a row, with the reason.

/// A module that has no test: its name, its plan, its response type, and why.
pub(crate) struct Absent {
    pub(crate) id: &'static str,
    pub(crate) plan: &'static str,
    pub(crate) response_type: &'static str,
    pub(crate) why: &'static str,
}

const REGISTRATION: &str = "no client is registered by the library yet";
const BY_REFERENCE: &str = "a request is pushed, and not fetched from the client";

macro_rules! absent {
    ($($plan:literal, $response_type:literal, $why:expr => $($id:literal)+;)+) => {
        /// All of them.
        pub(crate) const ABSENT: &[Absent] =
            &[$($(Absent { id: $id, plan: $plan, response_type: $response_type, why: $why },)+)+];
    };
}

absent! {
    "oidcc-client-dynamic-certification-test-plan", "`code`", REGISTRATION =>
        "oidcc-client-test-dynamic-registration";
    "oidcc-client-dynamic-certification-test-plan", "`code`", BY_REFERENCE =>
        "oidcc-client-test-request-uri-signed-none"
        "oidcc-client-test-request-uri-signed-rs256";
    "oidcc-client-test-plan", "`code`", "an access token goes in the header alone" =>
        "oidcc-client-test-userinfo-bearer-body";
    "oidcc-client-rp-session-management-rp-{basic,implicit,hybrid}", "each",
        "browsers keep the cookies of a server from another's frames" =>
        "oidcc-client-test-session-management";
}
