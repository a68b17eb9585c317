//! Puts all mutants of a file into its functions: a function `{ body }` becomes
//!
//! ```text
//! { match valetkey_switch::which(7, 8, 9) {
//!     7 => { the body as mutant 7 has it }
//!     8 => { the body as mutant 8 has it }
//!     9 => { … }
//!     _ => { the body, with a note before each statement that a mutant changes }
//! } }
//! ```
//!
//! So nothing is rewritten but what cargo-mutants rewrites, and each arm is compiled as the function would be. A `const fn`
//! loses its `const` where no constant calls it.
//!
//! Longer than most files: what takes a function apart and what puts it together again go by the same places.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

use crate::list::{Listed, Place};
use crate::{Failed, constants};

/// Why a mutant has no switch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Why {
    /// Its body does not compile.
    Unviable,
    /// It is in a constant, or in a function that a constant calls.
    Constant,
    /// The function's type names a type that differs from arm to arm.
    Opaque,
}

impl Why {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Unviable => "unviable",
            Self::Constant => "constant",
            Self::Opaque => "opaque",
        }
    }
}

/// A file with its switches, and where each arm is.
pub(crate) struct Spliced {
    pub(crate) text: String,
    pub(crate) functions: Vec<Function>,
    /// Mutants outside every function, or in one that has to stay constant.
    pub(crate) constant: Vec<usize>,
}

/// A function with switches: lines of the spliced file, from 1.
pub(crate) struct Function {
    pub(crate) lines: Range<usize>,
    pub(crate) arms: Vec<(usize, Range<usize>)>,
    pub(crate) opaque: bool,
}

/// The file with a switch for each mutant; `mutants` are those of the file by their numbers, in order. Functions named in
/// `constant` keep their `const`.
pub(crate) fn splice(
    text: &str,
    mutants: &BTreeMap<usize, &Listed>,
    constant: &BTreeSet<String>,
) -> Result<Spliced, Failed> {
    let bodies = Bodies::of(text)?;
    let lines = Lines::of(text);
    let mut spliced = Spliced { text: String::new(), functions: Vec::new(), constant: Vec::new() };
    let (constants, numbers) = constants::find(text, mutants, constant)?;
    let mut left = mutants.clone();
    left.retain(|number, _| !numbers.contains(number));
    let mut done = 0;
    for body in &bodies.found {
        let mut inside = Vec::new();
        for (number, mutant) in mutants {
            let span = lines.at(mutant.from)?..lines.at(mutant.to)?;
            if body.inner.start <= span.start && span.end <= body.inner.end {
                inside.push((*number, *mutant, span));
            }
        }
        let stays = body.constant.is_some() && constant.contains(&body.name);
        if let (Some(word), false) = (&body.constant, stays) {
            spliced.text.push_str(slice(text, done..word.start));
            done = word.end;
        }
        if inside.is_empty() || stays {
            continue;
        }
        for (number, ..) in &inside {
            left.remove(number);
        }
        spliced.text.push_str(slice(text, done..body.inner.start));
        done = body.inner.end;
        let function = arms(text, body, &inside, &mut spliced.text);
        spliced.functions.push(function);
    }
    spliced.text.push_str(slice(text, done..text.len()));
    spliced.text = constants::replaced(spliced.text, &constants)?;
    spliced.constant = left.into_keys().collect();
    Ok(spliced)
}

