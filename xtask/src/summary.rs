//! `cargo xtask summary`: what a network is made of.

use crate::network::Network;
use crate::output::result;
use anyhow::Result;
use layers::{Summary, SummaryRow, summary};
use serde_json::{Value, json};

/// Print what a network is made of: shapes, neurons, parameters, connections, multiplications,
/// memory, for one sample.
///
/// It says, too, whether images of a size fit the network, and which layer they do not fit.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask summary
  cargo xtask summary --network classic --markdown
  cargo xtask summary --json | jq .parameters
  cargo xtask summary --input 1x28x28        # does not fit, and says where")]
pub struct Args {
    /// Which network.
    #[arg(long, value_enum, default_value_t = Network::Lenet5)]
    network: Network,
    /// The shape of a sample, channels x height x width.
    #[arg(long, value_name = "SHAPE", default_value = "1x32x32", value_parser = shape)]
    input: Shape,
    /// Print a Markdown table.
    #[arg(long)]
    markdown: bool,
    /// Print a JSON object.
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
}

/// The sizes of a sample's axes.
#[derive(Clone, Debug)]
struct Shape(Vec<usize>);

fn shape(text: &str) -> Result<Shape, String> {
    let sizes: Option<Vec<_>> = text.split(['x', '×']).map(|size| size.parse().ok()).collect();
    sizes.map(Shape).ok_or_else(|| "expected whole numbers with x between, as 1x32x32".to_owned())
}

pub fn run(args: &Args) -> Result<()> {
    let table = summary(&*args.network.build(), &args.input.0)?;
    match (args.markdown, args.json) {
        (true, _) => result(format_args!("{}", table.to_markdown().trim_end())),
        (_, true) => result(format_args!("{:#}", document(&table))),
        _ => result(format_args!("{table}")),
    }
    Ok(())
}

fn document(table: &Summary) -> Value {
    let row = |row: &SummaryRow| {
        json!({
            "path": row.path,
            "kind": row.kind,
            "input": row.input[..],
            "output": row.output[..],
            "neurons": row.neurons,
            "parameters": row.parameters,
            "connections": row.connections,
            "multiply_adds": row.multiply_adds,
            "memory": row.memory,
        })
    };
    json!({
        "layers": table.rows.iter().map(row).collect::<Vec<_>>(),
        "neurons": table.neurons,
        "parameters": table.parameters,
        "connections": table.connections,
        "multiply_adds": table.multiply_adds,
        "memory": table.memory,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_parsed() {
        assert_eq!(shape("1x32x32").unwrap().0, [1, 32, 32]);
        assert_eq!(shape("3×8").unwrap().0, [3, 8]);
        for wrong in ["", "1x", "1,32,32", "-1x3", "1x32x32.5"] {
            assert!(shape(wrong).is_err(), "{wrong}");
        }
    }
}
