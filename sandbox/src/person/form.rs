//! Reads a form out of a page that this crate wrote itself: strict, bounded, and no HTML parser.

/// More than any page of the sandbox has, in bytes.
const MAX_PAGE: usize = 256 * 1024;

/// More hidden fields than any form of the sandbox has.
const MAX_FIELDS: usize = 64;

/// Where a form is posted to, and its hidden fields.
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl Form {
    /// Reads the only form of a page, exactly as the sandbox's pages write it; `None` for anything else.
    pub(crate) fn read(html: &str) -> Option<Self> {
        const FORM: &str = "<form method=\"post\" action=\"";
        const FIELD: &str = "<input type=\"hidden\" name=\"";
        if html.len() > MAX_PAGE {
            return None;
        }
        let (_, rest) = html.split_once(FORM)?;
        let (action, rest) = rest.split_once("\">")?;
        let (content, after) = rest.split_once("</form>")?;
        if after.contains("<form") {
            return None;
        }
        let mut fields = Vec::new();
        for field in content.split(FIELD).skip(1) {
            let (name, rest) = field.split_once("\" value=\"")?;
            let (value, _) = rest.split_once("\">")?;
            fields.push((unescaped(name)?, unescaped(value)?));
        }
        (fields.len() <= MAX_FIELDS).then_some(Self { action: unescaped(action)?, fields })
    }
}

/// Undoes the escaping of `maud`: four characters, and no other reference.
fn unescaped(text: &str) -> Option<String> {
    let mut pieces = text.split('&');
    let mut plain = pieces.next()?.to_owned();
    for piece in pieces {
        let (reference, rest) = piece.split_once(';')?;
        plain.push(match reference {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            _ => return None,
        });
        plain.push_str(rest);
    }
    Some(plain)
}
