//! Setters and getters of parameters.

/// A setter and a getter for each parameter, named like the field.
macro_rules! parameters {
    ($($field:ident, $setter:ident: $type:ty, $what:literal;)*) => {
        $(
            #[doc = concat!("Sets ", $what, ".")]
            #[must_use]
            pub const fn $setter(self, $field: $type) -> Self {
                Self { $field, ..self }
            }

            #[doc = concat!("Gives ", $what, ".")]
            #[must_use]
            pub const fn $field(&self) -> $type {
                self.$field
            }
        )*
    };
}

pub(crate) use parameters;
