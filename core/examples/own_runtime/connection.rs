//! One HTTP/1.1 exchange over a socket that never blocks: [`Connection`].

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

use valetkey_core::host::MAX_BODY;
use valetkey_core::{Request, Response};

/// The most bytes of an answer that are read, its head included.
const MAX_ANSWER: usize = MAX_BODY + 64 * 1024;

/// A request on its way, and what has come of its answer so far.
pub(crate) struct Connection {
    stream: TcpStream,
    unsent: Vec<u8>,
    received: Vec<u8>,
}

impl Connection {
    /// Connects and sends as much as the socket takes at once.
    ///
    /// The standard library can only wait for a connection, which on loopback is there at once; a real host connects
    /// through its own poller.
    pub(crate) fn open(request: &Request) -> io::Result<Self> {
        let authority = request.uri().authority().ok_or_else(|| invalid("the URI has no authority"))?;
        let stream = TcpStream::connect((authority.host(), authority.port_u16().unwrap_or(80)))?;
        stream.set_nonblocking(true)?;
        Ok(Self { stream, unsent: written(request, authority.as_str()), received: Vec::new() })
    }

    /// Goes on as far as it can without waiting. `None` if the answer is not complete.
    pub(crate) fn poll(&mut self) -> io::Result<Option<Response>> {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(sent) => drop(self.unsent.drain(..sent)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        let mut piece = [0; 4096];
        loop {
            match self.stream.read(&mut piece) {
                Ok(0) => return self.answer(true),
                Ok(length) => self.received.extend_from_slice(piece.get(..length).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return self.answer(false),
                Err(error) => return Err(error),
            }
            if self.received.len() > MAX_ANSWER {
                return Err(invalid("the answer is too large"));
            }
        }
    }

    /// The answer, if it is all there. Redirects and refusals are answers too.
    fn answer(&self, is_closed: bool) -> io::Result<Option<Response>> {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut head = httparse::Response::new(&mut headers);
        let head_size = match head.parse(&self.received).map_err(invalid)? {
            httparse::Status::Complete(size) => size,
            httparse::Status::Partial if is_closed => return Err(ErrorKind::UnexpectedEof.into()),
            httparse::Status::Partial => return Ok(None),
        };
        let mut response = http::Response::builder().status(head.code.unwrap_or_default());
        let mut length = None;
        for header in head.headers {
            if header.name.eq_ignore_ascii_case("transfer-encoding") {
                return Err(invalid("this example reads no chunked body, and the sandbox sends none"));
            }
            if header.name.eq_ignore_ascii_case("content-length") {
                let digits = std::str::from_utf8(header.value).map_err(invalid)?;
                length = Some(digits.parse::<usize>().map_err(invalid)?);
            }
            response = response.header(header.name, header.value);
        }
        let body = self.received.get(head_size..).unwrap_or_default();
        let body = match length {
            Some(length) if body.len() >= length => body.get(..length).unwrap_or_default(),
            None if is_closed => body,
            _ if is_closed => return Err(ErrorKind::UnexpectedEof.into()),
            _ => return Ok(None),
        };
        response.body(body.to_vec()).map(Some).map_err(invalid)
    }
}

/// The request's bytes. Each has a connection of its own.
fn written(request: &Request, host: &str) -> Vec<u8> {
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let mut bytes =
        format!("{} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n", request.method())
            .into_bytes();
    for (name, value) in request.headers() {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n", request.body().len()).as_bytes());
    bytes.extend_from_slice(request.body());
    bytes
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, error)
}
