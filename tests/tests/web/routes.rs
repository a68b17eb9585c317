//! Which paths are routes, and by which methods, for a framework that hands its requests over.

use http::{Method, Request, Response, StatusCode};
use valetkey_axum::WebLogin;

use crate::world::World;

async fn answered(login: &WebLogin, method: &Method, path: &str) -> Response<Vec<u8>> {
    login.answer(&Request::builder().method(method).uri(path).body(Vec::new()).unwrap()).await
}

#[tokio::test]
async fn each_route_has_its_methods_and_says_which() {
    let world = World::new().await;
    let login = world.settings().client(world.client()).front_channel().build().unwrap();
    for (path, allowed) in [
        ("/login", "GET, HEAD, POST"),
        ("/login/failed", "GET, HEAD"),
        ("/callback", "GET, HEAD, POST"),
        ("/logout", "POST"),
        ("/logout/return", "GET, HEAD"),
        ("/logout/front-channel", "GET, HEAD"),
    ] {
        for method in [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS]
        {
            let answer = answered(&login, &method, path).await;
            let is_allowed = allowed.split(", ").any(|one| one == method.as_str());
            assert_eq!(answer.status() != StatusCode::METHOD_NOT_ALLOWED, is_allowed, "{method} {path}");
            assert_ne!(answer.status(), StatusCode::NOT_FOUND, "{method} {path}");
            match is_allowed {
                true => assert!(!answer.headers().contains_key("allow"), "{method} {path}"),
                false => assert_eq!(answer.headers()["allow"], allowed, "{method} {path}"),
            }
            if method == Method::HEAD && is_allowed {
                assert_eq!((answer.status(), answer.body().len()), (StatusCode::OK, 0), "{path}");
            }
            for (name, value) in [
                ("cache-control", "no-store"),
                ("referrer-policy", "no-referrer"),
                ("x-content-type-options", "nosniff"),
            ] {
                assert_eq!(answer.headers()[name], value, "{method} {path}");
            }
        }
    }
    // Who receives a log-out of the server refuses all but a POST by itself.
    for method in [Method::GET, Method::PUT] {
        let answer = answered(&login, &method, "/logout/back-channel").await;
        assert!(answer.status().is_client_error(), "{}", answer.status());
        assert_ne!(answer.status(), StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn what_is_no_route_is_not_found() {
    let world = World::new().await;
    let login = world.settings().client(world.client()).front_channel().build().unwrap();
    for path in [
        "/",
        "/login/",
        "/logins",
        "/login/failed/",
        "/log",
        "/callbacks",
        "/callback/third",
        "/logout/",
        "/logout/back",
        "/logout/back-channels",
        "/logout/back-channel/third",
        "/logout/front-channels",
        "/logout/front-channel/third",
        "/shop/login",
        "//login",
    ] {
        let method = if path.contains("back-channel/") { Method::POST } else { Method::GET };
        assert_eq!(answered(&login, &method, path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

/// Some frameworks take the path away that an application is nested at, and some do not.
#[tokio::test]
async fn below_a_path_a_route_is_known_with_it_and_without() {
    let world = World::new().await;
    let login = world.settings_at("https://app.example/shop").client(world.client()).build().unwrap();
    for (path, status) in [
        ("/shop/login/failed", StatusCode::BAD_REQUEST),
        ("/login/failed", StatusCode::BAD_REQUEST),
        ("/shopping/login/failed", StatusCode::NOT_FOUND),
        ("/shoplogin/failed", StatusCode::NOT_FOUND),
        ("/shop/shop/login/failed", StatusCode::NOT_FOUND),
        ("/other/login/failed", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(answered(&login, &Method::GET, path).await.status(), status, "{path}");
    }
}
