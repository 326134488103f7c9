//! The last few bookings of one kind, and the period they show.

use super::{Period, RecurringParams};

/// How many bookings are remembered.
pub(crate) const REMEMBERED: usize = 8;

/// After as many days of silence a series begins anew: a year, its tolerance and a little.
pub(crate) const LONGEST_SILENCE: i32 = 400;

/// One booking: its day, counted from 1970-01-01, and its amount without a sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Occurrence {
    pub(crate) day: i32,
    pub(crate) amount: i64,
}

/// The period a series shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Found {
    pub(crate) period: Period,
    /// The day on which it was first seen to recur.
    pub(crate) since: i32,
    /// The day the next booking is expected on.
    pub(crate) next: i32,
    /// Median amount; the lower one of two.
    pub(crate) amount: i64,
    /// From 0 to 1.
    pub(crate) confidence: f64,
}

impl Found {
    /// The first day on which the payment counts as lost.
    pub(crate) fn lost_on(&self) -> i32 {
        self.next.saturating_add(self.period.tolerance().cast_signed()).saturating_add(1)
    }
}

/// The last eight bookings, oldest first, those of one day added up.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Series {
    occurrences: [Occurrence; REMEMBERED],
    len: usize,
    /// The first booking, remembered or not.
    first: i32,
    /// All bookings so far.
    n: u32,
    /// The day on which it was first seen to recur; kept when it stops doing so for a while.
    since: Option<i32>,
    found: Option<Found>,
}

impl Series {
    pub(crate) fn found(&self) -> Option<&Found> {
        self.found.as_ref()
    }

    pub(crate) fn occurrences(&self) -> &[Occurrence] {
        self.occurrences.get(..self.len).unwrap_or(&[])
    }

    pub(crate) fn last(&self) -> Option<Occurrence> {
        self.occurrences().last().copied()
    }

    pub(crate) const fn first(&self) -> i32 {
        self.first
    }

    pub(crate) const fn n(&self) -> u32 {
        self.n
    }

    /// Adds a booking and looks again whether the series recurs. `O(1)`.
    pub(crate) fn push(&mut self, next: Occurrence, params: &RecurringParams) {
        match self.last() {
            Some(last) if last.day == next.day => self.add_to_last(next.amount),
            Some(last) if next.day - last.day > LONGEST_SILENCE => {
                *self = Self::default();
                self.append(next);
            }
            _ => self.append(next),
        }
        self.found = self.search(params);
        if let Some(found) = &mut self.found {
            found.since = *self.since.get_or_insert(next.day);
        }
    }

    fn add_to_last(&mut self, amount: i64) {
        if let Some(last) = self.occurrences.get_mut(self.len.wrapping_sub(1)) {
            last.amount = last.amount.saturating_add(amount);
        }
    }

    fn append(&mut self, next: Occurrence) {
        if self.n == 0 {
            self.first = next.day;
        }
        self.n = self.n.saturating_add(1);
        if self.len == REMEMBERED {
            self.occurrences.rotate_left(1);
            self.len -= 1;
        }
        if let Some(place) = self.occurrences.get_mut(self.len) {
            *place = next;
            self.len += 1;
        }
    }

    /// The period with the smallest drift that all gaps follow, if any.
    fn search(&self, params: &RecurringParams) -> Option<Found> {
        let occurrences = self.occurrences();
        let mut best: Option<(Period, Fit)> = None;
        for period in Period::ALL {
            if occurrences.len() < period.fewest(params.min_occurrences()) as usize {
                continue;
            }
            if let Some(fit) = Fit::of(occurrences, period)
                && best.as_ref().is_none_or(|(_, least)| fit.drift() < least.drift())
            {
                best = Some((period, fit));
            }
        }
        let (period, fit) = best?;
        let (amount, spread) = median_and_spread(occurrences);
        let allowed = params.amount_tolerance();
        // Written so that a median of nothing is refused.
        if !(amount > 0 && spread <= allowed) {
            return None;
        }
        let confidence = fit.confidence(period, occurrences.len()) * (1.0 - spread / 2.0);
        let last = occurrences.last()?.day;
        Some(Found { period, since: last, next: next_day(occurrences, period), amount, confidence })
    }
}

/// How well gaps follow a period; all lengths in sixteenths of a day.
#[derive(Clone, Copy, Debug, Default)]
struct Fit {
    /// The sum of the distances of the gaps from a whole number of periods.
    off: i32,
    /// How much longer than whole periods all gaps together are.
    span_off: i32,
    n_gaps: i32,
    n_periods: i32,
}

