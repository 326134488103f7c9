//! What every bandit must do: probabilities, sets of arms, feedback that is late, and files.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

use std::fmt::Debug;

use fincoach_core::chrono::NaiveDate;
use fincoach_core::ndarray::array;
use fincoach_core::rng::{Rng, stream};
use fincoach_core::{Artifact, ArtifactError, DataError, FeatureTable, RowKey};
use fincoach_recommend::{
    ArmSet, Bandit, BanditContext, EpsilonGreedy, Error, GaussianPrior, LinThompson, LinUcb, LoggedDecision,
    Online, ThompsonBernoulli, ThompsonGaussian, Ucb1, ips, logged_rewards, snips,
};
use fincoach_testkit::{check_damage, check_round_trip, check_stored};
use serde::Serialize;
use serde::de::DeserializeOwned;

const N_ARMS: usize = 3;
const CONTEXT_LEN: usize = 2;

/// What a check asks of one bandit, whichever it is.
trait Check {
    fn check<B>(&self, bandit: &B)
    where
        B: Bandit + Artifact + Serialize + DeserializeOwned + Clone + PartialEq + Debug;
}

/// Runs a check on each kind of bandit that knows nothing yet, with and without forgetting.
fn each(check: &impl Check) {
    for forgetting in [1.0, 0.9] {
        check.check(&epsilon_greedy(forgetting));
        check.check(&ucb1(forgetting));
        check.check(&thompson_bernoulli(forgetting));
        check.check(&thompson_gaussian(forgetting));
        check.check(&lin_ucb(forgetting));
        check.check(&lin_thompson(forgetting));
    }
    let known = GaussianPrior { variance: Some(0.25), ..GaussianPrior::default() };
    check.check(&ThompsonGaussian::new(N_ARMS).unwrap().with_prior(known).unwrap());
    check.check(&EpsilonGreedy::new(N_ARMS, 0.2).unwrap());
}

fn epsilon_greedy(forgetting: f64) -> EpsilonGreedy {
    let bandit = EpsilonGreedy::new(N_ARMS, 0.5).unwrap().with_decay(10.0).unwrap();
    bandit.with_forgetting(forgetting).unwrap()
}

fn ucb1(forgetting: f64) -> Ucb1 {
    Ucb1::new(N_ARMS).unwrap().with_exploration(0.7).unwrap().with_forgetting(forgetting).unwrap()
}

fn thompson_bernoulli(forgetting: f64) -> ThompsonBernoulli {
    let bandit = ThompsonBernoulli::new(N_ARMS).unwrap().with_prior([0.5, 1.5]).unwrap();
    bandit.with_forgetting(forgetting).unwrap()
}

fn thompson_gaussian(forgetting: f64) -> ThompsonGaussian {
    ThompsonGaussian::new(N_ARMS).unwrap().with_forgetting(forgetting).unwrap()
}

fn lin_ucb(forgetting: f64) -> LinUcb {
    let bandit = LinUcb::new(N_ARMS, CONTEXT_LEN).unwrap().with_ridge(0.5).unwrap();
    bandit.with_forgetting(forgetting).unwrap()
}

fn lin_thompson(forgetting: f64) -> LinThompson {
    let bandit = LinThompson::new(N_ARMS, CONTEXT_LEN).unwrap().with_noise(0.5).unwrap();
    bandit.with_forgetting(forgetting).unwrap()
}

fn context(rng: &mut Rng) -> [f64; CONTEXT_LEN] {
    [1.0, rng.normal()]
}

/// A bandit after a few feedbacks.
fn taught<B: Bandit + Clone>(bandit: &B, n_feedbacks: usize) -> B {
    let (mut bandit, mut rng) = (bandit.clone(), stream(3, 0));
    for _ in 0..n_feedbacks {
        let (context, arm) = (context(&mut rng), rng.below(N_ARMS));
        bandit.learn(&context, arm, f64::from(u8::from(rng.bernoulli(0.2 + 0.2 * arm as f64)))).unwrap();
    }
    bandit
}

struct Probabilities;

