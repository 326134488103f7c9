//! A fast hash of small numbers, the same in every run.

use std::hash::{BuildHasherDefault, Hasher};

/// Hashes keys made of a few small whole numbers.
pub(crate) type SymbolHash = BuildHasherDefault<SymbolHasher>;

/// Multiplies by an odd constant near 2⁶⁴ divided by the golden ratio (Knuth 1998, 6.4) and folds the halves.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SymbolHasher(u64);

impl SymbolHasher {
    const fn add(&mut self, value: u64) {
        let mixed = (self.0.rotate_left(5) ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

impl Hasher for SymbolHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.add(u64::from(*byte));
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.add(u64::from(value));
    }

    fn write_u64(&mut self, value: u64) {
        self.add(value);
    }

    fn write_usize(&mut self, value: usize) {
        self.add(value as u64);
    }

    fn write_isize(&mut self, value: isize) {
        self.add(value as u64);
    }
}
