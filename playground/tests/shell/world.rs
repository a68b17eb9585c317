//! A sandbox, a folder of one's own, and the program in it.

use std::cell::RefCell;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use valetkey_blocking::{Request, http_client, send};
use valetkey_sandbox::{Arrival, DEMO_USERS, Front, Person, Sandbox};

/// The environment's variable that the profiles of these tests take secrets from.
pub(crate) const SECRET: &str = "A_SECRET";

pub(crate) struct World {
    pub(crate) front: Front,
    folder: PathBuf,
    /// Values that nothing but `token` may print.
    planted: RefCell<Vec<String>>,
}

/// What a run of the program came to.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A program that waits for something; it ends with the test.
pub(crate) struct Running(Option<Child>);

impl World {
    /// JetBrains Space.
    pub(crate) fn space() -> Self {
        static WORLDS: AtomicU32 = AtomicU32::new(0);
        let number = WORLDS.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("valetkey-shell-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        keep_from_others(&folder);
        let front = Front::start(Sandbox::demo([7; 32])).unwrap();
        let planted = {
            let sandbox = front.sandbox();
            let secrets =
                ["chatbot", "web", "legacy"].map(|client| sandbox.client_secret(client).unwrap().to_owned());
            secrets.into_iter().chain(DEMO_USERS.map(|(_, password)| password.to_owned())).collect()
        };
        Self { front, folder, planted: RefCell::new(planted) }
    }

    /// A server of today, which publishes its metadata.
    pub(crate) fn standard() -> Self {
        let world = Self::space();
        world.front.publish();
        world
    }

    pub(crate) fn url(&self) -> &str {
        self.front.url()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes the configuration file. Each profile keeps its tokens in files, and may meet a server on loopback.
    pub(crate) fn profiles(&self, profiles: &[(&str, &str)]) -> &Self {
        let text: String = profiles
            .iter()
            .map(|(name, keys)| {
                let keys = keys.replace("URL", self.url());
                format!("[profile.{name}]\nstore = \"file:kept\"\nquirks = [\"loopback-http\"]\n{keys}\n")
            })
            .collect();
        self.config(&text);
        self
    }

    pub(crate) fn config(&self, text: &str) {
        fs::write(self.path("config.toml"), text).unwrap();
        keep_from_others(&self.path("config.toml"));
    }

    /// Nothing but `token` may print this from now on.
    pub(crate) fn plant(&self, secret: &str) {
        self.planted.borrow_mut().push(secret.to_owned());
    }

    pub(crate) fn secret_of(&self, client: &str) -> String {
        self.front.sandbox().client_secret(client).unwrap().to_owned()
    }

    /// The program, with nothing of the environment of whoever runs the tests: no keyring, no browser, no proxy.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(cargo_bin!("valetkey"));
        command
            .args(arguments)
            .env_clear()
            .current_dir(&self.folder)
            // Where there is no browser to be opened.
            .env("PATH", &self.folder)
            .env("HOME", &self.folder)
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("XDG_DATA_HOME", self.path("data"))
            .env("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", self.path("no-bus").display()))
            .env("VALETKEY_CONFIG", self.path("config.toml"));
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[], "")
    }

    /// Runs it with more of an environment and with something on standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)], input: &str) -> Ran {
        let mut command = assert_cmd::Command::from_std(self.command(arguments));
        let output = command.envs(variables.iter().copied()).write_stdin(input).output().unwrap();
        let ran = Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        self.require_kept(arguments.first() == Some(&"token"), &ran.out, &ran.err);
        ran
    }

    /// No secret is where it must not be: on standard error never, on standard output where it was asked for.
    pub(crate) fn require_kept(&self, asked_for: bool, out: &str, err: &str) {
        let texts: &[&str] = if asked_for { &[err] } else { &[out, err] };
        for text in texts {
            for secret in self.planted.borrow().iter() {
                assert!(!text.contains(secret), "{secret:?} was printed: {text}");
            }
            // What the sandbox issues says what it is.
            for kind in ["access-", "refresh-", "code-", "permanent-"] {
                let is_token = |rest: &str| {
                    let is_its = |c: &char| c.is_ascii_alphanumeric() || "-_".contains(*c);
                    rest.chars().take_while(is_its).count() > 30
                };
                assert!(!text.split(kind).skip(1).any(is_token), "a token was printed: {text}");
            }
        }
    }

    /// Starts it, and reads its first line.
    pub(crate) fn start(&self, arguments: &[&str]) -> (Running, String) {
        self.start_hearing(arguments, Stdio::null())
    }

    /// The same with this for standard input.
    pub(crate) fn start_hearing(&self, arguments: &[&str], input: Stdio) -> (Running, String) {
        self.begin(self.command(arguments), input)
    }

    /// The same with more of an environment.
    pub(crate) fn start_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> (Running, String) {
        let mut command = self.command(arguments);
        command.envs(variables.iter().copied());
        self.begin(command, Stdio::null())
    }

    fn begin(&self, mut command: Command, input: Stdio) -> (Running, String) {
        let mut child = command.stdin(input).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        (Running(Some(child)), line.trim_end().to_owned())
    }

    /// A person opens the URL, logs in, decides, and the browser goes where it is sent.
    pub(crate) fn visit(&self, url: &str, allows: bool) {
        let arrived = self.arrive(url, allows);
        let answer = send(&http_client(), get(&arrived)).unwrap();
        // The page that a browser is sent to is waited for.
        if let Some(page) = answer.headers().get("location") {
            let (origin, _) = arrived.split_once("/callback").unwrap();
            send(&http_client(), get(&format!("{origin}{}", page.to_str().unwrap()))).unwrap();
        }
    }

    /// The same on another computer: the URL at which the browser ends, which reaches nothing there.
    pub(crate) fn arrive(&self, url: &str, allows: bool) -> String {
        let [(username, password), _] = DEMO_USERS;
        let agent = http_client();
        let page = send(&agent, get(url)).unwrap();
        let html = String::from_utf8_lossy(page.body());
        let person = Person::new(username, password);
        let decided = if allows { person.consent(url, &html) } else { person.deny(url, &html) };
        let arrival = Arrival::after(&send(&agent, decided.unwrap()).unwrap()).unwrap();
        arrival.url().unwrap().to_owned()
    }

    /// How many requests the server has had.
    pub(crate) fn requests(&self) -> usize {
        self.front.sandbox().log().len()
    }

    /// The token is good: the API answers to it.
    pub(crate) fn require_good(&self, token: &str) {
        let request = valetkey_blocking::http::Request::get(format!("{}/api/http/absences", self.url()))
            .header("authorization", format!("Bearer {token}"))
            .body(Vec::new())
            .unwrap();
        assert_eq!(send(&http_client(), request).unwrap().status(), 200);
    }
}

