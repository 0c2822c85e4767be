//! The terminal that live blocks are drawn on.

use console::Term;
use indicatif::{ProgressDrawTarget, TermLike};
use std::io::Result;

/// Redraws in a second.
const RATE: u8 = 10;

/// Standard error with its last columns left free.
///
/// A terminal shows `^C` where the cursor is when it is pressed. After a full line that would be on
/// the next one, and the block that is then taken away would be looked for a line too low.
#[derive(Debug)]
struct Block(Term);

const FREE: u16 = 3;

/// Where a live block is drawn: nowhere if standard error is no terminal.
pub fn target() -> ProgressDrawTarget {
    let terminal = Term::buffered_stderr();
    if !terminal.features().is_attended() {
        return ProgressDrawTarget::hidden();
    }
    ProgressDrawTarget::term_like_with_hz(Box::new(Block(terminal)), RATE)
}

impl TermLike for Block {
    fn width(&self) -> u16 {
        TermLike::width(&self.0).saturating_sub(FREE)
    }

    fn height(&self) -> u16 {
        TermLike::height(&self.0)
    }

    fn move_cursor_up(&self, lines: usize) -> Result<()> {
        self.0.move_cursor_up(lines)
    }

    fn move_cursor_down(&self, lines: usize) -> Result<()> {
        self.0.move_cursor_down(lines)
    }

    fn move_cursor_right(&self, columns: usize) -> Result<()> {
        self.0.move_cursor_right(columns)
    }

    fn move_cursor_left(&self, columns: usize) -> Result<()> {
        self.0.move_cursor_left(columns)
    }

    fn write_line(&self, text: &str) -> Result<()> {
        self.0.write_line(text)
    }

    fn write_str(&self, text: &str) -> Result<()> {
        self.0.write_str(text)
    }

    fn clear_line(&self) -> Result<()> {
        self.0.clear_line()
    }

    fn flush(&self) -> Result<()> {
        self.0.flush()
    }
}
