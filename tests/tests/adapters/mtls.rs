//! CA-6: a client certificate and a private authority come in by the user's own agent or client, and nowhere else.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use http::HeaderName;
use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use valetkey_core::server::Endpoint;
use valetkey_core::status::Introspection;
use valetkey_core::terms::CertificateThumbprint;
use valetkey_core::{Client, Discovery, Grant, Quirks, Response, Session, TokenRequest, UnixTime};
use valetkey_sandbox::{Application, CERTIFICATE_THUMBPRINT, Rights, Sandbox};
use valetkey_tests::get;

use crate::face::Adapter;
use crate::for_both;
use crate::wire::LONG;

const SCOPE: &str = "global:Profile.Absences.View";

/// What an agent is configured with, in PEM.
pub(crate) struct Identity {
    pub(crate) authority: String,
    /// The client's certificate and its key, if it has one.
    pub(crate) own: Option<(String, String)>,
}

/// The sandbox behind TLS: one port for everybody, one for clients that show a certificate. Dropping it ends both.
struct Server {
    authority: String,
    own: (String, String),
    thumbprint: CertificateThumbprint,
    open: SocketAddr,
    mutual: SocketAddr,
    /// Which port was asked for what.
    asked: Arc<Mutex<Vec<String>>>,
    stopped: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Server {
    fn start() -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let issue = |name: &str| {
            let key = KeyPair::generate().unwrap();
            let params = CertificateParams::new([name.to_owned()]).unwrap();
            (params.signed_by(&key, &authority).unwrap(), key)
        };
        let (server, server_key) = issue("127.0.0.1");
        let (client, client_key) = issue("client.example");
        let thumbprint = CertificateThumbprint::of_der(client.der()).unwrap();

        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(authority.der().clone()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
        let verifier = verifier.build().unwrap();
        let config = |mutual: bool| {
            let builder = ServerConfig::builder_with_provider(Arc::clone(&provider));
            let builder = builder.with_safe_default_protocol_versions().unwrap();
            let builder = match mutual {
                true => builder.with_client_cert_verifier(Arc::clone(&verifier)),
                false => builder.with_no_client_auth(),
            };
            let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(server_key.serialize_der()));
            Arc::new(builder.with_single_cert(vec![server.der().clone()], key).unwrap())
        };

        let ports = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let [open, mutual] = [&ports[0], &ports[1]].map(|port| port.local_addr().unwrap());
        let mut sandbox = Sandbox::standard([3; 32], &format!("https://{open}"));
        sandbox.settings_mut().mtls_origin = Some(format!("https://{mutual}"));
        let rights = Rights::of([SCOPE]);
        sandbox.add_application(
            Application::with_certificate("certified", thumbprint.as_str()).authorized(rights.clone()),
        );
        sandbox.add_application(
            Application::confidential("bound", "secret").certificate_bound().authorized(rights),
        );
        let (sandbox, asked) = (Arc::new(Mutex::new(sandbox)), Arc::new(Mutex::new(Vec::new())));
        let stopped = Arc::new(AtomicBool::new(false));
        let threads = ports.into_iter().zip([("open", config(false)), ("mutual", config(true))]);
        let threads = threads.map(|(port, (name, config))| {
            let (sandbox, asked) = (Arc::clone(&sandbox), Arc::clone(&asked));
            let stopped = Arc::clone(&stopped);
            thread::spawn(move || {
                while let Ok((stream, _)) = port.accept() {
                    if stopped.load(Ordering::SeqCst) {
                        return;
                    }
                    // What goes wrong here, the client reports.
                    let _ = answer(stream, &config, &sandbox, |path| {
                        asked.lock().unwrap().push(format!("{name} {path}"));
                    });
                }
            })
        });
        let threads = threads.collect();
        let own = (client.pem(), client_key.serialize_pem());
        Self { authority: authority.pem(), own, thumbprint, open, mutual, asked, stopped, threads }
    }

