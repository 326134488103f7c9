//! What the written files say.

use fincoach_core::{Control, Money, Step};
use fincoach_simulate::{
    HouseholdTruth, Intervention, SimulationParams, stream_csv, stream_csv_with, write_csv,
    write_interventions_csv, write_truth_csv,
};

#[test]
fn the_export_is_newest_first_with_an_unbroken_balance() {
    let simulation = SimulationParams::default().with_n_households(11).with_n_months(3).simulate().unwrap();
    let mut file = Vec::new();
    write_csv(simulation.ledger(), &mut file).unwrap();
    let mut reader = csv::Reader::from_reader(file.as_slice());
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), simulation.ledger().len());
    let money = |text: &str| if text.is_empty() { Money::ZERO } else { text.parse::<Money>().unwrap() };
    for (place, pair) in rows.windows(2).enumerate() {
        let (newer, older) = (&pair[0], &pair[1]);
        assert_eq!(newer[0], (place + 1).to_string());
        if newer[11] == older[11] {
            assert_eq!(money(&newer[6]), money(&older[6]) - money(&newer[4]) + money(&newer[5]), "{newer:?}");
        }
    }
    let users = simulation.ledger().users();
    let mut place = 0;
    for user in users {
        let view = simulation.ledger().user_named(user).unwrap();
        for row in view.iter().collect::<Vec<_>>().into_iter().rev() {
            assert_eq!(&rows[place][11], user);
            assert_eq!(rows[place][1], row.time.format("%d/%m/%Y").to_string());
            assert_eq!(rows[place][10], row.time.format("%H:%M:%S").to_string());
            assert_eq!(rows[place][7], *row.raw_category.unwrap());
            place += 1;
            assert_eq!(row.source_row as usize, place);
        }
    }
}

#[test]
fn truth_and_interventions_have_a_row_each() {
    let simulation = SimulationParams::default().with_n_households(4).with_n_months(2).simulate().unwrap();
    let (mut truth, mut log) = (Vec::new(), Vec::new());
    write_truth_csv(&simulation, &mut truth).unwrap();
    write_interventions_csv(&simulation, &mut log).unwrap();
    let mut reader = csv::Reader::from_reader(truth.as_slice());
    assert_eq!(reader.headers().unwrap().len(), 19 + 20);
    assert_eq!(reader.records().filter(Result::is_ok).count(), 4);
    let log = String::from_utf8(log).unwrap();
    assert!(
        log.starts_with("user,time,action,action_name,propensity,feedback\nhousehold-1,2023-01-01T00:00:00,")
    );
    assert_eq!(log.lines().count(), 1 + simulation.interventions().len());
}

#[test]
fn a_stream_has_the_bytes_of_the_ledger_for_any_number_of_threads() {
    let params = SimulationParams::default().with_n_households(300).with_n_months(2).with_seed(9);
    let mut written = Vec::new();
    let simulation = params.simulate().unwrap();
    write_csv(simulation.ledger(), &mut written).unwrap();
    for n_threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        let mut streamed = Vec::new();
        let report = pool.install(|| stream_csv(&params, &mut streamed)).unwrap();
        assert!(streamed == written);
        assert_eq!((report.n_households, report.n_rows), (300, simulation.ledger().len() as u64));
    }
}

#[test]
fn a_stream_tells_truth_and_log_and_can_be_stopped() {
    let params = SimulationParams::default().with_n_households(600).with_n_months(1);
    let (mut truth, mut log) = (Vec::new(), Vec::new());
    let mut stop = |_: &Step<'_>| Control::Stop;
    let each = |household: &HouseholdTruth, told: &[Intervention]| {
        truth.push(household.clone());
        log.extend_from_slice(told);
        Ok(())
    };
    let mut streamed = Vec::new();
    let report = stream_csv_with(&params, &mut streamed, &mut stop, each).unwrap();
    let simulation = params.simulate_with(&mut |_: &Step<'_>| Control::Stop).unwrap();
    assert_eq!((report.n_households, report.n_bytes), (256, streamed.len() as u64));
    assert!(truth == simulation.truth() && log == simulation.interventions());
}

#[test]
fn a_writer_that_refuses_is_an_error() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let simulation = SimulationParams::default().with_n_households(1).with_n_months(1).simulate().unwrap();
    assert!(write_csv(simulation.ledger(), Full).is_err());
    let params = SimulationParams::default().with_n_households(1).with_n_months(1);
    assert!(stream_csv(&params, Full).is_err());
    assert!(write_truth_csv(&simulation, Full).is_err());
    assert!(write_interventions_csv(&simulation, Full).is_err());
}
