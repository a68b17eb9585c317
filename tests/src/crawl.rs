//! How far each public item is from the guide, by the links of rustdoc's pages: [`Crawl`].
//!
//! The pages are read as text, and no HTML parser is needed: they are rustdoc's own, whose attributes are always quoted, and
//! the compiler that writes them is pinned. If a page has no body as it is known here, the crawl says so and fails.
//!
//! **What counts as a link.** The `href`s in the body of a page: its prose, its signatures, its methods and its trait
//! implementations. A link to `https://docs.rs/CRATE/latest/…` of one of the crates is the local page. Left out is what leads
//! anywhere from everywhere: the sidebar, the search and the breadcrumbs; the tables of items in a module's page, since a page
//! of links only is no way to an item; the list of a trait's implementors; the traits that the compiler gives every type.
//! A page that only redirects is the page that it leads to.
//!
//! **What counts as an item.** What `all.html` of a crate lists: structs, enums, traits, functions, constants, types, macros. An
//! item that is shown by two crates has the same name and the same place in the sources, and counts once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// How many links there may be between the guide and an item.
pub const FAR: usize = 2;

/// What was found.
#[derive(Debug, Default)]
pub struct Crawl {
    /// The pages of the guide.
    pub guide: BTreeSet<String>,
    /// Each item by its pages, and how many links away the nearest of them is; `None` for more than [`FAR`].
    pub items: Vec<(Vec<String>, Option<usize>)>,
    /// Links on the guide's pages that lead to no page, with the page that they are on. A name in brackets that rustdoc has
    /// not made a link of is one too: it leaves links to another crate out, without a warning, while the pages of that crate are
    /// being written.
    pub dead: Vec<(String, String)>,
}

impl Crawl {
    /// Crawls what `cargo doc` wrote into this folder, from the modules named `guide` of these crates.
    ///
    /// # Errors
    ///
    /// What is missing there, or is not as it is expected.
    pub fn of(folder: &Path, crates: &[&str]) -> Result<Self, String> {
        let pages = Pages { folder, crates };
        let guide = pages.guide();
        if guide.is_empty() {
            return Err(format!("{} has no page of a guide", folder.display()));
        }
        let mut crawl = Self { guide: guide.clone(), ..Self::default() };
        for page in &guide {
            let names = pages.unlinked(page)?;
            crawl.dead.extend(names.into_iter().map(|name| (page.clone(), name)));
        }
        let mut distances: BTreeMap<String, usize> = guide.iter().map(|page| (page.clone(), 0)).collect();
        let mut outermost = guide;
        for distance in 1..=FAR {
            let mut next = BTreeSet::new();
            for page in &outermost {
                for link in pages.links_of(page)? {
                    match pages.landing(&link) {
                        Some(landing) if !distances.contains_key(&landing) => {
                            distances.insert(landing.clone(), distance);
                            next.insert(landing);
                        }
                        Some(_) => {}
                        None if distance == 1 => crawl.dead.push((page.clone(), link)),
                        None => {}
                    }
                }
            }
            outermost = next;
        }
        for pages in pages.items()? {
            let nearest = pages.iter().filter_map(|page| distances.get(page)).min().copied();
            crawl.items.push((pages, nearest));
        }
        Ok(crawl)
    }

    /// The items that are too far away.
    pub fn far(&self) -> impl Iterator<Item = &[String]> {
        self.items.iter().filter(|(_, distance)| distance.is_none()).map(|(pages, _)| pages.as_slice())
    }
}

struct Pages<'a> {
    folder: &'a Path,
    crates: &'a [&'a str],
}

