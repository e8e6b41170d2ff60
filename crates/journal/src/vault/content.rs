//! Putting content, and reading it.

use super::{
    ATTEMPTS_MAX, Error, Vault, Write,
    erase::refuse_erased,
    keys::Epoch,
    seal::{self, Bound, DataKey, LEN},
};
use crate::{bulk::Value, connection::Found, sql};
use std::fmt;
use uuid::Uuid;
use xiaoer_domain::{Code, LogName, Refusal, Subject};
use zeroize::Zeroizing;

/// What a reference stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The data of a person.
    Person,
    /// A text.
    Text,
}

impl Kind {
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Person => 1,
            Self::Text => 2,
        }
    }

    pub(super) fn of(number: i64, row: &str) -> Result<Self, Error> {
        match number {
            1 => Ok(Self::Person),
            2 => Ok(Self::Text),
            _ => Err(corrupt(row, "a kind that is none").into()),
        }
    }
}

/// Content to put.
#[derive(Clone)]
pub struct NewContent {
    /// The caller's own id of it.
    pub request: Uuid,
    /// What it is.
    pub kind: Kind,
    /// The person whose text it is; none for a person, and for a text of nobody.
    pub person: Option<String>,
    /// The content.
    pub content: Zeroizing<Vec<u8>>,
    /// Its retention class, as the contract numbers them.
    pub retention: i32,
    /// When it is put, by the log: microseconds of UTC.
    pub put_at: i64,
    /// The stream it is for, where that is known.
    pub subject: Option<Subject>,
    /// The field it is for; empty where that is not known.
    pub field: String,
}

impl fmt::Debug for NewContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewContent").field("request", &self.request).finish_non_exhaustive()
    }
}

/// Where content is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Its reference.
    pub reference: String,
    /// The commitment to it.
    pub commitment: [u8; LEN],
    /// It was there before, by the same request.
    pub existed: bool,
}

/// Content as the vault holds it.
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    /// Its reference.
    pub reference: String,
    /// What it is.
    pub kind: Kind,
    /// Whose data key seals it: the person, or itself.
    pub owner: String,
    /// Its retention class, as the contract numbers them.
    pub retention: i32,
    /// When it was put, by the log: microseconds of UTC.
    pub put_at: i64,
    /// The stream it is for, where that is known.
    pub subject: Option<Subject>,
    /// The field it is for; empty where that is not known.
    pub field: String,
    /// The content, and the commitment to it as it is; none where it was erased.
    pub text: Option<(Zeroizing<Vec<u8>>, [u8; LEN])>,
    /// The commitment that was given when it was put.
    pub commitment: [u8; LEN],
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content").field("reference", &self.reference).finish_non_exhaustive()
    }
}

/// A row of content: all but what is sealed in it.
struct Row {
    reference: String,
    owner: String,
    kind: Kind,
    retention: i32,
    request: Uuid,
    put_at: i64,
    subject: [String; 3],
    field: String,
    commitment: [u8; LEN],
    sealed: Option<Vec<u8>>,
}

/// A data key, and the epochs that wrapped it.
pub(super) struct Key {
    pub kind: Kind,
    pub first_epoch: Epoch,
    pub epoch: Epoch,
    pub wrapped: Vec<u8>,
}

impl Vault {
    /// Keeps content, and gives its reference: after the commit. A request that was made before gets the first answer, and other
    /// content under its id is refused.
    pub async fn put(&self, log: &LogName, new: &NewContent) -> Result<Placed, Error> {
        for _ in 0..ATTEMPTS_MAX {
            if let Some(row) = self.row(&sql::VAULT_CONTENT_REQUEST, log, Value::Id(new.request)).await? {
                return self.again(log, row, new).await;
            }
            if let Some(placed) = self.try_put(log, new).await? {
                return Ok(placed);
            }
        }
        Err(crate::Error::Away(sqlx::Error::WorkerCrashed).into())
    }

    /// Reads content; none where there is no such reference.
    pub async fn get(&self, log: &LogName, reference: &str) -> Result<Option<Content>, Error> {
        let Some(row) = self.row(&sql::VAULT_CONTENT, log, reference.into()).await? else { return Ok(None) };
        let Some(sealed) = &row.sealed else { return Ok(Some(row.content(None))) };
        let Some(key) = self.key(log, &row.owner).await? else {
            // Erased between the two questions.
            let row = self.row(&sql::VAULT_CONTENT, log, reference.into()).await?;
            let gone = row.filter(|row| row.sealed.is_none()).map(|row| row.content(None));
            return gone.map(Some).ok_or_else(|| corrupt(reference, "content without its key").into());
        };
        let key = self.unwrapped(log, &row.owner, &key).await?;
        let opened = key.open(sealed, &row.bound(log));
        let opened = opened.ok_or_else(|| corrupt(reference, "it was changed, or belongs elsewhere"))?;
        let (salt, text) = opened.split_at_checked(LEN).ok_or_else(|| corrupt(reference, "content without its salt"))?;
        let commitment = seal::commitment(salt, log.as_str(), reference, text);
        let text = Zeroizing::new(text.to_vec());
        Ok(Some(row.content(Some((text, commitment)))))
    }

