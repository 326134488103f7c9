//! Colours, dashes and shapes that tell series apart.

/// Okabe and Ito, "Color universal design" (2008), without the yellow, which vanishes on white.
const COLOURS: [&str; 7] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];
const DASHES: [&str; 4] = ["", "7 4", "2 3", "9 3 2 3"];

pub(crate) const INK: &str = "#222222";
pub(crate) const QUIET_INK: &str = "#595959";
pub(crate) const GRID: &str = "#e3e3e3";
pub(crate) const AXIS: &str = "#8a8a8a";

/// The look of one series. 7 colours and 4 dashes have no common divisor, so looks repeat after 28 only.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Style {
    pub(crate) colour: &'static str,
    pub(crate) dash: &'static str,
    pub(crate) shape: Shape,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    Circle,
    Square,
    Triangle,
    Diamond,
}

impl Style {
    pub(crate) fn nth(index: usize) -> Self {
        let shapes = [Shape::Circle, Shape::Square, Shape::Triangle, Shape::Diamond];
        Self {
            colour: COLOURS[index % COLOURS.len()],
            dash: DASHES[index % DASHES.len()],
            shape: shapes[index % shapes.len()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_28_looks_differ() {
        for one in 0..28 {
            assert!((0..one).all(|other| Style::nth(other) != Style::nth(one)), "{one}");
        }
    }
}
