//! K-means, figures of clusterings, scaling and PCA beside scikit-learn's; the scripts that made the numbers
//! are `reference/kmeans.py` and `reference/indices.py`.

#![allow(clippy::unwrap_used, reason = "tests")]

use fincoach_core::metrics::adjusted_rand;
use fincoach_core::ndarray::Array2;
use fincoach_core::{Fit, StandardScaler};
use fincoach_segmentation::{KMeansParams, Pca, calinski_harabasz, choose_k, davies_bouldin, silhouette};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    tables: Vec<Table>,
}

#[derive(Deserialize)]
struct Table {
    name: String,
    values: Vec<Vec<f64>>,
    kmeans: Vec<Clustering>,
    pca: Components,
}

#[derive(Deserialize)]
struct Clustering {
    k: usize,
    inertia: f64,
    silhouette: f64,
    labels: Vec<usize>,
}

#[derive(Deserialize)]
struct Components {
    explained_variance: Vec<f64>,
    explained_variance_ratio: Vec<f64>,
    components: Vec<Vec<f64>>,
    first_row: Vec<f64>,
}

fn tables() -> Vec<Table> {
    serde_json::from_str::<Reference>(include_str!("reference/kmeans.json")).unwrap().tables
}

fn scaled(table: &Table) -> Array2<f64> {
    let shape = (table.values.len(), table.values[0].len());
    let values = Array2::from_shape_vec(shape, table.values.concat()).unwrap();
    StandardScaler::fit(values.view()).unwrap().transform(values.view()).unwrap()
}

fn assert_close(ours: f64, theirs: f64, tolerance: f64, what: &str) {
    assert!(
        (ours - theirs).abs() <= tolerance * theirs.abs().max(1.0),
        "{what}: {ours}, scikit-learn {theirs}"
    );
}

#[test]
fn inertia_is_not_above_that_of_a_thousand_restarts() {
    for table in tables() {
        let points = scaled(&table);
        for theirs in &table.kmeans {
            let ours = KMeansParams::default().with_n_clusters(theirs.k).fit(&points).unwrap();
            let what = format!("{}, k {}", table.name, theirs.k);
            assert!(ours.inertia() <= theirs.inertia * (1.0 + 1e-9), "{what}: {}", ours.inertia());
            if ours.inertia() >= theirs.inertia * (1.0 - 1e-9) {
                assert_close(adjusted_rand(ours.labels(), &theirs.labels).unwrap(), 1.0, 1e-12, &what);
            }
        }
    }
}

#[test]
fn silhouettes_are_equal_where_partitions_are() {
    let mut n_compared = 0;
    for table in tables() {
        let choice = choose_k(scaled(&table).view(), &KMeansParams::default(), 2..=6).unwrap();
        for (ours, theirs) in choice.rows().iter().zip(&table.kmeans) {
            assert_eq!(ours.k, theirs.k);
            if ours.inertia >= theirs.inertia * (1.0 - 1e-9) {
                assert_close(ours.silhouette, theirs.silhouette, 1e-9, &table.name);
                n_compared += 1;
            }
        }
    }
    assert!(n_compared >= 12, "only {n_compared} of 15 partitions are equal");
}

#[test]
fn principal_components_are_equal_up_to_sign() {
    for table in tables() {
        let (points, theirs) = (scaled(&table), &table.pca);
        let ours = Pca::fit(points.view(), theirs.explained_variance.len()).unwrap();
        let first_row = ours.transform(points.view()).unwrap();
        for (index, component) in theirs.components.iter().enumerate() {
            let name = &table.name;
            assert_close(ours.explained_variance()[index], theirs.explained_variance[index], 1e-9, name);
            assert_close(
                ours.explained_variance_ratio()[index],
                theirs.explained_variance_ratio[index],
                1e-9,
                name,
            );
            let dot: f64 = ours.components().row(index).iter().zip(component).map(|(x, y)| x * y).sum();
            assert_close(dot.abs(), 1.0, 1e-9, name);
            assert_close(first_row[[0, index]] * dot.signum(), theirs.first_row[index], 1e-9, name);
        }
    }
}

#[derive(Deserialize)]
struct Indices {
    points: Vec<Vec<f64>>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    k: usize,
    inertia: f64,
    labels: Vec<usize>,
    silhouette: f64,
    davies_bouldin: f64,
    calinski_harabasz: f64,
    adjusted_rand: f64,
}

#[test]
fn figures_of_clusterings_are_equal() {
    let theirs: Indices = serde_json::from_str(include_str!("reference/indices.json")).unwrap();
    let points = Array2::from_shape_vec((200, 6), theirs.points.concat()).unwrap();
    let truth: Vec<usize> = (0..200).map(|row| row % 4).collect();
    for case in theirs.cases {
        let (what, labels) = (format!("k {}", case.k), &case.labels);
        assert_close(silhouette(points.view(), labels).unwrap(), case.silhouette, 1e-12, &what);
        assert_close(davies_bouldin(points.view(), labels).unwrap(), case.davies_bouldin, 1e-12, &what);
        let index = calinski_harabasz(points.view(), labels).unwrap();
        assert_close(index / case.calinski_harabasz, 1.0, 1e-12, &what);
        assert_close(adjusted_rand(&truth, labels).unwrap(), case.adjusted_rand, 1e-12, &what);
        let params = KMeansParams::default().with_n_clusters(case.k).with_n_init(300);
        let ours = params.fit(&points).unwrap();
        assert!(ours.inertia() <= case.inertia * (1.0 + 1e-9), "{what}: {}", ours.inertia());
    }
}
