//! The whole pipeline on simulated households: one seed, one bundle; saved and loaded it answers the same.

#![allow(clippy::unwrap_used, reason = "a test ends where something fails")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use fincoach::core::{ArtifactError, Ledger, rng};
use fincoach::forecast::LstmParams;
use fincoach::goals::ForestParams;
use fincoach::recommend::{CqlParams, Strategy};
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
        .with_policy(CqlParams::default().with_hidden(16).with_n_epochs(30))
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
        let step = if bytes.len() <= 10_000 { 1 } else { bytes.len() / 400 };
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

#[test]
fn the_bandit_learns_from_feedback_and_its_choice_changes_the_advice() {
    let mut coach = Coach::new(run().bundle().clone());
    let before = coach.recommender().bandit().clone();
    for _ in 0..3000 {
        coach.feedback(Strategy::SaveFirst, 1.0).unwrap();
    }
    assert_ne!(coach.recommender().bandit(), &before);
    let advice = coach.advise(ledger()).unwrap().advice;
    assert!(advice.iter().all(|advice| advice.recommendation.strategy == Strategy::SaveFirst));
    let first = coach.explore(ledger(), &mut rng::stream(1, 0)).unwrap();
    assert_eq!(first, coach.explore(ledger(), &mut rng::stream(1, 0)).unwrap());
    assert!(coach.feedback(Strategy::Learned, f64::NAN).is_err());
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
fn a_saved_bandit_goes_on_where_it_was() {
    let mut coach = Coach::new(run().bundle().clone());
    coach.feedback(Strategy::Rules, 0.25).unwrap();
    let bandit = coach.recommender().bandit().clone();
    let again = Coach::new(run().bundle().clone()).with_bandit(bandit.clone()).unwrap();
    assert_eq!(again.recommender().bandit(), &bandit);
    assert!(again.with_bandit(fincoach::recommend::EpsilonGreedy::new(3, 0.1).unwrap()).is_err());
}

const STORED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/artifacts/bundle-1");

#[test]
fn a_bundle_of_format_1_still_loads() {
    let coach = Coach::load(STORED).unwrap();
    assert_eq!(coach.bundle().manifest().format, 1);
    assert_eq!(coach.advise(ledger()).unwrap().advice.len(), 25);
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
