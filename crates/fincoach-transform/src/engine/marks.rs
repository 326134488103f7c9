//! Finds the bytes that give a file its form, many at a time.

use wide::u8x16;

use super::record_end::Form;

/// Bytes compared at a time: as many as a mask has bits.
const WINDOW: usize = 64;

/// Walks over the delimiters, quotes and line ends of a text.
pub(super) struct Marks<'a> {
    bytes: &'a [u8],
    delimiter: u8x16,
    quote: u8x16,
    line_end: u8x16,
    /// Marks of the window at `base` that were not given out yet.
    mask: u64,
    base: usize,
}

impl<'a> Marks<'a> {
    pub(super) fn new(bytes: &'a [u8], form: Form) -> Self {
        let mut marks = Self {
            bytes,
            delimiter: u8x16::splat(form.delimiter),
            quote: u8x16::splat(form.quote.unwrap_or(form.delimiter)),
            line_end: u8x16::splat(b'\n'),
            mask: 0,
            base: 0,
        };
        marks.mask = marks.window(0);
        marks
    }

    /// Goes on at a position.
    pub(super) fn go_to(&mut self, at: usize) {
        self.base = at - at % WINDOW;
        self.mask = self.window(self.base) & (u64::MAX << (at % WINDOW));
    }

    /// The position of the next mark.
    #[inline]
    pub(super) fn next(&mut self) -> Option<usize> {
        while self.mask == 0 {
            self.base += WINDOW;
            if self.base >= self.bytes.len() {
                // Stays at the end, so that every further call ends here too.
                self.base = self.bytes.len();
                return None;
            }
            self.mask = self.window(self.base);
        }
        let at = self.base + self.mask.trailing_zeros() as usize;
        self.mask &= self.mask - 1;
        Some(at)
    }

    #[inline]
    fn window(&self, base: usize) -> u64 {
        let rest = self.bytes.get(base..).unwrap_or_default();
        match rest.first_chunk::<WINDOW>() {
            Some(window) => self.mask_of(window),
            None => {
                let mut window = [0; WINDOW];
                window[..rest.len()].copy_from_slice(rest);
                self.mask_of(&window) & !(u64::MAX << rest.len())
            }
        }
    }

    #[inline]
    fn mask_of(&self, window: &[u8; WINDOW]) -> u64 {
        let (lanes, _) = window.as_chunks::<16>();
        let mut mask = 0;
        for (lane, bytes) in lanes.iter().enumerate() {
            let bytes = u8x16::new(*bytes);
            let found = bytes.cmp_eq(self.delimiter) | bytes.cmp_eq(self.quote) | bytes.cmp_eq(self.line_end);
            mask |= u64::from(found.move_mask().cast_unsigned()) << (16 * lane);
        }
        mask
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_mark_is_found_from_any_place_on(
            bytes in prop::collection::vec(prop::sample::select(b"a,\"\n\0\xff".to_vec()), 0..300),
            from in 0_usize..320,
        ) {
            let mut marks = Marks::new(&bytes, Form { delimiter: b',', quote: Some(b'"') });
            marks.next();
            marks.go_to(from);
            let found: Vec<usize> = std::iter::from_fn(|| marks.next()).collect();
            let expected: Vec<usize> =
                (from..bytes.len()).filter(|at| matches!(bytes[*at], b',' | b'"' | b'\n')).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
