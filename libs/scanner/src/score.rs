//! What a score of the pattern detectors means. Not used by the injection heuristics, whose score is a probability.

/// Check digits hold and a word nearby says what the number is.
pub(crate) const CHECKED_IN_CONTEXT: f32 = 0.99;
/// Check digits hold and the shape is rare: few other things look like it.
pub(crate) const CHECKED: f32 = 0.95;
/// One check digit holds: a tenth of random numbers of that shape would pass.
pub(crate) const CHECKED_WEAK: f32 = 0.6;
/// No check digit exists, the shape is unmistakable (an e-mail address, a vendor's key prefix).
pub(crate) const SHAPE_STRONG: f32 = 0.95;
/// The shape fits and a word nearby says what it is.
pub(crate) const SHAPE_IN_CONTEXT: f32 = 0.9;
/// The shape fits, other things look like it now and then.
pub(crate) const SHAPE: f32 = 0.75;
/// A loose shape with context, or a shape that other things often have.
pub(crate) const SHAPE_WEAK: f32 = 0.55;
