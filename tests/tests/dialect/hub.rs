//! JetBrains Hub: Space's flows under other endpoints, with services for scopes.

use valetkey_core::dialect::hub::Hub;
use valetkey_core::dialect::jetbrains::{Application, RequestCredentials};
use valetkey_core::session::Call;
use valetkey_core::{Flow, Grant, Rule, Step, TokenRequest};
use valetkey_tests::{NOW, entropy, get};

#[test]
fn hub_has_its_own_endpoints() {
    for url in ["https://youtrack.example/hub", "https://youtrack.example/hub/"] {
        let hub = Hub::new(url).unwrap();
        let app = hub.application("f8d9e2a4-0000-4000-8000-6f1f3c9b2a10");
        let request = app.authorization_code("https://app.example/callback").unwrap();
        let request = request.scope(Hub::scope(["0-0-0-0-0"]).unwrap()).unwrap().offline();
        let (browser, _) =
            request.request_credentials(RequestCredentials::Silent).begin_unbound(entropy(1), NOW).unwrap();
        let (endpoint, query) = browser.as_str().split_once('?').unwrap();
        assert_eq!(endpoint, "https://youtrack.example/hub/api/rest/oauth2/auth");
        assert!(
            query.contains("&scope=0-0-0-0-0&access_type=offline&request_credentials=silent&"),
            "{query}"
        );

        let mut flow = TokenRequest::new(&app, Grant::client_credentials()).unwrap();
        let Step::Send(request) = flow.step(None, NOW).unwrap() else { panic!("nothing to send") };
        assert_eq!(request.uri(), "https://youtrack.example/hub/api/rest/oauth2/token");
        assert_eq!(hub.api("/users/me"), "https://youtrack.example/hub/api/rest/users/me");
    }
}

/// WA-5: a token goes to the service, and to the APIs of other services that are named.
#[test]
fn the_apis_of_other_services_are_named() {
    let hub = Hub::new("https://youtrack.example/hub").unwrap();
    let allowed = |app: &Application, url: &str| {
        Call::new(app.client_credentials(Hub::scope(["0-0-0-0-0"]).unwrap()).unwrap().shared(), &get(url))
            .is_ok()
    };
    let app = hub.application("id");
    assert!(allowed(&app, "https://youtrack.example/api/issues"));
    assert!(!allowed(&app, "https://upsource.example/api"));
    let app = app.api("https://upsource.example").unwrap();
    assert!(allowed(&app, "https://youtrack.example/api/issues"));
    assert!(allowed(&app, "https://upsource.example/api"));
    assert_eq!(app.client().id(), "id");
    assert_eq!(app.api("http://upsource.example").unwrap_err().rule(), Some(Rule::Di5));
}

/// DI-5, TR-11: what is no service and no scope is refused.
#[test]
fn what_is_no_service_is_refused() {
    for url in ["http://youtrack.example/hub", "https://youtrack.example/hub?x", "youtrack.example"] {
        assert_eq!(Hub::new(url).unwrap_err().rule(), Some(Rule::Di5), "{url}");
    }
    assert!(Hub::on_loopback("http://localhost:8080/hub").is_ok());
    let two = Hub::scope(["0-0-0-0-0", "f8d9e2a4-0000-4000-8000-6f1f3c9b2a10"]).unwrap();
    assert_eq!(two.iter().count(), 2);
    assert_eq!(Hub::scope::<&str>([]).unwrap_err().rule(), Some(Rule::Tr11));
}
