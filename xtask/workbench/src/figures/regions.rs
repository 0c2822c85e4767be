//! §3.1: what one neuron separates and what a multi-layer perceptron does, on the same data.

use anyhow::Result;
use datasets::synthetic::{Spirals, TruthTable, TwoMoons};
use datasets::{ArrayDataset, Dataset, Draw, TargetMut};
use layers::{Activation, Layer, Mlp, MseLoss, Perceptron};
use ndarray::Array2;
use optim::Momentum;
use tensor::Tensor;
use train::Model;
use xtask::chart::{Axis, Color, Field, Figure, Line, Marker, Panel, Points};

/// Points of the plane with a class each, 0 or 1, and the network that learns them.
struct Task {
    title: &'static str,
    points: Vec<(f64, f64)>,
    classes: Vec<u32>,
    network: Mlp,
    epochs: usize,
}

/// What a network made of a task.
struct Learnt {
    /// The loss of each epoch.
    losses: Vec<(f64, f64)>,
    /// The output over the plane, less ½: positive where class 1 is the answer.
    output: Vec<f64>,
    /// The share of points that it answers rightly.
    accuracy: f64,
}

/// The points of the grid on which a network is asked, in each direction.
const GRID: [usize; 2] = [81, 81];

/// Three tasks side by side; below one another the perceptron, the network, and how they learnt.
pub(super) fn figure(seed: u64) -> Result<Figure> {
    let tasks = tasks(seed)?;
    let mut rows: [Vec<Panel>; 3] = Default::default();
    for task in &tasks {
        let neuron = task.learn(Perceptron::new(2).activation(Activation::Sigmoid), seed)?;
        let network = task.learn(task.network.clone(), seed)?;
        rows[0].push(task.regions(&format!("{}: perceptron", task.title), &neuron));
        rows[1].push(task.regions(&format!("{}: {}", task.title, sizes(&task.network)), &network));
        let curve = |label: &str, learnt: Learnt| Line::new(label, learnt.losses);
        let panel = Panel::new("Training")
            .x(Axis::new("epochs").range(0.0, task.epochs as f64))
            .y(Axis::new("mean squared error").log().range(1e-4, 1.0))
            .line(curve("perceptron", neuron).color(Color::Gray).dashed())
            .line(curve("multi-layer perceptron", network).color(Color::Purple));
        rows[2].push(panel);
    }
    let title = "One neuron draws a straight line; hidden layers bend it (section 3.1)";
    let figure = Figure::new(title).columns(tasks.len()).panel_size(230.0, 230.0);
    Ok(rows.into_iter().flatten().fold(figure, Figure::panel))
}

fn tasks(seed: u64) -> Result<[Task; 3]> {
    let hidden = |layers: &[usize], activation: Activation| {
        let mlp = layers.iter().fold(Mlp::new(2), |mlp, &size| mlp.hidden(size, activation));
        let mut mlp = mlp.output(1)?;
        mlp.output = mlp.output.activation(Activation::Sigmoid);
        anyhow::Ok(mlp)
    };
    let xor = TruthTable::xor().copies(40).noise(0.12).generate(seed)?;
    let moons = TwoMoons::new(200).noise(0.1).generate(seed)?;
    let spirals = Spirals::new(240, 2).turns(1.5).noise(0.02).generate(seed)?;
    Ok([
        Task::new("Exclusive or", &xor, hidden(&[4], Activation::Tanh)?, 150)?,
        Task::new("Two moons", &moons, hidden(&[8, 8], Activation::Tanh)?, 150)?,
        Task::new("Two spirals", &spirals, hidden(&[32, 32], Activation::Relu)?, 400)?,
    ])
}

/// `2-8-8-1`: the sizes of a network's layers.
fn sizes(network: &Mlp) -> String {
    let layers = network.hidden.iter().chain([&network.output]);
    let sizes = layers.map(|layer| layer.bias.as_ref().map_or(0, |bias| bias.shape()[0]));
    let sizes: Vec<_> = sizes.map(|size| size.to_string()).collect();
    format!("2-{}", sizes.join("-"))
}

