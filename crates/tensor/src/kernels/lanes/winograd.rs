//! Convolution in the lanes layout by Winograd's minimal filtering: stride 1, and kernels of 3, 5 or
//! 7 columns.
//!
//! A row of the output is cut into tiles of `M` pixels. Tiles and the rows of the kernels are
//! evaluated at `P = M + R - 1` points, where `M` outputs of `R` taps need `P` products
//! instead of `M · R`; at each point what is left is a convolution with one column of taps, summed
//! over the channels.
//!
//! Where there are few channels, that is done directly, by the register blocks of
//! [`conv2d`](super::conv2d) on the tiles of all rows as one line: sums are long, and little is stored
//! between the stages. Where there are more and the kernel is square, the columns are cut
//! as the rows are, one point of the rows at a time, so that what lies between those stages stays in
//! the nearest cache: `P²` products for `M²` outputs of `R²` taps. The forward pass of 5×5 and 7×7
//! kernels is along the rows alone, because it has to be more exact than the gradients.
//!
//! Both gradients are the exact adjoints of these stages.
//!
//! Sources: S. Winograd, Arithmetic Complexity of Computations, 1980; A. Lavin and S. Gray, Fast
//! Algorithms for Convolutional Neural Networks, 2016.

mod direct;
mod few;
mod filter;
mod lines;
mod points;
mod sizes;
mod square;
mod stages;
mod tiles;

use super::LANES;
use super::conv2d::assert_lengths;
use crate::Conv2dGeometry;
use crate::kernels::isa::Isa;
use crate::kernels::vector::{Kernel, Vector, dispatch};
use sizes::Sizes;
use square::Square;
use stages::Stages;

/// Vectors of sixteen numbers between the stages that are still in the second-level cache, or not far
/// from it, when they are read.
const CACHED: f64 = 60e3;

/// Whether these kernels compute this convolution.
pub fn applies(g: &Conv2dGeometry) -> bool {
    Sizes::new(g).is_some()
}

/// Vector multiply-adds at the points, and how many more would take as long as all else: for one
/// group of the channels of sixteen images, the mean of the three passes, as measured on Zen 4.
/// `None` where the kernels do not apply.
pub(crate) fn operations(isa: Isa, g: &Conv2dGeometry) -> Option<[f64; 2]> {
    let s = Sizes::new(g)?;
    let points = s.tile[1] as f64;
    let mean = |of: fn(&Sizes) -> usize| (of(&s.forward()) + 2 * of(&s)) as f64 / 3.0 * points;
    let products = mean(Sizes::products);
    let vectors = (s.inputs * s.line.input + s.outputs * s.line.output) as f64 * points;
    // Loads and stores included. Where there are few registers, numbers go by way of the memory.
    let transform = match isa {
        _ if vectors > CACHED => 34.0,
        Isa::Avx512 => 0.6 * points,
        _ => 1.3 * points,
    };
    let down = match isa {
        Isa::Avx512 => 4.0,
        _ => 9.0,
    };
    let square = mean(Sizes::square_vectors);
    // A row of taps is read and written one by one.
    let taps = (s.columns() * 3 * (s.taps[1] + 1)) as f64;
    Some([products, vectors * transform + square * down + taps])
}

/// Numbers of scratch memory that each pass needs; 0 where they do not apply.
pub fn scratch_len(g: &Conv2dGeometry) -> usize {
    Sizes::new(g).map_or(0, |s| {
        s.tile[1] * (s.source_step() + s.output_step() + 2 * s.weight_step())
            + s.weight_step()
            + Square::scratch_len(&s)
    })
}

/// y := x ⋆ w + b.
///
/// ```
/// use tensor::kernels::{isa::isa, lanes::{LANES, winograd}};
/// use tensor::{Conv2dGeometry, Conv2dOptions, Shape};
/// let (input, weight) = (Shape::from([16, 1, 1, 5]), Shape::from([1, 1, 1, 3]));
/// let g = Conv2dGeometry::new(&input, &weight, &Conv2dOptions::default())?;
/// // All sixteen images are the row 0 1 2 3 4.
/// let x: Vec<f32> = (0..5 * LANES).map(|i| (i / LANES) as f32).collect();
/// let (mut y, mut scratch) = ([f32::NAN; 3 * LANES], vec![0.0; winograd::scratch_len(&g)]);
/// let (w, bias) = ([1.0, 0.0, 10.0], [0.5]);
/// winograd::forward(isa(), &g, &x, &w, Some(&bias), &mut y, &mut scratch);
/// for (i, expected) in [20.5, 31.5, 42.5].into_iter().enumerate() {
///     assert!((y[i * LANES] - expected).abs() < 1e-4);
/// }
/// # Ok::<(), tensor::Error>(())
/// ```
///
/// # Panics
/// Unless these kernels [apply](applies), or where a slice does not have the length that the geometry
/// gives.
pub fn forward(
    isa: Isa,
    g: &Conv2dGeometry,
    x: &[f32],
    w: &[f32],
    bias: Option<&[f32]>,
    y: &mut [f32],
    scratch: &mut [f32],
) {
    assert_lengths(g, x.len(), w.len(), y.len());
    assert!(bias.is_none_or(|bias| bias.len() == g.out_channels()), "the bias");
    run(isa, g, Pass::Forward { x, w, bias, y }, scratch);
}

