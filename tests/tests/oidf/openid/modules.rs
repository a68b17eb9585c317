//! The modules of the plans for OpenID Connect: what the provider does, and what the client must make of it.

use valetkey_core::jose::Algorithm;
use valetkey_core::openid::{ClaimSourceRequest, WebFinger};
use valetkey_core::{Error, Rule};
use valetkey_sandbox::{Misbehaviour, SigningAlgorithm};

use super::provider::{ISSUER, LoggedIn, MTLS, Provider, SECRET};
use crate::module::Expected::{Accepted, Declined, Refused};
use crate::module::Module;

type M = Module<Provider>;

/// Nothing is wrong.
pub(crate) const HAPPY: M = Module { id: "oidcc-client-test", run: Provider::whole, expected: Accepted };

/// A module whose first ID token is wrong: as it is at the token endpoint, and in the response.
macro_rules! wrong_id_token {
    ($(#[$about:meta])* $name:ident $id:literal $of_tokens:ident $of_response:ident $rule:ident) => {
        $(#[$about])*
        pub(crate) const $name: M = Module {
            id: $id,
            run: |provider| {
                provider.wrong_id_token(Misbehaviour::$of_tokens, Misbehaviour::$of_response);
                provider.whole()
            },
            expected: Refused(Rule::$rule),
        };
    };
}

wrong_id_token! { INVALID_ISS "oidcc-client-test-invalid-iss" IdTokenIssForeign FrontIssForeign Id9 }
wrong_id_token! { MISSING_SUB "oidcc-client-test-missing-sub" IdTokenSubMissing FrontSubMissing Id18 }
wrong_id_token! { INVALID_AUD "oidcc-client-test-invalid-aud" IdTokenAudOther FrontAudOther Id10 }
wrong_id_token! { MISSING_AUD "oidcc-client-test-missing-aud" IdTokenAudMissing FrontAudMissing Id10 }
wrong_id_token! { MISSING_IAT "oidcc-client-test-missing-iat" IdTokenIatMissing FrontIatMissing Id13 }
wrong_id_token! { INVALID_SIG_RS256 "oidcc-client-test-invalid-sig-rs256" IdTokenForged FrontForged Id8 }
wrong_id_token! { NONCE_INVALID "oidcc-client-test-nonce-invalid" IdTokenNonceOther FrontNonceOther Id15 }

/// A module in which this one answer is wrong.
macro_rules! wrong {
    ($(#[$about:meta])* $name:ident $id:literal $misbehaviour:ident $rule:ident) => {
        $(#[$about])*
        pub(crate) const $name: M = Module {
            id: $id,
            run: |provider| {
                provider.wrong(Misbehaviour::$misbehaviour);
                provider.whole()
            },
            expected: Refused(Rule::$rule),
        };
    };
}

wrong! { INVALID_CHASH "oidcc-client-test-invalid-chash" FrontCHashOther Id20 }
wrong! { MISSING_CHASH "oidcc-client-test-missing-chash" FrontCHashMissing Id40 }
wrong! { USERINFO_INVALID_SUB "oidcc-client-test-userinfo-invalid-sub" UserinfoSubOther Ui5 }
wrong! { DISCOVERY_ISSUER_MISMATCH "oidcc-client-test-discovery-issuer-mismatch" IssuerForeign Di4 }

/// The suite registers the client for `none`. This library has no way to say so.
pub(crate) const SIG_NONE: M = Module {
    id: "oidcc-client-test-idtoken-sig-none",
    run: |provider| {
        provider.wrong(Misbehaviour::IdTokenUnsigned);
        provider.whole()
    },
    expected: Declined(Rule::Id28, "an unsigned ID token is never taken"),
};

/// Neither the ID token names its key, nor does the key set; a single key fits.
pub(crate) const KID_ABSENT_SINGLE: M = Module {
    id: "oidcc-client-test-kid-absent-single-jwks",
    run: |provider| {
        provider.odd(Misbehaviour::JwksKidMissing);
        provider.wrong_id_token(Misbehaviour::IdTokenKidMissing, Misbehaviour::FrontKidMissing);
        provider.whole()
    },
    expected: Accepted,
};

/// The same where several fit. The suite leaves it to the client whether it tries them all.
pub(crate) const KID_ABSENT_MULTIPLE: M = Module {
    id: "oidcc-client-test-kid-absent-multiple-jwks",
    run: |provider| {
        provider.odd(Misbehaviour::JwksAnotherKey);
        provider.odd(Misbehaviour::JwksKidMissing);
        provider.wrong_id_token(Misbehaviour::IdTokenKidMissing, Misbehaviour::FrontKidMissing);
        provider.whole()
    },
    expected: Refused(Rule::Id6),
};

/// Signed by RS256, with a key of the key set.
pub(crate) const SIG_RS256: M = Module {
    id: "oidcc-client-test-idtoken-sig-rs256",
    run: |provider| {
        provider.whole()?;
        assert!(!provider.sent_to("/oauth/jwks.json").is_empty());
        Ok(())
    },
    expected: Accepted,
};

pub(crate) const NONCE_UNLESS_CODE_FLOW: M = Module {
    id: "oidcc-client-test-nonce-unless-code-flow",
    run: |provider| {
        provider.whole()?;
        assert!(provider.visited("nonce").unwrap().len() >= 22, "128 bits or more");
        Ok(())
    },
    expected: Accepted,
};

/// What a scope asks for is told: by UserInfo, or by the ID token where there is no access token to ask UserInfo by.
pub(crate) const SCOPE_CLAIMS: M = Module {
    id: "oidcc-client-test-scope-userinfo-claims",
    run: |provider| {
        let client = provider.client()?;
        let logged_in = provider.log_in(&client)?;
        assert_eq!(provider.visited("scope"), Some("openid profile email"));
        let told = provider.user_info(&client, &logged_in)?;
        let claims = told
            .as_ref()
            .map_or_else(|| logged_in.login().standard_claims(), |it| it.standard_claims().clone());
        assert_eq!(
            (claims.name(), claims.verified_email()),
            (Some("Alice Archer"), Some("alice@example.com"))
        );
        Ok(())
    },
    expected: Accepted,
};

pub(crate) const CLIENT_SECRET_BASIC: M = Module {
    id: "oidcc-client-test-client-secret-basic",
    run: |provider| {
        provider.whole()?;
        let [request] = provider.sent_to("/oauth/token")[..] else { panic!("one token request") };
        assert!(request.headers()["authorization"].to_str().unwrap().starts_with("Basic "));
        let body = std::str::from_utf8(request.body()).unwrap();
        assert!(!body.contains(SECRET) && !body.contains("client_secret"), "{body}");
        Ok(())
    },
    expected: Accepted,
};

pub(crate) const BEARER_HEADER: M = Module {
    id: "oidcc-client-test-userinfo-bearer-header",
    run: |provider| {
        provider.whole()?;
        let [request] = provider.sent_to("/oauth/userinfo")[..] else { panic!("one question") };
        assert!(request.headers()["authorization"].to_str().unwrap().starts_with("Bearer "));
        assert!(request.uri().query().is_none() && request.body().is_empty());
        Ok(())
    },
    expected: Accepted,
};

/// `prompt=none` and `max_age=0`: the error comes in a form, and is told by its type.
pub(crate) const FORM_POST_ERROR: M = Module {
    id: "oidcc-client-test-form-post-error",
    run: |provider| {
        let error = provider.log_in_silently().err().expect("nobody is logged in");
        assert!(error.is_login_required() && error.needs_person(), "{error}");
        assert_eq!(provider.visited("response_mode"), Some("form_post"));
        Ok(())
    },
    expected: Accepted,
};

pub(crate) const DISCOVERY: M = Module {
    id: "oidcc-client-test-discovery-openid-config",
    run: |provider| {
        let client = provider.client()?;
        assert_eq!(client.server().issuer_identifier(), Some(ISSUER));
        let logged_in = provider.log_in(&client)?;
        provider.user_info(&client, &logged_in).map(drop)
    },
    expected: Accepted,
};

/// Other keys in each run, which nobody could have but by `jwks_uri`.
pub(crate) const JWKS_URI_KEYS: M = Module {
    id: "oidcc-client-test-discovery-jwks-uri-keys",
    run: |provider| {
        for run in 1..=2 {
            provider.whole()?;
            assert_eq!(provider.sent_to("/oauth/jwks.json").len(), run);
            provider.sandbox.rotate_keys();
        }
        Ok(())
    },
    expected: Accepted,
};

/// Between two logins of one client.
pub(crate) const KEY_ROTATION: M = Module {
    id: "oidcc-client-test-signing-key-rotation",
    run: |provider| {
        let client = provider.client()?;
        provider.log_in(&client)?;
        provider.sandbox.rotate_keys();
        let logged_in = provider.log_in(&client)?;
        provider.user_info(&client, &logged_in).map(drop)
    },
    expected: Accepted,
};

/// After the client has fetched the keys, and before the ID token is signed.
pub(crate) const KEY_ROTATION_JUST_BEFORE: M = Module {
    id: "oidcc-client-test-signing-key-rotation-just-before-signing",
    run: |provider| {
        let client = provider.client()?;
        provider.log_in(&client)?;
        provider.sandbox.settings_mut().rotates_before_signing = true;
        let logged_in = provider.log_in(&client)?;
        provider.user_info(&client, &logged_in).map(drop)
    },
    expected: Accepted,
};

/// From what a person types to a login.
fn found_by(provider: &mut Provider, typed: &str) -> Result<(), Error> {
    let found = provider.run(WebFinger::new(typed, |issuer| issuer == ISSUER)?)?;
    assert_eq!(found, ISSUER);
    provider.whole()
}

pub(crate) const WEB_FINGER_ACCT: M = Module {
    id: "oidcc-client-test-discovery-webfinger-acct",
    run: |provider| found_by(provider, "acct:alice@example.com"),
    expected: Accepted,
};

pub(crate) const WEB_FINGER_URL: M = Module {
    id: "oidcc-client-test-discovery-webfinger-url",
    run: |provider| found_by(provider, "https://as.example/alice"),
    expected: Accepted,
};

pub(crate) const USERINFO_SIGNED: M = Module {
    id: "oidcc-client-test-userinfo-signed",
    run: |provider| {
        provider.register(|client| client.userinfo_algorithm(SigningAlgorithm::Rs256));
        let client = provider.client()?.user_info_algorithm(Algorithm::Rs256)?;
        let logged_in = provider.log_in(&client)?;
        let told = provider.user_info(&client, &logged_in)?.expect("a token to ask by");
        assert!(told.is_signed() && told.standard_claims().name() == Some("Alice Archer"));
        Ok(())
    },
    expected: Accepted,
};

/// A login, and a renewal after it.
fn renewed(provider: &mut Provider, wrong: Option<Misbehaviour>) -> Result<(), Error> {
    let client = provider.client()?;
    let LoggedIn::With(tokens) = provider.log_in(&client)? else { panic!("no tokens to renew") };
    wrong.into_iter().for_each(|wrong| provider.wrong(wrong));
    let session = provider.renew(&client, &tokens)?;
    assert_eq!(session.identity(), tokens.login().map(|login| login.identity()), "it is the same login");
    assert_eq!(provider.sent_to("/oauth/token").len(), 2);
    Ok(())
}

pub(crate) const REFRESH: M = Module {
    id: "oidcc-client-test-refresh-token",
    run: |provider| renewed(provider, None),
    expected: Accepted,
};

pub(crate) const REFRESH_INVALID_ISSUER: M = Module {
    id: "oidcc-client-test-refresh-token-invalid-issuer",
    run: |provider| renewed(provider, Some(Misbehaviour::RenewedIssForeign)),
    expected: Refused(Rule::Id9),
};

pub(crate) const REFRESH_INVALID_SUB: M = Module {
    id: "oidcc-client-test-refresh-token-invalid-sub",
    run: |provider| renewed(provider, Some(Misbehaviour::RenewedSubOther)),
    expected: Refused(Rule::Id22),
};

pub(crate) const INVALID_SIG_ES256: M = Module {
    id: "oidcc-client-test-invalid-sig-es256",
    run: |provider| {
        provider.signs_by(SigningAlgorithm::Es256, Algorithm::Es256);
        provider.wrong(Misbehaviour::IdTokenForged);
        provider.whole()
    },
    expected: Refused(Rule::Id8),
};

pub(crate) const INVALID_SIG_HS256: M = Module {
    id: "oidcc-client-test-invalid-sig-hs256",
    run: |provider| {
        provider.register(|client| client.id_tokens_by_secret());
        provider.signs_by(SigningAlgorithm::Rs256, Algorithm::Hs256);
        provider.wrong(Misbehaviour::IdTokenForged);
        provider.whole()
    },
    expected: Refused(Rule::Id8),
};

/// The email address is another source's to tell: the program asks for it by the issuer and the keys that it trusts.
fn told_by_source(provider: &mut Provider, misbehaviour: Misbehaviour) -> Result<(), Error> {
    provider.wrong(misbehaviour);
    let client = provider.client()?;
    let logged_in = provider.log_in(&client)?;
    let told = provider.user_info(&client, &logged_in)?.expect("a token to ask by");
    assert!(told.standard_claims().is_elsewhere("email") && told.standard_claims().email().is_none());
    let [source] = told.elsewhere() else { panic!("one source") };
    let keys = provider.keys(&client)?;
    let sourced = provider.run(ClaimSourceRequest::new(source, "https://claims.example", keys)?)?;
    assert_eq!(sourced.standard_claims().verified_email(), Some("alice@example.com"));
    Ok(())
}

pub(crate) const AGGREGATED: M = Module {
    id: "oidcc-client-test-aggregated-claims",
    run: |provider| told_by_source(provider, Misbehaviour::UserinfoAggregated),
    expected: Accepted,
};

pub(crate) const DISTRIBUTED: M = Module {
    id: "oidcc-client-test-distributed-claims",
    run: |provider| told_by_source(provider, Misbehaviour::UserinfoDistributed),
    expected: Accepted,
};

/// A certificate is shown where the server wants certificates (RFC 8705 §5), and to nobody else.
pub(crate) const MTLS_ALIASES: M = Module {
    id: "oidcc-client-test-mtls-endpoint-aliases",
    run: |provider| {
        provider.register_certificate();
        provider.whole()?;
        for (path, aliased) in
            [("/oauth/token", true), ("/oauth/userinfo", true), ("/oauth/jwks.json", false)]
        {
            let [request] = provider.sent_to(path)[..] else { panic!("one request to {path}") };
            assert_eq!(request.uri().host() == Some(MTLS), aliased, "{path}");
        }
        Ok(())
    },
    expected: Accepted,
};