impl Check for Probabilities {
    fn check<B: Bandit + Clone + Debug>(&self, bandit: &B) {
        let mut rng = stream(4, 0);
        for n_feedbacks in [0, 1, 40] {
            let bandit = taught(bandit, n_feedbacks);
            for mask in 1..8_u8 {
                let allowed = ArmSet::from_mask(&[mask & 1 > 0, mask & 2 > 0, mask & 4 > 0]).unwrap();
                let probabilities = bandit.probabilities(&context(&mut rng), &allowed).unwrap();
                assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{bandit:?}");
                for (arm, probability) in probabilities.iter().enumerate() {
                    assert!((0.0..=1.0 + 1e-12).contains(probability), "{bandit:?}");
                    assert!(allowed.contains(arm) || *probability == 0.0, "{bandit:?}");
                }
                let decision = bandit.decide(&[1.0, 0.0], &allowed, &mut rng).unwrap();
                assert!(allowed.contains(decision.arm) && decision.propensity > 0.0, "{bandit:?}");
            }
        }
    }
}

#[test]
fn probabilities_are_of_allowed_arms_and_add_up() {
    each(&Probabilities);
}

struct Frequencies;

impl Check for Frequencies {
    fn check<B: Bandit + Clone + Debug>(&self, bandit: &B) {
        let (bandit, allowed, mut rng) = (taught(bandit, 20), ArmSet::all(N_ARMS), stream(5, 0));
        let expected = bandit.probabilities(&[1.0, 0.3], &allowed).unwrap();
        let mut counts = [0.0; N_ARMS];
        for _ in 0..4000 {
            let decision = bandit.decide(&[1.0, 0.3], &allowed, &mut rng).unwrap();
            assert_eq!(decision.propensity, expected[decision.arm]);
            counts[decision.arm] += 1.0 / 4000.0;
        }
        for (count, expected) in counts.iter().zip(&expected) {
            // Five standard deviations of a share of one half.
            assert!((count - expected).abs() < 0.04, "{counts:?} {expected} {bandit:?}");
        }
    }
}

#[test]
fn propensities_are_the_frequencies_of_choices() {
    each(&Frequencies);
}

struct WrongInput;

impl Check for WrongInput {
    fn check<B: Bandit + Clone + PartialEq + Debug>(&self, bandit: &B) {
        let mut bandit = taught(bandit, 10);
        let before = bandit.clone();
        let fine = [1.0, 0.5];
        assert!(matches!(bandit.learn(&fine, N_ARMS, 1.0), Err(Error::UnknownArm { arm: 3, n_arms: 3 })));
        for reward in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(matches!(bandit.learn(&fine, 0, reward), Err(Error::Data(_))), "{bandit:?}");
        }
        let few = ArmSet::all(N_ARMS - 1);
        assert!(matches!(bandit.probabilities(&fine, &few), Err(Error::Data(DataError::Length { .. }))));
        if bandit.context_len().is_some() {
            let all = ArmSet::all(N_ARMS);
            for wrong in [&[1.0][..], &[1.0, f64::NAN], &[1.0, 1e200]] {
                assert!(bandit.learn(wrong, 0, 1.0).is_err(), "{bandit:?}");
            }
            assert!(bandit.probabilities(&[1.0], &all).is_err());
            assert!(bandit.probabilities(&[f64::INFINITY, 1.0], &all).is_err());
        }
        assert_eq!(bandit, before);
    }
}

#[test]
fn wrong_input_is_an_error_and_teaches_nothing() {
    each(&WrongInput);
}

struct Files;

impl Check for Files {
    fn check<B>(&self, bandit: &B)
    where
        B: Bandit + Artifact + Serialize + DeserializeOwned + Clone + PartialEq + Debug,
    {
        check_round_trip(bandit);
        let bandit = taught(bandit, 15);
        check_round_trip(&bandit);
        check_damage::<B>(&bandit.to_bytes().unwrap());
        let mut online = Online::new(bandit).with_min_propensity(0.05).unwrap();
        online = online.with_expiry(Some(3)).unwrap();
        for seed in 0..6 {
            let allowed = ArmSet::all(N_ARMS).without(seed as usize % 3).unwrap();
            online.choose(&[1.0, 0.5], &allowed, &mut stream(seed, 0)).unwrap();
        }
        check_round_trip(&online);
        check_damage::<Online<B>>(&online.to_bytes().unwrap());
    }
}

