//! The global network on the NN5 competition: daily withdrawals at 111 cash machines.

use fincoach::core::Fit;
use fincoach::core::chrono::NaiveDate;
use fincoach::core::ndarray::{Array2, Array3};
use fincoach::forecast::{GlobalParams, SeriesSet, weekday_inputs};

use crate::data;

pub(crate) const TESTS: &[(&str, fn())] =
    &[("a_network_beats_the_published_ones_on_days_it_has_not_seen", beats_the_published)];

const HORIZON: usize = 56;

/// All of the file: series, days, and where a value is known.
fn read() -> SeriesSet {
    let path = data::folder().unwrap().join("nn5_daily.csv");
    let mut file = csv::Reader::from_path(path).unwrap();
    let rows: Vec<Vec<Option<f64>>> = file
        .records()
        .map(|row| row.unwrap().iter().skip(1).map(|cell| cell.trim().parse().ok()).collect())
        .collect();
    let dim = (rows[0].len(), rows.len());
    let values = Array2::from_shape_fn(dim, |(series, day)| rows[day][series].unwrap_or(0.0));
    let observed = Array2::from_shape_fn(dim, |(series, day)| rows[day][series].is_some());
    let first = NaiveDate::from_ymd_opt(1996, 3, 18).unwrap();
    let known = weekday_inputs(first, rows.len());
    SeriesSet::of_one_target(values, observed).unwrap().with_known(known).unwrap()
}

/// The mean over series of sMAPE in per cent; gaps are filled by the median of the series' weekday, as in the
/// Monash archive, with which the published scores were computed.
fn smape(set: &SeriesSet, point: &Array3<f64>) -> f64 {
    let (n_days, mut total) = (set.n_days(), 0.0);
    for series in 0..set.n_series() {
        for (after, day) in (n_days - HORIZON..n_days).enumerate() {
            let of_weekday = || (day % 7..n_days).step_by(7);
            let value = if set.observed()[[series, day, 0]] {
                set.values()[[series, day, 0]]
            } else {
                let known = of_weekday().filter(|day| set.observed()[[series, *day, 0]]);
                let mut values: Vec<f64> = known.map(|day| set.values()[[series, day, 0]]).collect();
                values.sort_by(f64::total_cmp);
                f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2])
            };
            let forecast = point[[series, after, 0]];
            let size = value.abs() + forecast.abs();
            total += if size > 0.0 { 200.0 * (value - forecast).abs() / size } else { 0.0 };
        }
    }
    total / (set.n_series() * HORIZON) as f64
}

/// One seed on every seventh day: a fifth of the time of the whole training, see the model page for that.
fn beats_the_published() {
    let all = read();
    assert_eq!((all.n_series(), all.n_days()), (111, 791));
    assert_eq!(all.observed().iter().filter(|observed| !**observed).count(), 1677);
    let before = all.until(all.n_days() - HORIZON);
    let params = GlobalParams::nn5().with_stride(7).with_max_epochs(8);
    let forecast = params.fit(&before).unwrap().forecast(&before).unwrap();
    let error = smape(&all, &forecast.point);
    // Published: TBATS 21.19, ETS 21.57, WaveNet 22.73, FFNN 23.39, DeepAR 23.85.
    println!("nn5: sMAPE {error:.2}");
    assert!(error < 21.2, "{error}");
}
