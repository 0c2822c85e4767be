//! `cargo xtask summary`: what a network is made of.

use crate::network::Network;
use crate::output::result;
use anyhow::Result;
use layers::summary;

/// Print what a network is made of: shapes, neurons, parameters, connections, multiplications,
/// memory, for one sample.
///
/// It says, too, whether images of a size fit the network, and which layer they do not fit.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask summary
  cargo xtask summary --network classic --markdown
  cargo xtask summary --input 1x28x28        # does not fit, and says where")]
pub(crate) struct Args {
    /// Which network.
    #[arg(long, value_enum, default_value_t = Network::Lenet5)]
    network: Network,
    /// The shape of a sample, channels x height x width.
    #[arg(long, value_name = "SHAPE", default_value = "1x32x32", value_parser = shape)]
    input: Shape,
    /// Print a Markdown table.
    #[arg(long)]
    markdown: bool,
}

/// The sizes of a sample's axes.
#[derive(Clone, Debug)]
struct Shape(Vec<usize>);

fn shape(text: &str) -> Result<Shape, String> {
    let sizes: Option<Vec<_>> = text.split(['x', '×']).map(|size| size.parse().ok()).collect();
    sizes.map(Shape).ok_or_else(|| "expected whole numbers with x between, as 1x32x32".to_owned())
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let table = summary(&*args.network.build(), &args.input.0)?;
    match args.markdown {
        true => result(format_args!("{}", table.to_markdown().trim_end())),
        false => result(format_args!("{table}")),
    }
    Ok(())
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
