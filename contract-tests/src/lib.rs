//! What no single service can promise alone. See `tests/`.
//!
//! `tests/architecture.rs` keeps the dependency rules, `tests/wire.rs` the contract, `tests/docs.rs` what the documents
//! claim; `tests/mesh/` runs all three services. This file is how the first three look at the repository.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folders that hold nothing anybody wrote.
const GENERATED: &[&str] = &[".git", ".llama-mapper", ".sqlx", "node_modules", "target", "gen"];

/// One text file of the repository.
#[derive(Debug)]
pub struct Source {
    /// From the root of the repository, with `/` between its parts.
    pub path: String,
    pub text: String,
}

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("the crate lies in a folder of the repository").to_owned()
}

/// Every text file below `folder` that somebody wrote, by path. Vendored `.proto` files are not among them.
pub fn sources(folder: &str) -> Vec<Source> {
    let mut found = Vec::new();
    collect(&root().join(folder), &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(folder: &Path, found: &mut Vec<Source>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.filter_map(Result::ok) {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        let relative = relative(&path);
        let is_vendored = ["proto/buf", "proto/google"].contains(&relative.as_str());
        if path.is_dir() {
            if !GENERATED.contains(&name.as_str()) && !is_vendored {
                collect(&path, found);
            }
        } else if let Ok(text) = fs::read_to_string(&path) {
            found.push(Source { path: relative, text });
        }
    }
}

fn relative(path: &Path) -> String {
    let path = path.strip_prefix(root()).unwrap_or(path);
    path.components().map(|it| it.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

impl Source {
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Says whether the file holds tests and nothing else.
    pub fn is_test(&self) -> bool {
        let file = self.path.rsplit('/').next().unwrap_or_default();
        self.path.contains("/tests/")
            || self.path.contains("/benches/")
            || ["tests.rs", "testing.rs"].contains(&file)
    }

    /// The code that ships: without lines that are comments, and without the tests at the end.
    pub fn code(&self) -> String {
        let mut code = String::new();
        let mut lines = self.text.lines().peekable();
        while let Some(line) = lines.next() {
            let opens_tests = lines.peek().is_some_and(|next| {
                next.starts_with("mod ") && next.ends_with('{') && next.contains("test")
            });
            if line == "#[cfg(test)]" && opens_tests {
                break;
            }
            if !line.trim_start().starts_with("//") {
                code.push_str(line);
                code.push('\n');
            }
        }
        code
    }

    /// Says whether the code names `word`, as a word of its own.
    pub fn names(&self, word: &str) -> bool {
        names(&self.code(), word)
    }
}

/// Says whether `text` names `word`, as a word of its own and not as the end of a longer one.
pub fn names(text: &str, word: &str) -> bool {
    let is_part = |it: char| it.is_alphanumeric() || it == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        let ends_open = word.ends_with(|it| !is_part(it));
        !before.is_some_and(is_part) && (ends_open || !after.is_some_and(is_part))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_not_the_end_of_another() {
        assert!(names("use proto::x;", "proto::"));
        assert!(!names("use reproto::x;", "proto::"));
        assert!(names("sqlx::query!(", "sqlx"));
        assert!(!names("sqlxy", "sqlx"));
    }

    #[test]
    fn comments_and_tests_are_not_code() {
        let text = "//! about tokio\nfn it() {}\n    // tokio\n#[cfg(test)]\nmod tests {\n    use tokio;\n}\n";
        let source = Source { path: "a.rs".to_owned(), text: text.to_owned() };
        assert_eq!(source.code(), "fn it() {}\n");
    }

    #[test]
    fn this_file_is_found() {
        let found = sources("contract-tests/src");
        assert_eq!(
            found.iter().map(|it| &*it.path).collect::<Vec<_>>(),
            ["contract-tests/src/lib.rs"]
        );
    }
}
