//! The feature `tracing` of both adapters: a span for each renewal, with the names and fields that their documentation
//! tells, and no secret.
//!
//! A program has one subscriber, so these tests share it and tell their sessions apart by the key.

use std::collections::BTreeMap;
use std::fmt::{Debug, Write as _};
use std::sync::{Condvar, Mutex, Once};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use valetkey_core::dialect::space::{Permissions, Space};
use valetkey_core::store::{MemoryStore, StoreKey};
use valetkey_core::{Client, ClientSecret, Grant, Session};
use valetkey_sandbox::{CHATBOTS_RIGHTS, Failure, Front, Sandbox};

/// What was told: spans when they are closed, events when they happen, each as `name target {fields}`, by key.
static TOLD: Mutex<BTreeMap<String, Vec<String>>> = Mutex::new(BTreeMap::new());
static MORE: Condvar = Condvar::new();

/// What is waited for at the most before a test fails; nothing depends on it.
const LONG: Duration = Duration::from_secs(30);

/// The fields of a span or an event.
#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let mut text = String::new();
        write!(text, "{value:?}").unwrap();
        self.0.insert(field.name(), text);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}

struct Told;

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Told {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        context.span(id).unwrap().extensions_mut().insert(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        values.record(context.span(id).unwrap().extensions_mut().get_mut::<Fields>().unwrap());
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let parent = context.event_span(event).map(|span| span.name());
        tell(event.metadata().target(), &format!("event in {parent:?}"), fields);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let span = context.span(&id).unwrap();
        let fields = span.extensions_mut().remove::<Fields>().unwrap();
        tell(span.metadata().target(), &format!("span {}", span.name()), fields);
    }
}

fn tell(target: &str, what: &str, mut fields: Fields) {
    if target != "valetkey" {
        return;
    }
    let key = fields.0.remove("key").unwrap();
    let took = if fields.0.remove("took_ms").is_some() { ", with its duration" } else { "" };
    let until = if fields.0.remove("until").is_some() { ", until a moment" } else { "" };
    let told = format!("{what}: {:?}{took}{until}", fields.0);
    TOLD.lock().unwrap().entry(key).or_default().push(told);
    MORE.notify_all();
}

/// The sandbox, and a session of its own for each test.
struct Scene {
    front: Front,
    client: Client,
}

impl Scene {
    fn new() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let subscriber = tracing_subscriber::registry().with(Told);
            tracing::subscriber::set_global_default(subscriber).unwrap();
        });
        let front = Front::start(Sandbox::demo([1; 32])).unwrap();
        let secret = ClientSecret::new(front.sandbox().client_secret("chatbot").unwrap().to_owned()).unwrap();
        let client = Space::on_loopback(front.url()).unwrap().application("chatbot").secret(secret).unwrap();
        Self { client: Client::clone(&client), front }
    }

    fn grant() -> Grant {
        let rights = CHATBOTS_RIGHTS.iter().fold(Permissions::new(), |rights, right| rights.raw(right));
        Grant::client_credentials().scope(rights.scope().unwrap()).unwrap()
    }

    fn session(&self) -> Session {
        Session::from_grant(&self.client, Self::grant())
    }

    fn key(&self, name: &str) -> StoreKey {
        StoreKey::of_application(&self.client, &Self::grant()).named(name)
    }

    fn is_down(&self) {
        self.front.sandbox().fail_next(valetkey_sandbox::Endpoint::Token, Failure::unavailable(7));
    }

    /// What was told of the session of this key, once as much of it has come as is waited for.
    fn told(&self, key: &StoreKey, count: usize) -> Vec<String> {
        // The span is closed by the thread that carried the renewal out, a moment after its caller has the token.
        let so_far =
            |told: &BTreeMap<String, Vec<String>>| told.get(key.as_str()).cloned().unwrap_or_default();
        let told = TOLD.lock().unwrap();
        let told = MORE.wait_timeout_while(told, LONG, |told| so_far(told).len() < count).unwrap().0;
        so_far(&told)
    }
}

/// What both adapters tell of a renewal that succeeds.
fn success() -> Vec<String> {
    vec![
        r#"event in Some("valetkey.renewal"): {"message": "done"}, with its duration"#.to_owned(),
        r#"span valetkey.renewal: {"outcome": "done"}"#.to_owned(),
    ]
}

/// And of one that the server refuses for now.
fn require_refusal(told: &[String]) {
    let [refused, paused, span] = told else { panic!("{told:?}") };
    assert!(
        refused.contains(r#""message": "refused"}, with its duration"#) && refused.contains("503"),
        "{refused}"
    );
    assert_eq!(paused, r#"event in Some("valetkey.renewal"): {"message": "paused"}, until a moment"#);
    assert!(span.contains(r#""outcome": "refused""#) && span.contains("503"), "{span}");
}

#[test]
fn a_renewal_is_a_span_blocking() {
    let scene = Scene::new();
    let key = scene.key("blocking");
    let agent = valetkey_blocking::http_client();
    let tokens = valetkey_blocking::Tokens::stored(agent, scene.session(), key.clone(), MemoryStore::new());
    tokens.unwrap().credential().unwrap();
    assert_eq!(scene.told(&key, 2), success());
}

#[test]
fn a_renewal_is_a_span_async() {
    let scene = Scene::new();
    let key = scene.key("async");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = valetkey_async::http_client().unwrap();
        let tokens =
            valetkey_async::Tokens::stored(client, scene.session(), key.clone(), MemoryStore::new()).await;
        tokens.unwrap().credential().await.unwrap();
    });
    assert_eq!(scene.told(&key, 2), success());
}

#[test]
fn a_refusal_and_its_pause_are_in_the_span_blocking() {
    let scene = Scene::new();
    scene.is_down();
    let key = scene.key("blocking, refused");
    let agent = valetkey_blocking::http_client();
    let tokens = valetkey_blocking::Tokens::stored(agent, scene.session(), key.clone(), MemoryStore::new());
    tokens.unwrap().credential().unwrap_err();
    require_refusal(&scene.told(&key, 3));
}

#[test]
fn a_refusal_and_its_pause_are_in_the_span_async() {
    let scene = Scene::new();
    scene.is_down();
    let key = scene.key("async, refused");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = valetkey_async::http_client().unwrap();
        let tokens =
            valetkey_async::Tokens::stored(client, scene.session(), key.clone(), MemoryStore::new()).await;
        tokens.unwrap().credential().await.unwrap_err();
    });
    require_refusal(&scene.told(&key, 3));
}

/// Neither the client's secret nor the token is in any field.
#[test]
fn no_secret_is_traced() {
    let scene = Scene::new();
    let key = scene.key("secrets");
    let agent = valetkey_blocking::http_client();
    let tokens = valetkey_blocking::Tokens::stored(agent, scene.session(), key.clone(), MemoryStore::new());
    let token = tokens.unwrap().credential().unwrap().access_token().expose().to_owned();
    let told = scene.told(&key, 2).concat();
    let secret = scene.front.sandbox().client_secret("chatbot").unwrap().to_owned();
    assert!(!told.contains(&token) && !told.contains(&secret), "{told}");
}
