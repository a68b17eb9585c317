//! A Chromium of the test's own, at a playground of its own or at another page, and what it has to say afterwards.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use url::{ParseError, Url};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What every browser is started with.
const OPTIONS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1280,900",
];

/// A browser at a page. The processes end with it.
pub(crate) struct Visit {
    pub(crate) client: Client,
    pub(crate) url: String,
    pub(crate) clicks: usize,
    /// The size of the page that is emulated, if one is.
    metrics: Option<Value>,
    _driver: Group,
    _playground: Option<Group>,
    _profile: Profile,
}

/// A process and all that it started, the browser's for one. They end with it.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(id) = self.0.id() {
            let _ = std::process::Command::new("kill").args(["-KILL", "--", &format!("-{id}")]).status();
        }
    }
}

struct Profile(PathBuf);

impl Drop for Profile {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Visit {
    /// Starts the playground by its program, and a browser at its page.
    pub(crate) async fn of_playground(program: &str) -> Self {
        let mut program = Command::new(program);
        let (playground, link) = started(program.args(["playground", "--no-open"]), "http").await.unwrap();
        let mut visit = Self::of_page(&link).await;
        visit._playground = Some(playground);
        // The link opens the page once, and leaves the address bar for the session's own address.
        let home = visit.client.current_url().await.unwrap();
        assert!(home.path().starts_with("/at/") && home.query().is_none(), "{home}");
        visit.url = home.as_str().trim_end_matches('/').to_owned();
        visit
    }

    /// Starts the driver and the browser, and opens a page.
    pub(crate) async fn of_page(url: &str) -> Self {
        Self::of_page_by(url, &[]).await
    }

    /// The same by a browser that is started with these options too.
    pub(crate) async fn of_page_by(url: &str, options: &[String]) -> Self {
        let (driver, port) = driver().await;
        let port = port.split("successfully on port ").nth(1).unwrap().trim_end_matches('.').to_owned();
        let profile = std::env::temp_dir().join(format!("valetkey-browser-{}-{port}", std::process::id()));
        let mut arguments = vec![format!("--user-data-dir={}", profile.display())];
        arguments.extend(OPTIONS.iter().map(|option| (*option).to_owned()));
        arguments.extend_from_slice(options);
        let capabilities = json!({
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
            "goog:chromeOptions": { "args": arguments },
        });
        let Value::Object(capabilities) = capabilities else { unreachable!() };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities);
        let client = builder.connect(&format!("http://127.0.0.1:{port}")).await.unwrap();
        client.goto(url).await.unwrap();
        Self {
            client,
            url: url.trim_end_matches('/').to_owned(),
            clicks: 0,
            metrics: None,
            _driver: driver,
            _playground: None,
            _profile: Profile(profile),
        }
    }

    /// Where the browser is, below the session's address.
    pub(crate) async fn path(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        let address = url.as_str().split(['?', '#']).next().unwrap();
        let path = address.strip_prefix(&self.url);
        path.unwrap_or_else(|| panic!("{url} is not the session's")).to_owned()
    }

    /// Opens a path below the session's address, or where browsers come back to, which is below none.
    pub(crate) async fn open(&self, path: &str) {
        let whole = Url::parse(&self.url).unwrap();
        let base = if path.starts_with("/callback") {
            whole.origin().ascii_serialization()
        } else {
            self.url.clone()
        };
        self.client.goto(&format!("{base}{path}")).await.unwrap();
    }

    /// The element, when it is there.
    pub(crate) async fn find(&self, css: &str) -> Element {
        self.client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(css))
            .await
            .unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    pub(crate) async fn has(&self, css: &str) -> bool {
        !self.client.find_all(Locator::Css(css)).await.unwrap().is_empty()
    }

