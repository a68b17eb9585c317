//! Whether a text is one of many: [`Among`].

use crate::ground::sorted::sorted;

/// So many texts are looked through one by one, which costs less than to sort them.
pub(crate) const FEW: usize = 16;

/// Texts, of which it is asked many times whether one is among them.
pub(crate) enum Among<'a> {
    Few(Vec<&'a str>),
    Sorted(Vec<(u64, &'a str)>),
}

impl<'a> Among<'a> {
    pub(crate) fn new(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let texts: Vec<&str> = texts.into_iter().collect();
        if texts.len() <= FEW {
            return Self::Few(texts);
        }
        Self::Sorted(sorted(texts.into_iter().map(|text| (beginning(text), text)).collect()))
    }

    pub(crate) fn has(&self, text: &str) -> bool {
        match self {
            Self::Few(texts) => texts.contains(&text),
            Self::Sorted(texts) => texts.binary_search(&(beginning(text), text)).is_ok(),
        }
    }

    pub(crate) fn have_all<'b>(&self, mut texts: impl Iterator<Item = &'b str>) -> bool {
        texts.all(|text| self.has(text))
    }
}

/// How a text begins, as a number that sorts before the text does: most texts are told apart by it, for one comparison.
pub(crate) fn beginning(text: &str) -> u64 {
    let mut first = [0; 8];
    for (place, byte) in first.iter_mut().zip(text.bytes()) {
        *place = byte;
    }
    u64::from_be_bytes(first)
}
