//! The pole on the cart of Barto, Sutton and Anderson (1983), as `CartPole-v1` has it, and a log of it.

use std::path::Path;

use fincoach::core::DataError;
use fincoach::core::ndarray::{Array2, ArrayView2};
use fincoach::core::rng::stream;
use fincoach::recommend::{QData, QNetwork, QStep};

/// Steps after which a game ends though the pole stands.
const LONGEST: usize = 200;

/// Position, speed, angle, angular speed.
type State = [f64; 4];

/// The state 0.02 s later (Euler's method), the cart pushed to the left (0) or to the right (1).
pub(crate) fn pushed([x, speed, angle, turn]: State, action: usize) -> State {
    const GRAVITY: f64 = 9.8;
    const POLE: f64 = 0.1;
    const TOTAL: f64 = 1.0 + POLE;
    const HALF_LENGTH: f64 = 0.5;
    const SECONDS: f64 = 0.02;
    let force = if action == 1 { 10.0 } else { -10.0 };
    let (sin, cos) = angle.sin_cos();
    let pull = (force + POLE * HALF_LENGTH * turn * turn * sin) / TOTAL;
    let turning = (GRAVITY * sin - cos * pull) / (HALF_LENGTH * (4.0 / 3.0 - POLE * cos * cos / TOTAL));
    let rolling = pull - POLE * HALF_LENGTH * turning * cos / TOTAL;
    [x + SECONDS * speed, speed + SECONDS * rolling, angle + SECONDS * turn, turn + SECONDS * turning]
}

/// Whether the game is lost: the cart beyond 2.4 m, or the pole beyond 12 degrees.
pub(crate) fn fallen([x, _, angle, _]: State) -> bool {
    x.abs() > 2.4 || angle.abs() > 12.0_f64.to_radians()
}

/// The steps that the greedy policy of a network lasts, at most 200: the mean of games that start within ±0.05.
pub(crate) fn mean_return(network: &QNetwork, n_games: usize, seed: u64) -> f64 {
    let mut rng = stream(seed, 0);
    let mut total = 0_u32;
    for _ in 0..n_games {
        let mut state = [(); 4].map(|()| rng.range(-0.05, 0.05));
        for _ in 0..LONGEST {
            let values = network.q_values(ArrayView2::from(&[state])).unwrap();
            state = pushed(state, usize::from(values[(0, 1)] > values[(0, 0)]));
            total += 1;
            if fallen(state) {
                break;
            }
        }
    }
    f64::from(total) / n_games as f64
}

/// One row of the log: a state, and how the game stood when it was reached.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) state: State,
    pub(crate) action: usize,
    pub(crate) reward: f64,
    pub(crate) terminal: bool,
    pub(crate) last: bool,
}

pub(crate) fn read(path: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(path).unwrap();
    let row = |line: &str| {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        Row {
            state: [cells[0], cells[1], cells[2], cells[3]],
            action: usize::from(cells[4] == 1.0),
            reward: cells[5],
            terminal: cells[6] == 1.0,
            last: cells[7] == 1.0,
        }
    };
    text.lines().skip(1).map(row).collect()
}

/// Each row with the one that follows in the same game.
pub(crate) fn pairs(rows: &[Row]) -> impl Iterator<Item = (Row, Row)> {
    rows.windows(2).filter(|pair| !pair[0].last).map(|pair| (pair[0], pair[1]))
}

/// The transitions of the log: what a row did, and what the next row says came of it.
pub(crate) fn transitions(rows: &[Row], gamma: f32) -> Result<QData, DataError> {
    let n_rows = pairs(rows).count();
    let matrix = |of: fn((Row, Row)) -> State| {
        let values: Vec<f32> = pairs(rows).flat_map(of).map(|value| value as f32).collect();
        Array2::from_shape_vec((n_rows, 4), values).unwrap()
    };
    let step = |(row, next): (Row, Row)| QStep {
        action: row.action,
        reward: next.reward as f32,
        discount: if next.terminal { 0.0 } else { gamma },
    };
    let steps = pairs(rows).map(step).collect();
    QData::new(2, matrix(|(row, _)| row.state), matrix(|(_, next)| next.state), steps)
}
