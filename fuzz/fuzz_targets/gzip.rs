#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::datasets_targets::gzip(bytes));
