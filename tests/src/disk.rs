//! What stands on the disk, searched as whoever gets at it would.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Every file below a folder.
pub fn files_of(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|entry| if entry.is_dir() { files_of(&entry) } else { vec![entry] }).collect()
}

/// The files below a folder that hold some words; one that is gone meanwhile holds none.
pub fn files_with(folder: &Path, words: &str) -> Vec<String> {
    let holds = |file: &PathBuf| fs::read(file).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(words));
    files_of(folder).into_iter().filter(holds).map(|file| file.display().to_string()).collect()
}
