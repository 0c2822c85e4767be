//! `cargo xtask bench --peers`: the same job in other systems, in turn with ours.

mod contestant;
mod layers;
mod table;

pub(crate) use contestant::{Standing, enter};
pub(crate) use layers::LayerStanding;
pub(crate) use table::markdown;

use super::report::{Outcome, Report};
use super::{Plan, whole};
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use contestant::Contestant;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask::output::{note, thousands};
use xtask::workspace;

/// A system to compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Peer {
    /// PyTorch, eager.
    Torch,
    /// PyTorch, eager, with its fused optimizer.
    TorchFused,
    /// PyTorch, the whole step as one compiled graph; the compilation is not counted.
    TorchCompile,
    /// JAX, jitted.
    Jax,
    /// MindSpore, in graph mode.
    Mindspore,
    /// burn on its flex backend.
    Burn,
    /// candle.
    Candle,
}

/// How a peer's program is had.
enum Program {
    /// A Python module, a script and its further arguments.
    Python(&'static str, &'static str, &'static [&'static str]),
    /// A folder with a Cargo package, and how long it takes to build.
    Rust(&'static str, &'static str),
}

impl Peer {
    fn program(self) -> Program {
        match self {
            Peer::Torch => Program::Python("torch", "torch_lenet.py", &[]),
            Peer::TorchFused => Program::Python("torch", "torch_lenet.py", &["--fused"]),
            Peer::TorchCompile => Program::Python("torch", "torch_lenet.py", &["--compile"]),
            Peer::Jax => Program::Python("jax", "jax_lenet.py", &[]),
            Peer::Mindspore => Program::Python("mindspore", "mindspore_lenet.py", &[]),
            Peer::Burn => Program::Rust("burn", "five minutes"),
            Peer::Candle => Program::Rust("candle", "two minutes"),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Peer::Torch => "PyTorch",
            Peer::TorchFused => "PyTorch, fused SGD",
            Peer::TorchCompile => "torch.compile",
            Peer::Jax => "JAX",
            Peer::Mindspore => "MindSpore",
            Peer::Burn => "burn",
            Peer::Candle => "candle",
        }
    }

    /// How to have it.
    fn advice(self) -> &'static str {
        match self {
            Peer::Torch | Peer::TorchFused | Peer::TorchCompile => "pip install torch numpy",
            Peer::Jax => "pip install 'jax[cpu]' numpy",
            Peer::Mindspore => "pip install mindspore 'numpy<2'",
            Peer::Burn | Peer::Candle => "needs crates.io the first time it is built",
        }
    }
}

/// What to compare.
pub(crate) struct Comparison<'a> {
    /// All of them if empty.
    pub(crate) peers: &'a [Peer],
    /// Where Python's packages may be.
    pub(crate) pythons: &'a [PathBuf],
    pub(crate) batch: usize,
    pub(crate) data: Option<&'a Path>,
}

