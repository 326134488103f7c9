//! Products of small matrices, several numbers at once.
//!
//! A general library packs both matrices anew for every product; here the right one is read where it lies.
//! Which instructions are used is found out at run time. Every sum runs in the same order whatever the
//! number of rows in a call.

use pulp::{Arch, Simd, WithSimd};

/// Rows of one block, at most: with two vectors of sums each they fill sixteen registers.
const BLOCK: usize = 6;
/// The same where there are thirty-two.
const TALL_BLOCK: usize = 12;

/// Numbers in rows, `stride` apart.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a> {
    pub(super) data: &'a [f32],
    pub(super) stride: usize,
}

/// The same to write to.
pub(super) struct MatrixMut<'a> {
    pub(super) data: &'a mut [f32],
    pub(super) stride: usize,
}

/// Which matrix stands left.
#[derive(Clone, Copy)]
pub(super) enum Left<'a> {
    /// Row by row, as it lies.
    Plain(Matrix<'a>),
    /// Its columns are the rows of what lies there.
    Transposed(Matrix<'a>),
}

/// Rows and columns of the result, and the length of each sum.
#[derive(Clone, Copy)]
pub(super) struct Size {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) inner: usize,
}

/// Adds `left · right` to `out`.
pub(super) fn add_product(left: Left<'_>, right: Matrix<'_>, out: MatrixMut<'_>, size: Size) {
    if size.rows > 0 && size.columns > 0 && size.inner > 0 {
        Arch::new().dispatch(Product { left, right, out, size });
    }
}

struct Product<'a> {
    left: Left<'a>,
    right: Matrix<'a>,
    out: MatrixMut<'a>,
    size: Size,
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { left, right, out, size } = self;
        let most = if S::REGISTER_COUNT < 32 { BLOCK } else { TALL_BLOCK };
        let n_blocks = size.rows.div_ceil(most);
        let mut packed = Vec::new();
        for block in 0..n_blocks {
            // Blocks as even as can be: one row by itself would wait for its own sums.
            let (first, end) = (block * size.rows / n_blocks, (block + 1) * size.rows / n_blocks);
            let n_rows = end - first;
            let left = match left {
                Left::Plain(matrix) => {
                    pack(matrix, (first, n_rows), size.inner, &mut packed);
                    Matrix { data: &packed, stride: n_rows }
                }
                Left::Transposed(Matrix { data, stride }) => Matrix { data: &data[first..], stride },
            };
            let rows = &mut out.data[first * out.stride..];
            let mut rows = MatrixMut { data: rows, stride: out.stride };
            match n_rows {
                1 => band::<S, 1>(simd, left, right, (&mut rows, size)),
                2 => band::<S, 2>(simd, left, right, (&mut rows, size)),
                3 => band::<S, 3>(simd, left, right, (&mut rows, size)),
                4 => band::<S, 4>(simd, left, right, (&mut rows, size)),
                5 => band::<S, 5>(simd, left, right, (&mut rows, size)),
                6 => band::<S, BLOCK>(simd, left, right, (&mut rows, size)),
                7 => band::<S, 7>(simd, left, right, (&mut rows, size)),
                8 => band::<S, 8>(simd, left, right, (&mut rows, size)),
                9 => band::<S, 9>(simd, left, right, (&mut rows, size)),
                10 => band::<S, 10>(simd, left, right, (&mut rows, size)),
                11 => band::<S, 11>(simd, left, right, (&mut rows, size)),
                _ => band::<S, TALL_BLOCK>(simd, left, right, (&mut rows, size)),
            }
        }
    }
}

/// Rows side by side: first numbers of all, second numbers of all, ….
#[inline(always)]
fn pack(matrix: Matrix<'_>, (first, n_rows): (usize, usize), inner: usize, packed: &mut Vec<f32>) {
    packed.resize(n_rows * inner, 0.0);
    for row in 0..n_rows {
        let start = (first + row) * matrix.stride;
        let numbers = &matrix.data[start..start + inner];
        for (to, number) in packed[row..].iter_mut().step_by(n_rows).zip(numbers) {
            *to = *number;
        }
    }
}

