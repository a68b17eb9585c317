//! Texts of others on a terminal of ours: what would control it is written out. [`visible`], [`visible_bytes`], [`Out`].
//!
//! | what | why | shown as |
//! |---|---|---|
//! | C0 but the line feed and the tab, DEL, C1 | move the cursor, set the title, write the clipboard, answer as if typed | `\u001b` |
//! | direction marks, embeddings, overrides, isolates | show a text in another order than it is in | `\u202e` |
//! | invisible characters, tags | hide a text within another | `\u200b` |
//! | bytes that are no UTF-8 | 0x80 to 0x9f are C1 on some terminals | `\x9b` |
//!
//! A character is written as JSON writes it, so that a JSON text means the same afterwards.

use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Stdout, Write};

/// The text as a terminal may have it.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        // The end of a line, as protocols write it.
        if c == '\r' && rest.peek() == Some(&'\n') {
            continue;
        }
        if !controls(c) {
            shown.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(shown, "\\u{unit:04x}");
        }
    }
    shown
}

/// The same for a cell of a table, which ends no line.
pub(crate) fn one_line(text: &str) -> String {
    visible(text).replace('\n', "\\u000a").replace('\t', "\\u0009")
}

/// The same for what need not be text.
pub(crate) fn visible_bytes(bytes: &[u8]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        shown.push_str(&visible(chunk.valid()));
        for byte in chunk.invalid() {
            let _ = write!(shown, "\\x{byte:02x}");
        }
    }
    shown
}

/// Whether it changes how what is around it is shown. The joiners are not among them: Persian and emoji need them.
fn controls(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{FEFF}' => true,
        '\u{200B}' | '\u{200E}' | '\u{200F}' => true,
        '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FFF9}'..='\u{FFFB}' => true,
        '\u{E0000}'..='\u{E0FFF}' => true,
        c => c.is_control(),
    }
}

/// Standard output for what others wrote, a piece at a time: as it is, unless it is a terminal.
pub(crate) struct Out {
    out: Stdout,
    is_shown: bool,
    /// What has come of a line that has not ended: a character may come in parts.
    line: Vec<u8>,
}

impl Out {
    /// `raw` is whether a terminal gets it as it is too.
    pub(crate) fn new(raw: bool) -> Self {
        let out = io::stdout();
        let is_shown = !raw && out.is_terminal();
        Self { out, is_shown, line: Vec::new() }
    }

    fn end_line(&mut self) -> io::Result<()> {
        let shown = visible_bytes(&std::mem::take(&mut self.line));
        unread(self.out.write_all(shown.as_bytes()), ())
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.is_shown {
            return unread(self.out.write(bytes), bytes.len());
        }
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(part);
            if part.ends_with(b"\n") {
                self.end_line()?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.end_line()?;
        unread(self.out.flush(), ())
    }
}

/// A reader that has had enough is no failure: what is still written goes nowhere.
fn unread<T>(written: io::Result<T>, all: T) -> io::Result<T> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(all),
        written => written,
    }
}

impl Drop for Out {
    fn drop(&mut self) {
        let _ = self.flush();
    }
}
