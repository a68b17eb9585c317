//! Log-outs of web applications (RP-Initiated Logout, Back-Channel Logout): this server registers clients that are told.

mod asynchronous {
    use http::header::CONTENT_TYPE;
    use serde_json::{Value, json};

    use super::super::rig;
    use crate::application::{Application, Registration, ends, in_chromium};
    use crate::browser::Browser;

    /// Registers the application by the server's own endpoint (Dynamic Client Registration §3.1).
    fn registered(with: &Registration) -> (String, String) {
        let asked = json!({
            "redirect_uris": [with.redirect_uri],
            "post_logout_redirect_uris": [with.post_logout_redirect_uri],
            "backchannel_logout_uri": with.backchannel_logout_uri,
            "backchannel_logout_session_required": true,
            "grant_types": ["authorization_code", "refresh_token"],
        });
        let request = http::Request::post(format!("{}/reg", rig().text("/issuer")))
            .header(CONTENT_TYPE, "application/json")
            .body(asked.to_string().into_bytes())
            .unwrap();
        let answer = valetkey_blocking::send(&valetkey_blocking::http_client(), request).unwrap();
        assert_eq!(answer.status(), 201, "{}", String::from_utf8_lossy(answer.body()));
        let told: Value = serde_json::from_slice(answer.body()).unwrap();
        let text = |name: &str| told[name].as_str().unwrap().to_owned();
        (text("client_id"), text("client_secret"))
    }

    /// LO-9 to LO-16: Alice logs out at the server itself, which tells the process that did not log her in. She is logged out in
    /// both, and in no other browser of hers.
    #[test]
    #[ignore = "needs servers from npm and Maven Central: tests/interop/servers/run"]
    fn a_log_out_at_the_server_is_told_to_the_other_process() {
        let application = Application::at(rig(), registered);
        let (mut alice, mut elsewhere) = (application.log_in(), application.log_in());
        assert_eq!(application.greets(&mut alice), ["Hello, alice"; 2]);
        let asks = alice.sees(&format!("{}/session/end", rig().text("/issuer")), None);
        assert_eq!(application.announced(), Vec::<String>::new());
        alice.fills_in(&asks);
        // The server waits for the answer before it goes on.
        assert_eq!(application.announced(), ["second/logout/back-channel"]);
        assert_eq!(application.failures(), Vec::<String>::new());
        assert_eq!(application.greets(&mut alice), ["Hello, stranger"; 2]);
        assert_eq!(application.greets(&mut elsewhere), ["Hello, alice"; 2], "it was another login");
        // She logs in again, with the server's form before it.
        assert_eq!(application.log_in_at(&mut alice, "/login?return_to=/orders"), "Orders of alice");
    }

    /// LO-1, LO-6: she logs out in the application, the server asks her once more, and the browser is back with its `state`. The
    /// server tells the application about its own log-out, too, which is well.
    #[test]
    #[ignore = "needs servers from npm and Maven Central: tests/interop/servers/run"]
    fn a_log_out_in_the_application_goes_on_at_the_server() {
        let application = Application::at(rig(), registered);
        let mut alice = application.log_in();
        let asks = application.log_out(&mut alice);
        assert!(asks.url.starts_with(&format!("{}/session/end?", rig().text("/issuer"))), "{}", asks.url);
        for parameter in ["id_token_hint=", "post_logout_redirect_uri=", "state="] {
            assert!(asks.url.contains(parameter), "{parameter} is not in {}", asks.url);
        }
        assert_eq!(
            application.greets(&mut alice),
            ["Hello, stranger"; 2],
            "it is over here before it is there"
        );
        let back = alice.fills_in(&asks);
        assert_eq!(back.url.trim_end_matches('/'), application.base, "{}", back.page);
        assert_eq!(application.announced(), ["second/logout/back-channel"]);
        assert_eq!(application.failures(), Vec::<String>::new());
        // The login is over at the server: it asks for the password again.
        let form = alice.sees(&format!("{}/login", application.base), None);
        assert!(form.page.contains("name=\"password\""), "{}", form.page);
    }

    /// The same in Chromium, from a page that she wants to go to: the server's own pages, and its question.
    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "needs servers from npm and Maven Central, and Chromium: tests/interop/servers/run"]
    async fn a_log_in_and_a_log_out_in_chromium() {
        let application = tokio::task::spawn_blocking(|| Application::at(rig(), registered)).await.unwrap();
        let mut visit = in_chromium(&format!("{}/orders", application.base)).await;
        for (field, text) in [("login", "alice"), ("password", "wonderland")] {
            visit.find(&format!("input[name={field}]")).await.send_keys(text).await.unwrap();
        }
        visit.press("button[type=submit]").await;
        // What she allows.
        visit.press("button[type=submit]").await;
        assert_eq!(visit.text("body").await, "Orders of alice");
        visit.client.goto(&application.other).await.unwrap();
        assert!(visit.text("body").await.starts_with("Hello, alice"));
        visit.client.goto(&application.base).await.unwrap();
        visit.press("form[action='/logout'] button").await;
        assert_eq!(application.announced(), Vec::<String>::new());
        visit.press("button[value=yes]").await;
        assert_eq!(visit.client.current_url().await.unwrap().as_str(), format!("{}/", application.base));
        assert!(visit.text("body").await.starts_with("Hello, stranger"));
        assert_eq!(application.announced(), ["second/logout/back-channel"]);
        assert_eq!(application.failures(), Vec::<String>::new());
        ends(visit).await;
        tokio::task::spawn_blocking(move || drop(application)).await.unwrap();
    }

    /// TP-1, TP-2: a login that the server starts, in another browser.
    #[test]
    #[ignore = "needs servers from npm and Maven Central: tests/interop/servers/run"]
    fn a_login_that_the_server_starts() {
        let application = Application::at(rig(), registered);
        let start = form_urlencoded::Serializer::new("/login?".to_owned())
            .append_pair("iss", rig().text("/issuer"))
            .append_pair("target_link_uri", &format!("{}/orders", application.base))
            .finish();
        assert_eq!(application.log_in_at(&mut Browser::new(), &start), "Orders of alice");
        assert_eq!(application.failures(), Vec::<String>::new());
    }
}