/// All columns of `R` rows.
#[inline(always)]
fn band<S: Simd, const R: usize>(
    simd: S,
    left: Matrix<'_>,
    right: Matrix<'_>,
    (out, size): (&mut MatrixMut<'_>, Size),
) {
    let mut column = 0;
    while column + 2 * S::F32_LANES <= size.columns {
        tile::<S, R, 2>(simd, left, right, (out, size.inner, column));
        column += 2 * S::F32_LANES;
    }
    if column + S::F32_LANES <= size.columns {
        tile::<S, R, 1>(simd, left, right, (out, size.inner, column));
        column += S::F32_LANES;
    }
    for column in column..size.columns {
        for row in 0..R {
            let mut sum = 0.0;
            for at in 0..size.inner {
                sum += left.data[at * left.stride + row] * right.data[at * right.stride + column];
            }
            out.data[row * out.stride + column] += sum;
        }
    }
}

/// `R` rows by `V` vectors.
#[inline(always)]
fn tile<S: Simd, const R: usize, const V: usize>(
    simd: S,
    left: Matrix<'_>,
    right: Matrix<'_>,
    (out, inner, column): (&mut MatrixMut<'_>, usize, usize),
) {
    let width = V * S::F32_LANES;
    let mut sums = [[simd.splat_f32s(0.0); V]; R];
    for at in 0..inner {
        let start = at * right.stride + column;
        let (vectors, _) = S::as_simd_f32s(&right.data[start..start + width]);
        let vectors = &vectors[..V];
        let numbers = &left.data[at * left.stride..at * left.stride + R];
        for (sums, number) in sums.iter_mut().zip(numbers) {
            let number = simd.splat_f32s(*number);
            for (sum, vector) in sums.iter_mut().zip(vectors) {
                *sum = simd.mul_add_e_f32s(number, *vector, *sum);
            }
        }
    }
    for (row, sums) in sums.iter().enumerate() {
        let start = row * out.stride + column;
        let (vectors, _) = S::as_mut_simd_f32s(&mut out.data[start..start + width]);
        for (vector, sum) in vectors.iter_mut().zip(sums) {
            *vector = simd.add_f32s(*vector, *sum);
        }
    }
}

/// The columns of a matrix as rows, into as much room.
pub(super) fn transpose(from: Matrix<'_>, to: &mut [f32], (rows, columns): (usize, usize)) {
    const SIDE: usize = 8;
    for top in (0..rows).step_by(SIDE) {
        let height = SIDE.min(rows - top);
        for column in 0..columns {
            let to = &mut to[column * rows + top..][..height];
            for (row, to) in to.iter_mut().enumerate() {
                *to = from.data[(top + row) * from.stride + column];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fincoach_core::nn::uniform;
    use fincoach_core::rng::stream;

    fn numbers(n: usize, unit: u64) -> Vec<f32> {
        uniform(&mut stream(1, unit), n, 1.0)
    }

    #[test]
    fn products_of_all_sizes_equal_the_plain_sums() {
        for (rows, columns, inner) in [(1, 1, 1), (7, 37, 5), (13, 16, 9), (2, 8, 64), (6, 3, 2), (64, 40, 3)]
        {
            let (a, b) = (numbers(rows * inner, 0), numbers(inner * columns, 1));
            let mut turned = vec![0.0; a.len()];
            transpose(Matrix { data: &a, stride: inner }, &mut turned, (rows, inner));
            let size = Size { rows, columns, inner };
            let plain = Left::Plain(Matrix { data: &a, stride: inner });
            for left in [plain, Left::Transposed(Matrix { data: &turned, stride: rows })] {
                let mut out = vec![1.0; rows * columns];
                let right = Matrix { data: &b, stride: columns };
                add_product(left, right, MatrixMut { data: &mut out, stride: columns }, size);
                for (place, got) in out.iter().enumerate() {
                    let (row, column) = (place / columns, place % columns);
                    let sum: f32 = (0..inner).map(|at| a[row * inner + at] * b[at * columns + column]).sum();
                    assert!((got - 1.0 - sum).abs() < 1e-5, "{rows} {columns} {inner}: {got} {sum}");
                }
            }
        }
    }
}
