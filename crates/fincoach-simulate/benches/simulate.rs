//! Households a year: simulated, written as a bank export, rolled out; and two ways to format a row.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench")]

use std::io::{Write as _, sink};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fincoach_core::chrono::{Datelike as _, Timelike as _};
use fincoach_core::{Action, Transaction};
use fincoach_simulate::{
    Constant, LoggingPolicy, Planner, Policy, RolloutParams, SimulationParams, stream_csv, write_csv,
};

const N: usize = 100;

fn simulate(criterion: &mut Criterion) {
    let params = SimulationParams::default().with_n_households(N);
    let simulation = params.simulate().unwrap();
    let mut group = criterion.benchmark_group("simulate");
    group.throughput(Throughput::Elements(simulation.ledger().len() as u64));
    group.bench_function("households/100", |bencher| bencher.iter(|| params.simulate().unwrap()));
    group.bench_function("stream_csv/100", |bencher| bencher.iter(|| stream_csv(&params, sink()).unwrap()));
    group.finish();
}

/// By hand, and through the `csv` crate: why rows are formatted by hand.
fn format(criterion: &mut Criterion) {
    let simulation = SimulationParams::default().with_n_households(N).simulate().unwrap();
    let ledger = simulation.ledger();
    let mut group = criterion.benchmark_group("format");
    group.throughput(Throughput::Elements(ledger.len() as u64));
    group.bench_function("write_csv/100", |bencher| bencher.iter(|| write_csv(ledger, sink()).unwrap()));
    group.bench_function("csv_crate/100", |bencher| {
        bencher.iter(|| {
            let mut writer = csv::Writer::from_writer(sink());
            let (mut number, mut field) = (0_u64, Vec::new());
            for user in ledger.iter_users() {
                for row in (0..user.len()).rev() {
                    number += 1;
                    write_row(&mut writer, (number, &user.row(row)), &mut field);
                }
            }
            writer.flush().unwrap();
        });
    });
    group.finish();
}

fn write_row(
    writer: &mut csv::Writer<std::io::Sink>,
    (number, row): (u64, &Transaction<'_>),
    field: &mut Vec<u8>,
) {
    let (date, time, size) = (row.time.date(), row.time.time(), row.amount.abs());
    let mut put = |writer: &mut csv::Writer<_>, text: std::fmt::Arguments<'_>| {
        field.clear();
        field.write_fmt(text).unwrap();
        writer.write_field(&field).unwrap();
    };
    put(writer, format_args!("{number}"));
    put(writer, format_args!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year()));
    writer.write_field(row.raw_type.unwrap_or("")).unwrap();
    writer.write_field(row.description).unwrap();
    if row.amount.is_negative() {
        put(writer, format_args!("{size}"));
        writer.write_field("").unwrap();
    } else {
        writer.write_field("").unwrap();
        put(writer, format_args!("{size}"));
    }
    put(writer, format_args!("{}", row.balance.unwrap()));
    for text in [row.raw_category, row.city, row.country] {
        writer.write_field(text.unwrap_or("")).unwrap();
    }
    put(writer, format_args!("{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second()));
    writer.write_field(row.user).unwrap();
    writer.write_record(None::<&[u8]>).unwrap();
}

fn roll_out(criterion: &mut Criterion) {
    let params = RolloutParams::default().with_n_households(N).with_lead_in_weeks(13).with_n_weeks(39);
    let policies: [(&str, Box<dyn Policy>); 3] = [
        ("nothing/100", Box::new(Constant(Action::ContinueCurrentBehavior))),
        ("rule/100", Box::new(LoggingPolicy { exploration: 0.2 })),
        ("reference/100", Box::new(Planner::default())),
    ];
    let mut group = criterion.benchmark_group("roll_out");
    for (id, mut policy) in policies {
        let n_rows = params.run(policy.as_mut()).unwrap().n_rows();
        group.throughput(Throughput::Elements(n_rows));
        group.bench_function(id, |bencher| bencher.iter(|| params.run(policy.as_mut()).unwrap()));
    }
    group.finish();
}

criterion_group!(benches, simulate, format, roll_out);
criterion_main!(benches);
