//! What a crate's sources say: which names each module defines and imports, and which paths it mentions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use syn::visit::{self, Visit};

/// The way to a module from the crate's root: no name at all for the root.
pub(crate) type ModulePath = Vec<String>;

/// A module: a file, or an inline module in one.
#[derive(Default)]
pub(crate) struct Module {
    /// The file that it is in.
    pub(crate) file: String,
    /// What it defines: functions, types, traits, constants, macros.
    pub(crate) defined: BTreeSet<String>,
    /// What it imports or re-exports, by the name that it has here.
    pub(crate) imported: BTreeMap<String, Vec<String>>,
    /// The modules of which it imports everything.
    pub(crate) globs: Vec<Vec<String>>,
    /// Words in the macros among its items: what these define is among them.
    pub(crate) in_macros: BTreeSet<String>,
}

/// A path that a file mentions, as it is written, in the module where it is written.
pub(crate) struct Mention {
    pub(crate) file: String,
    pub(crate) module: ModulePath,
    pub(crate) path: Vec<String>,
    /// Whether it is a re-export.
    pub(crate) is_door: bool,
}

/// All that a crate's sources say.
#[derive(Default)]
pub(crate) struct Sources {
    pub(crate) modules: BTreeMap<ModulePath, Module>,
    pub(crate) mentions: Vec<Mention>,
}

impl Sources {
    /// Reads a file by its path under `src`.
    pub(crate) fn read(&mut self, file: &str, text: &str) {
        let parsed = syn::parse_file(text).unwrap_or_else(|error| panic!("{file}: {error}"));
        let path = Path::new(file).with_extension("");
        let mut module: ModulePath = path.iter().map(|name| name.to_string_lossy().into_owned()).collect();
        if module == ["lib"] || module == ["main"] || module.last().is_some_and(|name| name == "mod") {
            module.pop();
        }
        // A program's `main.rs` and `lib.rs` are one root here.
        let root = self.modules.entry(module.clone()).or_default();
        root.file = file.to_owned();
        let mut reader = Reader { sources: self, file, module };
        reader.visit_file(&parsed);
    }
}

struct Reader<'a> {
    sources: &'a mut Sources,
    file: &'a str,
    module: ModulePath,
}

impl Reader<'_> {
    fn here(&mut self) -> &mut Module {
        let module = self.sources.modules.entry(self.module.clone()).or_default();
        if module.file.is_empty() {
            self.file.clone_into(&mut module.file);
        }
        module
    }

    fn mention(&mut self, path: Vec<String>, is_door: bool) {
        let mention = Mention { file: self.file.to_owned(), module: self.module.clone(), path, is_door };
        self.sources.mentions.push(mention);
    }

    fn import(&mut self, tree: &syn::UseTree, before: &[String], is_door: bool) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(it) => self.import(&it.tree, &with(&it.ident), is_door),
            syn::UseTree::Group(it) => {
                it.items.iter().for_each(|tree| self.import(tree, before, is_door));
            }
            syn::UseTree::Name(it) => self.imported(&it.ident, &with(&it.ident), is_door),
            syn::UseTree::Rename(it) => self.imported(&it.rename, &with(&it.ident), is_door),
            syn::UseTree::Glob(_) => {
                self.here().globs.push(before.to_vec());
                self.mention(before.to_vec(), is_door);
            }
        }
    }

    fn imported(&mut self, name: &syn::Ident, path: &[String], is_door: bool) {
        // `use a::{self}` is `use a`, under the name `a`.
        let (name, path) = match path {
            [before @ .., last, own] if own == "self" => (
                if name == "self" { last.clone() } else { name.to_string() },
                [before, std::slice::from_ref(last)].concat(),
            ),
            _ => (name.to_string(), path.to_vec()),
        };
        self.here().imported.insert(name, path.clone());
        self.mention(path, is_door);
    }

    /// The paths in the tokens of a macro.
    fn tokens(&mut self, tokens: &str) {
        let tokens = tokens.replace(" :: ", "::").replace(" ::", "::").replace(":: ", "::");
        let not_in_path = |it: char| !(it.is_alphanumeric() || it == '_' || it == ':');
        for path in tokens.split(not_in_path) {
            let path: Vec<String> = path.split("::").map(str::to_owned).collect();
            let from_here = path.first().is_some_and(|it| ["crate", "self", "super"].contains(&it.as_str()));
            if from_here && path.len() > 1 && path.iter().all(|it| !it.is_empty()) {
                self.mention(path, false);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let name = match item {
            syn::Item::Const(it) => Some(&it.ident),
            syn::Item::Enum(it) => Some(&it.ident),
            syn::Item::Fn(it) => Some(&it.sig.ident),
            syn::Item::Static(it) => Some(&it.ident),
            syn::Item::Struct(it) => Some(&it.ident),
            syn::Item::Trait(it) => Some(&it.ident),
            syn::Item::Type(it) => Some(&it.ident),
            syn::Item::Union(it) => Some(&it.ident),
            _ => None,
        };
        if let Some(name) = name {
            let name = name.to_string();
            self.here().defined.insert(name);
        }
        if let syn::Item::Macro(it) = item {
            let words = it.mac.tokens.to_string();
            let words = words.split(|it: char| !(it.is_alphanumeric() || it == '_'));
            let words: Vec<String> = words.map(str::to_owned).collect();
            self.here().in_macros.extend(words);
            if let Some(name) = it.ident.as_ref().map(ToString::to_string) {
                self.here().defined.insert(name);
            }
        }
        visit::visit_item(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if item.content.is_some() {
            self.module.push(item.ident.to_string());
            self.here();
            visit::visit_item_mod(self, item);
            self.module.pop();
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if item.leading_colon.is_none() {
            let is_door = !matches!(item.vis, syn::Visibility::Inherited);
            self.import(&item.tree, &[], is_door);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() && path.segments.len() > 1 {
            self.mention(path.segments.iter().map(|it| it.ident.to_string()).collect(), false);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.tokens(&item.tokens.to_string());
        visit::visit_macro(self, item);
    }

    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}
}
