//! The comparison as tables.

use super::contestant::Standing;
use super::layers::LayerStanding;
use crate::bench::report::{Outcome, Report, duration, number};
use crate::bench::{Plan, threads_text};
use std::fmt::Write as _;
use xtask::output::{result, thousands};

fn standings<'a>(report: &'a Report, threads: usize) -> Vec<&'a Standing> {
    let of = |outcome: &'a Outcome| match outcome {
        Outcome::Peer(standing) if standing.threads == threads => Some(standing),
        _ => None,
    };
    report.outcomes.iter().filter_map(of).collect()
}

fn layers(report: &Report) -> impl Iterator<Item = &LayerStanding> {
    report.outcomes.iter().filter_map(|outcome| match outcome {
        Outcome::Layer(standing) => Some(standing),
        _ => None,
    })
}

/// By how many times ours is faster, `5.1 ×`; nothing for ourselves.
fn times(ratio: f64) -> String {
    if ratio == 1.0 { String::new() } else { format!("{} ×", number(ratio)) }
}

/// The same for the step, by the medians of the rounds and by the best of them: `10.1 (8.3) ×`.
fn times_our_step(standing: &Standing) -> String {
    let best = number(standing.times_our_best_round);
    times(standing.times_our_step).replace(" ×", &format!(" ({best}) ×"))
}

/// On standard output.
pub(crate) fn print(report: &Report, plan: &Plan) {
    for threads in plan.thread_counts() {
        let standings = standings(report, threads);
        let Some(first) = standings.first() else { continue };
        result(format_args!("\nPeers: LeNet-5, batch {}, {}", first.batch, threads_text(threads)));
        result(format_args!(
            "{:32} {:>10} {:>14} {:>9} {:>12} {:>9} {:>9}",
            "", "step", "lead (at best)", "epoch", "test images", "our lead", "memory"
        ));
        for standing in standings {
            result(format_args!(
                "{:32} {:>10} {:>14} {:>9} {:>10}/s {:>9} {:>6} MB",
                format!("{} {}", standing.peer, standing.version),
                duration(standing.us_median),
                times_our_step(standing),
                duration(standing.seconds_per_epoch * 1e6),
                thousands(standing.inference_images_per_second as usize),
                times(standing.times_our_inference),
                number(standing.peak_memory_mb),
            ));
        }
    }
    let mut titled = false;
    for standing in layers(report) {
        if !std::mem::replace(&mut titled, true) {
            result(format_args!("\nPeers: larger layers"));
            let peer = format!("{} {}", standing.peer, standing.version);
            result(format_args!("{:46} {:>12} {peer:>26} {:>10}", "", "Sporelet", "our lead"));
        }
        result(format_args!(
            "{:46} {:>12} {:>26} {:>10}",
            format!("{}, {}", standing.layer, threads_text(standing.threads)),
            duration(standing.us_median),
            duration(standing.peer_us_median),
            times(standing.times_ours),
        ));
    }
}

/// For the file of the Markdown table; nothing where there was no comparison.
pub(crate) fn markdown(report: &Report) -> String {
    let (mut text, machine) = (String::new(), &report.machine);
    let counts = if machine.threads > 1 { vec![machine.threads, 1] } else { vec![1] };
    let several = standings(report, counts[0]);
    if let Some(first) = several.first() {
        let mut head = vec![String::new()];
        for threads in &counts {
            head.extend([
                format!("step, {}", threads_text(*threads)),
                "our lead (at best)".to_owned(),
            ]);
        }
        head.extend(["epoch", "test images/s", "our lead", "memory"].map(str::to_owned));
        let _ = write!(
            text,
            "\nThe same job in other systems, batch {}, in turn; the last columns are for {}:\n\n\
             | {} |\n{}|\n",
            first.batch,
            threads_text(counts[0]),
            head.join(" | "),
            "|---".repeat(head.len()),
        );
        for standing in &several {
            let _ = write!(text, "| {} {} |", standing.peer, standing.version);
            for &threads in &counts {
                match self::standings(report, threads)
                    .iter()
                    .find(|other| other.peer == standing.peer)
                {
                    Some(other) => {
                        let ratio = times_our_step(other);
                        let _ = write!(text, " {} | {ratio} |", duration(other.us_median));
                    }
                    None => text += " | |",
                }
            }
            let _ = writeln!(
                text,
                " {} | {} | {} | {} MB |",
                duration(standing.seconds_per_epoch * 1e6),
                thousands(standing.inference_images_per_second as usize),
                times(standing.times_our_inference),
                number(standing.peak_memory_mb),
            );
        }
    }
    let mut titled = false;
    let passes = layers(report).filter(|standing| {
        standing.layer.ends_with("_forward_backward") && standing.threads == machine.threads
    });
    for standing in passes {
        if !std::mem::replace(&mut titled, true) {
            let _ = write!(
                text,
                "\nLarger layers, forward and all gradients, {}:\n\n| | Sporelet | {} {} | our lead |\n|---|---|---|---|\n",
                threads_text(machine.threads),
                standing.peer,
                standing.version,
            );
        }
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} |",
            standing.layer.trim_end_matches("_forward_backward"),
            duration(standing.us_median),
            duration(standing.peer_us_median),
            times(standing.times_ours),
        );
    }
    text
}
