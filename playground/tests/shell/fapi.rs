//! FA-1, FA-2: a profile of FAPI, at a server under https as the profile wants it.

use std::io::{self, BufRead as _, BufReader, Read as _, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use valetkey_blocking::http::Request;
use valetkey_blocking::jose::{Algorithm, AwsLc, JwkSet, PrivateJwk};
use valetkey_blocking::{Entropy, UnixTime};
use valetkey_sandbox::{Application, Arrival, FlowKind, Person, Rights, Sandbox};

use crate::network::private_server;
use crate::world::{SECRET, World};

const SCOPE: &str = "openid global:Profile.Absences.View";

/// A server that asks for all that the profile does, and its authority.
struct Bank {
    sandbox: Arc<Mutex<Sandbox>>,
    url: String,
    authority: String,
}

fn at() -> UnixTime {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    UnixTime::from_secs(since.as_secs())
}

/// One request, and the sandbox's answer.
fn talk(stream: &mut (impl io::Read + Write), url: &str, sandbox: &Mutex<Sandbox>) -> io::Result<()> {
    let mut reader = BufReader::new(&mut *stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split(' ');
    let method = words.next().unwrap_or_default().to_owned();
    let mut request =
        Request::builder().method(method.as_str()).uri(format!("{url}{}", words.next().unwrap_or_default()));
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse().map_err(io::Error::other)?;
        }
        request = request.header(name, value);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let request = request.body(body).map_err(io::Error::other)?;
    let answer = sandbox.lock().unwrap().answer(&request, at());
    write!(stream, "HTTP/1.1 {}\r\n", answer.status())?;
    for (name, value) in answer.headers() {
        write!(stream, "{name}: {}\r\n", value.to_str().map_err(io::Error::other)?)?;
    }
    write!(stream, "content-length: {}\r\nconnection: close\r\n\r\n", answer.body().len())?;
    stream.write_all(answer.body())
}

impl Bank {
    fn new(key: &PrivateJwk, signs_messages: bool) -> Self {
        let sandbox = Arc::new(Mutex::new(Sandbox::standard([7; 32], "https://127.0.0.1")));
        let shared = Arc::clone(&sandbox);
        let (url, authority) = private_server(move |stream, url| talk(stream, url, &shared));
        {
            let mut sandbox = sandbox.lock().unwrap();
            let settings = sandbox.settings_mut();
            settings.issuer = Some(url.clone());
            settings.dpop_nonces = Some(Duration::from_secs(600));
            let keys = serde_json::to_value(JwkSet::of([key.public()])).unwrap();
            let application = Application::with_keys("fapi", &keys).flow(FlowKind::AuthorizationCode);
            let application =
                application.loopback("/callback").require_dpop().require_pushed().require_pkce();
            let application = if signs_messages { application.require_signed_request() } else { application };
            sandbox.add_application(application.may_request(Rights::All));
        }
        Self { sandbox, url, authority }
    }
}

fn key() -> PrivateJwk {
    PrivateJwk::generate(&AwsLc, Algorithm::Es256, Entropy::from_seed([9; 32])).unwrap()
}

#[test]
fn a_login_in_each_profile_that_a_key_is_enough_for() {
    for name in ["fapi-2", "fapi-2-message-signing"] {
        let world = World::space();
        let key = key();
        world.plant(&key.expose());
        let bank = Bank::new(&key, name == "fapi-2-message-signing");
        std::fs::write(world.path("authority.pem"), &bank.authority).unwrap();
        world.config(&format!(
            "[profile.bank]\nserver = \"{0}\"\napi = \"{0}\"\nca = \"authority.pem\"\nstore = \"file:kept\"\nclient_id = \"fapi\"\n\
             client_authentication = \"private-key-jwt\"\nsecret = \"env:{SECRET}\"\ndpop = true\nscope = \"{SCOPE}\"\n\
             security_profile = \"{name}\"\n",
            bank.url
        ));
        let (login, url) = world.start_with(&["login", "--no-open"], &[(SECRET, &key.expose())]);
        assert!(url.contains("request_uri="), "{name}: {url}: {:?}", login.end(&world));
        let alice = {
            let sandbox = bank.sandbox.lock().unwrap();
            Person::new("alice", sandbox.password("alice").unwrap())
        };
        let Arrival::Get(back) = bank.sandbox.lock().unwrap().visit(&url, &alice, at()).unwrap() else {
            panic!("the browser is redirected")
        };
        assert_eq!(back.contains("response="), name == "fapi-2-message-signing");
        world.go(&back);
        login.end(&world).failed(0, &["Logged in"]);
        let told = world.run(&["call", "/api/http/absences"]).json();
        assert_eq!(told["totalCount"], 2, "{name}");
    }
}

/// FA-1, FA-3: what core refuses by a clause keeps its clause here.
#[test]
fn a_quirk_that_switches_a_part_off_is_refused_by_its_clause() {
    let world = World::standard();
    let key = key();
    world.plant(&key.expose());
    world.profiles(&[(
        "bank",
        &format!(
            "server = \"URL\"\nclient_id = \"fapi\"\nclient_authentication = \"private-key-jwt\"\nsecret = \"env:{SECRET}\"\n\
             dpop = true\nscope = \"{SCOPE}\"\nsecurity_profile = \"fapi-2\"\n"
        ),
    )]);
    let ran = world.run_with(&["login", "--no-open"], &[(SECRET, &key.expose())], "");
    ran.failed(2, &["FAPI 2.0 Security Profile §5.2.1", "leave the quirk `loopback-http` out", "FA-1"]);
}
