//! The whole pipeline on simulated households: one seed, one bundle; saved and loaded it answers the same.

#![allow(clippy::unwrap_used, reason = "a test ends where something fails")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use fincoach::core::chrono::{NaiveDateTime, NaiveTime, TimeDelta};
use fincoach::core::{Action, ArtifactError, Ledger, rng};
use fincoach::forecast::LstmParams;
use fincoach::goals::ForestParams;
use fincoach::recommend::{CqlParams, LogEntry, LoggedReward, Strategy, read_log_csv, snips, write_log_csv};
use fincoach::simulate::SimulationParams;
use fincoach::{Bundle, Coach, Error, Manifest, Pipeline, PipelineRun};

fn ledger() -> &'static Ledger {
    static LEDGER: OnceLock<Ledger> = OnceLock::new();
    LEDGER.get_or_init(|| {
        let params = SimulationParams::default().with_n_households(25).with_n_months(3).with_seed(5);
        params.simulate().unwrap().ledger().clone()
    })
}

/// Small enough for a test, with everything in it.
fn pipeline() -> Pipeline {
    Pipeline::default()
        .with_seed(7)
        .with_n_seeds(2)
        .with_policy(CqlParams::default().with_hidden(16).with_n_epochs(30).with_n_heads(3))
        .with_forecast(LstmParams::default().with_hidden(8).with_max_epochs(3).with_horizon(2))
        .with_goals(ForestParams::default().with_n_trees(10))
        .with_provenance("data", "simulated")
}

fn run() -> &'static PipelineRun {
    static RUN: OnceLock<PipelineRun> = OnceLock::new();
    RUN.get_or_init(|| pipeline().run(ledger()).unwrap())
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .unwrap()
        .map(Result::unwrap)
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect()
}

#[test]
fn one_seed_gives_one_bundle_on_one_thread_and_on_two() {
    let place = tempfile::tempdir().unwrap();
    run().bundle().save(place.path().join("first")).unwrap();
    let expected = files(&place.path().join("first"));
    for n_threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        let again = pool.install(|| pipeline().run(ledger()).unwrap());
        let folder = place.path().join(n_threads.to_string());
        again.bundle().save(&folder).unwrap();
        assert_eq!(files(&folder), expected, "{n_threads} threads");
        assert_eq!(again.report_html("x", &[]).unwrap(), run().report_html("x", &[]).unwrap());
    }
    let other = pipeline().with_seed(8).run(ledger()).unwrap();
    assert_ne!(other.bundle(), run().bundle());
}

#[test]
fn a_loaded_bundle_answers_to_the_bit() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("bundle");
    run().bundle().save(&folder).unwrap();
    let loaded = Bundle::load(&folder).unwrap();
    assert_eq!(&loaded, run().bundle());
    let (before, after) = (Coach::new(run().bundle().clone()), Coach::new(loaded));
    let advice = after.advise(ledger()).unwrap().advice;
    assert_eq!(advice, before.advise(ledger()).unwrap().advice);
    assert_eq!(advice, after.advise(ledger()).unwrap().advice, "asked twice");
    assert_eq!(advice.len(), 25);
    for (advice, (given, probability)) in
        advice.iter().zip(run().recommendations().iter().zip(run().goal_probabilities()))
    {
        assert_eq!(&advice.recommendation, given);
        assert_eq!(advice.goal_probability.to_bits(), probability.to_bits());
        assert_eq!((advice.n_days(), advice.forecast.len()), (2, 22));
        assert!(advice.forecast.iter().all(|forecast| forecast.user == advice.user));
        assert!((0.0..=1.0).contains(&given.confidence));
    }
    loaded_again(&folder);
}

/// Loading and saving gives the same files.
fn loaded_again(folder: &Path) {
    let copy = folder.with_file_name("copy");
    Bundle::load(folder).unwrap().save(&copy).unwrap();
    assert_eq!(files(folder), files(&copy));
}

#[test]
fn every_damaged_byte_is_a_typed_error() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("bundle");
    run().bundle().save(&folder).unwrap();
    for (name, bytes) in files(&folder) {
        // Every byte of the small files; of the large ones, whose checksum takes as long each time, a spread.
        let step = if bytes.len() <= 5_000 { 1 } else { bytes.len() / 400 };
        for at in (0..bytes.len()).step_by(step).chain([bytes.len() - 1]) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << (at % 8);
            fs::write(folder.join(&name), &damaged).unwrap();
            let error = Bundle::load(&folder).expect_err(&format!("{name}, byte {at}"));
            assert!(matches!(error, Error::Artifact(_)), "{name}, byte {at}: {error}");
        }
        fs::write(folder.join(&name), &bytes[..bytes.len() / 2]).unwrap();
        assert!(Bundle::load(&folder).is_err(), "{name} cut in half");
        fs::remove_file(folder.join(&name)).unwrap();
        let missing = Bundle::load(&folder).unwrap_err();
        assert!(matches!(missing, Error::Artifact(ArtifactError::Io { .. })), "{name}: {missing}");
        assert!(missing.to_string().contains(&name), "{missing}");
        fs::write(folder.join(&name), &bytes).unwrap();
    }
    assert!(Bundle::load(&folder).is_ok());
}

