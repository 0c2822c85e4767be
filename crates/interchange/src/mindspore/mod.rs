//! MindSpore's checkpoint files, `.ckpt`, as version 2.10 writes and reads them.
//!
//! A file is a list of named values: the network's parameters under their field paths
//! (`conv1.weight`, which are our names too), then the optimizer's (`moments.conv1.weight`,
//! `global_step`), then whatever the caller appended (`epoch_num`). It may end with a checksum.
//! MindSpore writes safetensors files, too: [`crate::safetensors`].

mod file;
mod message;
mod optimizer;
mod tensor_message;

pub use file::{decode, encode, encode_checked};
pub(crate) use message::FORMAT;
pub use optimizer::MindSporeRule;
