//! The texts in the sources that become errors.
//!
//! A **maker** is a function, method, closure or variant, and the place of an argument that becomes the text of an error, or
//! a part of it. A few are known from the start: [`MAKERS`]. A call of one is followed back from its argument to the
//! literals that it is made of: through blocks, branches, `format!`, local bindings, constants, and functions of the crate
//! that return a text. Where that ends at a parameter of the function around it, this function is a maker too, and its calls
//! are followed next, until nothing new is found. The literals of each `Display` are texts as well.
//!
//! Names are all that it goes by: two methods of one name are one to it. So it rather finds too much than too little; what
//! has no space between two words is a name, and left out.

use std::collections::{BTreeMap, BTreeSet};

use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Expr, Pat};

/// What makes errors of texts: its name, as it is called, and which argument it is.
const MAKERS: &[(&str, usize)] = &[
    ("malformed", 1),
    ("response_refused", 1),
    ("misuse", 0),
    ("misuse_of", 1),
    ("too_late", 1),
    ("StoreError::new", 0),
    ("TransportError::caused", 1),
    ("Error::other", 0),
    ("Error::new", 1),
    ("Error::custom", 0),
    ("Error::Invalid", 0),
    ("Failure::usage", 0),
    ("Failure::new", 1),
    (".next", 0),
    ("Trouble::Tls", 0),
    ("refusal", 0),
    ("Err", 0),
    (".ok_or", 0),
    (".ok_or_else", 0),
    (".map_err", 0),
];

/// A text, and where it is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Text {
    pub(crate) file: String,
    pub(crate) line: usize,
    /// As it is written: a `{…}` stands for what is put there.
    pub(crate) text: String,
}

/// Functions whose parameters and bodies matter; a closure that has a name is one too.
struct Function {
    name: String,
    file: String,
    /// The names that it binds: those of a parameter have its place.
    parameters: Vec<Option<String>>,
    bound: BTreeMap<String, Vec<Expr>>,
    calls: Vec<(String, Vec<Expr>)>,
    /// The function around a closure, where names are looked up next.
    around: Option<usize>,
    /// The literals of one that returns a text.
    told: Option<Vec<(usize, String)>>,
}

/// All that is read.
#[derive(Default)]
pub(crate) struct Sources {
    functions: Vec<Function>,
    constants: BTreeMap<String, Vec<(String, Expr)>>,
    displayed: BTreeSet<Text>,
}

impl Sources {
    /// Reads a file.
    pub(crate) fn read(&mut self, file: &str, text: &str) {
        let parsed = syn::parse_file(text).unwrap_or_else(|error| panic!("{file}: {error}"));
        Reader { sources: self, file, owner: String::new(), within: None }.visit_file(&parsed);
    }

    /// Every text, in the order of files and lines.
    pub(crate) fn texts(&self) -> BTreeSet<Text> {
        let mut makers: BTreeSet<(String, usize)> =
            MAKERS.iter().map(|&(name, place)| (name.to_owned(), place)).collect();
        loop {
            let known = makers.len();
            let mut found = self.displayed.clone();
            for at in 0..self.functions.len() {
                for (name, arguments) in &self.functions[at].calls {
                    let file = &self.functions[at].file;
                    for (place, argument) in arguments.iter().enumerate() {
                        if makers.contains(&(name.clone(), place))
                            || makers.contains(&(format!("{file} {name}"), place))
                        {
                            let mut back = Back {
                                sources: self,
                                at,
                                seen: BTreeSet::new(),
                                found: Vec::new(),
                                makers: &mut makers,
                            };
                            back.visit_expr(argument);
                            found.extend(back.found);
                        }
                    }
                }
            }
            if makers.len() == known {
                return found;
            }
        }
    }
}

/// Collects functions, constants and `Display`s.
struct Reader<'a> {
    sources: &'a mut Sources,
    file: &'a str,
    /// The type whose `impl` it is.
    owner: String,
    /// The function that it is in.
    within: Option<usize>,
}