impl Fit {
    /// `None` unless every gap is one period within the tolerance, one exception aside: from four bookings on one may be
    /// missing, from five on one may be out of its place (a December salary paid before Christmas), also the last.
    fn of(occurrences: &[Occurrence], period: Period) -> Option<Self> {
        let (length, tolerance) = (period.sixteenths(), 16 * period.tolerance().cast_signed());
        let n = occurrences.len();
        let near = |gap: i32, periods: i32| (gap - periods * length).abs() <= tolerance;
        let mut fit = Self::default();
        let mut may_except = n > 3;
        // The newest gap first: most series are refused by it.
        let mut gaps = occurrences.windows(2).rev().map(|pair| match pair {
            [earlier, later] => 16 * (later.day - earlier.day),
            _ => 0,
        });
        let mut newest = true;
        while let Some(gap) = gaps.next() {
            if near(gap, 1) {
                fit.add(gap, 1, length);
            } else if may_except && near(gap, 2) {
                may_except = false;
                fit.add(gap, 2, length);
            } else if may_except && n > 4 {
                may_except = false;
                let out_of_place = newest && 2 * gap > length && 2 * gap < 3 * length;
                match gaps.clone().next().map(|before| gap + before).filter(|both| near(*both, 2)) {
                    Some(both) => {
                        fit.add(both, 2, length);
                        gaps.next();
                    }
                    None if out_of_place => {}
                    None => return None,
                }
            } else {
                return None;
            }
            newest = false;
        }
        (fit.n_gaps > 0).then_some(fit)
    }

    const fn add(&mut self, gap: i32, periods: i32, length: i32) {
        self.off += (gap - periods * length).abs();
        self.span_off += gap - periods * length;
        self.n_gaps += 1;
        self.n_periods += periods;
    }

    fn drift(&self) -> f64 {
        f64::from(self.span_off.abs()) / f64::from(self.n_periods)
    }

    fn confidence(&self, period: Period, n: usize) -> f64 {
        let n = f64::from(u8::try_from(n).unwrap_or(u8::MAX));
        let mean_off = f64::from(self.off) / f64::from(self.n_gaps);
        (1.0 - 1.0 / n) * (1.0 - mean_off / f64::from(16 * period.tolerance()) / 2.0)
    }
}

/// The median amount (the lower of two) and the median distance from it as a share of it.
fn median_and_spread(occurrences: &[Occurrence]) -> (i64, f64) {
    let mut values = [0_i64; REMEMBERED];
    let median = median(&mut values, occurrences.iter().map(|occurrence| occurrence.amount));
    let distances =
        occurrences.iter().map(|occurrence| (occurrence.amount.saturating_sub(median)).saturating_abs());
    let distance = self::median(&mut values, distances);
    #[expect(clippy::cast_precision_loss, reason = "a share, not money")]
    (median, distance as f64 / median as f64)
}

fn median(values: &mut [i64; REMEMBERED], from: impl Iterator<Item = i64>) -> i64 {
    let mut n = 0;
    for (place, value) in values.iter_mut().zip(from) {
        *place = value;
        n += 1;
    }
    let filled = values.get_mut(..n).unwrap_or(&mut []);
    filled.sort_unstable();
    filled.get(n.saturating_sub(1) / 2).copied().unwrap_or(0)
}

