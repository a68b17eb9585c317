//! The table of `tests/OIDF.md`, made of the modules that the tests run.

use crate::fapi1;
use crate::fapi2::table as fapi2;
use crate::later::ABSENT;
use crate::logout;
use crate::module::Module;
use crate::openid::plans::plans;

/// A module in a plan and a response type: what the table has in a row.
struct Row {
    id: String,
    plan: String,
    response_type: String,
    tests: Vec<String>,
    result: String,
}

impl Row {
    fn told(&self) -> String {
        let tests: Vec<String> = self.tests.iter().map(|test| format!("`{test}`")).collect();
        let tests = if tests.is_empty() { "–".to_owned() } else { tests.join(", ") };
        format!("| `{}` | `{}` | {} | {tests} | {} |", self.id, self.plan, self.response_type, self.result)
    }
}

fn row<S>(module: &Module<S>, plan: &str, response_type: &str, test: &str) -> Row {
    Row {
        id: module.id.to_owned(),
        plan: plan.to_owned(),
        response_type: response_type.to_owned(),
        tests: vec![test.to_owned()],
        result: module.expected.to_string(),
    }
}

fn openid_rows() -> impl Iterator<Item = Row> {
    plans().into_iter().flat_map(|plan| {
        let told = plan.asked.told();
        plan.modules.into_iter().map(move |module| row(module, plan.id, &told, plan.test))
    })
}

fn fapi1_rows() -> impl Iterator<Item = Row> {
    let hybrid = fapi1::MODULES.iter().chain(fapi1::HYBRID_MODULES);
    let hybrid = hybrid.map(|module| row(module, fapi1::PLAN, "`code id_token`", "fapi1::code_id_token"));
    let jarm = fapi1::MODULES.iter();
    hybrid.chain(jarm.map(|module| row(module, fapi1::PLAN, "`code`, JARM", "fapi1::code_jarm")))
}

fn fapi2_rows() -> impl Iterator<Item = Row> {
    fapi2::MODULES.into_iter().map(|(module, tests, rule)| Row {
        id: format!("{}{module}", fapi2::PREFIX),
        plan: if module.contains("-jarm-") {
            fapi2::MESSAGE_SIGNING.to_owned()
        } else {
            format!("{}`, `{}", fapi2::SECURITY_PROFILE, fapi2::MESSAGE_SIGNING)
        },
        response_type: if module.contains("-jarm-") { "`code`, JARM" } else { "`code`" }.to_owned(),
        tests: tests.iter().map(|test| format!("fapi2::{test}")).collect(),
        result: match (tests, rule) {
            ([], _) => format!("absent: {}", fapi2::ABSENT),
            (_, Some(rule)) => format!("passes: refused by {rule}"),
            _ => "passes".to_owned(),
        },
    })
}

fn logout_rows() -> impl Iterator<Item = Row> {
    logout::plans().into_iter().flat_map(|(plan, test, modules)| {
        modules.into_iter().map(move |module| row(module, plan, "each", &format!("logout::{test}")))
    })
}

fn absent_rows() -> impl Iterator<Item = Row> {
    ABSENT.iter().map(|absent| Row {
        id: absent.id.to_owned(),
        plan: absent.plan.to_owned(),
        response_type: absent.response_type.to_owned(),
        tests: Vec::new(),
        result: format!("absent: {}", absent.why),
    })
}

fn rows() -> Vec<String> {
    let rows =
        openid_rows().chain(fapi1_rows()).chain(fapi2_rows()).chain(logout_rows()).chain(absent_rows());
    rows.map(|row| row.told()).collect()
}

#[test]
#[expect(clippy::disallowed_macros, reason = "the table is for whoever runs the test")]
fn the_table_is_that_of_the_document() {
    let rows = rows();
    println!("{}", rows.join("\n"));
    let document = include_str!("../../OIDF.md").lines().filter(|line| line.starts_with("| `"));
    let written: Vec<&str> = document.collect();
    let missing: Vec<&String> = rows.iter().filter(|row| !written.contains(&row.as_str())).collect();
    let other: Vec<&&str> = written.iter().filter(|line| !rows.iter().any(|row| row == **line)).collect();
    assert!(
        missing.is_empty() && other.is_empty(),
        "not in OIDF.md: {missing:#?}\nonly in OIDF.md: {other:#?}"
    );
    assert_eq!(rows, written, "the order");
}

/// The README tells how many there are.
#[test]
fn each_row_is_there_once_and_counted() {
    let rows = rows();
    let mut once = rows.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), rows.len(), "a row is there once");
    let passing = rows.iter().filter(|row| row.contains("| passes")).count();
    assert!(passing >= 120);
    let told = format!("[{passing} rows of a module, a plan and a response type](tests/OIDF.md)");
    assert!(include_str!("../../../README.md").contains(&told), "{told}");
}