fn arms(text: &str, body: &Body, inside: &[(usize, &Listed, Range<usize>)], out: &mut String) -> Function {
    let line = |out: &String| out.matches('\n').count() + 1;
    let numbers: Vec<usize> = inside.iter().map(|(number, ..)| *number).collect();
    let first = numbers.first().copied().unwrap_or_default();
    let last = numbers.last().copied().unwrap_or_default();
    // The whole bodies come first; those of functions inside this one have a statement around them.
    let whole = inside.iter().take_while(|(_, mutant, span)| body.is(mutant, span)).count();
    // Those that do not compile are gaps among the numbers.
    let inner = numbers.get(whole).copied().unwrap_or(last + 1);
    let begun = line(out);
    out.push_str(&format!(" match ::valetkey_switch::which({first}, {inner}, {last}) {{\n"));
    let mut arms = Vec::new();
    for (at, (number, mutant, span)) in inside.iter().enumerate() {
        let begun = line(out);
        let (open, close) = side(at, inside.len(), body);
        out.push_str(&format!(
            "{number} => {open}{{ {} \n}}{close},\n",
            changed(text, &body.inner, span, mutant)
        ));
        arms.push((*number, begun..line(out)));
    }
    let mut notes: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (number, _, span) in inside.iter().skip(whole) {
        notes.entry(body.statement(span)).or_default().push(*number);
    }
    let (open, close) = side(inside.len(), inside.len(), body);
    out.push_str(&format!("_ => {open}{{ "));
    let mut done = body.inner.start;
    for (at, numbers) in notes {
        out.push_str(&format!("{}::valetkey_switch::reach(&{numbers:?}); ", slice(text, done..at)));
        done = at;
    }
    out.push_str(&format!("{} \n}}{close} }} ", slice(text, done..body.inner.end)));
    Function { lines: begun..line(out) + 1, arms, opaque: body.opaque }
}

/// What is around an arm, where the arms have different types: iterators, each of which is one of two.
fn side(at: usize, last: usize, body: &Body) -> (String, String) {
    if !body.iterator {
        return (String::new(), String::new());
    }
    let (left, right) = ("::valetkey_switch::Either::Left(", "::valetkey_switch::Either::Right(");
    let open = format!("{}{}", right.repeat(at), if at < last { left } else { "" });
    (open, ")".repeat(at + usize::from(at < last)))
}

/// This part of the text as the mutant has it.
pub(crate) fn changed(text: &str, part: &Range<usize>, span: &Range<usize>, mutant: &Listed) -> String {
    let (before, after) = (part.start..span.start, span.end..part.end);
    format!("{}{} {MARK}{}", slice(text, before), mutant.replacement, slice(text, after))
}

/// What cargo-mutants writes behind each change.
const MARK: &str = "/* ~ changed by cargo-mutants ~ */";

/// That a mutant, as it is made here, is the one of cargo-mutants' diff.
pub(crate) fn as_in_diff(text: &str, mutant: &Listed) -> Result<(), Failed> {
    let lines = Lines::of(text);
    let (from, to) = (lines.at(mutant.from)?, lines.at(mutant.to)?);
    let before = slice(text, 0..from);
    let changed = format!("{before}{} {MARK}{}", mutant.replacement, slice(text, to..text.len()));
    let made: Vec<&str> = changed.lines().collect();
    let mut hunks = 0;
    let mut at = 0;
    for line in mutant.diff.lines().skip(2) {
        if let Some(head) = line.strip_prefix("@@ ") {
            let new = head.split('+').nth(1).and_then(|rest| rest.split([',', ' ']).next());
            at = new.and_then(|start| start.parse::<usize>().ok()).ok_or("a hunk without a line")?;
            hunks += 1;
        } else if !line.starts_with(['-', '\\']) {
            if made.get(at - 1).copied() != Some(line.get(1..).unwrap_or_default()) {
                return Err(format!("{} is another change than cargo-mutants': {line}", mutant.key).into());
            }
            at += 1;
        }
    }
    if hunks == 0 { Err(format!("{} has no diff", mutant.key).into()) } else { Ok(()) }
}

/// A function that is in no other one.
struct Body {
    name: String,
    /// Between the braces.
    inner: Range<usize>,
    /// The word `const`.
    constant: Option<Range<usize>>,
    opaque: bool,
    /// Its type is `impl Iterator`.
    iterator: bool,
    statements: Vec<Range<usize>>,
}

impl Body {
    /// Whether a mutant is all of this body, and not that of a function inside it.
    fn is(&self, mutant: &Listed, span: &Range<usize>) -> bool {
        mutant.whole_body && !self.statements.iter().any(|range| has(range, span) && range.len() > span.len())
    }

