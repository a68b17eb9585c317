//! Stores that load and replace wrongly.

use valetkey_core::store::{Entry, Replaced, StoreError, StoreKey, StoreVersion, Stored, StoredBytes};
use valetkey_stores::LARGEST_RECORD;

use super::{Altered, breaks};

fn empty() -> StoredBytes {
    StoredBytes::new(Vec::new())
}

/// Keeps other bytes than it is given.
fn altering(alter: fn(&[u8]) -> Vec<u8>) -> Altered {
    Altered::new().replacing(move |place, key, expected, entry| {
        let altered = entry.map(|entry| entry.with_bytes(StoredBytes::new(alter(entry.bytes().expose()))));
        place.replace(key, expected, altered.as_ref())
    })
}

/// All keys for which this is so have one record, and each its own version.
pub(super) fn sharing(is_shared: fn(&StoreKey) -> bool) -> Altered {
    let cell = || StoreKey::of_mark(&["what all of them have"]);
    let loading = Altered::new().loading(move |place, key| {
        let stored = place.load(key)?;
        let bytes = if is_shared(key) { place.load(&cell())?.bytes } else { stored.bytes };
        Some(Stored::new(bytes, stored.version))
    });
    loading.replacing(move |place, key, expected, entry| {
        let replaced = place.replace(key, expected, entry);
        if let (Replaced::Written(_), Some(entry), true) = (&replaced, entry, is_shared(key)) {
            let _ = place.overwrite(&cell(), Some(&entry.bytes().clone().into()));
        }
        replaced
    })
}

/// What a version may be made of.
pub(super) struct Write<'w> {
    /// The version that was there, and its record.
    former: Option<(String, StoredBytes)>,
    /// The record that is written.
    bytes: &'w [u8],
    /// What nothing else was ever given.
    pub(super) unique: &'w str,
}

