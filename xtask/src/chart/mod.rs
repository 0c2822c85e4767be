//! Charts as SVG: data in, a string out.
//!
//! A [`Figure`] is a title over a grid of [`Panel`]s; a panel has two [`Axis`] and whatever is
//! drawn between them. The same data gives the same bytes. The colours follow the viewer's light or
//! dark scheme, and are told apart by people who see few colours; text is set in the generic
//! family `sans-serif`.
//!
//! ```text
//! let tanh = Line::new("tanh x", xs.iter().map(|&x| (x, x.tanh())));
//! let panel = Panel::new("tanh").x(Axis::new("x")).y(Axis::new("y").range(-1.2, 1.2)).line(tanh);
//! let svg = Figure::new("An activation").panel(panel).to_svg();
//! ```

mod axis;
mod draw;
mod field;
mod figure;
mod legend;
mod mosaic;
mod panel;
mod scale;
mod style;
mod svg;

pub use axis::Axis;
pub use field::Field;
pub use figure::Figure;
pub use mosaic::{Cell, Mosaic, Tile};
pub use panel::{Bars, Line, Marker, Panel, Points};
pub use style::Color;
