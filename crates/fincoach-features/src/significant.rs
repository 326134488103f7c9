//! Numbers as text with 17 significant digits.

/// The number as C's and Python's `%.17g` print it: enough digits to read back the same bits.
///
/// Plain notation for decimal exponents from −4 to 16, otherwise `d.ddde±XX`; trailing zeros are left out.
pub(crate) fn seventeen_digits(value: f64) -> String {
    if !value.is_finite() || value == 0.0 {
        return plain_or_not_finite(value);
    }
    let scientific = format!("{value:.16e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..17).contains(&exponent) {
        let decimals = usize::try_from(16 - exponent).unwrap_or(0);
        return without_trailing_zeros(&format!("{value:.decimals$}")).to_owned();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", without_trailing_zeros(mantissa), exponent.abs())
}

fn plain_or_not_finite(value: f64) -> String {
    if value.is_nan() { "nan".to_owned() } else { format!("{value}") }
}

fn without_trailing_zeros(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_look_as_python_prints_them() {
        let two_to_the_50th = 2.0_f64.powi(50);
        for (value, text) in [
            (8858.55, "8858.5499999999993"),
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-0.206_571_079_534_494_8, "-0.2065710795344948"),
            (1e-7, "9.9999999999999995e-08"),
            (1e22, "1e+22"),
            (1e16, "10000000000000000"),
            (1e17, "1e+17"),
            (0.0001, "0.0001"),
            (0.00001, "1.0000000000000001e-05"),
            (9.999_999_999_999_999e-5, "9.9999999999999991e-05"),
            (0.1, "0.10000000000000001"),
            (1.0 / 3.0, "0.33333333333333331"),
            (123_456_789.125, "123456789.125"),
            (two_to_the_50th + 0.25, "1125899906842624.2"),
            (two_to_the_50th + 0.75, "1125899906842624.8"),
            (5e-324, "4.9406564584124654e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (-99_999_999_999_999_999.0, "-1e+17"),
        ] {
            assert_eq!(seventeen_digits(value), text);
        }
    }

    proptest! {
        #[test]
        fn the_text_reads_back_to_the_same_bits(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            if value.is_finite() {
                prop_assert_eq!(seventeen_digits(value).parse::<f64>().unwrap().to_bits(), bits);
            }
        }
    }
}
