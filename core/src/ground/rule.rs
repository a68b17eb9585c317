//! The checks this library makes, each with a stable id: [`Rule`], and those that a message has passed: [`Checks`].
//!
//! Longer than most files: it is one table, with a line for each rule.

use std::fmt;

macro_rules! rules {
    ($($variant:ident $id:literal $source:literal $text:literal;)+) => {
        /// A check that the library makes, with a stable id under which its code and its tests are found.
        ///
        /// An error that a rule caused carries it, so that a person can look it up and a program can tell
        /// refusals apart. Some rules are in no error, because nothing can break them: they say what this library
        /// does. Rules are only ever added.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Rule {
            $(#[doc = concat!($id, ": ", $text, " (", $source, ").")] $variant,)+
        }

        impl Rule {
            /// Every rule, in the order of their ids' families.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The stable id, such as `AR-3`.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)+ }
            }

            /// The document and section that the rule comes from.
            #[must_use]
            pub const fn source(self) -> &'static str {
                match self { $(Self::$variant => $source,)+ }
            }

            /// The rule in one sentence.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

rules! {
    Aq1 "AQ-1" "RFC 9700 §2.1.2" "no token is asked for in the front channel, but by the deprecated implicit request";
    Aq2 "AQ-2" "RFC 7636 §4.1" "PKCE is always S256, with a fresh verifier of 43 to 128 unreserved characters";
    Aq3 "AQ-3" "RFC 9700 §4.7.1" "a server that lists its PKCE methods must list S256";
    Aq4 "AQ-4" "RFC 6749 §10.12" "state is unguessable and used once";
    Aq5 "AQ-5" "OpenID Connect Core §3.1.2.1" "a login sends a nonce of its own";
    Aq6 "AQ-6" "RFC 6749 §3.1" "no parameter is sent twice, the endpoint has no fragment";
    Aq7 "AQ-7" "RFC 9700 §2.6" "what is handed to a browser is an https URL of plain URI characters";
    Aq8 "AQ-8" "RFC 6749 §3.1.2, RFC 8252 §7" "a redirect URI is absolute, has no fragment, and is https, a loopback address or a private-use scheme";
    Aq9 "AQ-9" "RFC 8707 §2" "a resource is an absolute URI without a fragment, sent as it was given";
    Aq10 "AQ-10" "RFC 9396 §2, §10" "authorization_details is an array of objects, each with a type that the server supports";
    Aq11 "AQ-11" "RFC 9470 §4, OpenID Connect Core §3.1.2.1" "max_age is a whole number of seconds, and what a challenge asks is what is sent";
    Aq12 "AQ-12" "RFC 9101 §4, §10.8" "a signed request is by the client, for one issuer, short-lived, and has no other request in it";
    Aq13 "AQ-13" "RFC 9126 §4, §7.3" "after a pushed request the browser carries client_id and request_uri only, once and in time";
    Aq14 "AQ-14" "RFC 9126 §5, RFC 9101 §10.5" "a server that requires pushed or signed requests gets no other";
    Aq15 "AQ-15" "OpenID Connect Core §3, RFC 9700 §2.1.2" "what comes through the browser is a code, an ID token that a login asked for, or both, and no access token";
    Aq16 "AQ-16" "OAuth 2.0 Multiple Response Type Encoding Practices §3, §5" "a response with an ID token comes in a fragment or a form, never in a query";
    Aq17 "AQ-17" "OpenID Connect Core §3.1.2.1, Initiating User Registration §4" "prompt has no value twice, none only by itself, and create only at servers that list it";
    Aq18 "AQ-18" "OpenID Connect Core §3.1.2.1, §3.1.2.6" "a login that must show no page ends with a login, with the need of a person, or fails";
    Aq19 "AQ-19" "OpenID Connect Core §3.1.2.1" "a max_age of 0 asks for a login that comes after the request";
    Aq20 "AQ-20" "OpenID Connect Core §3.1.2.1" "an id_token_hint is an ID token of this server for this client, and is not sent encrypted";
    Aq21 "AQ-21" "OpenID Connect Core §3.1.2.1" "a login_hint has at most 1 KiB and no control characters";
    Aq22 "AQ-22" "OpenID Connect Core §5.5" "claims asks for claims of userinfo and id_token, in their form, where the server takes it";
    Aq23 "AQ-23" "OpenID Connect Core §5.5.1.1" "acr is asked for by claims or by acr_values, not by both";
    Aq24 "AQ-24" "OpenID Connect Core §3.1.2.1, §5.5.1" "the person who was asked for, by sub or by an id_token_hint, is the one who logged in";
    Aq25 "AQ-25" "OpenID Connect Core §11" "offline_access brings prompt=consent with it";
    Aq26 "AQ-26" "OpenID Connect Core §3.1.2.1, §5.2" "ui_locales and claims_locales are language tags with one space between them";
    Aq28 "AQ-28" "OpenID Connect Core §6.1" "beside the signed request of a login stand response_type and scope, equal to those in it";
    Aq30 "AQ-30" "OpenID Connect Core §7.2.1" "registration is never sent";
    Aq31 "AQ-31" "OpenID Connect Core §3.1.3.7" "what a login asked for is kept until its ID token is held to it";
    Aq29 "AQ-29" "RFC 9101 §4, OpenID Connect Core §10.2" "a request object is signed, and then encrypted to a key of the server's that is for encryption";
    Ar1 "AR-1" "RFC 6749 §3.1" "each parameter of an authorization response comes once";
    Ar2 "AR-2" "JARM §2.3" "a response parameter comes only when it was asked for";
    Ar3 "AR-3" "RFC 9207 §2.4" "a server that advertises iss sends it, or an ID token that says it, and it is identical to its issuer";
    Ar4 "AR-4" "RFC 9207 §2.4" "an iss that was not advertised is identical to the issuer too";
    Ar5 "AR-5" "RFC 6749 §4.1.2, §10.12" "state comes back as it was sent";
    Ar6 "AR-6" "RFC 9207 §2.4" "an error is told only after iss and state have passed";
    Ar7 "AR-7" "RFC 6749 §4.1.2.1" "an authorization response has either a code or an error";
    Ar8 "AR-8" "RFC 6749 A.5, A.7, A.11" "code, state and error are printable ASCII of a bounded size";
    Ar9 "AR-9" "RFC 9700 §2.1.2, §4.6" "no token comes in the front channel of the code flow";
    Ar10 "AR-10" "RFC 9700 §4.4.2.2" "a response arrives at exactly the redirect URI of its request";
    Ar11 "AR-11" "OAuth 2.0 Form Post Response Mode §2" "a response arrives in the response mode that was asked for";
    Ar12 "AR-12" "RFC 6749 §10.12" "a pending authorization is used once";
    Ar13 "AR-13" "RFC 6749 §10.12" "a pending authorization has an age limit";
    Ar14 "AR-14" "RFC 9700 §4.7" "a response is accepted in the session that started it";
    Ar15 "AR-15" "RFC 6749 §4.1.2" "parameters of an authorization response that nobody knows are ignored";
    Ar16 "AR-16" "RFC 6749 §5.1" "what a response says of scope and lifetime beside its code is not believed";
    Ar17 "AR-17" "OpenID Connect Core §3.2.2.5, §3.3.2.5" "a response has the code and the ID token that were asked for, and no other token";
    Ar18 "AR-18" "OpenID Connect Core §3.3.2.8" "a code beside an ID token is released after the ID token has passed";
    Ar19 "AR-19" "RFC 9207 §2.4" "iss of a response and iss of the ID token in it are the same";
    Ar20 "AR-20" "OpenID Connect Core §3.3.3.6" "the ID tokens of one response and of its token response tell of one login";
    Ar21 "AR-21" "OpenID Connect Core §3.1.2.6" "the errors of OpenID Connect are told apart by type";
    Ar22 "AR-22" "OAuth 2.0 Form Post Response Mode §2" "a response comes by a GET, or by the POST of a form in UTF-8";
    Ar23 "AR-23" "valetkey" "what the browser says about the person is one small JSON object in a posted form, and proves nothing";
    Ar25 "AR-25" "OpenID Connect Core §3.1.2.6, §3.3.2.6" "a response with an error has no ID token";
    Ar26 "AR-26" "OpenID Connect Core §3.2.2.7, RFC 9700 §4.2" "the page that hands a fragment on has one script, nothing else, and clears it";
    Jm1 "JM-1" "JARM §2.3" "a signed response is signed by a key of the server";
    Jm2 "JM-2" "JARM §2.4" "a signed response names exactly the server as its iss";
    Jm3 "JM-3" "JARM §2.4" "a signed response is for this client by its aud";
    Jm4 "JM-4" "JARM §2.4" "a signed response has an exp, which has not passed";
    Tr1 "TR-1" "RFC 6749 §5.1, RFC 9700 §4.12" "a successful token response has status 200 and is never a redirect";
    Tr2 "TR-2" "RFC 8259 §4, §8.1" "an answer is one bounded JSON object in UTF-8 without duplicate members";
    Tr3 "TR-3" "RFC 6749 §5.1" "an answer's content type is application/json";
    Tr4 "TR-4" "RFC 6749 §5.2" "an answer with an error is an error whatever its status";
    Tr5 "TR-5" "RFC 6749 A.12" "an access token is a non-empty string of printable ASCII";
    Tr6 "TR-6" "RFC 6749 §5.1, §7.1" "token_type is present and known";
    Tr7 "TR-7" "RFC 9449 §5" "who asked for a token bound to a key gets a token of the type DPoP";
    Tr8 "TR-8" "RFC 9449 §5" "who asked for a bearer token gets a bearer token";
    Tr9 "TR-9" "RFC 6749 A.14" "expires_in is a whole number of seconds, not negative";
    Tr10 "TR-10" "RFC 6749 A.17" "a refresh token is a non-empty string of printable ASCII";
    Tr11 "TR-11" "RFC 6749 §3.3, §5.1" "scope is a list of scope tokens, and no wider than asked where the caller insists";
    Tr12 "TR-12" "OpenID Connect Core §3.1.3.3" "an ID token is a string, and comes with a code that was granted openid";
    Tr13 "TR-13" "RFC 6749 §6" "a new refresh token replaces the old one, and none leaves it in place";
    Tr14 "TR-14" "RFC 6749 §6" "a refreshed token has no wider scope than the original grant";
    Tr15 "TR-15" "RFC 9396 §7" "authorization_details comes back as an array of objects of known types";
    Tr16 "TR-16" "RFC 8693 §2.2.1" "a token exchange is answered with an issued_token_type, and only it may be with the token type N_A";
    Tr17 "TR-17" "RFC 9700 §4.4" "a code is redeemed at the server and by the client that its request named";
    Tr18 "TR-18" "RFC 6749 §4.1.2, §10.5" "a code is sent once, even if no answer came";
    Tr19 "TR-19" "RFC 6749 §5.1" "a token response forbids its caching";
    Tr21 "TR-21" "RFC 9700 §4.14.2" "a public client's refresh token that stays in use, bound to nothing, is reported";
    Tr22 "TR-22" "RFC 8707 §2.2, RFC 9396 §6.1" "a refresh asks for no resources and no authorization details beyond those that were granted";
    Er1 "ER-1" "RFC 6749 §5.2, A.7, RFC 9110 §15" "an error code is a short string of the characters allowed there, and what else is there hides nothing of a refusal";
    Er2 "ER-2" "RFC 6749 §5.2, RFC 9110 §11.6.1" "the challenges of a refusal are kept as data";
    Er3 "ER-3" "RFC 6749 A.8, A.9" "an error's text is made fit for display before anybody sees it";
    Er4 "ER-4" "RFC 6749 A.9" "an error's page is an http or https URL";
    Er5 "ER-5" "RFC 6749 §5.2" "only what may pass by itself is tried again";
    Er6 "ER-6" "RFC 9110 §15" "an error without a JSON body keeps its status and a short excerpt";
    Er7 "ER-7" "RFC 6749 §5.2" "a refused refresh token is deleted only where it still is the stored one";
    Id1 "ID-1" "RFC 7515 §7.1" "a signed JWT has exactly three parts, counted before it is split";
    Id2 "ID-2" "RFC 7515 §2" "base64url has no padding, no white space and no bits left over";
    Id3 "ID-3" "RFC 7515 §4, RFC 7797 §6" "a JOSE header is one strict JSON object, and nothing critical in it is unknown";
    Id4 "ID-4" "RFC 8725 §3.1" "the algorithm is one that was agreed on, never none";
    Id5 "ID-5" "RFC 8725 §3.5" "a key that a JWT brings along is not trusted for it";
    Id6 "ID-6" "RFC 7517 §4" "exactly one known key fits a JWT by its kid, type, curve, alg, use and key_ops";
    Id7 "ID-7" "RFC 7518 §3.3, §3.4" "an RSA key has 2048 bits or more, a point is on its curve, an ECDSA signature has its fixed length";
    Id8 "ID-8" "RFC 7515 §5.2" "the signature of a JWT is verified";
    Id9 "ID-9" "RFC 7519 §4.1.1" "iss is a string, identical to the expected issuer";
    Id10 "ID-10" "RFC 7519 §4.1.3" "aud is a string or an array of strings that contains this party";
    Id11 "ID-11" "OpenID Connect Core §3.1.3.7" "an azp in an ID token is this client";
    Id12 "ID-12" "RFC 7519 §4.1.4" "a JWT is not used after exp";
    Id13 "ID-13" "RFC 7519 §4.1.6" "iat is not in the future, nor too long ago";
    Id14 "ID-14" "RFC 7519 §4.1.5" "a JWT is not used before nbf";
    Id15 "ID-15" "OpenID Connect Core §3.1.3.7" "the nonce of an ID token is the one that was sent, and absent if none was";
    Id16 "ID-16" "OpenID Connect Core §5.5.1.1" "an acr that was asked for as essential is one of those that were named";
    Id17 "ID-17" "OpenID Connect Core §3.1.3.7" "a login is at most as old as max_age, where that was asked for";
    Id18 "ID-18" "OpenID Connect Core §2" "sub is a string of 1 to 255 ASCII characters";
    Id19 "ID-19" "OpenID Connect Core §3.1.3.8" "an at_hash is that of the access token beside it";
    Id20 "ID-20" "OpenID Connect Core §3.3.2.10" "a c_hash is that of the code beside it";
    Id22 "ID-22" "OpenID Connect Core §12.2" "an ID token that comes with a renewal tells of the login that is renewed";
    Id24 "ID-24" "RFC 8725 §3.11" "a JWT is of the explicit type that its use asks for";
    Id25 "ID-25" "RFC 7519 §2" "a NumericDate is a finite number of seconds within this calendar";
    Id27 "ID-27" "RFC 8725 §3.11" "an ID token has at most 64 KiB, and the characters of a compact JWT";
    Id28 "ID-28" "RFC 8725 §3.1" "an ID token is signed by the algorithm that was agreed on, under its exact name";
    Id30 "ID-30" "OpenID Connect Core §10.1" "an HMAC of an ID token is keyed with the client secret, and only where that is registered";
    Id31 "ID-31" "OpenID Connect Core §3.1.3.7" "an ID token was not issued long before it was asked for";
    Id32 "ID-32" "valetkey" "one skew of clocks counts everywhere, at most five minutes";
    Id33 "ID-33" "RFC 7519 §4" "the claims of an ID token are one strict JSON object";
    Id34 "ID-34" "RFC 7519 §4.1.3" "an array in aud has strings, and one at least";
    Id35 "ID-35" "OpenID Connect Core §2" "amr is an array of strings, acr a string, auth_time not in the future";
    Id36 "ID-36" "OpenID Connect Back-Channel Logout §2.6" "a logout token, or any other token of events, is refused as an ID token";
    Id37 "ID-37" "OpenID Connect Core §5.7" "a person is the pair of issuer and subject, byte for byte";
    Id38 "ID-38" "OpenID Connect Core §7.4" "an ID token that its subject issued is refused";
    Id39 "ID-39" "OpenID Connect Core §3.1.3.6" "a hash in an ID token is made by the hash function of the token's own algorithm";
    Id53 "ID-53" "OpenID Connect Core §12.2" "a renewal whose ID token fails gives nothing, and the session needs a new login";
    Id54 "ID-54" "OpenID Connect Core §12.2" "of a login, a session keeps what a renewal is compared with, and no more";
    Id55 "ID-55" "valetkey" "where an issuer stands for many tenants, an ID token is of one that the program admits, and no other tenant's key has signed it";
    Id56 "ID-56" "OpenID Connect Discovery §4.3" "metadata name another issuer than the one that is asked only where the program names it";
    Id57 "ID-57" "valetkey" "an issuer without its scheme is that of servers that are known for it, and what a login was limited to is in its ID token";
    Id58 "ID-58" "valetkey" "a flag is true or false, as text only where that is admitted; an ID token that knows of no nonce answers no request that has one";
    Id59 "ID-59" "OpenID Connect Core §5.7" "an email address says something about a person only if their issuer has verified it, and joins no accounts of two issuers";
    Ui1 "UI-1" "OpenID Connect Core §5.3.2" "UserInfo answers with status 200 and a sub";
    Ui2 "UI-2" "OpenID Connect Core §5.6.2" "claims of another source are neither read nor fetched unless the program asks";
    Ui3 "UI-3" "OpenID Connect Core §5.3.2" "UserInfo is JSON or a JWT, as was registered";
    Ui4 "UI-4" "OpenID Connect Core §5.3.2" "signed UserInfo is by the issuer, for this client";
    Ui5 "UI-5" "OpenID Connect Core §5.3.4" "the sub of UserInfo is that of the ID token";
    Ui6 "UI-6" "OpenID Connect Core §5.3.1" "UserInfo is asked with the access token in a header";
    Ui7 "UI-7" "OpenID Connect Core §5.1" "a standard claim of a wrong type is left out, and reported";
    Ui8 "UI-8" "OpenID Connect Core §5.2" "the language tag of a claim is compared without regard to case";
    Ui9 "UI-9" "OpenID Connect Core §5.3.4" "the claims of an ID token and of UserInfo are kept apart";
    Ui10 "UI-10" "OpenID Connect Core §5.6.2" "a claim of another source names one that is there, and that has either a JWT or an endpoint";
    Ui11 "UI-11" "OpenID Connect Core §5.6.2.1" "a source's claims are verified with the issuer and keys that the program names, and only those listed for it are taken";
    Ui12 "UI-12" "OpenID Connect Core §5.6.2.2" "a source's claims are fetched from a public https place, with its own token, and no redirect is followed";
    Ui13 "UI-13" "RFC 9111 §3.5" "what UserInfo said to one token is told to no other";
    Id40 "ID-40" "OpenID Connect Core §3.3.2.11" "an ID token that comes through the browser with a code has a c_hash";
    Id41 "ID-41" "FAPI 1.0 Advanced §5.2.2.1" "an s_hash is that of the state beside it, and is there where it was asked for";
    Id42 "ID-42" "OpenID Connect Core §3.1.3.6" "a hash in an ID token is half of a hash in base64url without padding";
    Id43 "ID-43" "OpenID Connect Core §3.1.3.7" "what was registered to be encrypted is, and nothing else";
    Id44 "ID-44" "OpenID Connect Registration §2" "alg and enc of a JWE are exactly those that were registered";
    Id45 "ID-45" "RFC 7518 §4" "a key is encrypted by ECDH-ES or RSA-OAEP, and in no other way";
    Id46 "ID-46" "RFC 7516 §11.5, RFC 7518 §5.2.2" "all that fails once a private key is used fails in the same way";
    Id47 "ID-47" "RFC 7518 §4.6, RFC 8037 §3.2" "an ephemeral key is public, and a point of our key's curve that is not of small order";
    Id48 "ID-48" "RFC 7518 §5, RFC 7516 §5.2" "each part of a JWE is as long as its algorithms say";
    Id49 "ID-49" "RFC 7516 §5.2, OpenID Connect Core §10.2" "exactly one private key fits a JWE by its kid, use, alg and kty";
    Id50 "ID-50" "RFC 8725 §3.6" "nothing that is compressed is decrypted";
    Id51 "ID-51" "RFC 8725 §3.3, OpenID Connect Core §16.14" "what is decrypted is a signed JWT, and its signature alone says who wrote it";
    Id52 "ID-52" "RFC 7516 §4.1.13, RFC 7519 §5.3" "the header of a JWE is strict, and claims in it are those inside";
    Dp1 "DP-1" "RFC 9449 §4.2" "a DPoP proof shows its public key, and nothing private";
    Dp2 "DP-2" "RFC 9449 §5.1" "a DPoP proof is signed by an algorithm that the server lists";
    Dp3 "DP-3" "RFC 9449 §8.2, §9" "a nonce belongs to one origin and one kind of server, and the newest is used";
    Dp4 "DP-4" "RFC 9449 §8.1" "a nonce comes in exactly one header and has the characters of one";
    Dp5 "DP-5" "RFC 9449 §8, §9" "a demand for a nonce is answered once, with a new proof";
    Dp6 "DP-6" "RFC 9449 §8" "only a request that can be sent a second time is repeated with a nonce";
    Dp7 "DP-7" "RFC 9449 §5, §7" "a token that is bound to a key is used with that key only, and as a DPoP token only";
    Dp8 "DP-8" "RFC 9449 §10" "a code is redeemed with the key that its request named";
    Dp9 "DP-9" "RFC 9449 §5" "a client without authentication renews with the key its refresh token is bound to";
    Dp10 "DP-10" "RFC 9449 §7.2" "of a challenge for Bearer and one for DPoP, a bound token follows the one for DPoP";
    Dp11 "DP-11" "RFC 9449 §11.1" "a proof has the host's time, and a refusal never moves the clock";
    Jk1 "JK-1" "RFC 7517 §5" "a key set is bounded, holds public keys only, and what is unknown in it is ignored";
    Jk2 "JK-2" "OpenID Connect Core §10.1.1" "an unknown key is looked for again once, and not in a storm";
    Jk3 "JK-3" "OpenID Connect Core §10.1.1" "a signature that fails by a known key is tried once more with keys fetched anew";
    Jk4 "JK-4" "OpenID Connect Core §10.2.1" "a key for encryption decrypts until all that was made for it has arrived, and its kid is never used again";
    Ca1 "CA-1" "RFC 6749 §2.3" "a request authenticates its client by one method";
    Ca2 "CA-2" "RFC 6749 §2.3.1, Appendix B" "Basic credentials are form-encoded before base64";
    Ca3 "CA-3" "RFC 8414 §2" "a client authenticates by a method the server lists, or is public and by none, and never probes";
    Ca6 "CA-6" "RFC 8705 §2, §3, §5" "a client's certificate is shown over TLS, at the endpoints meant for it, and confirmed by its thumbprint";
    Dv1 "DV-1" "RFC 8628 §3.2" "a device authorization has its codes, its page, a lifetime and an interval";
    Dv2 "DV-2" "RFC 8628 §3.2, §5.4" "what a device shows a person is a web page and a printable code";
    Dv3 "DV-3" "RFC 8628 §3.5" "a device polls no faster than it was told";
    Dv4 "DV-4" "RFC 8628 §3.5" "a device stops polling at any other error and when its code has expired";
    Dv5 "DV-5" "RFC 8628 §3.3" "a device shows its user code, and never its device code";
    Rv1 "RV-1" "RFC 7009 §2.2" "a revocation succeeds with status 200, and its body says nothing but an error";
    In1 "IN-1" "RFC 7662 §2.2" "an introspection says whether a token is active, and an active one is checked again";
    In2 "IN-2" "RFC 9701 §5" "a signed introspection is of its type, by the server, for this client, and just issued";
    Pa1 "PA-1" "RFC 9126 §2.2" "a pushed request is answered with status 201, a request_uri and its lifetime";
    Pa2 "PA-2" "RFC 9126 §2.3" "a refusal of a pushed request keeps its status, its code and when to try again";
    Pa3 "PA-3" "RFC 9126 §2.1" "no request_uri is ever pushed";
    Di1 "DI-1" "RFC 8414 §2" "an issuer is an https URL without a query, a fragment or a user";
    Di2 "DI-2" "RFC 8414 §3.1, §5" "metadata is looked for at the well-known places of its issuer, in a fixed order";
    Di3 "DI-3" "RFC 8414 §3.2" "metadata comes with status 200 as JSON";
    Di4 "DI-4" "RFC 8414 §3.3" "metadata names exactly the issuer that was asked";
    Ca4 "CA-4" "RFC 7523 §3" "a client assertion is by the client, about it, for one issuer, short-lived and used once";
    Ca5 "CA-5" "RFC 7518 §3.2" "a secret that keys an HMAC is as long as the hash at least";
    Di5 "DI-5" "RFC 8414 §2" "an endpoint is an https URL without a fragment";
    Di6 "DI-6" "RFC 8414 §2" "metadata lists its response types, its lists are lists of strings and its flags are true or false";
    Di7 "DI-7" "RFC 9700 §4.4" "endpoints on another origin than their issuer are reported, or refused on request";
    Di8 "DI-8" "RFC 9207 §4" "no two servers of one program share an issuer";
    Di9 "DI-9" "RFC 8414 §2.1" "signed metadata is verified or ignored, never half of it";
    Di10 "DI-10" "RFC 9111 §4.2" "metadata is kept as long as HTTP lets it, between a minute and a day";
    Di11 "DI-11" "OpenID Connect Discovery §3" "for a login, metadata name the keys, the subject types and the algorithms of ID tokens";
    Di13 "DI-13" "OpenID Connect Discovery §2, RFC 7033 §4" "WebFinger leads from an identifier to an issuer that the program admits";
    Di16 "DI-16" "valetkey" "two documents of one issuer name the same endpoints";
    Pr1 "PR-1" "RFC 9728 §3.1" "a resource's metadata is at the well-known place between its host and its path";
    Pr2 "PR-2" "RFC 9728 §3.3" "a resource's metadata names exactly the resource that was asked";
    Pr3 "PR-3" "RFC 9728 §2, §7.6" "a resource's authorization servers are issuers, and the program chooses among them";
    Pr4 "PR-4" "RFC 9728 §5.1, §7.7" "a challenge leads to metadata on the resource's own host only";
    Ht1 "HT-1" "RFC 9700 §4.12" "a redirect of a request with credentials is never followed";
    Ht2 "HT-2" "RFC 9112 §6.2" "a request's body is sent with its length";
    Ht3 "HT-3" "valetkey" "an answer is read up to a limit, within a time";
    Lb1 "LB-1" "RFC 8252 §7.3, §8.3" "a loopback receiver listens on a literal loopback address, at a port of the system's choice";
    Lb2 "LB-2" "RFC 8252 §8" "a loopback receiver takes a GET for its own path and host only";
    Lb3 "LB-3" "RFC 9700 §4.2, §4.3" "a loopback page shows and keeps nothing of the response";
    Lb4 "LB-4" "RFC 8252 §8.3" "a loopback receiver's port is its own, for one response, until a deadline";
    Wa1 "WA-1" "RFC 9110 §11.6.1" "WWW-Authenticate follows its grammar, each parameter once";
    Wa2 "WA-2" "RFC 9110 §11.1" "schemes and parameter names of a challenge are compared without regard to case";
    Wa3 "WA-3" "RFC 6750 §3.1" "a refused credential is renewed once, never in a loop";
    Wa4 "WA-4" "RFC 9470 §3, RFC 6750 §3" "what a challenge asks for has the syntax of what it asks for";
    Wa5 "WA-5" "RFC 9700 §4.9, RFC 6750 §5.3" "an access token goes to its own resource server only";
    St1 "ST-1" "valetkey" "stored tokens are used by the client they were stored for";
    St2 "ST-2" "valetkey" "a stored record is replaced only by compare and swap, and read again under its lease";
    St3 "ST-3" "valetkey" "a stored file is its owner's only, and is replaced whole or not at all";
    St4 "ST-4" "valetkey" "what is loaded from a store is what the session is for: whose it is, its resources, its audience";
    Rf1 "RF-1" "valetkey" "one renewal at a time serves all who wait for it";
    Lo4 "LO-4" "OpenID Connect RP-Initiated Logout §2" "a log-out at the server names the login by its ID token where there is one, and what is personal or long is posted";
    Lo6 "LO-6" "OpenID Connect RP-Initiated Logout §3" "the return from a log-out is confirmed by its place and its state, once, and the log-out stands without it";
    Lo7 "LO-7" "OpenID Connect Back-Channel Logout §2.7" "tokens that end with a login are revoked, and those of offline_access only where the program asks for it";
    Lo8 "LO-8" "OpenID Connect Back-Channel Logout §2.5, §2.8" "a logout token comes by the POST of a form, one at a time, and is answered by 200 or 400, never cached";
    Lo9 "LO-9" "OpenID Connect Back-Channel Logout §2.4, §2.6" "a logout token is a JWT of that type or of none, signed and encrypted as an ID token is";
    Lo10 "LO-10" "OpenID Connect Back-Channel Logout §2.4" "a logout token has iat, exp and jti, and is not old";
    Lo11 "LO-11" "OpenID Connect Back-Channel Logout §2.4" "the events of a logout token have a log-out among them, an object each";
    Lo12 "LO-12" "OpenID Connect Back-Channel Logout §2.2, §2.4" "a logout token has sub or sid, and sid where that was registered";
    Lo13 "LO-13" "OpenID Connect Back-Channel Logout §2.4" "a logout token has no nonce";
    Lo14 "LO-14" "OpenID Connect Back-Channel Logout §2.6" "a logout token is used once, and counts as used when its log-out has succeeded";
    Lo15 "LO-15" "OpenID Connect Back-Channel Logout §2.7" "a logout token ends the sessions of the login that its sid names, of the person that its sub names, or of both together";
    Lo16 "LO-16" "OpenID Connect Back-Channel Logout §2.7" "a session that was ended from outside ends in every process within a stated time, no renewal brings it back, and a login that was under way ends too";
    Lo17 "LO-17" "OpenID Connect Front-Channel Logout §2" "a log-out through the browser has both iss and sid or neither, and ends the session of that browser only";
    Lo19 "LO-19" "OpenID Connect Back-Channel Logout §2.1" "a session is found by whose it is at the server, and by the login that it came from";
    Tp1 "TP-1" "OpenID Connect Core §4" "a login that another party starts is by a server that the program has, and no other is ever asked";
    Tp2 "TP-2" "OpenID Connect Core §4, RFC 9700 §4.11" "a login that another party starts ends at a place of the program's own";
    Tp4 "TP-4" "RFC 9700 §4.7" "a login that another party starts begins anew, in the browser's own session, and puts nobody in another's place";
    Fa1 "FA-1" "FAPI 2.0 Security Profile §5.3.3, §5.4" "a client of FAPI 2.0 is one in everything: what it sends, what it signs by, whom it asks and what it takes";
    Fa2 "FA-2" "FAPI 2.0 Message Signing §5.3, §5.4, §5.5" "a client of message signing signs its requests, and takes signed responses and introspections alone";
    Fa3 "FA-3" "valetkey" "what a profile refuses is told with the clause that is broken, and with what to write instead";
    Fa4 "FA-4" "FAPI 1.0 Advanced §5.2.3, §8.6" "a client of FAPI 1.0 Advanced asks by signed requests, for signed responses and for tokens bound to its certificate";
}

/// The id and the source: `AR-3, RFC 9207 §2.4`.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.id(), self.source())
    }
}

