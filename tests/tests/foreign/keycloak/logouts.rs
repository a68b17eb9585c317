//! Log-outs of web applications (RP-Initiated Logout, Back-Channel Logout, Front-Channel Logout).

mod asynchronous {
    use http::header::{AUTHORIZATION, CONTENT_TYPE};
    use http::{Request, StatusCode};
    use serde_json::{Value, json};
    use valetkey_blocking::{Response, http_client, send};

    use super::super::rig;
    use crate::application::{Application, Registration, ends, in_chromium};

    fn sent(request: http::request::Builder, body: String, expected: StatusCode) -> Response {
        let answer = send(&http_client(), request.body(body.into_bytes()).unwrap()).unwrap();
        assert_eq!(answer.status(), expected, "{}", String::from_utf8_lossy(answer.body()));
        answer
    }

    /// Registers the application as the server's administrator would.
    fn registered(with: &Registration, is_front: bool) -> (String, String) {
        let url = rig().text("/url");
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("grant_type", "password"), ("client_id", "admin-cli")])
            .append_pair("username", rig().text("/admin/username"))
            .append_pair("password", rig().text("/admin/password"))
            .finish();
        let asks = Request::post(format!("{url}/realms/master/protocol/openid-connect/token"))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let tokens: Value = serde_json::from_slice(sent(asks, form, StatusCode::OK).body()).unwrap();
        let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
        let (id, secret) = (with.redirect_uri.clone(), "a secret of the application");
        let channel = if is_front {
            ("frontchannel.logout.url", &with.frontchannel_logout_uri)
        } else {
            ("backchannel.logout.url", &with.backchannel_logout_uri)
        };
        let client = json!({
            "clientId": id, "protocol": "openid-connect", "secret": secret, "clientAuthenticatorType": "client-secret",
            "redirectUris": [with.redirect_uri], "standardFlowEnabled": true, "frontchannelLogout": is_front,
            "defaultClientScopes": ["basic"],
            "attributes": {
                channel.0: channel.1, "backchannel.logout.session.required": "true",
                "frontchannel.logout.session.required": "true",
                "post.logout.redirect.uris": with.post_logout_redirect_uri,
            },
        });
        let asks = Request::post(format!("{url}/admin/realms/{}/clients", rig().text("/realm")))
            .header(CONTENT_TYPE, "application/json")
            .header(AUTHORIZATION, bearer);
        sent(asks, client.to_string(), StatusCode::CREATED);
        (id, secret.to_owned())
    }

    fn end_session() -> String {
        format!("{}/protocol/openid-connect/logout", rig().text("/issuer"))
    }

    /// LO-9 to LO-16: Alice logs out at the server itself, which tells the process that did not log her in. She is logged out in
    /// both, and in no other browser of hers.
    #[test]
    #[ignore = "needs servers from npm and Maven Central: tests/interop/servers/run"]
    fn a_log_out_at_the_server_is_told_to_the_other_process() {
        let application = Application::at(rig(), |with| registered(with, false));
        let (mut alice, mut elsewhere) = (application.log_in(), application.log_in());
        assert_eq!(application.greets(&mut alice), ["Hello, alice"; 2]);
        let asks = alice.sees(&end_session(), None);
        assert_eq!(application.announced(), Vec::<String>::new());
        alice.fills_in(&asks);
        assert_eq!(application.announced(), ["second/logout/back-channel"]);
        assert_eq!(application.failures(), Vec::<String>::new());
        assert_eq!(application.greets(&mut alice), ["Hello, stranger"; 2]);
        assert_eq!(application.greets(&mut elsewhere), ["Hello, alice"; 2], "it was another login");
        assert_eq!(application.log_in_at(&mut alice, "/login?return_to=/orders"), "Orders of alice");
    }

    /// LO-1, LO-6: she logs out in the application; the server knows her by the ID token, and sends the browser back with its `state`.
    #[test]
    #[ignore = "needs servers from npm and Maven Central: tests/interop/servers/run"]
    fn a_log_out_in_the_application_goes_on_at_the_server() {
        let application = Application::at(rig(), |with| registered(with, false));
        let mut alice = application.log_in();
        let back = application.log_out(&mut alice);
        assert_eq!(back.url.trim_end_matches('/'), application.base, "{}", back.page);
        // It tells nobody about a login whose tokens are revoked already: that the session ended is in the store.
        assert_eq!(application.announced(), [""; 0]);
        assert_eq!(application.failures(), [""; 0]);
        assert_eq!(application.greets(&mut alice), ["Hello, stranger"; 2]);
        let form = alice.sees(&format!("{}/login", application.base), None);
        assert!(form.page.contains("name=\"password\""), "{}", form.page);
    }

    /// LO-17: the server's page has the application in a frame, which the browser opens with the application's cookies.
    #[test]
    #[ignore = "needs servers from npm and Maven Central: tests/interop/servers/run"]
    fn a_log_out_at_the_server_is_told_through_the_browser() {
        let application = Application::at(rig(), |with| registered(with, true));
        let (mut alice, mut elsewhere) = (application.log_in(), application.log_in());
        let asks = alice.sees(&end_session(), None);
        let framing = alice.fills_in(&asks).page;
        let frame = framing.split("<iframe").nth(1).and_then(|rest| rest.split("src=\"").nth(1));
        let frame =
            frame.and_then(|rest| rest.split('"').next()).unwrap_or_else(|| panic!("no frame: {framing}"));
        let frame = frame.replace("&amp;", "&");
        assert!(frame.starts_with(&format!("{}/logout/front-channel?", application.base)), "{frame}");
        // The same frame in a browser of another login ends nothing there.
        elsewhere.sees(&frame, None);
        assert_eq!(application.greets(&mut elsewhere), ["Hello, alice"; 2]);
        assert_eq!(application.greets(&mut alice), ["Hello, alice"; 2], "the frame was not opened yet");
        alice.sees(&frame, None);
        assert_eq!(application.announced(), ["first/logout/front-channel"; 2]);
        assert_eq!(application.failures(), Vec::<String>::new());
        assert_eq!(application.greets(&mut alice), ["Hello, stranger"; 2]);
    }

    /// The same in Chromium, which shows the frame by itself: to it this server and the application are of one site, so that the
    /// cookie comes along.
    #[tokio::test(flavor = "multi_thread")]
    #[ignore = "needs servers from npm and Maven Central, and Chromium: tests/interop/servers/run"]
    async fn a_log_out_through_the_browser_in_chromium() {
        let at = || Application::at(rig(), |with| registered(with, true));
        let application = tokio::task::spawn_blocking(at).await.unwrap();
        let mut visit = in_chromium(&format!("{}/orders", application.base)).await;
        for (field, text) in [("username", "alice"), ("password", "wonderland")] {
            visit.find(&format!("input[name={field}]")).await.send_keys(text).await.unwrap();
        }
        visit.press("#kc-login").await;
        assert_eq!(visit.text("body").await, "Orders of alice");
        visit.client.goto(&end_session()).await.unwrap();
        visit.press("#kc-logout").await;
        // The page is whole when its frame is.
        assert_eq!(application.announced(), ["first/logout/front-channel"]);
        for process in [&application.base, &application.other] {
            visit.client.goto(process).await.unwrap();
            assert!(visit.text("body").await.starts_with("Hello, stranger"), "{process}");
        }
        assert_eq!(application.failures(), Vec::<String>::new());
        ends(visit).await;
        tokio::task::spawn_blocking(move || drop(application)).await.unwrap();
    }
}
