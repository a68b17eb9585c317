//! What outlives a process: written and taken up the same, and time that never overflows.

#![expect(deprecated, reason = "a pending implicit request is stored too")]

use std::time::Duration;

use proptest::option;
use proptest::prelude::*;
use serde_json::Value;
use valetkey_core::authorize::{ImplicitRequest, PendingImplicit, ResponseMode};
use valetkey_core::error::Refused;
use valetkey_core::session::{Margin, SessionRecord};
use valetkey_core::{
    AuthorizationRequest, AuthorizationResponse, Flow, Grant, PendingAuthorization, RefreshToken, Scope,
    Session, TokenRequest, UnixTime,
};
use valetkey_tests::arbitrary::{moments, nqchars, vschars};
use valetkey_tests::stored::Record;
use valetkey_tests::world::{World, token};
use valetkey_tests::{NOW, client, entropy, json};

const CALLBACK: &str = "https://app.example/callback";

fn modes() -> impl Strategy<Value = ResponseMode> {
    prop_oneof![Just(ResponseMode::Query), Just(ResponseMode::Fragment), Just(ResponseMode::FormPost)]
}

/// Written, read and written again it is the same. A member that an older library does not know is ignored; a version
/// that it does not know is refused, and so is a record without one.
fn survives<T: Record>(value: &T) -> T {
    let written = serde_json::to_value(value).unwrap();
    let version = written["version"].as_u64().unwrap();
    let read = T::read(&written.to_string()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), written);
    let from_text = T::read(&serde_json::to_string_pretty(&written).unwrap()).unwrap();
    assert_eq!(serde_json::to_value(&from_text).unwrap(), written);

    let with = |name: &str, value: Value| {
        let mut changed = written.clone();
        changed[name] = value;
        T::read(&changed.to_string())
    };
    let newer = with("x-new", serde_json::json!({"a": [1, null]})).unwrap();
    assert_eq!(serde_json::to_value(&newer).unwrap(), written);
    for version in [serde_json::json!(0), serde_json::json!(version + 1), serde_json::json!("1"), Value::Null]
    {
        assert!(with("version", version).is_err());
    }
    let mut without = written;
    without.as_object_mut().unwrap().remove("version");
    assert!(T::read(&without.to_string()).is_err());
    read
}

/// A record in which a value was spoiled is refused, whichever it is.
fn refuses_spoiled<T: Record>(value: &T, names: &[&str]) {
    for name in names {
        for bad in [serde_json::json!({"x": 1}), serde_json::json!([]), serde_json::json!(-1.5)] {
            let mut written = serde_json::to_value(value).unwrap();
            assert!(!written[*name].is_null(), "{name} is there");
            written[*name] = bad;
            assert!(T::read(&written.to_string()).is_err(), "{name}");
        }
    }
}

