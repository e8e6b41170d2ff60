//! What says who calls: tokens and what they claim, sets of keys, lists of actors, certificates.

use super::{Check, mutate::CANARY};
use crate::root;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use std::fs;
use xiaoer_domain::permit::{Caller, Claims};
use xiaoer_server::{
    TokenSource,
    outside::{ActorList, TokenKeys, names},
};

/// The end of tokens that do not end.
const LATER: i64 = 4_000_000_000;

fn source() -> TokenSource {
    TokenSource { keys: String::new(), issuer: "login".into(), audience: "xiaoer".into() }
}

fn signer() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a seed")
}

fn key() -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "1", "x": BASE64.encode(signer().public_key().as_ref())})
}

fn in_force() -> TokenKeys {
    TokenKeys::read(&json!({"keys": [key()]}).to_string()).expect("a key")
}

/// Header and claims as they are, signed.
fn signed(header: &str, claims: &str) -> String {
    let text = format!("{}.{}", BASE64.encode(header), BASE64.encode(claims));
    format!("{text}.{}", BASE64.encode(signer().sign(text.as_bytes()).as_ref()))
}

/// What is said of a mistake, without the numbers of its place.
fn words(error: &str) -> String {
    assert!(!error.contains(CANARY), "it repeats what was sent: {error}");
    let words = error.split(['`', '\'', '"']).next().unwrap_or_default();
    words.chars().filter(|c| !c.is_ascii_digit()).take(80).collect()
}

/// A token as a sender has it: no other than the signed one stands for anybody.
pub(super) fn token() -> Check {
    let (keys, good) = (in_force(), tokens());
    Box::new(move |bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return "no text".into() };
        match keys.caller(&source(), text) {
            Ok(caller) => {
                assert!(good.iter().any(|token| token == bytes), "a token that nobody signed stands for {}", caller.name);
                "known".into()
            }
            Err(error) => words(&error),
        }
    })
}

/// Tokens that are signed.
pub(super) fn tokens() -> Vec<Vec<u8>> {
    let header = json!({"alg": "EdDSA", "typ": "JWT", "kid": "1"}).to_string();
    all_claims()
        .iter()
        .map(|input| {
            let input: Value = serde_json::from_slice(input).expect("JSON");
            signed(&header, &input["claims"].to_string()).into_bytes()
        })
        .collect()
}

/// Header and claims that somebody signed who may: whoever they stand for is what they say, and what is wrong with them is told
/// without repeating them.
pub(super) fn claims() -> Check {
    let keys = in_force();
    Box::new(move |bytes| {
        let Ok(input) = serde_json::from_slice::<Value>(bytes) else { return "no JSON".into() };
        let (header, claims) = (&input["header"], &input["claims"]);
        match keys.caller(&source(), &signed(&header.to_string(), &claims.to_string())) {
            Ok(caller) => {
                assert_eq!(claims["sub"], *caller.name);
                assert_eq!(
                    (&claims["aud"] == "xiaoer" || claims["aud"].is_array(), header["alg"] == "EdDSA"),
                    (true, true),
                    "{input}"
                );
                assert!(claims["iss"] == "login" || claims["iss"].is_array(), "{input}");
                let said: Claims = serde_json::from_value(claims["xiaoer"].clone()).expect("it was read");
                let again = Caller::new(&Claims { name: caller.name.to_string(), ..said }).expect("it was taken");
                assert_eq!(again, caller);
                assert!(!caller.is_local(), "nobody outside is the server itself");
                "known".into()
            }
            Err(error) => words(&error),
        }
    })
}

/// Claims of several callers, each with its header.
pub(super) fn all_claims() -> Vec<Vec<u8>> {
    let of = |claims: Value| {
        let claims = json!({"iss": "login", "aud": "xiaoer", "sub": "W12", "exp": LATER, "xiaoer": claims});
        json!({"header": {"alg": "EdDSA", "typ": "JWT", "kid": "1"}, "claims": claims}).to_string().into_bytes()
    };
    vec![
        of(json!({"system": "hall", "unit": "11370306XXXX00019K", "staff": "W12", "roles": ["window"], "logs": ["370306"]})),
        of(json!({"roles": ["system_admin", "security_admin"], "logs": ["*"], "purpose": "keeping"})),
        of(json!({"system": "hall", "roles": ["department"], "logs": ["3703*", "370306-a"]})),
        of(json!({})),
    ]
}

