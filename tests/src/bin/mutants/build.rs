//! Compiles the copy, and takes out of it what does not compile.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::Failed;
use crate::list::Listed;
use crate::splice::{Function, Spliced, Why, as_in_diff, splice};
use crate::tree;

/// How often the compiler is asked: each round takes out all that it complained of.
const ROUNDS: usize = 40;

pub(crate) struct Built {
    pub(crate) binaries: Vec<Binary>,
    /// By key, the mutants that no switch can express.
    pub(crate) unfit: BTreeMap<String, Why>,
}

/// A program of tests.
#[derive(Clone)]
pub(crate) struct Binary {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

/// What was learned from the compiler: kept, because it takes some rounds.
#[derive(Default)]
struct Learned {
    unfit: BTreeMap<String, Why>,
    /// Functions that have to stay constant.
    constant: BTreeSet<String>,
}

/// The tests with this feature of theirs, or with none.
pub(crate) fn build(listed: &[Listed], feature: &str) -> Result<Built, Failed> {
    let files = by_file(listed)?;
    let mut learned = Learned::read()?;
    tree::copy(|file| files.contains_key(file))?;
    for round in 1..=ROUNDS {
        let spliced = spliced(&files, &mut learned)?;
        println!("build {round}: {} mutants have no switch", learned.unfit.len());
        let (binaries, errors) = compile(feature)?;
        if errors.is_empty() {
            learned.write()?;
            return Ok(Built { binaries, unfit: learned.unfit });
        }
        learned.learn(&errors, &spliced, listed)?;
        learned.write()?;
    }
    Err(format!("it does not compile after {ROUNDS} rounds").into())
}

type Files<'a> = BTreeMap<String, (String, BTreeMap<usize, &'a Listed>)>;

/// The mutants by file, with their numbers from 1, each compared with its diff.
fn by_file(listed: &[Listed]) -> Result<Files<'_>, Failed> {
    let mut files = Files::new();
    for (at, mutant) in listed.iter().enumerate() {
        if !files.contains_key(&mutant.file) {
            let text = fs::read_to_string(tree::top().join(&mutant.file))?;
            files.insert(mutant.file.clone(), (text, BTreeMap::new()));
        }
        if let Some((text, mutants)) = files.get_mut(&mutant.file) {
            as_in_diff(text, mutant)?;
            mutants.insert(at + 1, mutant);
        }
    }
    Ok(files)
}

fn spliced(files: &Files<'_>, learned: &mut Learned) -> Result<BTreeMap<String, Spliced>, Failed> {
    let mut all = BTreeMap::new();
    for (file, (text, mutants)) in files {
        let fit = mutants.iter().filter(|(_, mutant)| !learned.unfit.contains_key(&mutant.key));
        let fit: BTreeMap<usize, &Listed> = fit.map(|(number, mutant)| (*number, *mutant)).collect();
        let spliced = splice(text, &fit, &learned.constant)?;
        for number in &spliced.constant {
            if let Some(mutant) = fit.get(number) {
                learned.unfit.insert(mutant.key.clone(), Why::Constant);
            }
        }
        tree::write(file, spliced.text.as_bytes())?;
        all.insert(file.clone(), spliced);
    }
    Ok(all)
}

/// An error of the compiler: what it says, and where.
struct Refusal {
    text: String,
    code: String,
    /// Files and lines, those that it is about before those that it also shows.
    places: Vec<(String, usize)>,
    main: usize,
}

fn compile(feature: &str) -> Result<(Vec<Binary>, Vec<Refusal>), Failed> {
    let run = Command::new(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()))
        .args([
            "test",
            "-p",
            "valetkey-tests",
            "--tests",
            "--no-run",
            "--message-format=json",
            "--features",
            feature,
        ])
        .current_dir(tree::copy_root())
        .env("CARGO_TARGET_DIR", tree::work().canonicalize()?.join("build"))
        .env("CARGO_INCREMENTAL", "0")
        .stderr(Stdio::inherit())
        .output()?;
    let (mut binaries, mut refusals) = (Vec::new(), Vec::new());
    for line in run.stdout.split(|byte| *byte == b'\n') {
        let Ok(message) = serde_json::from_slice::<Value>(line) else { continue };
        if let (Some(path), Some(true)) =
            (message["executable"].as_str(), message["profile"]["test"].as_bool())
        {
            let name = message["target"]["name"].as_str().unwrap_or_default().to_owned();
            binaries.push(Binary { name, path: path.into() });
        }
        if message["message"]["level"] == "error" {
            refusals.extend(refusal(&message["message"]));
        }
    }
    if !run.status.success() && refusals.is_empty() {
        return Err("the copy does not compile, and no error says where".into());
    }
    Ok((binaries, refusals))
}

fn refusal(message: &Value) -> Option<Refusal> {
    let code = message["code"]["code"].as_str().unwrap_or_default().to_owned();
    let spans = message["spans"].as_array()?;
    if spans.is_empty() {
        return None;
    }
    let at = |primary: bool| {
        let chosen = spans.iter().filter(move |span| span["is_primary"] == primary);
        chosen
            .filter_map(|span| Some((outermost(span)?, usize::try_from(span["line_start"].as_u64()?).ok()?)))
    };
    let main = at(true).count();
    let text = message["rendered"].as_str().unwrap_or_default().to_owned();
    Some(Refusal { text, code, places: at(true).chain(at(false)).collect(), main })
}

