//! TR-2, ER-1, RFC 9110 §8.4: the bounds of what is read, and what an error says of what is beyond them.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use valetkey_core::jose::Jws;
use valetkey_core::openid::WebFinger;
use valetkey_core::session::Call;
use valetkey_core::{
    AuthorizationServer, Discovery, Error, Flow as _, Resource, Response, Rule, Session, Step, TokenResponse,
};
use valetkey_tests::{NOW, get, json};

fn parsed(response: Response) -> Result<TokenResponse, Error> {
    TokenResponse::parse(response, NOW, &AuthorizationServer::new())
}

fn refused(response: Response) -> String {
    let error = parsed(response).unwrap_err();
    assert_eq!(error.rule(), Some(Rule::Tr2), "{error}");
    error.to_string()
}

const TOKEN: &str = r#"{"access_token":"a","token_type":"Bearer"}"#;

/// A mebibyte is the largest body, to the byte.
#[test]
fn a_body_has_at_most_a_mebibyte() {
    let of_length = |length: usize| {
        let begin = r#"{"access_token":"a","token_type":"Bearer","pad":""#;
        json(200, &format!(r#"{begin}{}"}}"#, "x".repeat(length - begin.len() - 2)))
    };
    assert!(parsed(of_length(1 << 20)).is_ok());
    assert!(refused(of_length((1 << 20) + 1)).contains("larger than 1048576 bytes"));
}

/// So many members, of which one may be there twice.
fn members(count: usize) -> String {
    (0..count).map(|place| format!(r#","p{place}":0"#)).collect()
}

#[test]
fn an_object_has_at_most_256_members() {
    let with = |count: usize| {
        json(200, &format!(r#"{{"access_token":"a","token_type":"Bearer"{}}}"#, members(count - 2)))
    };
    assert!(parsed(with(256)).is_ok());
    assert!(!refused(with(257)).contains("twice"));
    // The one that is too many is not looked at, whatever it is.
    let again = |count: usize| {
        json(
            200,
            &format!(
                r#"{{"access_token":"a","token_type":"Bearer"{},"token_type":"Bearer"}}"#,
                members(count - 3)
            ),
        )
    };
    assert!(refused(again(256)).contains("`token_type` is there twice"));
    assert!(!refused(again(257)).contains("twice"));
}

/// ID-3: the header of a JWT is held to the same, though nothing of most of its members is kept.
#[test]
fn a_header_has_each_member_once_and_256_unknown_ones_at_most() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let rule = |members: &str| {
        let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"ES256"{members}}}"#));
        Jws::parse(&format!("{header}.e30.AAAA")).err().and_then(|error| error.rule())
    };
    assert_eq!(rule(&members(256)), None);
    assert_eq!(rule(&members(257)), Some(Rule::Id3));
    assert_eq!(rule(r#","x":1,"y":2"#), None);
    for twice in [r#","x":1,"x":1"#, r#","x":1,"y":2,"x":3"#, r#","kid":"a","kid":"a""#] {
        assert_eq!(rule(twice), Some(Rule::Id3), "{twice}");
    }
}

/// A URI of 16 KiB is the longest.
#[test]
fn a_uri_has_at_most_16_kib() {
    let of_length = |length: usize| {
        let begin = "https://api.example/";
        Resource::new(format!("{begin}{}", "p".repeat(length - begin.len())))
    };
    assert!(of_length(16 * 1024).is_ok());
    assert!(of_length(16 * 1024 + 1).is_err());
}

fn encoded(name: &str, body: Vec<u8>) -> Response {
    let mut response = json(200, "").map(|_| body);
    response.headers_mut().insert("content-encoding", name.parse().unwrap());
    response
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

/// RFC 1952: one member, and nothing after it, not even what ends as a member does.
#[test]
fn gzip_ends_with_its_member() {
    let good = gzip(TOKEN.as_bytes());
    assert!(parsed(encoded("gzip", good.clone())).is_ok());
    let trailer = &good[good.len() - 8..];
    for after in [trailer, &good, b"more", b"\0"] {
        let body = [&good, after].concat();
        assert!(parsed(encoded("gzip", body)).is_err(), "{after:?}");
    }
}

/// What is text is read whatever it is said to be encoded as, its blanks too; what is not is refused by that name.
#[test]
fn a_body_that_is_no_text_is_refused_by_the_name_of_its_encoding() {
    for blank in [" ", "\n", "\t", "\r\n"] {
        let body = TOKEN.replace(',', &format!(",{blank}"));
        assert!(parsed(encoded("br", body.into_bytes())).is_ok(), "{blank:?}");
    }
    // A control character in UTF-8, and an octet that is none.
    for body in [&b"{\x01}"[..], b"{\xff}", b"\x01\xff"] {
        let told = refused(encoded("br", body.to_vec()));
        assert!(told.contains("encoded as br"), "{told}");
        // Without a name it is what it is: no JSON.
        for name in ["identity", "", "identity, ", " , identity"] {
            let told = refused(encoded(name, body.to_vec()));
            assert!(!told.contains("encoded"), "{name:?}: {told}");
        }
    }
}

/// TR-5: where an access token is further down, the error says where, within objects and lists.
#[test]
fn a_token_that_is_further_down_is_told_by_its_place() {
    for (body, place) in [
        (r#"{"body":{"access_token":"t"}}"#, "`/body`"),
        (r#"{"body":{"inner":{"access_token":"t"}}}"#, "`/body/inner`"),
        (r#"{"list":[{"x":1},{"access_token":"t"}]}"#, "`/list/1`"),
    ] {
        let error = parsed(json(200, body)).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Tr5));
        assert!(error.to_string().contains(place), "{error}");
    }
}

/// TR-5: where the tokens should be is said as the program wrote it, a long place by its beginning.
#[test]
fn an_answer_without_its_place_of_tokens_is_told_which() {
    let at = |pointer: &str| {
        let server = AuthorizationServer::new().tokens_at(pointer).unwrap();
        let error = TokenResponse::parse(json(200, TOKEN), NOW, &server).unwrap_err();
        assert_eq!(error.rule(), Some(Rule::Tr5));
        error.to_string()
    };
    assert!(at("/body/tokens").contains("no object at /body/tokens, where"));
    let long = at(&format!("/{}", "b".repeat(200)));
    assert!(long.contains(&format!("no object at /{}…, where", "b".repeat(79))), "{long}");
    for no_place in ["", "body", &format!("/{}", "b".repeat(1024))] {
        assert!(
            matches!(AuthorizationServer::new().tokens_at(no_place), Err(Error::Misuse(_))),
            "{no_place}"
        );
    }
    assert!(AuthorizationServer::new().tokens_at(&format!("/{}", "b".repeat(1023))).is_ok());
}

/// ER-1: what is empty says nothing, and what is beside it is heard.
#[test]
fn an_empty_text_of_a_refusal_is_none() {
    let told = |body: &str| {
        let error = parsed(json(400, body)).unwrap_err();
        error.refused().unwrap().description().map(str::to_owned)
    };
    assert_eq!(told(r#"{"error":{"message":"","code":"E7"}}"#).as_deref(), Some("E7"));
    assert_eq!(told(r#"{"error":{"message":"No.","code":"E7"}}"#).as_deref(), Some("No."));
    assert_eq!(told(r#"{"error":["",{},"No."]}"#).as_deref(), Some("No."));
    assert_eq!(told(r#"{"error":7,"error_description":"","message":"No."}"#).as_deref(), Some("No."));
    assert_eq!(told(r#"{"error":"e","error_description":""}"#), None);
}

/// ER-1: what is at the place of the tokens is a refusal if it has an error, and no words otherwise.
#[test]
fn words_at_the_place_of_the_tokens_are_those_of_an_error() {
    let server = AuthorizationServer::new().tokens_at("/body").unwrap();
    let told = |body: &str| {
        let error = TokenResponse::parse(json(400, body), NOW, &server).unwrap_err();
        let refused = error.refused().unwrap();
        (refused.code().map(|code| code.as_str().to_owned()), refused.description().map(str::to_owned))
    };
    let said = told(r#"{"body":{"error":"invalid_grant","error_description":"No."}}"#);
    assert_eq!(said, (Some("invalid_grant".to_owned()), Some("No.".to_owned())));
    assert_eq!(told(r#"{"body":{"message":"Hello."}}"#), (None, None));
}

/// RFC 8414 §3.1: the path of an issuer comes after the well-known one, however short its host is.
#[test]
fn an_issuer_of_a_short_host_keeps_its_path() {
    for (issuer, document) in [
        ("https://a.bc/t", "https://a.bc/.well-known/oauth-authorization-server/t"),
        ("https://as.example.com/t/u", "https://as.example.com/.well-known/oauth-authorization-server/t/u"),
    ] {
        let mut flow = Discovery::new(issuer).unwrap();
        let Ok(Step::Send(request)) = flow.step(None, NOW) else { panic!("it asks") };
        let first = request.uri().to_string();
        assert!(
            first == document || first == format!("{issuer}/.well-known/openid-configuration"),
            "{first}"
        );
        let urls = valetkey_tests::script::play(
            Discovery::new(issuer).unwrap(),
            (0..4).map(|_| Some(json(404, "{}"))),
        )
        .urls();
        assert!(urls.iter().any(|url| url == document), "{urls:?}");
    }
}

/// A flow of one round that was not answered has ended.
#[test]
fn a_flow_of_one_round_ends_without_an_answer() {
    let mut flow = WebFinger::new("acct:jane@example.com", |_| true).unwrap();
    assert!(matches!(flow.step(None, NOW), Ok(Step::Send(_))));
    assert!(!flow.unanswered(NOW));
    let error = flow.step(None, NOW).err().unwrap();
    assert!(matches!(error, Error::Misuse(_)) && error.to_string().contains("has ended"), "{error}");
}

/// WA-5: a token goes to the API that is named, by its scheme, host and port, in whatever case they are written.
#[test]
fn a_call_goes_to_the_origin_of_the_api_alone() {
    use valetkey_core::{AccessToken, Subject};

    let token = AccessToken::new("a").unwrap();
    let session = Session::from_permanent_token("https://api.example", token, Subject::User).unwrap();
    let rule = |url: &str| Call::new(session.shared(), &get(url)).err().and_then(|error| error.rule());
    for good in ["https://api.example/me", "https://API.example:443/", "HTTPS://api.example"] {
        assert_eq!(rule(good), None, "{good}");
    }
    for bad in [
        "https://api.example:444/",
        "http://api.example/",
        "https://other.example/",
        "https://api.example.org/",
    ] {
        assert_eq!(rule(bad), Some(Rule::Wa5), "{bad}");
    }
}
