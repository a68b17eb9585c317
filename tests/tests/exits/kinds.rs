//! Other cases of the kinds that people met: what one server does in one member, another does in the next.

use std::io::Write as _;

use valetkey_core::authorize::ResponseMode;
use valetkey_core::status::{Expectations, Introspected, Introspection};
use valetkey_core::{
    AccessToken, AuthorizationRequest, AuthorizationResponse, AuthorizationServer,
    DeviceAuthorizationRequest, Error, Grant, Quirk, Response, Rule, TokenRequest, TokenResponse,
};
use valetkey_tests::script::play;
use valetkey_tests::{NOW, client_of, entropy, json, server};

use crate::{admitting, parsed, whole, with};

/// TR-11: arrays and texts that hold no scope token, and arrays whose items hold several.
#[test]
fn a_scope_is_an_array_or_blank_in_many_ways() {
    for (scope, quirks, read) in [
        (r#"["a","b"]"#, &[Quirk::ScopeAsArray][..], Some("a b")),
        (r#"["a b","c"]"#, &[Quirk::ScopeAsArray], Some("a b c")),
        ("[]", &[Quirk::ScopeAsArray, Quirk::EmptyScope], None),
        (r#"[""]"#, &[Quirk::ScopeAsArray, Quirk::EmptyScope], None),
        (r#"" ""#, &[Quirk::EmptyScope], None),
        (r#"",""#, &[Quirk::ScopeWithCommas, Quirk::EmptyScope], None),
        (r#""a, b""#, &[Quirk::ScopeWithCommas], Some("a b")),
        ("null", &[Quirk::NullMember], None),
    ] {
        let answer = || with(&format!(r#""scope":{scope}"#));
        // Each is refused without the last of its quirks, and names it.
        let (last, others) = quirks.split_last().unwrap();
        if *last != Quirk::ScopeWithCommas {
            assert_eq!(parsed(answer(), others).unwrap_err().admitted_by(), Some(*last), "{scope}");
        }
        let tokens = parsed(answer(), quirks).unwrap();
        assert_eq!(tokens.scope().map(|scope| scope.as_str()), read, "{scope}");
        assert!(quirks.iter().all(|&quirk| tokens.quirks().contains(quirk)), "{scope}");
    }
    for scope in ["5", "{}", "[5]", "[null]", r#""a\tb""#] {
        let all = parsed(with(&format!(r#""scope":{scope}"#)), Quirk::ALL).unwrap_err();
        assert_eq!(all.rule(), Some(Rule::Tr11), "{scope}");
    }
}

/// TR-15: details that were left empty are none.
#[test]
fn authorization_details_may_be_left_empty() {
    for details in ["[]", r#""""#, "null", "false"] {
        let answer = || with(&format!(r#""authorization_details":{details}"#));
        let error = parsed(answer(), &[]).unwrap_err();
        assert_eq!((error.rule(), error.admitted_by()), (Some(Rule::Tr15), Some(Quirk::NullMember)));
        let tokens = parsed(answer(), &[Quirk::NullMember]).unwrap();
        assert!(tokens.authorization_details().is_none() && tokens.quirks().contains(Quirk::NullMember));
    }
}

/// TR-6: types with blanks, of other standards, and words for the token itself; what a key or an exchange brings stays refused.
#[test]
fn a_token_type_has_many_names() {
    for name in [
        "bearer ",
        " Bearer",
        "JWT",
        "access_token",
        "Bearer token",
        "pop",
        "urn:ietf:params:oauth:token-type:jwt",
    ] {
        let answer = || json(200, &format!(r#"{{"access_token":"a","token_type":"{name}"}}"#));
        assert_eq!(parsed(answer(), &[]).unwrap_err().admitted_by(), Some(Quirk::AnyTokenType), "{name}");
        assert!(parsed(answer(), &[Quirk::AnyTokenType]).unwrap().quirks().contains(Quirk::AnyTokenType));
    }
    for name in [r#""DPoP""#, r#""Bearer,DPoP""#, r#"["Bearer"]"#, "1"] {
        let answer = json(200, &format!(r#"{{"access_token":"a","token_type":{name}}}"#));
        assert!(parsed(answer, Quirk::ALL).is_err(), "{name}");
    }
    for nothing in [r#""""#, "null", "false"] {
        let answer = || json(200, &format!(r#"{{"access_token":"a","token_type":{nothing}}}"#));
        assert_eq!(parsed(answer(), &[]).unwrap_err().admitted_by(), Some(Quirk::NullMember));
        let error = parsed(answer(), &[Quirk::NullMember]).unwrap_err();
        assert_eq!(error.admitted_by(), Some(Quirk::NoTokenType));
        assert!(parsed(answer(), &[Quirk::NullMember, Quirk::NoTokenType]).is_ok());
    }
}

/// TR-4, ER-7: servers that refuse with status 200, by a number, a list or a flag.
#[test]
fn a_refusal_with_status_200_has_a_meaning_in_any_shape() {
    for (member, value, body) in [
        ("error", "5", r#"{"error":5}"#),
        ("error", "-2", r#"{"error":-2}"#),
        ("error", "true", r#"{"error":true}"#),
        ("/error/0", "invalid_grant", r#"{"error":["invalid_grant"]}"#),
        ("/errors/0/code", "x", r#"{"errors":[{"code":"x"}]}"#),
        ("errcode", "40029", r#"{"errcode":40029,"errmsg":"invalid code"}"#),
        ("success", "false", r#"{"success":false,"access_token":"a","token_type":"Bearer"}"#),
        ("code", "Expired", r#"{"code":"Expired","error":null}"#),
    ] {
        let known = server().refusal_means(member, value, "invalid_grant").unwrap();
        let error = TokenResponse::parse(json(200, body), NOW, &known).unwrap_err();
        assert!(error.is_invalid_grant(), "{body}: {error}");
    }
}

/// TR-5: an answer without a token says what it has in its place, and how that is told; no value of it.
#[test]
fn an_answer_without_a_token_is_told_by_the_names_in_it() {
    for (body, names) in [
        (r#"{"errcode":40029,"errmsg":"invalid code"}"#, "`errcode`, `errmsg`"),
        (r#"{"errors":[{"code":"x","message":"Bad code"}]}"#, "`errors`"),
        (r#"{"accessToken":"secret-a","tokenType":"Bearer"}"#, "`accessToken`, `tokenType`"),
        (r#"{"\u001b[31m":1,"fault":{"faultstring":"x"}}"#, "which has `fault`:"),
    ] {
        let error = parsed(json(200, body), &[]).unwrap_err();
        let text = error.to_string();
        assert_eq!(error.rule(), Some(Rule::Tr5));
        assert!(text.contains(names) && text.contains("refusal_means"), "{text}");
        assert!(!text.contains("secret-a") && !text.contains('\u{1b}'), "{text}");
    }
    let empty = parsed(json(200, "{}"), &[]).unwrap_err();
    assert!(empty.rule() == Some(Rule::Tr5) && !empty.to_string().contains("refusal_means"), "{empty}");
}

/// TR-2: what kind of body it is, is said; a member that is there twice by its name.
#[test]
fn a_body_that_is_no_json_is_told_by_what_it_is() {
    let said = |body: Vec<u8>| parsed(json(200, "").map(|_| body), Quirk::ALL).unwrap_err().to_string();
    let good = r#"{"access_token":"a","token_type":"Bearer","name":"Müller"}"#;
    let latin: Vec<u8> = good.chars().map(|character| u8::try_from(character).unwrap()).collect();
    let utf_16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(good.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    for body in [latin, utf_16] {
        assert!(said(body).contains("not in UTF-8"));
    }
    let twice = said(br#"{"access_token":"a","token_type":"Bearer","token_type":"bearer"}"#.to_vec());
    assert!(twice.contains("`token_type` is there twice"), "{twice}");
    let hidden = said(
        br#"{"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30":1,"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30":2}"#
            .to_vec(),
    );
    assert!(!hidden.contains("eyJ"), "{hidden}");
}

/// RFC 9110 §8.4: gzip is known by how it begins, without a header and with one that names no coding, and bounded as ever.
#[test]
fn gzip_is_unpacked_without_its_header_too() {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(br#"{"access_token":"a","token_type":"Bearer"}"#).unwrap();
    let gzip = encoder.finish().unwrap();
    for name in [None, Some("utf-8"), Some("identity"), Some("application/json"), Some("x-gzip")] {
        let answer = |body: &[u8]| {
            let mut answer = json(200, "").map(|_| body.to_vec());
            if let Some(name) = name {
                answer.headers_mut().insert("content-encoding", name.parse().unwrap());
            }
            answer
        };
        assert!(parsed(answer(&gzip), &[]).unwrap().quirks().contains(Quirk::UnaskedGzip), "{name:?}");
        let half = parsed(answer(&gzip[..gzip.len() / 2]), &[]).unwrap_err();
        assert!(half.rule() == Some(Rule::Tr2) && half.to_string().contains("gzip"), "{half}");
    }
}

/// AR-6, AR-7: a person's no without `error`, and an `error` that is no code.
#[test]
fn a_denial_comes_under_other_parameters() {
    let back = |server: AuthorizationServer, parameters: &str| {
        let client = client_of(server);
        let request = AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
        let (_, mut pending) =
            request.response_mode(ResponseMode::Query).begin_unbound(entropy(1), NOW).unwrap();
        let back = format!("https://app.example/callback?{}", parameters.replace("STATE", pending.state()));
        pending.finish(&client, &AuthorizationResponse::from_url(&back).unwrap(), NOW).map(drop)
    };
    let meant = |member, value| server().refusal_means(member, value, "access_denied").unwrap();
    for (member, value, parameters) in [
        ("error_code", "200", "error_code=200&error_message=Permissions+error&state=STATE"),
        ("denied", "1", "denied=1&state=STATE"),
        ("error", "Zugriff verweigert!ü", "error=Zugriff+verweigert!%C3%BC&state=STATE"),
    ] {
        let unknown = back(server(), parameters).unwrap_err();
        assert!(!unknown.is_access_denied(), "{unknown}");
        let error = back(meant(member, value), parameters).unwrap_err();
        assert!(error.is_access_denied(), "{parameters}: {error}");
        // It sends nothing anywhere, so it is told without `iss` as an error is; and not without `state`.
        assert!(back(meant(member, value).advertises_iss(), parameters).unwrap_err().is_access_denied());
        let forged = back(meant(member, value), &parameters.replace("STATE", "other")).unwrap_err();
        assert_eq!(forged.rule(), Some(Rule::Ar5));
    }
    let error = back(server(), "error_code=200&error_message=x&state=STATE").unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Ar7));
    assert!(error.to_string().contains("`AuthorizationServer::refusal_means`"), "{error}");
    let told = back(meant("error_code", "200"), "error_code=200&error_message=Permissions+error&state=STATE");
    assert_eq!(told.unwrap_err().refused().unwrap().description(), Some("Permissions error"));
    // A code is a code, whatever stands beside it.
    back(meant("denied", "1"), "code=c&denied=1&state=STATE").unwrap();
}

/// IN-1, TR-4: an introspection's scope as an array, and an error under status 200 that says nothing of the token.
#[test]
fn an_introspection_departs_as_a_token_response_does() {
    let read = |quirks: &[Quirk], body: &str| {
        Introspected::parse(json(200, body), &Expectations::new(), &admitting(quirks), NOW)
    };
    let body = r#"{"active":true,"scope":["read","write"]}"#;
    let error = read(&[], body).unwrap_err();
    assert_eq!((error.rule(), error.admitted_by()), (Some(Rule::In1), Some(Quirk::ScopeAsArray)));
    let token = read(&[Quirk::ScopeAsArray], body).unwrap().active().unwrap();
    assert_eq!(token.scope().unwrap().as_str(), "read write");
    assert!(token.quirks().contains(Quirk::ScopeAsArray));
    let asked = |status: u16, body: &str| {
        let flow = Introspection::new(&whole(server()), &AccessToken::new("a0123456789").unwrap()).unwrap();
        play(flow, [Some(json(status, body))]).outcome
    };
    for status in [200, 400, 401, 403, 404] {
        let error =
            asked(status, r#"{"error":"invalid_token","error_description":"a0123456789 is no token"}"#);
        let error = error.unwrap_err();
        assert_eq!(error.refused().unwrap().status().unwrap(), status, "{error}");
        assert!(!error.to_string().contains("a0123456789"), "{error}");
    }
    // What says something of the token is believed, and its other members are nothing to it.
    assert!(asked(200, r#"{"active":false,"error":"invalid_token"}"#).unwrap().active().is_none());
}

/// PA-1, TR-4: a push that is answered with a success and an error.
#[test]
fn a_push_is_refused_under_a_success_too() {
    let client = whole(server());
    let request = AuthorizationRequest::new(&client, "https://app.example/callback").unwrap();
    let push = || request.push_unbound(entropy(1), NOW).unwrap();
    let no = r#"{"error":"invalid_request","error_description":"No redirect URI."}"#;
    let error = play(push(), [Some(json(201, no))]).outcome.map(drop).unwrap_err();
    assert_eq!(error.refused().unwrap().description(), Some("No redirect URI."));
    let odd = json(200, r#"{"request_uri":"urn:x:y","expires_in":60}"#);
    let error = play(push(), [Some(odd)]).outcome.map(drop).unwrap_err();
    assert_eq!((error.rule(), error.admitted_by()), (Some(Rule::Pa1), Some(Quirk::AnySuccessStatus)));
}

/// DV-2: the error is about the member that is wrong.
#[test]
fn a_page_that_is_no_page_is_named() {
    let answer = r#"{"device_code":"d","user_code":"u","verification_uri":"https://as.example/d","verification_uri_complete":"/d?u","expires_in":60}"#;
    let flow = DeviceAuthorizationRequest::new(&whole(server())).unwrap();
    let error = play(flow, [Some(json(200, answer))]).outcome.unwrap_err();
    assert!(error.to_string().contains("verification_uri_complete"), "{error}");
}

/// ER-7, DV-3: a refusal in other words says by what its meaning is told, where something hangs on that; one with a registered
/// code, of a server in trouble, or without a word does not.
#[test]
fn a_refusal_in_other_words_names_the_way_through() {
    let refused = |grant: Grant, answer: Response| -> Error {
        play(TokenRequest::new(&client_of(server()), grant).unwrap(), [Some(answer)]).outcome.unwrap_err()
    };
    let refresh = || Grant::refresh_token(&valetkey_core::RefreshToken::new("r0123456789").unwrap());
    for (status, body) in [
        (400, r#"{"status":"BAD_REFRESH_TOKEN"}"#),
        (403, r#"{"message":"Token revoked"}"#),
        (404, r#"{"error":{"code":17}}"#),
        (410, r#"{"error":"token_gone"}"#),
        (422, r#"{"errors":[{"title":"Unprocessable"}]}"#),
        (200, r#"{"error":"bad_refresh_token"}"#),
    ] {
        let error = refused(refresh(), json(status, body));
        assert!(
            error.to_string().contains("`AuthorizationServer::refusal_means`"),
            "{status} {body}: {error}"
        );
        assert!(error.to_string().contains("invalid_grant"), "{error}");
        assert!(
            !refused(Grant::client_credentials(), json(status, body)).to_string().contains("refusal_means")
        );
    }
    for (status, body) in [
        (400, r#"{"error":"invalid_grant"}"#),
        (401, r#"{"error":"invalid_client"}"#),
        (503, r#"{"message":"down"}"#),
        (429, r#"{"message":"slower"}"#),
        (404, "<html>"),
        (400, ""),
    ] {
        let error = refused(refresh(), json(status, body));
        assert!(!error.to_string().contains("refusal_means"), "{status} {body}: {error}");
    }
}
