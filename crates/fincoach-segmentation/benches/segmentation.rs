//! K-means, silhouette, principal components and a whole segmentation on overlapping groups.

#![allow(clippy::unwrap_used, missing_docs, reason = "a bench")]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fincoach_core::chrono::NaiveDate;
use fincoach_core::metrics::silhouette;
use fincoach_core::ndarray::Array2;
use fincoach_core::{FeatureTable, Fit, Predict, RowKey, rng};
use fincoach_segmentation::{KMeansParams, Pca, SegmentationParams};

const N_COLUMNS: usize = 35;

/// Five groups whose centres lie about as far apart as their members.
fn points(n_rows: usize) -> Array2<f64> {
    let mut rng = rng::stream(7, 0);
    let centres = Array2::from_shape_simple_fn((5, N_COLUMNS), || 0.6 * rng.normal());
    Array2::from_shape_fn((n_rows, N_COLUMNS), |(row, column)| centres[[row % 5, column]] + rng.normal())
}

fn table(n_rows: usize) -> FeatureTable {
    let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
    let keys = (0..n_rows).map(|user| RowKey { user: user.to_string(), as_of }).collect();
    let columns = (0..N_COLUMNS).map(|column| format!("column_{column}"));
    FeatureTable::new(keys, columns, points(n_rows)).unwrap()
}

fn kmeans(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("segmentation/kmeans");
    group.sample_size(10);
    for n_rows in [1_000, 10_000] {
        let points = points(n_rows);
        group.throughput(Throughput::Elements(n_rows as u64));
        let params = KMeansParams::default().with_n_init(10);
        group.bench_function(BenchmarkId::from_parameter(format!("{n_rows}x{N_COLUMNS}")), |bencher| {
            bencher.iter(|| params.fit(black_box(&points)).unwrap());
        });
    }
    group.finish();
}

fn others(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("segmentation");
    group.sample_size(10).throughput(Throughput::Elements(1_000));
    let table = table(1_000);
    let points = table.values();
    let model = SegmentationParams::default().with_n_init(10).fit(&table).unwrap();
    let labels: Vec<usize> = model.predict(&table).unwrap().iter().map(|found| found.segment).collect();
    group.bench_function("silhouette/1000x35", |bencher| {
        bencher.iter(|| silhouette(black_box(points), &labels).unwrap());
    });
    group.bench_function("pca/1000x35", |bencher| bencher.iter(|| Pca::fit(black_box(points), 2).unwrap()));
    group.bench_function("fit/1000x35", |bencher| {
        bencher.iter(|| SegmentationParams::default().with_n_init(10).fit(black_box(&table)).unwrap());
    });
    group.bench_function("predict/1000x35", |bencher| {
        bencher.iter(|| model.predict(black_box(&table)).unwrap());
    });
    group.finish();
}

criterion_group!(benches, kmeans, others);
criterion_main!(benches);
