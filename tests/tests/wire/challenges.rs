//! WA-1, WA-2: `WWW-Authenticate`, by the grammar of RFC 9110 §11.6.1 and §5.6.

use http::HeaderMap;
use http::header::{HeaderValue, WWW_AUTHENTICATE};
use valetkey_core::error::Challenge;
use valetkey_core::{Error, Rule};

fn read(lines: &[&str]) -> Result<Vec<Challenge>, Error> {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(WWW_AUTHENTICATE, HeaderValue::from_str(line).unwrap());
    }
    Challenge::parse(&headers)
}

/// A challenge as one line: `scheme`, `scheme token68`, or `scheme{name=value|name=value}`.
fn shown(challenge: &Challenge) -> String {
    let parameters: Vec<String> =
        challenge.parameters().map(|(name, value)| format!("{name}={value}")).collect();
    match challenge.token68() {
        Some(token) => format!("{} {token}", challenge.scheme()),
        None if parameters.is_empty() => challenge.scheme().to_owned(),
        None => format!("{}{{{}}}", challenge.scheme(), parameters.join("|")),
    }
}

/// Each line, and what it says: what is read is also written so that it is read again, the same.
#[test]
fn what_follows_the_grammar_is_read() {
    for (line, expected) in [
        // One challenge with parameters: quoted, as a token, in any case, with spaces around the equals sign.
        (r#"Basic realm="foo""#, vec!["Basic{realm=foo}"]),
        ("Basic realm=foo", vec!["Basic{realm=foo}"]),
        (r#"BASIC REALM="foo""#, vec!["BASIC{REALM=foo}"]),
        (r#"Basic realm = "foo""#, vec!["Basic{realm=foo}"]),
        ("Basic realm\t=\tfoo", vec!["Basic{realm=foo}"]),
        (r#"Basic   realm="foo""#, vec!["Basic{realm=foo}"]),
        (r#"  Basic realm="foo"  "#, vec!["Basic{realm=foo}"]),
        (r#"Basic realm="""#, vec!["Basic{realm=}"]),
        (r#"Basic realm="f,o=o""#, vec!["Basic{realm=f,o=o}"]),
        (r#"Basic foo="foo", realm="bar""#, vec!["Basic{foo=foo|realm=bar}"]),
        (r#"Basic a=b,c=d"#, vec!["Basic{a=b|c=d}"]),
        ("Basic !#$%&'*+-.^_`|~=!#$%&'*+-.^_`|~", vec!["Basic{!#$%&'*+-.^_`|~=!#$%&'*+-.^_`|~}"]),
        // Quoted pairs: any character may be escaped, and stands for itself.
        (r#"Basic realm="\"foo\"""#, vec![r#"Basic{realm="foo"}"#]),
        (r#"Basic realm="\f\o\o""#, vec!["Basic{realm=foo}"]),
        (r#"Basic realm="a\\b""#, vec![r"Basic{realm=a\b}"]),
        (r#"Basic realm="a\\", x="b""#, vec![r"Basic{realm=a\|x=b}"]),
        (r#"Basic realm="Basic x=\"y\", z""#, vec![r#"Basic{realm=Basic x="y", z}"#]),
        // Empty list items, and a list's spaces and tabs.
        (r#", Basic realm="foo""#, vec!["Basic{realm=foo}"]),
        (r#"Basic realm="foo","#, vec!["Basic{realm=foo}"]),
        (r#",,Basic , ,a=b ,,  c=d,, "#, vec!["Basic{a=b|c=d}"]),
        ("Basic a=b\t,\tc=d", vec!["Basic{a=b|c=d}"]),
        ("", vec![]),
        (" , ,,\t", vec![]),
        // A scheme alone.
        ("Basic", vec!["Basic"]),
        ("Negotiate, NTLM", vec!["Negotiate", "NTLM"]),
        ("Negotiate,NTLM ,Basic realm=x", vec!["Negotiate", "NTLM", "Basic{realm=x}"]),
        // token68, with any padding and each of its characters; what has an equals sign and a value is a parameter.
        ("Negotiate YII=", vec!["Negotiate YII="]),
        ("Negotiate YIIabc==", vec!["Negotiate YIIabc=="]),
        ("Negotiate aB9-._~+/=, Basic realm=x", vec!["Negotiate aB9-._~+/=", "Basic{realm=x}"]),
        ("Negotiate abc", vec!["Negotiate abc"]),
        ("Basic realm=", vec!["Basic realm="]),
        ("Negotiate abc , Basic", vec!["Negotiate abc", "Basic"]),
        // Several challenges: a comma separates parameters and challenges alike.
        (r#"Basic realm="foo", Bearer realm="bar""#, vec!["Basic{realm=foo}", "Bearer{realm=bar}"]),
        (r#"Basic realm="foo",Bearer"#, vec!["Basic{realm=foo}", "Bearer"]),
        ("Bearer, Basic realm=foo, DPoP algs=ES256", vec!["Bearer", "Basic{realm=foo}", "DPoP{algs=ES256}"]),
        ("Basic a=1, Basic a=2", vec!["Basic{a=1}", "Basic{a=2}"]),
        (r#"Bearer a="b", Negotiate abc=, c d=e"#, vec!["Bearer{a=b}", "Negotiate abc=", "c{d=e}"]),
        // RFC 9110 §11.6.1, its own example and its commas.
        (
            r#"Newauth realm="apps", type=1, title="Login to \"apps\"", Basic realm="simple""#,
            vec![r#"Newauth{realm=apps|type=1|title=Login to "apps"}"#, "Basic{realm=simple}"],
        ),
        (
            r#"Basic realm="simple", Newauth realm="apps", type=1,, title="Login to \"apps\"""#,
            vec!["Basic{realm=simple}", r#"Newauth{realm=apps|type=1|title=Login to "apps"}"#],
        ),
    ] {
        let challenges = read(&[line]).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(challenges.iter().map(shown).collect::<Vec<_>>(), expected, "{line}");
        let written: Vec<String> = challenges.iter().map(ToString::to_string).collect();
        assert_eq!(read(&[&written.join(", ")]).unwrap(), challenges, "{line}");
    }
}

/// Challenges come over several header lines, and keep their order.
#[test]
fn several_lines_are_one_list() {
    let lines = [r#"Basic realm="a""#, "", r#"Bearer error="invalid_token", DPoP"#, "Negotiate"];
    let schemes: Vec<String> = read(&lines).unwrap().iter().map(shown).collect();
    assert_eq!(schemes, ["Basic{realm=a}", "Bearer{error=invalid_token}", "DPoP", "Negotiate"]);
    assert!(Challenge::parse(&HeaderMap::new()).unwrap().is_empty());
    // A challenge does not go on in the next line: that begins one of its own, or nothing at all.
    assert_eq!(read(&["Basic realm=a", "charset=x"]).unwrap_err().rule(), Some(Rule::Wa1));
}

#[test]
fn what_departs_from_the_grammar_is_refused() {
    for line in [
        r#"Basic realm="foo"#,
        r#"Basic realm="foo\"#,
        r#"Basic realm=""foo"#,
        r#"Basic realm="foo"bar"#,
        r#"Basic realm="foo" x=y"#,
        r#"Basic realm="foo" Bearer"#,
        "Basic realm=a b",
        "Basic realm=foo;charset=x",
        "Basic a=b, realm=",
        "Basic a=b, realm= , c=d",
        "Basic realm=f@o",
        "Basic =foo",
        "Basic a=b, =c",
        r#"Basic "realm"=foo"#,
        "Basic a=b=c",
        "=",
        r#""Basic" realm=x"#,
        "Basic: realm=x",
        "Basic/x",
        "(comment)",
        "Negotiate ab*c=, d",
        "Negotiate a=b=",
        "Negotiate =abc",
        "Bearer abc def",
    ] {
        assert_eq!(
            read(&[line])
                .map(|read| read.iter().map(shown).collect::<Vec<_>>())
                .map_err(|error| error.rule()),
            Err(Some(Rule::Wa1)),
            "{line}"
        );
    }
}

/// A parameter that comes twice in one challenge is refused, in whatever case it is spelled.
#[test]
fn a_parameter_comes_once_in_a_challenge() {
    for line in [
        r#"Basic realm="a", realm="b""#,
        r#"Basic realm="a", REALM="a""#,
        "Bearer error=a, scope=b, Error=c",
        "Bearer a=1, DPoP b=1, b=2",
    ] {
        assert_eq!(read(&[line]).unwrap_err().rule(), Some(Rule::Wa1), "{line}");
    }
}

#[test]
fn quoted_text_is_utf_8() {
    let parse = |bytes: &[u8]| {
        let value = HeaderValue::from_bytes(bytes).unwrap();
        Challenge::parse(&HeaderMap::from_iter([(WWW_AUTHENTICATE, value)]))
    };
    let challenges = parse("Basic realm=\"f\u{fc}\"".as_bytes()).unwrap();
    assert_eq!(challenges[0].parameter("realm"), Some("fü"));
    assert_eq!(parse(b"Basic realm=\"f\xfc\"").unwrap_err().rule(), Some(Rule::Wa1));
    assert!(parse(b"Basic realm=\xc3\xbc").is_err());
}

#[test]
fn the_size_of_what_is_read_is_bounded() {
    let refused = |lines: &[&str]| read(lines).unwrap_err().rule() == Some(Rule::Wa1);
    let many = |count: usize, item: &str| vec![item; count].join(", ");
    assert_eq!(read(&[&many(32, "Basic")]).unwrap().len(), 32);
    assert!(refused(&[&many(33, "Basic")]));
    assert!(refused(&["Basic"; 33]));
    let parameters = |count| (0..count).map(|n| format!("p{n}=v")).collect::<Vec<_>>().join(",");
    assert_eq!(read(&[&format!("Basic {}", parameters(32))]).unwrap()[0].parameters().count(), 32);
    assert!(refused(&[&format!("Basic {}", parameters(33))]));
    assert!(refused(&[&format!(r#"Basic realm="{}""#, "x".repeat(16 * 1024))]));
    assert!(refused(&[&",".repeat(16 * 1024 + 1)]));
    assert!(read(&[&",".repeat(16 * 1024)]).unwrap().is_empty());
}

/// WA-2: names are compared without regard to case, and kept as they came; no value is in `Debug`.
#[test]
fn schemes_and_names_are_compared_without_regard_to_case() {
    let challenges = read(&[r#"bEARER Error="invalid_token", resource_METADATA=x, Other y=z"#]).unwrap();
    let bearer = &challenges[0];
    assert!(bearer.is("Bearer") && bearer.is("BEARER") && !bearer.is("DPoP"));
    assert_eq!(bearer.parameter("error"), Some("invalid_token"));
    assert_eq!(bearer.parameter("Resource_Metadata"), Some("x"));
    assert_eq!(bearer.parameter("scope"), None);
    assert_eq!(bearer.parameters().map(|(name, _)| name).collect::<Vec<_>>(), ["Error", "resource_METADATA"]);
    assert!(challenges[1].is("other"));
    assert!(!format!("{challenges:?}").contains("invalid_token"));
}

/// The examples of RFC 6750 §3, RFC 9449 §7.1 and §7.2, RFC 9728 §5.1 and RFC 9470 §3.
#[test]
fn published_challenges_are_read() {
    let one = |line: &str, scheme: &str, expected: &[(&str, &str)]| {
        let challenges = read(&[line]).unwrap();
        assert!(challenges.len() == 1 && challenges[0].is(scheme), "{line}");
        assert_eq!(challenges[0].parameters().collect::<Vec<_>>(), expected, "{line}");
    };
    one(r#"Bearer realm="example""#, "Bearer", &[("realm", "example")]);
    one(
        r#"Bearer realm="example", error="invalid_token", error_description="The access token expired""#,
        "Bearer",
        &[
            ("realm", "example"),
            ("error", "invalid_token"),
            ("error_description", "The access token expired"),
        ],
    );
    one(r#"DPoP algs="ES256 PS256""#, "DPoP", &[("algs", "ES256 PS256")]);
    one(
        r#"DPoP error="invalid_token", error_description="Invalid DPoP key binding", algs="ES256""#,
        "DPoP",
        &[("error", "invalid_token"), ("error_description", "Invalid DPoP key binding"), ("algs", "ES256")],
    );
    one(
        r#"Bearer resource_metadata="https://resource.example.com/.well-known/oauth-protected-resource""#,
        "Bearer",
        &[("resource_metadata", "https://resource.example.com/.well-known/oauth-protected-resource")],
    );
    one(
        r#"Bearer error="insufficient_user_authentication", error_description="A different authentication level is required", acr_values="myACR""#,
        "Bearer",
        &[
            ("error", "insufficient_user_authentication"),
            ("error_description", "A different authentication level is required"),
            ("acr_values", "myACR"),
        ],
    );
    one(
        r#"Bearer error="insufficient_user_authentication", error_description="More recent authentication is required", max_age="5""#,
        "Bearer",
        &[
            ("error", "insufficient_user_authentication"),
            ("error_description", "More recent authentication is required"),
            ("max_age", "5"),
        ],
    );
    let both = r#"Bearer error="invalid_token", error_description="Invalid token", DPoP algs="ES256""#;
    assert_eq!(
        read(&[both]).unwrap().iter().map(shown).collect::<Vec<_>>(),
        ["Bearer{error=invalid_token|error_description=Invalid token}", "DPoP{algs=ES256}"]
    );
}

/// WA-1: `challenge = auth-scheme [ 1*SP ( token68 / #auth-param ) ]`. After a scheme come spaces; a tab may stand where a list
/// has one, before a comma or at the end.
#[test]
fn s22_only_spaces_follow_a_scheme() {
    for line in [
        "Bearer \tx",
        "Bearer \tx=y",
        "Bearer \t x=y",
        "Bearer  \t\tx=\"y\"",
        "Bearer \tabc==",
        "Bearer\tx=y",
        "Bearer\t x=y",
        "Basic a=b, Bearer \tx=y",
        "Bearer \t=",
        "Bearer \t\"x\"",
    ] {
        assert_eq!(read(&[line]).expect_err(line).rule(), Some(Rule::Wa1), "{line:?}");
    }
    for (line, expected) in [
        ("Bearer   x=y", vec!["Bearer{x=y}"]),
        ("Bearer   abc==", vec!["Bearer abc=="]),
        ("Bearer x\t=\ty", vec!["Bearer{x=y}"]),
        ("Bearer \t, x=y", vec!["Bearer{x=y}"]),
        ("Bearer \t,Basic", vec!["Bearer", "Basic"]),
        ("Bearer \t", vec!["Bearer"]),
        ("Bearer\t, Basic", vec!["Bearer", "Basic"]),
    ] {
        let challenges = read(&[line]).unwrap_or_else(|error| panic!("{line:?}: {error}"));
        assert_eq!(challenges.iter().map(shown).collect::<Vec<_>>(), expected, "{line:?}");
    }
}
