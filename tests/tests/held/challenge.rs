//! WA-1: `WWW-Authenticate` against a model of all parses that RFC 9110's grammar has of a line.

use std::collections::BTreeSet;

use http::HeaderMap;
use http::header::{HeaderValue, WWW_AUTHENTICATE};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestRunner};
use valetkey_core::Rule;
use valetkey_core::error::Challenge;

/// How many lines are tried in the suite, and in the slow run.
const FEW: u32 = 4_000;
const MANY: u32 = 64_000;

/// A challenge: scheme, token68 if it has one, parameters.
type Read = (String, Option<String>, Vec<(String, String)>);

/// What core reads, or none if it is refused.
fn read(line: &HeaderValue) -> Option<Vec<Read>> {
    match Challenge::parse(&HeaderMap::from_iter([(WWW_AUTHENTICATE, line.clone())])) {
        Ok(challenges) => Some(challenges.iter().map(plain).collect()),
        Err(error) => {
            assert_eq!(error.rule(), Some(Rule::Wa1), "{error}");
            None
        }
    }
}

fn plain(challenge: &Challenge) -> Read {
    let parameters = challenge.parameters().map(|(name, value)| (name.to_owned(), value.to_owned()));
    (challenge.scheme().to_owned(), challenge.token68().map(str::to_owned), parameters.collect())
}

/// Every way to read a piece of a line from a place on, each with the place where it ends.
type Ways<T> = BTreeSet<(T, usize)>;

/// The grammar, read in every way there is: no choice is made before its end is known.
struct Grammar<'a> {
    line: &'a [u8],
    /// Whether a tab may stand where the grammar has the spaces after a scheme.
    lax: bool,
}

impl Grammar<'_> {
    /// All lists of challenges that the whole line can be read as. In each challenge a name comes once.
    fn all(&self) -> BTreeSet<Vec<Read>> {
        let whole = self.line.len();
        let mut found = BTreeSet::new();
        for start in self.ows(0) {
            for (challenges, end) in self.list(start, &|at| self.challenge(at)) {
                if self.ows(end).contains(&whole) {
                    found.insert(challenges);
                }
            }
        }
        found.retain(|challenges| challenges.iter().all(|(_, _, parameters)| is_unique(parameters)));
        found
    }

    /// `#element`, as a recipient must take it: `[ element ] *( OWS "," OWS [ element ] )` (RFC 9110 §5.6.1.2).
    fn list<T: Clone + Ord>(&self, start: usize, element: &dyn Fn(usize) -> Ways<T>) -> Ways<Vec<T>> {
        let mut ways: Ways<Vec<T>> = BTreeSet::from([(Vec::new(), start)]);
        ways.extend(element(start).into_iter().map(|(one, end)| (vec![one], end)));
        let mut open: Vec<(Vec<T>, usize)> = ways.iter().cloned().collect();
        while let Some((items, at)) = open.pop() {
            for comma in self.ows(at) {
                if self.line.get(comma) != Some(&b',') {
                    continue;
                }
                for after in self.ows(comma + 1) {
                    let more = element(after).into_iter().map(|(one, end)| {
                        let mut items = items.clone();
                        items.push(one);
                        (items, end)
                    });
                    for way in more.chain([(items.clone(), after)]) {
                        if ways.insert(way.clone()) {
                            open.push(way);
                        }
                    }
                }
            }
        }
        ways
    }

    /// `auth-scheme [ 1*SP ( token68 / #auth-param ) ]`
    fn challenge(&self, start: usize) -> Ways<Read> {
        let mut ways = Ways::new();
        for (scheme, end) in self.token(start) {
            ways.insert(((scheme.clone(), None, Vec::new()), end));
            for at in self.gaps(end) {
                for (token, end) in self.token68(at) {
                    ways.insert(((scheme.clone(), Some(token), Vec::new()), end));
                }
                for (parameters, end) in self.list(at, &|at| self.parameter(at)) {
                    ways.insert(((scheme.clone(), None, parameters), end));
                }
            }
        }
        ways
    }

    /// `token BWS "=" BWS ( token / quoted-string )`
    fn parameter(&self, start: usize) -> Ways<(String, String)> {
        let mut ways = Ways::new();
        for (name, end) in self.token(start) {
            for equals in self.ows(end).into_iter().filter(|at| self.line.get(*at) == Some(&b'=')) {
                for at in self.ows(equals + 1) {
                    let values = self.token(at).into_iter().chain(self.quoted(at));
                    ways.extend(values.map(|(value, end)| ((name.clone(), value), end)));
                }
            }
        }
        ways
    }

    fn token(&self, start: usize) -> Ways<String> {
        let is_tchar = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        self.runs(start, &is_tchar)
            .into_iter()
            .filter(|end| *end > start)
            .map(|end| (self.text(start, end), end))
            .collect()
    }

    /// `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`
    fn token68(&self, start: usize) -> Ways<String> {
        let is_char = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
        let mut ways = Ways::new();
        for middle in self.runs(start, &is_char).into_iter().filter(|middle| *middle > start) {
            ways.extend(
                self.runs(middle, &|byte| byte == b'=').into_iter().map(|end| (self.text(start, end), end)),
            );
        }
        ways
    }

    fn quoted(&self, start: usize) -> Option<(String, usize)> {
        let mut at = start + 1;
        let mut text = Vec::new();
        if self.line.get(start) != Some(&b'"') {
            return None;
        }
        loop {
            match *self.line.get(at)? {
                b'"' => return Some((String::from_utf8(text).ok()?, at + 1)),
                b'\\' => {
                    at += 1;
                    text.push(*self.line.get(at)?);
                }
                byte => text.push(byte),
            }
            at += 1;
        }
    }

    /// Where what follows a scheme may begin.
    fn gaps(&self, start: usize) -> Vec<usize> {
        if self.line.get(start) != Some(&b' ') {
            return Vec::new();
        }
        let gap = self.runs(start, &|byte| byte == b' ' || self.lax && byte == b'\t');
        gap.into_iter().filter(|end| *end > start).collect()
    }

    fn ows(&self, start: usize) -> Vec<usize> {
        self.runs(start, &|byte| byte == b' ' || byte == b'\t')
    }

    /// Where a run of such bytes may end: after none of them, after one, after two …
    fn runs(&self, start: usize, fits: &dyn Fn(u8) -> bool) -> Vec<usize> {
        let length = self.line[start..].iter().take_while(|byte| fits(**byte)).count();
        (start..=start + length).collect()
    }

    fn text(&self, start: usize, end: usize) -> String {
        String::from_utf8(self.line[start..end].to_vec()).unwrap()
    }
}

