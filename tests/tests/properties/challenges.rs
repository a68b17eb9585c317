//! WA-1: `WWW-Authenticate` is read as its grammar has it, which a parser of all readings says.
//!
//! The model takes each rule of RFC 9110 §§5.6 and 11 as it is written, and follows every way through it: wherever a rule may end, it goes
//! on from there.

use std::collections::BTreeSet;

use http::HeaderMap;
use http::header::{HeaderValue, WWW_AUTHENTICATE};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use valetkey_core::error::Challenge;

/// A scheme, its token68, and its parameters.
type Read = (String, Option<String>, Vec<(String, String)>);

/// Where a rule may end, with what was read until there.
type Ends<T> = Vec<(usize, T)>;

struct Model<'a>(&'a [u8]);

impl Model<'_> {
    /// `#challenge`: all readings of the whole line.
    fn readings(line: &[u8]) -> BTreeSet<Vec<Read>> {
        let model = Model(line);
        // What surrounds a field's value is no part of it (§5.5), and its reader skips it.
        let ends = model
            .spaces(0, b" \t")
            .into_iter()
            .flat_map(|start| model.list(start, &|at| model.challenge(at)));
        ends.filter(|(end, _)| line[*end..].iter().all(|byte| b" \t".contains(byte)))
            .map(|(_, read)| read)
            .collect()
    }

    /// `#element => [ element ] *( OWS "," OWS [ element ] )`, as a recipient takes it (§5.6.1.2).
    fn list<T: Clone>(&self, start: usize, element: &dyn Fn(usize) -> Ends<T>) -> Ends<Vec<T>> {
        let optional = |at: usize, read: &[T]| -> Ends<Vec<T>> {
            let more = element(at).into_iter().map(|(end, item)| (end, [read, &[item]].concat()));
            std::iter::once((at, read.to_vec())).chain(more).collect()
        };
        let (mut all, mut open) = (Vec::new(), optional(start, &[]));
        while let Some((at, read)) = open.pop() {
            for comma in self.spaces(at, b" \t").into_iter().filter(|at| self.0.get(*at) == Some(&b',')) {
                for next in self.spaces(comma + 1, b" \t") {
                    open.extend(optional(next, &read));
                }
            }
            all.push((at, read));
        }
        all
    }

    /// `challenge = auth-scheme [ 1*SP ( token68 / #auth-param ) ]`.
    fn challenge(&self, start: usize) -> Ends<Read> {
        let mut ends = Vec::new();
        for (at, scheme) in self.token(start) {
            ends.push((at, (scheme.clone(), None, Vec::new())));
            for next in self.spaces(at, b" ").into_iter().filter(|next| *next > at) {
                let token68 = self
                    .token68(next)
                    .into_iter()
                    .map(|(end, text)| (end, (scheme.clone(), Some(text), Vec::new())));
                let parameters = self.list(next, &|at| self.parameter(at)).into_iter();
                let parameters = parameters.map(|(end, read)| (end, (scheme.clone(), None, read)));
                ends.extend(token68.chain(parameters));
            }
        }
        ends
    }

    /// `token68 = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
    fn token68(&self, start: usize) -> Ends<String> {
        let letters = self.run(start, |byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte));
        let ends = letters.into_iter().flat_map(|at| {
            let padded = self.run(at, |byte| byte == b'=');
            std::iter::once(at).chain(padded)
        });
        ends.map(|end| (end, self.text(start, end))).collect()
    }

    /// `auth-param = token BWS "=" BWS ( token / quoted-string )`.
    fn parameter(&self, start: usize) -> Ends<(String, String)> {
        let mut ends = Vec::new();
        for (at, name) in self.token(start) {
            for equals in self.spaces(at, b" \t").into_iter().filter(|at| self.0.get(*at) == Some(&b'=')) {
                for value in self.spaces(equals + 1, b" \t") {
                    let values = self.token(value).into_iter().chain(self.quoted(value));
                    ends.extend(values.map(|(end, value)| (end, (name.clone(), value))));
                }
            }
        }
        ends
    }

    fn token(&self, start: usize) -> Ends<String> {
        let ends = self.run(start, |byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte));
        ends.into_iter().map(|end| (end, self.text(start, end))).collect()
    }

    /// `quoted-string`, which has one end.
    fn quoted(&self, start: usize) -> Option<(usize, String)> {
        let mut value = Vec::new();
        let mut at = start + 1;
        (self.0.get(start) == Some(&b'"')).then_some(())?;
        loop {
            match *self.0.get(at)? {
                b'"' => return Some((at + 1, String::from_utf8(value).ok()?)),
                b'\\' => {
                    value.push(*self.0.get(at + 1)?);
                    at += 2;
                }
                byte => {
                    value.push(byte);
                    at += 1;
                }
            }
        }
    }

    /// The ends of one or more of these bytes.
    fn run(&self, start: usize, is_one: impl Fn(u8) -> bool) -> Vec<usize> {
        let length = self.0.get(start..).unwrap_or_default().iter().take_while(|byte| is_one(**byte)).count();
        (1..=length).map(|length| start + length).collect()
    }

    /// The ends of any number of these.
    fn spaces(&self, start: usize, of: &[u8]) -> Vec<usize> {
        std::iter::once(start).chain(self.run(start, |byte| of.contains(&byte))).collect()
    }

    fn text(&self, start: usize, end: usize) -> String {
        String::from_utf8_lossy(&self.0[start..end]).into_owned()
    }
}

/// No challenge has a parameter twice (§11.2).
fn is_unique((_, _, parameters): &Read) -> bool {
    let names: Vec<_> = parameters.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    (1..names.len()).all(|at| !names[..at].contains(&names[at]))
}

fn line() -> impl Strategy<Value = String> {
    let pieces = select(vec![
        "Basic", "a", "b", "A", "=", "==", "a=b", "a = b", "b=\"c\"", "\"", "\"x, y\"", "\"\\\"\"", ",",
        ", ", " ,", " ", "  ", "\t", "/", "~", "a/b==", "é", ";",
    ]);
    vec(pieces, 0..7).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8192))]

    #[test]
    fn a_challenge_is_read_as_one_of_its_readings_and_refused_only_without_one_wa_1(line in line()) {
        let mut readings = Model::readings(line.as_bytes());
        readings.retain(|reading| reading.iter().all(is_unique));
        let mut headers = HeaderMap::new();
        headers.append(WWW_AUTHENTICATE, HeaderValue::from_bytes(line.as_bytes()).unwrap());
        match Challenge::parse(&headers) {
            Err(_) => prop_assert!(readings.is_empty(), "{line:?} has readings: {readings:?}"),
            Ok(challenges) => {
                let read: Vec<Read> = challenges.iter().map(|challenge| {
                    let parameters = challenge.parameters().map(|(name, value)| (name.to_owned(), value.to_owned()));
                    (challenge.scheme().to_owned(), challenge.token68().map(str::to_owned), parameters.collect())
                }).collect();
                prop_assert!(readings.contains(&read), "{line:?} is read as {read:?}, and may be {readings:?}");
                // Two readers of one line do not differ.
                prop_assert_eq!(readings.len(), 1, "{:?}", line);
            }
        }
    }
}
