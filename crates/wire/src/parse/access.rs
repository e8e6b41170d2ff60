//! The fact of the access log (`access.proto`).

use super::form::{self, Inside, Parsed};
use crate::v1;
use xiaoer_domain::{Fact, event::Accessed};

pub(super) fn recorded(m: &v1::AccessRecorded) -> Parsed<Fact> {
    let log = form::log_name("log", &m.log)?;
    form::given_code("call", &m.call)?;
    let subject = m.subject.as_ref().map(super::subject).transpose().inside("subject")?;
    let reference = form::code("ref", &m.r#ref)?;
    form::code("metric_id", &m.metric_id)?;
    form::code("refusal", &m.refusal)?;
    Ok(Fact::AccessRecorded(Accessed { log, subject, reference }))
}
