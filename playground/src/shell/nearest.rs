//! What somebody meant who wrote a name that nobody knows: [`nearest`].

/// The known name that is nearest to a mistyped one, if any is near.
pub(crate) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let (distance, name) = known
        .into_iter()
        .map(|name| (distance(written, name), name))
        .min_by_key(|(distance, _)| *distance)?;
    // Nothing is near to what is empty.
    (!written.is_empty() && distance <= 1 + written.chars().count() / 4).then_some(name)
}

/// How many letters have to be put in, left out or written otherwise (Levenshtein). `-` and `_` are one.
fn distance(one: &str, other: &str) -> usize {
    let letters = |name: &str| name.to_lowercase().replace('-', "_").chars().collect::<Vec<_>>();
    let (one, other) = (letters(one), letters(other));
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, letter) in one.iter().enumerate() {
        let mut last = place + 1;
        let mut next = vec![last];
        for (pair, known) in row.windows(2).zip(&other) {
            let [diagonal, above] = pair else { continue };
            last = (diagonal + usize::from(letter != known)).min(above + 1).min(last + 1);
            next.push(last);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