/// A set of keys: one that is taken has keys, none of which is a shared secret, and verifies nothing that its own did not sign.
pub(super) fn keys(bytes: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(bytes) else { return "no text".into() };
    let keys = match TokenKeys::read(text) {
        Ok(keys) => keys,
        Err(error) => return words(&error),
    };
    let set: Value = serde_json::from_str(text).expect("it was read");
    let set = set["keys"].as_array().expect("it was read");
    assert!(!set.is_empty() && set.iter().all(|key| key["kty"] != "oct"), "{text}");
    let token = String::from_utf8(tokens().remove(0)).expect("text");
    match keys.caller(&source(), &token) {
        Ok(_) => {
            let x = &key()["x"];
            assert!(set.iter().any(|key| key["x"] == *x), "another key verifies it: {text}");
            "verifies".into()
        }
        Err(error) => format!("taken: {}", words(&error)),
    }
}

/// Sets with a key of each kind.
pub(super) fn key_sets() -> Vec<Vec<u8>> {
    let long = BASE64.encode([0x9d; 256]);
    let point = BASE64.encode([0x31; 32]);
    let others = [
        json!({"kty": "RSA", "kid": "2", "use": "sig", "alg": "RS256", "n": long, "e": "AQAB"}),
        json!({"kty": "EC", "crv": "P-256", "kid": "3", "x": point, "y": point}),
        json!({"kty": "EC", "crv": "P-384", "x": point, "y": point}),
        json!({"kty": "oct", "kid": "4", "k": point}),
    ];
    let mut sets = vec![json!({"keys": [key()]}), json!({"keys": [key(), others[0]]}), json!({"keys": []})];
    sets.extend(others.iter().map(|other| json!({"keys": [other]})));
    sets.iter().map(|set| set.to_string().into_bytes()).collect()
}

/// A list of actors: one that is taken lets a certificate stand for an actor that it names, and for nobody besides.
pub(super) fn actors(bytes: &[u8]) -> String {
    let Ok(text) = std::str::from_utf8(bytes) else { return "no text".into() };
    let list = match ActorList::read(text) {
        Ok(list) => list,
        Err(error) => {
            let last = error.lines().last().unwrap_or_default();
            return last.split(['`', '\'', '"']).next().unwrap_or_default().chars().filter(|c| !c.is_ascii_digit()).collect();
        }
    };
    let certificates = certificates();
    let known = certificates.iter().filter_map(|der| list.caller(der).ok()).inspect(|caller| {
        assert!(!caller.is_local() && text.contains(&*caller.name), "{} is not of the list", caller.name);
    });
    format!("a list of {} of the certificates", known.count())
}

/// Lists of several actors.
pub(super) fn lists() -> Vec<Vec<u8>> {
    let by_name = "[[actor]]\ncertificate = \"hall-a\"\nname = \"hall-a\"\nsystem = \"hall\"\nunit = \"11370306XXXX00019K\"\n\
        roles = [\"department\"]\nlogs = [\"370306\"]\npurpose = \"intake\"\n";
    let by_print =
        format!("[[actor]]\nsha256 = \"{}\"\nname = \"audit\"\nroles = [\"supervision\"]\nlogs = [\"*\"]\n", "b".repeat(64));
    let other = "[[actor]]\ncertificate = \"hall.other.example\"\nname = \"other\"\nroles = []\nlogs = []\n";
    let lists = [by_name.to_owned(), by_print.clone(), format!("{by_name}{by_print}{other}"), other.to_owned(), String::new()];
    lists.map(String::into_bytes).into()
}

/// A certificate: its names are names of hosts in lower case that stand in it.
pub(super) fn certificate(bytes: &[u8]) -> String {
    let names = names(bytes);
    let lower = bytes.to_ascii_lowercase();
    for name in &names {
        assert!(!name.is_empty() && name.len() <= 253 && name.is_ascii() && *name == name.to_ascii_lowercase(), "{name:?}");
        assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._*".contains(&byte)), "{name:?}");
        assert!(lower.windows(name.len()).any(|bytes| bytes == name.as_bytes()), "{name} does not stand in it");
    }
    format!("{} names", names.len())
}

/// Certificates with names of every kind (`tests/fixtures/certificates`).
pub(super) fn certificates() -> Vec<Vec<u8>> {
    let folder = fs::read_dir(root().join("tests/fixtures/certificates")).expect("a folder");
    let mut paths: Vec<_> = folder.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.into_iter().map(|path| fs::read(path).expect("a certificate")).collect()
}
