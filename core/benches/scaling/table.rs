//! What each row may grow by: the table `exponents.txt`.

use std::collections::BTreeMap;

use crate::Row;

const TEXT: &str = include_str!("exponents.txt");

/// What n log n shows as at most, at the sizes here.
const LINEAR: f64 = 1.25;

/// The largest bound that excuses a faster growth.
const MOST: usize = 256;

/// What one row may cost.
pub(crate) struct Allowed {
    /// The largest of its four sizes.
    pub(crate) largest: usize,
    /// The most that the exponent of the last two steps may be.
    pub(crate) exponent: f64,
    /// What the input cannot exceed, if it grows faster up to there.
    pub(crate) bound: Option<usize>,
}

pub(crate) struct Table(BTreeMap<&'static str, Allowed>);

impl Table {
    /// Reads the table, and holds it to what it is for: it has these rows and no others, and none that grows faster than n log n
    /// without a small bound.
    pub(crate) fn read(rows: &[Row]) -> Result<Self, String> {
        let mut table = BTreeMap::new();
        for line in TEXT.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let parts: Vec<&'static str> = line.split('|').map(str::trim).collect();
            let [name, largest, exponent, bound] = parts.as_slice() else {
                return Err(format!("not four columns: {line}"));
            };
            let allowed = Allowed {
                largest: largest.parse().map_err(|_| format!("no size: {line}"))?,
                exponent: exponent.parse().map_err(|_| format!("no exponent: {line}"))?,
                bound: bound.parse().ok(),
            };
            if allowed.exponent > LINEAR && allowed.bound.is_none_or(|bound| bound > MOST) {
                return Err(format!("faster than n log n, and no bound of {MOST} or less: {line}"));
            }
            if !rows.iter().any(|row| row.name == *name) || table.insert(*name, allowed).is_some() {
                return Err(format!("no such row, or there twice: {line}"));
            }
        }
        match rows.iter().find(|row| !table.contains_key(row.name)) {
            Some(row) => Err(format!("the row is missing: {}", row.name)),
            None => Ok(Self(table)),
        }
    }

    pub(crate) fn of(&self, row: &Row) -> &Allowed {
        self.0.get(row.name).expect("the table has every row")
    }
}