impl Task {
    fn new(title: &'static str, data: &ArrayDataset, network: Mlp, epochs: usize) -> Result<Self> {
        let indices: Vec<usize> = (0..data.len()).collect();
        let (mut points, mut classes) = (vec![0.0; 2 * data.len()], vec![0; data.len()]);
        data.fetch(Draw::default(), &indices, &mut points, TargetMut::Class(&mut classes))?;
        let points = points.chunks(2).map(|p| (f64::from(p[0]), f64::from(p[1]))).collect();
        Ok(Task { title, points, classes, network, epochs })
    }

    /// Trains to answer with the class: the squared error of eq. (3.5), mini-batches of ten.
    fn learn(&self, network: impl Layer, seed: u64) -> Result<Learnt> {
        let points = flat(&self.points);
        let inputs = Array2::from_shape_vec((self.points.len(), 2), points.clone())?;
        let targets = Array2::from_shape_fn((inputs.nrows(), 1), |(i, _)| self.classes[i] as f32);
        let data = ArrayDataset::with_values(inputs, targets)?.batch(10)?;
        let optimizer = Momentum::new(0.1, 0.9)?;
        let mut model = Model::new(network, MseLoss::new(), optimizer).seed(seed).threads(1);
        let history = model.train(self.epochs, &data)?;
        let losses = history.series("loss")?;

        let (x, y) = self.window();
        let grid = Field::grid(GRID, x, y);
        let mut answers = |points: &[f32]| {
            let points = Tensor::from_vec([points.len() / 2, 2], points)?;
            let answers = model.predict(&points)?.to_vec();
            anyhow::Ok(answers.into_iter().map(|y| f64::from(y) - 0.5).collect::<Vec<_>>())
        };
        let output = answers(&flat(&grid))?;
        let right = answers(&points)?.into_iter().zip(&self.classes);
        let right = right.filter(|(answer, class)| (*answer > 0.0) == (**class == 1)).count();
        Ok(Learnt {
            losses: losses.into_iter().map(|(epoch, loss)| (epoch as f64, loss)).collect(),
            output,
            accuracy: right as f64 / self.points.len() as f64,
        })
    }

    fn regions(&self, title: &str, learnt: &Learnt) -> Panel {
        let ((x, y), output) = (self.window(), &learnt.output);
        let field = |sign: f64| Field::new(GRID, x, y, output.iter().map(|y| sign * y).collect());
        let points = |class: u32, color, marker| {
            let of = self.points.iter().zip(&self.classes).filter(move |(_, c)| **c == class);
            Points::new(format!("class {class}"), of.map(|(point, _)| *point), color, marker)
        };
        Panel::new(format!("{title}, {:.0} % right", 100.0 * learnt.accuracy))
            .x(Axis::new("x₁").range(x.0, x.1))
            .y(Axis::new("x₂").range(y.0, y.1))
            .region(field(-1.0), Color::Blue)
            .region(field(1.0), Color::Orange)
            .points(points(0, Color::Blue, Marker::Circle))
            .points(points(1, Color::Orange, Marker::Triangle))
    }

    /// What the picture shows of the plane: a square around the points.
    fn window(&self) -> ((f64, f64), (f64, f64)) {
        let span = |values: &mut dyn Iterator<Item = f64>| {
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| {
                (low.min(v), high.max(v))
            })
        };
        let x = span(&mut self.points.iter().map(|p| p.0));
        let y = span(&mut self.points.iter().map(|p| p.1));
        let half = 0.55 * (x.1 - x.0).max(y.1 - y.0);
        let around =
            |(low, high): (f64, f64)| ((low + high) / 2.0 - half, (low + high) / 2.0 + half);
        (around(x), around(y))
    }
}

fn flat(points: &[(f64, f64)]) -> Vec<f32> {
    points.iter().flat_map(|&(x, y)| [x as f32, y as f32]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The chapter's claim, measured: a neuron cannot learn these, a network does.
    #[test]
    fn a_network_learns_what_a_neuron_cannot() {
        for mut task in tasks(1).unwrap().into_iter().take(2) {
            task.epochs = 60;
            let neuron = Perceptron::new(2).activation(Activation::Sigmoid);
            let neuron = task.learn(neuron, 1).unwrap();
            let network = task.learn(task.network.clone(), 1).unwrap();
            assert!(neuron.accuracy < 0.92, "{}: {}", task.title, neuron.accuracy);
            assert!(network.accuracy > 0.97, "{}: {}", task.title, network.accuracy);
        }
    }
}
