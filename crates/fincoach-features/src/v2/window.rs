//! The sums of a window, to which rows are added and from which they are taken.

use super::counter::Counter;
use super::rows::{LARGEST_SQUARED, Marks, N_SLOTS, Row};
use crate::booking::Kind;

/// Whether a row comes into the window or leaves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Enters,
    Leaves,
}

impl Step {
    const fn sign(self) -> i64 {
        match self {
            Self::Enters => 1,
            Self::Leaves => -1,
        }
    }
}

/// What was spent on each category, refunds taken off.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ByCategory(pub(crate) [i128; N_SLOTS]);

impl ByCategory {
    pub(crate) fn apply(&mut self, row: &Row, step: Step) {
        let amount = i128::from(row.size) * i128::from(step.sign());
        if let Some(spent) = self.0.get_mut(row.slot()) {
            match row.kind {
                Kind::Purchase => *spent += amount,
                Kind::Refund => *spent -= amount,
                _ => {}
            }
        }
    }
}

/// The sums of the rows in the window, in minor units.
#[derive(Clone, Debug, Default)]
pub(crate) struct Window {
    pub(crate) n: i64,
    pub(crate) n_purchases: i64,
    pub(crate) spent: ByCategory,
    /// Purchases from Monday to Sunday.
    pub(crate) by_weekday: [i128; 7],
    /// Purchases by quarter of the day.
    pub(crate) by_quarter: [i128; 4],
    pub(crate) n_timed: i64,
    pub(crate) n_rapid: i64,
    /// Purchases with amounts cut off, and the sum of their squares.
    pub(crate) cut: i128,
    pub(crate) squares: u128,
    pub(crate) recurring: i128,
    pub(crate) judged: i128,
    pub(crate) large: i128,
    pub(crate) n_judged: i64,
    pub(crate) n_large: i64,
    /// Purchases at merchants not met before.
    pub(crate) new_merchants: i128,
    pub(crate) merchants: Counter,
    /// Purchases in each city, counted.
    pub(crate) cities: Counter,
    pub(crate) weekend_income: i128,
    pub(crate) timed_income: i128,
    pub(crate) morning_income: i128,
    pub(crate) aside: i128,
    pub(crate) n_deposits: i64,
}

impl Window {
    pub(crate) fn apply(&mut self, row: &Row, step: Step) {
        self.n += step.sign();
        self.spent.apply(row, step);
        let amount = i128::from(row.size) * i128::from(step.sign());
        match row.kind {
            Kind::Purchase => self.purchase(row, amount, step),
            Kind::Income => self.income(row, amount),
            Kind::Aside => {
                self.aside += amount;
                self.n_deposits += if row.size > 0 { step.sign() } else { 0 };
            }
            Kind::Refund | Kind::Move => {}
        }
    }

    fn purchase(&mut self, row: &Row, amount: i128, step: Step) {
        self.n_purchases += step.sign();
        add_at(&mut self.by_weekday, row.weekday(), amount);
        if let Some(quarter) = row.quarter() {
            add_at(&mut self.by_quarter, quarter, amount);
            self.n_timed += step.sign();
        }
        self.spread(row, step);
        self.marked(row, amount, step);
        match (step, row.merchant) {
            (_, 0) => {}
            (Step::Enters, merchant) => self.merchants.add(merchant, row.size),
            (Step::Leaves, merchant) => self.merchants.remove(merchant, row.size),
        }
        match (step, row.city) {
            (_, 0) => {}
            (Step::Enters, city) => self.cities.add(city, 1),
            (Step::Leaves, city) => self.cities.remove(city, 1),
        }
    }

    fn spread(&mut self, row: &Row, step: Step) {
        let cut = i128::from(row.size.min(LARGEST_SQUARED));
        let square = (cut * cut).unsigned_abs();
        self.cut += cut * i128::from(step.sign());
        self.squares = match step {
            Step::Enters => self.squares.wrapping_add(square),
            Step::Leaves => self.squares.wrapping_sub(square),
        };
    }

    fn marked(&mut self, row: &Row, amount: i128, step: Step) {
        let when = |mark: Marks| if row.marks.has(mark) { (amount, step.sign()) } else { (0, 0) };
        self.recurring += when(Marks::RECURRING).0;
        self.new_merchants += when(Marks::NEW_MERCHANT).0;
        self.n_rapid += when(Marks::RAPID).1;
        let (judged, large) = (when(Marks::JUDGED), when(Marks::LARGE));
        self.judged += judged.0;
        self.n_judged += judged.1;
        self.large += large.0;
        self.n_large += large.1;
    }

    fn income(&mut self, row: &Row, amount: i128) {
        self.weekend_income += if row.weekday() >= 5 { amount } else { 0 };
        if let Some(quarter) = row.quarter() {
            self.timed_income += amount;
            self.morning_income += if quarter < 2 { amount } else { 0 };
        }
    }
}

fn add_at(sums: &mut [i128], at: usize, amount: i128) {
    if let Some(sum) = sums.get_mut(at) {
        *sum += amount;
    }
}
