//! The rooms of a crate, and whether what its files mention is below them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::reader::{Mention, ModulePath, Sources};

/// A crate, and the order of its rooms.
pub(crate) struct House {
    /// The crate's folder in the workspace.
    pub(crate) folder: &'static str,
    /// From the ground up. Rooms on one floor use one another as little as those above.
    pub(crate) floors: &'static [&'static [&'static str]],
}

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Module(ModulePath),
    /// Something that a module defines.
    Item(ModulePath),
    /// Another crate, or a name that every program has.
    Elsewhere,
}

impl House {
    /// Reads the crate, and fails with all that is wrong with it.
    pub(crate) fn stands(&self) {
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(self.folder).join("src");
        let mut sources = Sources::default();
        collect(&top, &top, &mut sources);
        let faults = self.faults(&sources);
        assert!(faults.is_empty(), "{}:\n{}", self.folder, faults.join("\n"));
    }

    /// What is wrong, a line each.
    pub(crate) fn faults(&self, sources: &Sources) -> Vec<String> {
        let mut faults = self.unknown_rooms(sources);
        // By room: which of its files needs which, and by what path.
        let mut needs: BTreeMap<&str, BTreeMap<(&str, &str), String>> = BTreeMap::new();
        for mention in &sources.mentions {
            let written = mention.path.join("::");
            let module = match sources.resolve(&mention.module, &mention.path) {
                Ok(Place::Module(module) | Place::Item(module)) => module,
                Ok(Place::Elsewhere) => continue,
                Err(name) => {
                    faults.push(format!("{}: `{written}`: where is `{name}` defined?", mention.file));
                    continue;
                }
            };
            let file = sources.modules.get(&module).map_or("", |module| module.file.as_str());
            let (Some(from), to) = (room(&mention.file), room(file)) else { continue };
            if to == Some(from) {
                if file != mention.file && !is_door_of(mention, &module) {
                    let edge = (mention.file.as_str(), file);
                    needs.entry(from).or_default().entry(edge).or_insert(written);
                }
            } else if !self.is_below(to, from) {
                let to = to.unwrap_or("the root");
                faults.push(format!("{}: `{written}` leads up, from {from} to {to} ({file})", mention.file));
            }
        }
        faults.extend(needs.values().filter_map(knot));
        faults.sort();
        faults.dedup();
        faults
    }

    /// Rooms that the table does not have, and rows without a room.
    fn unknown_rooms(&self, sources: &Sources) -> Vec<String> {
        let there: BTreeSet<&str> =
            sources.modules.values().filter_map(|module| room(&module.file)).collect();
        let known: BTreeSet<&str> = self.floors.iter().flat_map(|floor| floor.iter().copied()).collect();
        let new = there.difference(&known).map(|room| format!("the room {room} has no floor in the table"));
        let gone =
            known.difference(&there).map(|room| format!("the table has a room {room}, and there is none"));
        new.chain(gone).collect()
    }

    fn floor(&self, room: &str) -> Option<usize> {
        self.floors.iter().position(|floor| floor.contains(&room))
    }

    /// Whether one room is on a floor below another's. The root is above all; a room without a floor has a fault already.
    fn is_below(&self, to: Option<&str>, from: &str) -> bool {
        let Some(to) = to else { return false };
        match (self.floor(to), self.floor(from)) {
            (Some(to), Some(from)) => to < from,
            _ => true,
        }
    }
}

impl Sources {
    /// Follows a path that is written in a module; fails with the name that it cannot follow.
    fn resolve(&self, module: &ModulePath, path: &[String]) -> Result<Place, String> {
        self.follow(module, path, &mut BTreeSet::new())
    }

