//! The plans for OpenID Connect, module by module, and a test for each.

use valetkey_core::authorize::ResponseType;

use super::modules::*;
use super::provider::{Asked, Provider};
use crate::module::{Module, hold};

/// A plan in one of its variants.
pub(crate) struct Plan {
    pub(crate) id: &'static str,
    /// The test that runs it.
    pub(crate) test: &'static str,
    pub(crate) asked: Asked,
    pub(crate) modules: Vec<&'static Module<Provider>>,
}

/// The plans, each with the test of its name: `test: plan, variant, modules`.
macro_rules! plans {
    ($($test:ident: $id:literal, $asked:expr, $modules:expr;)*) => {
        /// All of them.
        pub(crate) fn plans() -> Vec<Plan> {
            vec![$(Plan { id: $id, test: concat!("openid::plans::", stringify!($test)), asked: $asked, modules: $modules },)*]
        }

        $(
            #[test]
            fn $test() {
                hold(|| vec![Provider::new($asked)], &$modules);
            }
        )*
    };
}

const CODE: Asked = Asked::new(ResponseType::Code);
const ID_TOKEN: Asked = Asked::new(ResponseType::IdToken);
const CODE_ID_TOKEN: Asked = Asked::new(ResponseType::CodeIdToken);

plans! {
    basic: "oidcc-client-basic-certification-test-plan", CODE, basic_modules();
    implicit: "oidcc-client-implicit-certification-test-plan", ID_TOKEN, implicit_modules();
    hybrid: "oidcc-client-hybrid-certification-test-plan", CODE_ID_TOKEN, hybrid_modules();
    config: "oidcc-client-config-certification-test-plan", CODE, config_modules();
    dynamic: "oidcc-client-dynamic-certification-test-plan", CODE, dynamic_modules();
    form_post_basic: "oidcc-client-formpost-basic-certification-test-plan", CODE.form_post(),
        with_error(basic_modules());
    form_post_implicit: "oidcc-client-formpost-implicit-certification-test-plan", ID_TOKEN.form_post(),
        with_error(implicit_modules());
    form_post_hybrid: "oidcc-client-formpost-hybrid-certification-test-plan", CODE_ID_TOKEN.form_post(),
        with_error(hybrid_modules());
    refresh: "oidcc-client-refreshtoken-test-plan", CODE, refresh_modules();
    refresh_hybrid: "oidcc-client-refreshtoken-test-plan", CODE_ID_TOKEN, refresh_modules();
    comprehensive: "oidcc-client-test-plan", CODE, comprehensive_modules();
}

fn basic_modules() -> Vec<&'static Module<Provider>> {
    vec![
        &HAPPY,
        &INVALID_ISS,
        &MISSING_SUB,
        &INVALID_AUD,
        &MISSING_IAT,
        &KID_ABSENT_SINGLE,
        &KID_ABSENT_MULTIPLE,
        &SIG_RS256,
        &SIG_NONE,
        &INVALID_SIG_RS256,
        &USERINFO_INVALID_SUB,
        &NONCE_INVALID,
        &SCOPE_CLAIMS,
        &CLIENT_SECRET_BASIC,
    ]
}

fn implicit_modules() -> Vec<&'static Module<Provider>> {
    vec![
        &HAPPY,
        &INVALID_ISS,
        &MISSING_SUB,
        &INVALID_AUD,
        &MISSING_IAT,
        &KID_ABSENT_SINGLE,
        &KID_ABSENT_MULTIPLE,
        &SIG_RS256,
        &INVALID_SIG_RS256,
        &NONCE_UNLESS_CODE_FLOW,
        &NONCE_INVALID,
        &SCOPE_CLAIMS,
    ]
}

fn hybrid_modules() -> Vec<&'static Module<Provider>> {
    vec![
        &HAPPY,
        &INVALID_ISS,
        &MISSING_SUB,
        &INVALID_AUD,
        &MISSING_IAT,
        &KID_ABSENT_SINGLE,
        &KID_ABSENT_MULTIPLE,
        &INVALID_CHASH,
        &MISSING_CHASH,
        &SIG_RS256,
        &INVALID_SIG_RS256,
        &USERINFO_INVALID_SUB,
        &NONCE_UNLESS_CODE_FLOW,
        &NONCE_INVALID,
        &SCOPE_CLAIMS,
        &CLIENT_SECRET_BASIC,
    ]
}

fn config_modules() -> Vec<&'static Module<Provider>> {
    vec![
        &DISCOVERY,
        &JWKS_URI_KEYS,
        &DISCOVERY_ISSUER_MISMATCH,
        &SIG_NONE,
        &KEY_ROTATION,
        &KEY_ROTATION_JUST_BEFORE,
    ]
}

/// Those of discovery, keys and UserInfo, with a client that is registered already.
fn dynamic_modules() -> Vec<&'static Module<Provider>> {
    vec![
        &WEB_FINGER_ACCT,
        &WEB_FINGER_URL,
        &DISCOVERY,
        &JWKS_URI_KEYS,
        &DISCOVERY_ISSUER_MISMATCH,
        &SIG_NONE,
        &KEY_ROTATION_JUST_BEFORE,
        &KEY_ROTATION,
        &USERINFO_SIGNED,
    ]
}

fn with_error(modules: Vec<&'static Module<Provider>>) -> Vec<&'static Module<Provider>> {
    modules.into_iter().chain([&FORM_POST_ERROR]).collect()
}

fn refresh_modules() -> Vec<&'static Module<Provider>> {
    vec![&REFRESH, &REFRESH_INVALID_ISSUER, &REFRESH_INVALID_SUB]
}

/// Those that are in no other plan.
fn comprehensive_modules() -> Vec<&'static Module<Provider>> {
    vec![
        &MISSING_AUD,
        &INVALID_SIG_ES256,
        &INVALID_SIG_HS256,
        &MTLS_ALIASES,
        &BEARER_HEADER,
        &AGGREGATED,
        &DISTRIBUTED,
    ]
}
