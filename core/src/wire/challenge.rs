//! Reading `WWW-Authenticate`: the whole grammar of a [`Challenge`] (RFC 9110 §11.6.1).

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

use crate::ground::challenge::Challenge;
use crate::ground::error::{Error, malformed};
use crate::ground::rule::Rule;

/// The most bytes of all `WWW-Authenticate` headers of one answer together.
const MAX_BYTES: usize = 16 * 1024;

/// The most challenges of one answer, and the most parameters of one challenge.
const MAX_ITEMS: usize = 32;

impl Challenge {
    /// Reads all challenges of an answer, over several header lines and several in a line, in their order.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] ([WA-1](crate::Rule::Wa1)) if a line departs from the grammar, names a parameter twice in one
    /// challenge, or the headers exceed 16 KiB, 32 challenges or 32 parameters in one.
    pub fn parse(headers: &HeaderMap) -> Result<Vec<Self>, Error> {
        let lines = headers.get_all(WWW_AUTHENTICATE);
        if lines.iter().map(|line| line.len()).sum::<usize>() > MAX_BYTES {
            return Err(malformed(Rule::Wa1, "the header WWW-Authenticate is larger than 16 KiB"));
        }
        let mut challenges = Vec::new();
        for line in lines {
            Reader { rest: line.as_bytes() }.challenges(&mut challenges).ok_or_else(|| {
                malformed(Rule::Wa1, "the header WWW-Authenticate departs from its grammar")
            })?;
        }
        Ok(challenges)
    }
}

/// A header line, read from the left. Every method returns `None` for what is outside the grammar.
struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    /// `[ challenge *( OWS "," OWS challenge ) ]`, with the empty list items that RFC 9110 §5.6.1 lets through.
    fn challenges(&mut self, challenges: &mut Vec<Challenge>) -> Option<()> {
        loop {
            self.separators();
            if self.rest.is_empty() {
                return Some(());
            }
            if challenges.len() == MAX_ITEMS {
                return None;
            }
            let challenge = self.challenge()?;
            challenges.push(challenge);
            self.spaces();
            if !self.rest.is_empty() && self.peek() != Some(b',') {
                return None;
            }
        }
    }

    fn challenge(&mut self) -> Option<Challenge> {
        let mut challenge =
            Challenge { scheme: self.token()?, token68: None, parameters: Vec::new(), shown: None };
        if self.peek() != Some(b' ') {
            return Some(challenge);
        }
        // `challenge = auth-scheme [ 1*SP ( token68 / #auth-param ) ]`: spaces and no tabs, which may stand before a comma
        // or the line's end alone.
        self.take_while(|byte| byte == b' ');
        if self.peek() == Some(b'\t') {
            self.spaces();
            if !matches!(self.peek(), None | Some(b',')) {
                return None;
            }
        }
        if let Some(token) = self.token68() {
            challenge.token68 = Some(token);
            return Some(challenge);
        }
        // A comma separates this challenge's parameters as well as the next challenge. What follows is a parameter
        // if it reads as `token BWS "=" …`; otherwise it is the next challenge, and the comma is left for it.
        while let Some((name, value)) = self.parameter(challenge.parameters.is_empty())? {
            if challenge.parameters.len() == MAX_ITEMS || challenge.parameter(&name).is_some() {
                return None;
            }
            challenge.parameters.push((name, value));
        }
        Some(challenge)
    }

    /// The next parameter with the commas before it, of which all but the first have one; `Some(None)`, and nothing
    /// read, if no parameter follows.
    fn parameter(&mut self, first: bool) -> Option<Option<(String, String)>> {
        let start = self.rest;
        let separated = self.separators() || first;
        let name = self.token();
        self.spaces();
        let (Some(name), Some(b'='), true) = (name, self.peek(), separated) else {
            self.rest = start;
            return Some(None);
        };
        self.skip();
        self.spaces();
        let value = if self.peek() == Some(b'"') { self.quoted()? } else { self.token()? };
        // The value ends at a space, a comma or the line's end: `a=b"c"` is outside the grammar.
        if !matches!(self.peek(), None | Some(b' ' | b'\t' | b',')) {
            return None;
        }
        Some(Some((name, value)))
    }

    /// `token68`, if it is one and nothing but a comma or the end follows: `a=b` is a parameter.
    fn token68(&mut self) -> Option<String> {
        let start = self.rest;
        let token = self.take_while(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte));
        let padding = self.take_while(|byte| byte == b'=');
        self.spaces();
        if token.is_empty() || !matches!(self.peek(), None | Some(b',')) {
            self.rest = start;
            return None;
        }
        Some(token + &padding)
    }

    fn token(&mut self) -> Option<String> {
        let token =
            self.take_while(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
        (!token.is_empty()).then_some(token)
    }

    fn quoted(&mut self) -> Option<String> {
        self.skip();
        let mut value = Vec::new();
        loop {
            let byte = self.peek()?;
            self.skip();
            match byte {
                b'"' => return String::from_utf8(value).ok(),
                b'\\' => {
                    let escaped = self.peek()?;
                    self.skip();
                    value.push(escaped);
                }
                _ => value.push(byte),
            }
        }
    }

    fn take_while(&mut self, keep: impl Fn(u8) -> bool) -> String {
        let length = self.rest.iter().position(|&byte| !keep(byte)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken.iter().copied().map(char::from).collect()
    }

    /// Skips commas and the spaces around them, and says whether there was a comma.
    fn separators(&mut self) -> bool {
        let mut comma = false;
        while let Some(byte @ (b' ' | b'\t' | b',')) = self.peek() {
            comma |= byte == b',';
            self.skip();
        }
        comma
    }

    fn spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.skip();
        }
    }

    fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    fn skip(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }
}
