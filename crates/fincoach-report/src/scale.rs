//! From values to places on an axis.

use crate::NumberFormat;

/// An axis: what values it spans, on which scale, and where its ticks are.
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    pub(crate) label: String,
    pub(crate) ticks: Vec<Tick>,
    min: f64,
    max: f64,
    is_log: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    pub(crate) value: f64,
    pub(crate) text: String,
}

/// The smallest and largest value of an axis, apart from each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Domain {
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Domain {
    /// The span of the values; one value alone gets room on both sides.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let (min, max) = values
            .into_iter()
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(min, max), v| (min.min(v), max.max(v)));
        let size = min.abs().max(max.abs());
        if max - min > size * 1e-9 {
            return Self { min, max };
        }
        // Below this, neighbouring ticks would carry the same number.
        let room = if size == 0.0 { 1.0 } else { size * 0.1 };
        Self { min: min - room, max: max + room }
    }

    /// The span of the values and 0; where all are 0, up to 1.
    pub(crate) fn from_zero(values: impl IntoIterator<Item = f64>) -> Self {
        let domain = values.into_iter().fold((0.0_f64, 0.0_f64), |(min, max), v| (min.min(v), max.max(v)));
        match domain {
            (0.0, 0.0) => Self { min: 0.0, max: 1.0 },
            (min, max) => Self { min, max },
        }
    }

    /// A share of the span more on both sides.
    pub(crate) fn padded(self, share: f64) -> Self {
        let room = (self.max - self.min) * share;
        Self { min: self.min - room, max: self.max + room }
    }
}

impl Axis {
    /// Linear, with ends as given.
    pub(crate) fn linear(label: &str, domain: Domain, ticks: &TickRule<'_>) -> Self {
        let Domain { min, max } = domain;
        Self { label: label.to_owned(), ticks: ticks.within(domain), min, max, is_log: false }
    }

    /// Linear, with ends moved out to ticks.
    pub(crate) fn rounded(label: &str, domain: Domain, ticks: &TickRule<'_>) -> Self {
        let step = ticks.step(domain);
        let ends = Domain { min: (domain.min / step).floor() * step, max: (domain.max / step).ceil() * step };
        Self::linear(label, ends, &TickRule { fixed_step: Some(step), ..*ticks })
    }

    /// Logarithmic, with ends as given; both positive.
    pub(crate) fn log(label: &str, domain: Domain, format: &NumberFormat) -> Self {
        // Room is made by factors: 5 % of the way between the logarithms.
        let room = ((domain.max.ln() - domain.min.ln()) * 0.05).exp().min(1e4);
        let (min, max) = ((domain.min / room).max(1e-305), domain.max * room);
        let ticks =
            log_ticks(min, max).into_iter().map(|value| Tick { value, text: format.write(value) }).collect();
        Self { label: label.to_owned(), ticks, min, max, is_log: true }
    }

    /// Linear with ticks the caller has made.
    pub(crate) fn with_ticks(label: &str, domain: Domain, ticks: Vec<Tick>) -> Self {
        Self { label: label.to_owned(), ticks, min: domain.min, max: domain.max, is_log: false }
    }

    /// Where a value lies: 0 at the lower end, 1 at the upper.
    pub(crate) fn place(&self, value: f64) -> f64 {
        let at = |value: f64| if self.is_log { value.ln() } else { value };
        (at(value) - at(self.min)) / (at(self.max) - at(self.min))
    }
}

/// How ticks are chosen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TickRule<'a> {
    pub(crate) format: &'a NumberFormat,
    /// About how many.
    pub(crate) target: u32,
    /// Whether only whole numbers make sense.
    pub(crate) is_whole: bool,
    pub(crate) fixed_step: Option<f64>,
}

impl<'a> TickRule<'a> {
    pub(crate) const fn new(format: &'a NumberFormat, target: u32) -> Self {
        Self { format, target, is_whole: false, fixed_step: None }
    }

