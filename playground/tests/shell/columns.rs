//! The help fits a terminal of 80 columns, whatever the terminal's width is said to be; so do the pages of the manual.

use std::collections::BTreeSet;

use crate::world::World;

const COLUMNS: usize = 80;

/// The program's subcommands, as its help names them.
fn subcommands(world: &World) -> BTreeSet<String> {
    let help = world.run(&["--help"]).out;
    let commands = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).unwrap();
    let names = commands.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

/// Every help there is: the program's and each subcommand's, long and short.
fn helps(world: &World) -> Vec<(String, String)> {
    let subcommands = subcommands(world);
    assert!(subcommands.len() > 10, "{subcommands:?}");
    let mut helps = Vec::new();
    for wide in ["80", "200", ""] {
        let columns: &[(&str, &str)] = if wide.is_empty() { &[] } else { &[("COLUMNS", wide)] };
        for option in ["--help", "-h"] {
            helps.push((format!("valetkey {option}"), world.run_with(&[option], columns, "").out));
            for subcommand in subcommands.iter().filter(|name| *name != "help") {
                let help = world.run_with(&[subcommand, option], columns, "").out;
                helps.push((format!("valetkey {subcommand} {option}"), help));
            }
        }
    }
    helps
}

#[test]
fn no_line_of_any_help_is_longer_than_80_columns() {
    let world = World::space();
    for (what, help) in helps(&world) {
        assert!(help.contains("Usage: valetkey"), "{what}: {help}");
        for line in help.lines() {
            assert!(line.chars().count() <= COLUMNS, "{what}: {line}");
        }
    }
}

/// A description that goes on for one word is set again, shorter.
#[test]
fn no_description_ends_in_a_line_of_one_word() {
    let world = World::space();
    for (what, help) in helps(&world) {
        let lines: Vec<&str> = help.lines().collect();
        for (place, line) in lines.iter().enumerate() {
            let ends = lines.get(place + 1).is_none_or(|next| indent(next) < indent(line) || next.is_empty());
            let goes_on = place > 0 && indent(line) >= 10 && column(lines[place - 1]) == Some(indent(line));
            let is_lone = line.split_whitespace().count() == 1;
            assert!(!(ends && goes_on && is_lone), "{what}: {:?} goes on with {line:?}", lines[place - 1]);
        }
    }
}

/// The page for `man` sets its paragraphs itself; what is set already has lines that fit.
#[test]
fn what_the_manual_does_not_set_itself_fits_80_columns() {
    let world = World::space();
    let mut pages = vec![world.run(&["man"]).out];
    pages.extend(
        subcommands(&world).iter().filter(|name| *name != "help").map(|name| world.run(&["man", name]).out),
    );
    for page in pages {
        let tables = page.lines().filter(|line| line.starts_with(' '));
        for line in tables {
            let shown =
                line.replace("\\-", "-").replace("\\&", "").replace("\\*(Aq", "'").replace("\\(aq", "'");
            assert!(shown.chars().count() <= COLUMNS, "{line}");
        }
    }
}

fn indent(line: &str) -> usize {
    line.chars().take_while(|character| *character == ' ').count()
}

/// Where the description of a row begins, or goes on.
fn column(line: &str) -> Option<usize> {
    let begin = indent(line);
    let row = line.get(begin..)?;
    if begin >= 10 {
        return Some(begin);
    }
    let gap = row.find("  ")?;
    Some(begin + gap + indent(row.get(gap..)?))
}