/// Where the gradient of the input goes.
#[derive(Debug)]
pub struct InputGradient<'a> {
    /// The weight.
    pub w: &'a [f32],
    /// The gradient of the input.
    pub dx: &'a mut [f32],
}

/// Where the gradients of the parameters go.
#[derive(Debug)]
pub struct ParameterGradients<'a> {
    /// The input.
    pub x: &'a [f32],
    /// The gradient of the weight.
    pub dw: &'a mut [f32],
    /// The gradient of the bias, where wanted.
    pub db: Option<&'a mut [f32]>,
}

/// The gradients that are wanted, which share the transformed dy. Those of the parameters are 0 for an
/// empty batch. Unused lanes of dy must be 0, and those of x finite.
///
/// # Panics
/// As [`forward`].
pub fn backward(
    isa: Isa,
    g: &Conv2dGeometry,
    dy: &[f32],
    input: Option<InputGradient<'_>>,
    mut parameters: Option<ParameterGradients<'_>>,
    scratch: &mut [f32],
) {
    if let Some(InputGradient { w, dx }) = &input {
        assert_lengths(g, dx.len(), w.len(), dy.len());
    }
    if let Some(ParameterGradients { x, dw, db }) = &mut parameters {
        assert_lengths(g, x.len(), dw.len(), dy.len());
        if g.batch() == 0 {
            dw.fill(0.0);
        }
        if let Some(db) = db {
            assert_eq!(db.len(), g.out_channels(), "the bias");
            db.fill(0.0);
        }
    }
    if g.batch() > 0 {
        run(isa, g, Pass::Backward { dy, input, parameters }, scratch);
    }
}

enum Pass<'a> {
    Forward {
        x: &'a [f32],
        w: &'a [f32],
        bias: Option<&'a [f32]>,
        y: &'a mut [f32],
    },
    Backward {
        dy: &'a [f32],
        input: Option<InputGradient<'a>>,
        parameters: Option<ParameterGradients<'a>>,
    },
}

fn run(isa: Isa, g: &Conv2dGeometry, pass: Pass<'_>, scratch: &mut [f32]) {
    let sizes = Sizes::new(g).expect("a kernel that is cut into tiles");
    let sizes = if matches!(pass, Pass::Forward { .. }) { sizes.forward() } else { sizes };
    assert!(scratch.len() >= scratch_len(g), "the scratch memory");
    let [_, points] = sizes.tile;
    let (source, rest) = scratch.split_at_mut(points * sizes.source_step());
    let (output, rest) = rest.split_at_mut(points * sizes.output_step());
    let (weight, rest) = rest.split_at_mut(points * sizes.weight_step());
    let (gradient, rest) = rest.split_at_mut((points + 1) * sizes.weight_step());
    let square = Square::new(sizes, rest);
    let (batch, groups) = (g.batch().div_ceil(LANES), g.groups());
    let stages = Stages { sizes, batch, groups, source, output, weight, gradient, square };
    // SAFETY: the lengths are as asserted.
    unsafe {
        match [sizes.taps[1], sizes.tile[0]] {
            [3, 4] => dispatch(isa, Tiled::<6, 4, 3>(stages, pass)),
            [5, 4] => dispatch(isa, Tiled::<8, 4, 5>(stages, pass)),
            [5, 5] => dispatch(isa, Tiled::<9, 5, 5>(stages, pass)),
            [7, 3] => dispatch(isa, Tiled::<9, 3, 7>(stages, pass)),
            other => unreachable!("there are no tiles of {other:?}"),
        }
    }
}

/// A pass in tiles of `M` outputs of `R` taps, at `P` points.
struct Tiled<'a, const P: usize, const M: usize, const R: usize>(Stages<'a>, Pass<'a>);

impl<const P: usize, const M: usize, const R: usize> Kernel for Tiled<'_, P, M, R> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let Tiled(mut stages, pass) = self;
        // SAFETY: passed on.
        unsafe {
            match pass {
                Pass::Forward { x, w, bias, y } => {
                    stages.forward::<V, P, M, R>(x, w, bias, y);
                }
                Pass::Backward { dy, input, parameters } => {
                    stages.backward::<V, P, M, R>(dy, input, parameters);
                }
            }
        }
    }
}
