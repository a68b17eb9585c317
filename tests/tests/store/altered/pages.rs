//! LO-15, LO-19: what a store finds by an index comes page by page, and the suite sees whoever does not keep to that.

use valetkey_core::store::{Found, MOST_FOUND, Replaced, StoreKey};
use valetkey_stores::suite;

use super::{Altered, Place, breaks};

const ALL: &str = "all records are found, page by page, also where they just fill one";
const ONCE: &str = "no key is on two pages";
const BEHIND: &str = "a page begins after the key that is given, and is in the order of names";
const STAYS: &str = "a record that is there from the first page to the last is on one of them, though others come, go and are written anew";

/// Makes its pages so, of all that is found.
fn paged(page: fn(&Place, &[StoreKey], Option<&StoreKey>) -> Found) -> Altered {
    Altered::new().finding(move |place, index, after| page(place, &place.find_all(index), after))
}

/// The page that begins at this place.
fn from(all: &[StoreKey], place: usize) -> Found {
    let keys: Vec<_> = all.iter().skip(place).take(MOST_FOUND).cloned().collect();
    Found::new(keys, all.len() > place + MOST_FOUND)
}

/// Where the page after this key begins.
fn behind(all: &[StoreKey], after: Option<&StoreKey>) -> usize {
    after.map_or(0, |after| all.partition_point(|key| key.as_str() <= after.as_str()))
}

/// As it ought to be.
fn right(all: &[StoreKey], after: Option<&StoreKey>) -> Found {
    from(all, behind(all, after))
}

fn goes_back(store: &Altered) {
    let told = suite::blocking(store).unwrap_err().to_string();
    assert!(told.contains("must go on after the key that it is given"), "{told}");
}

#[test]
fn lo_15_the_suite_sees_pages_that_do_not_show_all() {
    let one_page = paged(|_, all, after| match after {
        Some(_) => Found::default(),
        None => Found::new(from(all, 0).keys, false),
    });
    breaks(ALL, one_page);
    let two_pages = paged(|_, all, after| match behind(all, after) {
        0 => from(all, 0),
        MOST_FOUND => Found::new(from(all, MOST_FOUND).keys, false),
        _ => Found::default(),
    });
    breaks(ALL, two_pages);
    let not_the_only_one_of_a_second_page = paged(|_, all, after| match all.len() == MOST_FOUND + 1 {
        true => Found::new(from(all, 0).keys, false),
        false => right(all, after),
    });
    breaks(ALL, not_the_only_one_of_a_second_page);
    let more_than_two_pages_once = paged(|place, all, after| {
        let is_many = all.len() > 2 * MOST_FOUND && after.is_none();
        match is_many && place.note("seen", "").is_some() {
            true => Found::default(),
            false => right(all, after),
        }
    });
    breaks("what is indexed is found", more_than_two_pages_once);
}

#[test]
fn lo_15_the_suite_sees_pages_that_go_back() {
    goes_back(&paged(|_, all, _| from(all, 0)));
    // A page that is just full says that there is more, and so does the empty one after it.
    goes_back(&paged(|_, all, after| match all.len() == MOST_FOUND {
        true => Found::new(right(all, after).keys, true),
        false => right(all, after),
    }));
    // Who asks beyond the last page is told that there is more of nothing.
    goes_back(&paged(|_, all, after| match right(all, after) {
        found if found.keys.is_empty() => Found::new(Vec::new(), true),
        found => found,
    }));
    // From the key on and not after it.
    breaks(ONCE, paged(|_, all, after| from(all, behind(all, after).saturating_sub(1))));
    let turned_about = paged(|_, all, after| {
        let found = right(all, after);
        Found::new(found.keys.into_iter().rev().collect(), found.has_more)
    });
    breaks(ONCE, turned_about);
}

#[test]
fn lo_15_the_suite_sees_pages_that_are_too_long_or_in_no_order() {
    let all_at_once =
        paged(|_, all, after| Found::new(all.iter().skip(behind(all, after)).cloned().collect(), false));
    breaks("a page has a hundred keys at most", all_at_once);
    let with_the_first_two_changed_about = paged(|_, all, after| {
        let mut found = right(all, after);
        if found.keys.len() > 2 {
            found.keys.swap(0, 1);
        }
        found
    });
    breaks(BEHIND, with_the_first_two_changed_about);
    let with_the_key_itself_where_its_record_is_gone = paged(|_, all, after| {
        let found = right(all, after);
        let gone = after.filter(|after| !all.contains(after)).cloned();
        Found::new(gone.into_iter().chain(found.keys).take(MOST_FOUND).collect(), found.has_more)
    });
    breaks(BEHIND, with_the_key_itself_where_its_record_is_gone);
    // Two come before where the page ended, so that its number leads back.
    let by_how_many_there_were_before = paged(|place, all, after| {
        let number = after.map_or(0, |after| place.noted(after.as_str()).unwrap().parse().unwrap());
        let found = from(all, number);
        if let Some(last) = found.keys.last() {
            place.note(last.as_str(), &(number + found.keys.len()).to_string());
        }
        found
    });
    breaks(BEHIND, by_how_many_there_were_before);
}

#[test]
fn lo_19_the_suite_sees_pages_that_lose_a_record_while_others_come_and_go() {
    let by_whole_pages =
        paged(|_, all, after| from(all, behind(all, after).div_ceil(MOST_FOUND) * MOST_FOUND));
    breaks(STAYS, by_whole_pages);
    let none_after_a_record_that_is_gone = paged(|_, all, after| match after {
        Some(after) if !all.contains(after) => Found::default(),
        after => right(all, after),
    });
    breaks(STAYS, none_after_a_record_that_is_gone);
    let none_where_something_has_come = paged(|place, all, after| {
        let left = |key| (all.len() - behind(all, Some(key))).to_string();
        if after.is_some_and(|after| place.noted(after.as_str()) != Some(left(after))) {
            return Found::default();
        }
        let found = right(all, after);
        if let Some(last) = found.keys.last() {
            place.note(last.as_str(), &left(last));
        }
        found
    });
    breaks(STAYS, none_where_something_has_come);
    let none_that_was_written_meanwhile = Altered::new()
        .finding(|place, index, after| {
            if after.is_none() {
                place.forget_all();
            }
            let mut found = place.find(index, after);
            found.keys.retain(|key| place.noted(key.as_str()).is_none());
            found
        })
        .replacing(|place, key, expected, entry| {
            let replaced = place.replace(key, expected, entry);
            if let Replaced::Written(_) = replaced {
                place.note(key.as_str(), "");
            }
            replaced
        });
    breaks(STAYS, none_that_was_written_meanwhile);
}
