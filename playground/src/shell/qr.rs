//! A QR code for a terminal: [`drawn`].

use anstyle::{AnsiColor, Color as Ink, Style};
use qrcode::{Color, EcLevel, QrCode};

/// White on black, whatever the terminal's own colours are; where there are no colours, most terminals are dark.
const STYLE: Style = Style::new()
    .fg_color(Some(Ink::Ansi(AnsiColor::BrightWhite)))
    .bg_color(Some(Ink::Ansi(AnsiColor::Black)));
/// The margin that a camera needs (ISO/IEC 18004 §5.3.8), in modules.
const MARGIN: usize = 4;
/// Wider than this, a code would break at the end of the line, and no camera would read it.
const COLUMNS: usize = 80;

/// The code of this URL in half blocks, two modules a character; `None` if it is too wide for a terminal.
pub(super) fn drawn(url: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(url, EcLevel::L).ok()?;
    let (width, modules) = (code.width(), code.to_colors());
    let side = width + 2 * MARGIN;
    if side > COLUMNS {
        return None;
    }
    let is_light = |column: usize, row: usize| {
        let within = |at: usize| at.checked_sub(MARGIN).filter(|at| *at < width);
        match (within(column), within(row)) {
            (Some(column), Some(row)) => modules.get(row * width + column) == Some(&Color::Light),
            // Below the last row is nothing of the code.
            _ => row < side,
        }
    };
    let line = |row: usize| {
        let cells = (0..side).map(|column| match (is_light(column, row), is_light(column, row + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        });
        format!("{STYLE}{}{STYLE:#}", cells.collect::<String>())
    };
    Some((0..side).step_by(2).map(line).collect::<Vec<_>>().join("\n"))
}