fn is_unique(parameters: &[(String, String)]) -> bool {
    let names: BTreeSet<String> = parameters.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.len() == parameters.len()
}

/// Lines of a dozen pieces, most of which are nearly a challenge.
fn lines() -> impl Strategy<Value = HeaderValue> {
    let pieces = select(vec![
        "a",
        "b",
        "B",
        "Basic",
        "a=b",
        "b=c",
        "B=d",
        "a=\"b\"",
        "a=\"\"",
        "a=\"\\\"\"",
        "a=\"b, c=d\"",
        "=",
        "==",
        "x=",
        "x==",
        "\"",
        "\"q\"",
        "\\",
        "~",
        "/",
        "@",
        "c = d",
        ",",
        ", ",
        " ,",
        ",,",
        " ",
        " ",
        " ",
        "  ",
        "\t",
        ", a=b",
        ", c d=e",
        "é",
        "\"é\"",
    ]);
    let line = vec(pieces, 0..9).prop_map(|pieces| pieces.concat());
    let challenge = select(vec!["Basic ", "Bearer ", "a ", "a  ", "a , "]);
    prop_oneof![1 => line.clone(), 2 => (challenge, line).prop_map(|(challenge, line)| format!("{challenge}{line}"))]
        .prop_map(|line| HeaderValue::from_bytes(line.as_bytes()).unwrap())
}

fn the_reader_is_the_grammar(cases: u32) {
    let taken = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&lines(), |line| {
        let ways = |lax| Grammar { line: line.as_bytes(), lax }.all();
        let (strict, lax) = (ways(false), ways(true));
        // No line has two meanings, but for the tab that a reader may take after a scheme's spaces or refuse.
        prop_assert!(strict.len() < 2 && lax.len() < 2, "{line:?} is {strict:?} or {lax:?}");
        let (read, meanings) = (read(&line), [strict.first().cloned(), lax.first().cloned()]);
        prop_assert!(meanings.contains(&read), "{line:?} is {meanings:?}, and is read as {read:?}");
        taken.set(taken.get() + u32::from(read.is_some()));
        Ok(())
    });
    outcome.unwrap();
    let taken = taken.get();
    assert!(taken > cases / 20 && taken < cases * 19 / 20, "{taken} of {cases} were taken");
}

/// Nearly right challenges, against a model of all parses: what the grammar has no parse of is refused, and what it has
/// one of is read as that one.
#[test]
fn held_challenges_are_read_as_the_grammar_has_them() {
    the_reader_is_the_grammar(FEW);
}

/// The same, at length.
#[test]
#[ignore = "takes minutes: tests/interop/slow/run"]
fn held_challenges_are_read_as_the_grammar_has_them_at_length() {
    the_reader_is_the_grammar(MANY);
}