#[test]
fn bandits_are_saved_whole_and_damaged_files_are_errors() {
    each(&Files);
}

/// Decisions with feedback three decisions late.
fn serve<B: Bandit>(online: &mut Online<B>, n_decisions: u64) -> Vec<LoggedDecision> {
    let mut log = Vec::new();
    for _ in 0..n_decisions {
        let mut rng = stream(8, online.n_decisions());
        let choice = online.choose(&context(&mut rng), &ArmSet::all(N_ARMS), &mut rng).unwrap();
        if choice.id >= 3 {
            let reward = f64::from(u8::from(rng.bernoulli(0.2 + 0.2 * choice.arm as f64)));
            log.push(online.feedback(choice.id - 3, reward).unwrap());
        }
    }
    log
}

struct Resuming;

impl Check for Resuming {
    fn check<B>(&self, bandit: &B)
    where
        B: Bandit + Artifact + Serialize + DeserializeOwned + Clone + PartialEq + Debug,
    {
        let mut whole = Online::new(bandit.clone()).with_min_propensity(0.02).unwrap();
        let mut stopped = whole.clone();
        let log = serve(&mut whole, 60);
        let mut parts = serve(&mut stopped, 25);
        let mut resumed = Online::<B>::from_bytes(&stopped.to_bytes().unwrap()).unwrap();
        assert_eq!(resumed, stopped);
        parts.extend(serve(&mut resumed, 35));
        assert_eq!(parts, log);
        assert_eq!(resumed.to_bytes().unwrap(), whole.to_bytes().unwrap());
    }
}

#[test]
fn a_service_that_stopped_goes_on_as_if_it_had_not() {
    each(&Resuming);
}

struct Batches;

impl Check for Batches {
    fn check<B>(&self, bandit: &B)
    where
        B: Bandit + Artifact + Clone + PartialEq + Debug,
    {
        let mut online = Online::new(bandit.clone());
        let mut rng = stream(9, 0);
        for _ in 0..6 {
            online.choose(&context(&mut rng), &ArmSet::all(N_ARMS), &mut rng).unwrap();
        }
        let mut single = online.clone();
        let rewards = [(4, 1.0), (0, 0.0), (5, 1.0), (2, 0.5)];
        let before = online.clone();
        for wrong in [&[(4, 1.0), (4, 1.0)][..], &[(0, 1.0), (6, 1.0)], &[(0, 1.0), (1, f64::NAN)]] {
            assert!(online.feedback_batch(wrong).is_err());
            assert_eq!(online, before);
        }
        let log = online.feedback_batch(&rewards).unwrap();
        let one_by_one: Vec<_> =
            rewards.iter().map(|(id, reward)| single.feedback(*id, *reward).unwrap()).collect();
        assert_eq!((log, &online), (one_by_one, &single));
        assert_eq!(online.pending().collect::<Vec<_>>(), [1, 3]);
        let answered = online.feedback(4, 1.0);
        assert!(matches!(answered, Err(Error::UnknownDecision { id: 4, n_decisions: 6 })));
        assert!(online.feedback(3, f64::NAN).is_err());
        assert_eq!(online.n_pending(), 2, "wrong feedback leaves the decision waiting");
    }
}

#[test]
fn feedback_may_come_late_in_any_order_and_in_batches() {
    each(&Batches);
}

#[test]
fn decisions_without_feedback_are_given_up_in_the_end() {
    let mut online = Online::new(ucb1(1.0)).with_expiry(Some(2)).unwrap();
    for _ in 0..5 {
        online.choose(&[], &ArmSet::all(N_ARMS), &mut stream(1, 0)).unwrap();
    }
    assert_eq!(online.pending().collect::<Vec<_>>(), [2, 3, 4]);
    assert_eq!((online.n_expired(), online.n_decisions()), (2, 5));
    let error = online.feedback(1, 1.0).unwrap_err();
    assert!(error.to_string().contains("decision 1 waits for no feedback"), "{error}");
    assert!(online.feedback(2, 1.0).is_ok());
    assert!(Online::new(ucb1(1.0)).with_expiry(Some(0)).is_err());
}

