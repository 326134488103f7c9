//! Parameters of mini-batch K-means and its fit.

use fincoach_core::ndarray::{Array2, ArrayBase, Axis, Data, Ix2};
use fincoach_core::{Control, DataError, Fit, Outcome, ParamError, Progress, Step, parameters, rng};
use serde::{Deserialize, Serialize};

use super::descent::{Descent, Tally};
use super::model::MiniBatchKMeans;
use super::reservoir::Reservoir;
use crate::kmeans::Points;
use crate::{Error, KMeansParams};

/// Rows of a matrix that are copied at a time; a whole number of batches of the default size.
const LARGEST_COPY: usize = 65_536;

/// Parameters of K-means over batches of rows (Sculley 2010), for data that does not fit into memory.
///
/// | name | default | range | meaning |
/// | --- | --- | --- | --- |
/// | `n_clusters` | 5 | ≥ 1 | number of clusters |
/// | `batch_size` | 1024 | ≥ 1 | rows of a step |
/// | `n_passes` | 3 | ≥ 1 | times that all rows are gone through, between one to draw the sample and one to measure |
/// | `sample_size` | 8192 | ≥ `n_clusters` | rows of an even sample; [`KMeansParams`] on it gives the centres to start from |
/// | `n_init` | 8 | ≥ 1 | restarts on the sample |
/// | `seed` | 42 | any | of the sample and of the restarts |
///
/// # Examples
/// ```
/// use fincoach_core::ndarray::{Array2, array};
/// use fincoach_core::Silent;
/// use fincoach_segmentation::{Error, MiniBatchParams};
///
/// let params = MiniBatchParams::default().with_n_clusters(2);
/// // As many blocks as there are, read from anywhere, once for each pass.
/// let blocks = || (0..10).map(|_| Ok::<Array2<f64>, Error>(array![[0.0], [1.0], [10.0], [11.0], [12.0]]));
/// let model = params.fit_blocks(blocks, &mut Silent)?;
/// assert_eq!((model.n_rows(), model.sizes()), (50, &[30, 20][..]));
/// assert!((model.inertia() - 10.0 * 2.5).abs() < 1e-9);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MiniBatchParams {
    n_clusters: usize,
    batch_size: usize,
    n_passes: usize,
    sample_size: usize,
    n_init: usize,
    seed: u64,
}

impl Default for MiniBatchParams {
    fn default() -> Self {
        Self { n_clusters: 5, batch_size: 1024, n_passes: 3, sample_size: 8192, n_init: 8, seed: 42 }
    }
}

parameters! { MiniBatchParams:
    /// The number of clusters.
    n_clusters, with_n_clusters: usize;
    /// The rows of a step.
    batch_size, with_batch_size: usize;
    /// How often all rows are gone through.
    n_passes, with_n_passes: usize;
    /// The rows of the sample to start from.
    sample_size, with_sample_size: usize;
    /// The restarts on the sample.
    n_init, with_n_init: usize;
    /// The seed.
    seed, with_seed: u64;
}

impl MiniBatchParams {
    fn check(&self) -> Result<(), ParamError> {
        ParamError::ensure(self.n_clusters >= 1, "n_clusters", "at least 1", self.n_clusters)?;
        ParamError::ensure(self.batch_size >= 1, "batch_size", "at least 1", self.batch_size)?;
        ParamError::ensure(self.n_passes >= 1, "n_passes", "at least 1", self.n_passes)?;
        let size = self.sample_size;
        ParamError::ensure(size >= self.n_clusters, "sample_size", "at least n_clusters", size)?;
        ParamError::ensure(self.n_init >= 1, "n_init", "at least 1", self.n_init)
    }

