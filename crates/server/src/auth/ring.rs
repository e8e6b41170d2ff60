//! The signatures of tokens, verified with `ring`: the one provider of cryptography for connections, here too. It signs nothing.

use ::signature::{Error as Unverified, Verifier};
use jsonwebtoken::{
    Algorithm, DecodingKey, DecodingKeyKind,
    crypto::{CryptoProvider, JwtVerifier, KeyUtils},
    errors::{Error, ErrorKind},
};
use ring::signature::{self, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm};

/// Algorithms that are taken. None with a shared secret, since who verifies could sign.
pub(super) const ALGORITHMS: [Algorithm; 6] =
    [Algorithm::EdDSA, Algorithm::ES256, Algorithm::ES384, Algorithm::RS256, Algorithm::PS256, Algorithm::RS512];

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(ErrorKind::InvalidAlgorithm.into()),
    verifier_factory: |algorithm, key| Ok(Box::new(Verifying::new(*algorithm, key)?)),
    key_utils: KeyUtils::new_unimplemented(),
};

/// Makes it the provider of this process; the same call again changes nothing.
pub(super) fn install() {
    let _ = PROVIDER.install_default();
}

/// A key that verifies one algorithm.
struct Verifying {
    algorithm: Algorithm,
    key: Key,
}

enum Key {
    /// Of an elliptic curve, as `ring` reads it.
    Curve(&'static dyn VerificationAlgorithm, Vec<u8>),
    /// Modulus and exponent.
    Rsa(&'static RsaParameters, Vec<u8>, Vec<u8>),
}

impl Verifying {
    fn new(algorithm: Algorithm, key: &DecodingKey) -> Result<Self, Error> {
        let wrong = || Error::from(ErrorKind::InvalidKeyFormat);
        if key.family() != algorithm.family() {
            return Err(wrong());
        }
        let curve = |of: &'static dyn VerificationAlgorithm| Ok::<_, Error>(Key::Curve(of, key.try_get_as_bytes()?.to_vec()));
        let rsa = |of: &'static RsaParameters| match key.kind() {
            DecodingKeyKind::RsaModulusExponent { n, e } => Ok(Key::Rsa(of, n.clone(), e.clone())),
            DecodingKeyKind::SecretOrDer(_) => Err(wrong()),
        };
        let key = match algorithm {
            Algorithm::EdDSA => curve(&signature::ED25519)?,
            Algorithm::ES256 => curve(&signature::ECDSA_P256_SHA256_FIXED)?,
            Algorithm::ES384 => curve(&signature::ECDSA_P384_SHA384_FIXED)?,
            Algorithm::RS256 => rsa(&signature::RSA_PKCS1_2048_8192_SHA256)?,
            Algorithm::RS512 => rsa(&signature::RSA_PKCS1_2048_8192_SHA512)?,
            Algorithm::PS256 => rsa(&signature::RSA_PSS_2048_8192_SHA256)?,
            _ => return Err(ErrorKind::InvalidAlgorithm.into()),
        };
        Ok(Self { algorithm, key })
    }
}

impl Verifier<Vec<u8>> for Verifying {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), Unverified> {
        let verified = match &self.key {
            Key::Curve(of, key) => UnparsedPublicKey::new(*of, key).verify(message, signature),
            Key::Rsa(of, n, e) => RsaPublicKeyComponents { n, e }.verify(of, message, signature),
        };
        verified.map_err(|_| Unverified::new())
    }
}

impl JwtVerifier for Verifying {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}
