//! One answer of Redis, as its bytes come: [`Answer`].

use redis::Value;
use zeroize::Zeroizing;

use super::list::List;
use super::question::Question;
use super::trouble::Trouble;

/// Reads one answer, and no more than was asked for.
///
/// ```text
///  +OK            a word
///  -ERR …         an error
///  :1             a number
///  $3 … abc       bytes, after their number; $-1 for nothing
/// ```
///
/// These four are all that our scripts and a login are answered with. Each announces where it ends, so an answer that is
/// too large is refused at the announcement, and what it would hold is not read. Lists, which could announce any number of
/// parts of any size, are refused by their first byte, but for the questions that are answered with one: [`List`] reads those.
pub(super) struct Answer {
    largest: usize,
    list: Option<List>,
    line: Vec<u8>,
    bytes: Option<Bytes>,
}

/// Bytes that were announced: those that are here, and how many they will be with the line end after them.
struct Bytes {
    here: Zeroizing<Vec<u8>>,
    whole: usize,
}

/// The longest line: an error may tell a script's.
const LONGEST_LINE: usize = 4096;

const LINE_END: &[u8] = b"\r\n";

impl Answer {
    /// The answer to this.
    pub(super) fn to(question: &Question) -> Self {
        let largest = question.largest;
        let list = question.is_list.then(|| List::new(largest));
        Self { largest, list, line: Vec::new(), bytes: None }
    }

    /// Takes what was read, and returns the answer once it is whole.
    pub(super) fn push(&mut self, read: &[u8]) -> Result<Option<Value>, Trouble> {
        match (&mut self.list, &mut self.bytes) {
            (Some(list), _) => list.push(read),
            (None, Some(bytes)) => bytes.push(read),
            (None, None) => self.push_line(read),
        }
    }

    fn push_line(&mut self, read: &[u8]) -> Result<Option<Value>, Trouble> {
        let end = read.iter().position(|byte| *byte == b'\n').map(|end| end + 1);
        let (line, rest) = read.split_at_checked(end.unwrap_or(read.len())).ok_or(Trouble::Strange)?;
        self.line.extend_from_slice(line);
        let is_known = matches!(self.line.first(), Some(b'+' | b'-' | b':' | b'$') | None);
        if !is_known || self.line.len() > LONGEST_LINE {
            return Err(Trouble::Strange);
        }
        if end.is_none() {
            return Ok(None);
        }
        let Some(length) = self.line.strip_prefix(b"$") else {
            let value = redis::parse_redis_value(&self.line).map_err(|_| Trouble::Strange)?;
            return finished(value, rest);
        };
        let length = length.strip_suffix(LINE_END).and_then(|length| std::str::from_utf8(length).ok());
        let length: i64 = length.and_then(|length| length.parse().ok()).ok_or(Trouble::Strange)?;
        if length == -1 {
            return finished(Value::Nil, rest);
        }
        let length = usize::try_from(length).map_err(|_| Trouble::Strange)?;
        if length > self.largest {
            return Err(Trouble::TooLarge);
        }
        let whole = length + LINE_END.len();
        // Room for all of it, so that no copy of the secrets is left behind where the buffer grew.
        let bytes = Bytes { here: Zeroizing::new(Vec::with_capacity(whole)), whole };
        self.bytes.insert(bytes).push(rest)
    }
}

impl Bytes {
    fn push(&mut self, read: &[u8]) -> Result<Option<Value>, Trouble> {
        let missing = self.whole.saturating_sub(self.here.len());
        let (ours, rest) = read.split_at_checked(missing).unwrap_or((read, &[]));
        self.here.extend_from_slice(ours);
        if self.here.len() < self.whole {
            return Ok(None);
        }
        if !self.here.ends_with(LINE_END) {
            return Err(Trouble::Strange);
        }
        self.here.truncate(self.whole - LINE_END.len());
        finished(Value::BulkString(std::mem::take(&mut *self.here)), rest)
    }
}

/// There was one question, so nothing comes after its answer.
fn finished(value: Value, rest: &[u8]) -> Result<Option<Value>, Trouble> {
    if rest.is_empty() { Ok(Some(value)) } else { Err(Trouble::Strange) }
}
