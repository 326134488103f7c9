//! The passes written by hand against the tensor library's graph and against finite differences.

use candle_core::{Device, Tensor};
use fincoach_core::nn::{Dropout, StateDict, VarSet, uniform};
use fincoach_core::rng::stream;

use super::*;
use crate::engine::Table;
use crate::lstm::{Loss, LstmParams, graph};

/// Random examples.
struct Noise<'a>(&'a Plan, usize);

impl Batch for Noise<'_> {
    fn write(&self, which: usize, into: &mut Example) {
        let mut rng = stream(7, which as u64);
        for part in [&mut into.inputs, &mut into.values, &mut into.bases] {
            let n = part.len();
            *part = uniform(&mut rng, n, 1.0);
        }
        into.weights
            .iter_mut()
            .enumerate()
            .for_each(|(at, weight)| *weight = f32::from(u8::from(at % 5 != 3)));
        let tables = self.0.tables.iter().enumerate();
        into.levels = tables.map(|(at, table)| (which + at) % (table.levels + self.1)).collect();
    }
}

fn no_chance() -> Chances {
    Chances { dropout: Dropout::new(0.0), seed: 0, step: 0 }
}

#[test]
fn outputs_and_gradients_equal_those_of_the_tensor_library() {
    let plan =
        Plan { n_inputs: 11, tables: vec![], hidden: 64, layers: 2, n_outputs: 11, steps: 7, head_steps: 1 };
    let params = LstmParams::default();
    let state = plan.start(&mut stream(3, 0), 1.0).unwrap();
    for (n, kind, loss) in [(16, Loss::Squared, Pointwise::Squared), (37, Loss::Huber, Pointwise::Huber)] {
        let (which, mut parts): (Vec<usize>, _) = ((0..n).collect(), Workers::new(&plan, loss));
        struct Plain<'a>(Noise<'a>);
        impl Batch for Plain<'_> {
            fn write(&self, which: usize, into: &mut Example) {
                self.0.write(which, into);
                into.bases.fill(0.0);
                into.weights.fill(1.0);
            }
        }
        let batch = Plain(Noise(&plan, 0));
        let weights = plan.take(&state).unwrap();
        let got = parts.learn(&weights, (&batch, &which), no_chance());
        let gradients = plan.put(parts.gradients()).unwrap();
        let outputs = parts.outputs(&weights, &batch, &which);

        let (mut x, mut y) = (vec![0.0; 7 * n * 11], Vec::new());
        for row in 0..n {
            let mut example = Example { inputs: vec![0.0; 77], ..Example::default() };
            (example.values, example.bases, example.weights) = (vec![0.0; 11], vec![0.0; 11], vec![0.0; 11]);
            batch.write(row, &mut example);
            for step in 0..7 {
                x[(step * n + row) * 11..][..11].copy_from_slice(&example.inputs[step * 11..][..11]);
            }
            y.extend(example.values);
        }
        let vars = VarSet::new(&state).unwrap();
        let x = Tensor::from_vec(x, (7, n, 11), &Device::Cpu).unwrap();
        let y = Tensor::from_vec(y, (n, 11), &Device::Cpu).unwrap();
        let expected = graph::outputs(&params, &vars, &x, None).unwrap();
        let loss = graph::loss(kind, &expected, &y).unwrap();
        assert!((f64::from(loss.to_scalar::<f32>().unwrap()) - got).abs() < 1e-6);
        let close = |ours: &[f32], theirs: &Tensor, what: &str| {
            let theirs = theirs.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            for (ours, theirs) in ours.iter().zip(&theirs) {
                assert!((ours - theirs).abs() < 1e-6, "{what}: {ours} {theirs}");
            }
        };
        close(&outputs, &expected, "outputs");
        let slopes = loss.backward().unwrap();
        for (name, weights) in gradients.iter() {
            close(&weights.data, slopes.get(vars.get(name).unwrap()).unwrap(), name);
        }
    }
}

#[test]
fn gradients_equal_finite_differences() {
    let tables = vec![Table { levels: 2, width: 2 }, Table { levels: 3, width: 1 }];
    for loss in [Pointwise::Huber, Pointwise::Symmetric { floor: 0.3 }, Pointwise::Pinball(vec![0.1, 0.7])] {
        let n_outputs = 4;
        let plan = Plan {
            n_inputs: 2,
            tables: tables.clone(),
            hidden: 3,
            layers: 2,
            n_outputs,
            steps: 4,
            head_steps: 2,
        };
        let (batch, which) = (Noise(&plan, 1), [0, 5, 2, 3, 9, 11, 4, 1, 8, 20, 31]);
        let weights: Vec<f32> = plan
            .take(&plan.start(&mut stream(4, 0), 1.0).unwrap())
            .unwrap()
            .iter()
            .map(|w| w * 1.2)
            .collect();
        let mut parts = Workers::new(&plan, loss.clone());
        parts.learn(&weights, (&batch, &which), no_chance());
        let ours = parts.gradients().to_vec();
        assert!(ours.iter().filter(|slope| **slope == 0.0).count() < 3);
        for at in 0..weights.len() {
            let mut moved = |by: f32| {
                let mut weights = weights.clone();
                weights[at] += by;
                parts.loss(&weights, &batch, &which)
            };
            // Losses with corners: a narrow step, and the slope to 3 digits.
            let slope = (moved(2e-3) - moved(-2e-3)) / 4e-3;
            assert!((f64::from(ours[at]) - slope).abs() < 2e-3, "{loss:?} {at}: {} {slope}", ours[at]);
        }
    }
}

#[test]
fn dropout_draws_the_same_on_any_number_of_threads_and_keeps_the_mean() {
    let plan =
        Plan { n_inputs: 3, tables: vec![], hidden: 9, layers: 2, n_outputs: 2, steps: 5, head_steps: 3 };
    let weights = plan.take(&plan.start(&mut stream(4, 0), 1.0).unwrap()).unwrap();
    let which: Vec<usize> = (0..70).collect();
    let gradients = |threads: usize, step: u64| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let mut parts = Workers::new(&plan, Pointwise::Squared);
        let chances = Chances { dropout: Dropout::new(0.3), seed: 5, step };
        let loss = pool.install(|| parts.learn(&weights, (&Noise(&plan, 0), &which), chances));
        (loss.to_bits(), parts.gradients().to_vec())
    };
    assert_eq!(gradients(1, 3), gradients(3, 3));
    assert_ne!(gradients(1, 3), gradients(1, 4));
}

#[test]
fn rows_of_a_batch_do_not_influence_one_another() {
    let tables = vec![Table { levels: 2, width: 2 }];
    let plan = Plan { n_inputs: 2, tables, hidden: 5, layers: 1, n_outputs: 3, steps: 4, head_steps: 2 };
    let state: StateDict = plan.start(&mut stream(4, 0), 1.0).unwrap();
    let weights = plan.take(&state).unwrap();
    let mut parts = Workers::new(&plan, Pointwise::Absolute);
    let all: Vec<usize> = (0..300).collect();
    let together = parts.outputs(&weights, &Noise(&plan, 0), &all);
    assert_eq!(together.len(), 300 * 6);
    for one in [0, 63, 64, 255, 299] {
        let alone = parts.outputs(&weights, &Noise(&plan, 0), &[one]);
        assert_eq!(alone, together[one * 6..(one + 1) * 6], "{one}");
    }
}
