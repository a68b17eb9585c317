//! The same flow as a program for one of the adapters, ready to run.

use std::fmt::Write as _;

use super::{Method, Setup};

/// Which adapter a program is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adapter {
    /// `valetkey-blocking`.
    Blocking,
    /// `valetkey-async`.
    Async,
}

impl Adapter {
    /// The name that people use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blocking => "blocking",
            Self::Async => "async",
        }
    }

    const fn library(self) -> &'static str {
        match self {
            Self::Blocking => "valetkey_blocking",
            Self::Async => "valetkey_async",
        }
    }

    const fn wait(self) -> &'static str {
        match self {
            Self::Blocking => "",
            Self::Async => ".await",
        }
    }

    /// How the HTTP client is made.
    const fn http(self) -> &'static str {
        match self {
            Self::Blocking => "http_client()",
            Self::Async => "http_client()?",
        }
    }
}

/// A whole `main.rs` for this setup. Secrets are read from the environment, never written into it.
#[must_use]
pub fn program(setup: &Setup, adapter: Adapter) -> String {
    let make = adapter.http();
    let wait = adapter.wait();
    let (names, body) = method(setup, adapter);
    let registered = if setup.method == Method::PermanentToken { String::new() } else { client(setup) };
    let mut uses: Vec<&str> = names.to_vec();
    uses.extend(["ApiClient", "Request", "http_client"]);
    if registered.contains("Quirk::") || body.contains("Quirk::") {
        uses.push("Quirk");
    }
    if !registered.is_empty() {
        uses.extend(["AuthorizationServer", "Client"]);
    }
    uses.sort_unstable();
    uses.dedup();
    let mut text = String::new();
    let _ = writeln!(text, "//! {} with {}.\n", setup.method.title(), adapter.library().replace('_', "-"));
    if let Method::Implicit | Method::Password = setup.method {
        text.push_str("#![expect(deprecated, reason = \"an older method: prefer Authorization Code\")]\n\n");
    }
    if body.contains("Duration") {
        text.push_str("use std::time::Duration;\n\n");
    }
    let _ = writeln!(text, "use {}::{{\n{}}};\n", adapter.library(), wrapped(&uses));
    text.push_str(match adapter {
        Adapter::Blocking => "fn main() -> Result<(), Box<dyn std::error::Error>> {\n",
        Adapter::Async => "#[tokio::main]\nasync fn main() -> Result<(), Box<dyn std::error::Error>> {\n",
    });
    let _ = writeln!(text, "    let http = {make};");
    text.push_str(&registered);
    text.push_str(&body);
    let _ = writeln!(text, "    let api = ApiClient::new(http, session);");
    text.push_str(&call(setup, wait));
    text.push_str("    Ok(())\n}\n");
    text
}

/// Names in lines of a bearable width.
fn wrapped(names: &[&str]) -> String {
    let mut lines = vec!["   ".to_owned()];
    for name in names {
        if lines.last().is_some_and(|line| line.len() + name.len() > 95) {
            lines.push("   ".to_owned());
        }
        if let Some(line) = lines.last_mut() {
            let _ = write!(line, " {name},");
        }
    }
    lines.join("\n") + "\n"
}

fn literal(text: &str) -> String {
    format!("{text:?}")
}

fn client(setup: &Setup) -> String {
    let mut text = "    let server = AuthorizationServer::new()\n".to_owned();
    let loopback = [&setup.token_endpoint, &setup.authorization_endpoint, &setup.call.url];
    if loopback.iter().any(|url| url.starts_with("http:")) {
        text.push_str("        .admit(Quirk::LoopbackHttp)\n");
    }
    if setup.no_token_type {
        text.push_str("        .admit(Quirk::NoTokenType)\n");
    }
    if !setup.issuer.is_empty() {
        let _ = writeln!(text, "        .issuer({})?", literal(&setup.issuer));
    }
    if setup.advertises_iss {
        text.push_str("        .advertises_iss()\n");
    }
    if setup.method.has_browser() {
        let _ =
            writeln!(text, "        .authorization_endpoint({})?", literal(&setup.authorization_endpoint));
    }
    let _ = writeln!(text, "        .token_endpoint({})?;", literal(&setup.token_endpoint));
    let _ = write!(text, "    let registered = Client::new(server, {})", literal(&setup.client_id));
    if !setup.client_secret.is_empty() {
        text.push_str("\n        .secret(std::env::var(\"CLIENT_SECRET\")?)?");
    }
    let _ = writeln!(text, "\n        .api({})?;", literal(&setup.call.url));
    text
}

