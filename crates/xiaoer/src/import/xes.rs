//! Streaming reader of XES: traces with their attributes and events, one at a time.
//!
//! Promises: memory is bounded by one trace ([`TRACE_LEN_MAX`]) whatever the file holds; an element that is not of the standard
//! stops the reader, since skipping it could lose events in silence; an error names the byte of the unpacked log.
//!
//! Attributes keep their text; who uses one as a date parses it. What XES nests under an attribute, its lists and the defaults
//! in `<global>` are skipped: the defaults are there for tools that draw, and a history must not gain values it did not state.

use flate2::bufread::MultiGzDecoder;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use std::io::{self, BufRead, BufReader, Read};

/// Longest value of an attribute, bytes; an event of the contract is at most as long.
pub const VALUE_LEN_MAX: usize = 64 * 1024;
/// Longest tag, comment or text, bytes: what the XML reader may have to hold at once.
pub const MARKUP_LEN_MAX: u64 = 1024 * 1024;
/// Longest trace, bytes of the unpacked log: about 80,000 events.
pub const TRACE_LEN_MAX: u64 = 64 * 1024 * 1024;
/// Deepest nesting of attributes.
pub const DEPTH_MAX: u32 = 64;

const BUFFER_LEN: usize = 64 * 1024;
/// What a gzipped file begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Why a log cannot be read on.
#[derive(Debug, thiserror::Error)]
#[error("byte {position}: {what}")]
pub struct Error {
    /// Where in the unpacked log.
    pub position: u64,
    /// What is wrong.
    pub what: String,
}

/// One trace.
#[derive(Debug, Default)]
pub struct Trace {
    /// Attributes of the trace.
    pub attributes: Attributes,
    /// Attributes of each event, in file order.
    pub events: Vec<Attributes>,
    /// Where the trace begins in the unpacked log.
    pub position: u64,
    /// Its place in the log, from 1.
    pub number: u64,
}

/// Attributes by key, with their values as text. The first of equal keys counts.
#[derive(Debug, Default)]
pub struct Attributes(Vec<(String, String)>);

impl Attributes {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    }
}

/// Reads a log trace by trace.
pub struct Reader {
    xml: quick_xml::Reader<Bounded>,
    buffer: Vec<u8>,
    inside: Inside,
    traces: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Prolog,
    Log,
    Ended,
}

/// What the reader needs of a piece of XML.
enum Token {
    Open { tag: Tag, empty: bool },
    Close,
    End,
}

enum Tag {
    Log,
    Trace,
    Event,
    /// One of the six kinds of attribute that have a value.
    Attribute(String, String),
    /// Of the standard, and without a value of its own.
    Skipped,
    Unknown(String),
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("inside", &self.inside).field("traces", &self.traces).finish_non_exhaustive()
    }
}

impl Reader {
    /// Reads from a log, which is unpacked where its first bytes say that it is gzipped.
    pub fn open(mut log: impl Read + Send + 'static) -> Result<Self, Error> {
        // A pipe may give them one by one.
        let mut first = Vec::with_capacity(GZIP.len());
        let read = log.by_ref().take(GZIP.len() as u64).read_to_end(&mut first);
        read.map_err(|error| Error { position: 0, what: error.to_string() })?;
        let is_zipped = first == GZIP;
        let file = BufReader::with_capacity(BUFFER_LEN, io::Cursor::new(first).chain(log));
        let input: Box<dyn BufRead + Send> =
            if is_zipped { Box::new(BufReader::with_capacity(BUFFER_LEN, MultiGzDecoder::new(file))) } else { Box::new(file) };
        let mut xml = quick_xml::Reader::from_reader(Bounded { input, left: 0 });
        xml.config_mut().trim_text(true);
        Ok(Self { xml, buffer: Vec::new(), inside: Inside::Prolog, traces: 0 })
    }

    /// Bytes of the unpacked log read so far.
    pub fn position(&self) -> u64 {
        self.xml.buffer_position()
    }

    /// The next trace; none at the end of the log.
    pub fn next_trace(&mut self) -> Result<Option<Trace>, Error> {
        if self.inside == Inside::Prolog {
            self.enter_log()?;
        }
        while self.inside == Inside::Log {
            let position = self.position();
            match self.token()? {
                Token::Open { tag: Tag::Trace, empty } => {
                    self.traces += 1;
                    let trace = Trace { position, number: self.traces, ..Trace::default() };
                    return if empty { Ok(Some(trace)) } else { self.trace(trace).map(Some) };
                }
                Token::Open { tag: Tag::Attribute(..) | Tag::Skipped, empty } => self.leave(empty)?,
                Token::Open { tag: Tag::Event, .. } => return Err(self.wrong("an <event> outside a trace belongs to no case")),
                Token::Open { tag, .. } => return Err(self.misplaced(&tag, "log")),
                Token::Close => self.end()?,
                Token::End => return Err(self.wrong("the file ends inside <log>")),
            }
        }
        Ok(None)
    }

    fn enter_log(&mut self) -> Result<(), Error> {
        match self.token()? {
            Token::Open { tag: Tag::Log, empty } => {
                self.inside = Inside::Log;
                if empty { self.end() } else { Ok(()) }
            }
            _ => Err(self.wrong("this is no XES log: its first element is not <log>")),
        }
    }

    /// Reads to the end of the file, where a gzipped one has its checksum.
    fn end(&mut self) -> Result<(), Error> {
        self.inside = Inside::Ended;
        match self.token()? {
            Token::End => Ok(()),
            _ => Err(self.wrong("something follows after </log>")),
        }
    }

