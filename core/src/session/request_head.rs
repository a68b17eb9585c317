//! What a call needs to know of its request: [`RequestHead`].

use http::{HeaderMap, Method, Uri};

use crate::ground::flow::Request;

/// The head of an API request: everything but its body. Of the body it is known who says where it ends, and how long it is.
///
/// A [`Request`] has its body with it, which is sent with its length (RFC 9112 §6.2): `RequestHead::from(&request)`, or just
/// `&request` where a head is asked for. The body of any other request is carried by another HTTP client:
///
/// ```
/// # use valetkey_core::session::RequestHead;
/// # fn send<B>(request: http::Request<B>) {
/// let head = RequestHead::new(request.method(), request.uri(), request.headers());
/// # let _ = head;
/// # }
/// ```
#[derive(Clone, Copy)]
pub struct RequestHead<'a> {
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a Uri,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: Body,
}

/// What is known of the body that goes with a request's head.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Body {
    /// It is here, has so many bytes, and goes with its length.
    Here(u64),
    /// Another client carries it, and says where it ends; its length in bytes, if that is known here.
    Elsewhere(Option<u64>),
}

impl<'a> RequestHead<'a> {
    /// The head of a request whose body another HTTP client carries. How the body is framed is that client's matter: a
    /// `Content-Length`, or a `Transfer-Encoding` of `chunked`, a `Trailer`, and an `Upgrade` to another protocol are let
    /// through beside a token.
    #[must_use]
    pub const fn new(method: &'a Method, uri: &'a Uri, headers: &'a HeaderMap) -> Self {
        Self { method, uri, headers, body: Body::Elsewhere(None) }
    }

    /// The same with the length of that body in bytes, where it is known: a `Content-Length` must be just that.
    #[must_use]
    pub const fn with_length(self, length: Option<u64>) -> Self {
        Self { body: Body::Elsewhere(length), ..self }
    }

    /// The same of a body that is sent with its length, this many bytes, as that of a [`Request`] is: nothing else may say where
    /// it ends.
    #[must_use]
    pub const fn sent_by_length(self, length: u64) -> Self {
        Self { body: Body::Here(length), ..self }
    }
}

impl<'a> From<&'a Request> for RequestHead<'a> {
    fn from(request: &'a Request) -> Self {
        // A length beyond what a number holds is not the length of a body that is here.
        let length = u64::try_from(request.body().len()).unwrap_or(u64::MAX);
        Self::new(request.method(), request.uri(), request.headers()).sent_by_length(length)
    }
}

/// Without the query and the headers, which may hold secrets.
impl std::fmt::Debug for RequestHead<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RequestHead")
            .field("method", self.method)
            .field("path", &self.uri.path())
            .finish_non_exhaustive()
    }
}
