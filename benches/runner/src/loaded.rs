//! Each token source under its load.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use bench_inputs::Scenario;

use crate::Outcome;
use crate::server::Server;
use crate::side::Side;

/// A side that says nothing for so long is ended.
const LIMIT: Duration = Duration::from_secs(45);

/// What one side did in one scenario.
pub(crate) struct Borne {
    pub(crate) side: String,
    pub(crate) scenario: Scenario,
    pub(crate) callers: usize,
    /// Before the server recovered.
    pub(crate) requests: usize,
    /// Tokens, errors, milliseconds until the last of them, milliseconds until recovery.
    pub(crate) answers: Option<[String; 4]>,
}

impl Borne {
    pub(crate) fn of(side: &Side, scenario: Scenario, callers: usize) -> Outcome<Self> {
        let server = Server::start(scenario)?;
        let mut child = Command::new(&side.program)
            .args(["load", &side.name, scenario.id(), &callers.to_string(), &server.url()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut input = child.stdin.take().ok_or("no pipe")?;
        let output = child.stdout.take().ok_or("no pipe")?;
        let (lines, said) = mpsc::channel();
        thread::spawn(move || {
            BufReader::new(output).lines().map_while(Result::ok).try_for_each(|line| lines.send(line))
        });
        let (mut requests, mut answers) = (None, None);
        while let Ok(line) = said.recv_timeout(LIMIT) {
            if line == "recover" {
                requests = Some(server.requests());
                server.recover();
                writeln!(input, "well")?;
            }
            if let Some(rest) = line.strip_prefix("answers\t") {
                answers =
                    <[String; 4]>::try_from(rest.split('\t').map(str::to_owned).collect::<Vec<_>>()).ok();
            }
        }
        // It has ended, or is to.
        let _ = child.kill();
        child.wait()?;
        // The first token of a source that has run out was asked for before the callers came.
        let before = usize::from(scenario == Scenario::Expired);
        let requests = requests.unwrap_or_else(|| server.requests()).saturating_sub(before);
        Ok(Self { side: side.name.clone(), scenario, callers, requests, answers })
    }
}
