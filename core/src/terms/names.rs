//! Which parameters are set: [`Names`].

/// The names of the parameters that a request has, sorted: each that is added is looked for among all before it.
#[derive(Clone, Default)]
pub(crate) struct Names(Vec<Box<str>>);

impl Names {
    pub(crate) fn contain(&self, name: &str) -> bool {
        self.place_of(name).is_ok()
    }

    /// One more, if it is new.
    pub(crate) fn add(&mut self, name: &str) {
        if let Err(place) = self.place_of(name) {
            self.0.insert(place, name.into());
        }
    }

    /// Where it is, or where it would be.
    fn place_of(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|known| (**known).cmp(name))
    }
}