impl Pages<'_> {
    fn guide(&self) -> BTreeSet<String> {
        let mut pages = BTreeSet::new();
        for name in self.crates {
            self.collect(&format!("{name}/guide"), &mut pages);
        }
        pages
    }

    fn collect(&self, folder: &str, pages: &mut BTreeSet<String>) {
        for entry in fs::read_dir(self.folder.join(folder)).into_iter().flatten().flatten() {
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                self.collect(&path, pages);
            } else if path.ends_with("/index.html") {
                pages.insert(path);
            }
        }
    }

    fn read(&self, page: &str) -> Result<String, String> {
        fs::read_to_string(self.folder.join(page)).map_err(|error| format!("{page}: {error}"))
    }

    /// The items of all crates, each with the pages that show it.
    fn items(&self) -> Result<Vec<Vec<String>>, String> {
        let mut items: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for name in self.crates {
            let all = format!("{name}/all.html");
            let text = self.read(&all)?;
            for page in hrefs(body(&text, &all)?).filter_map(|link| self.local(&all, link)) {
                let file = page.rsplit('/').next().unwrap_or_default().to_owned();
                let text = self.read(&page)?;
                // What a foreign crate has is shown without its source, and by one page.
                let source =
                    source_of(&text).and_then(|link| resolved(&page, link)).unwrap_or_else(|| page.clone());
                items.entry((file, source)).or_default().push(page);
            }
        }
        Ok(items.into_values().collect())
    }

    /// The links of a page to pages of the crates.
    fn links_of(&self, page: &str) -> Result<BTreeSet<String>, String> {
        let text = self.read(page)?;
        let text = without(body(&text, page)?, r#"<div class="rustdoc-breadcrumbs">"#, "</div>");
        let text = without(&text, r#"<dl class="item-table"#, "</dl>");
        Ok(hrefs(&text).filter_map(|link| self.local(page, link)).filter(|link| link != page).collect())
    }

    /// The names in brackets that are no links.
    fn unlinked(&self, page: &str) -> Result<Vec<String>, String> {
        let text = self.read(page)?;
        let names = body(&text, page)?.split("[<code>").skip(1);
        Ok(names.filter_map(|rest| rest.split("</code>]").next()).map(|name| format!("[`{name}`]")).collect())
    }

    /// The page of one of the crates that this link on a page is to.
    fn local(&self, page: &str, link: &str) -> Option<String> {
        let link = link.split(['#', '?']).next().filter(|link| !link.is_empty())?;
        let path = match link.strip_prefix("https://docs.rs/") {
            Some(published) => published.splitn(3, '/').nth(2)?.to_owned(),
            None if link.contains("://") => return None,
            None => resolved(page, link)?,
        };
        let path = if path.ends_with('/') { format!("{path}index.html") } else { path };
        let (name, _) = path.split_once('/')?;
        self.crates.contains(&name).then_some(path)
    }

    /// Where a reader of this link ends; `None` if there is no such page.
    fn landing(&self, page: &str) -> Option<String> {
        let text = self.read(page).ok()?;
        match between(&text, r#"http-equiv="refresh" content="0;URL="#, "\"") {
            Some(link) => self.local(page, link),
            None => Some(page.to_owned()),
        }
    }
}

/// What a page says of its item or its module, up to the lists that are left out.
fn body<'a>(text: &'a str, page: &str) -> Result<&'a str, String> {
    let (_, body) = text
        .split_once(r#"<section id="main-content""#)
        .ok_or(format!("{page} has no body that is known"))?;
    let lists = ["implementors", "foreign-impls", "synthetic-implementations", "blanket-implementations"];
    let end = lists.iter().filter_map(|id| body.find(&format!(r#"<h2 id="{id}""#))).min();
    Ok(end.map_or(body, |end| &body[..end]))
}

fn hrefs(text: &str) -> impl Iterator<Item = &str> {
    text.split(r#" href=""#).skip(1).filter_map(|rest| rest.split('"').next())
}

/// The first place in the sources that a page links to: its item's.
fn source_of(text: &str) -> Option<&str> {
    between(text, r#"<span class="sub-heading"><a class="src" href=""#, "\"")
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    Some(text.split_once(start)?.1.split_once(end)?.0)
}

/// The text without what is from this start to the next end.
fn without(text: &str, start: &str, end: &str) -> String {
    let mut parts = text.split(start);
    let mut kept = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        kept.push_str(part.split_once(end).map_or("", |(_, after)| after));
    }
    kept
}

/// A relative link on a page, as a path in the folder.
fn resolved(page: &str, link: &str) -> Option<String> {
    let mut path = PathBuf::new();
    for component in Path::new(page).parent()?.join(link).components() {
        match component {
            Component::ParentDir if !path.pop() => return None,
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    let path = path.to_str()?.to_owned();
    Some(if link.ends_with('/') { path + "/" } else { path })
}