/// One period after the last booking by the calendar, moved by the median distance of the bookings from the days
/// that lie whole periods before the last: a payment of the 1st that came on Monday the 3rd is expected on the 1st.
fn next_day(occurrences: &[Occurrence], period: Period) -> i32 {
    let Some(last) = occurrences.last() else { return 0 };
    let length = period.sixteenths();
    let mut distances = [0_i64; REMEMBERED];
    let from_grid = occurrences.iter().map(|occurrence| {
        let steps = (16 * (last.day - occurrence.day) + length / 2) / length;
        i64::from(occurrence.day - period.step(last.day, -steps))
    });
    let moved = i32::try_from(median(&mut distances, from_grid)).unwrap_or(0);
    // Never on the day of the last booking or before it, however odd the days were.
    (period.step(last.day, 1) + moved).max(last.day + 1)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use fincoach_core::chrono;

    use super::super::period::number;
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> i32 {
        number(NaiveDate::from_ymd_opt(year, month, day).unwrap())
    }

    fn series(bookings: &[(i32, i64)]) -> Series {
        let mut series = Series::default();
        for (day, amount) in bookings {
            series.push(Occurrence { day: *day, amount: *amount }, &RecurringParams::default());
        }
        series
    }

    fn every(gap: i32, n: i32) -> Series {
        series(&(0..n).map(|i| (gap * i, 1000)).collect::<Vec<_>>())
    }

    #[test]
    fn each_period_is_told_from_its_neighbours() {
        let period = |gap, n| every(gap, n).found().map(|found| found.period);
        for (gap, expected) in [
            (7, Some(Period::Weekly)),
            (14, Some(Period::Fortnightly)),
            (28, Some(Period::FourWeekly)),
            (31, Some(Period::Monthly)),
            (91, Some(Period::Quarterly)),
            (365, Some(Period::Yearly)),
            (21, None),
            (60, None),
            (182, None),
        ] {
            assert_eq!(period(gap, 5), expected, "{gap} days");
        }
        assert_eq!(period(31, 3), Some(Period::Monthly));
        assert_eq!(period(31, 2), None);
        assert_eq!(period(7, 3), None, "three weeks in a row may be chance");
    }

    #[test]
    fn weekends_move_a_payment_and_the_next_one_goes_back() {
        // The 1st of October 2022 to January 2023: a Saturday, a Tuesday, a Thursday, a Sunday.
        let rent = series(&[
            (day(2022, 10, 3), 70_000),
            (day(2022, 11, 1), 70_000),
            (day(2022, 12, 1), 70_000),
            (day(2023, 1, 2), 70_000),
        ]);
        let found = rent.found().unwrap();
        assert_eq!((found.period, found.since), (Period::Monthly, day(2022, 12, 1)));
        // Distances from the 2nd: 1, -1, -1, 0; the lower median is -1.
        assert_eq!(found.next, day(2023, 2, 1));
        assert_eq!(found.lost_on(), day(2023, 2, 7));
    }

    #[test]
    fn one_payment_may_be_missing_and_no_more() {
        let monthly = |months: &[u32]| {
            let bookings: Vec<_> = months.iter().map(|month| (day(2023, *month, 15), 999)).collect();
            series(&bookings).found().map(|found| found.period)
        };
        assert_eq!(monthly(&[1, 2, 4, 5]), Some(Period::Monthly));
        assert_eq!(monthly(&[1, 2, 4]), None, "three bookings are too few for that");
        assert_eq!(monthly(&[1, 3, 4, 6]), None);
    }

    #[test]
    fn a_salary_paid_before_christmas_recurs_all_the_same() {
        let mut bookings: Vec<_> = (6..=11).map(|month| (day(2016, month, 30), 3000)).collect();
        bookings.push((day(2016, 12, 19), 3000));
        // On the day itself: the last booking is out of its place, the next one is expected where the others were.
        let early = series(&bookings);
        assert_eq!(
            early.found().map(|found| (found.period, found.next)),
            Some((Period::Monthly, day(2017, 1, 30)))
        );
        bookings.push((day(2017, 1, 31), 3000));
        let after = series(&bookings);
        assert_eq!(after.found().map(|found| found.since), Some(day(2016, 8, 30)));
        // Twice is once too often.
        bookings.push((day(2017, 2, 10), 3000));
        assert!(series(&bookings).found().is_none());
    }

    #[test]
    fn bills_may_drift_and_purchases_may_not_jump() {
        let with = |amounts: &[i64]| {
            let bookings: Vec<_> = (0..).zip(amounts).map(|(i, amount)| (30 * i, *amount)).collect();
            series(&bookings)
        };
        // Median 62, distances 10, 4, 0, 8, 28: median distance 8, so 13 %.
        let bill = with(&[52, 58, 62, 70, 90]);
        let found = bill.found().unwrap();
        assert_eq!(found.amount, 62);
        assert!(with(&[10, 300, 45, 900, 20]).found().is_none());
        assert!(with(&[0, 0, 0, 0]).found().is_none());
        // Gaps of 30 days are 7 sixteenths short of a month each: 1 - 7 / 80 / 2.
        let expected = (1.0 - 1.0 / 5.0) * (1.0 - 7.0 / 160.0) * (1.0 - 8.0 / 62.0 / 2.0);
        assert!((found.confidence - expected).abs() < 1e-15);
    }

    #[test]
    fn a_day_has_one_booking_and_a_long_silence_forgets() {
        let twice = series(&[(0, 500), (0, 500), (30, 1000), (61, 1000), (61, 10)]);
        assert_eq!(twice.occurrences().len(), 3);
        assert_eq!(twice.found().unwrap().amount, 1000);
        let silent = series(&[(0, 500), (30, 500), (61, 500), (462, 500)]);
        assert_eq!((silent.n(), silent.first(), silent.found()), (1, 462, None));
    }

    #[test]
    fn only_the_last_eight_bookings_count() {
        let mut bookings: Vec<_> = (0..4).map(|i| (i * 5, 100)).collect();
        bookings.extend((0..8).map(|i| (100 + 30 * i, 100)));
        assert!(series(&bookings[..11]).found().is_none());
        let settled = series(&bookings);
        assert_eq!(settled.found().unwrap().period, Period::Monthly);
        // Every five days until day 15 is no period; it recurs once the last of these is forgotten but for one.
        bookings.push((310 + 5, 100));
        bookings.push((310 + 7, 100));
        let broken = series(&bookings);
        assert!(broken.found().is_none());
        bookings.extend((1..=8).map(|i| (317 + 30 * i, 100)));
        // Since the first time, not since the last.
        let again = series(&bookings);
        assert_eq!(again.found().map(|found| found.since), settled.found().map(|found| found.since));
        assert_eq!((settled.n(), settled.first()), (12, 0));
    }
}
