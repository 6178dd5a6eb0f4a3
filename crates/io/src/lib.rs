//! Datasets, weights and arrays: the only floor that parses outside bytes.
