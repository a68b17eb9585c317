//! Whether a text is one of many: [`Among`].

/// So many texts are looked through one by one, which costs less than to sort them.
pub(crate) const FEW: usize = 16;

/// Texts, of which it is asked many times whether one is among them.
pub(crate) struct Among<'a>(Vec<&'a str>);

impl<'a> Among<'a> {
    pub(crate) fn new(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut texts: Vec<&str> = texts.into_iter().collect();
        if texts.len() > FEW {
            texts.sort_unstable();
        }
        Self(texts)
    }

    pub(crate) fn has(&self, text: &str) -> bool {
        if self.0.len() > FEW { self.0.binary_search(&text).is_ok() } else { self.0.contains(&text) }
    }

    pub(crate) fn have_all<'b>(&self, mut texts: impl Iterator<Item = &'b str>) -> bool {
        texts.all(|text| self.has(text))
    }
}
