//! The checked-in code and descriptors in `src/gen` are what the `.proto` files generate.

use std::{
    fs,
    path::{Path, PathBuf},
};

use prost::Message as _;
use protox::Compiler;

#[test]
fn generated_code_is_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fresh = Path::new(env!("CARGO_TARGET_TMPDIR")).join("gen");
    fs::create_dir_all(&fresh).unwrap();

    let mut compiler = Compiler::new([root]).unwrap();
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(sources(&root.join("llamamapper"), root)).unwrap();

    // As encoded by the compiler: decoding into prost's own types would lose the options.
    fs::write(fresh.join("descriptors.bin"), compiler.encode_file_descriptor_set()).unwrap();
    let mut config = tonic_prost_build::Config::new();
    // Each message knows its own full name, so that generic code finds its descriptor.
    config.enable_type_names();
    tonic_prost_build::configure()
        .out_dir(&fresh)
        .bytes(".")
        .compile_fds_with_config(compiler.file_descriptor_set(), config)
        .unwrap();

    for entry in fs::read_dir(&fresh).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        // Of the vendored files only the descriptors are used, never code.
        if name != "descriptors.bin" && !name.to_string_lossy().starts_with("llamamapper.") {
            continue;
        }
        let want = fs::read(entry.path()).unwrap();
        let checked_in = root.join("src/gen").join(name);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&checked_in, &want).unwrap();
        }
        assert!(
            fs::read(&checked_in).is_ok_and(|got| got == want),
            "{} is stale: run `UPDATE_EXPECT=1 cargo test -p proto`",
            checked_in.display(),
        );
    }
}

#[test]
fn descriptors_decode() {
    let set = prost_types::FileDescriptorSet::decode(proto::DESCRIPTORS).unwrap();
    assert!(set.file.iter().any(|file| file.package() == "llamamapper.mapper.v1"));
}

/// Every `.proto` file below `dir`, relative to `root`, in a stable order.
fn sources(dir: &Path, root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path, root));
        } else if path.extension().is_some_and(|it| it == "proto") {
            found.push(path.strip_prefix(root).unwrap().to_owned());
        }
    }
    found.sort();
    found
}