#[test]
fn a_floor_keeps_every_allowed_arm_possible() {
    let online = Online::new(taught(&ucb1(1.0), 30)).with_min_propensity(0.1).unwrap();
    let mut probabilities = online.probabilities(&[], &ArmSet::all(N_ARMS)).unwrap();
    probabilities.sort_by(f64::total_cmp);
    assert_eq!(probabilities, [0.1, 0.1, 0.1 + (1.0 - 0.1 * 3.0)]);
    let two = online.probabilities(&[], &ArmSet::all(N_ARMS).without(0).unwrap()).unwrap();
    assert_eq!((two[0], two[1] + two[2]), (0.0, 1.0));
    for wrong in [-0.1, 0.34, f64::NAN] {
        assert!(Online::new(ucb1(1.0)).with_min_propensity(wrong).is_err());
    }
}

#[test]
fn a_log_says_what_another_bandit_would_have_earned() {
    let mut online = Online::new(thompson_bernoulli(1.0)).with_min_propensity(0.1).unwrap();
    let log = serve(&mut online, 4003);
    assert_eq!(log.len(), 4000);
    // In `serve` a reward depends on the arm chosen three decisions later, hardly on its own: any policy earns the mean.
    let judged = logged_rewards(&log, &taught_for_arm(0)).unwrap();
    let mean = log.iter().map(|decision| decision.reward).sum::<f64>() / 4000.0;
    for estimate in [ips(&judged).unwrap(), snips(&judged).unwrap()] {
        // About 10 % of the log is the judged policy's: three standard deviations of a share over 400 and more.
        assert!((estimate.value - mean).abs() < 0.12, "{estimate:?} {mean}");
        assert!(estimate.effective_sample_size > 200.0, "{estimate:?}");
    }
    let fewer = Ucb1::new(2).unwrap();
    assert!(logged_rewards(&log, &fewer).is_err());
}

/// A greedy bandit that takes this arm.
fn taught_for_arm(arm: usize) -> EpsilonGreedy {
    let mut bandit = EpsilonGreedy::new(N_ARMS, 0.0).unwrap();
    bandit.feedback(arm, 1.0).unwrap();
    bandit
}

#[test]
fn a_log_of_thompson_sampling_values_each_arm_without_bias() {
    // Rewards of the arm itself, learnt from in batches of 50, so that propensities move while the log is written.
    let chances = [0.2, 0.4, 0.6];
    let mut online = Online::new(thompson_bernoulli(1.0)).with_min_propensity(0.1).unwrap();
    let (mut log, mut rng) = (Vec::new(), stream(10, 0));
    for _ in 0..200 {
        let mut batch = Vec::new();
        for _ in 0..50 {
            let choice = online.choose(&[], &ArmSet::all(N_ARMS), &mut rng).unwrap();
            batch.push((choice.id, f64::from(u8::from(rng.bernoulli(chances[choice.arm])))));
        }
        log.extend(online.feedback_batch(&batch).unwrap());
    }
    for (arm, chance) in chances.iter().enumerate() {
        let estimate = ips(&logged_rewards(&log, &taught_for_arm(arm)).unwrap()).unwrap();
        // The noisiest has propensities of 0.1: sqrt(0.2·10/10000) = 0.014 and three of them.
        assert!((estimate.value - chance).abs() < 0.045, "arm {arm}: {estimate:?}");
    }
}

fn table() -> FeatureTable {
    let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
    let keys = ["a", "b", "c"].map(|user| RowKey { user: user.into(), as_of }).to_vec();
    let values = array![[1.0, 10.0, 7.0], [3.0, 10.0, 8.0], [5.0, 1e9, 9.0]];
    FeatureTable::new(keys, ["x", "y", "z"], values).unwrap()
}

