//! How fast a forest is fitted and answers; `benches/peers/README.md` says how to run it beside scikit-learn.
//!
//! `cargo bench -p fincoach-goals --bench forest` times with criterion; `… -- make FOLDER` writes the data of the
//! comparison, `… -- run FOLDER` times the fits of the comparison, best and median of five.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_types,
    missing_docs,
    reason = "a bench stops at the first surprise, tells the time, and says what it found"
)]

mod made;

use std::fs;
use std::path::Path;
use std::time::Instant;

use criterion::{Criterion, Throughput};
use fincoach_core::ndarray::{Array1, Array2};
use fincoach_core::{Artifact, Fit, Predict, metrics};
use fincoach_goals::{ForestParams, GoalExamples, MaxFeatures, PermutationParams, Sampling, Splitter};
use linfa::DatasetBase;
use linfa::traits::{Fit as _, PredictInplace as _};
use linfa_trees::DecisionTree;
use made::examples;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["make", folder] => make(Path::new(folder)),
        ["run", folder] => run(Path::new(folder)),
        _ => {
            let mut criterion = Criterion::default().configure_from_args();
            fit(&mut criterion);
            single_tree(&mut criterion);
            answers(&mut criterion);
            criterion.final_summary();
        }
    }
}

fn splitters() -> [(&'static str, ForestParams); 2] {
    [("exact", Splitter::Exact), ("histogram", Splitter::Histogram)]
        .map(|(name, splitter)| (name, ForestParams::default().with_splitter(splitter)))
}

fn fit(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("goals/forest/fit");
    group.sample_size(10);
    for n_rows in [10_000, 100_000] {
        let data = examples(n_rows, 0);
        group.throughput(Throughput::Elements(n_rows as u64));
        for (name, params) in splitters() {
            // The default of this size is the histogram.
            let id = if name == "exact" { format!("exact/{n_rows}x10") } else { format!("{n_rows}x10") };
            group.bench_function(id, |bencher| bencher.iter(|| params.fit(&data).unwrap()));
        }
    }
    group.finish();
}

/// One exact tree on all rows and columns.
fn single_tree(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("goals/forest/tree");
    group.sample_size(10).throughput(Throughput::Elements(10_000));
    let data = examples(10_000, 0);
    let params = ForestParams::default()
        .with_n_trees(1)
        .with_sampling(Sampling::AllRows)
        .with_max_features(MaxFeatures::All)
        .with_splitter(Splitter::Exact);
    group.bench_function("10000x10", |bencher| bencher.iter(|| params.fit(&data).unwrap()));
    let (rows, labels) = (data.table().values().to_owned(), Array1::from(data.labels().to_vec()));
    let theirs = DatasetBase::new(rows, labels);
    group.bench_function("linfa/10000x10", |bencher| bencher.iter(|| linfa_tree(&theirs)));
    group.finish();
}

/// The same tree by linfa-trees 0.8.1: all rows, all columns, Gini, ten deep.
fn linfa_tree(data: &DatasetBase<Array2<f64>, Array1<bool>>) -> DecisionTree<f64, bool> {
    DecisionTree::params().max_depth(Some(10)).fit(data).unwrap()
}

fn answers(criterion: &mut Criterion) {
    let data = examples(10_000, 0);
    let forest = ForestParams::default().fit(&data).unwrap();
    let hundred = data.take(&(0..100).collect::<Vec<_>>()).unwrap();
    let row = data.table().row(0).to_vec();
    let mut group = criterion.benchmark_group("goals/forest");
    group.sample_size(10);
    group.throughput(Throughput::Elements(1));
    group.bench_function("predict_row/1x10", |bencher| bencher.iter(|| forest.predict_row(&row).unwrap()));
    group.throughput(Throughput::Elements(10_000));
    group
        .bench_function("predict/10000x10", |bencher| bencher.iter(|| forest.predict(data.table()).unwrap()));
    group.bench_function("out_of_bag/10000x10", |bencher| bencher.iter(|| forest.out_of_bag(&data).unwrap()));
    group.throughput(Throughput::Elements(100));
    group.bench_function("contributions/100x10", |bencher| {
        bencher.iter(|| forest.contributions(hundred.table()).unwrap());
    });
    let permutation = PermutationParams::default();
    group.bench_function("permutation/100x10", |bencher| {
        bencher.iter(|| permutation.evaluate(&forest, &hundred).unwrap());
    });
    group.finish();
}

const TRAINING_ROWS: usize = 100_000;
const HELD_OUT_ROWS: usize = 50_000;
const REPEATS: usize = 5;

/// Writes the values and labels of both parts as little-endian numbers, one row after the other.
fn make(folder: &Path) {
    for (name, n_rows, stream) in [("train", TRAINING_ROWS, 0), ("test", HELD_OUT_ROWS, 1)] {
        let data = examples(n_rows, stream);
        let values: Vec<u8> = data.table().values().iter().flat_map(|value| value.to_le_bytes()).collect();
        fs::write(folder.join(format!("{name}_x.f64")), values).unwrap();
        let labels: Vec<u8> = data.labels().iter().map(|label| u8::from(*label)).collect();
        fs::write(folder.join(format!("{name}_y.u8")), labels).unwrap();
    }
    println!("{TRAINING_ROWS} and {HELD_OUT_ROWS} rows in {}", folder.display());
}

/// The same fits as `sklearn_forest.py`.
fn run(folder: &Path) {
    let (data, test) = (examples(TRAINING_ROWS, 0), examples(HELD_OUT_ROWS, 1));
    let written = fs::read(folder.join("train_x.f64")).unwrap();
    let first = data.table().values()[[0, 0]].to_le_bytes();
    assert_eq!(written[..8], first, "the files are those of `make`");
    println!("fincoach-goals {}, {} threads", env!("CARGO_PKG_VERSION"), rayon::current_num_threads());
    for (name, params) in splitters() {
        let mut seconds: Vec<f64> = (0..REPEATS).map(|_| timed(|| params.fit(&data).unwrap())).collect();
        seconds.sort_by(f64::total_cmp);
        let forest = params.fit(&data).unwrap();
        let answers = forest.predict(test.table()).unwrap();
        let said: Vec<bool> = answers.iter().map(|p| *p > 0.5).collect();
        let predict = timed(|| forest.predict(test.table()).unwrap());
        println!(
            "{name}: fit best {:.2} s, median {:.2} s; accuracy {:.4}, AUC {:.4}, Brier {:.4}; {} leaves, {:.1} MB; \
             predict {:.0} rows/s",
            seconds[0],
            seconds[REPEATS / 2],
            metrics::accuracy(test.labels(), &said).unwrap(),
            metrics::roc_auc(test.labels(), &answers).unwrap(),
            metrics::brier(test.labels(), &answers).unwrap(),
            forest.n_leaves(),
            forest.to_bytes().unwrap().len() as f64 / 1e6,
            HELD_OUT_ROWS as f64 / predict,
        );
    }
    beside_linfa(&data, &test);
}

/// One tree beside one tree of linfa-trees: its forest takes minutes at this size and draws columns once a tree.
fn beside_linfa(data: &GoalExamples, test: &GoalExamples) {
    let one = ForestParams::default()
        .with_n_trees(1)
        .with_sampling(Sampling::AllRows)
        .with_max_features(MaxFeatures::All);
    let said = |answers: &[bool]| metrics::accuracy(test.labels(), answers).unwrap();
    let theirs = DatasetBase::new(data.table().values().to_owned(), Array1::from(data.labels().to_vec()));
    // Side by side in each round: a shared machine changes its pace.
    let (mut linfa, mut exact, mut histogram) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..3 {
        linfa.push(timed(|| linfa_tree(&theirs)));
        exact.push(timed(|| one.clone().with_splitter(Splitter::Exact).fit(data).unwrap()));
        histogram.push(timed(|| one.clone().with_splitter(Splitter::Histogram).fit(data).unwrap()));
    }
    let mut found = Array1::from_elem(HELD_OUT_ROWS, false);
    linfa_tree(&theirs).predict_inplace(&test.table().values().to_owned(), &mut found);
    let tree = one.with_splitter(Splitter::Exact).fit(data).unwrap();
    let ours: Vec<bool> = tree.predict(test.table()).unwrap().iter().map(|p| *p > 0.5).collect();
    let [linfa, exact, histogram] = [linfa, exact, histogram].map(|mut seconds| {
        seconds.sort_by(f64::total_cmp);
        seconds[1]
    });
    println!(
        "one tree: linfa-trees median {linfa:.2} s, accuracy {:.4}; ours exact {exact:.2} s, accuracy {:.4}; histogram {histogram:.2} s",
        said(&found.to_vec()),
        said(&ours)
    );
}

fn timed<T>(work: impl FnOnce() -> T) -> f64 {
    let start = Instant::now();
    std::hint::black_box(work());
    start.elapsed().as_secs_f64()
}
