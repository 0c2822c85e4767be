//! Max- and average-pooling.

use crate::description::{padding, pair};
use crate::{Layer, Scope, module};
use autodiff::Var;
use tensor::{Float, PadMode, Pool2dOptions, Result};

fn arguments(options: &Pool2dOptions) -> String {
    let size = |window: [usize; 2]| match window {
        [height, width] if height == width => height.to_string(),
        window => pair(window),
    };
    let mut text = format!("kernel_size={}, stride={}", size(options.kernel), size(options.stride));
    match padding(options.pad_mode) {
        ("pad", sides) => text.push_str(&format!(", pad_mode=PAD, padding={sides}")),
        (mode, _) => text.push_str(&format!(", pad_mode={}", mode.to_uppercase())),
    }
    text
}

macro_rules! pooling {
    ($(#[$doc:meta])* $name:ident, $method:ident) => {
        $(#[$doc])*
        ///
        /// The stride is the window's size unless said otherwise, as in PyTorch and Keras
        /// (MindSpore's default is 1, and its listings pass `stride=2`).
        #[derive(Clone, Debug)]
        pub struct $name {
            scope: Scope,
            options: Pool2dOptions,
        }

        module!($name { scope } => |layer: &$name| arguments(&layer.options));

        impl $name {
            /// A square window of `kernel_size`, moving by its own size.
            pub fn new(kernel_size: usize) -> Self {
                let window = [kernel_size; 2];
                let options = Pool2dOptions { kernel: window, stride: window, ..Default::default() };
                Self { scope: Scope::default(), options }
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

            /// Window, stride and padding.
            pub fn options(&self) -> &Pool2dOptions {
                &self.options
            }
        }

        impl<T: Float> Layer<T> for $name {
            fn forward<'t>(&self, input: Var<'t, T>) -> Result<Var<'t, T>> {
                self.scope.run(stringify!($name), input, |x| x.$method(&self.options))
            }
        }
    };
}

pooling! {
    /// y = the maximum of each window: x `[N, C, H, W]`, y `[N, C, OH, OW]`. Padding never wins;
    /// the gradient goes to the first maximum of a window.
    MaxPool2d, max_pool2d
}
pooling! {
    /// y = the mean of each window: x `[N, C, H, W]`, y `[N, C, OH, OW]`. `Same` divides by the
    /// pixels inside the image, `Pad` counts the padding unless told not to.
    AvgPool2d, avg_pool2d
}

impl AvgPool2d {
    /// Whether the mean under `PadMode::Pad` counts the padding (it does by default).
    #[must_use]
    pub fn count_include_pad(mut self, count: bool) -> Self {
        self.options.count_include_pad = count;
        self
    }
}
