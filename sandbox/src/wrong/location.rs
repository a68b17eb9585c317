//! Where a redirect leads, taken apart so that a misbehaviour can change it: [`Location`].

use std::fmt;

/// A redirect URI and the parameters after it.
#[derive(Clone, Debug)]
pub(crate) struct Location {
    pub(crate) uri: String,
    /// Whether the parameters are in the fragment.
    pub(crate) in_fragment: bool,
    parameters: Vec<(String, String)>,
}

impl Location {
    /// Takes it apart; `None` if it carries no authorization response. A query that the redirect URI had of its own
    /// counts with the parameters.
    pub(crate) fn read(location: &str) -> Option<Self> {
        let (separator, in_fragment) = if location.contains('#') { ('#', true) } else { ('?', false) };
        let (uri, parameters) = location.split_once(separator)?;
        let parameters = form_urlencoded::parse(parameters.as_bytes()).into_owned().collect();
        let location = Self { uri: uri.to_owned(), in_fragment, parameters };
        let answered = ["code", "access_token", "id_token", "error", "response"]
            .into_iter()
            .any(|name| location.has(name));
        answered.then_some(location)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.parameters.iter().any(|(known, _)| known == name)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Gives a parameter another value, or adds it.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.add(name, value);
    }

    /// Adds a parameter, whether there is one of the name or not.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        self.parameters.push((name.to_owned(), value.to_owned()));
    }

    /// Removes a parameter, and says whether there was one.
    pub(crate) fn remove(&mut self, name: &str) -> bool {
        let before = self.parameters.len();
        self.parameters.retain(|(known, _)| known != name);
        self.parameters.len() < before
    }

    /// Changes a parameter's name, and says whether there was one.
    pub(crate) fn rename(&mut self, name: &str, other: &str) -> bool {
        let found = self.parameters.iter_mut().find(|(known, _)| known == name);
        found.map(|(known, _)| other.clone_into(known)).is_some()
    }

    /// Adds to the end of a parameter's value, and says whether there was one.
    pub(crate) fn append(&mut self, name: &str, more: &str) -> bool {
        let found = self.parameters.iter_mut().find(|(known, _)| known == name);
        found.map(|(_, value)| value.push_str(more)).is_some()
    }

    /// Writes a parameter a second time, and says whether there was one.
    pub(crate) fn repeat(&mut self, name: &str) -> bool {
        let value = self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        value.map(|value| self.add(name, &value)).is_some()
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameters =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.parameters).finish();
        write!(f, "{}{}{parameters}", self.uri, if self.in_fragment { '#' } else { '?' })
    }
}
