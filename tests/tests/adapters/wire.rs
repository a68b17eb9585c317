//! What stands at the other end: servers that are only a socket, and a client that is one.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use valetkey_core::dialect::jetbrains::Application;
use valetkey_core::dialect::space::{Permissions, Space};
use valetkey_core::{
    AccessToken, AuthorizationServer, Client, ClientSecret, Grant, Quirk, Request, Response, Session,
    Subject, TokenRequest,
};
use valetkey_sandbox::{CHATBOTS_RIGHTS, Front, Sandbox};
use valetkey_tests::SECRET;

/// How long a silent server is waited for, and one that answers.
pub(crate) const SHORT: Duration = Duration::from_millis(30);
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// The demo's sandbox, always the same one.
pub(crate) fn front() -> Front {
    Front::start(Sandbox::demo([1; 32])).unwrap()
}

/// An application of the demo's.
pub(crate) fn application(front: &Front, client_id: &str) -> Application {
    let secret = front.sandbox().client_secret(client_id).unwrap().to_owned();
    let space = Space::on_loopback(front.url()).unwrap();
    space.application(client_id).secret(ClientSecret::new(secret).unwrap()).unwrap()
}

/// The demo's chatbot, on its own behalf: it gets its first token when it needs one.
pub(crate) fn chatbot(front: &Front) -> Session {
    let rights = CHATBOTS_RIGHTS.iter().fold(Permissions::new(), |rights, right| rights.raw(right));
    application(front, "chatbot").client_credentials(rights.scope().unwrap()).unwrap()
}

/// The same, of a server that is met with a quirk.
pub(crate) fn chatbot_met(front: &Front, quirk: Option<Quirk>) -> Session {
    let server = AuthorizationServer::new().admit(Quirk::LoopbackHttp).admit(Quirk::NoTokenType);
    let server = quirk.into_iter().fold(server, AuthorizationServer::admit);
    let server = server.token_endpoint(&format!("{}/oauth/token", front.url())).unwrap();
    let secret = front.sandbox().client_secret("chatbot").unwrap().to_owned();
    let client = Client::new(server, "chatbot").secret(secret.as_str()).unwrap().api(front.url()).unwrap();
    let rights = CHATBOTS_RIGHTS.iter().fold(Permissions::new(), |rights, right| rights.raw(right));
    Session::from_grant(&client, Grant::client_credentials().scope(rights.scope().unwrap()).unwrap())
}

/// A session with a token that nothing renews, for the API at this URL.
pub(crate) fn permanent(url: &str) -> Session {
    let token = AccessToken::new(SECRET).unwrap();
    Session::from_permanent_token(url, token, Subject::User).unwrap().admit(Quirk::LoopbackHttp)
}

/// The client credentials grant at this URL's token endpoint.
pub(crate) fn token_request(url: &str) -> TokenRequest {
    TokenRequest::new(&client_at(url), Grant::client_credentials()).unwrap()
}

/// A client of the server at this URL, whose API is there too.
pub(crate) fn client_at(url: &str) -> Client {
    let server = AuthorizationServer::new()
        .admit(Quirk::LoopbackHttp)
        .token_endpoint(&format!("{url}/token"))
        .unwrap();
    Client::new(server, "s6BhdRkqt3").secret(ClientSecret::new(SECRET).unwrap()).unwrap().api(url).unwrap()
}

/// A URL where nobody listens.
pub(crate) fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// The URL of a server that says this much to whoever asks, and then nothing for as long as they wait.
pub(crate) fn stalling(words: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        // The test ends the thread by ending; each connection ends with its client.
        while let Ok((mut stream, _)) = listener.accept() {
            thread::spawn(move || {
                let _ = stream.read(&mut [0; 1024]);
                let _ = stream.write_all(words.as_bytes());
                while stream.read(&mut [0; 1024]).is_ok_and(|count| count > 0) {}
            });
        }
    });
    url
}

/// Sends bytes to an address, and reads what comes until the connection closes.
pub(crate) fn say(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(bytes).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// HTTP/1.1 by hand: one request, one answer, one connection.
pub(crate) fn exchange(request: &Request) -> Response {
    let uri = request.uri();
    let authority = uri.authority().unwrap().as_str();
    let mut bytes = format!("{} {} HTTP/1.1\r\n", request.method(), uri.path_and_query().unwrap());
    bytes.push_str(&format!("host: {authority}\r\nconnection: close\r\n"));
    for (name, value) in request.headers() {
        bytes.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    if !request.body().is_empty() {
        bytes.push_str(&format!("content-length: {}\r\n", request.body().len()));
    }
    let bytes = [bytes.as_bytes(), b"\r\n", request.body()].concat();
    let answer = say(authority.parse().unwrap(), &bytes);

    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let (status, headers) = head.split_once("\r\n").unwrap();
    let mut response = http::Response::builder().status(status.split(' ').nth(1).unwrap());
    for (name, value) in headers.lines().filter_map(|line| line.split_once(':')) {
        response = response.header(name, value.trim());
    }
    response.body(body.as_bytes().to_vec()).unwrap()
}