    fn trace(&mut self, mut trace: Trace) -> Result<Trace, Error> {
        loop {
            match self.token()? {
                Token::Open { tag: Tag::Attribute(key, value), empty } => {
                    trace.attributes.0.push((key, value));
                    self.leave(empty)?;
                }
                Token::Open { tag: Tag::Event, empty } => {
                    let event = if empty { Attributes::default() } else { self.event()? };
                    trace.events.push(event);
                }
                Token::Open { tag: Tag::Skipped, empty } => self.leave(empty)?,
                Token::Open { tag, .. } => return Err(self.misplaced(&tag, "trace")),
                Token::Close => return Ok(trace),
                Token::End => return Err(self.wrong("the file ends inside <trace>")),
            }
            if self.position() - trace.position > TRACE_LEN_MAX {
                return Err(self.wrong(&format!("the trace is longer than {TRACE_LEN_MAX} bytes")));
            }
        }
    }

    fn event(&mut self) -> Result<Attributes, Error> {
        let begin = self.position();
        let mut event = Attributes::default();
        loop {
            match self.token()? {
                Token::Open { tag: Tag::Attribute(key, value), empty } => {
                    event.0.push((key, value));
                    self.leave(empty)?;
                }
                Token::Open { tag: Tag::Skipped, empty } => self.leave(empty)?,
                Token::Open { tag, .. } => return Err(self.misplaced(&tag, "event")),
                Token::Close => return Ok(event),
                Token::End => return Err(self.wrong("the file ends inside <event>")),
            }
            if self.position() - begin > TRACE_LEN_MAX {
                return Err(self.wrong(&format!("the event is longer than {TRACE_LEN_MAX} bytes")));
            }
        }
    }

    /// Goes past the end of an element that was opened, whatever it holds.
    fn leave(&mut self, empty: bool) -> Result<(), Error> {
        let mut depth = u32::from(!empty);
        while depth > 0 {
            match self.read()? {
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                Event::Eof => return Err(self.wrong("the file ends inside an attribute")),
                _ => {}
            }
            if depth > DEPTH_MAX {
                return Err(self.wrong(&format!("attributes are nested deeper than {DEPTH_MAX}")));
            }
        }
        Ok(())
    }

    fn token(&mut self) -> Result<Token, Error> {
        loop {
            let position = self.position();
            let tag = |start: &BytesStart<'_>| tag(start).map_err(|what| Error { position, what });
            return Ok(match self.read()? {
                Event::Start(start) => Token::Open { tag: tag(&start)?, empty: false },
                Event::Empty(start) => Token::Open { tag: tag(&start)?, empty: true },
                Event::End(_) => Token::Close,
                Event::Eof => Token::End,
                Event::Decl(decl) => match decl.encoding() {
                    Some(Ok(name)) if !is_utf8(&name) => {
                        return Err(Error { position, what: format!("the log is in {name}; save it as UTF-8") });
                    }
                    _ => continue,
                },
                _ => continue,
            });
        }
    }

    fn read(&mut self) -> Result<Event<'_>, Error> {
        self.buffer.clear();
        self.xml.get_mut().left = MARKUP_LEN_MAX;
        let start = self.xml.buffer_position();
        self.xml.read_event_into(&mut self.buffer).map_err(|error| Error { position: start, what: error.to_string() })
    }

    fn wrong(&self, what: &str) -> Error {
        Error { position: self.position(), what: what.to_owned() }
    }

    fn misplaced(&self, tag: &Tag, parent: &str) -> Error {
        let name = match tag {
            Tag::Log => "log",
            Tag::Trace => "trace",
            Tag::Event => "event",
            Tag::Attribute(..) | Tag::Skipped => "attribute",
            Tag::Unknown(name) => name,
        };
        self.wrong(&format!("<{name}> does not belong into <{parent}>"))
    }
}

fn is_utf8(encoding: &str) -> bool {
    ["utf-8", "utf8", "us-ascii", "ascii"].iter().any(|name| encoding.eq_ignore_ascii_case(name))
}

fn tag(start: &BytesStart<'_>) -> Result<Tag, String> {
    Ok(match start.local_name().as_ref() {
        "log" => Tag::Log,
        "trace" => Tag::Trace,
        "event" => Tag::Event,
        "string" | "date" | "int" | "float" | "boolean" | "id" => attribute(start)?,
        "list" | "container" | "extension" | "global" | "classifier" => Tag::Skipped,
        other => Tag::Unknown(other.to_owned()),
    })
}

/// Key and value of an attribute. One without a value has the empty text, as in logs that leave it out.
fn attribute(start: &BytesStart<'_>) -> Result<Tag, String> {
    let (mut key, mut value) = (None, String::new());
    for part in start.attributes() {
        let part = part.map_err(|error| error.to_string())?;
        let text = || part.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string());
        match part.key.as_ref() {
            "key" => key = Some(text()?.into_owned()),
            "value" => value = text()?.into_owned(),
            _ => {}
        }
    }
    let key = key.ok_or("an attribute has no key")?;
    if value.len() > VALUE_LEN_MAX {
        return Err(format!("the value of {key} has {} bytes, more than {VALUE_LEN_MAX}", value.len()));
    }
    Ok(Tag::Attribute(key, value))
}

/// Input that fails instead of feeding one piece of markup for ever.
struct Bounded {
    input: Box<dyn BufRead + Send>,
    left: u64,
}

impl Read for Bounded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let n = ready.len().min(into.len());
        into[..n].copy_from_slice(&ready[..n]);
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for Bounded {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::Error::other(format!("one piece of markup is longer than {MARKUP_LEN_MAX} bytes")));
        }
        self.input.fill_buf()
    }

    fn consume(&mut self, n: usize) {
        self.left = self.left.saturating_sub(n as u64);
        self.input.consume(n);
    }
}
