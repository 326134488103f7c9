//! Getters and setters of parameters.

/// A getter and a setter for each parameter; the words describe the getter.
macro_rules! parameters {
    ($params:ident: $($(#[$doc:meta])* $name:ident, $with:ident: $type:ty;)*) => {
        impl $params {
            $(
                $(#[$doc])*
                #[must_use]
                pub const fn $name(&self) -> $type {
                    self.$name
                }

                #[doc = concat!("Sets `", stringify!($name), "`.")]
                #[must_use]
                pub const fn $with(mut self, $name: $type) -> Self {
                    self.$name = $name;
                    self
                }
            )*
        }
    };
}

pub(crate) use parameters;