    /// Where the innermost statement with all of this begins.
    fn statement(&self, span: &Range<usize>) -> usize {
        let around = self.statements.iter().filter(|range| has(range, span));
        around.min_by_key(|range| range.len()).map_or(self.inner.start, |range| range.start)
    }
}

fn has(range: &Range<usize>, span: &Range<usize>) -> bool {
    range.start <= span.start && span.end <= range.end
}

#[derive(Default)]
struct Bodies {
    found: Vec<Body>,
    depth: usize,
    /// Inside what is computed by the compiler, where nothing can be noted.
    computed: usize,
}

impl Bodies {
    fn of(text: &str) -> Result<Self, Failed> {
        let mut bodies = Self::default();
        bodies.visit_file(&syn::parse_file(text)?);
        Ok(bodies)
    }

    fn function(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let constant = signature.constness.map(|word| word.span().byte_range());
        if self.depth == 0 {
            let braces = block.brace_token.span;
            self.found.push(Body {
                name: signature.ident.to_string(),
                inner: braces.open().byte_range().end..braces.close().byte_range().start,
                constant,
                opaque: is_opaque(&signature.output),
                iterator: is_iterator(&signature.output),
                statements: Vec::new(),
            });
            self.depth += 1;
            self.visit_block(block);
            self.depth -= 1;
        } else {
            let computed = usize::from(constant.is_some());
            self.computed += computed;
            self.visit_block(block);
            self.computed -= computed;
        }
    }

    fn in_computed(&mut self, visit: impl FnOnce(&mut Self)) {
        self.computed += 1;
        visit(self);
        self.computed -= 1;
    }
}

impl<'ast> Visit<'ast> for Bodies {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, &item.block);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, &item.block);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.sig, block);
        }
    }

    fn visit_stmt(&mut self, statement: &'ast syn::Stmt) {
        if let (Some(body), true, 0) = (self.found.last_mut(), self.depth > 0, self.computed) {
            body.statements.push(statement.span().byte_range());
        }
        visit::visit_stmt(self, statement);
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.in_computed(|bodies| visit::visit_item_const(bodies, item));
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.in_computed(|bodies| visit::visit_item_static(bodies, item));
    }

    fn visit_expr_const(&mut self, block: &'ast syn::ExprConst) {
        self.in_computed(|bodies| visit::visit_expr_const(bodies, block));
    }
}

fn is_opaque(output: &syn::ReturnType) -> bool {
    struct Seen(bool);
    impl<'ast> Visit<'ast> for Seen {
        fn visit_type_impl_trait(&mut self, _: &'ast syn::TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut seen = Seen(false);
    seen.visit_return_type(output);
    seen.0
}

fn is_iterator(output: &syn::ReturnType) -> bool {
    let syn::ReturnType::Type(_, output) = output else { return false };
    let syn::Type::ImplTrait(opaque) = &**output else { return false };
    opaque.bounds.iter().any(|bound| match bound {
        syn::TypeParamBound::Trait(bound) => {
            bound.path.segments.last().is_some_and(|last| last.ident == "Iterator")
        }
        _ => false,
    })
}

pub(crate) fn slice(text: &str, range: Range<usize>) -> &str {
    text.get(range).unwrap_or_default()
}

/// Where each line of a text begins.
pub(crate) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        let after = text.match_indices('\n').map(|(at, _)| at + 1);
        Self { text, starts: std::iter::once(0).chain(after).collect() }
    }

    pub(crate) fn at(&self, (line, column): Place) -> Result<usize, Failed> {
        let start = *self.starts.get(line - 1).ok_or("a span beyond the file")?;
        let rest = slice(self.text, start..self.text.len());
        let mut places = rest.char_indices().map(|(at, _)| at).chain(std::iter::once(rest.len()));
        Ok(start + places.nth(column - 1).ok_or("a span beyond its line")?)
    }
}
