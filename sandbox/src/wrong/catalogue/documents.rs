//! The catalogue's rows about the documents: metadata of the server and of the API, and key sets.

/// Hands these rows to the next macro, after those that it is given.
macro_rules! documents_rows {
    ([$next:ident $($after:ident)*] $($rows:tt)*) => {
        $next! {
            [$($after)*]
            $($rows)*
            Metadata Later {
                MetadataMissing "metadata-missing" Instead(404, "text/html", "<!DOCTYPE html><h1>Not Found</h1>"),
                    "There are no metadata.";
                MetadataFirstElsewhere "metadata-first-302"
                    At("oauth-authorization-server", &Bare(302, "location", "https://as.example/login")),
                    "At their first place the metadata are said to be elsewhere, where a person logs in.";
                MetadataFirstLogin "metadata-first-login"
                    At("oauth-authorization-server", &Instead(200, "text/html", "<!DOCTYPE html><h1>Log in</h1>")),
                    "At their first place there is a page to log in.";
                MetadataFirstBroken "metadata-first-500"
                    At("oauth-authorization-server", &Instead(500, "text/html", "<!DOCTYPE html><h1>Oops</h1>")),
                    "The first place of the metadata fails, with 500 and HTML.";
                MetadataFirstBadGateway "metadata-first-502"
                    At("oauth-authorization-server", &Instead(502, "text/html", "<!DOCTYPE html><h1>Bad Gateway</h1>")),
                    "The first place of the metadata fails, with 502 and HTML.";
                MetadataOpenidMore "metadata-openid-more"
                    At("oauth-authorization-server", &NoMember("userinfo_endpoint")),
                    "OpenID's document has a `userinfo_endpoint`, and the other has none.";
                MetadataOpenidLess "metadata-openid-less" At("openid-configuration", &NoMember("revocation_endpoint")),
                    "OpenID's document has no `revocation_endpoint`, and the other has one.";
                MetadataContradiction "metadata-contradiction"
                    At("openid-configuration", &Members(document::other_token_endpoint)),
                    "OpenID's document has another `token_endpoint` than the other.";
                MetadataAccepted "metadata-202" Status(202), "Metadata with status 202.";
                MetadataRedirect "metadata-redirect" Bare(302, "location", "https://attacker.example/metadata"),
                    "The metadata are said to be elsewhere.";
                MetadataTextHtml "metadata-text-html" Header("content-type", "text/html"),
                    "Metadata, called `text/html`.";
                MetadataArray "metadata-array" Body(body::in_array), "The metadata are in an array.";
                MetadataTrailingData "metadata-trailing-data" Body(body::with_trailing_data),
                    "Another object after the metadata.";
                MetadataTruncated "metadata-truncated" Body(body::truncated), "The metadata stop in the middle.";
                MetadataDeep "metadata-deep" Body(body::deep), "A member of the metadata is nested 100,000 deep.";
                MetadataHuge "metadata-huge" Body(body::two_mebibytes), "Metadata of more than 2 MiB.";
                TwoIssuers "two-issuers" TwoMembers("issuer"), "The metadata's `issuer` is there twice.";
                IssuerMissing "issuer-missing" NoMember("issuer"), "The metadata have no `issuer`.";
                IssuerForeign "issuer-foreign" Member("issuer", "\"https://attacker.example\""),
                    "The metadata are another issuer's.";
                IssuerTrailingSlash "issuer-trailing-slash" Members(document::issuer_with_slash),
                    "The metadata's `issuer` has a slash more.";
                IssuerUpperCase "issuer-upper-case" Members(document::issuer_in_capitals),
                    "The metadata's `issuer` is in capitals.";
                IssuerPort "issuer-port" Members(document::issuer_with_port),
                    "The metadata's `issuer` has a port more.";
                IssuerNumber "issuer-number" Member("issuer", "5"), "The metadata's `issuer` is a number.";
                TokenEndpointMissing "token-endpoint-missing" NoMember("token_endpoint"),
                    "The metadata have no `token_endpoint`.";
                TokenEndpointHttp "token-endpoint-http" Member("token_endpoint", "\"http://as.example/token\""),
                    "The `token_endpoint` is not encrypted.";
                TokenEndpointForeign "token-endpoint-foreign"
                    Member("token_endpoint", "\"https://attacker.example/token\""),
                    "The `token_endpoint` is on another host.";
                TokenEndpointFragment "token-endpoint-fragment" Members(document::token_endpoint_with_fragment),
                    "The `token_endpoint` has a fragment.";
                TokenEndpointNumber "token-endpoint-number" Member("token_endpoint", "5"),
                    "The `token_endpoint` is a number.";
                AuthorizationEndpointScript "authorization-endpoint-script"
                    Member("authorization_endpoint", "\"javascript:alert(1)\""),
                    "The `authorization_endpoint` is a script.";
                AuthorizationEndpointFile "authorization-endpoint-file"
                    Member("authorization_endpoint", "\"file:///etc/passwd\""),
                    "The `authorization_endpoint` is a file.";
                JwksUriForeign "jwks-uri-foreign" Member("jwks_uri", "\"https://attacker.example/jwks\""),
                    "The keys are on another host.";
                RevocationEndpointNumber "revocation-endpoint-number" Member("revocation_endpoint", "5"),
                    "The `revocation_endpoint` is a number; what does not use it is served all the same.";
                RevocationEndpointEmpty "revocation-endpoint-empty" Member("revocation_endpoint", "\"\""),
                    "The `revocation_endpoint` is empty; what does not use it is served all the same.";
                IntrospectionEndpointHttp "introspection-endpoint-http"
                    Member("introspection_endpoint", "\"http://as.example/introspect\""),
                    "The `introspection_endpoint` is not encrypted; what does not use it is served all the same.";
                ResponseModesWithoutFormPost "response-modes-without-form-post"
                    Member("response_modes_supported", "[\"query\",\"fragment\"]"),
                    "The response modes that are listed lack `form_post`.";
                ResponseTypesMissing "response-types-missing" NoMember("response_types_supported"),
                    "The metadata have no `response_types_supported`.";
                ResponseTypesText "response-types-text" Member("response_types_supported", "\"code\""),
                    "`response_types_supported` is a text.";
                ResponseTypesEmpty "response-types-empty" Member("response_types_supported", "[]"),
                    "`response_types_supported` is empty.";
                WithoutS256 "without-s256" Members(document::without_s256),
                    "Of the code challenge methods only `plain` is supported.";
                DpopAlgorithmsUnknown "dpop-algorithms-unknown"
                    Member("dpop_signing_alg_values_supported", "[\"XS999\"]"),
                    "Proofs of possession are wanted by an algorithm that nobody has.";
                AuthMethodsUnknown "auth-methods-unknown"
                    Member("token_endpoint_auth_methods_supported", "[\"retina_scan\"]"),
                    "Clients must authenticate by a method that nobody has.";
                PublicClientsUnlisted "public-clients-unlisted" Members(document::without_none),
                    "The lists of client authentication methods lack `none`, and public clients are taken.";
                IssInResponsesDenied "iss-in-responses-denied"
                    Member("authorization_response_iss_parameter_supported", "false"),
                    "The metadata deny the `iss` that responses have.";
                SignedMetadataGarbled "signed-metadata-garbled" Member("signed_metadata", "\"e30.e30.AAAA\""),
                    "The metadata have a `signed_metadata` whose signature is invalid.";
                MetadataUnknownMembers "metadata-unknown-members" Member("x_extension", "{\"a\":[1,null]}"),
                    "The metadata have a member that nobody knows; a client must ignore it.";
            }
            ResourceMetadata Later {
                ResourceMetadataMissing "resource-metadata-missing"
                    Instead(404, "application/json", "{\"error\":\"not-found\"}"), "The resource has no metadata.";
                ResourceMetadataRedirect "resource-metadata-redirect"
                    Bare(302, "location", "https://attacker.example/metadata"),
                    "The resource's metadata are said to be elsewhere.";
                ResourceOther "resource-other" Member("resource", "\"https://attacker.example/api\""),
                    "The metadata are another resource's.";
                ResourceAbove "resource-above" Members(document::resource_above),
                    "The metadata are about what the resource is below.";
                ResourceMissing "resource-missing" NoMember("resource"), "The metadata have no `resource`.";
                AuthorizationServersEmpty "authorization-servers-empty" Member("authorization_servers", "[]"),
                    "The resource has no authorization server.";
                AuthorizationServersHttp "authorization-servers-http"
                    Member("authorization_servers", "[\"http://as.example\"]"),
                    "The resource's authorization server is not encrypted.";
                AuthorizationServersText "authorization-servers-text"
                    Member("authorization_servers", "\"https://as.example\""),
                    "`authorization_servers` is a text.";
                AuthorizationServersForeign "authorization-servers-foreign"
                    Member("authorization_servers", "[\"https://attacker.example\"]"),
                    "The resource names an authorization server that does not know it.";
            }
            Jwks Later {
                JwksMissing "jwks-missing" Instead(404, "text/html", "<!DOCTYPE html><h1>Not Found</h1>"),
                    "There are no keys.";
                JwksRedirect "jwks-redirect" Bare(302, "location", "https://attacker.example/jwks"),
                    "The keys are said to be elsewhere.";
                JwksTextHtml "jwks-text-html" Header("content-type", "text/html"), "A key set, called `text/html`.";
                JwksEmpty "jwks-empty" Member("keys", "[]"), "The key set is empty.";
                JwksObject "jwks-object" Member("keys", "{}"), "`keys` is an object.";
                JwksPrivate "jwks-private" Members(keys::private_key), "The keys are private ones.";
                JwksSecret "jwks-secret" Members(keys::secret_key), "There is a secret among the keys.";
                JwksUnknown "jwks-unknown" Members(keys::unknown_keys),
                    "There are malformed keys and some of an unknown kind; a client must ignore them.";
                JwksWeak "jwks-weak" Members(keys::weak_key), "There is a short RSA key with the exponent 1.";
                JwksOffCurve "jwks-off-curve" Members(keys::point_off_the_curve),
                    "The key is not a point of its curve.";
                JwksSameKid "jwks-same-kid" Members(keys::same_kid), "Two keys have one `kid`.";
                JwksOtherKid "jwks-other-kid" Members(keys::other_kid),
                    "No key has the `kid` of what is signed, however often they are fetched.";
                JwksMany "jwks-many" Members(keys::many_keys), "There are ten thousand keys.";
                JwksHuge "jwks-huge" Body(body::two_mebibytes), "A key set of more than 2 MiB.";
            }
        }
    };
}
