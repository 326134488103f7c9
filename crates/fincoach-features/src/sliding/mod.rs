//! What a window over time is made of: pieces that rows can be added to and taken from.
//!
//! All of them hold integers only, so that adding a row and taking it away again leaves the very same state as if it
//! had never been there, and a window slid along has the bits of one counted afresh.
//!
//! | piece | what it tells | adding, taking away | asking |
//! | --- | --- | --- | --- |
//! | [`Scatter`] | number, sum, standard deviation | `O(1)` | `O(1)` |
//! | [`OrderStatistic`] | the value of any rank, so every quantile | `O(log w)` | `O(log w)` |
//! | [`Counter`] | distinct keys, rows of the most frequent one | `O(1)` | `O(1)` |
//! | [`Ring`] | the rows themselves, oldest first | `O(1)` | `O(1)` |
//!
//! `w` is the number of rows in the window. [`calendar`] takes seconds apart without a date library.

pub(crate) mod calendar;
mod counter;
mod order_statistic;
mod ring;
mod scatter;

pub(crate) use counter::{Counter, DenseTally, SparseTally, Tally};
pub(crate) use order_statistic::OrderStatistic;
pub(crate) use ring::{Dated, Ring};
pub(crate) use scatter::Scatter;