impl Comparison<'_> {
    /// Runs every contestant there is, in turn, and reports what they did.
    pub(crate) fn run(&self, report: &mut Report, plan: &Plan) -> Result<()> {
        let (mut contestants, mut missing) = (self.contestants()?, Vec::new());
        for peer in self.peers() {
            match self.find(peer) {
                Ok(command) => contestants.push(Contestant::new(peer.name(), command)),
                Err(error) => missing.push(format!("{}: {error:#}", peer.name())),
            }
        }
        for round in 1..=plan.rounds {
            for threads in plan.thread_counts().into_iter().rev() {
                for contestant in &mut contestants {
                    let line = contestant.run(threads, plan).map_or_else(
                        |error| format!("failed: {error:#}"),
                        |us| format!("{} µs a step", thousands(us as usize)),
                    );
                    note(format_args!(
                        "round {round} of {}, {}: {} {line}",
                        plan.rounds,
                        super::threads_text(threads),
                        contestant.name,
                    ));
                }
            }
        }
        for threads in plan.thread_counts() {
            let standings: Vec<Standing> =
                contestants.iter().filter_map(|c| c.standing(threads, self.batch)).collect();
            let Some(ours) = standings.first().cloned() else { continue };
            let standings = standings.into_iter().map(|standing| standing.against(&ours));
            report.outcomes.extend(standings.map(Outcome::Peer));
        }
        if let Some(python) =
            self.peers().find(|&peer| peer == Peer::Torch).and_then(|_| self.python("torch"))
        {
            let script = self.folder()?.join("torch_layers.py");
            report.outcomes.extend(layers::compare(plan, &python, &script)?);
        }
        table::print(report, plan);
        for missing in missing {
            note(format_args!("left out   {missing}"));
        }
        for contestant in contestants {
            if let Some(error) = contestant.failure {
                note(format_args!("failed     {}: {error}", contestant.name));
            }
        }
        Ok(())
    }

    fn peers(&self) -> impl Iterator<Item = Peer> {
        let all = self.peers.is_empty();
        Peer::value_variants().iter().copied().filter(move |peer| all || self.peers.contains(peer))
    }

    /// Ourselves, first of all.
    fn contestants(&self) -> Result<Vec<Contestant>> {
        let mut command = whole::this_program()?;
        command.args(["bench", "--contestant", "--data-dir"]).arg(self.data_folder()?);
        Ok(vec![Contestant::new("Sporelet", self.with_batch(command))])
    }

    fn with_batch(&self, mut command: Command) -> Command {
        command.args(["--batch", &self.batch.to_string()]);
        command
    }

    fn folder(&self) -> Result<PathBuf> {
        Ok(workspace::root()?.join("xtask").join("peers"))
    }

    fn data_folder(&self) -> Result<PathBuf> {
        let files = datasets::MnistFiles::find(self.data)?;
        Ok(files.train_images.parent().unwrap_or(Path::new(".")).to_owned())
    }

    /// The command that runs a peer, or why there is none.
    fn find(&self, peer: Peer) -> Result<Command> {
        let folder = self.folder()?;
        let mut command = match peer.program() {
            Program::Python(module, script, arguments) => {
                let Some(python) = self.python(module) else {
                    let pythons = self.pythons.iter().map(|path| path.display().to_string());
                    let pythons = pythons.collect::<Vec<_>>().join(" and ");
                    bail!("{pythons} cannot import {module}; {}", peer.advice());
                };
                let mut command = Command::new(python);
                command.arg(folder.join(script)).args(arguments);
                command
            }
            Program::Rust(name, time) => {
                note(format_args!("building {name}'s program: up to {time}, the first time"));
                let target = workspace::root()?.join("target").join("peers");
                let status = workspace::cargo()
                    .args(["build", "--release", "--quiet", "--manifest-path"])
                    .arg(folder.join(name).join("Cargo.toml"))
                    .arg("--target-dir")
                    .arg(&target)
                    .env_remove("CARGO_TARGET_DIR")
                    .status()
                    .context("cargo cannot be run")?;
                if !status.success() {
                    bail!("it cannot be built here; it {}", peer.advice());
                }
                let file = format!("peer-{name}{}", std::env::consts::EXE_SUFFIX);
                Command::new(target.join("release").join(file))
            }
        };
        command.arg("--data").arg(self.data_folder()?);
        Ok(self.with_batch(command))
    }

    /// The first Python that has the module and numpy.
    fn python(&self, module: &str) -> Option<PathBuf> {
        let code = format!(
            "import importlib.util as u, sys; \
             sys.exit(not (u.find_spec('{module}') and u.find_spec('numpy')))"
        );
        let finds = |python: &&PathBuf| {
            let output = Command::new(python).args(["-c", &code]).output();
            output.is_ok_and(|output| output.status.success())
        };
        self.pythons.iter().find(finds).cloned()
    }
}
