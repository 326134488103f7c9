//! The form of a class forest on disk: the splits of a tree once, the shares of every class beside them.

use fincoach_core::{DataError, FitReport, json_artifact};
use serde::{Deserialize, Serialize};

use super::model::ClassForest;
use crate::Error;
use crate::forest::model::{ensure_columns, ensure_importances, ensure_splitter, ensure_whole};
use crate::forest::options::Splitter;
use crate::forest::params::ForestParams;
use crate::forest::tree::{self, Tree};

json_artifact!(ClassForest, "class_forest", 1);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Repr {
    params: ForestParams,
    columns: Vec<String>,
    splitter: Splitter,
    trees: Vec<TreeRepr>,
    importances: Vec<f64>,
    report: FitReport,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TreeRepr {
    column: Vec<Option<u32>>,
    threshold: Vec<f64>,
    /// For each class the share at every node.
    shares: Vec<Vec<f64>>,
    draws: Vec<u32>,
}

impl From<ClassForest> for Repr {
    fn from(forest: ClassForest) -> Self {
        let ClassForest { params, columns, splitter, trees, importances, report } = forest;
        let trees = trees.into_iter().filter_map(written).collect();
        Self { params, columns, splitter, trees, importances, report }
    }
}

/// A tree has at least one class.
fn written(classes: Vec<Tree>) -> Option<TreeRepr> {
    let mut reprs = classes.into_iter().map(tree::Repr::from);
    let tree::Repr { column, threshold, share, draws } = reprs.next()?;
    let shares = std::iter::once(share).chain(reprs.map(|repr| repr.share)).collect();
    Some(TreeRepr { column, threshold, shares, draws })
}

fn read(repr: &TreeRepr) -> Result<Vec<Tree>, DataError> {
    let of_class = |share: &Vec<f64>| {
        let (column, threshold, draws) = (repr.column.clone(), repr.threshold.clone(), repr.draws.clone());
        Tree::try_from(tree::Repr { column, threshold, share: share.clone(), draws })
    };
    let trees: Vec<Tree> = repr.shares.iter().map(of_class).collect::<Result<_, _>>()?;
    for node in 0..repr.column.len() {
        let sum: f64 = trees.iter().map(|tree| tree.share_at(node)).sum();
        if (sum - 1.0).abs() > 1e-9 {
            return Err(inconsistent("the shares of a node do not add up to 1"));
        }
    }
    Ok(trees)
}

impl TryFrom<Repr> for ClassForest {
    type Error = Error;

    fn try_from(repr: Repr) -> Result<Self, Error> {
        let Repr { params, columns, splitter, trees, importances, report } = repr;
        params.check()?;
        params.check_classes()?;
        ensure_columns(&columns)?;
        params.columns_per_node(columns.len())?;
        ensure_splitter(&params, splitter).map_err(inconsistent)?;
        let trees: Vec<Vec<Tree>> = trees.iter().map(read).collect::<Result<_, _>>()?;
        let n_classes = trees.first().map_or(0, Vec::len);
        for classes in &trees {
            let deep = |tree: &Tree| params.max_depth().is_some_and(|depth| tree.depth() > depth);
            if classes.is_empty() || classes.len() != n_classes || classes.iter().any(deep) {
                return Err(inconsistent("a tree is too deep or has other classes").into());
            }
            classes[0].ensure_columns(columns.len())?;
        }
        ensure_importances(&importances, columns.len())?;
        ensure_whole(&params, trees.len(), &report).map_err(inconsistent)?;
        Ok(Self { params, columns, splitter, trees, importances, report })
    }
}

fn inconsistent(reason: &str) -> DataError {
    DataError::Inconsistent { what: "class forest", reason: reason.to_owned() }
}