impl Reader<'_> {
    fn function<'a>(
        &mut self,
        name: String,
        parameters: impl Iterator<Item = &'a Pat>,
        around: Option<usize>,
    ) -> usize {
        let parameters = parameters.map(bound_name).collect();
        let file = self.file.to_owned();
        let (bound, calls) = Default::default();
        self.sources.functions.push(Function { name, file, parameters, bound, calls, around, told: None });
        self.sources.functions.len() - 1
    }

    fn body(&mut self, signature: &syn::Signature, block: &syn::Block, is_private: bool) {
        let inputs = signature.inputs.iter().filter_map(|input| match input {
            syn::FnArg::Typed(typed) => Some(&*typed.pat),
            syn::FnArg::Receiver(_) => None,
        });
        let name = match (signature.receiver(), self.owner.as_str()) {
            (Some(_), _) => format!(".{}", signature.ident),
            (None, "") if is_private => format!("{} {}", self.file, signature.ident),
            (None, "") => signature.ident.to_string(),
            (None, owner) => format!("{owner}::{}", signature.ident),
        };
        let at = self.function(name, inputs, None);
        if let syn::ReturnType::Type(_, returned) = &signature.output {
            let mut words = Words::default();
            words.visit_type(returned);
            if words.0.iter().any(|word| ["str", "String"].contains(&word.as_str())) {
                let mut literals = Literals::default();
                literals.visit_block(block);
                self.sources.functions[at].told = Some(literals.0);
            }
        }
        let around = self.within.replace(at);
        visit::visit_block(self, block);
        self.within = around;
    }

    fn call(&mut self, name: String, arguments: Vec<Expr>) {
        if let Some(at) = self.within {
            self.sources.functions[at].calls.push((name, arguments));
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        let owner = std::mem::take(&mut self.owner);
        self.body(&item.sig, &item.block, matches!(item.vis, syn::Visibility::Inherited));
        self.owner = owner;
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.body(&item.sig, &item.block, false);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.body(&item.sig, block, false);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let owner = match &*item.self_ty {
            syn::Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
            _ => None,
        };
        let before = std::mem::replace(&mut self.owner, owner.unwrap_or_default());
        let of = item.trait_.as_ref().and_then(|(_, path, _)| path.segments.last());
        if of.is_some_and(|of| of.ident == "Display") {
            let mut literals = Literals::default();
            literals.visit_item_impl(item);
            let texts = literals.0.into_iter();
            self.sources.displayed.extend(texts.filter_map(|(line, text)| told(self.file, line, &text)));
        }
        visit::visit_item_impl(self, item);
        self.owner = before;
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        let here = (self.file.to_owned(), (*item.expr).clone());
        self.sources.constants.entry(item.ident.to_string()).or_default().push(here);
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        if let (Some(at), Some(name), Some(init)) = (self.within, bound_name(&local.pat), &local.init) {
            if let Expr::Closure(closure) = &*init.expr {
                let inner = self.function(format!("{} {name}", self.file), closure.inputs.iter(), Some(at));
                self.within = Some(inner);
                self.visit_expr(&closure.body);
                self.within = Some(at);
                return;
            }
            self.sources.functions[at].bound.entry(name).or_default().push((*init.expr).clone());
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let Expr::Path(path) = &*call.func {
            let names: Vec<_> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            let name = match names.as_slice() {
                [.., of, name] if of == "Self" => format!("{}::{name}", self.owner),
                [.., of, name] if of.starts_with(char::is_uppercase) => format!("{of}::{name}"),
                [.., name] => name.clone(),
                [] => String::new(),
            };
            self.call(name, call.args.iter().cloned().collect());
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.call(format!(".{}", call.method), call.args.iter().cloned().collect());
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        for expression in arguments(called) {
            // The syntax lives no longer than this, and nothing of it is kept by reference.
            let mut inner = Reader {
                sources: self.sources,
                file: self.file,
                owner: self.owner.clone(),
                within: self.within,
            };
            inner.visit_expr(&expression);
        }
    }
}

/// Goes back from an argument to its literals.
struct Back<'a> {
    sources: &'a Sources,
    at: usize,
    seen: BTreeSet<(usize, String)>,
    found: Vec<Text>,
    makers: &'a mut BTreeSet<(String, usize)>,
}

impl Back<'_> {
    /// What a name stands for: a parameter, a local binding, a constant.
    fn name(&mut self, name: &str) {
        if !self.seen.insert((self.at, name.to_owned())) {
            return;
        }
        let (start, sources) = (self.at, self.sources);
        let mut at = Some(start);
        while let Some(place) = at {
            let function = &sources.functions[place];
            if let Some(place) = function.parameters.iter().position(|known| known.as_deref() == Some(name)) {
                self.makers.insert((function.name.clone(), place));
                return;
            }
            if let Some(values) = function.bound.get(name) {
                self.at = place;
                values.iter().for_each(|value| self.visit_expr(value));
                self.at = start;
                return;
            }
            at = function.around;
        }
        let all = sources.constants.get(name).map(Vec::as_slice).unwrap_or_default();
        let file = &sources.functions[start].file;
        let own: Vec<_> = all.iter().filter(|(of, _)| of == file).collect();
        for (of, value) in if own.is_empty() { all.iter().collect() } else { own } {
            let mut literals = Literals::default();
            literals.visit_expr(value);
            self.found.extend(literals.0.iter().filter_map(|(line, text)| told(of, *line, text)));
        }
    }

    fn called(&mut self, names: [String; 2]) {
        for function in self.sources.functions.iter().filter(|function| names.contains(&function.name)) {
            let texts = function.told.iter().flatten();
            self.found.extend(texts.filter_map(|(line, text)| told(&function.file, *line, text)));
        }
    }
}

