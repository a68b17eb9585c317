//! What is answered at each route: for any framework that has requests and responses of the crate `http`.

use http::header::{ALLOW, HeaderValue};
use http::{Method, Request, StatusCode};

use crate::asked::is_prefetch;
use crate::page::{Answer, bare};
use crate::web_login::WebLogin;

/// The largest body that a route takes, in bytes: more is [answered](WebLogin::answer) with 413.
pub const MAX_BODY: usize = 128 * 1024;

impl WebLogin {
    /// Answers a request to one of the routes, below the base URL's path or without it. Other frameworks than axum call this.
    ///
    /// A path that is no route is 404, another method 405, a body larger than [`MAX_BODY`] 413. A HEAD and a prefetch do nothing. A login
    /// or log-out that was begun is carried to its end, also if the future is dropped.
    pub async fn answer(&self, request: &Request<Vec<u8>>) -> http::Response<Vec<u8>> {
        if request.body().len() > MAX_BODY {
            return bare(StatusCode::PAYLOAD_TOO_LARGE);
        }
        let route = self.0.base.route(request.uri().path());
        let Some((route, name)) = known(route) else { return bare(StatusCode::NOT_FOUND) };
        let (methods, allowed): (&[Method], &'static str) = match route {
            Route::Login => (&[Method::GET, Method::HEAD, Method::POST], "GET, HEAD, POST"),
            Route::Callback => (&[Method::GET, Method::HEAD, Method::POST], "GET, HEAD, POST"),
            Route::Failed | Route::Return | Route::FrontChannel => {
                (&[Method::GET, Method::HEAD], "GET, HEAD")
            }
            Route::Logout => (&[Method::POST], "POST"),
            // Who refuses another method says why.
            Route::BackChannel => (&[], "POST"),
        };
        if !methods.is_empty() && !methods.contains(request.method()) {
            let mut answer = bare(StatusCode::METHOD_NOT_ALLOWED);
            answer.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
            return answer;
        }
        if request.method() == Method::HEAD {
            return bare(StatusCode::OK);
        }
        // Not a success: the browser keeps nothing of it, and asks anew when the person comes.
        if is_prefetch(request.headers()) {
            return bare(StatusCode::SERVICE_UNAVAILABLE);
        }
        self.routed(route, name, request).await
    }

    async fn routed(&self, route: Route, name: &str, request: &Request<Vec<u8>>) -> Answer {
        match route {
            Route::Login => self.login(request).await,
            Route::Failed => self.failed(request),
            Route::Return => self.returned(request).await,
            Route::BackChannel => self.back_channel(name, request).await,
            // A tab that is closed drops the request, and these would be left half-way.
            Route::Callback | Route::Logout | Route::FrontChannel => {
                let (login, name, request) = (self.clone(), name.to_owned(), request.clone());
                let work = async move {
                    match route {
                        Route::Logout => login.log_out(&request).await,
                        Route::FrontChannel => login.front_channel(&name, &request).await,
                        _ => login.callback(&name, &request).await,
                    }
                };
                self.to_its_end(work).await
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Route {
    Login,
    Failed,
    Callback,
    Logout,
    Return,
    BackChannel,
    FrontChannel,
}

/// The route of a path, and the name of the client in it.
fn known(path: &str) -> Option<(Route, &str)> {
    let route = match path {
        "/login" => Route::Login,
        "/login/failed" => Route::Failed,
        "/logout" => Route::Logout,
        "/logout/return" => Route::Return,
        _ => {
            return NAMED.iter().find_map(|(route, start)| {
                let rest = path.strip_prefix(start)?;
                let name = if rest.is_empty() { rest } else { rest.strip_prefix('/')? };
                Some((*route, name))
            });
        }
    };
    Some((route, ""))
}

const NAMED: [(Route, &str); 3] = [
    (Route::Callback, "/callback"),
    (Route::BackChannel, "/logout/back-channel"),
    (Route::FrontChannel, "/logout/front-channel"),
];

/// The paths of all routes, as axum writes them.
pub(crate) const PATHS: [&str; 10] = [
    "/login",
    "/login/failed",
    "/callback",
    "/callback/{name}",
    "/logout",
    "/logout/return",
    "/logout/back-channel",
    "/logout/back-channel/{name}",
    "/logout/front-channel",
    "/logout/front-channel/{name}",
];