/// Names the versions so, when it writes.
pub(super) fn versioned(name: fn(&Write<'_>) -> String) -> Altered {
    let loading = Altered::new().loading(|place, key| {
        let stored = place.load(key)?;
        Some(Stored::new(stored.bytes, StoreVersion::new(place.noted(key.as_str())?)))
    });
    loading.replacing(move |place, key, expected, entry| {
        let former = place.load(key).and_then(|stored| Some((place.noted(key.as_str())?, stored.bytes)));
        if former.as_ref().map(|(version, _)| version.as_str()) != expected.map(StoreVersion::as_str) {
            return Replaced::Conflict;
        }
        match (place.overwrite(key, entry), entry) {
            (Replaced::Written(version), Some(entry)) => {
                let version =
                    name(&Write { former, bytes: entry.bytes().expose(), unique: version.as_str() });
                place.note(key.as_str(), &version);
                Replaced::Written(StoreVersion::new(version))
            }
            (replaced, _) => replaced,
        }
    })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_suite_sees_what_is_loaded_wrongly() {
    let found_where_nothing_is = Altered::new()
        .loading(|place, key| place.load(key).or_else(|| Some(Stored::new(empty(), StoreVersion::new("0")))));
    breaks("a key that was never written has no record", found_where_nothing_is);
    breaks("what was written is there", Altered::new().loading(|_, _| None));
    breaks("what was written is what is loaded", altering(|bytes| bytes[1..].to_vec()));
    let anew_with_each_load = Altered::new().loading(|place, key| {
        let stored = place.load(key)?;
        let _ = place.overwrite(key, Some(&stored.bytes.clone().into()));
        Some(stored)
    });
    breaks("a load changes nothing", anew_with_each_load);
}

#[test]
fn the_suite_sees_what_is_written_over_though_something_else_was_expected() {
    let nothing_is_any_version = Altered::new().replacing(|place, key, expected, entry| {
        let expected = place.load(key).and(expected);
        place.replace(key, expected, entry)
    });
    breaks("where nothing is stored, no version is expected", nothing_is_any_version);
    let over = |is_wrong: fn(Option<&StoreVersion>, Option<&Entry>) -> bool| {
        Altered::new().replacing(move |place, key, expected, entry| match place.load(key) {
            Some(_) if is_wrong(expected, entry) => place.overwrite(key, entry),
            _ => place.replace(key, expected, entry),
        })
    };
    let made_anew = over(|expected, entry| expected.is_none() && entry.is_some());
    breaks("no record is not expected where there is one", made_anew);
    let written_over = over(|expected, entry| expected.is_some() && entry.is_some());
    breaks("a version is written over only if it is the expected one", written_over);
    let deleted = over(|expected, entry| expected.is_some() && entry.is_none());
    breaks("a version is deleted only if it is the expected one", deleted);
    let takes_any_that_it_had = Altered::new().replacing(|place, key, expected, entry| {
        let name = |version: &StoreVersion| format!("{} {}", key.as_str(), version.as_str());
        let was_had = expected.is_some_and(|expected| place.noted(&name(expected)).is_some());
        let replaced = match place.load(key) {
            Some(_) if was_had => place.overwrite(key, entry),
            _ => place.replace(key, expected, entry),
        };
        if let Replaced::Written(version) = &replaced {
            place.note(&name(version), "");
        }
        replaced
    });
    breaks("a version that is over is expected in vain", takes_any_that_it_had);
    let takes_the_deleted = Altered::new().replacing(|place, key, expected, entry| {
        let is_the_deleted = place.load(key).is_none()
            && expected
                .is_some_and(|expected| place.noted(key.as_str()).as_deref() == Some(expected.as_str()));
        let replaced =
            if is_the_deleted { place.overwrite(key, entry) } else { place.replace(key, expected, entry) };
        if let (Replaced::Deleted, Some(expected)) = (&replaced, expected) {
            place.note(key.as_str(), expected.as_str());
        }
        replaced
    });
    breaks("the version of what was deleted is expected in vain", takes_the_deleted);
    let looks_at_the_last_digit = Altered::new().replacing(|place, key, expected, entry| {
        let end = |version: &StoreVersion| version.as_str().chars().last();
        match (place.load(key), expected) {
            (Some(stored), Some(expected)) if end(&stored.version) == end(expected) => {
                place.overwrite(key, entry)
            }
            _ => place.replace(key, expected, entry),
        }
    });
    breaks("no version ever comes back, not after a delete either", looks_at_the_last_digit);
}

#[test]
fn the_suite_sees_what_is_changed_though_it_was_refused() {
    let changing = |is_wrong: fn(Option<Stored>, Option<&Entry>) -> bool| {
        Altered::new().replacing(move |place, key, expected, entry| {
            let replaced = place.replace(key, expected, entry);
            if replaced == Replaced::Conflict && is_wrong(place.load(key), entry) {
                let _ = place.overwrite(key, entry);
            }
            replaced
        })
    };
    let unchanged = "what was refused changes nothing";
    breaks(unchanged, changing(|stored, _| stored.is_none()));
    breaks(unchanged, changing(|stored, entry| stored.is_some() && entry.is_some()));
    breaks("what was written is there", changing(|stored, entry| stored.is_some() && entry.is_none()));
}

#[test]
fn the_suite_sees_what_is_not_done_though_it_should_be() {
    let refuses = |is_wrong: fn(Option<Stored>, Option<&Entry>) -> bool| {
        Altered::new().replacing(move |place, key, expected, entry| {
            if is_wrong(place.load(key), entry) {
                return Replaced::Conflict;
            }
            place.replace(key, expected, entry)
        })
    };
    breaks(
        "who expects the right version writes",
        refuses(|stored, entry| stored.is_none() && entry.is_some()),
    );
    let nothing_is_deleted = refuses(|stored, entry| stored.is_none() && entry.is_none());
    breaks("nothing may be deleted where nothing is", nothing_is_deleted);
    let keeps_the_older = Altered::new().replacing(|place, key, expected, entry| {
        let older = place.load(key).map(|stored| Entry::new(stored.bytes));
        place.replace(key, expected, entry.map(|entry| older.as_ref().unwrap_or(entry)))
    });
    breaks("the newer record takes the place of the older", keeps_the_older);
    let does_not_delete = Altered::new().replacing(|place, key, expected, entry| {
        match place.load(key).map(|stored| stored.version) {
            Some(version) if entry.is_none() && expected == Some(&version) => Replaced::Deleted,
            _ => place.replace(key, expected, entry),
        }
    });
    breaks("what was deleted is gone", does_not_delete);
    let says_not_that_it_deleted =
        Altered::new().replacing(|place, key, expected, entry| match place.replace(key, expected, entry) {
            Replaced::Deleted => Replaced::Written(StoreVersion::new("0")),
            replaced => replaced,
        });
    breaks("a new record of none deletes, and says so", says_not_that_it_deleted);
    let deletes_what_was_written_twice_at_most = Altered::new().replacing(|place, key, expected, entry| {
        let times = place.noted(key.as_str()).unwrap_or_default();
        if entry.is_none() && times.len() > 2 {
            return Replaced::Conflict;
        }
        let replaced = place.replace(key, expected, entry);
        if let Replaced::Written(_) = replaced {
            place.note(key.as_str(), &format!("{times}+"));
        }
        replaced
    });
    breaks("who expects the right version deletes", deletes_what_was_written_twice_at_most);
}

#[test]
fn the_suite_sees_versions_that_tell_no_states_apart() {
    let another_is_returned =
        Altered::new().replacing(|place, key, expected, entry| match place.replace(key, expected, entry) {
            Replaced::Written(version) => {
                Replaced::Written(StoreVersion::new(format!("{}0", version.as_str())))
            }
            replaced => replaced,
        });
    breaks("the version that replace returns is the one that load returns", another_is_returned);
    breaks("a new record has a new version", versioned(|_| "the record".to_owned()));

    let alike = "no two states have the same version, not even of the same bytes";
    // Of what is written.
    breaks(alike, versioned(|write| text(write.bytes)));
    // Of what is written, and what was there.
    breaks(
        alike,
        versioned(|write| {
            let former = write.former.as_ref().map(|(_, bytes)| text(bytes.expose()));
            format!("{former:?} {}", text(write.bytes))
        }),
    );
    // Counted from one, as long as the record is there.
    breaks(
        alike,
        versioned(|write| {
            let former = write.former.as_ref().map_or(0, |(version, _)| version.parse::<u32>().unwrap());
            (former + 1).to_string()
        }),
    );
}

#[test]
fn the_suite_sees_bytes_that_are_not_kept() {
    let kept = "any bytes are kept, and many of them";
    breaks(kept, altering(|bytes| String::from_utf8_lossy(bytes).into_owned().into_bytes()));
    breaks(kept, altering(|bytes| bytes.trim_ascii().to_vec()));
    breaks(kept, altering(|bytes| bytes.split(|byte| *byte == 0).next().unwrap().to_vec()));
    breaks(kept, altering(|bytes| bytes.iter().copied().filter(|byte| *byte != b'\r').collect()));
    breaks(kept, altering(|bytes| bytes[..bytes.len().min(256 * 1024 - 1)].to_vec()));
}

#[test]
fn s5_the_suite_sees_half_a_record_that_is_too_large() {
    let is_large =
        |entry: Option<&Entry>| entry.is_some_and(|entry| entry.bytes().expose().len() > LARGEST_RECORD);
    let refused = || Err(StoreError::new("the record is too large"));
    let as_much_as_fits = altering(|bytes| bytes[..bytes.len().min(LARGEST_RECORD)].to_vec());
    breaks("a record that is kept is kept whole, however large it is", as_much_as_fits);

    let refuses_too_late = "a record that is too large is refused before anything is changed";
    let has_deleted_the_former = Altered::new().trying(move |place, key, expected, entry| {
        if is_large(entry) {
            let _ = place.replace(key, expected, None);
            return refused();
        }
        Ok(place.replace(key, expected, entry))
    });
    breaks(refuses_too_late, has_deleted_the_former);
    let has_written_the_first_half = Altered::new().trying(move |place, key, expected, entry| {
        if is_large(entry) {
            let _ = place.replace(key, expected, Some(&empty().into()));
            return refused();
        }
        Ok(place.replace(key, expected, entry))
    });
    breaks(refuses_too_late, has_written_the_first_half);

    let is_out_of_step_since = Altered::new().trying(move |place, key, expected, entry| {
        if is_large(entry) {
            place.note(key.as_str(), "");
            return refused();
        }
        Ok(match place.replace(key, expected, entry) {
            Replaced::Written(_) if place.noted(key.as_str()).is_some() => {
                Replaced::Written(StoreVersion::new("that of the large record"))
            }
            replaced => replaced,
        })
    });
    breaks("a key serves on after a record was too large for it", is_out_of_step_since);
}

#[test]
fn the_suite_sees_keys_that_share_a_record() {
    let own = "each key has its own record";
    breaks(own, sharing(|_| true));
    breaks(own, sharing(|key| key.as_str().starts_with('-')));
    breaks(own, sharing(|key| key.as_str().starts_with('_')));
}
