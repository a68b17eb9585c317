//! What departs from the RFCs in a token response, over the network: refused with the way through, and taken by it.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use valetkey_core::{AuthorizationServer, Client, Grant, Quirk, TokenRequest, TokenResponse};
use valetkey_sandbox::{RawAnswer, RawFront};

use crate::face::{Adapter, Failed};
use crate::for_both;

/// An answer with status 200, this head and this body.
fn answer(head: &str, body: &[u8]) -> RawAnswer {
    let mut bytes =
        format!("HTTP/1.1 200 OK\r\n{head}\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    RawAnswer::new(bytes)
}

/// The client credentials grant at a server that answers so, and is met with these quirks.
fn granted<A: Adapter>(adapter: &A, answer: RawAnswer, quirks: &[Quirk]) -> Result<TokenResponse, Failed> {
    let front = RawFront::start([answer]).unwrap();
    let server = AuthorizationServer::new().admit(Quirk::LoopbackHttp);
    let server = quirks.iter().fold(server, |server, &quirk| server.admit(quirk));
    let server = server.token_endpoint(&format!("{}/token", front.url())).unwrap();
    let client = Client::new(server, "s6BhdRkqt3").secret("gX1fBat3bV").unwrap();
    adapter.run(TokenRequest::new(&client, Grant::client_credentials()).unwrap())
}

const JSON: &str = "Content-Type: application/json";
const BODY: &[u8] = br#"{"access_token":"a","expires_in":7200,"token_type":"Bearer"}"#;

/// Refused by an error that names the quirk, and taken and recorded with it.
fn departs<A: Adapter>(adapter: &A, answer: RawAnswer, quirk: Quirk, others: &[Quirk]) {
    let failed = granted(adapter, answer.clone(), others).unwrap_err();
    assert!(failed.shown.contains(&format!("`Quirk::{quirk:?}`")), "{}", failed.shown);
    let tokens = granted(adapter, answer, &[others, &[quirk]].concat()).unwrap();
    assert!(tokens.quirks().contains(quirk), "{quirk:?}");
}

for_both! {
    /// TR-6: eBay's names for its tokens.
    fn f01_a_token_type_of_its_own_name_is_taken_over_the_network(adapter: A) {
        for name in ["User Access Token", "Application Access Token"] {
            let body = format!(r#"{{"access_token":"v^1.1","expires_in":7200,"token_type":"{name}"}}"#);
            departs(&adapter, answer(JSON, body.as_bytes()), Quirk::AnyTokenType, &[]);
        }
    }

    /// RFC 9110 §12.5.3: gzip that nobody asked for is unpacked, whether or not its header says so.
    fn f13_gzip_that_nobody_asked_for_is_read(adapter: A) {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(BODY).unwrap();
        let gzip = encoder.finish().unwrap();
        for head in [format!("{JSON}\r\nContent-Encoding: gzip"), JSON.to_owned()] {
            let tokens = granted(&adapter, answer(&head, &gzip), &[]).unwrap();
            assert_eq!(tokens.access_token().expose(), "a");
            assert!(tokens.quirks().contains(Quirk::UnaskedGzip));
        }
        let other = granted(&adapter, answer(&format!("{JSON}\r\nContent-Encoding: br"), b"\x8b\x01\x80{}"), &[]);
        assert!(other.unwrap_err().shown.contains("br"));
    }

    /// TR-3, TR-2: forms and byte order marks.
    fn f12_forms_and_marks_are_read_where_they_are_admitted(adapter: A) {
        let form = || answer("Content-Type: text/plain", b"access_token=xxxxx&expires=86400");
        departs(&adapter, form(), Quirk::FormEncodedAnswer, &[Quirk::NoTokenType]);
        let marked = answer(JSON, &[b"\xef\xbb\xbf", BODY].concat());
        departs(&adapter, marked, Quirk::ByteOrderMark, &[]);
    }
}
