//! K-means, silhouette, principal components and a whole segmentation on overlapping groups.
//!
//! `cargo bench -p fincoach-segmentation -- make FOLDER` writes the data for `benches/peers/kmeans.py`, and
//! `… -- run FOLDER` prints what the script prints.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_types,
    missing_docs,
    reason = "a bench tells the time"
)]

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group};
use fincoach_core::chrono::NaiveDate;
use fincoach_core::ndarray::Array2;
use fincoach_core::{FeatureTable, Fit, Predict, RowKey, rng};
use fincoach_segmentation::{
    DbscanParams, KMeansParams, MiniBatchParams, MixtureParams, Pca, SegmentationParams, silhouette,
};
use linfa::DatasetBase;
use linfa::traits::Fit as _;
use rand_xoshiro::Xoshiro256Plus;
use rand_xoshiro::rand_core::SeedableRng;

const N_COLUMNS: usize = 35;

/// How far apart the centres of the five groups lie, in deviations of their members for each column.
const OVERLAPPING: f64 = 0.25;
const SEPARATE: f64 = 1.5;

/// Five groups; a fit of the overlapping ones takes some dozen iterations.
fn points(n_rows: usize, spread: f64, seed: u64) -> Array2<f64> {
    let mut rng = rng::stream(seed, 0);
    let centres = Array2::from_shape_simple_fn((5, N_COLUMNS), || spread * rng.normal());
    Array2::from_shape_fn((n_rows, N_COLUMNS), |(row, column)| centres[[row % 5, column]] + rng.normal())
}

/// Each data set of the comparison with its name.
fn data_sets() -> Vec<(String, usize, f64, u64)> {
    let mut sets = Vec::new();
    for n_rows in [10_000, 100_000] {
        sets.push((format!("separate-{n_rows}-{N_COLUMNS}-0"), n_rows, SEPARATE, 0));
        for seed in 0..10 {
            sets.push((format!("overlapping-{n_rows}-{N_COLUMNS}-{seed}"), n_rows, OVERLAPPING, seed));
        }
    }
    sets
}

fn make(folder: &str) {
    std::fs::create_dir_all(folder).unwrap();
    for (name, n_rows, spread, seed) in data_sets() {
        let bytes: Vec<u8> =
            points(n_rows, spread, seed).iter().flat_map(|value| value.to_le_bytes()).collect();
        std::fs::write(Path::new(folder).join(name + ".f64"), bytes).unwrap();
    }
}

fn timed<T>(what: &str, n: usize, run: impl Fn() -> T) -> T {
    let mut seconds = Vec::new();
    let mut result = None;
    for _ in 0..n {
        let start = Instant::now();
        result = Some(run());
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    print!("{what}: best {:.4} s, median {:.4} s", seconds[0], seconds[n / 2]);
    result.unwrap()
}

fn run(folder: &str) {
    println!("{} threads", rayon::current_num_threads());
    for (name, n_rows, _, _) in data_sets() {
        // As the script, what the folder holds.
        let Ok(bytes) = std::fs::read(Path::new(folder).join(name.clone() + ".f64")) else { continue };
        let values = bytes.as_chunks::<8>().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
        let points = Array2::from_shape_vec((n_rows, N_COLUMNS), values).unwrap();
        let params = KMeansParams::default().with_n_init(10);
        let model = timed(&format!("kmeans {name}"), 5, || params.fit(&points).unwrap());
        println!(", inertia {:.10}, steps of the best {}", model.inertia(), model.report().n_steps());
        let batches = MiniBatchParams::default();
        let close = timed(&format!("mini-batch {name}"), 5, || batches.fit(&points).unwrap());
        println!(
            ", inertia {:.10}, above by {:.2e}",
            close.inertia(),
            close.inertia() / model.inertia() - 1.0
        );
        if name.ends_with("-0") {
            let inertia = timed(&format!("linfa-clustering {name}"), 3, || linfa_kmeans(&points));
            println!(", inertia {inertia:.10}");
        }
        if name.starts_with("overlapping-10000-") && name.ends_with("-0") {
            let labels = params.clone().with_n_init(1).fit(&points).unwrap().labels().to_vec();
            let score =
                timed(&format!("silhouette {name}"), 3, || silhouette(points.view(), &labels).unwrap());
            println!(", silhouette {score:.10}");
        }
    }
}

/// The inertia of K-means of linfa-clustering 0.8.1: as many clusters and restarts, its own limits of 300 steps and 1e-4.
fn linfa_kmeans(points: &Array2<f64>) -> f64 {
    let params = linfa_clustering::KMeans::params_with_rng(5, Xoshiro256Plus::seed_from_u64(0)).n_runs(10);
    let fitted = params.fit(&DatasetBase::from(points.view())).unwrap();
    fitted.inertia() * points.nrows() as f64
}

fn table(n_rows: usize) -> FeatureTable {
    let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
    let keys = (0..n_rows).map(|user| RowKey { user: user.to_string(), as_of }).collect();
    let columns = (0..N_COLUMNS).map(|column| format!("column_{column}"));
    FeatureTable::new(keys, columns, points(n_rows, OVERLAPPING, 0)).unwrap()
}

fn kmeans(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("segmentation/kmeans");
    group.sample_size(10);
    for n_rows in [1_000, 10_000, 100_000] {
        let points = points(n_rows, OVERLAPPING, 0);
        group.throughput(Throughput::Elements(n_rows as u64));
        let params = KMeansParams::default().with_n_init(10);
        group.bench_function(BenchmarkId::from_parameter(format!("{n_rows}x{N_COLUMNS}")), |bencher| {
            bencher.iter(|| params.fit(black_box(&points)).unwrap());
        });
    }
    group.finish();
}

/// The same work by linfa-clustering, at the sizes at which it ends soon.
fn peers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("segmentation/linfa-kmeans");
    group.sample_size(10);
    for n_rows in [1_000, 10_000] {
        let points = points(n_rows, OVERLAPPING, 0);
        group.throughput(Throughput::Elements(n_rows as u64));
        group.bench_function(BenchmarkId::from_parameter(format!("{n_rows}x{N_COLUMNS}")), |bencher| {
            bencher.iter(|| linfa_kmeans(black_box(&points)));
        });
    }
    group.finish();
}

fn other_methods(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("segmentation");
    let points = points(1_000, OVERLAPPING, 0);
    group.sample_size(10).throughput(Throughput::Elements(1_000));
    group.bench_function("mini-batch/1000x35", |bencher| {
        bencher.iter(|| MiniBatchParams::default().fit(black_box(&points)).unwrap());
    });
    group.bench_function("mixture/1000x35", |bencher| {
        let params = MixtureParams::default().with_n_init(1).with_tol(1e-3);
        bencher.iter(|| params.fit(black_box(&points)).unwrap());
    });
    group.bench_function("dbscan/1000x35", |bencher| {
        let params = DbscanParams::default().with_eps(8.0);
        bencher.iter(|| params.fit(black_box(&points)).unwrap());
    });
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

criterion_group!(benches, kmeans, peers, other_methods, others);

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["make", folder] => make(folder),
        ["run", folder] => run(folder),
        _ => {
            benches();
            Criterion::default().configure_from_args().final_summary();
        }
    }
}
