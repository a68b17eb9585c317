//! The plan `fapi1-advanced-final-client-test-plan` for `plain_fapi`: by `private_key_jwt` and by certificate, with the signed
//! request in the browser and pushed; the ID token in the response (`code id_token`), or a signed response (JARM).

use std::cell::Cell;
use std::rc::Rc;

use http::StatusCode;
use valetkey_core::{Rule, Session};
use valetkey_sandbox::Misbehaviour;

use crate::fapi2::suite::{Suite, Variant};
use crate::module::Expected::{Accepted, Refused};
use crate::module::{Module, hold};

type M = Module<Suite>;

pub(crate) const PLAN: &str = "fapi1-advanced-final-client-test-plan";

/// A module whose first ID token is wrong: as it is at the token endpoint, and in the response.
macro_rules! wrong_id_token {
    ($id:literal $of_tokens:ident $of_response:ident $rule:ident) => {
        Module {
            id: concat!("fapi1-advanced-final-client-test-", $id),
            run: |suite| {
                suite.wrong_id_token(Misbehaviour::$of_tokens, Misbehaviour::$of_response);
                suite.through()
            },
            expected: Refused(Rule::$rule),
        }
    };
}

/// A module in which the ID token of the response alone has what is wrong.
macro_rules! wrong_response {
    ($id:literal $misbehaviour:ident $rule:ident) => {
        wrong_id_token!($id $misbehaviour $misbehaviour $rule)
    };
}

/// Those of both kinds of response.
pub(crate) const MODULES: &[M] = &[
    Module { id: "fapi1-advanced-final-client-test", run: Suite::through, expected: Accepted },
    Module {
        id: "fapi1-advanced-final-client-test-happy-path-no-mtls-endpoint-aliases",
        run: |suite| {
            suite.sandbox.settings_mut().mtls_origin = None;
            suite.through()
        },
        expected: Accepted,
    },
    Module {
        id: "fapi1-advanced-final-client-test-discovery-issuer-mismatch",
        run: |suite| {
            suite.wrong(Misbehaviour::IssuerForeign);
            suite.through()
        },
        expected: Refused(Rule::Di4),
    },
    Module {
        id: "fapi1-advanced-final-client-test-encrypted-idtoken",
        run: |suite| {
            suite.encrypt_id_tokens();
            suite.through()
        },
        expected: Accepted,
    },
    Module {
        id: "fapi1-advanced-final-client-test-encrypted-idtoken-usingrsa15",
        run: |suite| {
            suite.encrypt_id_tokens();
            suite.wrong_id_token(Misbehaviour::IdTokenRsa15, Misbehaviour::FrontRsa15);
            suite.through()
        },
        expected: Refused(Rule::Id45),
    },
    wrong_id_token!("iat-is-week-in-past" IdTokenIatOld FrontIatOld Id31),
    wrong_id_token!("invalid-alternate-alg" IdTokenOtherAlgorithm FrontOtherAlgorithm Id28),
    wrong_id_token!("invalid-aud" IdTokenAudOther FrontAudOther Id10),
    wrong_id_token!("invalid-expired-exp" IdTokenExpired FrontExpired Id12),
    wrong_id_token!("invalid-iss" IdTokenIssForeign FrontIssForeign Id9),
    wrong_id_token!("invalid-missing-aud" IdTokenAudMissing FrontAudMissing Id10),
    wrong_id_token!("invalid-missing-exp" IdTokenExpMissing FrontExpMissing Id12),
    wrong_id_token!("invalid-missing-iss" IdTokenIssMissing FrontIssMissing Id9),
    wrong_id_token!("invalid-missing-nonce" IdTokenNonceMissing FrontNonceMissing Id15),
    wrong_id_token!("invalid-nonce" IdTokenNonceOther FrontNonceOther Id15),
    wrong_id_token!("invalid-null-alg" IdTokenUnsigned FrontUnsigned Id28),
    wrong_id_token!("invalid-secondary-aud" IdTokenAudBeside FrontAudBeside Id10),
    wrong_id_token!("invalid-signature" IdTokenForged FrontForged Id8),
    Module {
        id: "fapi1-advanced-final-client-test-missing-athash",
        run: |suite| {
            suite.wrong(Misbehaviour::IdTokenAtHashMissing);
            suite.through()
        },
        expected: Accepted,
    },
    Module {
        id: "fapi1-advanced-final-client-test-no-scope-in-token-endpoint-response",
        run: |suite| {
            suite.wrong(Misbehaviour::ScopeMissing);
            suite.through()
        },
        expected: Accepted,
    },
    // Signed, and not encrypted: TLS and the client's authentication protect what is pushed.
    Module {
        id: "fapi1-advanced-final-client-test-unencrypted-request-object-with-par",
        run: |suite| {
            suite.through()?;
            let pushed = suite.sent.iter().find(|request| request.uri().path() == "/oauth/par");
            let object = pushed.map(|request| {
                form_urlencoded::parse(request.body())
                    .find(|(name, _)| name == "request")
                    .unwrap()
                    .1
                    .into_owned()
            });
            assert!(object.map_or(suite.variant.by_value, |object| object.split('.').count() == 3));
            Ok(())
        },
        expected: Accepted,
    },
    Module {
        id: "fapi1-advanced-final-client-test-valid-aud-as-array",
        run: |suite| {
            suite.wrong_id_token(Misbehaviour::IdTokenAudList, Misbehaviour::FrontAudList);
            suite.through()
        },
        expected: Accepted,
    },
    // The API refuses every token until the client has refreshed.
    Module {
        id: "fapi1-advanced-final-client-refresh-token-test",
        run: |suite| {
            let client = suite.client()?;
            let tokens = suite.log_in(&client)?;
            let refreshed = Rc::new(Cell::new(false));
            let seen = Rc::clone(&refreshed);
            suite.tamper(move |request, answer| {
                if request.body().starts_with(b"grant_type=refresh_token") {
                    seen.set(true);
                }
                if request.uri().path().starts_with("/api/") && !seen.get() {
                    *answer.status_mut() = StatusCode::UNAUTHORIZED;
                    let challenge = r#"Bearer error="invalid_token""#;
                    answer.headers_mut().insert("www-authenticate", challenge.parse().unwrap());
                }
            });
            let mut session = Session::from_tokens(&client, &tokens);
            assert_eq!(suite.call(&mut session)?, 200);
            assert!(refreshed.get());
            assert_eq!(session.identity(), tokens.login().map(|login| login.identity()));
            Ok(())
        },
        expected: Accepted,
    },
];

/// Those of a response with an ID token alone.
pub(crate) const HYBRID_MODULES: &[M] = &[
    wrong_response!("invalid-chash" FrontCHashOther Id20),
    wrong_response!("invalid-shash" FrontSHashOther Id41),
    wrong_response!("invalid-missing-shash" FrontSHashMissing Id41),
];

fn suites(jarm: bool) -> Vec<Suite> {
    Variant::of_fapi1(jarm)
        .into_iter()
        .map(|variant| {
            let mut suite = Suite::new(variant);
            suite.sandbox.settings_mut().dpop_nonces = None;
            suite
        })
        .collect()
}

#[test]
fn code_id_token() {
    let modules: Vec<&M> = MODULES.iter().chain(HYBRID_MODULES).collect();
    hold(|| suites(false), &modules);
}

#[test]
fn code_jarm() {
    let modules: Vec<&M> = MODULES.iter().collect();
    hold(|| suites(true), &modules);
}
