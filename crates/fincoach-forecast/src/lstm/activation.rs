//! Sigmoid and hyperbolic tangent, written so that the compiler does several at once.
//!
//! The standard library's `exp` costs ten times as much and differs between platforms in the last bit; these
//! use additions and multiplications only, so they give the same bits everywhere. Inlined, because the caller decides
//! for which machine they are compiled.

/// `eˣ` to 2 units in the last place on [-87, 88], constant outside. Cody and Waite's reduction
/// `x = n·ln 2 + r`, then the polynomial of Cephes' `expf` on `r`.
#[expect(clippy::cast_possible_wrap, reason = "bit patterns")]
#[inline(always)]
fn exp(x: f32) -> f32 {
    // Adding 1.5·2²³ rounds to an integer, which then stands in the low bits.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * 0.693_359_4 + n * 2.121_944_4e-4;
    let mut p = 1.987_569_2e-4;
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        p = p * r + coefficient;
    }
    let power = (shifted.to_bits() as i32 - ROUND.to_bits() as i32 + 127) << 23;
    (p * r * r + r + 1.0) * f32::from_bits(power as u32)
}

#[inline(always)]
pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// Right to about 1e-7 absolutely: near 0 that is less than the standard library gives relatively.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    2.0 / (1.0 + exp(-2.0 * x)) - 1.0
}

/// Turns the sums of one row, `4·hidden` in the order i, f, g, o, into gates.
#[inline(always)]
pub(crate) fn gates(row: &mut [f32]) {
    let hidden = row.len() / 4;
    let (input_forget, rest) = row.split_at_mut(2 * hidden);
    let (cell, output) = rest.split_at_mut(hidden);
    input_forget.iter_mut().for_each(|x| *x = sigmoid(*x));
    cell.iter_mut().for_each(|x| *x = tanh(*x));
    output.iter_mut().for_each(|x| *x = sigmoid(*x));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_agree_with_the_standard_library() {
        for step in -4000_i16..=4000 {
            let x = f32::from(step) / 100.0;
            let exact = f64::from(x);
            assert!((f64::from(exp(x)) / exact.exp() - 1.0).abs() < 2.5e-7, "exp {x}");
            assert!((f64::from(sigmoid(x)) - 1.0 / (1.0 + (-exact).exp())).abs() < 1.5e-7, "sigmoid {x}");
            assert!((f64::from(tanh(x)) - exact.tanh()).abs() < 2.5e-7, "tanh {x}");
        }
    }

    #[test]
    fn far_values_saturate() {
        for x in [1e3, 1e30, f32::INFINITY] {
            assert_eq!((tanh(x), tanh(-x)), (1.0, -1.0));
            assert_eq!(sigmoid(x), 1.0);
            assert!(sigmoid(-x) < 1e-37);
        }
    }
}