#[test]
fn a_spoiled_record_is_refused() {
    let request = AuthorizationRequest::new(&client(), CALLBACK).unwrap().scope("a").unwrap();
    let (_, pending) = request.begin("session", entropy(1), NOW).unwrap();
    refuses_spoiled(
        &pending,
        &[
            "client_id",
            "issuer",
            "token_endpoint",
            "redirect_uri",
            "response_mode",
            "state",
            "expires_at",
            "session",
            "spent",
            "code_verifier",
            "scope",
        ],
    );
    let mut world = World::of(Session::from_refresh_token(&client(), RefreshToken::new("r").unwrap()));
    world.answers(200, &token("a", 600, Some("r1")).replace('}', r#","scope":"a"}"#));
    world.calls(1);
    let record = world.session.record().unwrap();
    refuses_spoiled(
        &record,
        &[
            "client_id",
            "issuer",
            "token_endpoint",
            "subject",
            "scope",
            "access_token",
            "expires_at",
            "refresh_token",
        ],
    );
    // What no such secret can be is no such secret: AQ-2, AR-8, TR-5, TR-10.
    for (name, bad) in [("code_verifier", "short"), ("state", ""), ("state", "a\nb")] {
        let mut written = serde_json::to_value(&pending).unwrap();
        written[name] = bad.into();
        assert!(PendingAuthorization::read(&written.to_string()).is_err());
    }
    for (name, bad) in [("access_token", ""), ("access_token", "a\r\nb"), ("refresh_token", "é")] {
        let mut written = serde_json::to_value(&record).unwrap();
        written[name] = bad.into();
        assert!(serde_json::from_value::<SessionRecord>(written).is_err());
    }
}

proptest! {
    #[test]
    fn a_pending_authorization_is_taken_up_as_it_was(
        mode in modes(), tokens in option::of(nqchars(8)), session in option::of("[!-~].*"), now in moments(),
        valid_for in any::<u32>(), seed in any::<u8>(), spend in any::<bool>(),
    ) {
        let mut request = AuthorizationRequest::new(&client(), CALLBACK).unwrap().response_mode(mode);
        request = request.valid_for(Duration::from_secs(valid_for.into()));
        if let Some(token) = tokens {
            request = request.scope(Scope::new([token]).unwrap()).unwrap();
        }
        let (_, mut pending) = match &session {
            Some(session) => request.begin(session, entropy(seed), now).unwrap(),
            None => request.begin_unbound(entropy(seed), now).unwrap(),
        };
        let separator = if mode == ResponseMode::Fragment { '#' } else { '?' };
        let response = format!("{CALLBACK}{separator}code=c&state={}", pending.state());
        let mut response = AuthorizationResponse::from_url(&response).unwrap();
        if let Some(session) = &session {
            response = response.received_in(session);
        }
        if spend {
            let _ = pending.finish(&client(), &response, now);
        }
        let mut restored: PendingAuthorization = survives(&pending);
        prop_assert_eq!(restored.state(), pending.state());
        prop_assert_eq!((restored.redirect_uri(), restored.response_mode()), (CALLBACK, mode));
        prop_assert_eq!(restored.is_spent(), pending.is_spent());
        prop_assert_eq!(restored.recognizes(&response), pending.recognizes(&response));
        // Each does what the other does.
        let (one, two) = (restored.finish(&client(), &response, now), pending.finish(&client(), &response, now));
        prop_assert_eq!(one.as_ref().err().map(ToString::to_string), two.as_ref().err().map(ToString::to_string));
        if let (Ok(mut one), Ok(mut two)) = (one, two) {
            prop_assert_eq!(format!("{:?}", one.step(None, now).unwrap()), format!("{:?}", two.step(None, now).unwrap()));
        }
    }

    #[test]
    fn a_pending_implicit_is_taken_up_as_it_was(token in option::of(nqchars(8)), now in moments(), seed in any::<u8>()) {
        let mut request = ImplicitRequest::new(&client(), CALLBACK).unwrap().valid_for(Duration::from_secs(60));
        if let Some(token) = token {
            request = request.scope(Scope::new([token]).unwrap()).unwrap();
        }
        let (_, pending) = request.begin("s", entropy(seed), now).unwrap();
        let mut restored: PendingImplicit = survives(&pending);
        let back = format!("{CALLBACK}#access_token=t&token_type=bearer&expires_in=60&state={}", pending.state());
        let response = AuthorizationResponse::from_url(&back).unwrap().received_in("s");
        prop_assert!(restored.recognizes(&response));
        let tokens = restored.finish(&client(), &response, now).unwrap();
        prop_assert!(restored.is_spent() && !pending.is_spent());
        prop_assert_eq!(tokens.expires_at(), Some(now.after(Duration::from_secs(60))));
        survives(&restored);
    }

    /// A restored session uses its token as long, and renews as early, as the one that was stored.
    #[test]
    fn a_session_is_taken_up_as_it_was(
        access in vschars(20), refresh in option::of(vschars(20)), lifetime in option::of(any::<u64>()),
        asked in moments(), now in moments(), scope in option::of(nqchars(8)),
    ) {
        let member = |name: &str, value: Option<String>| {
            value.map(|value| format!(",\"{name}\":{value}")).unwrap_or_default()
        };
        let text = |text: &str| serde_json::to_string(text).unwrap();
        let body = format!(
            "{{\"access_token\":{},\"token_type\":\"Bearer\"{}{}{}}}",
            text(&access),
            member("expires_in", lifetime.map(|lifetime| lifetime.to_string())),
            member("refresh_token", refresh.as_deref().map(text)),
            member("scope", scope.as_deref().map(text)),
        );
        let mut flow = TokenRequest::new(&client(), Grant::client_credentials()).unwrap();
        let _ = flow.step(None, asked).unwrap();
        let Ok(valetkey_core::Step::Done(tokens)) = flow.step(Some(json(200, &body)), now) else {
            panic!("no tokens")
        };
        let session = Session::from_tokens(&client(), &tokens);
        let restored = Session::from_record(&client(), survives(&session.record().unwrap())).unwrap();
        prop_assert_eq!(restored.subject(), session.subject());
        prop_assert_eq!(restored.refresh_token(), session.refresh_token());
        prop_assert_eq!(restored.scope(), session.scope());
        let (one, two) = (restored.credential().unwrap(), session.credential().unwrap());
        prop_assert_eq!(one.access_token(), two.access_token());
        prop_assert_eq!(one.expires_at(), two.expires_at());
        prop_assert_eq!(one.is_valid(now), two.is_valid(now));
        prop_assert_eq!(one.is_fresh(now), two.is_fresh(now));
        // Whatever the margin: fresh is good, and good is not over.
        prop_assert!(!two.is_fresh(now) || two.is_valid(now));
    }

    #[test]
    fn time_saturates(one in moments(), other in moments(), span in any::<u64>(), nanos in any::<u64>()) {
        for time in [Duration::from_millis(span), Duration::from_secs(span), Duration::from_nanos(nanos), Duration::MAX] {
            prop_assert!(one.after(time) >= one && one.before(time) <= one);
            prop_assert!(one.after(time).since(one) <= time && one.since(one.before(time)) <= time);
        }
        prop_assert_eq!(one.since(other).is_zero(), one <= other);
        prop_assert_eq!(other.after(one.since(other)), one.max(other));
        prop_assert_eq!(UnixTime::from_millis(one.as_millis()), one);
        prop_assert!(UnixTime::from_secs(one.as_secs()) <= one);
        prop_assert_eq!(serde_json::to_string(&one).unwrap(), one.as_millis().to_string());
        prop_assert_eq!(serde_json::from_str::<UnixTime>(&one.as_millis().to_string()).unwrap(), one);
        let shown = one.to_string();
        prop_assert_eq!(shown.split('.').next().unwrap(), one.as_secs().to_string());
    }

    /// No lifetime, wait or margin overflows, whenever it is read.
    #[test]
    fn no_time_that_a_server_names_overflows(
        now in moments(), seconds in any::<u64>(), margin in any::<u64>(), date in "[A-Za-z0-9:, -]{0,32}",
    ) {
        for value in [seconds.to_string(), format!("{seconds}0"), date] {
            let mut response = json(503, "");
            response.headers_mut().insert("retry-after", value.parse().unwrap());
            let wait = Refused::parse(&response, now).unwrap().retry_after();
            prop_assert!(wait.is_none_or(|wait| wait <= Duration::from_secs(86_400)));
        }
        let session = Session::from_grant(&client(), Grant::client_credentials());
        let mut world = World::of(session.with_margin(Margin::of(Duration::from_secs(margin))));
        world.now = now;
        world.grants("a1", seconds);
        prop_assert_eq!(world.call().unwrap(), 200);
        let credential = world.session.credential().unwrap();
        prop_assert!(credential.expires_at().unwrap() >= now);
        prop_assert!(!credential.is_fresh(now) || credential.is_valid(now));
    }
}

#[test]
fn a_system_time_before_1970_is_the_epoch() {
    use std::time::SystemTime;
    let at = |time: SystemTime| UnixTime::from(time);
    assert_eq!(at(SystemTime::UNIX_EPOCH), UnixTime::default());
    assert_eq!(at(SystemTime::UNIX_EPOCH - Duration::from_secs(1)), UnixTime::default());
    assert_eq!(at(SystemTime::UNIX_EPOCH + Duration::from_millis(1500)), UnixTime::from_millis(1500));
    assert_eq!(UnixTime::from_millis(1500).to_string(), "1.500");
    assert_eq!(UnixTime::from_secs(2).to_string(), "2");
}
