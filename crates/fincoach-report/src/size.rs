//! How large a picture is.

use fincoach_core::ParamError;

/// Width and height in CSS pixels, each 200 to 4000; a picture shrinks with the page it stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    width: u32,
    height: u32,
}

impl Size {
    /// `width` × `height`. The range is checked when a picture is drawn.
    #[must_use]
    pub const fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    pub(crate) fn check(self) -> Result<(f64, f64), ParamError> {
        for (name, length) in [("width", self.width), ("height", self.height)] {
            ParamError::ensure((200..=4000).contains(&length), name, "in 200..=4000", length)?;
        }
        Ok((f64::from(self.width), f64::from(self.height)))
    }
}

impl Default for Size {
    /// 720 × 420.
    fn default() -> Self {
        Self::new(720, 420)
    }
}
