//! Words of the panel that shows artifacts.

pub(super) mod en;
pub(super) mod zh;

/// Words of the panel that shows artifacts.
pub struct ArtifactWords {
    /// A page without a title.
    pub page: &'static str,
    /// A drawing without a title.
    pub drawing: &'static str,
    /// A diagram.
    pub diagram: &'static str,
    /// Button that shows the code.
    pub code: &'static str,
    /// Button that shows the result.
    pub preview: &'static str,
    /// Button that shows a diagram larger.
    pub zoom: &'static str,
    /// Button that closes the panel.
    pub close: &'static str,
}
