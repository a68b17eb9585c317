//! Switches for mutants of constants: `const NAME: T = value;` becomes a function of this name, and each use of it a call.
//! Only a constant that nobody outside its file can name, and that no other constant needs; what else there is stays as it is,
//! which the compiler says.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

use crate::Failed;
use crate::list::Listed;
use crate::splice::{Lines, changed, slice};

/// A constant that becomes a function.
pub(crate) struct Constant {
    name: String,
    /// What is in the function's braces, on one line.
    body: String,
}

/// The constants of a file that have mutants in them, and the numbers of these.
pub(crate) fn find(
    text: &str,
    mutants: &BTreeMap<usize, &Listed>,
    stay: &BTreeSet<String>,
) -> Result<(Vec<Constant>, BTreeSet<usize>), Failed> {
    let lines = Lines::of(text);
    let (mut constants, mut numbers) = (Vec::new(), BTreeSet::new());
    for item in items(&syn::parse_file(text)?) {
        let (name, value) = (item.ident.to_string(), item.expr.span().byte_range());
        let mut arms = String::new();
        let mut inside = Vec::new();
        for (number, mutant) in mutants {
            let span = lines.at(mutant.from)?..lines.at(mutant.to)?;
            if value.start <= span.start && span.end <= value.end {
                arms.push_str(&format!("{number} => {{ {} }} ", changed(text, &value, &span, mutant)));
                inside.push(*number);
            }
        }
        let (Some(first), Some(last)) = (inside.first(), inside.last()) else { continue };
        let plain =
            matches!(item.vis, syn::Visibility::Inherited) && !matches!(*item.ty, syn::Type::Reference(_));
        let value = slice(text, value);
        if !plain || value.contains('\n') || stay.contains(&name) {
            continue;
        }
        let which = format!("::valetkey_switch::which({first}, {}, {last})", last + 1);
        let body = format!("match {which} {{ {arms}_ => {{ {value} }} }}");
        constants.push(Constant { name, body });
        numbers.extend(inside);
    }
    let names: BTreeSet<String> = constants.iter().map(|constant| constant.name.clone()).collect();
    for constant in &mut constants {
        constant.body = with_calls(&constant.body, &names)?;
    }
    Ok((constants, numbers))
}

/// A value of one constant that names others.
fn with_calls(value: &str, names: &BTreeSet<String>) -> Result<String, Failed> {
    let mut uses = Uses { names, ends: BTreeSet::new() };
    uses.visit_expr(&syn::parse_str(value)?);
    let mut text = value.to_owned();
    for end in uses.ends.into_iter().rev() {
        text.insert_str(end, "()");
    }
    Ok(text)
}

/// The file with functions in place of these constants. No line moves.
pub(crate) fn replaced(text: String, constants: &[Constant]) -> Result<String, Failed> {
    if constants.is_empty() {
        return Ok(text);
    }
    let file = syn::parse_file(&text)?;
    let names: BTreeSet<String> = constants.iter().map(|constant| constant.name.clone()).collect();
    let mut uses = Uses { names: &names, ends: BTreeSet::new() };
    uses.visit_file(&file);
    let mut edits: Vec<(Range<usize>, String)> =
        uses.ends.into_iter().map(|end| (end..end, "()".to_owned())).collect();
    for item in items(&file) {
        let Some(constant) = constants.iter().find(|constant| item.ident == constant.name) else { continue };
        let word = item.const_token.span.byte_range();
        let colon = item.colon_token.span.byte_range();
        let equal = item.eq_token.span.byte_range();
        let semicolon = item.semi_token.span.byte_range();
        // Calls in its own value are in what is replaced.
        edits.retain(|(range, _)| range.end <= equal.start || semicolon.end <= range.start);
        edits.push((word, "fn".to_owned()));
        edits.push((colon, "() -> ".to_owned()));
        edits.push((equal.start..semicolon.end, format!("{{ {} }}", constant.body)));
    }
    edits.sort_by_key(|(range, _)| range.start);
    let (mut out, mut done) = (String::new(), 0);
    for (range, new) in edits {
        out.push_str(slice(&text, done..range.start));
        out.push_str(&new);
        done = range.end;
    }
    out.push_str(slice(&text, done..text.len()));
    Ok(out)
}

fn items(file: &syn::File) -> impl Iterator<Item = &syn::ItemConst> {
    file.items.iter().filter_map(|item| match item {
        syn::Item::Const(item) => Some(item),
        _ => None,
    })
}

/// Where the names end, wherever they are a value.
struct Uses<'a> {
    names: &'a BTreeSet<String>,
    ends: BTreeSet<usize>,
}

impl Uses<'_> {
    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Ident(ident) if self.names.contains(&ident.to_string()) => {
                    self.ends.insert(ident.span().byte_range().end);
                }
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Uses<'_> {
    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        if path.path.get_ident().is_some_and(|ident| self.names.contains(&ident.to_string())) {
            self.ends.insert(path.span().byte_range().end);
        }
        visit::visit_expr_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        self.tokens(called.tokens.clone());
    }
}
