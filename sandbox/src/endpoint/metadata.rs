//! What the authorization server (RFC 8414) and the API (RFC 9728) say of themselves.
//!
//! ```text
//! GET /.well-known/oauth-authorization-server{path of the issuer}   RFC 8414 §3.1
//! GET /.well-known/openid-configuration{path of the issuer}         RFC 8414 §5
//! GET {path of the issuer}/.well-known/openid-configuration         OpenID Connect Discovery §4.1
//! GET /.well-known/oauth-protected-resource{path under the API}     RFC 9728 §3.1
//! ```

use http::StatusCode;
use serde_json::json;
use valetkey_core::Response;

use crate::grant::names::{DEVICE_CODE, JWT_BEARER, TOKEN_EXCHANGE};
use crate::grant::resource::API;
use crate::ground::answer;
use crate::ground::jws::ASYMMETRIC;
use crate::world::claims::CLAIMS;
use crate::world::details;
use crate::world::login::ACRS;
use crate::world::telling;
use crate::wrong::hostile::sources;
use crate::{ContentEncryption, Endpoint, KeyEncryption, Sandbox, SigningAlgorithm};

/// The claims of an ID token that are about the login.
const ABOUT_LOGIN: [&str; 11] =
    ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid"];

const RESOURCE: &str = "/.well-known/oauth-protected-resource";

impl Sandbox {
    /// Which endpoint a path of today's OAuth leads to.
    pub(crate) fn modern_endpoint(&self, path: &str) -> Endpoint {
        if self.is_metadata(path) {
            return Endpoint::Metadata;
        }
        match path {
            "/oauth/par" => Endpoint::PushedAuthorization,
            "/oauth/device" => Endpoint::DeviceVerification,
            "/oauth/device_authorization" => Endpoint::DeviceAuthorization,
            "/oauth/introspect" => Endpoint::Introspection,
            "/oauth/userinfo" => Endpoint::Userinfo,
            "/oauth/revoke" => Endpoint::Revocation,
            "/.well-known/webfinger" => Endpoint::WebFinger,
            sources::PATH => Endpoint::Claims,
            _ if self.resource(path).is_some() => Endpoint::ResourceMetadata,
            _ => Endpoint::Other,
        }
    }

    fn is_metadata(&self, path: &str) -> bool {
        const AUTHORIZATION_SERVER: &str = "/.well-known/oauth-authorization-server";
        const OPENID: &str = "/.well-known/openid-configuration";
        self.settings.issuer_path().is_some_and(|issuer| {
            path == format!("{AUTHORIZATION_SERVER}{issuer}")
                || path == format!("{OPENID}{issuer}")
                || path == format!("{issuer}{OPENID}")
        })
    }

    /// The resource identifier whose metadata are at a path: the API's own, or that of anything under it.
    fn resource(&self, path: &str) -> Option<String> {
        let resource = path.strip_prefix(RESOURCE)?;
        let under_api = resource.strip_prefix(API)?;
        let named = under_api.is_empty() || under_api.starts_with('/');
        named.then(|| self.settings.origin().map(|origin| format!("{origin}{resource}")))?
    }

