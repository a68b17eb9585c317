//! What a server demands of a request.

use http::HeaderMap;
use http::header::{HeaderValue, WWW_AUTHENTICATE};
use valetkey_core::error::Challenge;

/// `WWW-Authenticate`, a header line for each line.
///
/// What is read is written so that it is read again, the same: over as many lines, and joined in one (RFC 9110 §5.3).
pub fn challenge(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(WWW_AUTHENTICATE, value);
        }
    }
    let Ok(challenges) = Challenge::parse(&headers) else { return };
    assert!(challenges.len() <= 64);
    for challenge in &challenges {
        let names: Vec<String> = challenge.parameters().map(|(name, _)| name.to_ascii_lowercase()).collect();
        assert!((1..names.len()).all(|at| !names[..at].contains(&names[at])), "no parameter comes twice");
        assert!(challenge.token68().is_none() || names.is_empty());
    }
    let written: Vec<String> = challenges.iter().map(ToString::to_string).collect();
    // Quoting every value may take the headers beyond their limit of 16 KiB.
    if written.join(", ").len() <= 16 * 1024 {
        assert_eq!(read(&written).as_ref(), Some(&challenges));
        assert_eq!(read(&[written.join(", ")]).as_ref(), Some(&challenges));
    }
}

fn read(lines: &[String]) -> Option<Vec<Challenge>> {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(WWW_AUTHENTICATE, HeaderValue::from_bytes(line.as_bytes()).ok()?);
    }
    Challenge::parse(&headers).ok()
}