fn get(url: &str) -> Request {
    let mut request = Request::new(Vec::new());
    *request.uri_mut() = url.parse().unwrap();
    request
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Ran {
    pub(crate) fn line(&self) -> &str {
        assert_eq!(self.code, 0, "{self:?}");
        self.out.strip_suffix('\n').unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// It ended with this code, and says these on standard error.
    pub(crate) fn failed(&self, code: i32, says: &[&str]) -> &Self {
        assert_eq!(self.code, code, "{self:?}");
        for text in says {
            assert!(self.err.contains(text), "{text:?} is not in {self:?}");
        }
        self
    }
}

impl Running {
    /// Writes a line to its standard input.
    pub(crate) fn say(&mut self, line: &str) {
        let input = self.0.as_mut().unwrap().stdin.as_mut().unwrap();
        input.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// What it tells, to the line that has this in it.
    pub(crate) fn told(&mut self, last: &str) -> String {
        let mut lines = BufReader::new(self.0.as_mut().unwrap().stderr.as_mut().unwrap()).lines();
        let mut told = String::new();
        while !told.contains(last) {
            told += &lines.next().unwrap().unwrap();
            told.push('\n');
        }
        told
    }

    /// Waits for its end.
    pub(crate) fn end(mut self, world: &World) -> Ran {
        let mut child = self.0.take().unwrap();
        let (mut out, mut err) = (String::new(), String::new());
        child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        let ran = Ran { code: child.wait().unwrap().code().unwrap(), out, err };
        world.require_kept(false, &ran.out, &ran.err);
        ran
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Whoever runs the tests, in whatever group: a configuration that others may write to is refused.
fn keep_from_others(path: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = if path.is_dir() { 0o755 } else { 0o600 };
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let _ = path;
}

/// The keys of the chatbot of the demo, at a server that is described in some way.
pub(crate) fn chatbot(server: &str) -> String {
    format!(
        "{server}\nclient_id = \"chatbot\"\nsecret = \"env:{SECRET}\"\nmethod = \"client-credentials\"\n\
         scope = \"global:Profile.Absences.View\"\n"
    )
}

/// The files in a folder, however deep.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    entries
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { files(&path) } else { vec![path] }
        })
        .collect()
}
