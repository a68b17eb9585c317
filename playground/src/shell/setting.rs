//! Keys of a profile that are set for one run, and their values in words: [`key`], [`set`], [`written`].

/// `KEY=VALUE` of the command line: a list, a table, a truth or a quoted text as in a profile, or else any text as it is.
pub(crate) fn key(text: &str) -> Result<(String, toml::Value), String> {
    let (key, value) = text.split_once('=').ok_or("KEY=VALUE is expected")?;
    let written = toml::from_str::<toml::Table>(&format!("value = {value}")).ok();
    let read = written.filter(|table| table.len() == 1).and_then(|mut table| table.remove("value"));
    // No key is a number, and an identifier may look like one.
    let read = read.filter(|read| read.is_array() || read.is_bool() || read.is_str() || read.is_table());
    Ok((key.trim().to_owned(), read.unwrap_or_else(|| toml::Value::String(value.to_owned()))))
}

/// The same the other way round, for a shell.
pub(crate) fn set(name: &str, value: &toml::Value) -> String {
    let plain = value.as_str().map(|text| format!("{name}={text}"));
    let plain = plain.filter(|text| key(text).is_ok_and(|(_, read)| read == *value));
    let set = plain.unwrap_or_else(|| format!("{name}={}", written(value)));
    match set.chars().all(|c| c.is_ascii_alphanumeric() || "=_-.:/,@+%".contains(c)) {
        true => format!("--set {set}"),
        false => format!("--set '{}'", set.replace('\'', r"'\''")),
    }
}

/// A value as TOML has it, on one line.
pub(crate) fn written(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => serde_json::Value::from(text.as_str()).to_string(),
        toml::Value::Boolean(truth) => truth.to_string(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Array(values) => {
            format!("[{}]", values.iter().map(written).collect::<Vec<_>>().join(", "))
        }
        toml::Value::Table(table) => {
            let members: Vec<_> =
                table.iter().map(|(name, value)| format!("{name:?} = {}", written(value))).collect();
            format!("{{ {} }}", members.join(", "))
        }
        // No key is one.
        toml::Value::Float(_) | toml::Value::Datetime(_) => "\"…\"".to_owned(),
    }
}
