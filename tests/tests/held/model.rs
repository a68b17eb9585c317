//! RFC 8259, read by hand and by nothing that core reads it with: [`object`].

/// The members of the outermost object whose values are texts, if the bytes are exactly one JSON object in UTF-8, no
/// object of which names a member twice, and no number of which is beyond what 64 bits hold.
pub(crate) fn object(bytes: &[u8]) -> Option<Vec<(String, String)>> {
    let text: Vec<char> = std::str::from_utf8(bytes).ok()?.chars().collect();
    let mut reader = Reader { text: &text, at: 0 };
    reader.space();
    let Value::Object(members) = reader.value()? else { return None };
    reader.space();
    let texts = members.into_iter().filter_map(|(name, value)| match value {
        Value::Text(text) => Some((name, text)),
        _ => None,
    });
    (reader.at == text.len()).then(|| texts.collect())
}

enum Value {
    Text(String),
    Object(Vec<(String, Value)>),
    Other,
}

struct Reader<'a> {
    text: &'a [char],
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn take(&mut self, wanted: char) -> Option<()> {
        (self.peek()? == wanted).then(|| self.at += 1)
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|next| matches!(next, ' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self) -> Option<Value> {
        match self.peek()? {
            '{' => self.object(),
            '[' => self.array(),
            '"' => self.string().map(Value::Text),
            't' => self.word("true"),
            'f' => self.word("false"),
            'n' => self.word("null"),
            _ => self.number(),
        }
    }

    fn word(&mut self, word: &str) -> Option<Value> {
        word.chars().try_for_each(|letter| self.take(letter))?;
        Some(Value::Other)
    }

    fn object(&mut self) -> Option<Value> {
        self.take('{')?;
        let mut members: Vec<(String, Value)> = Vec::new();
        self.space();
        if self.take('}').is_some() {
            return Some(Value::Object(members));
        }
        loop {
            self.space();
            let name = self.string()?;
            if members.iter().any(|(known, _)| *known == name) {
                return None;
            }
            self.space();
            self.take(':')?;
            self.space();
            members.push((name, self.value()?));
            self.space();
            if self.take('}').is_some() {
                return Some(Value::Object(members));
            }
            self.take(',')?;
        }
    }

    fn array(&mut self) -> Option<Value> {
        self.take('[')?;
        self.space();
        if self.take(']').is_some() {
            return Some(Value::Other);
        }
        loop {
            self.space();
            self.value()?;
            self.space();
            if self.take(']').is_some() {
                return Some(Value::Other);
            }
            self.take(',')?;
        }
    }

    fn string(&mut self) -> Option<String> {
        self.take('"')?;
        let mut text = String::new();
        loop {
            let next = self.peek()?;
            self.at += 1;
            match next {
                '"' => return Some(text),
                '\\' => text.push(self.escape()?),
                '\0'..='\u{1f}' => return None,
                other => text.push(other),
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += 1;
        Some(match next {
            '"' | '\\' | '/' => next,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let first = self.unit()?;
                // Half of a pair is no character, so what has one is no text.
                if !(0xd800..0xdc00).contains(&first) {
                    return char::from_u32(first);
                }
                self.take('\\')?;
                self.take('u')?;
                let second = self.unit()?.checked_sub(0xdc00).filter(|second| *second < 0x400)?;
                return char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + second);
            }
            _ => return None,
        })
    }

    fn unit(&mut self) -> Option<u32> {
        let mut unit = 0;
        for _ in 0..4 {
            unit = unit * 16 + self.peek()?.to_digit(16)?;
            self.at += 1;
        }
        Some(unit)
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|next| next.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn number(&mut self) -> Option<Value> {
        let start = self.at;
        let _ = self.take('-');
        if self.take('0').is_none() {
            self.digits()?;
        }
        if self.take('.').is_some() {
            self.digits()?;
        }
        if self.take('e').or_else(|| self.take('E')).is_some() {
            let _ = self.take('+').or_else(|| self.take('-'));
            self.digits()?;
        }
        let number: String = self.text[start..self.at].iter().collect();
        number.parse::<f64>().is_ok_and(f64::is_finite).then_some(Value::Other)
    }
}
