//! MindSpore's checkpoint files, `.ckpt`, as version 2.10 writes and reads them.
//!
//! A file is a list of named values: the network's parameters under their field paths
//! (`conv1.weight`, which are our names too), then the optimizer's (`moments.conv1.weight`,
//! `global_step`), then whatever the caller appended (`epoch_num`). It may end with a checksum.

mod checkpoint;
mod message;
mod value;

pub use checkpoint::Checkpoint;
pub use value::{Kind, Value};