    /// An adapter whose agent trusts the private authority, with or without a certificate of its own.
    fn adapter<A: Adapter>(&self, with_certificate: bool) -> A {
        let own = with_certificate.then(|| self.own.clone());
        A::with_identity(LONG, &Identity { authority: self.authority.clone(), own })
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        for address in [self.open, self.mutual] {
            drop(TcpStream::connect(address));
        }
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// One connection, one request, one answer. The sandbox is told of the certificate by its header, as by any proxy.
fn answer(
    stream: TcpStream,
    config: &Arc<ServerConfig>,
    sandbox: &Mutex<Sandbox>,
    heard: impl Fn(&str),
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(LONG))?;
    let connection = ServerConnection::new(Arc::clone(config)).unwrap();
    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(());
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut first = lines[0].split(' ');
    let (method, path) = (first.next().unwrap(), first.next().unwrap());
    heard(path);
    let mut request = http::Request::builder().method(method).uri(path);
    for (name, value) in lines[1..].iter().filter_map(|line| line.split_once(": ")) {
        request = request.header(name, value);
    }
    let length = request
        .headers_ref()
        .unwrap()
        .get("content-length")
        .map_or(0, |length| length.to_str().unwrap().parse::<usize>().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    let mut request = request.body(body).unwrap();
    let shown = stream.get_ref().conn.peer_certificates().and_then(|chain| chain.first());
    request.headers_mut().remove(CERTIFICATE_THUMBPRINT);
    if let Some(certificate) = shown {
        let thumbprint = CertificateThumbprint::of_der(certificate).unwrap();
        let name: HeaderName = CERTIFICATE_THUMBPRINT.parse().unwrap();
        request.headers_mut().insert(name, thumbprint.as_str().parse().unwrap());
    }
    let answer: Response = sandbox.lock().unwrap().answer(&request, now());
    let mut bytes = format!("HTTP/1.1 {}\r\nconnection: close\r\n", answer.status());
    for (name, value) in answer.headers() {
        bytes.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    bytes.push_str(&format!("content-length: {}\r\n\r\n", answer.body().len()));
    let stream = stream.get_mut();
    stream.write_all(bytes.as_bytes())?;
    stream.write_all(answer.body())?;
    stream.conn.send_close_notify();
    stream.flush()
}

fn now() -> UnixTime {
    valetkey_blocking::now()
}

fn grant() -> Grant {
    Grant::client_credentials().scope(SCOPE).unwrap()
}

for_both! {
    /// RFC 8705 end to end: discovery, the token by certificate at the alias, the API by the same, and introspection.
    fn a_certificate_authenticates_the_client_and_binds_its_tokens(adapter: A) {
        drop(adapter);
        let server = Server::start();
        let adapter: A = server.adapter(true);
        let discovery = Discovery::new(&format!("https://{}", server.open)).unwrap().admit_all(Quirks::STRICT);
        let metadata = adapter.run(discovery).unwrap();
        let mutual = format!("https://{}", server.mutual);
        assert_eq!(metadata.server().mtls_url_of(Endpoint::Token).unwrap(), format!("{mutual}/oauth/token"));
        let client = Client::new(metadata.into_server(), "certified").self_signed_tls_client_auth().unwrap();
        let client = client.api(&mutual).unwrap();
        assert_eq!(server.asked(), ["open /.well-known/oauth-authorization-server"]);

        let api = adapter.api(Session::from_grant(&client, grant()));
        let absences = || get(&format!("{mutual}/api/http/absences"));
        assert_eq!(adapter.call(&api, absences()).unwrap().status(), 200);
        assert_eq!(server.asked(), ["mutual /oauth/token", "mutual /api/http/absences"]);

        let tokens = adapter.run(TokenRequest::new(&client, grant()).unwrap()).unwrap();
        let asked = Introspection::new(&client, tokens.access_token()).unwrap();
        let token = adapter.run(asked).unwrap().active().unwrap();
        assert!(server.thumbprint.confirms(token.confirmation().unwrap()));

        // The same token and the same name, without the certificate: TLS ends it where one is asked for, and where none
        // is the token is no good.
        let stranger: A = server.adapter(false);
        assert!(stranger.run(TokenRequest::new(&client, grant()).unwrap()).unwrap_err().http.is_some());
        let open = Client::new(client.server().clone(), "certified").api(&format!("https://{}", server.open));
        let stolen = Session::from_tokens(&open.unwrap(), &tokens);
        let stolen = stranger.api(stolen);
        let call = get(&format!("https://{}/api/http/absences", server.open));
        assert_eq!(stranger.call(&stolen, call).unwrap().status(), 401);
    }

    /// RFC 8705 §3: a client that authenticates otherwise has its tokens bound all the same.
    fn a_certificate_binds_the_tokens_of_a_client_with_a_secret(adapter: A) {
        drop(adapter);
        let server = Server::start();
        let adapter: A = server.adapter(true);
        let discovery = Discovery::new(&format!("https://{}", server.open)).unwrap();
        let found = adapter.run(discovery).unwrap().into_server();
        let secret = valetkey_core::ClientSecret::new("secret").unwrap();
        let client = Client::new(found, "bound").secret(secret).unwrap().with_certificate();
        let tokens = adapter.run(TokenRequest::new(&client, grant()).unwrap()).unwrap();
        let asked = Introspection::new(&client, tokens.access_token()).unwrap();
        let token = adapter.run(asked).unwrap().active().unwrap();
        assert!(server.thumbprint.confirms(token.confirmation().unwrap()));
        assert!(server.asked().iter().skip(1).all(|asked| asked.starts_with("mutual ")));
    }
}
