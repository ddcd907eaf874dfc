//! What the authors of the `.proto` wrote about its parts.

use std::collections::HashMap;

use prost_reflect::FileDescriptor;

/// The comments of one file, by the path of what they stand before.
#[derive(Debug, Default)]
pub(super) struct Comments(HashMap<Vec<i32>, String>);

impl Comments {
    pub(super) fn of(file: &FileDescriptor) -> Comments {
        let info = file.file_descriptor_proto().source_code_info.as_ref();
        let locations = info.map(|info| info.location.as_slice()).unwrap_or_default();
        let commented = locations.iter().filter_map(|it| {
            let text = clean(it.leading_comments.as_deref()?);
            (!text.is_empty()).then(|| (it.path.clone(), text))
        });
        Comments(commented.collect())
    }

    pub(super) fn at(&self, path: &[i32]) -> Option<String> {
        self.0.get(path).cloned()
    }
}

/// Lines without the blank after `//`; a line break within a paragraph is a blank.
fn clean(text: &str) -> String {
    let mut paragraphs = vec![String::new()];
    for line in text.lines().map(str::trim) {
        let last = paragraphs.last_mut().expect("there is always one");
        match (line.is_empty(), last.is_empty()) {
            (true, true) => (),
            (true, false) => paragraphs.push(String::new()),
            (false, true) => last.push_str(line),
            (false, false) => {
                last.push(' ');
                last.push_str(line);
            }
        }
    }
    paragraphs.retain(|it| !it.is_empty());
    paragraphs.join("\n\n")
}

pub(super) fn first_sentence(text: &str) -> String {
    let end = text.find(". ").or_else(|| text.find(".\n")).unwrap_or(text.len());
    text[..end].trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paragraph_is_one_line() {
        let text = " Takes it. Or\n not.\n\n REASONS follow.\n";
        assert_eq!(clean(text), "Takes it. Or not.\n\nREASONS follow.");
        assert_eq!(first_sentence(&clean(text)), "Takes it");
        assert_eq!(first_sentence("One only."), "One only");
    }
}
