//! Products of small matrices, with the widest vectors that the machine has and no copying before.
//!
//! A batch of 32 rows through a layer of 128 units is a product so small that packing its operands, as a library for
//! large matrices does, costs a good part of it.

use pulp::{Arch, Simd, WithSimd};

/// Numbers to which a row is filled up, so that it is whole vectors on every machine.
const LANES: usize = 16;
/// Rows of a tile: with two vectors a row their sums fill the sixteen registers of AVX2.
const TILE: usize = 6;

/// The width of a stored row of `n` numbers: the next multiple of 16.
#[must_use]
pub const fn padded(n: usize) -> usize {
    n.div_ceil(LANES) * LANES
}

/// The left factor of a product, read number by number wherever it stands.
#[derive(Clone, Copy, Debug)]
pub enum Left<'a> {
    /// Row by row; the second number is the distance of rows.
    Rows(&'a [f32], usize),
    /// The transpose of what is stored row by row; the second number is the distance of its rows.
    Columns(&'a [f32], usize),
}

/// What the sums of a product begin with.
#[derive(Clone, Copy, Debug)]
pub enum Begin<'a> {
    /// Nothing.
    Zero,
    /// In every row these numbers, as many as a padded row has.
    Row(&'a [f32]),
}

/// `C = begin + A·B` for `A` `(n_rows, depth)`, `B` `(depth, width)` and `C` `(n_rows, width)`, rows of `B` and `C` padded
/// to `width`, a multiple of 16. Every sum runs over `depth` in order, whatever the number of rows.
///
/// # Panics
/// When a slice is too short for its shape, or `width` is no multiple of 16.
pub fn product(left: Left<'_>, right: &[f32], begin: Begin<'_>, out: Out<'_>) {
    let width = out.width;
    assert!(width.is_multiple_of(LANES), "rows have to be padded");
    if width == 0 || out.values.is_empty() {
        return;
    }
    assert!(out.values.len().is_multiple_of(width) && right.len().is_multiple_of(width), "whole rows");
    Arch::new().dispatch(Product { left, right, begin, out });
}

/// Where a product goes: rows of this width.
#[derive(Debug)]
pub struct Out<'a> {
    /// The rows, one after the other.
    pub values: &'a mut [f32],
    /// The padded width of a row.
    pub width: usize,
}

struct Product<'a> {
    left: Left<'a>,
    right: &'a [f32],
    begin: Begin<'a>,
    out: Out<'a>,
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (right, _) = S::as_simd_f32s(self.right);
        let begin = match self.begin {
            Begin::Zero => None,
            Begin::Row(row) => Some(S::as_simd_f32s(row).0),
        };
        let n_rows = self.out.values.len() / self.out.width;
        let (out, _) = S::as_mut_simd_f32s(self.out.values);
        let mut tiles = Tiles { simd, right, begin, out, width: self.out.width / S::F32_LANES };
        match self.left {
            Left::Rows(values, distance) => tiles.all(n_rows, ByRows { values, distance }),
            Left::Columns(values, distance) => tiles.all(n_rows, ByColumns { values, distance }),
        }
    }
}

/// Reads the numbers of a few rows of the left factor, one of each at a time.
trait Reader: Copy {
    /// For each of `depth` places the numbers of rows `first..first + N`.
    fn each<const N: usize>(self, first: usize, depth: usize, work: impl FnMut(usize, [f32; N]));
}

#[derive(Clone, Copy)]
struct ByRows<'a> {
    values: &'a [f32],
    distance: usize,
}

impl Reader for ByRows<'_> {
    #[inline(always)]
    fn each<const N: usize>(self, first: usize, depth: usize, mut work: impl FnMut(usize, [f32; N])) {
        let mut rows = [&self.values[..0]; N];
        for (row, slice) in rows.iter_mut().enumerate() {
            *slice = &self.values[(first + row) * self.distance..][..depth];
        }
        for place in 0..depth {
            let mut numbers = [0.0; N];
            for row in 0..N {
                numbers[row] = rows[row][place];
            }
            work(place, numbers);
        }
    }
}

#[derive(Clone, Copy)]
struct ByColumns<'a> {
    values: &'a [f32],
    distance: usize,
}

impl Reader for ByColumns<'_> {
    #[inline(always)]
    fn each<const N: usize>(self, first: usize, depth: usize, mut work: impl FnMut(usize, [f32; N])) {
        for (place, row) in self.values.chunks(self.distance).take(depth).enumerate() {
            let mut numbers = [0.0; N];
            numbers.copy_from_slice(&row[first..first + N]);
            work(place, numbers);
        }
    }
}

struct Tiles<'a, S: Simd> {
    simd: S,
    right: &'a [S::f32s],
    begin: Option<&'a [S::f32s]>,
    out: &'a mut [S::f32s],
    /// Vectors in a row.
    width: usize,
}

impl<S: Simd> Tiles<'_, S> {
    #[inline(always)]
    fn all<R: Reader>(&mut self, n_rows: usize, reader: R) {
        let mut row = 0;
        while row + TILE <= n_rows {
            self.rows::<TILE, R>(row, reader);
            row += TILE;
        }
        match n_rows - row {
            1 => self.rows::<1, R>(row, reader),
            2 => self.rows::<2, R>(row, reader),
            3 => self.rows::<3, R>(row, reader),
            4 => self.rows::<4, R>(row, reader),
            5 => self.rows::<5, R>(row, reader),
            _ => {}
        }
    }

    #[inline(always)]
    fn rows<const N: usize, R: Reader>(&mut self, row: usize, reader: R) {
        let mut column = 0;
        while column + 2 <= self.width {
            self.tile::<N, 2, R>(row, column, reader);
            column += 2;
        }
        if column < self.width {
            self.tile::<N, 1, R>(row, column, reader);
        }
    }

    /// `N` rows and `V` vectors of the result.
    #[inline(always)]
    fn tile<const N: usize, const V: usize, R: Reader>(&mut self, row: usize, column: usize, reader: R) {
        let (simd, width) = (self.simd, self.width);
        let mut sums = [[simd.splat_f32s(0.0); V]; N];
        if let Some(begin) = self.begin {
            for sums in &mut sums {
                sums.copy_from_slice(&begin[column..column + V]);
            }
        }
        let right = &self.right[column..];
        reader.each::<N>(row, self.right.len() / width, |place, numbers| {
            let vectors = &right[place * width..][..V];
            for n in 0..N {
                let number = simd.splat_f32s(numbers[n]);
                for v in 0..V {
                    sums[n][v] = simd.mul_add_e_f32s(number, vectors[v], sums[n][v]);
                }
            }
        });
        for (n, sums) in sums.iter().enumerate() {
            self.out[(row + n) * width + column..][..V].copy_from_slice(sums);
        }
    }
}