/// The rules that a message was held to and kept: what was looked at, beside what an [`Error`](crate::Error) tells.
///
/// A rule is in the set if there was something to check and it held. One that has no object (an `iss` that was
/// neither announced nor sent) or was waived by a [`Quirk`](crate::Quirk) is not in it; neither is the one that
/// broke, which is the error's, nor any that would have come after it. Taken together the three are a whole account:
/// passed, failed, not reached.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Checks([u64; WORDS]);

/// Room for 512 rules.
const WORDS: usize = 8;

// One bit for each rule.
const _: () = assert!(Rule::ALL.len() <= WORDS * 64);

/// The word that a rule's bit is in, and the bit.
const fn bit(rule: Rule) -> (usize, u64) {
    let number = rule as usize;
    (number / 64, 1 << (number % 64))
}

impl Checks {
    /// No check yet.
    pub(crate) const NONE: Self = Self([0; WORDS]);

    #[expect(clippy::indexing_slicing, reason = "every rule has its bit, as is asserted above")]
    pub(crate) const fn pass(&mut self, rule: Rule) {
        let (word, bit) = bit(rule);
        self.0[word] |= bit;
    }

    /// This set and all of another.
    pub(crate) fn and(mut self, others: Self) -> Self {
        self.0.iter_mut().zip(others.0).for_each(|(word, other)| *word |= other);
        self
    }

    /// Whether the rule was checked, and held.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "every rule has its bit, as is asserted above")]
    pub const fn contains(self, rule: Rule) -> bool {
        let (word, bit) = bit(rule);
        self.0[word] & bit != 0
    }

    /// Whether nothing was checked.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// How many rules it has.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "the loop's bound is the length")]
    pub const fn len(self) -> usize {
        let (mut count, mut word) = (0, 0);
        while word < WORDS {
            count += self.0[word].count_ones() as usize;
            word += 1;
        }
        count
    }

    /// The rules in the set, in the order of [`Rule::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Rule> {
        Rule::ALL.iter().copied().filter(move |&rule| self.contains(rule))
    }
}

/// The ids, such as `{"AR-1", "AR-5"}`.
impl fmt::Debug for Checks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Rule::id)).finish()
    }
}
