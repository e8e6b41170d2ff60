//! Page tokens, and the configuration file.

use super::mutate::CANARY;
use xiaoer::config::File;
use xiaoer_wire::page_token;

/// A page token: what is read is written as the same token, so that each page has one, and any texts come back whole.
pub(super) fn token(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let [one, two, four] = [same::<1>(&text), same::<2>(&text), same::<4>(&text)];
    let parts: Vec<&str> = text.splitn(4, ' ').collect();
    if let Ok(parts) = <[&str; 4]>::try_from(parts) {
        assert_eq!(page_token::read(&page_token::write(&parts)), Some(parts.map(str::to_owned)));
    }
    format!("{one} {two} {four}")
}

fn same<const N: usize>(text: &str) -> bool {
    let Some(parts) = page_token::read::<N>(text) else { return false };
    assert_eq!(page_token::write(&parts.each_ref().map(String::as_str)), text, "another token for the same page");
    true
}

/// Tokens of lists.
pub(super) fn tokens() -> Vec<Vec<u8>> {
    let all: [&[&str]; 4] = [&["11370306XXXX00019K"], &["12", "2026-05-12", "hall", "号 1"], &["", ""], &["1", "", "a", "b"]];
    all.into_iter().map(|parts| page_token::write(parts).into_bytes()).collect()
}

/// A configuration file: what is wrong is told by the line, without what stands there, since that may be a password.
pub(super) fn configuration(bytes: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(bytes) else { return "no text".into() };
    match File::parse(text) {
        Ok(_) => "read".into(),
        Err(error) => {
            assert!(!error.contains(CANARY) && !error.contains("s3cret"), "it repeats what stands in the file: {error}");
            let words = error.split(['`', '\'']).next().unwrap_or_default();
            words.chars().filter(|c| !c.is_ascii_digit()).collect()
        }
    }
}

/// Files with every key there is.
pub(super) fn configurations() -> Vec<Vec<u8>> {
    let one = "data = \"/var/lib/xiaoer\"\ndatabase = \"postgres://xiaoer:s3cret@weihai.example/xiaoer\"\nnats = \"nats://u:s3cret@127.0.0.1\"\n\
        nats_replicas = 3\nlisten = \"127.0.0.1:50051\"\ninsecure = false\n";
    let several = "[[database]]\nurl_file = \"zibo.url\"\nlogs = [\"3703*\"]\n[[database]]\n\
        url = \"postgres://xiaoer:s3cret@weihai.example/xiaoer\"\nlogs = [\"3710*\", \"demo\"]\n";
    [one, several, "database = \"sqlite\"\nlisten = \"[::1]:0\"\n"].map(|text| text.as_bytes().to_vec()).into()
}