/// What is used, and the lines that end with a `session`.
fn method(setup: &Setup, adapter: Adapter) -> (&'static [&'static str], String) {
    let wait = adapter.wait();
    let scope = if setup.scope.is_empty() {
        String::new()
    } else {
        format!("\n        .scope({})?", literal(&setup.scope))
    };
    match setup.method {
        Method::PermanentToken => (
            &["AccessToken", "Session", "Subject"],
            format!(
                "    let token = AccessToken::new(std::env::var(\"TOKEN\")?)?;\n    \
                 let session = Session::from_permanent_token({}, token, Subject::{:?})?;\n    \
                 let session = session.admit(Quirk::LoopbackHttp);\n",
                literal(&setup.call.url),
                setup.subject
            ),
        ),
        Method::AuthorizationCode => (
            &["AuthorizationRequest", "Loopback", "Session", "entropy", "now", "run"],
            format!(
                "    let loopback = Loopback::bind(){wait}?;\n    \
                 let request = AuthorizationRequest::new(&registered, loopback.redirect_uri())?{scope}{};\n    \
                 let (url, mut pending) = request.begin_unbound(entropy()?, now())?;\n    \
                 println!(\"Open {{url}}\");\n    \
                 let response = loopback.receive(&pending, Duration::from_secs(300)){wait}?;\n    \
                 let tokens = run(&http, pending.finish(&registered, &response, now())?){wait}?;\n    \
                 let session = Session::from_tokens(&registered, &tokens);\n",
                if setup.offline { "\n        .offline()" } else { "" }
            ),
        ),
        Method::RefreshToken => (
            &["RefreshToken", "Session"],
            format!(
                "    let token = RefreshToken::new(std::env::var(\"REFRESH_TOKEN\")?)?;\n    \
                 let session = Session::from_refresh_token(&registered, token){};\n",
                if setup.scope.is_empty() {
                    String::new()
                } else {
                    format!("\n        .with_scope({})?", literal(&setup.scope))
                }
            ),
        ),
        Method::ClientCredentials => (
            &["Grant", "Session"],
            format!(
                "    let session = Session::from_grant(&registered, Grant::client_credentials(){scope});\n"
            ),
        ),
        Method::Implicit => (
            &["AuthorizationResponse", "Session", "authorize::ImplicitRequest", "entropy", "now"],
            format!(
                "    let request = ImplicitRequest::new(&registered, {})?{scope};\n    \
                 let (url, mut pending) = request.begin_unbound(entropy()?, now())?;\n    \
                 println!(\"Open {{url}}, and paste the address where the browser ends:\");\n    \
                 let mut back = String::new();\n    \
                 std::io::stdin().read_line(&mut back)?;\n    \
                 let response = AuthorizationResponse::from_url(back.trim())?;\n    \
                 let tokens = pending.finish(&registered, &response, now())?;\n    \
                 let session = Session::from_tokens(&registered, &tokens);\n",
                literal(&setup.redirect_uri)
            ),
        ),
        Method::Password => (
            &["Grant", "Session", "TokenRequest", "run", "terms::Password"],
            format!(
                "    let password = Password::new(std::env::var(\"PASSWORD\")?);\n    \
                 let grant = Grant::password({}, &password){scope}{};\n    \
                 let tokens = run(&http, TokenRequest::new(&registered, grant)?){wait}?;\n    \
                 let session = Session::from_tokens(&registered, &tokens);\n",
                literal(&setup.username),
                if setup.offline { "\n        .parameter(\"access_type\", \"offline\")?" } else { "" }
            ),
        ),
    }
}

fn call(setup: &Setup, wait: &str) -> String {
    let call = &setup.call;
    let mut text = format!("    let mut request = Request::new({}.into());\n", literal(&call.body));
    if call.method != "GET" {
        let _ = writeln!(text, "    *request.method_mut() = {}.parse()?;", literal(&call.method));
    }
    let _ = writeln!(text, "    *request.uri_mut() = {}.parse()?;", literal(&call.url));
    let _ = writeln!(text, "    let answer = api.send(request){wait}?; // renews, signs, repeats once");
    text.push_str("    println!(\"{}\", answer.status());\n");
    text.push_str("    println!(\"{}\", String::from_utf8_lossy(answer.body()));\n");
    text
}