/// The file's name from the top of the workspace: the shuttled core names core's by way of its own.
fn outermost(span: &Value) -> Option<String> {
    Some(span["file_name"].as_str()?.replace("tests/shuttle/../../", ""))
}

impl Learned {
    fn learn(
        &mut self,
        errors: &[Refusal],
        spliced: &BTreeMap<String, Spliced>,
        listed: &[Listed],
    ) -> Result<(), Failed> {
        let mut news = false;
        for error in errors {
            // Errors of an arm first: what else is wrong may be for them.
            for (file, line) in error.places.iter().take(error.main) {
                news |= self.arm(file, *line, spliced, listed);
            }
        }
        for error in errors.iter().filter(|error| error.code == "E0015") {
            news |= self.called(&error.text);
        }
        if news {
            return Ok(());
        }
        for error in errors {
            news |= self.named(&error.text);
        }
        if news {
            return Ok(());
        }
        for error in errors {
            for (file, line) in &error.places {
                news |= self.function(file, *line, spliced, listed);
            }
        }
        if news {
            return Ok(());
        }
        let all: Vec<&str> = errors.iter().map(|error| error.text.as_str()).take(5).collect();
        Err(format!("errors that are of no mutant:\n{}", all.join("\n")).into())
    }

    /// Takes the mutant out whose arm has this line.
    fn arm(
        &mut self,
        file: &str,
        line: usize,
        spliced: &BTreeMap<String, Spliced>,
        listed: &[Listed],
    ) -> bool {
        for function in functions_at(file, line, spliced) {
            if let Some((number, _)) = function.arms.iter().find(|(_, lines)| lines.contains(&line)) {
                let why = if function.opaque { Why::Opaque } else { Why::Unviable };
                return self.out(*number, why, listed);
            }
        }
        false
    }

    /// Takes all mutants of the function out that has this line.
    fn function(
        &mut self,
        file: &str,
        line: usize,
        spliced: &BTreeMap<String, Spliced>,
        listed: &[Listed],
    ) -> bool {
        let mut news = false;
        for function in functions_at(file, line, spliced) {
            for (number, _) in &function.arms {
                news |= self.out(*number, Why::Opaque, listed);
            }
        }
        news
    }

    fn out(&mut self, number: usize, why: Why, listed: &[Listed]) -> bool {
        let mutant = number.checked_sub(1).and_then(|at| listed.get(at));
        mutant.is_some_and(|mutant| self.unfit.insert(mutant.key.clone(), why).is_none())
    }

    /// A function that is called where only a constant one may be: `cannot call non-const method `a::B::name` in constants`.
    fn called(&mut self, text: &str) -> bool {
        let Some(at) = text.find("cannot call non-const") else { return false };
        let quoted = text.get(at..).and_then(|rest| rest.split('`').nth(1)).unwrap_or_default();
        let plain = quoted.split('<').next().filter(|plain| !plain.is_empty()).unwrap_or(quoted);
        let name = if quoted.ends_with('>') { plain.trim_end_matches("::") } else { quoted };
        let name = name.rsplit("::").next().unwrap_or_default();
        name != "which" && name != "reach" && self.constant.insert(name.to_owned())
    }

    /// A constant that stands where no call can: it is then `fn() -> usize {a::NAME}`.
    fn named(&mut self, text: &str) -> bool {
        let rest = text.split_once("`fn() -> ").map_or("", |(_, rest)| rest);
        let braces =
            rest.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map_or("", |(name, _)| name);
        let name = braces.rsplit("::").next().unwrap_or_default();
        !name.is_empty() && self.constant.insert(name.to_owned())
    }

    fn read() -> Result<Self, Failed> {
        let mut learned = Self::default();
        let Ok(text) = fs::read_to_string(tree::work().join("learned")) else { return Ok(learned) };
        for line in text.lines() {
            match line.split_once('\t') {
                Some(("const fn", name)) => {
                    learned.constant.insert(name.to_owned());
                }
                Some(("opaque", key)) => {
                    learned.unfit.insert(key.to_owned(), Why::Opaque);
                }
                Some(("unviable", key)) => {
                    learned.unfit.insert(key.to_owned(), Why::Unviable);
                }
                _ => {}
            }
        }
        Ok(learned)
    }

    fn write(&self) -> Result<(), Failed> {
        let names = self.constant.iter().map(|name| format!("const fn\t{name}\n"));
        let keys = self.unfit.iter().map(|(key, why)| format!("{}\t{key}\n", why.word()));
        Ok(fs::write(tree::work().join("learned"), names.chain(keys).collect::<String>())?)
    }
}

/// The functions that have this line.
fn functions_at<'s>(
    file: &str,
    line: usize,
    spliced: &'s BTreeMap<String, Spliced>,
) -> impl Iterator<Item = &'s Function> {
    let functions = spliced.get(file).map(|spliced| spliced.functions.as_slice()).unwrap_or_default();
    functions.iter().filter(move |function| function.lines.contains(&line))
}