#[test]
fn contexts_are_made_of_segments_and_columns() {
    let context = BanditContext::fit(&table(), &["z", "x"], 2).unwrap();
    assert_eq!((context.len(), context.n_segments()), (5, 2));
    let made = context.contexts(&table(), &[0, 1, 0]).unwrap();
    assert_eq!(made[1], [1.0, 0.0, 1.0, 0.0, 0.0]);
    assert!((made[2][4] - 1.5_f64.sqrt()).abs() < 1e-15);
    let far = table().with_column("far", vec![0.0; 3]).unwrap().select(&["z", "far"]).unwrap();
    assert!(matches!(context.contexts(&far, &[0, 1, 0]), Err(Error::Data(DataError::UnknownName { .. }))));
    assert!(context.contexts(&table(), &[0, 1]).is_err());
    assert!(context.contexts(&table(), &[0, 1, 2]).unwrap_err().to_string().starts_with("row 2"));
    assert!(BanditContext::fit(&table(), &["x", "x"], 2).is_err());
    // An odd value is cut, so that it does not outweigh everything else.
    let small = BanditContext::fit(&table().take(&[0, 1]).unwrap(), &["x"], 0).unwrap();
    let odd = table().select(&["y"]).unwrap();
    let odd = FeatureTable::new(odd.keys().to_vec(), ["x"], odd.values().to_owned()).unwrap();
    assert_eq!(small.contexts(&odd, &[]).unwrap()[2], [1.0, 5.0]);
    check_round_trip(&context);
    check_damage::<BanditContext>(&context.to_bytes().unwrap());
}

#[test]
fn parameters_out_of_range_are_refused() {
    for wrong in [-0.1, 0.0, 1.1, f64::NAN] {
        assert!(Ucb1::new(2).unwrap().with_forgetting(wrong).is_err());
        assert!(EpsilonGreedy::new(2, 0.1).unwrap().with_forgetting(wrong).is_err());
        assert!(ThompsonBernoulli::new(2).unwrap().with_forgetting(wrong).is_err());
        assert!(ThompsonGaussian::new(2).unwrap().with_forgetting(wrong).is_err());
        assert!(LinUcb::new(2, 1).unwrap().with_forgetting(wrong).is_err());
        assert!(LinThompson::new(2, 1).unwrap().with_forgetting(wrong).is_err());
    }
    assert!(
        taught(&ucb1(1.0), 1).with_forgetting(0.9).is_err(),
        "what is counted cannot be discounted later"
    );
    assert!(taught(&lin_ucb(1.0), 1).with_ridge(2.0).is_err());
    for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(EpsilonGreedy::new(2, 0.1).unwrap().with_decay(wrong).is_err());
        assert!(ThompsonBernoulli::new(2).unwrap().with_prior([1.0, wrong]).is_err());
        assert!(LinUcb::new(2, 1).unwrap().with_ridge(wrong).is_err());
        assert!(LinThompson::new(2, 1).unwrap().with_noise(wrong).is_err());
        let prior = GaussianPrior::default();
        for prior in [
            GaussianPrior { weight: wrong, ..prior },
            GaussianPrior { shape: wrong, ..prior },
            GaussianPrior { scale: wrong, ..prior },
            GaussianPrior { variance: Some(wrong), ..prior },
            GaussianPrior { mean: f64::NAN, ..prior },
        ] {
            assert!(ThompsonGaussian::new(2).unwrap().with_prior(prior).is_err(), "{prior:?}");
        }
    }
    assert!(Ucb1::new(2).unwrap().with_exploration(f64::NAN).is_err());
    assert!(LinUcb::new(2, 1).unwrap().with_exploration(-1.0).is_err());
    assert!(Ucb1::new(0).is_err() && ThompsonBernoulli::new(0).is_err() && ThompsonGaussian::new(0).is_err());
    assert!(LinUcb::new(0, 1).is_err() && LinUcb::new(1, 0).is_err());
    assert!(ThompsonBernoulli::new(2).unwrap().learn(&[], 0, 1.1).is_err());
    assert!(ThompsonBernoulli::new(2).unwrap().learn(&[], 0, -0.1).is_err());
}

#[test]
fn what_is_forgotten_for_ever_so_long_leaves_a_sound_bandit() {
    let mut greedy = epsilon_greedy(0.5);
    let mut gaussian = thompson_gaussian(0.5);
    let mut linear = lin_thompson(0.5);
    let allowed = ArmSet::all(N_ARMS);
    for step in 0..3000 {
        // Arm 0 is heard of once, at the beginning.
        let arm = if step == 0 { 0 } else { 1 };
        greedy.learn(&[], arm, 1.0).unwrap();
        gaussian.learn(&[], arm, 5.0).unwrap();
        linear.learn(&[1.0, 0.5], arm, 5.0).unwrap();
    }
    assert_eq!(greedy.values()[0], 0.0);
    assert_eq!(gaussian.values()[0], 0.0);
    assert!(linear.probabilities(&[1.0, 0.5], &allowed).unwrap()[1] > 0.9);
    check_round_trip(&greedy);
    check_round_trip(&gaussian);
    check_round_trip(&linear);
}

