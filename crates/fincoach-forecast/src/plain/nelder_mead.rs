//! The least value of a function of a few parameters.

/// Reflection, expansion, contraction and shrinkage of the simplex (Nelder and Mead 1965).
const MOVES: [f64; 4] = [1.0, 2.0, 0.5, 0.5];

/// The point of the cube `[0, 1]ᵈ` at which a function is least, as far as a simplex finds it within
/// `max_calls`; points outside are mirrored at its faces.
pub(super) fn least(start: &[f64], max_calls: usize, mut f: impl FnMut(&[f64]) -> f64) -> Vec<f64> {
    let mut call = |mut point: Vec<f64>| {
        for x in &mut point {
            // Mirrored at the faces: points moved onto one would make the simplex flat.
            *x = (1.0 - (1.0 - x.abs()).abs()).clamp(0.0, 1.0);
        }
        let value = f(&point);
        (if value.is_nan() { f64::INFINITY } else { value }, point)
    };
    let mut best = call(start.to_vec());
    let mut calls = 1;
    // At an edge of the cube a simplex can fall flat: it is set up again where it stopped, until that gains
    // nothing.
    while calls < max_calls {
        let found = round(&best, &mut calls, max_calls, &mut call);
        let gain = best.0 - found.0;
        best = found;
        if gain <= 1e-6 * best.0.abs() {
            break;
        }
    }
    best.1
}

/// A point and the value there.
type Corner = (f64, Vec<f64>);

/// One simplex, from where it is set up to where it stops.
fn round(
    start: &Corner,
    calls: &mut usize,
    max_calls: usize,
    call: &mut impl FnMut(Vec<f64>) -> Corner,
) -> Corner {
    let d = start.1.len();
    let mut simplex = vec![start.clone()];
    for axis in 0..d {
        let mut corner = start.1.clone();
        corner[axis] += if corner[axis] < 0.5 { 0.25 } else { -0.25 };
        simplex.push(call(corner));
    }
    *calls += d;
    while *calls < max_calls {
        simplex.sort_by(|a, b| a.0.total_cmp(&b.0));
        if simplex[d].0 - simplex[0].0 <= 1e-9 * simplex[0].0.abs() && width(&simplex) < 1e-4 {
            break;
        }
        let centre: Vec<f64> =
            (0..d).map(|axis| simplex[..d].iter().map(|one| one.1[axis]).sum::<f64>() / count(d)).collect();
        let along = |worst: &[f64], by: f64| -> Vec<f64> {
            centre.iter().zip(worst).map(|(c, w)| c + by * (c - w)).collect()
        };
        let worst = simplex[d].1.clone();
        let reflected = call(along(&worst, MOVES[0]));
        *calls += 1;
        let next = if reflected.0 < simplex[0].0 {
            *calls += 1;
            let expanded = call(along(&worst, MOVES[1]));
            if expanded.0 < reflected.0 { expanded } else { reflected }
        } else if reflected.0 < simplex[d.saturating_sub(1)].0 {
            reflected
        } else {
            *calls += 1;
            let towards = if reflected.0 < simplex[d].0 { MOVES[2] } else { -MOVES[2] };
            call(along(&worst, towards))
        };
        if next.0 < simplex[d].0 {
            simplex[d] = next;
            continue;
        }
        let best = simplex[0].1.clone();
        for corner in simplex.iter_mut().skip(1) {
            let shrunk = best.iter().zip(&corner.1).map(|(b, x)| b + MOVES[3] * (x - b)).collect();
            *corner = call(shrunk);
            *calls += 1;
        }
    }
    simplex.sort_by(|a, b| a.0.total_cmp(&b.0));
    simplex.swap_remove(0)
}

fn width(simplex: &[Corner]) -> f64 {
    let best = &simplex[0].1;
    let far = simplex.iter().flat_map(|corner| corner.1.iter().zip(best).map(|(x, b)| (x - b).abs()));
    far.fold(0.0, f64::max)
}

#[expect(clippy::cast_precision_loss, reason = "a handful of parameters")]
const fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_valley_of_rosenbrock_is_followed_to_its_end() {
        let valley = |x: &[f64]| (0.7 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2);
        let found = least(&[0.1, 0.9], 2_000, valley);
        assert!((found[0] - 0.7).abs() < 1e-3 && (found[1] - 0.49).abs() < 1e-3, "{found:?}");
    }

    #[test]
    fn the_edge_and_nan_are_survived() {
        assert!(least(&[0.5], 200, |x| -x[0])[0] > 0.9999);
        assert!(least(&[0.5, 0.5], 200, |_| f64::NAN).iter().all(|x| (0.0..=1.0).contains(x)));
    }
}
