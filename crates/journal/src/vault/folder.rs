//! Keys of epochs as files of a folder: `vault-epoch-<N>.key`, 32 random bytes each. It serves a folder of one's own and the folder
//! of systemd's credentials (`$CREDENTIALS_DIRECTORY`), which nobody can write to.
//!
//! Promises: a file or folder that others could read or write is refused, each time a key is used; a key is read when it is used and
//! kept by nobody, so that one that was destroyed is gone from every process; a key is made whole or not at all.

use super::{
    keys::{Answer, Epoch, KeyEncryption, KeyError},
    seal::{Bound, DataKey, LEN, draw_reference},
};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

const PREFIX: &str = "vault-epoch-";
const SUFFIX: &str = ".key";

/// A folder with the keys.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
    /// It is systemd's: read-only, of root or ours, and its files may bear the mask of an access list as the rights of a group.
    is_credentials: bool,
}

impl Folder {
    /// A folder of one's own, made where it is missing; refused where others could look into it.
    pub fn open(path: &Path) -> Result<Self, KeyError> {
        let folder = Self { path: path.to_owned(), is_credentials: false };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| failed(path, error))?;
        folder.check()?;
        Ok(folder)
    }

    /// The credentials that systemd gives this service, where a key is among them.
    pub fn of_systemd(path: &Path) -> Result<Option<Self>, KeyError> {
        let folder = Self { path: path.to_owned(), is_credentials: true };
        if folder.epochs()?.is_empty() {
            return Ok(None);
        }
        folder.check()?;
        Ok(Some(folder))
    }

    fn file(&self, epoch: Epoch) -> PathBuf {
        self.path.join(format!("{PREFIX}{epoch}{SUFFIX}"))
    }

    /// The epochs there are keys of.
    fn epochs(&self) -> Result<Vec<Epoch>, KeyError> {
        let mut epochs = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(|error| failed(&self.path, error))? {
            let name = entry.map_err(|error| failed(&self.path, error))?.file_name();
            let number = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.parse::<Epoch>().ok());
            epochs.extend(number.filter(|epoch| *epoch > 0));
        }
        Ok(epochs)
    }

    fn check(&self) -> Result<(), KeyError> {
        let metadata = fs::metadata(&self.path).map_err(|error| failed(&self.path, error))?;
        self.fits(&self.path, &metadata, "others may look into this folder: it must be ours, of mode 0700")
    }

    /// Refuses what others could read or write.
    fn fits(&self, path: &Path, metadata: &fs::Metadata, why: &'static str) -> Result<(), KeyError> {
        // A process is owned by the user it acts for.
        let itself = Path::new("/proc/self");
        let ours = fs::metadata(itself).map_err(|error| failed(itself, error))?.uid();
        let (owner, mode) = (metadata.uid(), metadata.mode());
        let fits = match self.is_credentials {
            false => owner == ours && mode & 0o077 == 0,
            // systemd itself lets nobody but the service in; the rights of a group are then those of an access list.
            true => (owner == ours || owner == 0) && mode & 0o027 == 0,
        };
        if fits { Ok(()) } else { Err(KeyError::Unfit { path: name(path), why }) }
    }

    fn read(&self, epoch: Epoch) -> Result<DataKey, KeyError> {
        self.check()?;
        let path = self.file(epoch);
        let mut file = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(KeyError::Missing(epoch)),
            file => file.map_err(|error| failed(&path, error))?,
        };
        // Of the file that is open, whatever the name leads to by now.
        let metadata = file.metadata().map_err(|error| failed(&path, error))?;
        self.fits(&path, &metadata, "others may read this key: it must be ours, of mode 0600")?;
        let unfit = || KeyError::Unfit { path: name(&path), why: "no key, which has 32 bytes" };
        if metadata.len() != LEN as u64 {
            return Err(unfit());
        }
        let mut key = Zeroizing::new([0; LEN]);
        file.read_exact(&mut key[..]).map_err(|error| failed(&path, error))?;
        DataKey::of(&key[..]).ok_or_else(unfit)
    }

    /// Written beside, then given its name, where no other has it.
    fn create(&self, epoch: Epoch) -> Result<(), KeyError> {
        self.check()?;
        let path = self.file(epoch);
        if path.exists() {
            return self.read(epoch).map(drop);
        }
        // Under a name that nobody else has, who makes the same key now.
        let beside = self.path.join(format!(".{PREFIX}{epoch}.{}", draw_reference()?));
        let key = DataKey::draw()?;
        let written = || {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
            file.write_all(key.bytes())?;
            file.sync_all()?;
            let linked = fs::hard_link(&beside, &path);
            fs::remove_file(&beside)?;
            match linked {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
                _ => File::open(&self.path)?.sync_all(),
            }
        };
        written().map_err(|error| failed(&path, error))
    }

    /// Overwritten, then removed. What a file system or a disk keeps of the old bytes is beyond a program.
    fn remove(&self, epoch: Epoch) -> Result<(), KeyError> {
        let path = self.file(epoch);
        let removed = || {
            let mut file = OpenOptions::new().write(true).open(&path)?;
            file.rewind()?;
            file.write_all(&[0; LEN])?;
            file.sync_all()?;
            fs::remove_file(&path)?;
            File::open(&self.path)?.sync_all()
        };
        match removed() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(|error| failed(&path, error)),
        }
    }
}

