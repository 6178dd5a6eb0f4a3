//! The table of architectures, and their choice by name.

use super::{Architecture, Text, autoencoder, cnn, deep_linear, gpt, lenet, mlp, resnet, vgg, vit};

/// One row of the table of architectures.
pub struct Entry {
    /// What users type, before sizes and options.
    pub names: &'static [&'static str],
    /// How sizes and options follow.
    pub pattern: &'static str,
    /// What it is, in a few words.
    pub summary: &'static str,
    /// Where it was published.
    pub source: &'static str,
    /// Its options, each with what it means and, in brackets, what holds without it.
    pub options: &'static [(&'static str, &'static str)],
    /// Texts that choose it.
    pub examples: &'static [&'static str],
    pub(super) build: fn(&mut Text) -> Result<Architecture, String>,
}

/// All architectures. To add one, write its file and add its row here.
pub fn registry() -> &'static [Entry] {
    &[
        mlp::ENTRY,
        deep_linear::ENTRY,
        autoencoder::ENTRY,
        lenet::ENTRY,
        cnn::ENTRY,
        resnet::ENTRY,
        vgg::ENTRY,
        vit::ENTRY,
        gpt::ENTRY,
    ]
}

/// Reads a specification, or says why not.
pub(in crate::problem::network) fn read(text: &str) -> Result<Architecture, String> {
    let mut text = Text::new(text);
    let Some(entry) = registry().iter().find(|entry| entry.names.contains(&text.name)) else {
        let patterns: Vec<&str> = registry().iter().map(|entry| entry.pattern).collect();
        return Err(format!("no architecture is named {:?}; there are {}", text.name, patterns.join("; ")));
    };
    let explained = |reason: String| format!("{reason} (expected {})", entry.pattern);
    let architecture = (entry.build)(&mut text).map_err(explained)?;
    text.finish(entry)?;
    architecture.design().check()?;
    Ok(architecture)
}
