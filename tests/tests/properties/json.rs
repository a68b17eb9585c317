//! TR-2: what is taken for JSON is JSON by RFC 8259, one object whose names are unique, at whatever depth; and whatever is that is taken.
//!
//! The model is a parser of its own, written from the grammar, which says no more than yes or no.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use valetkey_core::{AuthorizationServer, Rule, TokenResponse};
use valetkey_tests::{NOW, json};

/// Reads from the left; a method says nothing if the text departs from the grammar.
struct Model<'a> {
    rest: &'a [u8],
}

impl Model<'_> {
    /// `JSON-text = ws value ws`, where the value is an object.
    fn takes(text: &[u8]) -> bool {
        let mut model = Model { rest: text };
        std::str::from_utf8(text).is_ok()
            && model.spaces()
            && model.rest.first() == Some(&b'{')
            && model.value().is_some()
            && model.spaces()
            && model.rest.is_empty()
    }

    fn value(&mut self) -> Option<()> {
        match *self.rest.first()? {
            b'{' => self.object(),
            b'[' => self.array(),
            b'"' => self.string().map(drop),
            b'-' | b'0'..=b'9' => self.number(),
            _ => ["null", "true", "false"].iter().any(|word| self.eats(word)).then_some(()),
        }
    }

    fn object(&mut self) -> Option<()> {
        self.separated("{", "}", |model, names: &mut Vec<Vec<u16>>| {
            let name = model.string()?;
            // RFC 8259 §4 wants them unique for what is to be read alike by all.
            if names.contains(&name) {
                return None;
            }
            names.push(name);
            (model.spaces() && model.eats(":") && model.spaces()).then_some(())?;
            model.value()
        })
    }

    fn array(&mut self) -> Option<()> {
        self.separated("[", "]", |model, ()| model.value())
    }

    fn separated<T: Default>(
        &mut self,
        open: &str,
        close: &str,
        item: impl Fn(&mut Self, &mut T) -> Option<()>,
    ) -> Option<()> {
        let mut known = T::default();
        (self.eats(open) && self.spaces()).then_some(())?;
        if self.eats(close) {
            return Some(());
        }
        loop {
            item(self, &mut known)?;
            self.spaces();
            if self.eats(close) {
                return Some(());
            }
            (self.eats(",") && self.spaces()).then_some(())?;
        }
    }

    /// Its UTF-16 units, by which two spellings of one name are the same. A surrogate that stands alone is no character (§8.2).
    fn string(&mut self) -> Option<Vec<u16>> {
        self.eats("\"").then_some(())?;
        let mut units = Vec::new();
        loop {
            let text = std::str::from_utf8(self.rest).ok()?;
            let character = text.chars().next()?;
            self.rest = &self.rest[character.len_utf8()..];
            match character {
                '"' => break,
                '\\' => units.push(self.escaped()?),
                '\0'..='\x1f' => return None,
                other => units.extend_from_slice(other.encode_utf16(&mut [0; 2])),
            }
        }
        char::decode_utf16(units.iter().copied()).all(|unit| unit.is_ok()).then_some(units)
    }

    fn escaped(&mut self) -> Option<u16> {
        let (&letter, rest) = self.rest.split_first()?;
        self.rest = rest;
        let plain = match letter {
            b'"' | b'\\' | b'/' => letter,
            b'b' => 8,
            b'f' => 12,
            b'n' => 10,
            b'r' => 13,
            b't' => 9,
            b'u' => {
                let (digits, rest) = self.rest.split_at_checked(4)?;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(())?;
                self.rest = rest;
                return u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
            }
            _ => return None,
        };
        Some(u16::from(plain))
    }

    /// `number = [ "-" ] int [ frac ] [ exp ]`, and within what a double reaches (§6).
    fn number(&mut self) -> Option<()> {
        let start = self.rest;
        self.eats("-");
        if !self.eats("0") {
            self.digits()?;
        }
        if self.eats(".") {
            self.digits()?;
        }
        if self.eats("e") || self.eats("E") {
            let _ = self.eats("+") || self.eats("-");
            self.digits()?;
        }
        let text = std::str::from_utf8(&start[..start.len() - self.rest.len()]).ok()?;
        text.parse::<f64>().ok()?.is_finite().then_some(())
    }

    fn digits(&mut self) -> Option<()> {
        let length = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.rest = &self.rest[length..];
        (length > 0).then_some(())
    }

    /// Skips them; there may be none.
    fn spaces(&mut self) -> bool {
        let length = self.rest.iter().take_while(|byte| b" \t\r\n".contains(byte)).count();
        self.rest = &self.rest[length..];
        true
    }

    fn eats(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text.as_bytes());
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

fn strings() -> impl Strategy<Value = String> {
    let parts = prop_oneof![
        4 => select(vec!["a", "b", "é", "😀", "\\u0061", "\\u00E9", "\\ud83d\\ude00", "\\n", "\\/", "\\\""]).prop_map(str::to_owned),
        1 => select(vec!["\\ud83d", "\\ude00", "\\x", "\\u12", "\u{7f}", "\u{2028}", "\t", "\\u0000"]).prop_map(str::to_owned),
    ];
    vec(parts, 0..3).prop_map(|parts| format!("\"{}\"", parts.concat()))
}

fn numbers() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>()
            .prop_filter("JSON has no other", |number| number.is_finite())
            .prop_map(|number| format!("{number:e}")),
        "-?[0-9]{1,3}(\\.[0-9]{0,3})?([eE][+-]?[0-9]{0,3})?",
        "[+-]?[0-9.eE+-]{1,6}",
    ]
}

fn spaced(text: String) -> impl Strategy<Value = String> {
    let space = || "[ \t\r\n]{0,2}";
    (space(), space()).prop_map(move |(before, after)| format!("{before}{text}{after}"))
}

fn values() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        strings(),
        numbers(),
        select(vec!["null", "true", "false", "nul", "NaN", "True", ""]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let member = (strings().prop_flat_map(spaced), inner.clone().prop_flat_map(spaced));
        prop_oneof![
            vec(inner.prop_flat_map(spaced), 0..4).prop_map(|items| format!("[{}]", items.join(","))),
            vec(member.prop_map(|(name, value)| format!("{name}:{value}")), 0..4)
                .prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    })
}

/// One byte more, fewer, or another.
fn spoiled(text: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![select(b"{}[]:,\"\\ 0-.eE\n\0\xef\xff".to_vec()), any::<u8>()];
    (any::<prop::sample::Index>(), byte, 0..4_u8).prop_map(move |(at, byte, how)| {
        let mut text = text.clone();
        let at = at.index(text.len().max(1));
        match how {
            0 => text.insert(at.min(text.len()), byte),
            1 if !text.is_empty() => drop(text.remove(at)),
            2 if !text.is_empty() => text[at] = byte,
            _ => {}
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn what_is_taken_for_json_is_json_and_the_other_way_about_tr_2(body in values().prop_map(String::into_bytes).prop_flat_map(spoiled)) {
        // In a token response, as a member that nobody knows: so that its being JSON is all that counts.
        let whole = [b"{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"extra\":", &*body, b"}"].concat();
        let answer = json(200, "").map(|_| whole.clone());
        match TokenResponse::parse(answer, NOW, &AuthorizationServer::new()) {
            Ok(_) => prop_assert!(Model::takes(&whole), "taken: {}", String::from_utf8_lossy(&whole)),
            Err(error) => {
                prop_assert_eq!(error.rule(), Some(Rule::Tr2));
                prop_assert!(!Model::takes(&whole), "refused: {}: {error}", String::from_utf8_lossy(&whole));
            }
        }
    }
}
