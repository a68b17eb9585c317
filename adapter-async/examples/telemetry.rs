//! OpenTelemetry: which request paid for a renewal, how long that took, and what came of it.
//!
//! `cargo run -p valetkey-async --features tracing --example telemetry` calls an API every second, until it is stopped; with
//! `-- --once` it calls once, and checks what was exported. A sandbox stands in for every server: see `base.rs`. Spans
//! go to the terminal; a service puts the exporter of its collector in the place of [`Terminal`].
#![expect(clippy::disallowed_macros, reason = "a program prints")]

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use tracing::{Instrument, info_span};
use tracing_subscriber::layer::SubscriberExt;
use valetkey_async::{ApiClient, Client, Discovery, Grant, Session, http_client_for, run};
use valetkey_sandbox::Stage;

/// Where the spans go: to the terminal, and where [`main`] can look at them.
#[derive(Clone, Debug, Default)]
struct Terminal(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Terminal {
    async fn export(&self, spans: Vec<SpanData>) -> OTelSdkResult {
        for span in &spans {
            let took = span.end_time.duration_since(span.start_time).unwrap_or_default();
            println!("{} in trace {}: {took:?}", span.name, span.span_context.trace_id());
            for attribute in &span.attributes {
                println!("    {} = {}", attribute.key, attribute.value);
            }
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(spans);
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let terminal = Terminal::default();
    let provider = SdkTracerProvider::builder().with_simple_exporter(terminal.clone()).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("telemetry"));
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer))?;

    let stage = Stage::start()?;
    let http = http_client_for(&stage.network())?;
    let server = run(&http, Discovery::new("https://login.example")?).await?.into_server();
    let service = Client::new(server, "service-id").secret("client-secret")?.api("https://api.example")?;
    let grant = Grant::client_credentials().scope("orders:read")?;
    let api = ApiClient::new(http, Session::from_grant(&service, grant));

    let is_once = std::env::args().any(|argument| argument == "--once");
    loop {
        let answer = api.get("https://api.example/orders").instrument(info_span!("orders")).await?;
        println!("{}", answer.status());
        if is_once {
            break;
        }
        // Each is shown once: what is kept is for the check alone.
        terminal.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    provider.shutdown()?;

    let spans = terminal.0.lock().unwrap_or_else(PoisonError::into_inner);
    let named = |name: &str| spans.iter().find(|span| span.name == name).ok_or(format!("no span {name}"));
    let (caller, renewal) = (named("orders")?, named("valetkey.renewal")?);
    let is_done = renewal
        .attributes
        .iter()
        .any(|attribute| attribute.key.as_str() == "outcome" && attribute.value.as_str() == "done");
    if is_done && renewal.parent_span_id == caller.span_context.span_id() {
        Ok(())
    } else {
        Err("the renewal was not told in the span of the call that began it".into())
    }
}
