//! A progress bar on a terminal, a line now and then elsewhere, nothing in tests.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::Output;

/// How far something long has come. Clones show the same bar.
#[derive(Debug, Clone)]
pub(crate) struct Progress(ProgressBar);

const COUNTED: &str = "{msg:<28} [{bar:32}] {human_pos}/{human_len} {per_sec} {eta}";
const BYTES: &str =
    "{msg:<28} [{bar:32}] {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec}";
const SPINNER: &str = "{spinner} {msg} {elapsed}";

impl Progress {
    pub(crate) fn counted(what: &str, total: u64, output: Output) -> Progress {
        Progress::with(ProgressBar::new(total), COUNTED, what, output)
    }

    /// Of a file, or of a stream when its size is not known.
    pub(crate) fn bytes(what: &str, total: Option<u64>, output: Output) -> Progress {
        match total {
            Some(total) => Progress::with(ProgressBar::new(total), BYTES, what, output),
            None => Progress::waiting(what, output),
        }
    }

    /// Of something whose end is not known.
    pub(crate) fn waiting(what: &str, output: Output) -> Progress {
        let progress = Progress::with(ProgressBar::new_spinner(), SPINNER, what, output);
        progress.0.enable_steady_tick(Duration::from_millis(120));
        progress
    }

    #[cfg(test)]
    pub(crate) fn silent() -> Progress {
        Progress(ProgressBar::hidden())
    }

    fn with(bar: ProgressBar, template: &str, what: &str, output: Output) -> Progress {
        let style = ProgressStyle::with_template(template)
            .expect("the templates above are constants that a test parses");
        bar.set_style(style.progress_chars("=> "));
        bar.set_message(what.to_owned());
        if output.json {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        if bar.is_hidden() && !output.json {
            output.note(&format!("{what} …"));
        }
        Progress(bar)
    }

    pub(crate) fn advance(&self, by: u64) {
        self.0.inc(by);
    }

    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_parse() {
        for template in [COUNTED, BYTES, SPINNER] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