    pub(crate) fn metadata(&self) -> Response {
        let Some((issuer, origin)) = self.settings.published_issuer().zip(self.settings.origin()) else {
            return answer::error(StatusCode::NOT_FOUND, "not-found", "The server has no issuer");
        };
        let dialect = self.settings.dialect;
        let methods = [
            "client_secret_basic",
            "client_secret_post",
            "client_secret_jwt",
            "private_key_jwt",
            "self_signed_tls_client_auth",
            "none",
        ];
        let signing: Vec<&str> = ASYMMETRIC.into_iter().chain(["HS256", "HS384", "HS512"]).collect();
        let signs_by = SigningAlgorithm::ALL.map(SigningAlgorithm::name);
        let id_tokens_by: Vec<&str> = signs_by.into_iter().chain(["HS256"]).collect();
        let claims: Vec<&str> = ABOUT_LOGIN.into_iter().chain(CLAIMS.map(|(claim, _)| claim)).collect();
        let encrypts_by = KeyEncryption::ALL.map(KeyEncryption::name);
        let content_by = ContentEncryption::ALL.map(ContentEncryption::name);
        let mut document = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{origin}{}", dialect.authorization_path()),
            "token_endpoint": format!("{origin}{}", dialect.token_path()),
            "userinfo_endpoint": format!("{origin}/oauth/userinfo"),
            "jwks_uri": format!("{origin}/oauth/jwks.json"),
            "response_types_supported": ["code", "code id_token", "id_token", "token"],
            "response_modes_supported": [
                "query", "fragment", "form_post", "jwt", "query.jwt", "fragment.jwt", "form_post.jwt",
            ],
            "grant_types_supported": [
                "authorization_code", "refresh_token", "client_credentials", "password", "implicit", DEVICE_CODE,
                JWT_BEARER, TOKEN_EXCHANGE,
            ],
            "token_endpoint_auth_methods_supported": methods,
            "token_endpoint_auth_signing_alg_values_supported": signing,
            "authorization_signing_alg_values_supported": signs_by,
            "request_parameter_supported": true,
            "request_uri_parameter_supported": false,
            "request_object_signing_alg_values_supported": signing,
            "code_challenge_methods_supported": ["S256", "plain"],
            "pushed_authorization_request_endpoint": format!("{origin}/oauth/par"),
            "require_pushed_authorization_requests": self.settings.require_pushed,
            "device_authorization_endpoint": format!("{origin}/oauth/device_authorization"),
            "introspection_endpoint": format!("{origin}/oauth/introspect"),
            "introspection_endpoint_auth_methods_supported": methods,
            "introspection_signing_alg_values_supported": signs_by,
            "revocation_endpoint": format!("{origin}/oauth/revoke"),
            "revocation_endpoint_auth_methods_supported": methods,
            "dpop_signing_alg_values_supported": ASYMMETRIC,
            "tls_client_certificate_bound_access_tokens": true,
            "scopes_supported": telling::SCOPES,
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": id_tokens_by,
            "userinfo_signing_alg_values_supported": signs_by,
            "claims_supported": claims,
            "claims_parameter_supported": true,
            "acr_values_supported": ACRS,
            "prompt_values_supported": ["none", "login", "consent", "select_account"],
            "authorization_details_types_supported": [details::TYPE],
            "authorization_response_iss_parameter_supported": true,
            "protected_resources": [format!("{origin}{API}")],
        });
        if let Some(members) = document.as_object_mut() {
            for what in ["id_token", "userinfo", "authorization", "introspection", "request_object"] {
                let lists = [("alg", encrypts_by), ("enc", content_by)];
                members.extend(lists.map(|(which, values)| {
                    (format!("{what}_encryption_{which}_values_supported"), json!(values))
                }));
            }
        }
        if let (Some(mtls), Some(members)) = (&self.settings.mtls_origin, document.as_object_mut()) {
            let endpoints: Vec<(String, String)> = members
                .iter()
                .filter(|(name, _)| name.ends_with("_endpoint") && *name != "authorization_endpoint")
                .filter_map(|(name, url)| Some((name.clone(), url.as_str()?.replacen(origin, mtls, 1))))
                .collect();
            members.insert("mtls_endpoint_aliases".to_owned(), endpoints.into_iter().collect());
        }
        answer::json(StatusCode::OK, &document)
    }

    pub(crate) fn resource_metadata(&self, path: &str) -> Response {
        let Some((resource, issuer)) = self.resource(path).zip(self.settings.published_issuer()) else {
            return answer::error(StatusCode::NOT_FOUND, "not-found", "The resource is unknown");
        };
        let document = json!({
            "resource": resource,
            "authorization_servers": [issuer],
            "bearer_methods_supported": ["header"],
            "tls_client_certificate_bound_access_tokens": true,
            "dpop_signing_alg_values_supported": ASYMMETRIC,
            "resource_name": "The sandbox's API",
        });
        answer::json(StatusCode::OK, &document)
    }

    /// A challenge of the API, with where to find the metadata of the resource that was asked for (RFC 9728 §5.1).
    pub(crate) fn challenge(&self, path: &str, challenge: &str) -> String {
        // The quotes of a path would be quotes of the challenge.
        match self.settings.origin() {
            Some(origin) if !path.contains(['"', '\\']) => {
                let comma = if challenge.contains(' ') { "," } else { "" };
                format!("{challenge}{comma} resource_metadata=\"{origin}{RESOURCE}{path}\"")
            }
            _ => challenge.to_owned(),
        }
    }
}
