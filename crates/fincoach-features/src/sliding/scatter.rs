//! Sums that give a mean and a standard deviation.

/// Number, sum and sum of squares of whole numbers (minor units), from which values can be taken away again.
///
/// The squares are summed in two halves of 64 bits, so that no sum of fewer than 2⁶⁴ values of any size overflows:
/// nothing saturates, and taking away is the exact inverse of adding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scatter {
    n: u32,
    sum: i128,
    low_squares: u128,
    high_squares: u128,
}

impl Scatter {
    /// Adds a value.
    #[inline]
    pub(crate) const fn add(&mut self, value: i64) {
        let (low, high) = halves_of_square(value);
        self.n = self.n.wrapping_add(1);
        self.sum += value as i128;
        self.low_squares += low;
        self.high_squares += high;
    }

    /// Takes away a value that was added before.
    #[inline]
    pub(crate) const fn remove(&mut self, value: i64) {
        let (low, high) = halves_of_square(value);
        self.n = self.n.wrapping_sub(1);
        self.sum -= value as i128;
        self.low_squares = self.low_squares.wrapping_sub(low);
        self.high_squares = self.high_squares.wrapping_sub(high);
    }

    /// Whether there is no value.
    pub(crate) const fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// How many values there are.
    pub(crate) fn n(&self) -> f64 {
        f64::from(self.n)
    }

    /// Their sum, in the unit of the values.
    #[expect(clippy::cast_precision_loss, reason = "sums stay far below 2^53 pence")]
    pub(crate) const fn sum(&self) -> f64 {
        self.sum as f64
    }

    /// Their standard deviation in the unit of the values, dividing by the count less one; 0 for fewer than two.
    pub(crate) fn std(&self) -> f64 {
        if self.n < 2 {
            return 0.0;
        }
        (self.n_squared_variances() / (self.n() * (self.n() - 1.0))).sqrt()
    }

    /// `n Σx² − (Σx)²`: exact unless amounts are beyond all money, then rounded.
    #[expect(clippy::cast_precision_loss, reason = "the one rounding step of a deviation")]
    fn n_squared_variances(&self) -> f64 {
        const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;
        let exact = || {
            let high = u64::try_from(self.high_squares).ok()?;
            let squares = (u128::from(high) << 64).checked_add(self.low_squares)?;
            let squares = squares.checked_mul(u128::from(self.n))?;
            squares.checked_sub(self.sum.unsigned_abs().checked_mul(self.sum.unsigned_abs())?)
        };
        let rounded = || {
            let squares = self.high_squares as f64 * TWO_TO_64 + self.low_squares as f64;
            (squares * self.n() - (self.sum as f64).powi(2)).max(0.0)
        };
        exact().map_or_else(rounded, |exact| exact as f64)
    }
}

impl FromIterator<i64> for Scatter {
    fn from_iter<I: IntoIterator<Item = i64>>(values: I) -> Self {
        let mut scatter = Self::default();
        for value in values {
            scatter.add(value);
        }
        scatter
    }
}

const fn halves_of_square(value: i64) -> (u128, u128) {
    let size = value.unsigned_abs() as u128;
    let square = size * size;
    (square & u64::MAX as u128, square >> 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deviation_of_known_values() {
        let scatter: Scatter = [200, 400, 400, 400, 500, 500, 700, 900].into_iter().collect();
        // Squared distances from 500 add up to 320,000.
        assert!((scatter.std() - (320_000.0_f64 / 7.0).sqrt()).abs() < 1e-12);
        assert_eq!(scatter.sum(), 4000.0);
        assert_eq!([150].into_iter().collect::<Scatter>().std(), 0.0);
        assert_eq!([333; 7].into_iter().collect::<Scatter>().std(), 0.0);
    }

    #[test]
    fn amounts_beyond_all_money_stay_finite_and_can_be_taken_away() {
        let values = || (0..5000).map(|i| if i % 2 == 0 { i64::MAX } else { i64::MIN + i });
        let mut scatter: Scatter = [-7, 12].into_iter().chain(values()).collect();
        // Half at 2⁶³, half at −2⁶³: each is about 2⁶³ from their mean.
        assert!((scatter.std() / 2.0_f64.powi(63) - 1.0).abs() < 1e-3, "{}", scatter.std());
        values().for_each(|value| scatter.remove(value));
        assert_eq!(scatter, [-7, 12].into_iter().collect());
    }
}
