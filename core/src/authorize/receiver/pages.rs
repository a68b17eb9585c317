//! What a receiver writes back. Each page says the same whatever the response was, and holds nothing of it
//! ([LB-3](crate::Rule::Lb3)).

macro_rules! page {
    ($title:literal, $text:literal) => {
        concat!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>",
            $title,
            "</title></head><body><h1>",
            $title,
            "</h1><p>",
            $text,
            "</p></body></html>\n"
        )
    };
}

/// The response came, and its parameters have left the address bar.
pub(super) const DONE: &str = page!("Done", "You can close this window and go back to the program.");

/// The response came once more.
pub(super) const AGAIN: &str = page!(
    "Done already",
    "This login has come back already, and the program goes on with it. You can close this page."
);

/// A browser that fetches ahead.
pub(super) const LATER: &str = page!("Not yet", "Reload this page.");

/// More came than is read.
pub(super) const TOO_LARGE: &str = page!(
    "Too many cookies",
    "Your browser sent more cookies than fit into its request. Clear the cookies that it keeps for this computer \
     (127.0.0.1 or localhost), and reload this page."
);

/// Whatever is not the response.
const NOTHING: &str =
    page!("Nothing here", "A program waits here for a login, and this is not its response.");

pub(super) fn refusal(status: &str) -> Vec<u8> {
    answer(status, "", NOTHING)
}

/// An answer with this status, these header lines, this body.
pub(super) fn answer(status: &str, header: &str, body: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\n{header}Content-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\
         Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
