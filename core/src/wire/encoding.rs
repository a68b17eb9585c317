//! Answers that were compressed though nobody asked (RFC 9110 §8.4, §12.5.3): unpacked within the bounds of every answer.

use std::io::Read as _;
use std::mem;

use flate2::bufread::GzDecoder;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};

use crate::ground::error::{Error, malformed};
use crate::ground::flow::Response;
use crate::ground::limits::MAX_BODY;
use crate::ground::rule::Rule;
use crate::ground::text;
use crate::ground::wiped::Wiped;

/// How gzip begins (RFC 1952 §2.3.1).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The codings that a header can name and that are not gzip (RFC 9110 §18.6).
const OTHERS: [&str; 5] = ["br", "compress", "dcb", "deflate", "zstd"];

/// Marks an answer that was unpacked.
#[derive(Clone)]
struct Unpacked;

/// Whether the body came compressed.
pub(crate) fn was_unpacked(response: &Response) -> bool {
    response.extensions().get::<Unpacked>().is_some()
}

/// The answer as it was before somebody compressed it. No request of this library asks for that (it sends no
/// `Accept-Encoding`, which leaves the choice to the server), and networks that deliver content do it by themselves.
///
/// The header is no proof: some HTTP clients unpack a body and leave the header, and some servers leave it out or write a
/// charset or a media type into it. So gzip is known by how it begins, unless another coding is named; and a body that is
/// text is read as it is, whatever the header says.
///
/// A refusal is told by its status whatever its body is encoded as: what cannot be read of it is left out.
///
/// # Errors
///
/// [`Error::Malformed`] ([TR-2](crate::Rule::Tr2)) for a body that is neither gzip nor text, for gzip that is broken, and for more
/// than [`MAX_BODY`] bytes unpacked.
pub(crate) fn unpacked(mut response: Response) -> Result<Response, Error> {
    let named = encodings(&response);
    let names = |codings: &[&str]| named.iter().any(|name| codings.contains(&name.as_str()));
    let is_gzip = response.body().starts_with(&GZIP) && (names(&["gzip", "x-gzip"]) || !names(&OTHERS));
    if named.is_empty() && !is_gzip {
        return Ok(response);
    }
    let unpacked = if is_gzip {
        gunzip(response.body()).and_then(|body| readable(&body, &named).map(|()| Some(body)))
    } else {
        readable(response.body(), &named).map(|()| None)
    };
    let body = match unpacked {
        Err(error) if response.status().is_success() => return Err(error),
        unpacked => unpacked.unwrap_or(Some(Vec::new())),
    };
    response.headers_mut().remove(CONTENT_ENCODING);
    response.headers_mut().remove(CONTENT_LENGTH);
    if let Some(body) = body {
        response.extensions_mut().insert(Unpacked);
        drop(Wiped::new(mem::replace(response.body_mut(), body)));
    }
    Ok(response)
}

/// Whether it is text, as JSON and forms are: UTF-8 without control characters but blanks. What is compressed is not.
fn readable(body: &[u8], named: &[String]) -> Result<(), Error> {
    let is_control = |byte: &u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    if std::str::from_utf8(body).is_ok() && !body.iter().any(is_control) {
        return Ok(());
    }
    let named = if named.is_empty() { "gzip in gzip".to_owned() } else { named.join(", ") };
    Err(malformed(
        Rule::Tr2,
        format!(
            "the body of the answer is encoded as {}, which was not asked for and is not read",
            text::displayable(&named, &[])
        ),
    ))
}

/// What the body is said to be encoded as, in small letters.
fn encodings(response: &Response) -> Vec<String> {
    let mut names = Vec::new();
    for value in response.headers().get_all(CONTENT_ENCODING) {
        let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        let listed = value.split(',').map(str::trim).filter(|name| !name.is_empty() && *name != "identity");
        names.extend(listed.map(str::to_owned));
    }
    names
}

/// Unpacks one member of gzip (RFC 1952). The size that stands at its end is what is allocated, once, so that no copy of a
/// token is left behind, and never more than an answer may have.
fn gunzip(packed: &[u8]) -> Result<Vec<u8>, Error> {
    let broken = || malformed(Rule::Tr2, "the body of the answer is gzip, and is broken or cut short");
    // RFC 1952 §2.3.1: the last four bytes are the size of what was compressed.
    let size = packed.last_chunk().map(|size| u32::from_le_bytes(*size)).ok_or_else(broken)?;
    let size = usize::try_from(size).ok().filter(|size| *size <= MAX_BODY).ok_or_else(|| {
        malformed(Rule::Tr2, format!("the body of the answer is gzip, and is cut short or larger than {MAX_BODY} bytes when unpacked"))
    })?;
    // One more byte than it says, to see the end.
    let mut body = vec![0; size + 1];
    let mut filled = 0;
    let mut decoder = GzDecoder::new(packed);
    loop {
        let room = body.get_mut(filled..).unwrap_or_default();
        match decoder.read(room) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(_) => return Err(broken()),
        }
    }
    if filled != size || !decoder.into_inner().is_empty() {
        return Err(broken());
    }
    body.truncate(size);
    Ok(body)
}