impl<'ast> Visit<'ast> for Back<'_> {
    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        let file = &self.sources.functions[self.at].file;
        self.found.extend(told(file, literal.span().start().line, &literal.value()));
        for name in placed(&literal.value()) {
            self.name(&name);
        }
    }

    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        if let Some(name) = path.path.segments.last() {
            self.name(&name.ident.to_string());
        }
    }

    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let Expr::Path(path) = &*call.func {
            let names: Vec<_> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            let file = &self.sources.functions[self.at].file;
            let last = names.last().cloned().unwrap_or_default();
            self.called([format!("{file} {last}"), names[names.len().saturating_sub(2)..].join("::")]);
        }
        call.args.iter().for_each(|argument| self.visit_expr(argument));
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.called([String::new(), format!(".{}", call.method)]);
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        if called.path.is_ident("matches") {
            return;
        }
        for expression in arguments(called) {
            Back {
                sources: self.sources,
                at: self.at,
                seen: self.seen.clone(),
                found: Vec::new(),
                makers: self.makers,
            }
            .take(&expression, &mut self.found);
        }
    }

    // What is compared or looked at is no text of the error.
    fn visit_expr_match(&mut self, looked_at: &'ast syn::ExprMatch) {
        looked_at.arms.iter().for_each(|arm| self.visit_expr(&arm.body));
    }

    fn visit_expr_if(&mut self, branch: &'ast syn::ExprIf) {
        self.visit_block(&branch.then_branch);
        if let Some((_, otherwise)) = &branch.else_branch {
            self.visit_expr(otherwise);
        }
    }
}

impl Back<'_> {
    fn take(mut self, expression: &Expr, found: &mut Vec<Text>) {
        self.visit_expr(expression);
        found.append(&mut self.found);
    }
}

/// The literals in a piece of syntax, and the lines that they are on.
#[derive(Default)]
struct Literals(Vec<(usize, String)>);

impl<'ast> Visit<'ast> for Literals {
    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.0.push((literal.span().start().line, literal.value()));
    }

    fn visit_macro(&mut self, called: &'ast syn::Macro) {
        for expression in arguments(called) {
            let mut inner = Self::default();
            inner.visit_expr(&expression);
            self.0.append(&mut inner.0);
        }
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}

/// The words of a type.
#[derive(Default)]
struct Words(Vec<String>);

impl<'ast> Visit<'ast> for Words {
    fn visit_ident(&mut self, word: &'ast syn::Ident) {
        self.0.push(word.to_string());
    }
}

/// The arguments of a macro that takes expressions.
fn arguments(called: &syn::Macro) -> Vec<Expr> {
    called
        .parse_body_with(Punctuated::<Expr, syn::Token![,]>::parse_terminated)
        .map(|arguments| arguments.into_iter().collect())
        .unwrap_or_default()
}

fn bound_name(pattern: &Pat) -> Option<String> {
    match pattern {
        Pat::Ident(name) => Some(name.ident.to_string()),
        Pat::Type(typed) => bound_name(&typed.pat),
        _ => None,
    }
}

/// The names in the braces of a format.
fn placed(text: &str) -> Vec<String> {
    let parts = text.split('{').skip(1).filter_map(|part| part.split(['}', ':']).next());
    parts.filter(|name| name.starts_with(char::is_alphabetic)).map(str::to_owned).collect()
}

/// A literal as a text, if it has two words.
fn told(file: &str, line: usize, text: &str) -> Option<Text> {
    let outside = |part: &str| part.rsplit_once('}').map_or(part, |(_, rest)| rest).to_owned();
    let words: String = text.split('{').map(outside).collect();
    let is_text = words.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count() > 1;
    is_text.then(|| Text { file: file.to_owned(), line, text: text.to_owned() })
}
