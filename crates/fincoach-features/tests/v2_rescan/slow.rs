//! Schema v2 as its documentation says, from all rows of one user, with no thought for speed.
//!
//! Marks that come from the detection of recurring payments are not here; they have their own known answers.

use std::collections::BTreeMap;

use fincoach_core::{Category, LedgerView, Money, Role, TimePrecision};

const DAY: i64 = 86_400;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Purchase,
    Refund,
    Income,
    Aside,
    Nothing,
}

struct Row {
    time: i64,
    day: i64,
    timed: bool,
    amount: i128,
    balance: Option<i64>,
    kind: Kind,
    slot: usize,
    account: usize,
    merchant: usize,
    city: usize,
    large: Option<bool>,
    new: bool,
    rapid: bool,
}

pub(crate) struct Slow {
    rows: Vec<Row>,
    today: i64,
    window: i64,
    base: i64,
    quantile: f64,
}

type Values = BTreeMap<&'static str, Option<f64>>;

fn ratio(part: i128, whole: i128) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl Slow {
    /// The rows of `user` up to `as_of` (seconds); `sizes` are window and baseline in days.
    pub(crate) fn new(user: LedgerView<'_>, as_of: i64, sizes: (i64, i64), quantile: f64) -> Self {
        let past: Vec<Row> =
            (0..user.len()).filter(|row| user.times()[*row] <= as_of).map(|row| read(user, row)).collect();
        let mut slow =
            Self { rows: past, today: as_of.div_euclid(DAY), window: sizes.0, base: sizes.1, quantile };
        for at in 0..slow.rows.len() {
            let (large, new, rapid) = (slow.is_large(at), slow.is_new(at), slow.is_rapid(at));
            let row = &mut slow.rows[at];
            (row.large, row.new, row.rapid) = (large, new, rapid);
        }
        slow
    }

    fn is_large(&self, at: usize) -> Option<bool> {
        let row = &self.rows[at];
        let mut earlier: Vec<i128> = self.rows[..at]
            .iter()
            .filter(|other| other.kind == Kind::Purchase && other.day > row.day - self.base)
            .map(|other| -other.amount)
            .collect();
        earlier.sort_unstable();
        let rank = (self.quantile * earlier.len() as f64).ceil() as usize;
        (row.kind == Kind::Purchase && earlier.len() >= 20).then(|| -row.amount > earlier[rank - 1])
    }

    fn is_new(&self, at: usize) -> bool {
        let row = &self.rows[at];
        let out =
            |other: &Row| other.kind == Kind::Purchase || (other.kind == Kind::Aside && other.amount < 0);
        let last = self.rows[..at].iter().rev().find(|other| other.merchant == row.merchant && out(other));
        row.kind == Kind::Purchase && row.merchant > 0 && last.is_none_or(|last| row.day - last.day > 400)
    }

    fn is_rapid(&self, at: usize) -> bool {
        let row = &self.rows[at];
        let timed = |other: &&Row| other.kind == Kind::Purchase && other.timed;
        let last = self.rows[..at].iter().rev().find(timed);
        timed(&row) && last.is_some_and(|last| row.time - last.time < 3600)
    }

    fn first(&self) -> i64 {
        self.rows[0].day
    }

    fn between(&self, first: i64, last: i64) -> impl Iterator<Item = &Row> + Clone {
        self.rows.iter().filter(move |row| (first..=last).contains(&row.day))
    }

    fn spending(&self, first: i64, last: i64) -> i128 {
        let counts = |row: &&Row| matches!(row.kind, Kind::Purchase | Kind::Refund);
        self.between(first, last).filter(counts).map(|row| -row.amount).sum()
    }

    fn income(&self, first: i64, last: i64) -> i128 {
        self.between(first, last).filter(|row| row.kind == Kind::Income).map(|row| row.amount).sum()
    }

    fn by_category(&self, first: i64, last: i64) -> [i128; 9] {
        let mut sums = [0; 9];
        for row in self.between(first, last).filter(|row| matches!(row.kind, Kind::Purchase | Kind::Refund)) {
            sums[row.slot] -= row.amount;
        }
        sums
    }

    /// The balance at the end of a day.
    fn closing(&self, day: i64) -> Option<i64> {
        let mut accounts: BTreeMap<usize, i64> = BTreeMap::new();
        for row in self.rows.iter().filter(|row| row.day <= day) {
            let known = accounts.get(&row.account).map(|known| known + row.amount as i64);
            if let Some(next) = row.balance.or(known) {
                accounts.insert(row.account, next);
            }
        }
        (!accounts.is_empty()).then(|| accounts.values().sum())
    }

    pub(crate) fn values(&self) -> Values {
        let mut values = Values::new();
        self.totals(&mut values);
        self.categories(&mut values);
        self.timing(&mut values);
        self.reserve(&mut values);
        self.places(&mut values);
        self.trend(&mut values);
        values
    }

    fn start(&self) -> i64 {
        self.today - self.window + 1
    }

    fn covered(&self) -> i64 {
        self.window.min(self.today - self.first() + 1)
    }

    fn in_window(&self, kind: Kind) -> Vec<&Row> {
        self.between(self.start(), self.today).filter(|row| row.kind == kind).collect()
    }

    fn totals(&self, values: &mut Values) {
        let (s, i) = (self.spending(self.start(), self.today), self.income(self.start(), self.today));
        let purchases = self.in_window(Kind::Purchase);
        let p: i128 = purchases.iter().map(|row| -row.amount).sum();
        let n = purchases.len() as i128;
        let squares: i128 = purchases.iter().map(|row| row.amount * row.amount).sum();
        let mut days: Vec<i64> = purchases.iter().map(|row| row.day).collect();
        days.dedup();
        let aside: i128 = self.in_window(Kind::Aside).iter().map(|row| -row.amount).sum();
        let refunds: i128 = self.in_window(Kind::Refund).iter().map(|row| row.amount).sum();
        let deviation = (n > 1).then(|| ((n * squares - p * p) as f64 / (n * (n - 1)) as f64).sqrt());
        values.extend([
            ("spending", Some(s as f64 / 100.0)),
            ("income", Some(i as f64 / 100.0)),
            ("net_flow", Some((i - s) as f64 / 100.0)),
            ("refunds", Some(refunds as f64 / 100.0)),
            ("spending_per_day", Some(s as f64 / 100.0 / self.covered() as f64)),
            ("transaction_count", Some(self.between(self.start(), self.today).count() as f64)),
            ("purchase_count", Some(n as f64)),
            ("purchase_day_share", Some(days.len() as f64 / self.covered() as f64)),
            ("mean_purchase", (n > 0).then(|| p as f64 / 100.0 / n as f64)),
            ("purchase_deviation", deviation.map(|deviation| deviation / 100.0)),
            (
                "purchase_variation",
                deviation.filter(|_| p > 0).map(|deviation| deviation * n as f64 / p as f64),
            ),
            ("put_aside", Some(aside as f64 / 100.0)),
            ("put_aside_rate", ratio(aside, i)),
            (
                "deposit_count",
                Some(self.in_window(Kind::Aside).iter().filter(|row| row.amount < 0).count() as f64),
            ),
            ("history_days", Some((self.today - self.first() + 1) as f64)),
            ("quiet_days", Some((self.today - self.rows.last().unwrap().day) as f64)),
        ]);
    }

    fn categories(&self, values: &mut Values) {
        const NAMES: [(&str, &str); 9] = [
            ("groceries_spending", "groceries_share"),
            ("dine_out_spending", "dine_out_share"),
            ("entertainment_spending", "entertainment_share"),
            ("bills_spending", "bills_share"),
            ("transport_spending", "transport_share"),
            ("shopping_spending", "shopping_share"),
            ("health_spending", "health_share"),
            ("fitness_spending", "fitness_share"),
            ("other_spending", "other_share"),
        ];
        let spent = self.by_category(self.start(), self.today);
        let mut positive = spent.map(|spent| spent.max(0));
        let whole: i128 = positive.iter().sum();
        for ((money, share), (spent, positive)) in NAMES.into_iter().zip(spent.into_iter().zip(positive)) {
            values.insert(money, Some(spent as f64 / 100.0));
            values.insert(share, ratio(positive, whole));
        }
        let shares = positive.map(|positive| positive as f64 / whole as f64);
        let entropy: f64 =
            shares.iter().filter(|share| **share > 0.0).map(|share| -share * share.log2()).sum();
        values.insert("category_entropy", (whole > 0).then_some(entropy));
        // Half the mean absolute difference of all pairs over the mean: another road to the same number.
        let differences: i128 =
            positive.iter().flat_map(|a| positive.iter().map(move |b| (a - b).abs())).sum();
        values.insert("category_gini", ratio(differences, 2 * 9 * whole));
        positive.sort_unstable();
        values.insert("top_category_share", ratio(positive[8], whole));
    }

    fn timing(&self, values: &mut Values) {
        let purchases = self.in_window(Kind::Purchase);
        let incomes = self.in_window(Kind::Income);
        let weekday = |row: &&&Row| (row.day + 3).rem_euclid(7);
        let quarter = |row: &&&Row| row.time.rem_euclid(DAY) / (6 * 3600);
        let timed = |row: &&&Row| row.timed;
        let sum = |rows: &[&Row], of: &dyn Fn(&&&Row) -> bool| -> i128 {
            rows.iter().filter(of).map(|row| row.amount.abs()).sum()
        };
        let p = sum(&purchases, &|_| true);
        for (name, day) in [
            ("monday_share", 0),
            ("tuesday_share", 1),
            ("wednesday_share", 2),
            ("thursday_share", 3),
            ("friday_share", 4),
        ] {
            values.insert(name, ratio(sum(&purchases, &|row| weekday(row) == day), p));
        }
        let earliest = self.start() - self.base;
        let weekends = self.between(earliest, self.today).any(|row| (row.day + 3).rem_euclid(7) > 4);
        let late = |rows: &[&Row]| sum(rows, &|row| weekday(row) > 4);
        let i = sum(&incomes, &|_| true);
        values.insert("weekend_spending_share", weekends.then(|| ratio(late(&purchases), p)).flatten());
        values.insert("weekday_spending_share", weekends.then(|| ratio(p - late(&purchases), p)).flatten());
        values.insert("weekend_income_share", weekends.then(|| ratio(late(&incomes), i)).flatten());
        let known = sum(&purchases, &timed);
        for (name, of_day) in [
            ("night_spending_share", 0),
            ("morning_spending_share", 1),
            ("afternoon_spending_share", 2),
            ("evening_spending_share", 3),
        ] {
            values.insert(name, ratio(sum(&purchases, &|row| row.timed && quarter(row) == of_day), known));
        }
        let morning = sum(&incomes, &|row| row.timed && quarter(row) < 2);
        values.insert("morning_income_share", ratio(morning, sum(&incomes, &timed)));
        let n_timed = purchases.iter().filter(timed).count() as i128;
        values.insert(
            "rapid_purchase_share",
            ratio(purchases.iter().filter(|row| row.rapid).count() as i128, n_timed),
        );
    }

    fn reserve(&self, values: &mut Values) {
        let ends: Vec<i64> = (self.start()..=self.today).filter_map(|day| self.closing(day)).collect();
        let n = ends.len() as f64;
        let balance = self.closing(self.today);
        let some = |value: f64| (!ends.is_empty()).then_some(value);
        let mean = ends.iter().sum::<i64>() as f64 / n;
        let variance = ends.iter().map(|end| (*end as f64 - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let (s, i) = (self.spending(self.start(), self.today), self.income(self.start(), self.today));
        let daily = s as f64 / self.covered() as f64;
        let buffer = balance.filter(|_| s > 0).map(|balance| (balance.max(0) as f64 / daily).min(3650.0));
        let before = self.closing(self.start() - 1);
        values.extend([
            ("balance", balance.map(|balance| balance as f64 / 100.0)),
            ("balance_change", balance.zip(before).map(|(now, before)| (now - before) as f64 / 100.0)),
            ("lowest_balance", ends.iter().min().map(|lowest| *lowest as f64 / 100.0)),
            ("mean_balance", some(mean / 100.0)),
            ("balance_deviation", (ends.len() > 1).then(|| variance.sqrt() / 100.0)),
            ("days_overdrawn", some(ends.iter().filter(|end| **end < 0).count() as f64)),
            ("overdrawn", balance.map(|balance| f64::from(u8::from(balance < 0)))),
            ("buffer_days", buffer),
            ("stress", balance.map(|_| f64::from(u8::from(s > i && buffer.is_some_and(|days| days < 7.0))))),
        ]);
    }

    fn places(&self, values: &mut Values) {
        let purchases = self.in_window(Kind::Purchase);
        let p: i128 = purchases.iter().map(|row| -row.amount).sum();
        let mut merchants: BTreeMap<usize, i128> = BTreeMap::new();
        let mut cities: BTreeMap<usize, i128> = BTreeMap::new();
        for row in &purchases {
            *merchants.entry(row.merchant).or_insert(0) -= row.amount;
            *cities.entry(row.city).or_insert(0) += 1;
        }
        merchants.remove(&0);
        cities.remove(&0);
        let known: i128 = merchants.values().sum();
        let top = |sums: &BTreeMap<usize, i128>| {
            ratio(sums.values().copied().max().unwrap_or(0), sums.values().sum())
        };
        let n = |sums: &BTreeMap<usize, i128>| (!sums.is_empty()).then_some(sums.len() as f64);
        let squares: f64 = merchants.values().map(|sum| (*sum as f64 / known as f64).powi(2)).sum();
        let sum = |of: &dyn Fn(&Row) -> bool| -> i128 {
            purchases.iter().filter(|row| of(row)).map(|row| -row.amount).sum()
        };
        let count = |of: &dyn Fn(&Row) -> bool| purchases.iter().filter(|row| of(row)).count() as i128;
        let two_windows = self.first() <= self.today - 2 * self.window + 1;
        values.extend([
            ("merchant_count", n(&merchants)),
            ("top_merchant_share", top(&merchants)),
            ("merchant_concentration", (known > 0).then_some(squares)),
            ("new_merchant_share", ratio(sum(&|row| row.new), p).filter(|_| two_windows)),
            ("city_count", n(&cities)),
            ("top_city_share", top(&cities)),
            (
                "large_purchase_share",
                ratio(sum(&|row| row.large == Some(true)), sum(&|row| row.large.is_some())),
            ),
            (
                "large_purchase_rate",
                ratio(count(&|row| row.large == Some(true)), count(&|row| row.large.is_some())),
            ),
        ]);
    }

    fn daily(&self, last: i64, days: i64) -> Option<f64> {
        let first = last - days + 1;
        (self.first() <= first).then(|| self.spending(first, last) as f64 / days as f64)
    }

    fn saving_rate(&self, last: i64, days: i64) -> Option<f64> {
        let first = last - days + 1;
        let (s, i) = (self.spending(first, last), self.income(first, last));
        (self.first() <= first && i > 0).then(|| (i - s) as f64 / i as f64)
    }

    fn slope(&self, days: i64) -> Option<f64> {
        let first = self.today - days + 1;
        let mean_day = (days - 1) as f64 / 2.0;
        let spent: Vec<f64> =
            (first..=self.today).map(|day| self.spending(day, day) as f64 / 100.0).collect();
        let above: f64 = (0..days).zip(&spent).map(|(day, spent)| (day as f64 - mean_day) * spent).sum();
        let below: f64 = (0..days).map(|day| (day as f64 - mean_day).powi(2)).sum();
        (self.first() <= first).then_some(above / below)
    }

    fn trend(&self, values: &mut Values) {
        let change = |value: Option<f64>, other: Option<f64>| {
            value.zip(other.filter(|other| *other > 0.0)).map(|(value, other)| value / other - 1.0)
        };
        let w = self.window;
        let covered = self.covered();
        let now = Some(self.spending(self.start(), self.today) as f64 / covered as f64);
        let earns = Some(self.income(self.start(), self.today) as f64 / covered as f64);
        let b = self.base.min(self.today - self.first() + 1 - w);
        let (from, to) = (self.today - w - b + 1, self.today - w);
        let has_base = b >= w;
        let base = has_base.then(|| self.spending(from, to) as f64 / b as f64);
        let base_income = has_base.then(|| self.income(from, to) as f64 / b as f64);
        let rates = [0, 1, 2].map(|n| self.saving_rate(self.today - n * w, w));
        let trend = rates[1].and(rates[0].zip(rates[2])).map(|(now, before)| (now - before) / 2.0);
        let year = self.daily(self.today - w, 365).filter(|year| *year > 0.0);
        let season = year.map(|year| self.daily(self.today - 365, w).unwrap() / year);
        let ahead = year.and_then(|year| Some(self.daily(self.today - 365 + w, w)? / year));
        let covers_season = self.first() <= self.today - 365 - w + 1;
        let shares = |spent: [i128; 9]| {
            let whole: i128 = spent.iter().map(|spent| (*spent).max(0)).sum();
            (whole > 0).then(|| spent.map(|spent| spent.max(0) as f64 / whole as f64))
        };
        let shift = shares(self.by_category(self.start(), self.today))
            .zip(has_base.then(|| shares(self.by_category(from, to))).flatten())
            .map(|(now, before)| now.iter().zip(before).map(|(a, b)| (a - b).abs()).sum::<f64>() / 2.0);
        let window_rate = {
            let (s, i) = (self.spending(self.start(), self.today), self.income(self.start(), self.today));
            ratio(i - s, i)
        };
        values.extend([
            ("saving_rate", window_rate),
            ("saving_rate_quarter", self.saving_rate(self.today, 91)),
            ("saving_rate_trend", trend),
            ("spending_change", change(self.daily(self.today, w), self.daily(self.today - w, w))),
            ("spending_vs_baseline", change(now, base)),
            ("income_vs_baseline", change(earns, base_income)),
            ("recent_pace", self.daily(self.today, w).and_then(|_| change(self.daily(self.today, 7), now))),
            ("spending_slope", self.slope(w)),
            ("spending_slope_quarter", self.slope(91)),
            ("category_shift", shift),
            ("season_factor", season.filter(|_| covers_season)),
            ("season_ahead_factor", ahead.filter(|_| covers_season)),
        ]);
        let spent = self.by_category(self.start(), self.today);
        let budgets = self.by_category(from, to).map(|base| base as f64 * (w as f64 / b as f64));
        let pairs = || spent.into_iter().zip(budgets).filter(|(_, budget)| has_base && *budget > 0.0);
        let whole: f64 = pairs().map(|(_, budget)| budget).sum();
        let over: f64 = pairs().map(|(spent, budget)| (spent as f64 - budget).max(0.0)).sum();
        let used: f64 = pairs().map(|(spent, _)| spent.max(0) as f64).sum();
        let kept = pairs().filter(|(spent, budget)| *spent as f64 <= *budget).count();
        let some = |value: f64| (whole > 0.0).then_some(value);
        values.extend([
            ("budget_used", some(used / whole)),
            ("budget_overspend", some(over / 100.0)),
            ("budget_adherence", some((1.0 - over / whole).max(0.0))),
            ("budgets_kept_share", some(kept as f64 / pairs().count() as f64)),
        ]);
    }
}

fn read(user: LedgerView<'_>, at: usize) -> Row {
    let row = user.row(at);
    let amount = i128::from(row.amount.minor());
    let kind = match (row.role, row.category) {
        (Role::Transfer, _) => Kind::Nothing,
        (Role::Refund, _) if amount > 0 => Kind::Refund,
        _ if amount == 0 => Kind::Nothing,
        (_, Category::Savings) => Kind::Aside,
        _ if amount < 0 => Kind::Purchase,
        _ => Kind::Income,
    };
    let merchant = user.merchants()[at];
    let merchant = if merchant.is_missing() { user.descriptions()[at] } else { merchant };
    Row {
        time: user.times()[at],
        day: user.times()[at].div_euclid(DAY),
        timed: row.precision == TimePrecision::Second,
        amount,
        balance: row.balance.map(Money::minor),
        kind,
        slot: row.category.index().min(8),
        account: user.accounts()[at].index(),
        merchant: merchant.index(),
        city: user.cities()[at].index(),
        large: None,
        new: false,
        rapid: false,
    }
}
