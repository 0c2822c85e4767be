#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::interchange_targets::safetensors(bytes));
