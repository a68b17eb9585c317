//! Random sequences of operations: any state × any input is legal or a typed error, and nothing loops.
//!
//! The first byte names the game, every further byte an operation. A letter of a table means its row, so that a
//! seed reads as its story; any other byte means one of the rows too, so that no mutation is in vain.

mod authorization;
mod session;
mod token_request;

/// The most operations that are played of one input.
const MOST: usize = 256;

/// Plays the bytes as operations.
pub fn operations(data: &[u8]) {
    let Some((game, operations)) = data.split_first() else { return };
    let operations = operations.get(..MOST).unwrap_or(operations);
    match *game {
        b'a' => authorization::play(operations),
        b't' => token_request::play(operations),
        kind => session::play(kind, operations),
    }
}

/// The row of the table that a byte means.
fn choose<T: Copy, const N: usize>(table: &[(u8, T); N], byte: u8) -> T {
    let named = table.iter().find(|(letter, _)| *letter == byte);
    named.unwrap_or(&table[usize::from(byte) % N]).1
}
