//! The crawl of rustdoc's pages, over pages that are planted: what counts as a link, and that what is too far is told.

use std::fs;
use std::path::{Path, PathBuf};

use valetkey_tests::crawl::Crawl;

/// A folder as `cargo doc` writes one, for the crate `made` with a guide.
struct Pages(PathBuf);

impl Pages {
    /// The guide has one page with this prose, and `all.html` lists these items.
    fn new(test: &str, guide: &str, items: &[&str]) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("crawled").join(test);
        let _ = fs::remove_dir_all(&folder);
        let list: String = items.iter().map(|item| format!(r#"<li><a href="{item}">it</a></li>"#)).collect();
        let pages = Self(folder).page("made/all.html", &list).page("made/guide/index.html", guide);
        items.iter().fold(pages, |pages, item| pages.page(&format!("made/{item}"), ""))
    }

    /// A page with this body, in the place of one that is there.
    fn page(self, page: &str, body: &str) -> Self {
        let sidebar = r#"<nav class="sidebar"><a href="struct.Far.html">Far</a></nav>"#;
        self.text(page, &format!(r#"{sidebar}<section id="main-content" class="content">{body}</section>"#))
    }

    fn text(self, page: &str, text: &str) -> Self {
        let file = self.0.join(page);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
        self
    }

    fn crawl(&self) -> Crawl {
        Crawl::of(&self.0, &["made", "other"]).unwrap()
    }
}

fn far(crawl: &Crawl) -> Vec<&str> {
    crawl.far().map(|pages| pages[0].as_str()).collect()
}

/// A second crate, which shows nothing of its own.
fn with_other(pages: Pages) -> Pages {
    pages.page("other/all.html", "")
}

#[test]
fn an_item_is_reached_by_two_links_and_not_by_three() {
    let items = ["struct.One.html", "struct.Two.html", "struct.Three.html"];
    let pages =
        Pages::new("steps", r#"<a class="struct" href="../struct.One.html#method.new">One</a>"#, &items)
            .page("made/struct.One.html", r#"<a href="struct.Two.html">Two</a>"#)
            .page("made/struct.Two.html", r#"<a href="struct.Three.html">Three</a>"#);
    let crawl = with_other(pages).crawl();
    assert_eq!(far(&crawl), ["made/struct.Three.html"]);
    assert_eq!(crawl.items.len(), 3);
    assert!(crawl.dead.is_empty());
}

#[test]
fn what_leads_anywhere_from_everywhere_is_not_a_link() {
    let body = concat!(
        r#"<div class="rustdoc-breadcrumbs"><a href="struct.Far.html">made</a></div>"#,
        r#"<dl class="item-table"><dt><a href="struct.Far.html">Far</a></dt></dl>"#,
        r#"<dl class="item-table reexports"><dt><a href="struct.Far.html">Far</a></dt></dl>"#,
        r#"<p>Prose.</p><a href="struct.Near.html">Near</a>"#,
        r#"<h2 id="blanket-implementations" class="section-header"></h2><a href="struct.Far.html">Far</a>"#,
    );
    let items = ["struct.Far.html", "struct.Near.html"];
    let pages =
        Pages::new("lists", r#"<a href="../index.html">the crate</a>"#, &items).page("made/index.html", body);
    assert_eq!(far(&with_other(pages).crawl()), ["made/struct.Far.html"]);
}

#[test]
fn a_page_that_redirects_is_the_page_that_it_leads_to() {
    let redirection = r#"<meta http-equiv="refresh" content="0;URL=../../made/struct.Two.html">"#;
    let items = ["struct.One.html", "struct.Two.html"];
    let pages = Pages::new("redirects", r#"<a href="../struct.One.html">One</a>"#, &items)
        .page("made/struct.One.html", r#"<a href="private/struct.Two.html">Two</a>"#)
        .text("made/private/struct.Two.html", redirection);
    assert_eq!(far(&with_other(pages).crawl()), [""; 0]);
}

#[test]
fn an_item_that_two_crates_show_counts_once_and_one_of_its_pages_is_enough() {
    let shown =
        r#"<span class="sub-heading"><a class="src" href="../src/made/it.rs.html#1">Source</a> </span>"#;
    let crawl = Pages::new("twice", r#"<a href="../struct.It.html">It</a>"#, &["struct.It.html"])
        .page("made/struct.It.html", shown)
        .page("other/all.html", r#"<a href="struct.It.html">It</a>"#)
        .page("other/struct.It.html", shown)
        .crawl();
    assert_eq!(crawl.items, [(vec!["made/struct.It.html".into(), "other/struct.It.html".into()], Some(1))]);
}

#[test]
fn a_link_to_the_published_page_of_a_crate_is_a_link_to_the_local_one() {
    let crawl = Pages::new(
        "published",
        concat!(
            r#"<a href="https://docs.rs/made/latest/made/struct.It.html">It</a>"#,
            r#"<a href="https://docs.rs/made/latest/made/struct.Gone.html">Gone</a>"#,
            r#"<a href="https://docs.rs/foreign/latest/foreign/struct.Gone.html">foreign</a>"#,
        ),
        &["struct.It.html"],
    );
    let crawl = with_other(crawl).crawl();
    assert_eq!(far(&crawl), [""; 0]);
    assert_eq!(crawl.dead, [("made/guide/index.html".to_owned(), "made/struct.Gone.html".to_owned())]);
}

#[test]
fn a_name_in_brackets_that_is_no_link_is_told() {
    let pages = Pages::new("unlinked", "<p>see [<code>Rule</code>]</p>", &[]);
    let expected = [("made/guide/index.html".to_owned(), "[`Rule`]".to_owned())];
    assert_eq!(with_other(pages).crawl().dead, expected);
}

#[test]
fn pages_without_a_guide_or_of_another_shape_are_an_error_and_not_a_success() {
    let empty = Path::new(env!("CARGO_TARGET_TMPDIR")).join("crawled/nothing");
    assert!(Crawl::of(&empty, &["made"]).unwrap_err().contains("no page of a guide"));
    let pages = with_other(Pages::new("shape", "", &[])).text("made/guide/index.html", "<main>");
    assert!(Crawl::of(&pages.0, &["made"]).unwrap_err().contains("no body"));
}
