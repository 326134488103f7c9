#![allow(clippy::unwrap_used, missing_docs, reason = "a bench may stop at the first surprise")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use fincoach_core::rng;
use fincoach_report::{LineChart, ScatterChart};

fn report(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("report");
    for n in [1_000, 50_000] {
        let mut rng = rng::stream(1, 0);
        let (xs, ys): (Vec<f64>, Vec<f64>) = (0..n).map(|_| (rng.normal(), rng.normal())).unzip();
        group.throughput(Throughput::Elements(n));
        group.bench_with_input(BenchmarkId::new("line", n), &ys, |bencher, ys| {
            bencher.iter(|| LineChart::new("loss").with_steps("loss", ys).to_svg().unwrap());
        });
        group.bench_with_input(BenchmarkId::new("scatter", n), &(xs, ys), |bencher, (xs, ys)| {
            bencher.iter(|| ScatterChart::new("points").with_group("all", xs, ys).to_svg().unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, report);
criterion_main!(benches);
