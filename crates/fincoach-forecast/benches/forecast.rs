//! Training and answering with the notebook's network: 7 days × 11 categories, 2 × 64 units.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench stops at the first failure")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fincoach_core::Fit;
use fincoach_core::chrono::NaiveDate;
use fincoach_core::ndarray::Array2;
use fincoach_core::rng::stream;
use fincoach_forecast::{
    Forecaster, GlobalModel, GlobalParams, LstmParams, Panel, PanelModel, Plain, Rule, Series, Split,
};
use linfa_linalg::cholesky::InverseC;

// As in every binary of ours: glibc gives the pages of each step back to the system.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Users of 71 days: 64 training windows each without a validation part.
fn panel(n_users: usize) -> Panel {
    let series = (0..n_users).map(|user| {
        let mut rng = stream(1, user as u64);
        let values = Array2::from_shape_fn((71, 11), |_| rng.gamma(0.3, 20.0));
        Series::new(user.to_string(), NaiveDate::from_ymd_opt(2024, 1, 1).unwrap(), values).unwrap()
    });
    Panel::new((0..11).map(|category| category.to_string()).collect(), series.collect()).unwrap()
}

fn train(c: &mut Criterion) {
    let data = panel(16);
    let mut group = c.benchmark_group("forecast/train_samples");
    group.sample_size(10);
    for batch in [16, 64, 256] {
        let params =
            LstmParams::default().with_batch_size(batch).with_max_epochs(4).with_split(Split::new(0.0, 0.0));
        group.throughput(Throughput::Elements(16 * 64 * 4));
        group.bench_function(batch.to_string(), |b| b.iter(|| params.fit(&data).unwrap()));
    }
    group.finish();
}

fn infer(c: &mut Criterion) {
    let data = panel(1);
    let model = LstmParams::default().with_max_epochs(1).fit(&data).unwrap();
    let history = data.series()[0].history(71);
    let mut group = c.benchmark_group("forecast/infer");
    group.throughput(Throughput::Elements(1));
    group.bench_function("1", |b| b.iter(|| model.forecast(&history, 1).unwrap()));
    group.finish();
    let mut group = c.benchmark_group("forecast/rule");
    group.throughput(Throughput::Elements(1));
    group.bench_function("weekday_mean/71", |b| b.iter(|| Rule::WeekdayMean.forecast(&history, 1).unwrap()));
    group.finish();
}

/// The network for many series at its default size: all categories and the total of 16 users, 14 days from 8 weeks.
fn global(c: &mut Criterion) {
    let data = panel(16);
    let params = GlobalParams::default().with_horizon(14).with_first_origin(40).with_max_epochs(1);
    let model = GlobalModel::new("lstm", params);
    let mut group = c.benchmark_group("forecast/global_train");
    group.sample_size(10);
    // Origins from day 40 to day 57, one a day and user.
    group.throughput(Throughput::Elements(16 * 18));
    group.bench_function("16x12", |b| b.iter(|| model.train(&data).unwrap()));
    group.finish();
    let fitted = model.fit(&data).unwrap();
    let mut group = c.benchmark_group("forecast/global_infer");
    group.throughput(Throughput::Elements(16));
    group.bench_function("16x12", |b| b.iter(|| fitted.forecast(&data, 14).unwrap()));
    group.finish();
}

/// One column of two years; and, beside the habit, how long the library takes for one of the ten inverses or so of a fit
/// that would then be computed with it.
fn plain(c: &mut Criterion) {
    let mut rng = stream(2, 0);
    let values =
        Array2::from_shape_fn((730, 1), |(day, _)| if day % 30 == 3 { 100.0 } else { rng.gamma(0.3, 20.0) });
    let start = NaiveDate::from_ymd_opt(2023, 1, 1).unwrap();
    let data = Panel::new(vec!["all".into()], vec![Series::new("a", start, values).unwrap()]).unwrap();
    let mut group = c.benchmark_group("forecast/plain");
    for model in [Plain::Habit { days: 0 }, Plain::MonthdayMean { months: 0 }, Plain::Ets] {
        let fitted = model.fit(&data).unwrap();
        group.bench_function(format!("{}/730", model.name()), |b| {
            b.iter(|| fitted.forecast(&data, 30).unwrap());
        });
    }
    let matrix = Array2::from_shape_fn((38, 38), |(a, b)| if a == b { 40.0 } else { 1.0 });
    group.bench_function("linfa_inverse/38", |b| b.iter(|| matrix.invc().unwrap()));
    group.finish();
}

criterion_group!(benches, train, infer, plain, global);
criterion_main!(benches);