#[test]
fn a_bundle_replaces_a_bundle_and_nothing_else() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("bundle");
    run().bundle().save(&folder).unwrap();
    fs::write(folder.join("stale"), "old").unwrap();
    run().bundle().save(&folder).unwrap();
    assert!(!folder.join("stale").exists());
    let photos = place.path().join("photos");
    fs::create_dir(&photos).unwrap();
    fs::write(photos.join("cat"), "meow").unwrap();
    assert!(run().bundle().save(&photos).is_err());
    assert_eq!(files(&photos).len(), 1);
}

#[test]
fn the_manifest_lists_every_file_and_the_figures() {
    let manifest = run().bundle().manifest();
    let place = tempfile::tempdir().unwrap();
    run().bundle().write_into(place.path()).unwrap();
    let mut listed: Vec<&str> = manifest.files.iter().map(|file| file.name.as_str()).collect();
    listed.push(Manifest::FILE);
    listed.sort_unstable();
    assert_eq!(files(place.path()).into_keys().collect::<Vec<_>>(), listed);
    assert_eq!(manifest.provenance["data"], "simulated");
    let guide = fs::read_to_string(place.path().join("INTEGRATION_GUIDE.md")).unwrap();
    for (name, value) in &manifest.metrics {
        assert!(value.is_finite(), "{name}");
        assert!(guide.contains(&format!("| `{name}` | {value:.4} |")), "{name}");
    }
}

/// Days after the last booking of all.
fn later(days: i64) -> NaiveDateTime {
    let last = ledger().all().iter().map(|row| row.time).max().unwrap();
    last.date().and_time(NaiveTime::MIN) + TimeDelta::days(1 + days)
}

#[test]
fn the_bandit_learns_from_feedback_and_its_choice_changes_the_advice() {
    let mut coach = Coach::new(run().bundle().clone());
    let before = coach.recommender().bandit().clone();
    for day in 0..40 {
        let advised = coach.decide(ledger(), later(day), &mut rng::stream(1, day as u64)).unwrap();
        for advice in advised.advice {
            let given = advice.recommendation;
            let pays = f64::from(u8::from(given.strategy == Strategy::SaveFirst));
            coach.feedback(given.decision.unwrap(), pays).unwrap();
        }
    }
    assert_ne!(coach.recommender().bandit(), &before);
    let advice = coach.advise(ledger()).unwrap().advice;
    assert!(advice.iter().all(|advice| advice.recommendation.strategy == Strategy::SaveFirst));
    assert!(coach.feedback(0, 1.0).is_err(), "answered already");
}

#[test]
fn nobody_is_alerted_twice_in_three_days_and_the_card_tells_why() {
    let mut coach = Coach::new(run().bundle().clone());
    let mut alerted = 0;
    for day in 0..6 {
        let advised = coach.decide(ledger(), later(day), &mut rng::stream(2, day as u64)).unwrap();
        for advice in &advised.advice {
            let entries = coach.log().user(&advice.user).unwrap().entries();
            let since = later(day) - TimeDelta::days(3);
            let recent = |entry: &&LogEntry| entry.time > since && entry.action == Action::SpendingAlert;
            let n = entries.iter().filter(recent).count();
            assert!(n <= 1, "{}", advice.user);
            alerted += usize::from(advice.recommendation.action == Action::SpendingAlert);
            let told = advice.card.to_string();
            let masked = !advice.recommendation.masked.is_empty();
            assert_eq!(told.contains("masked: last taken"), masked, "{told}");
            assert_eq!(advice.card.policy.action, advice.recommendation.action);
            let chance = advice.card.action_chance();
            assert!((chance - advice.recommendation.action_propensity).abs() < 1e-12, "{told}");
            assert!(advice.card.policy.values.iter().all(|value| value.uncertainty.is_some()), "{told}");
        }
    }
    assert!(alerted > 6, "{alerted}");
    // The same moment twice, and a moment before what is known.
    let entries = coach.log().n_entries();
    assert!(coach.decide(ledger(), later(5), &mut rng::stream(2, 9)).is_err());
    assert!(coach.decide(ledger(), later(-40), &mut rng::stream(2, 9)).is_err());
    assert_eq!(coach.log().n_entries(), entries);
}

