//! A page that says who is logged in, and is kept nowhere: [`NoStore`].

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, HeaderValue};

/// An answer of the application's own that no cache keeps (`Cache-Control: no-store`), so that the back button does not show after a log-out who
/// was logged in. For every answer in which a [`User`](crate::User) has a part. What else the answer says of caches is put away.
///
/// ```
/// use valetkey_axum::{NoStore, User};
///
/// async fn orders(user: User) -> NoStore<String> {
///     NoStore(format!("Orders of {}", user.name()))
/// }
/// # let _ = orders;
/// ```
#[derive(Clone, Copy, Debug)]
pub struct NoStore<T>(pub T);

impl<T: IntoResponse> IntoResponse for NoStore<T> {
    fn into_response(self) -> Response {
        let mut answer = self.0.into_response();
        answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        answer
    }
}
