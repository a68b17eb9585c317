//! Standard output is for programs, standard error for people: what is printed, where, and asked.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use zeroize::Zeroizing;

use super::duration::spell;
use super::exit::Exit;
use super::failure::Failure;
use super::visible::{Out, visible};

/// What has gone wrong, and what to do next, in colours where those are wanted.
pub(crate) const RED: Style = AnsiColor::Red.on_default().bold();
pub(crate) const GREEN: Style = AnsiColor::Green.on_default();
pub(crate) const BOLD: Style = Style::new().bold();

/// Whether somebody sits there: reads what is told, and can answer.
pub(crate) fn is_attended() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Whether what is told is shown.
pub(crate) fn is_told() -> bool {
    io::stderr().is_terminal()
}

/// Whether what is written to standard output is shown, and so is what is told.
pub(crate) fn is_shown() -> bool {
    io::stdout().is_terminal() && io::stderr().is_terminal()
}

/// Writes what the subcommand is for to standard output. A terminal gets nothing of it that would control it.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    print_bytes(text.as_bytes(), false)
}

/// The same for what is not text, an API's answer for example; `raw` if a terminal is to get it as it is.
pub(crate) fn print_bytes(bytes: &[u8], raw: bool) -> Result<(), Failure> {
    let mut out = Out::new(raw);
    written(out.write_all(bytes).and_then(|()| out.flush()))
}

/// The same for programs, which read the same wherever it goes.
pub(crate) fn print_json(json: &Value) -> Result<(), Failure> {
    print(&format!("{}\n", visible(&json.to_string())))
}

/// The same for people, in colours where those are wanted. What others wrote in it has been made [`visible`].
pub(crate) fn print_styled(text: &str) -> Result<(), Failure> {
    let mut out = anstream::stdout().lock();
    written(out.write_all(text.as_bytes()).and_then(|()| out.flush()))
}

/// A reader that has had enough (`head`, a pager that was left) is no failure: what is still written goes nowhere.
fn written(written: io::Result<()>) -> Result<(), Failure> {
    if written.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
        return Ok(());
    }
    written.map_err(|error| Failure::new(Exit::Failed, format!("standard output cannot be written: {error}")))
}

/// Tells the person something, and nothing that would control a terminal. Nobody who does not listen is owed an error.
pub(crate) fn tell(text: &str) {
    tell_styled(&visible(text));
}

/// The same in colours. What others wrote in it has been made [`visible`].
pub(crate) fn tell_styled(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Tells why a subcommand failed, and what to do next.
pub(crate) fn complain(failure: &Failure) {
    tell_styled(&format!("{RED}valetkey:{RED:#} {}", visible(failure.what())));
    if let Some(next) = failure.advice() {
        tell_styled(&format!("{BOLD}next:{BOLD:#} {}", visible(&next)));
    }
}

/// Asks for a secret, which is not shown.
pub(crate) fn ask(what: &str) -> Result<Zeroizing<String>, Failure> {
    rpassword::prompt_password(format!("{what}: "))
        .map(Zeroizing::new)
        .map_err(|error| Failure::new(Exit::Failed, format!("the terminal cannot be asked: {error}")))
}

/// Says that something is waited for, until it is dropped; nothing where standard error is no terminal.
pub(crate) struct Waiting(ProgressBar);

impl Waiting {
    pub(crate) fn for_what(what: &str) -> Self {
        Self::shown(what, "{spinner} {msg} {elapsed}")
    }

    /// The same for what comes to an end by itself.
    pub(crate) fn for_at_most(what: &str, time: Duration) -> Self {
        Self::shown(what, &format!("{{spinner}} {{msg}} ({{elapsed}} of {})", spell(time)))
    }

    fn shown(what: &str, template: &str) -> Self {
        let bar = ProgressBar::new_spinner().with_message(what.to_owned());
        // An invalid template leaves the usual one.
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Waits in place.
#[expect(clippy::disallowed_methods, reason = "the program is what waits for core")]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}
