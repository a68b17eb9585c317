//! A server as a child process: [`Rig`].

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

/// A server that runs, and what it told of itself. It ends when its standard input does, at the latest with the tests,
/// however they end.
pub(crate) struct Rig {
    told: Value,
    child: Child,
    ends_it: Option<ChildStdin>,
}

impl Rig {
    /// The server that runs already, or else one that is started for all.
    pub(crate) fn once(running: &'static OnceLock<Self>, name: &str, profile: &str) -> &'static Self {
        running.get_or_init(|| Self::start(name, profile))
    }

    /// Starts a server of tests/interop/servers for oneself.
    pub(crate) fn start(name: &str, profile: &str) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop/servers/start");
        // What a server says by itself is looked at when something went wrong.
        let log = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{profile}.log"));
        let mut child = Command::new(script)
            .args([name, profile])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told =
            line.strip_prefix("READY ").unwrap_or_else(|| panic!("{name} did not start: {}", log.display()));
        let told = serde_json::from_str(told).unwrap();
        let ends_it = child.stdin.take();
        Self { told, child, ends_it }
    }

    /// What the server told, by its path in the JSON: `/keys/ES256`.
    pub(crate) fn told(&self, path: &str) -> &Value {
        self.told.pointer(path).unwrap_or_else(|| panic!("the server told nothing of {path}"))
    }

    /// The same, for a text.
    pub(crate) fn text(&self, path: &str) -> &str {
        self.told(path).as_str().unwrap()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        drop(self.ends_it.take());
        let _ = self.child.wait();
    }
}
