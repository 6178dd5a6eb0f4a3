//! Landscape geometry.
