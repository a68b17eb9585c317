//! What the tour of the providers shows: an object or a line for each provider and adapter.

use std::io::{self, Write};

use serde::{Serialize, Serializer};
use valetkey_blocking::identity::Identity;

use crate::tour::Failed;
use crate::tour::report::columns;

/// What became of one part.
pub(super) enum Cell {
    Done,
    Failed(String),
    /// Why there is nothing to do, and where that is written.
    NotApplicable(String),
}

impl Cell {
    pub(super) fn not_applicable((why, source): (&str, &str)) -> Self {
        Self::NotApplicable(format!("n/a: {why}, {source}"))
    }

    const fn is_good(&self) -> bool {
        !matches!(self, Self::Failed(_))
    }

    fn name(&self) -> &str {
        match self {
            Self::Done => "ok",
            Self::Failed(_) => "failed",
            Self::NotApplicable(why) => why,
        }
    }
}

impl From<Result<(), Failed>> for Cell {
    fn from(outcome: Result<(), Failed>) -> Self {
        outcome.map_or_else(|failed| Self::Failed(failed.to_string()), |()| Self::Done)
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// One provider through one adapter.
#[derive(Serialize)]
pub(super) struct Row {
    pub(super) provider: &'static str,
    pub(super) adapter: &'static str,
    pub(super) login: Cell,
    pub(super) renewal: Cell,
    pub(super) dead_refresh: Cell,
    pub(super) denial: Cell,
    pub(super) revoke: Cell,
    pub(super) api: Cell,
    pub(super) identity: Cell,
    /// Who logged in, where the provider tells.
    pub(super) logged_in: Option<Identity>,
    pub(super) ok: bool,
}

impl Row {
    fn cells(&self) -> [(&'static str, &Cell); 7] {
        [
            ("login", &self.login),
            ("renewal", &self.renewal),
            ("dead_refresh", &self.dead_refresh),
            ("denial", &self.denial),
            ("revoke", &self.revoke),
            ("api", &self.api),
            ("identity", &self.identity),
        ]
    }

    /// The same, with what follows of its cells.
    pub(super) fn judged(self) -> Self {
        let ok = self.cells().iter().all(|(_, cell)| cell.is_good());
        Self { ok, ..self }
    }
}

/// One object, on a line.
pub(super) fn json(row: &Row, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, row)?;
    writeln!(out)
}

/// The table, and under it why cells have nothing to do, or failed.
pub(super) fn table(rows: &[Row], out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "The servers that people use, as their documentation describes them\n")?;
    let head =
        ["PROVIDER", "ADAPTER", "LOGIN", "RENEWAL", "DEAD REFRESH", "DENIAL", "REVOKE", "API", "IDENTITY"];
    let body = rows.iter().map(|row| {
        let cells = row.cells().map(|(_, cell)| match cell {
            Cell::Done => "ok".to_owned(),
            Cell::Failed(_) => "FAILED".to_owned(),
            Cell::NotApplicable(_) => "n/a".to_owned(),
        });
        let [login, renewal, dead, denial, revoke, api, identity] = cells;
        [row.provider.to_owned(), row.adapter.to_owned(), login, renewal, dead, denial, revoke, api, identity]
    });
    columns(&[head.map(str::to_owned)].into_iter().chain(body).collect::<Vec<_>>(), out)?;
    writeln!(out)?;
    for row in rows {
        for (name, cell) in row.cells() {
            match cell {
                Cell::Failed(why) => {
                    writeln!(out, "{} · {} · {name} FAILED: {why}", row.provider, row.adapter)?;
                }
                Cell::NotApplicable(why) if row.adapter == "blocking" => {
                    writeln!(out, "{} · {name} {why}", row.provider)?;
                }
                Cell::Done | Cell::NotApplicable(_) => {}
            }
        }
    }
    match rows.iter().filter(|row| !row.ok).count() {
        0 => writeln!(out, "\nAll {} rows are ok.", rows.len()),
        failed => writeln!(out, "\n{failed} of {} rows failed.", rows.len()),
    }
}
