//! An answer that may be a list, as its bytes come: [`List`].

use redis::Value;

use super::trouble::Trouble;

/// Reads one answer to a question about servers, lists in lists too, and no more than was asked for.
///
/// ```text
///  *2             a list of two, each of which is one of the others or a list; *-1 for none
/// ```
///
/// A list announces how many parts it has, and not how large they are: so the bytes of all of it are counted as they come, and nothing is
/// made room for that was only announced.
pub(super) struct List {
    largest: usize,
    here: Vec<u8>,
    /// Up to where it was looked at: all before is whole.
    looked: usize,
    /// How many parts are missing: of the answer, of the list in it, of the list in that.
    missing: Vec<usize>,
}

/// Lists in lists in lists: no answer to our questions has more.
const DEEPEST: usize = 6;

const LONGEST_LINE: usize = 4096;

impl List {
    /// An answer of at most this many bytes.
    pub(super) fn new(largest: usize) -> Self {
        Self { largest, here: Vec::new(), looked: 0, missing: vec![1] }
    }

    /// Takes what was read, and returns the answer once it is whole.
    pub(super) fn push(&mut self, read: &[u8]) -> Result<Option<Value>, Trouble> {
        if self.here.len().saturating_add(read.len()) > self.largest {
            return Err(Trouble::Strange);
        }
        self.here.extend_from_slice(read);
        while let Some(missing) = self.missing.last_mut() {
            if *missing == 0 {
                self.missing.pop();
                continue;
            }
            let rest = self.here.get(self.looked..).unwrap_or_default();
            let Some((end, parts)) = part(rest, self.largest)? else {
                return Ok(None);
            };
            *missing -= 1;
            self.looked += end;
            self.missing.push(parts);
            if self.missing.len() > DEEPEST {
                return Err(Trouble::Strange);
            }
        }
        if self.looked != self.here.len() {
            return Err(Trouble::Strange);
        }
        redis::parse_redis_value(&self.here).map(Some).map_err(|_| Trouble::Strange)
    }
}

/// Where the part that comes next ends, if it does, and how many parts it announces. Neither of them is more than there are bytes at most.
fn part(bytes: &[u8], largest: usize) -> Result<Option<(usize, usize)>, Trouble> {
    let kind = match bytes.first() {
        None => return Ok(None),
        Some(kind @ (b'+' | b'-' | b':' | b'$' | b'*')) => *kind,
        Some(_) => return Err(Trouble::Strange),
    };
    let Some(end) = bytes.iter().take(LONGEST_LINE).position(|byte| *byte == b'\n') else {
        return if bytes.len() < LONGEST_LINE { Ok(None) } else { Err(Trouble::Strange) };
    };
    let line = bytes.get(1..end).and_then(|line| line.strip_suffix(b"\r")).ok_or(Trouble::Strange)?;
    if !matches!(kind, b'$' | b'*') {
        return Ok(Some((end + 1, 0)));
    }
    let number: i64 =
        std::str::from_utf8(line).ok().and_then(|line| line.parse().ok()).ok_or(Trouble::Strange)?;
    if number == -1 {
        return Ok(Some((end + 1, 0)));
    }
    let number = usize::try_from(number).ok().filter(|number| *number <= largest).ok_or(Trouble::Strange)?;
    if kind == b'*' {
        return Ok(Some((end + 1, number)));
    }
    let whole = end + 1 + number + 2;
    Ok((whole <= bytes.len()).then_some((whole, 0)))
}
