//! The report's pictures as SVG.

use super::record::{Phase, Record};
use layers::{Layer, ModuleExt};
use xtask::chart::{Axis, Bars, Cell, Color, Figure, Mosaic, Panel, Tile};

/// The size of a curve between its axes: with its texts, as wide as a phone.
const SIZE: [f64; 2] = [312.0, 210.0];

fn figure(title: &str, panel: Panel) -> String {
    Figure::new(title).panel(panel).panel_size(SIZE[0], SIZE[1]).to_svg()
}

/// Loss, accuracy and learning rate over the epochs, by the names of their files.
pub(super) fn curves(record: &Record) -> [(&'static str, String); 3] {
    let curves = record.curves();
    [
        ("loss", figure("Loss", curves.loss(""))),
        ("accuracy", figure("Accuracy", curves.accuracy(""))),
        ("learning-rate", figure("Learning rate", curves.learning_rate(""))),
    ]
}

/// What was read as what: hits blue, mistakes orange, the deeper the more there are.
pub(super) fn confusion(counts: &[Vec<usize>]) -> String {
    let off = |row: usize, column: usize| if row == column { 0 } else { counts[row][column] };
    let all = || (0..counts.len()).flat_map(|row| (0..counts.len()).map(move |c| (row, c)));
    let worst = all().map(|(row, column)| off(row, column)).max().unwrap_or(0).max(1);
    let cell = |row: usize, column: usize| {
        let count = counts[row][column];
        let images: usize = counts[row].iter().sum();
        let (color, share) = match row == column {
            true => (Color::Blue, count as f64 / images.max(1) as f64),
            // By its root, so that a single mistake shows beside ten.
            false => (Color::Orange, (count as f64 / worst as f64).sqrt()),
        };
        let text = if count == 0 { String::new() } else { count.to_string() };
        // Paler than the colour itself, so that the number stays readable.
        Cell { color, strength: 0.5 * share, text }
    };
    let rows = (0..counts.len()).map(|row| (0..counts.len()).map(|c| cell(row, c)).collect());
    let names = (0..counts.len()).map(|class| class.to_string());
    let tile = Tile::new("", rows.collect()).names(names, ["true digit", "read as"]);
    Mosaic::new("Confusion matrix", 32.0).tile(tile).to_svg()
}

/// The kernels of the first layer that has some: positive weights blue, negative orange.
pub(super) fn filters(network: &dyn Layer) -> Option<String> {
    let parameters = network.parameters();
    let (name, weight) = parameters
        .into_iter()
        .find_map(|(name, p)| Some((name, p.value()?)).filter(|(_, v)| v.shape().rank() == 4))?;
    let [rows, columns] = [weight.shape()[2], weight.shape()[3]];
    let values = weight.as_slice();
    let largest = values.iter().fold(0.0_f32, |largest, w| largest.max(w.abs()));
    let cell = |w: &f32| Cell {
        color: if *w > 0.0 { Color::Blue } else { Color::Orange },
        strength: f64::from(w.abs() / largest),
        text: String::new(),
    };
    let layer = name.rsplit_once('.').map_or(&*name, |(layer, _)| layer);
    let mosaic = Mosaic::new(format!("Filters of {layer}"), 20.0)
        .caption("Blue weights are positive, orange ones negative.")
        .caption(format!("The deepest colour is {largest:.2}."));
    let tiles = values.chunks(rows * columns).enumerate().map(|(i, kernel)| {
        let cells = kernel.chunks(columns).map(|row| row.iter().map(cell).collect());
        Tile::new((i + 1).to_string(), cells.collect())
    });
    Some(tiles.fold(mosaic, Mosaic::tile).to_svg())
}

/// How long each phase took.
pub(super) fn phases(phases: &[Phase]) -> String {
    let longest = phases.iter().map(|phase| phase.seconds).fold(0.0, f64::max);
    let names = phases.iter().map(|phase| format!("{}, {:.2} s", phase.name, phase.seconds));
    let panel = Panel::new("")
        .x(Axis::new("seconds").range(0.0, 1.05 * longest.max(f64::MIN_POSITIVE)))
        .y(Axis::categories(names))
        .bars(Bars::new("", phases.iter().map(|phase| phase.seconds), Color::Blue));
    let height = 30.0 * phases.len() as f64;
    Figure::new("Where the time went").panel(panel).panel_size(150.0, height).to_svg()
}
