use super::super::xes::{MARKUP_LEN_MAX, Reader, VALUE_LEN_MAX};
use super::log;
use flate2::{Compression, write::GzEncoder};
use std::io::Write;

/// Each trace as its name and the values of `a` of its events, or what stopped the reader.
fn read(bytes: Vec<u8>) -> Result<Vec<(String, Vec<String>)>, String> {
    let mut reader = Reader::open(std::io::Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let mut traces = Vec::new();
    while let Some(trace) = reader.next_trace().map_err(|error| error.to_string())? {
        let name = trace.attributes.get("concept:name").unwrap_or("-").to_owned();
        traces.push((name, trace.events.iter().map(|event| event.get("a").unwrap_or("-").to_owned()).collect()));
    }
    Ok(traces)
}

fn zipped(bytes: &[u8]) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

fn trace(name: &str, events: &[&str]) -> String {
    let events: String = events.iter().map(|a| format!("<event><string key=\"a\" value=\"{a}\"/></event>")).collect();
    format!("<trace><string key=\"concept:name\" value=\"{name}\"/>{events}</trace>")
}

#[test]
fn reads_what_the_standard_allows() {
    let two = || vec![("1".to_owned(), vec!["x".to_owned(), "y".to_owned()]), ("2".to_owned(), vec![])];
    let plain = log(&(trace("1", &["x", "y"]) + &trace("2", &[])));
    let halves = [zipped(&plain[..60]), zipped(&plain[60..])].concat();
    let bom = [b"\xef\xbb\xbf".as_slice(), plain.as_slice()].concat();
    let head = "<extension name='T' prefix='time' uri='x'/><global scope='event'><string key='a' value='UNKNOWN'/></global>\
        <classifier name='c' keys='a'/><string key='meta' value='m'><int key='a' value='1'/></string><!-- <trace> -->";
    let nested = "<trace><string key='concept:name' value='1'><string key='a' value='n'/></string>\
        <list key='l'><values><string key='a' value='n'/></values></list>\
        <event><list key='l'><string key='a' value='n'/></list><string key='a' value='x'><event/></string></event>\
        <event><boolean key='b' value='true'></boolean><int key='i' value='1'/><float key='f' value='1.5'/><id key='d' value='u'/>\
        <date key='t' value='2020-01-01T00:00:00Z'/><string key='a' value='y'/></event></trace><trace><string key='concept:name' value='2'/></trace>";
    let prefixed = "<x:log xmlns:x='http://www.xes-standard.org/'><x:trace><x:string key='concept:name' value='1'/>\
        <x:event><x:string key='a' value='x'/></x:event><x:event><x:string key='a' value='y'/></x:event></x:trace>\
        <x:trace><x:string key='concept:name' value='2'></x:string></x:trace></x:log>";
    let table = [
        ("plain", plain.clone(), two()),
        ("gzipped", zipped(&plain), two()),
        ("gzipped in two members", halves, two()),
        ("with a byte order mark", bom, two()),
        ("head of a log", log(&(head.to_owned() + &trace("1", &["x", "y"]) + &trace("2", &[]))), two()),
        ("nested attributes and lists", log(nested), two()),
        ("prefixed names", prefixed.into(), two()),
        ("empty log", b"<log/>".to_vec(), vec![]),
        ("no traces", log(""), vec![]),
        ("entities and Chinese", log(&trace("&lt;&#x5c0f;二&amp;", &["&quot;"])), vec![("<小二&".into(), vec!["\"".into()])]),
        ("the first of equal keys", log("<trace><event><string key='a' value='1'/><string key='a' value='2'/></event></trace>"), {
            vec![("-".into(), vec!["1".into()])]
        }),
        ("empty elements", log("<trace/><trace><event/></trace>"), vec![("-".into(), vec![]), ("-".into(), vec!["-".into()])]),
        ("without a value", log("<trace><event><string key='a'/></event></trace>"), vec![("-".into(), vec!["".into()])]),
    ];
    for (name, bytes, traces) in table {
        assert_eq!(read(bytes).as_ref(), Ok(&traces), "{name}");
    }
}

#[test]
fn stops_at_what_is_broken() {
    let one = log(&trace("1", &["x"]));
    let gz = zipped(&log(&(1..2000).map(|n| trace(&n.to_string(), &["x"])).collect::<String>()));
    let mut flipped = gz.clone();
    flipped[gz.len() / 2] ^= 0xff;
    let cut = |n: usize| one[..one.len() - n].to_vec();
    let value = |len: usize| log(&trace("1", &[&"v".repeat(len)]));
    let markup = usize::try_from(MARKUP_LEN_MAX).unwrap() * 2;
    let table = [
        ("truncated gz", gz[..gz.len() / 2].to_vec(), "byte"),
        ("gz without its end", gz[..gz.len() - 8].to_vec(), "byte"),
        ("damaged gz", flipped, "byte"),
        ("not XML", b"id,name\n1,2\n".to_vec(), "its first element is not <log>"),
        ("nothing", Vec::new(), "its first element is not <log>"),
        ("other XML", b"<html/>".to_vec(), "its first element is not <log>"),
        ("ends inside the log", cut(6), "ends inside <log>"),
        ("ends inside a trace", cut(14), "ends inside <trace>"),
        ("ends inside a tag", cut(20), "byte"),
        ("ends inside an event", one[..one.iter().rposition(|&b| b == b'v').unwrap() - 40].to_vec(), "byte"),
        ("wrong closing tag", log("<trace></event>"), "byte"),
        ("unknown element in a log", log("<trase/>"), "<trase> does not belong into <log>"),
        ("unknown element in a trace", log("<trace><evnt/></trace>"), "<evnt> does not belong into <trace>"),
        ("unknown element in an event", log("<trace><event><str key='a'/></event></trace>"), "<str> does not belong into <event>"),
        ("trace in a trace", log("<trace><trace/></trace>"), "<trace> does not belong into <trace>"),
        ("event outside a trace", log("<event/>"), "belongs to no case"),
        ("a second log", [one.clone(), b"<log/>".to_vec()].concat(), "after </log>"),
        ("attribute without a key", log("<trace><string value='x'/></trace>"), "has no key"),
        ("unknown entity", log("<trace><string key='a' value='&bomb;'/></trace>"), "byte"),
        ("not UTF-8", log("<trace/>").into_iter().map(|b| if b == b't' { 0xe9 } else { b }).collect(), "byte"),
        ("another encoding", b"<?xml version='1.0' encoding='GB18030'?><log/>".to_vec(), "save it as UTF-8"),
        ("longest value and one", value(VALUE_LEN_MAX + 1), "more than 65536"),
        ("endless value", value(markup), "one piece of markup is longer"),
        ("endless comment", log(&format!("<!--{}-->", "x".repeat(markup))), "one piece of markup is longer"),
        ("endless nesting", log(&format!("<trace>{}", "<string key='a' value='b'>".repeat(1000))), "nested deeper than 64"),
    ];
    for (name, bytes, said) in table {
        match read(bytes) {
            Ok(traces) => panic!("{name}: read {} traces", traces.len()),
            Err(error) => assert!(error.starts_with("byte ") && error.contains(said), "{name}: {error}"),
        }
    }
    assert!(read(value(VALUE_LEN_MAX)).is_ok(), "the longest value");
}

#[test]
fn every_cut_of_a_log_stops_the_reader() {
    let whole = log(&(trace("1", &["x"]) + &trace("2", &["y", "z"])));
    for len in 0..whole.len() {
        assert!(read(whole[..len].to_vec()).is_err(), "the first {len} bytes");
    }
}

#[test]
fn an_error_names_the_byte() {
    assert_eq!(read(b"<log><trace><string value='x'/>".to_vec()), Err("byte 12: an attribute has no key".into()));
}
