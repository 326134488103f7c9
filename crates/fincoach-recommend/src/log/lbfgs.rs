//! The minimum of a smooth convex function.

/// Pairs of steps and changes of the gradient that are remembered.
const MEMORY: usize = 20;
/// Halvings of a step before the search gives up: below this, rounding decides.
const MAX_HALVINGS: usize = 40;

/// Where a search ended.
pub(crate) struct Minimum {
    pub(crate) at: Vec<f64>,
    /// The value after each step.
    pub(crate) curve: Vec<f64>,
    pub(crate) converged: bool,
}

/// Limited-memory BFGS with a backtracking search (Nocedal and Wright, 2006, algorithms 7.4 and 7.5).
///
/// `of` gives value and gradient. Ends when no component of the gradient is above `tol`, when no shorter step
/// lowers the value, after `max_iter` steps, or when `go_on`, told the number of steps done, says so.
pub(crate) fn minimise(
    start: Vec<f64>,
    (max_iter, tol): (usize, f64),
    mut of: impl FnMut(&[f64]) -> (f64, Vec<f64>),
    mut go_on: impl FnMut(usize) -> bool,
) -> Minimum {
    let mut found = Minimum { at: start, curve: Vec::new(), converged: false };
    let (mut value, mut gradient) = of(&found.at);
    let mut pairs: Vec<Pair> = Vec::new();
    while found.curve.len() < max_iter {
        if gradient.iter().all(|slope| slope.abs() <= tol) {
            found.converged = true;
            break;
        }
        let direction = direction(&gradient, &pairs);
        let Some((next, lower, slopes)) = search(&found.at, (value, &gradient), &direction, &mut of) else {
            // Steps remembered may mislead; the plain gradient cannot.
            if pairs.is_empty() {
                found.converged = true;
                break;
            }
            pairs.clear();
            continue;
        };
        remember(&mut pairs, Pair::between((&found.at, &gradient), (&next, &slopes)));
        (found.at, value, gradient) = (next, lower, slopes);
        found.curve.push(value);
        if !go_on(found.curve.len()) {
            break;
        }
    }
    found
}

/// A step, the change of the gradient along it, and their inner product.
struct Pair {
    step: Vec<f64>,
    change: Vec<f64>,
    product: f64,
}

impl Pair {
    fn between((from, gradient): (&[f64], &[f64]), (to, slopes): (&[f64], &[f64])) -> Self {
        let less = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<f64>>();
        let (step, change) = (less(to, from), less(slopes, gradient));
        let product = dot(&step, &change);
        Self { step, change, product }
    }
}

fn remember(pairs: &mut Vec<Pair>, pair: Pair) {
    if pair.product > 1e-12 * dot(&pair.change, &pair.change) {
        if pairs.len() == MEMORY {
            pairs.remove(0);
        }
        pairs.push(pair);
    }
}

/// Where to go: the gradient times the inverse curvature that the pairs tell of, downhill.
fn direction(gradient: &[f64], pairs: &[Pair]) -> Vec<f64> {
    let mut way: Vec<f64> = gradient.iter().map(|slope| -slope).collect();
    let mut shares = Vec::with_capacity(pairs.len());
    for pair in pairs.iter().rev() {
        let share = dot(&pair.step, &way) / pair.product;
        add(&mut way, -share, &pair.change);
        shares.push(share);
    }
    let scale = match pairs.last() {
        Some(last) => last.product / dot(&last.change, &last.change),
        None => 1.0 / dot(gradient, gradient).sqrt().max(1.0),
    };
    way.iter_mut().for_each(|value| *value *= scale);
    for (pair, share) in pairs.iter().zip(shares.iter().rev()) {
        let back = dot(&pair.change, &way) / pair.product;
        add(&mut way, share - back, &pair.step);
    }
    way
}

/// The first of ever shorter steps that lowers the value enough (Armijo).
fn search(
    from: &[f64],
    (value, gradient): (f64, &[f64]),
    direction: &[f64],
    of: &mut impl FnMut(&[f64]) -> (f64, Vec<f64>),
) -> Option<(Vec<f64>, f64, Vec<f64>)> {
    let slope = dot(gradient, direction);
    let mut length = 1.0;
    for _ in 0..MAX_HALVINGS {
        let mut next = from.to_vec();
        add(&mut next, length, direction);
        let (lower, slopes) = of(&next);
        if slope < 0.0 && lower < value && lower <= value + 1e-4 * length * slope {
            return Some((next, lower, slopes));
        }
        length /= 2.0;
    }
    None
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(to: &mut [f64], factor: f64, what: &[f64]) {
    for (to, what) in to.iter_mut().zip(what) {
        *to += factor * what;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_valley_is_walked_to_its_end() {
        // Curvatures from 1 to 1,000; the minimum is at 1, 2, 3, ….
        let curvature = |i: usize| 1000_f64.powf(i as f64 / 10.0);
        let of = |x: &[f64]| {
            let miss = |i: usize| x[i] - (i + 1) as f64;
            let value = (0..x.len()).map(|i| 0.5 * curvature(i) * miss(i) * miss(i)).sum();
            (value, (0..x.len()).map(|i| curvature(i) * miss(i)).collect())
        };
        let found = minimise(vec![0.0; 11], (200, 1e-8), of, |_| true);
        assert!(found.converged && found.curve.len() < 100, "{}", found.curve.len());
        for (i, x) in found.at.iter().enumerate() {
            assert!((x - (i + 1) as f64).abs() < 1e-8, "{i} {x}");
        }
        assert!(found.curve.windows(2).all(|pair| pair[1] < pair[0]));
    }

    #[test]
    fn it_stops_when_told_and_when_there_is_nothing_to_gain() {
        let of = |x: &[f64]| (x[0].powi(4), vec![4.0 * x[0].powi(3)]);
        assert_eq!(minimise(vec![3.0], (100, 0.0), of, |done| done < 3).curve.len(), 3);
        assert!(minimise(vec![0.0], (100, 0.0), of, |_| true).converged);
    }
}
