//! What must come out of the jobs. Whatever is wrong panics: a side that does the job wrongly is not measured.

use crate::inputs::{
    AUTHORIZATION_ENDPOINT, CLIENT_ID, CLIENT_SECRET, CODE, REDIRECT_URI, SCOPE, TOKEN_ENDPOINT, access_token,
};

/// A form or a query, decoded.
#[must_use]
pub fn pairs(form: &str) -> Vec<(String, String)> {
    form.split('&')
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next().unwrap_or(b'!'), bytes.next().unwrap_or(b'!')];
                let digits = std::str::from_utf8(&digits).expect("two digits");
                u8::from_str_radix(digits, 16).expect("two hexadecimal digits")
            }
            byte => byte,
        });
    }
    String::from_utf8(out).expect("UTF-8")
}

fn the<'p>(pairs: &'p [(String, String)], name: &str) -> &'p str {
    let mut values = pairs.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_str());
    let value = values.next().unwrap_or_else(|| panic!("{name} is missing"));
    assert!(values.next().is_none(), "{name} is there twice");
    value
}

/// An authorization URL with PKCE and a `state`, which is this one where one is given.
pub fn authorization_url(url: &str, state: Option<&str>) {
    let (endpoint, query) = url.split_once('?').expect("a query");
    assert_eq!(endpoint, AUTHORIZATION_ENDPOINT);
    let query = pairs(query);
    assert_eq!(the(&query, "response_type"), "code");
    assert_eq!(the(&query, "client_id"), CLIENT_ID);
    assert_eq!(the(&query, "redirect_uri"), REDIRECT_URI);
    // openidconnect sends this one by itself.
    let mut scope: Vec<&str> = the(&query, "scope").split(' ').filter(|scope| *scope != "openid").collect();
    let mut asked: Vec<&str> = SCOPE.split(' ').collect();
    scope.sort_unstable();
    asked.sort_unstable();
    assert_eq!(scope, asked);
    match state {
        Some(state) => assert_eq!(the(&query, "state"), state),
        None => assert!(the(&query, "state").len() >= 22, "128 bits of state"),
    }
    assert_eq!(the(&query, "code_challenge").len(), 43);
    assert_eq!(the(&query, "code_challenge_method"), "S256");
}

/// A request that redeems the code: as form in the body, the client authenticated there or by Basic.
pub fn exchange(url: &str, authorization: Option<&str>, body: &[u8]) {
    assert_eq!(url, TOKEN_ENDPOINT);
    let form = pairs(std::str::from_utf8(body).expect("a form"));
    assert_eq!(the(&form, "grant_type"), "authorization_code");
    assert_eq!(the(&form, "code"), CODE);
    assert_eq!(the(&form, "redirect_uri"), REDIRECT_URI);
    assert!(the(&form, "code_verifier").len() >= 43, "a code verifier");
    match authorization {
        // The pair in base64.
        Some(basic) => assert_eq!(basic, "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3"),
        None => {
            assert_eq!(the(&form, "client_id"), CLIENT_ID);
            assert_eq!(the(&form, "client_secret"), CLIENT_SECRET);
        }
    }
}

/// The tokens of the response.
pub fn tokens(access: &str, refresh: Option<&str>, lifetime: Option<u64>) {
    assert_eq!(access, access_token());
    assert_eq!(refresh.map(str::len), Some(160));
    assert_eq!(lifetime, Some(3600));
}

/// A DPoP proof: three parts.
pub fn proof(proof: &str) {
    assert_eq!(proof.split('.').count(), 3);
    assert!(proof.len() > 400, "a header with a key, and claims");
}