#[test]
fn the_first_feedbacks_of_a_greedy_bandit_weigh_on_its_share_of_chance() {
    let mut bandit = EpsilonGreedy::new(2, 0.4).unwrap().with_decay(2.0).unwrap();
    assert_eq!(bandit.epsilon_now(), 0.4);
    bandit.feedback(0, 1.0).unwrap();
    bandit.feedback(0, 1.0).unwrap();
    assert_eq!((bandit.epsilon_now(), bandit.propensity(0)), (0.2, 0.1 + 0.8));
}

#[test]
fn files_of_another_bandit_are_named_as_such() {
    let bytes = ucb1(1.0).to_bytes().unwrap();
    assert!(matches!(LinUcb::from_bytes(&bytes), Err(ArtifactError::Kind { .. })));
    let online = Online::new(ucb1(1.0)).to_bytes().unwrap();
    let read = Online::<ThompsonBernoulli>::from_bytes(&online);
    assert!(matches!(read, Err(ArtifactError::Kind { expected: "thompson_bernoulli", .. })));
}

/// The bandits of the stored files.
fn stored() -> (EpsilonGreedy, Ucb1, ThompsonBernoulli, ThompsonGaussian, LinUcb, Online<LinThompson>) {
    let mut online = Online::new(taught(&lin_thompson(0.9), 20)).with_expiry(Some(10)).unwrap();
    for seed in 0..3 {
        online.choose(&[1.0, -0.5], &ArmSet::all(N_ARMS), &mut stream(seed, 0)).unwrap();
    }
    (
        taught(&epsilon_greedy(0.9), 20),
        taught(&ucb1(0.9), 20),
        taught(&thompson_bernoulli(1.0), 20),
        taught(&thompson_gaussian(1.0), 20),
        taught(&lin_ucb(1.0), 20),
        online,
    )
}

#[test]
fn files_of_format_1_still_load() {
    let greedy = check_stored::<EpsilonGreedy>(include_bytes!("artifacts/bandit_state_forgetting-1.json"));
    assert_eq!(greedy.counts().iter().sum::<u64>(), 20);
    assert_eq!(check_stored::<Ucb1>(include_bytes!("artifacts/ucb1-1.json")).forgetting(), 0.9);
    let thompson = check_stored::<ThompsonBernoulli>(include_bytes!("artifacts/thompson_bernoulli-1.json"));
    assert_eq!(thompson.prior(), [0.5, 1.5]);
    check_stored::<ThompsonGaussian>(include_bytes!("artifacts/thompson_gaussian-1.json"));
    check_stored::<LinUcb>(include_bytes!("artifacts/lin_ucb-1.json"));
    check_stored::<LinThompson>(include_bytes!("artifacts/lin_thompson-1.json"));
    let online = check_stored::<Online<LinThompson>>(include_bytes!("artifacts/online_bandit-1.json"));
    assert_eq!((online.n_pending(), online.expiry()), (3, Some(10)));
    check_stored::<BanditContext>(include_bytes!("artifacts/bandit_context-1.json"));
}

#[test]
#[ignore = "writes the stored files; run once for each new format"]
fn write_files_of_this_format() {
    let place = |name: &str| format!("{}/tests/artifacts/{name}-1.json", env!("CARGO_MANIFEST_DIR"));
    let (greedy, ucb, bernoulli, gaussian, linear, online) = stored();
    greedy.save(place("bandit_state_forgetting")).unwrap();
    ucb.save(place("ucb1")).unwrap();
    bernoulli.save(place("thompson_bernoulli")).unwrap();
    gaussian.save(place("thompson_gaussian")).unwrap();
    linear.save(place("lin_ucb")).unwrap();
    online.bandit().save(place("lin_thompson")).unwrap();
    online.save(place("online_bandit")).unwrap();
    BanditContext::fit(&table(), &["x", "z"], 3).unwrap().save(place("bandit_context")).unwrap();
}