    /// Whose data key seals a content: the person, or itself; none where there is no such reference.
    pub async fn owner(&self, log: &LogName, reference: &str) -> Result<Option<String>, Error> {
        Ok(self.row(&sql::VAULT_CONTENT, log, reference.into()).await?.map(|row| row.owner))
    }

    /// Whether a data key is there.
    pub async fn has_key(&self, log: &LogName, owner: &str) -> Result<bool, Error> {
        Ok(self.key(log, owner).await?.is_some())
    }

    /// The answer to a request that was made before.
    async fn again(&self, log: &LogName, row: Row, new: &NewContent) -> Result<Placed, Error> {
        let reference = row.reference.clone();
        let stands = self.get(log, &reference).await?.ok_or_else(|| corrupt(&reference, "gone"))?;
        let Some((text, _)) = &stands.text else {
            return Err(Refusal::new(Code::Erased, "what this request put was erased").at("request_id").into());
        };
        let owner = new.person.as_deref().unwrap_or(&reference);
        let same = (stands.kind, &*stands.owner, stands.retention, &stands.subject, &stands.field, text)
            == (new.kind, owner, new.retention, &new.subject, &new.field, &new.content);
        if same {
            return Ok(Placed { reference, commitment: row.commitment, existed: true });
        }
        Err(Refusal::new(Code::RequestReused, "this request put something else before").at("request_id").into())
    }

    /// Puts it, where nothing got in the way: another epoch that began, or another call with the same request.
    async fn try_put(&self, log: &LogName, new: &NewContent) -> Result<Option<Placed>, Error> {
        let reference = seal::draw_reference()?;
        let (key, fresh) = match &new.person {
            Some(person) => {
                let key = self.key_of_person(log, person).await?;
                (self.unwrapped(log, person, &key).await?, None)
            }
            None => {
                let (key, epoch) = (DataKey::draw()?, self.current().await?);
                let wrapped = self.wrapped(log, &reference, new.kind, epoch, epoch, &key).await?;
                (key, Some((epoch, wrapped)))
            }
        };
        let row = seal(log, new, reference, &key)?;
        drop(key);
        let mut write = self.write().await?;
        if write.find_request(log, new.request).await? {
            return Ok(None);
        }
        match &fresh {
            Some((epoch, wrapped)) => {
                if write.current().await? != Some(*epoch) {
                    return Ok(None);
                }
                write.insert_key(log, &row, *epoch, wrapped).await?;
            }
            // Whoever erases him waits for us, or we for him.
            None => write.still_there(log, &row.owner).await?,
        }
        write.insert(log, &row).await?;
        write.commit().await?;
        Ok(Some(Placed { reference: row.reference, commitment: row.commitment, existed: false }))
    }

    /// The data key of a person, for a text of his.
    async fn key_of_person(&self, log: &LogName, person: &str) -> Result<Key, Error> {
        let mut reader = self.0.readers.acquire().await?;
        refuse_erased(reader.query(&sql::VAULT_ERASURE), log, person).await?;
        drop(reader);
        match self.key(log, person).await? {
            Some(key) if key.kind == Kind::Person => Ok(key),
            _ => Err(unknown("there is no such person").at("person").into()),
        }
    }

    pub(super) async fn key(&self, log: &LogName, owner: &str) -> Result<Option<Key>, Error> {
        let mut reader = self.0.readers.acquire().await?;
        let row = reader.query(&sql::VAULT_KEY).bind(log.as_str()).bind(owner).first().await?;
        row.map(|row| Key::read(&row, 0, owner)).transpose()
    }

    async fn row(&self, statement: &'static crate::Statement, log: &LogName, value: Value<'_>) -> Result<Option<Row>, Error> {
        let mut reader = self.0.readers.acquire().await?;
        let row = reader.query(statement).values([log.as_str().into(), value]).first().await?;
        row.map(|row| Row::read(&row)).transpose()
    }
}

/// Seals content; what comes out is its row.
fn seal(log: &LogName, new: &NewContent, reference: String, key: &DataKey) -> Result<Row, Error> {
    let mut salted = Zeroizing::new(vec![0; LEN + new.content.len()]);
    getrandom::fill(&mut salted[..LEN]).map_err(super::KeyError::from)?;
    salted[LEN..].copy_from_slice(&new.content);
    let subject = new.subject.as_ref().map(|it| [&it.kind, &it.system, &it.id].map(|part| part.to_string()));
    let mut row = Row {
        owner: new.person.clone().unwrap_or_else(|| reference.clone()),
        kind: new.kind,
        retention: new.retention,
        request: new.request,
        put_at: new.put_at,
        subject: subject.unwrap_or_default(),
        field: new.field.clone(),
        commitment: seal::commitment(&salted[..LEN], log.as_str(), &reference, &new.content),
        sealed: None,
        reference,
    };
    row.sealed = Some(key.seal(&salted, &row.bound(log))?);
    Ok(row)
}

