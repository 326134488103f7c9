//! Where households live.

use fincoach_core::rng::Rng;

/// Cities with their weights, roughly inhabitants in hundred thousands.
static CITIES: [(&str, f64); 20] = [
    ("London", 30.0),
    ("Birmingham", 11.0),
    ("Leeds", 8.0),
    ("Glasgow", 6.3),
    ("Sheffield", 5.6),
    ("Manchester", 5.5),
    ("Edinburgh", 5.3),
    ("Liverpool", 5.0),
    ("Bristol", 4.7),
    ("Cardiff", 3.6),
    ("Leicester", 3.7),
    ("Nottingham", 3.3),
    ("Newcastle", 3.0),
    ("Belfast", 3.4),
    ("Plymouth", 2.6),
    ("Derby", 2.6),
    ("Southampton", 2.5),
    ("Swansea", 2.4),
    ("Norwich", 1.4),
    ("York", 1.4),
];

/// A home, chosen by size.
pub(crate) fn home(rng: &mut Rng) -> &'static str {
    CITIES[rng.weighted(&CITIES.map(|(_, weight)| weight))].0
}

/// Anywhere, every city alike: people travel to small places too.
pub(crate) fn anywhere(rng: &mut Rng) -> &'static str {
    CITIES[rng.below(CITIES.len())].0
}