    fn follow(
        &self,
        module: &ModulePath,
        path: &[String],
        seen: &mut BTreeSet<(ModulePath, String)>,
    ) -> Result<Place, String> {
        let mut place = module.clone();
        let mut rest = path;
        let mut from_here = false;
        while let [first, more @ ..] = rest {
            match first.as_str() {
                "crate" => place.clear(),
                "self" => {}
                "super" => drop(place.pop()),
                _ => break,
            }
            (rest, from_here) = (more, true);
        }
        while let [name, more @ ..] = rest {
            match self.named(&place, name, more.is_empty(), seen) {
                Some(Place::Module(inner)) => (place, rest, from_here) = (inner, more, true),
                Some(found) => return Ok(found),
                None if from_here => return Err(name.clone()),
                // No module of ours: another crate, a type's own name, or one of the language.
                None => return Ok(Place::Elsewhere),
            }
        }
        Ok(Place::Module(place))
    }

    /// What a name means in a module.
    fn named(
        &self,
        at: &ModulePath,
        name: &str,
        is_last: bool,
        seen: &mut BTreeSet<(ModulePath, String)>,
    ) -> Option<Place> {
        if !seen.insert((at.clone(), name.to_owned())) {
            return None;
        }
        let module = self.modules.get(at)?;
        let inner = [at.as_slice(), &[name.to_owned()]].concat();
        let is_defined = module.defined.contains(name);
        if is_last && is_defined {
            return Some(Place::Item(at.clone()));
        }
        if self.modules.contains_key(&inner) {
            return Some(Place::Module(inner));
        }
        if is_defined {
            return Some(Place::Item(at.clone()));
        }
        if let Some(path) = module.imported.get(name) {
            return Some(self.follow(at, path, seen).unwrap_or(Place::Elsewhere));
        }
        let mut from_elsewhere = false;
        for glob in &module.globs {
            match self.follow(at, glob, seen) {
                Ok(Place::Module(all)) => {
                    if let Some(found) = self.named(&all, name, is_last, seen) {
                        return Some(found);
                    }
                }
                _ => from_elsewhere = true,
            }
        }
        if module.in_macros.contains(name) {
            return Some(Place::Item(at.clone()));
        }
        from_elsewhere.then_some(Place::Elsewhere)
    }
}

/// The room that a file is in: `None` for the root.
fn room(file: &str) -> Option<&str> {
    let room = file.split('/').next().unwrap_or(file);
    let room = room.strip_suffix(".rs").unwrap_or(room);
    (!["lib", "main"].contains(&room)).then_some(room)
}

/// Whether a `mod.rs` re-exports what a child of it defines.
fn is_door_of(mention: &Mention, module: &ModulePath) -> bool {
    mention.is_door && module.starts_with(&mention.module)
}

/// A circle among the files of a room, if there is one.
fn knot(needs: &BTreeMap<(&str, &str), String>) -> Option<String> {
    let files: BTreeSet<&str> = needs.keys().map(|(from, _)| *from).collect();
    let circle = files.into_iter().find_map(|file| circle(file, needs))?;
    let steps = circle.windows(2).filter_map(|pair| {
        let [from, to] = pair else { return None };
        Some(format!("{from} needs {to} (`{}`)", needs.get(&(*from, *to))?))
    });
    Some(format!("a knot: {}", steps.collect::<Vec<_>>().join(", ")))
}

/// The shortest way from a file back to it.
fn circle<'a>(start: &'a str, needs: &BTreeMap<(&'a str, &'a str), String>) -> Option<Vec<&'a str>> {
    let mut ways = vec![vec![start]];
    let mut seen = BTreeSet::new();
    let mut at = 0;
    while let Some(way) = ways.get(at).cloned() {
        at += 1;
        let last = way.last()?;
        for (_, to) in needs.keys().filter(|(from, _)| from == last) {
            let longer = [way.as_slice(), &[*to]].concat();
            if *to == start {
                return Some(longer);
            }
            if seen.insert(*to) {
                ways.push(longer);
            }
        }
    }
    None
}

fn collect(top: &Path, folder: &Path, sources: &mut Sources) {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(top, &path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let file = path.strip_prefix(top).unwrap().to_string_lossy().replace('\\', "/");
            sources.read(&file, &fs::read_to_string(&path).unwrap());
        }
    }
}