impl Row {
    fn read(row: &Found) -> Result<Self, Error> {
        let reference: String = row.get(0)?;
        let wrong = |what: &str| corrupt(&reference, what);
        Ok(Self {
            owner: row.get(1)?,
            kind: Kind::of(row.get(2)?, &reference)?,
            retention: i32::try_from(row.get::<i64>(3)?).map_err(|_| wrong("a retention class that is none"))?,
            request: row.get(4).map_err(|_| wrong("a request that is no UUID"))?,
            put_at: row.get(5)?,
            subject: [row.get(6)?, row.get(7)?, row.get(8)?],
            field: row.get(9)?,
            commitment: row.get::<&[u8]>(10)?.try_into().map_err(|_| wrong("a commitment that is not 32 bytes"))?,
            sealed: row.get(11)?,
            reference,
        })
    }

    /// What it belongs to: all of the row but the seal itself.
    fn bound(&self, log: &LogName) -> Bound {
        let [kind, system, id] = &self.subject;
        let texts = [log.as_str(), &self.reference, &self.owner, kind, system, id, &self.field].map(str::as_bytes);
        let numbers = [self.kind.number(), i64::from(self.retention), self.put_at].map(i64::to_be_bytes);
        let parts = texts.into_iter().chain(numbers.iter().map(|n| &n[..])).chain([&self.request.as_bytes()[..]]);
        Bound::new("xiaoer/vault/content/1", parts.chain([&self.commitment[..]]))
    }

    fn content(self, text: Option<(Zeroizing<Vec<u8>>, [u8; LEN])>) -> Content {
        let Self { reference, owner, kind, retention, put_at, subject: [of, system, id], field, commitment, .. } = self;
        let subject = (!of.is_empty()).then(|| Subject::new(&of, &system, &id));
        Content { reference, kind, owner, retention, put_at, subject, field, text, commitment }
    }
}

impl Key {
    /// From the columns kind, first epoch, epoch, wrapped.
    pub(super) fn read(row: &Found, at: usize, owner: &str) -> Result<Self, Error> {
        let epoch = |column| -> Result<Epoch, Error> {
            Epoch::try_from(row.get::<i64>(column)?)
                .map_err(|_| crate::Error::corrupt("vault_key", owner, "an epoch that is none").into())
        };
        Ok(Self {
            kind: Kind::of(row.get(at)?, owner)?,
            first_epoch: epoch(at + 1)?,
            epoch: epoch(at + 2)?,
            wrapped: row.get(at + 3)?,
        })
    }
}

impl Write {
    async fn insert_key(&mut self, log: &LogName, row: &Row, epoch: Epoch, wrapped: &[u8]) -> Result<(), Error> {
        let query = self.writer.query(&sql::VAULT_KEY_INSERT)?.bind(log.as_str()).bind(&*row.reference);
        query.bind(row.kind.number()).bind(i64::from(epoch)).bind(wrapped).run().await?;
        Ok(())
    }

    async fn still_there(&mut self, log: &LogName, owner: &str) -> Result<(), Error> {
        refuse_erased(self.writer.query(&sql::VAULT_ERASURE)?, log, owner).await
    }

    async fn find_request(&mut self, log: &LogName, request: Uuid) -> Result<bool, Error> {
        let query = self.writer.query(&sql::VAULT_CONTENT_REQUEST)?.bind(log.as_str()).bind(request);
        Ok(query.first().await?.is_some())
    }

    async fn insert(&mut self, log: &LogName, row: &Row) -> Result<(), Error> {
        let [kind, system, id] = &row.subject;
        let query = self.writer.query(&sql::VAULT_CONTENT_INSERT)?.bind(log.as_str()).bind(&*row.reference).bind(&*row.owner);
        let query = query.bind(row.kind.number()).bind(i64::from(row.retention)).bind(row.request).bind(row.put_at);
        let query = query.bind(&**kind).bind(&**system).bind(&**id).bind(&*row.field);
        query.bind(&row.commitment[..]).bind(row.sealed.as_deref()).run().await?;
        Ok(())
    }
}

pub(super) fn unknown(message: &str) -> Refusal {
    Refusal::new(Code::UnknownRef, message)
}

fn corrupt(reference: &str, what: &str) -> crate::Error {
    crate::Error::corrupt("vault_content", reference, what)
}

/// A count of the database.
pub(super) fn count(row: &Found, column: usize) -> Result<u64, Error> {
    Ok(row.get::<i64>(column)?.unsigned_abs())
}