    /// Fits on rows that come in blocks, one block in memory at a time; `open` begins anew with the first.
    ///
    /// `open` is called `n_passes + 2` times and has to give the same blocks every time. Blocks may be of any size; an
    /// empty one is passed over. A step takes `batch_size` rows of a block, or what is left of it, so the
    /// model depends on the order of the rows and on where blocks end. Cost: `O(n_rows · n_clusters · n_columns)` a pass;
    /// memory for a block and the sample.
    ///
    /// # Errors
    /// What `open` and its blocks say; and as the [`Fit`] on a matrix, with rows counted from the start of their block.
    pub fn fit_blocks<I, E>(
        &self,
        mut open: impl FnMut() -> I,
        progress: &mut dyn Progress,
    ) -> Result<MiniBatchKMeans, E>
    where
        I: Iterator<Item = Result<Array2<f64>, E>>,
        E: From<Error>,
    {
        self.check().map_err(Error::from)?;
        let (mut descent, n_rows) = self.start(open())?;
        let mut curve = Vec::new();
        let mut outcome = Outcome::MaxIter;
        for pass in 0..self.n_passes {
            curve.push(self.pass(&mut descent, open())?);
            let step = Step::new("mini batch", pass as u64 + 1, self.n_passes as u64);
            let told = progress.step(&step.with_loss(curve[pass]));
            if told == Control::Stop && pass + 1 < self.n_passes {
                outcome = Outcome::Stopped;
                break;
            }
        }
        let tally = measured(&descent.centres, open())?;
        let n_last = tally.sizes.iter().sum();
        DataError::ensure_len("rows of the last pass", n_rows, n_last).map_err(Error::from)?;
        Ok(MiniBatchKMeans::new(&descent.centres, tally, (curve, outcome)))
    }

    /// Centres to start from, those of K-means on an even sample; and the number of rows.
    fn start<I, E>(&self, blocks: I) -> Result<(Descent, usize), E>
    where
        I: Iterator<Item = Result<Array2<f64>, E>>,
        E: From<Error>,
    {
        let mut reservoir = Reservoir::new(self.sample_size, rng::derived(self.seed, "mini batch sample"));
        let mut width = None;
        for block in blocks {
            let Some(points) = checked(&block?, &mut width)? else { continue };
            reservoir.meet(&points);
        }
        let n_rows = reservoir.n_met();
        let Some(width) = width else { return Err(Error::from(DataError::Empty { what: "rows" }).into()) };
        let sample = reservoir.into_points(width).to_array();
        let kmeans = KMeansParams::default().with_n_clusters(self.n_clusters).with_n_init(self.n_init);
        let model = kmeans.with_seed(self.seed).fit(&sample)?;
        let centres = Points::checked(&model.centres())?;
        Ok((Descent::new(centres), n_rows))
    }

    /// Goes once through all rows; returns the sum over the batches of their inertia before their step.
    fn pass<I, E>(&self, descent: &mut Descent, blocks: I) -> Result<f64, E>
    where
        I: Iterator<Item = Result<Array2<f64>, E>>,
        E: From<Error>,
    {
        let mut inertia = 0.0;
        let mut width = Some(descent.centres.width());
        descent.begin_pass();
        for block in blocks {
            let block = block?;
            for batch in block.axis_chunks_iter(Axis(0), self.batch_size) {
                let Some(points) = checked(&batch, &mut width)? else { continue };
                inertia += descent.step(&points);
            }
        }
        Ok(inertia)
    }
}

/// Sizes and inertia of all rows at these centres.
fn measured<I, E>(centres: &Points, blocks: I) -> Result<Tally, E>
where
    I: Iterator<Item = Result<Array2<f64>, E>>,
    E: From<Error>,
{
    let mut tally = Tally::new(centres.len(), centres.width());
    let mut width = Some(centres.width());
    for block in blocks {
        let Some(points) = checked(&block?, &mut width)? else { continue };
        tally.join(&Tally::of(&points, centres));
    }
    Ok(tally)
}

/// The rows of a block, `None` without any; all blocks have as many columns as the first.
fn checked<S: Data<Elem = f64>>(
    block: &ArrayBase<S, Ix2>,
    width: &mut Option<usize>,
) -> Result<Option<Points>, Error> {
    if block.nrows() == 0 {
        return Ok(None);
    }
    DataError::ensure_len("columns", *width.get_or_insert(block.ncols()), block.ncols())?;
    Points::checked(block).map(Some)
}

/// Rows of a matrix, `(n_rows, n_columns)`, taken 65,536 rows at a time: see [`MiniBatchParams::fit_blocks`].
impl<S: Data<Elem = f64>> Fit<ArrayBase<S, Ix2>> for MiniBatchParams {
    type Model = MiniBatchKMeans;
    type Error = Error;

    /// # Errors
    /// [`Error::Param`]; [`Error::Data`] for no rows, no columns, values that are not finite or beyond
    /// 1e100; [`Error::TooFewRows`] and [`Error::TooFewDistinct`] of the sample.
    fn fit_with(
        &self,
        data: &ArrayBase<S, Ix2>,
        progress: &mut dyn Progress,
    ) -> Result<MiniBatchKMeans, Error> {
        self.fit_blocks(
            || data.axis_chunks_iter(Axis(0), LARGEST_COPY).map(|block| Ok(block.to_owned())),
            progress,
        )
    }
}