#[test]
fn what_was_decided_can_be_judged_from_the_log() {
    let mut coach = Coach::new(run().bundle().clone());
    for day in 0..4 {
        coach.decide(ledger(), later(day), &mut rng::stream(3, day as u64)).unwrap();
    }
    let (user, time) = (coach.log().users()[0].user().to_owned(), later(2));
    coach.answered(&user, time, -1.0).unwrap();
    let mut file = Vec::new();
    write_log_csv(coach.log(), &mut file).unwrap();
    let log = read_log_csv(file.as_slice()).unwrap().log;
    assert_eq!(&log, coach.log());
    assert!(log.user(&user).unwrap().entries()[2].annoyed());
    // The chances of what was done, by every strategy that would have done it: with them another policy is judged.
    let rewards: Vec<LoggedReward> = log
        .iter()
        .map(|(_, entry)| LoggedReward {
            reward: f64::from(u8::from(entry.is_nudge())),
            propensity: entry.propensity.unwrap(),
            target: f64::from(u8::from(entry.is_nudge())),
        })
        .collect();
    assert_eq!(snips(&rewards).unwrap().value, 1.0);
}

#[test]
fn too_few_users_are_counted() {
    let few = SimulationParams::default().with_n_households(9).with_n_months(1).simulate().unwrap();
    let error = pipeline().run(few.ledger()).unwrap_err();
    assert!(matches!(error, Error::TooFewUsers { n_users: 9, needed: 10, left_out: 0 }), "{error}");
    assert!(matches!(pipeline().with_n_seeds(1).run(ledger()), Err(Error::Param(_))));
    assert!(pipeline().run(&Ledger::builder().finish()).is_err());
}

#[test]
fn pictures_and_page_are_complete() {
    let pictures = run().pictures().unwrap();
    for name in
        ["category_spending", "elbow", "silhouette", "segments", "cql_loss", "forecast_loss", "importance"]
    {
        let svg = &pictures[format!("{name}.svg").as_str()];
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{name}");
    }
    let page = run().report_html("a <b> & c", &["a note".to_owned()]).unwrap();
    assert!(page.contains("a &lt;b&gt; &amp; c") && !page.contains("<b>") && page.contains("a note"));
    assert_eq!(page.matches("<svg").count(), pictures.len());
    // Nothing is loaded from elsewhere: the only address is the name of the SVG language.
    assert_eq!(page.matches("http://").count(), page.matches("xmlns=\"http://www.w3.org/2000/svg\"").count());
    assert!(!page.contains("https://") && !page.contains("src="));
}

#[test]
fn a_coach_that_stopped_goes_on_where_it_was() {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join("bundle");
    let mut coach = Coach::new(run().bundle().clone());
    let given = coach.decide(ledger(), later(0), &mut rng::stream(4, 0)).unwrap().advice;
    coach.feedback(given[3].recommendation.decision.unwrap(), 0.25).unwrap();
    coach.save(&folder).unwrap();
    let mut again = Coach::load(&folder).unwrap();
    assert_eq!((again.log(), again.recommender()), (coach.log(), coach.recommender()));
    assert_eq!(again.bundle(), &coach.to_bundle().unwrap());
    for coach in [&mut coach, &mut again] {
        coach.feedback(given[0].recommendation.decision.unwrap(), 1.0).unwrap();
    }
    let next = |coach: &mut Coach| coach.decide(ledger(), later(1), &mut rng::stream(4, 1)).unwrap();
    assert_eq!(next(&mut coach), next(&mut again));
    loaded_again(&folder);
}

const STORED_1: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/artifacts/bundle-1");
const STORED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/artifacts/bundle-2");

#[test]
fn bundles_of_older_formats_still_load_and_go_on() {
    for (format, stored) in [(1, STORED_1), (2, STORED)] {
        let mut coach = Coach::load(stored).unwrap();
        assert_eq!(coach.bundle().manifest().format, format);
        assert_eq!(coach.advise(ledger()).unwrap().advice.len(), 25);
        coach.decide(ledger(), later(0), &mut rng::stream(5, 0)).unwrap();
        // Saved, it is of this format.
        assert_eq!(coach.to_bundle().unwrap().manifest().format, 2);
    }
}

/// Run by name for each new format; the bundles of older formats stay.
#[test]
#[ignore = "writes tests/artifacts"]
fn write_the_stored_bundle() {
    run().bundle().save(STORED).unwrap();
}

#[test]
fn errors_travel_between_threads() {
    fn travels<T: Send + Sync + 'static>() {}
    travels::<Error>();
    travels::<Coach>();
}