    /// The text of an element, as it is seen.
    pub(crate) async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.unwrap()
    }

    /// Presses a button or a link, and waits for the next page.
    pub(crate) async fn press(&mut self, css: &str) {
        self.clicks += 1;
        self.mark().await;
        let element = self.find(css).await;
        self.client
            .execute(
                "arguments[0].scrollIntoView({block: 'center'})",
                vec![serde_json::to_value(&element).unwrap()],
            )
            .await
            .unwrap();
        element.click().await.unwrap_or_else(|error| panic!("{css}: {error}"));
        self.settled().await;
    }

    /// The button of this name.
    pub(crate) async fn press_named(&mut self, name: &str) {
        let xpath = format!("//button[normalize-space()='{name}'] | //a[normalize-space()='{name}']");
        self.clicks += 1;
        self.mark().await;
        let element = self.client.wait().at_most(PATIENCE).for_element(Locator::XPath(&xpath)).await;
        let element = element.unwrap_or_else(|error| panic!("{name}: {error}"));
        self.client
            .execute(
                "arguments[0].scrollIntoView({block: 'center'})",
                vec![serde_json::to_value(&element).unwrap()],
            )
            .await
            .unwrap();
        element.click().await.unwrap_or_else(|error| panic!("{name}: {error}"));
        self.settled().await;
    }

    /// Marks this page, so that the next one is known by having no mark.
    pub(crate) async fn mark(&self) {
        self.client.execute("window.seen = true", Vec::new()).await.unwrap();
    }

    /// Waits for a page that is not the marked one, and has come to rest.
    pub(crate) async fn settled(&self) {
        let script = "return window.seen !== true && document.readyState === 'complete' \
                      && !document.querySelector('input[data-fragment]')?.value \
                      && !document.querySelector('[data-onward]')";
        let deadline = std::time::Instant::now() + PATIENCE;
        loop {
            // While a page changes there may be no document to ask.
            match self.client.execute(script, Vec::new()).await {
                Ok(Value::Bool(true)) => return,
                Err(error) if std::time::Instant::now() > deadline => panic!("{error}"),
                _ => {}
            }
            assert!(std::time::Instant::now() < deadline, "no other page came");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) async fn value_of(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// A command of Chromium's own protocol.
    pub(crate) async fn chromium(&self, command: &str, parameters: Value) {
        let body = json!({ "cmd": command, "params": parameters });
        self.client.issue_cmd(Own { path: "goog/cdp/execute", body }).await.unwrap();
    }

    /// Makes the page as narrow as a phone's.
    pub(crate) async fn narrow(&mut self, width: u32) {
        let phone = json!({ "width": width, "height": 780, "deviceScaleFactor": 1, "mobile": true });
        self.chromium("Emulation.setDeviceMetricsOverride", phone.clone()).await;
        self.metrics = Some(phone);
    }

    /// Keeps what is seen, the whole page from its top.
    pub(crate) async fn screenshot(&self, name: &str) {
        let folder = std::env::var_os("SCREENSHOTS")
            .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
        std::fs::create_dir_all(&folder).unwrap();
        let height = self.value_of("return Math.min(document.documentElement.scrollHeight, 4000)").await;
        let width = self.value_of("return innerWidth").await;
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.chromium("Emulation.setDeviceMetricsOverride", metrics).await;
        let png = self.client.screenshot().await.unwrap();
        match &self.metrics {
            Some(metrics) => self.chromium("Emulation.setDeviceMetricsOverride", metrics.clone()).await,
            None => self.chromium("Emulation.clearDeviceMetricsOverride", json!({})).await,
        }
        std::fs::write(folder.join(format!("{name}.png")), png).unwrap();
    }

    /// Ends the visit: nothing was complained of on the console, and nothing was asked of any other host than this.
    pub(crate) async fn end(self) {
        self.end_with(|_| false).await;
    }

    /// The same where complaints of some kind are expected, or an address that the browser tells of: its complaint about an
    /// answer of 401, for one.
    pub(crate) async fn end_with(self, is_expected: impl Fn(&str) -> bool) {
        let complaints: Vec<String> = self
            .log("browser")
            .await
            .iter()
            .filter(|entry| entry["level"] == "SEVERE" || entry["level"] == "WARNING")
            .map(|entry| entry["message"].to_string())
            .filter(|message| !is_expected(message))
            .collect();
        let asked = self.asked().await;
        assert!(!asked.is_empty(), "the browser kept no record of its requests");
        let strangers: Vec<&String> = asked
            .iter()
            .filter(|url| {
                !url.starts_with("http://127.0.0.1:")
                    && !url.starts_with("data:")
                    && !url.starts_with("chrome")
                    && !is_expected(url)
            })
            .collect();
        self.client.close().await.unwrap();
        assert_eq!(complaints, Vec::<String>::new(), "on the console");
        assert!(strangers.is_empty(), "asked of others: {strangers:?}");
    }

    async fn asked(&self) -> Vec<String> {
        let mut urls = Vec::new();
        for entry in self.log("performance").await {
            let message: Value =
                serde_json::from_str(entry["message"].as_str().unwrap_or_default()).unwrap_or_default();
            if message["message"]["method"] == "Network.requestWillBeSent" {
                urls.extend(message["message"]["params"]["request"]["url"].as_str().map(str::to_owned));
            }
        }
        urls
    }

    async fn log(&self, kind: &'static str) -> Vec<Value> {
        let entries =
            self.client.issue_cmd(Own { path: "se/log", body: json!({ "type": kind }) }).await.unwrap();
        entries.as_array().cloned().unwrap_or_default()
    }
}

/// A command that the driver has beside the standard's.
#[derive(Debug)]
struct Own {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

/// The driver, with the line that says its port. It takes a port that is free for IPv4, and ends if the same is not so for
/// IPv6: then it gets another.
async fn driver() -> (Group, String) {
    for _ in 0..5 {
        let started = started(Command::new("chromedriver").args(["--port=0"]), "successfully on port ").await;
        if let Some(started) = started {
            return started;
        }
    }
    panic!("chromedriver does not start");
}

/// Starts a program, and reads its output up to the line that says it is ready; `None` if it ends before.
async fn started(command: &mut Command, ready: &str) -> Option<(Group, String)> {
    let command = command.process_group(0).kill_on_drop(true);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = tokio::time::timeout(PATIENCE, async {
        loop {
            let line = lines.next_line().await.unwrap()?;
            if line.contains(ready) {
                return Some(line);
            }
        }
    });
    let line = line.await.expect("the program was not ready in time")?;
    // The rest of its output is read, so that it never waits for a reader.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Some((Group(child), line))
}
