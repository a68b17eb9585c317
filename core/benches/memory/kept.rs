//! How much memory a value keeps: what it holds of the allocator's, and its own size.

use std::mem::size_of;

use allocation_counter::measure;

pub(crate) fn heading() {
    println!(
        "{:44}{:>10}{:>10}{:>10}{:>12}{:>12}{:>12}",
        "", "heap", "inline", "each", "bar", "how many", "all"
    );
}

/// Makes so many of a kind, all of which are held at once, and prints what they keep. What `make` drops is not kept.
pub(crate) fn row<T>(name: &str, number: usize, bar: &str, mut make: impl FnMut(usize) -> T) {
    // What is filled once is filled before.
    drop(make(number));
    let mut all = Vec::with_capacity(number);
    let kept = measure(|| all.extend((0..number).map(&mut make))).bytes_current;
    let number = number as u64;
    let (heap, inline) = (u64::try_from(kept).unwrap_or_default() / number, size_of::<T>() as u64);
    let (each, all_of_them) = (heap + inline, (heap + inline) * number / 1_000_000);
    println!("{name:44}{heap:>10}{inline:>10}{each:>10}{bar:>12}{number:>12}{all_of_them:>9} MB");
}