    /// 1, 2 or 5 times a power of ten, so that there are `target` ticks or a few less.
    fn step(&self, domain: Domain) -> f64 {
        if let Some(step) = self.fixed_step {
            return step;
        }
        let raw = (domain.max - domain.min) / f64::from(self.target.max(1));
        let power = 10_f64.powf(raw.log10().floor());
        let nice =
            [1.0, 2.0, 5.0].into_iter().map(|digit| digit * power).find(|step| *step >= raw * (1.0 - 1e-9));
        let step = nice.unwrap_or(10.0 * power);
        if self.is_whole { step.max(1.0) } else { step }
    }

    fn within(&self, domain: Domain) -> Vec<Tick> {
        let step = self.step(domain);
        // Ends that are ticks but for rounding count.
        let first = (domain.min / step - 1e-6).ceil();
        let n_ticks = ((domain.max / step + 1e-6).floor() - first).clamp(0.0, 200.0);
        let values = std::iter::successors(Some(0.0), |i| Some(i + 1.0)).take_while(|i| *i <= n_ticks);
        values
            .map(|i| (first + i) * step)
            .map(|value| Tick { value, text: self.format.tick(value, step) })
            .collect()
    }
}

fn log_ticks(min: f64, max: f64) -> Vec<f64> {
    #[expect(clippy::cast_possible_truncation, reason = "exponents of an f64 fit an i32")]
    let (first, last) = (min.log10().floor() as i32, max.log10().ceil() as i32);
    let digits: &[f64] = if last - first <= 2 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let stride = usize::try_from((last - first) / 8 + 1).unwrap_or(1);
    let all =
        (first..=last).step_by(stride).flat_map(|power| digits.iter().map(move |d| d * 10_f64.powi(power)));
    let ticks: Vec<f64> = all.filter(|value| (min..=max).contains(value)).collect();
    if ticks.len() >= 2 { ticks } else { vec![min, (min * max).sqrt(), max] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|tick| tick.text.as_str()).collect()
    }

    #[test]
    fn ticks_are_round_numbers() {
        let plain = NumberFormat::Plain;
        let axis = Axis::rounded("", Domain::of([3.0, 97.0]), &TickRule::new(&plain, 5));
        assert_eq!(texts(&axis), ["0", "20", "40", "60", "80", "100"]);
        assert_eq!((axis.place(0.0), axis.place(50.0)), (0.0, 0.5));
        let axis = Axis::linear(
            "",
            Domain::of([2.0, 10.0]),
            &TickRule { is_whole: true, ..TickRule::new(&plain, 20) },
        );
        assert_eq!(texts(&axis), ["2", "3", "4", "5", "6", "7", "8", "9", "10"]);
    }

    #[test]
    fn a_logarithmic_axis_has_powers_of_ten() {
        let axis = Axis::log("", Domain::of([0.002, 700.0]), &NumberFormat::Plain);
        assert_eq!(texts(&axis), ["0.01", "0.1", "1", "10", "100", "1,000"]);
        assert!((axis.place((0.002_f64 * 700.0).sqrt()) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn any_span_gives_a_few_distinct_ticks() {
        let plain = NumberFormat::Plain;
        for values in [
            [0.0, 0.0],
            [5.0, 5.0],
            [-1e300, 1e300],
            [1e-300, 2e-300],
            [1e15, 1e15 + 1.0],
            [-3.0, -3.0],
            [0.1, 0.1 + 1e-12],
        ] {
            let axis = Axis::rounded("", Domain::of(values), &TickRule::new(&plain, 5));
            assert!((2..=12).contains(&axis.ticks.len()), "{values:?}: {:?}", axis.ticks);
            let mut texts = texts(&axis);
            texts.dedup();
            assert_eq!(texts.len(), axis.ticks.len(), "{values:?}: {:?}", axis.ticks);
            assert!(
                values.iter().all(|value| (-1e-9..=1.0 + 1e-9).contains(&axis.place(*value))),
                "{values:?}"
            );
        }
    }
}
