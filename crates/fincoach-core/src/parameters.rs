//! Getters and setters of parameters.

/// A getter and a setter for each parameter of a struct; the words describe the getter. For the crates of this workspace.
#[doc(hidden)]
#[macro_export]
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
