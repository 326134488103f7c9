//! From tables of features to datasets of `linfa`.

use linfa::{Dataset, DatasetBase};
use ndarray::{Array1, Array2, Ix1};

use crate::{DataError, FeatureTable};

/// With the feature `linfa`: the way to its algorithms. The types come from the `linfa` that
/// [`fincoach_core::linfa`](crate::linfa) re-exports.
impl FeatureTable {
    /// A dataset without targets: all values, `(n_rows, n_columns)`, and the names of the columns.
    ///
    /// Users and dates stay behind; rows keep their order. Copies the values.
    ///
    /// # Examples
    /// ```
    /// use fincoach_core::{FeatureTable, RowKey, chrono::NaiveDate, ndarray::array};
    /// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
    /// let keys = vec![RowKey { user: "anna".into(), as_of }];
    /// let table = FeatureTable::new(keys, ["income", "spending"], array![[2000.0, 1500.0]])?;
    /// let dataset = table.to_linfa();
    /// assert_eq!(dataset.feature_names(), ["income", "spending"]);
    /// assert_eq!(dataset.records(), array![[2000.0, 1500.0]]);
    /// # Ok::<(), fincoach_core::DataError>(())
    /// ```
    #[must_use]
    pub fn to_linfa(&self) -> DatasetBase<Array2<f64>, Array1<()>> {
        DatasetBase::from(self.values().to_owned()).with_feature_names(self.columns().to_vec())
    }

    /// A dataset with one target a row: a class (`usize`, `bool`, `String`, …) or a number.
    ///
    /// # Errors
    /// [`DataError::Length`] unless there is a target for each row.
    ///
    /// # Examples
    /// ```
    /// use fincoach_core::{FeatureTable, RowKey, chrono::NaiveDate, ndarray::array};
    /// let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
    /// let keys = vec![RowKey { user: "anna".into(), as_of }];
    /// let table = FeatureTable::new(keys, ["income"], array![[2000.0]])?;
    /// assert_eq!(table.to_linfa_with(vec![true])?.targets(), &array![true]);
    /// assert!(table.to_linfa_with(vec![true, false]).is_err());
    /// # Ok::<(), fincoach_core::DataError>(())
    /// ```
    pub fn to_linfa_with<T>(&self, targets: Vec<T>) -> Result<Dataset<f64, T, Ix1>, DataError> {
        DataError::ensure_len("targets", self.n_rows(), targets.len())?;
        let dataset = Dataset::new(self.values().to_owned(), Array1::from(targets));
        Ok(dataset.with_feature_names(self.columns().to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use linfa::traits::Predict as _;
    use ndarray::{ArrayBase, Data, Ix2, array};

    use super::*;
    use crate::RowKey;

    fn table() -> FeatureTable {
        let as_of = NaiveDate::from_ymd_opt(2024, 1, 31).unwrap().into();
        let keys = ["a", "b", "c"].map(|user| RowKey { user: user.into(), as_of }).to_vec();
        FeatureTable::new(keys, ["x", "y"], array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]).unwrap()
    }

    #[test]
    fn linfa_gets_the_values_the_names_and_the_targets() {
        let table = table();
        let dataset = table.to_linfa();
        assert_eq!(dataset.records().view(), table.values());
        assert_eq!(dataset.feature_names(), table.columns());
        let labelled = table.to_linfa_with(vec!["no", "yes", "no"]).unwrap();
        assert_eq!(labelled.records(), dataset.records());
        assert_eq!(labelled.targets().to_vec(), ["no", "yes", "no"]);
        assert_eq!(labelled.feature_names(), table.columns());
    }

    #[test]
    fn linfa_without_rows_or_columns_does_not_panic() {
        let empty = table().take(&[]).unwrap();
        assert_eq!(empty.to_linfa().records().dim(), (0, 2));
        assert!(empty.to_linfa_with(Vec::<bool>::new()).is_ok());
        let bare = table().select::<&str>(&[]).unwrap();
        assert_eq!(bare.to_linfa().records().dim(), (3, 0));
    }

    #[test]
    fn linfa_refuses_another_number_of_targets() {
        let error = table().to_linfa_with(vec![1_usize]).unwrap_err();
        assert_eq!(error.to_string(), "targets: expected 3, got 1");
    }

    /// A model of linfa's kind: its traits take what the conversion gives.
    struct RowSum;

    impl<S: Data<Elem = f64>> linfa::traits::PredictInplace<ArrayBase<S, Ix2>, Array1<f64>> for RowSum {
        fn predict_inplace<'a>(&'a self, records: &'a ArrayBase<S, Ix2>, sums: &mut Array1<f64>) {
            sums.assign(&records.sum_axis(ndarray::Axis(1)));
        }

        fn default_target(&self, records: &ArrayBase<S, Ix2>) -> Array1<f64> {
            Array1::zeros(records.nrows())
        }
    }

    #[test]
    fn linfa_models_predict_on_the_dataset() {
        let sums: Array1<f64> = RowSum.predict(table().to_linfa().records());
        assert_eq!(sums.to_vec(), [3.0, 7.0, 11.0]);
    }
}
