//! The tests, and how some of them are run.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::Failed;
use crate::build::Binary;
use crate::tree;

/// Programs that read the sources or compile something, so that they have nothing to say of a mutant: what they read has all
/// mutants in it; and those that want foreign servers or a browser.
const ASIDE: [&str; 9] = [
    "rooms",
    "rules",
    "findings",
    "texts",
    "manifests",
    "published_examples",
    "examples",
    "applications",
    "foreign",
];

/// What a test program may have of memory: a mutant may want all there is.
const MEMORY: &str = "16000000";

pub(crate) struct Suite {
    pub(crate) tests: Vec<Test>,
    binaries: Vec<Binary>,
    folder: PathBuf,
}

pub(crate) struct Test {
    pub(crate) binary: usize,
    pub(crate) name: String,
}

/// How a run of some tests ended.
pub(crate) enum Outcome {
    Passed,
    /// The test that failed, if it is known.
    Failed(Option<String>),
    Late,
}

impl Suite {
    pub(crate) fn find(binaries: &[Binary]) -> Result<Self, Failed> {
        let binaries: Vec<Binary> =
            binaries.iter().filter(|binary| !ASIDE.contains(&binary.name.as_str())).cloned().collect();
        let mut tests = Vec::new();
        for (binary, program) in binaries.iter().enumerate() {
            let listed = Command::new(&program.path).args(["--list", "--format=terse"]).output()?;
            for line in String::from_utf8(listed.stdout)?.lines() {
                if let Some(name) = line.strip_suffix(": test") {
                    tests.push(Test { binary, name: name.to_owned() });
                }
            }
        }
        Ok(Self { tests, binaries, folder: tree::copy_root().canonicalize()?.join("tests") })
    }

    pub(crate) fn name(&self, test: usize) -> String {
        self.tests
            .get(test)
            .map_or_else(String::new, |test| format!("{}::{}", self.program(test).name, test.name))
    }

    pub(crate) fn program(&self, test: &Test) -> &Binary {
        &self.binaries[test.binary]
    }

    /// Runs tests of one program in one process, one after the other, until one fails. `seconds` is what they take.
    pub(crate) fn run(
        &self,
        tests: &[usize],
        seconds: f64,
        environment: &[(&str, &Path)],
        mutant: usize,
    ) -> Outcome {
        let Some(first) = tests.first().and_then(|test| self.tests.get(*test)) else {
            return Outcome::Passed;
        };
        let names = tests.iter().filter_map(|test| self.tests.get(*test)).map(|test| test.name.as_str());
        let limit = |factor: f64| Duration::from_secs_f64(5.0 + factor * seconds);
        // What spins is ended by its processor's time, which other work on this machine does not shorten.
        let script = format!("ulimit -v {MEMORY}; ulimit -t {}; exec \"$0\" \"$@\"", limit(6.0).as_secs());
        let mut command = Command::new("sh");
        command
            .args(["-c", &script])
            .arg(&self.program(first).path)
            .args(["--exact", "--test-threads=1"])
            .args(names)
            .current_dir(&self.folder)
            .env("CARGO_MANIFEST_DIR", &self.folder)
            .env("CARGO", std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            // Functions with their mutants in them have large frames.
            .env("RUST_MIN_STACK", "16777216")
            .env("RUST_BACKTRACE", "0")
            .env("MUTANT", mutant.to_string())
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        system::in_a_group(&mut command);
        match command.spawn() {
            Ok(child) => watch(child, limit(15.0) + Duration::from_secs(10)),
            // What cannot be started catches nothing.
            Err(_) => Outcome::Passed,
        }
    }
}

/// Reads what the tests say, and ends them with the first failure.
fn watch(mut child: Child, limit: Duration) -> Outcome {
    let Some(mut output) = child.stdout.take() else { return Outcome::Passed };
    let (said, hears) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = output.read(&mut bytes) {
            if said.send(bytes[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    let mut text = Vec::new();
    let mut failed = None;
    let mut left = limit;
    let late = loop {
        let step = Duration::from_millis(500).min(left);
        match hears.recv_timeout(step) {
            Ok(bytes) => {
                text.extend_from_slice(&bytes);
                failed = failure(&String::from_utf8_lossy(&text));
                if failed.is_some() {
                    break false;
                }
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => break false,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                left = left.saturating_sub(step);
                if left.is_zero() {
                    break true;
                }
                // Its children may have its output still.
                if matches!(child.try_wait(), Ok(Some(_))) {
                    break false;
                }
            }
        }
    };
    if late || failed.is_some() {
        system::end(&mut child);
    }
    let status = child.wait();
    // Whatever it started and left behind.
    system::end(&mut child);
    match status {
        _ if late => Outcome::Late,
        _ if failed.is_some() => Outcome::Failed(failed),
        Ok(status) if status.success() => Outcome::Passed,
        // The processor's time is up.
        Ok(status) if system::is_out_of_time(status) => Outcome::Late,
        _ => Outcome::Failed(running(&String::from_utf8_lossy(&text))),
    }
}

/// The test of which it was said that it failed.
fn failure(text: &str) -> Option<String> {
    let line = text.lines().find(|line| line.starts_with("test ") && line.ends_with("FAILED"))?;
    Some(line.strip_prefix("test ")?.split(" ... ").next()?.trim_end_matches(" - should panic").to_owned())
}

/// The test that was begun last: it brought the program down.
fn running(text: &str) -> Option<String> {
    let line = text.lines().rev().find(|line| line.starts_with("test ") && !line.ends_with("ok"))?;
    Some(line.strip_prefix("test ")?.split(" ... ").next()?.to_owned())
}

#[cfg(unix)]
mod system {
    use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
    use std::process::{Child, Command, ExitStatus};

    use rustix::process::{Pid, Signal, kill_process_group};

    /// With all that it starts, so that all of it can be ended.
    pub(super) fn in_a_group(command: &mut Command) {
        command.process_group(0);
    }

    /// Whether the processor's time was up.
    pub(super) fn is_out_of_time(status: ExitStatus) -> bool {
        matches!(status.signal(), Some(signal) if signal == Signal::XCPU.as_raw() || signal == Signal::KILL.as_raw())
    }

    pub(super) fn end(child: &mut Child) {
        if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Only so that it compiles: the limits of a test are set by a shell.
#[cfg(not(unix))]
mod system {
    use std::process::{Child, Command, ExitStatus};

    pub(super) fn in_a_group(_: &mut Command) {}

    pub(super) fn is_out_of_time(_: ExitStatus) -> bool {
        false
    }

    pub(super) fn end(child: &mut Child) {
        let _ = child.kill();
    }
}
