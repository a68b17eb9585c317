//! An application in which somebody has logged in, at the sandbox.

use axum::Router;
use axum::body::Body;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{HeaderMap, Request};
use tower::ServiceExt as _;
use valetkey_async::jose::Algorithm;
use valetkey_async::{AuthorizationServer, Client, Quirk, http_client, now};
use valetkey_axum::{EXAMPLE_KEY, WebLogin};
use valetkey_sandbox::{Application, DEMO_USERS, FlowKind, Front, Person, Rights, Sandbox};

const SECRET: &str = "bench-SECRET-0123456789-0123456789-0123456789";

/// The application at this place, and the cookies of a browser in which Alice is logged in.
pub(crate) async fn logged_in(here: &str, site: fn(&WebLogin) -> Router) -> (Router, String) {
    let front = Front::start(Sandbox::demo([7; 32])).expect("a server");
    front.publish();
    let web = Application::confidential("web", SECRET)
        .flow(FlowKind::AuthorizationCode)
        .redirect_uri(&format!("{here}/callback"))
        .may_request(Rights::All)
        .id_tokens_by_secret();
    front.sandbox().add_application(web);
    let login = WebLogin::builder(http_client().expect("a client"), here, EXAMPLE_KEY)
        .on_loopback()
        .client_asking(client(front.url()), |request| request.scope("openid"))
        .build()
        .expect("an application");
    let router = site(&login);

    let post = Request::post("/login").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let asked = answered(&router, post.header("sec-fetch-site", "same-origin")).await;
    let [(name, password), _] = DEMO_USERS;
    let to = asked[LOCATION].to_str().expect("a URL");
    let arrival = front.sandbox().visit(to, &Person::new(name, password), now()).expect("she allows it");
    let back = arrival.url().expect("she comes back");
    let back = back.strip_prefix(here).expect("to the application");
    let came = answered(&router, Request::get(back).header(COOKIE, cookies(&asked))).await;
    (router, cookies(&came))
}

fn client(server: &str) -> Client {
    let at = |path: &str| format!("{server}{path}");
    let server = AuthorizationServer::new()
        .admit(Quirk::LoopbackHttp)
        .issuer(server)
        .and_then(|known| known.authorization_endpoint(&at("/oauth/auth")))
        .and_then(|known| known.token_endpoint(&at("/oauth/token")))
        .expect("a server");
    let client = Client::new(server, "web").secret(SECRET).expect("a client");
    client.id_token_algorithm(Algorithm::Hs256).expect("a long secret")
}

async fn answered(router: &Router, request: http::request::Builder) -> HeaderMap {
    let Ok(answer) = router.clone().oneshot(request.body(Body::empty()).expect("a request")).await;
    answer.headers().clone()
}

/// Those that an answer sets, as a browser brings them.
fn cookies(headers: &HeaderMap) -> String {
    let set = headers.get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    let kept = set.filter(|cookie| !cookie.contains("Max-Age=0"));
    let pairs: Vec<&str> = kept.filter_map(|cookie| cookie.split(';').next()).collect();
    pairs.join("; ")
}
