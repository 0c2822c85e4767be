//! `cargo xtask playground`: a page to draw digits on, and to look into the networks that read them.

mod api;
mod assets;
mod http;
mod lesson;
mod server;
mod state;
mod training;

use anyhow::{Context, Result};
use server::Server;
use state::State;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use xtask::output::{note, result};

/// Serve a page to draw digits on and to see what the networks make of them.
///
/// The page shows, while you draw, the probabilities of both LeNet-5s, what they were fed, and the
/// output of every layer; it trains networks while you watch, and steps through back-propagation in
/// a small network. Everything is in this program: the page asks nothing of other machines, and
/// other machines cannot reach it unless --address lets them. Ctrl-C ends it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  cargo xtask playground --open
  cargo xtask playground --port 0                # any free port; the address is printed")]
pub(crate) struct Args {
    /// The port to listen on; 0 takes any that is free.
    #[arg(long, default_value_t = 7878)]
    port: u16,
    /// The address to listen on: 0.0.0.0 lets other machines in.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    address: IpAddr,
    /// Open the page in a browser.
    #[arg(long)]
    open: bool,
    /// The folder of runs whose newest weights are shown, and where training puts new ones
    /// [default: target/runs].
    #[arg(long, value_name = "DIR")]
    runs: Option<PathBuf>,
    /// The folder of the four IDX files, plain or .gz [default: the folder that
    /// SPORELET_DATA_DIR names, else data/mnist of the workspace].
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let state = State::new(args.runs.clone(), args.data_dir.clone())?;
    let server = Server::bind(SocketAddr::new(args.address, args.port), state)?;
    let address = server.address()?;
    let url = format!("http://{address}/");
    result(format_args!("{url}"));
    if !address.ip().is_loopback() {
        note(format_args!("every machine that reaches {address} can use the page"));
    }
    note(format_args!("Ctrl-C ends the server"));
    if args.open {
        open(&url)?;
    }
    server.run()
}

/// Opens the page by the program that the system has for it.
fn open(url: &str) -> Result<()> {
    let program = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    Command::new(program)
        .arg(url)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("{program} cannot be started: open {url} in a browser"))?;
    Ok(())
}
