//! The blocks of a guide: commands in `sh`, and in `text` what they print.

use anyhow::{Result, bail};

/// A command and what the guide says of its output.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// The command, which starts with `cargo`.
    pub(crate) command: String,
    /// The line of the guide, from 1.
    pub(crate) line: usize,
    /// The lines of the `text` block that follows; empty without one.
    pub(crate) expected: Vec<String>,
}

/// All steps, in order. A `text` block belongs to the last command of the `sh` block before it, with
/// nothing but prose between them.
pub(crate) fn steps(guide: &str) -> Result<Vec<Step>> {
    let mut steps: Vec<Step> = Vec::new();
    let mut fence: Option<&str> = None;
    let mut answerable = false;
    for (index, line) in guide.lines().enumerate() {
        let number = index + 1;
        if let Some(language) = line.strip_prefix("```") {
            fence = match fence {
                Some(_) => None,
                None => Some(language.trim()),
            };
            match fence {
                Some("sh") => answerable = true,
                Some("text") if !answerable => bail!("line {number}: no command prints this"),
                Some("text") => answerable = false,
                _ => {}
            }
            continue;
        }
        match fence {
            Some("sh") if line.trim().is_empty() => {}
            Some("sh") => {
                // A comment at its end is for the reader.
                let command = line.split(" #").next().unwrap_or_default().trim();
                if !command.starts_with("cargo ") || command.contains(['"', '\'', '|', '>', '$']) {
                    bail!("line {number}: `{command}` is not a plain cargo command");
                }
                let (command, expected) = (command.to_owned(), Vec::new());
                steps.push(Step { command, line: number, expected });
            }
            Some("text") => {
                let step = steps.last_mut().expect("a text block comes after a command");
                step.expected.push(line.trim_end().to_owned());
            }
            _ => {}
        }
    }
    if fence.is_some() {
        bail!("the last block is not closed");
    }
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_block_belongs_to_the_command_before_it() {
        let guide = "# A\n```sh\ncargo xtask a\ncargo run b   # a comment\n```\nprose\n```text\none\n two \n```\n\
                     ```rust\ncargo\n```\n```sh\ncargo xtask c\n```\n";
        let found = steps(guide).unwrap();
        let step = |command: &str, line, expected: &[&str]| Step {
            command: command.to_owned(),
            line,
            expected: expected.iter().map(ToString::to_string).collect(),
        };
        let expected = [
            step("cargo xtask a", 3, &[]),
            step("cargo run b", 4, &["one", " two"]),
            step("cargo xtask c", 15, &[]),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_cannot_be_run_is_refused() {
        let error = |guide: &str| steps(guide).unwrap_err().to_string();
        assert_eq!(error("```sh\nls\n```"), "line 2: `ls` is not a plain cargo command");
        assert_eq!(
            error("```sh\ncargo a | b\n```"),
            "line 2: `cargo a | b` is not a plain cargo command"
        );
        assert_eq!(error("```text\na\n```"), "line 1: no command prints this");
        assert_eq!(error("```sh\ncargo a"), "the last block is not closed");
    }
}
