//! How axum sends an answer: [`sent`].

use axum::body::Body;
use axum::response::Response;

use crate::page::Answer;

/// An answer as axum sends it.
pub(crate) fn sent(answer: Answer) -> Response {
    answer.map(Body::from)
}
