//! Partially connected convolution.

use crate::{ConnectionTable, Initializer, Layer, Parameter, Scope, module};
use autodiff::{Tally, Var};
use tensor::{Conv2dOptions, Error, Float, PadMode, Result, Shape};

/// A convolution whose output maps each see only some of the input maps, as a
/// [`ConnectionTable`] says: x `[N, in_maps, H, W]`, y `[N, out_maps, OH, OW]`.
///
/// Parameters: `weight` `[connections, KH, KW]`, a kernel for each connection in the table's
/// order, and `bias` `[out_maps]`; both are drawn from U(±1/√F), where F is the mean number of
/// inputs of an output. What is not connected has no parameter. LeNet-5's layer C3 is one (LeCun
/// et al. 1998); Torch 7 called it `SpatialConvolutionMap`, MindSpore and PyTorch have none.
///
/// It is computed as a full convolution whose other kernels are 0: for C3 that is 1.6 × the
/// multiplications, in kernels that share what they load among several output maps.
///
/// ```
/// use layers::{ConnectionTable, ModuleExt, TableConv2d};
/// let c3 = TableConv2d::new(ConnectionTable::lenet5(), 5);
/// assert_eq!(c3.parameter_count(), 60 * 25 + 16);
/// ```
#[derive(Clone, Debug)]
pub struct TableConv2d {
    scope: Scope,
    /// `[connections, kernel_height, kernel_width]`
    pub weight: Parameter,
    /// `[out_maps]`
    pub bias: Parameter,
    table: ConnectionTable,
    options: Conv2dOptions,
}

module!(TableConv2d { scope, weight, bias });

impl TableConv2d {
    /// Square kernels of `kernel_size` between the maps that `table` connects; stride 1 and no
    /// padding unless said otherwise.
    pub fn new(table: ConnectionTable, kernel_size: usize) -> Self {
        let kernels = table.connections().saturating_mul(kernel_size).saturating_mul(kernel_size);
        let initializer = Initializer::fan_in(kernels / table.out_maps());
        TableConv2d {
            scope: Scope::default(),
            weight: Parameter::new([table.connections(), kernel_size, kernel_size], initializer),
            bias: Parameter::new([table.out_maps()], initializer),
            table,
            options: Conv2dOptions::default(),
        }
    }

    /// Pixels from one window to the next, the same in both directions.
    #[must_use]
    pub fn stride(mut self, stride: usize) -> Self {
        self.options.stride = [stride; 2];
        self
    }

    /// How the border is treated: `Valid`, `Same` or `Pad`.
    #[must_use]
    pub fn pad_mode(mut self, pad_mode: PadMode) -> Self {
        self.options.pad_mode = pad_mode;
        self
    }

    /// Which input maps each output map sees.
    pub fn table(&self) -> &ConnectionTable {
        &self.table
    }

    /// What is connected, and not the zeros that it is computed with.
    fn tally(&self, output: &Shape) -> Tally {
        let units = output.elements() / self.table.out_maps();
        let connected = units * self.weight.shape().elements();
        Tally {
            parameters: 0,
            neurons: output.elements(),
            connections: connected + output.elements(),
            multiply_adds: connected,
        }
    }

    /// Adds how to mend an input of another number of maps.
    fn advise(&self, error: Error, maps: Option<usize>) -> Error {
        let expected = self.table.in_maps();
        match maps {
            Some(maps) if maps != expected => error.hint(format!(
                "make the number of input channels {expected}, or this layer's table one over \
                 {maps} maps"
            )),
            _ => error,
        }
    }
}

impl<T: Float> Layer<T> for TableConv2d {
    fn forward<'t>(&self, input: Var<'t, T>) -> Result<Var<'t, T>> {
        self.scope.run("TableConv2d", input, |x| {
            let [inputs, outputs] = [self.table.in_maps(), self.table.out_maps()];
            let [height, width] = [self.weight.shape()[1], self.weight.shape()[2]];
            let weight = self.weight.on(x.tape())?;
            let weight = weight.scatter_rows(self.table.places.clone(), outputs * inputs)?;
            let weight = weight.reshape([outputs, inputs, height, width])?;
            let bias = self.bias.on(x.tape())?;
            let maps = (x.shape().rank() == 4).then(|| x.shape()[1]);
            let y = x
                .conv2d(&weight, Some(&bias), &self.options)
                .map_err(|error| self.advise(error, maps))?;
            y.tape().tally_instead(|| self.tally(y.shape()));
            Ok(y)
        })
    }
}