impl KeyEncryption for Folder {
    fn newest(&self) -> Answer<'_, Epoch> {
        Box::pin(async { Ok(self.epochs()?.into_iter().max().unwrap_or(0)) })
    }

    fn make(&self, epoch: Epoch) -> Answer<'_, ()> {
        Box::pin(async move { self.create(epoch) })
    }

    fn wrap<'a>(&'a self, epoch: Epoch, key: &'a DataKey, bound: &'a Bound) -> Answer<'a, Vec<u8>> {
        Box::pin(async move { self.read(epoch)?.seal(key.bytes(), bound) })
    }

    fn unwrap<'a>(&'a self, epoch: Epoch, wrapped: &'a [u8], bound: &'a Bound) -> Answer<'a, DataKey> {
        Box::pin(async move {
            let key = self.read(epoch)?.open(wrapped, bound);
            key.and_then(|key| DataKey::of(&key)).ok_or(KeyError::Foreign(epoch))
        })
    }

    fn destroy(&self, epoch: Epoch) -> Answer<'_, ()> {
        Box::pin(async move { self.remove(epoch) })
    }
}

/// The last name of a path, which is all of it that anybody is told.
fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn failed(path: &Path, error: io::Error) -> KeyError {
    KeyError::Failed { path: name(path), error }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn chmod(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn bound() -> Bound {
        Bound::new("test", [&b"x"[..]])
    }

    fn unfit<T: std::fmt::Debug>(answer: Result<T, KeyError>) -> bool {
        matches!(answer, Err(KeyError::Unfit { .. }))
    }

    #[tokio::test]
    async fn a_key_is_made_once_and_destroyed_for_ever() {
        let place = tempfile::TempDir::new().unwrap();
        let folder = Folder::open(&place.path().join("keys")).unwrap();
        assert_eq!(folder.newest().await.unwrap(), 0);
        let key = DataKey::draw().unwrap();
        assert!(matches!(folder.wrap(1, &key, &bound()).await, Err(KeyError::Missing(1))));
        folder.make(1).await.unwrap();
        let wrapped = folder.wrap(1, &key, &bound()).await.unwrap();
        folder.make(1).await.unwrap();
        folder.make(2).await.unwrap();
        assert_eq!(folder.newest().await.unwrap(), 2);
        assert_eq!(folder.unwrap(1, &wrapped, &bound()).await.unwrap().bytes(), key.bytes(), "the same key as before");
        assert!(matches!(folder.unwrap(2, &wrapped, &bound()).await, Err(KeyError::Foreign(2))));
        assert!(!wrapped.windows(LEN).any(|bytes| bytes == key.bytes()));
        let names: Vec<_> = fs::read_dir(place.path().join("keys")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 2, "{names:?}");
        folder.destroy(1).await.unwrap();
        folder.destroy(1).await.unwrap();
        assert!(matches!(folder.unwrap(1, &wrapped, &bound()).await, Err(KeyError::Missing(1))));
    }

    #[tokio::test]
    async fn what_others_could_read_is_refused() {
        let place = tempfile::TempDir::new().unwrap();
        let (path, key) = (place.path().join("keys"), DataKey::draw().unwrap());
        let folder = Folder::open(&path).unwrap();
        folder.make(1).await.unwrap();
        let file = path.join("vault-epoch-1.key");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        for mode in [0o640, 0o604, 0o660, 0o620] {
            chmod(&file, mode);
            assert!(unfit(folder.wrap(1, &key, &bound()).await), "{mode:o}");
            assert!(unfit(folder.make(1).await), "{mode:o}");
        }
        chmod(&file, 0o400);
        folder.wrap(1, &key, &bound()).await.unwrap();
        for mode in [0o750, 0o705, 0o701, 0o770] {
            chmod(&path, mode);
            assert!(unfit(folder.wrap(1, &key, &bound()).await), "{mode:o}");
            assert!(unfit(Folder::open(&path)), "{mode:o}");
        }
        chmod(&path, 0o700);
        for bytes in [&b""[..], b"short", &[1; 33]] {
            chmod(&file, 0o600);
            fs::write(&file, bytes).unwrap();
            let error = folder.wrap(1, &key, &bound()).await.unwrap_err();
            assert!(matches!(error, KeyError::Unfit { .. }) && !error.to_string().contains("short"), "{error}");
        }
    }

    #[tokio::test]
    async fn credentials_of_systemd() {
        let place = tempfile::TempDir::new().unwrap();
        assert!(Folder::of_systemd(place.path()).unwrap().is_none(), "no key is among them");
        let file = place.path().join("vault-epoch-3.key");
        fs::write(&file, [7; LEN]).unwrap();
        // As systemd leaves it: the group's rights are the mask of an access list.
        chmod(&file, 0o440);
        chmod(place.path(), 0o550);
        let folder = Folder::of_systemd(place.path()).unwrap().unwrap();
        assert_eq!(folder.newest().await.unwrap(), 3);
        let key = DataKey::draw().unwrap();
        let wrapped = folder.wrap(3, &key, &bound()).await.unwrap();
        assert_eq!(folder.unwrap(3, &wrapped, &bound()).await.unwrap().bytes(), key.bytes());
        for mode in [0o444, 0o460] {
            chmod(&file, mode);
            assert!(unfit(folder.wrap(3, &key, &bound()).await), "{mode:o}");
        }
        chmod(place.path(), 0o700);
    }
}
