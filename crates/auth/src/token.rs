//! Access tokens: signed JWTs that name a session and carry no permissions.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use kaiwa_shared::{SessionId, UserId, time::Millis};
use serde::{Deserialize, Serialize};

use crate::{
    random::{self, NoRandomness},
    secret::SigningSecret,
};

/// The issuer and the audience of our tokens.
const ISSUER: &str = "kaiwa";
const AUDIENCE: &str = "kaiwa-api";

/// The media type of an access token (RFC 9068).
const TYPE: &str = "at+jwt";

/// The only algorithm that is used for signing and accepted.
const ALGORITHM: Algorithm = Algorithm::HS256;

/// The maximum size of a token, in bytes.
const MAX_BYTES: usize = 4096;

/// How far two machines' clocks may differ, in seconds.
const LEEWAY_SECONDS: i64 = 5;

/// Why a token was not issued or not accepted. The client does not learn the reason.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// It is not one of our tokens, or it was changed.
    #[error("the token is not valid")]
    Invalid,
    /// It has expired.
    #[error("the token has expired")]
    Expired,
    /// It could not be signed.
    #[error("the token could not be signed: {0}")]
    Signing(String),
    /// There was no randomness for its id.
    #[error(transparent)]
    Random(#[from] NoRandomness),
}

/// The content of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The session's id.
    pub session: SessionId,
    /// The user of the session.
    pub user: UserId,
    /// When the token is no longer accepted.
    pub expires_at: Millis,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    iss: String,
    aud: String,
    sub: UserId,
    sid: SessionId,
    jti: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// Signs and checks tokens.
pub struct Signer {
    header: Header,
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

impl Signer {
    /// A signer whose key is derived from `secret`.
    pub fn new(secret: &SigningSecret) -> Self {
        let key = secret.derive("jwt/access/v1");
        let mut validation = Validation::new(ALGORITHM);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
        // The library would read the system's clock; `verify` compares with the time that it is given.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let mut header = Header::new(ALGORITHM);
        header.typ = Some(TYPE.to_owned());
        Self {
            header,
            encoding: EncodingKey::from_secret(&key),
            decoding: DecodingKey::from_secret(&key),
            validation,
        }
    }

    /// Issues a token for a session, valid from `now` for `lifetime`.
    pub fn issue(
        &self,
        session: SessionId,
        user: UserId,
        now: Millis,
        lifetime: Duration,
    ) -> Result<String, TokenError> {
        let issued = now.0 / 1000;
        let wire = Wire {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: user,
            sid: session,
            jti: random::text::<12>()?,
            iat: issued,
            nbf: issued,
            exp: now.plus(lifetime).0 / 1000,
        };
        encode(&self.header, &wire, &self.encoding).map_err(|error| TokenError::Signing(error.to_string()))
    }

    /// Returns the content of a token if it is ours, unchanged, and has not expired at `now`.
    ///
    /// A token whose `nbf` is in the future is accepted. Only Kaiwa signs tokens, so the clock that issued it was ahead and
    /// has been set back since; refusing it would sign everybody out until the clock catches up. Such a token expires
    /// later by that difference. Ending its session ends it like any other.
    pub fn verify(&self, token: &str, now: Millis) -> Result<Claims, TokenError> {
        if token.len() > MAX_BYTES {
            return Err(TokenError::Invalid);
        }
        let data =
            decode::<Wire>(token, &self.decoding, &self.validation).map_err(|_why| TokenError::Invalid)?;
        let claims = data.claims;
        // Our tokens have exactly this header, so that no other header is ever interpreted. They are valid from the
        // moment they are issued.
        if data.header != self.header || claims.nbf != claims.iat {
            return Err(TokenError::Invalid);
        }
        let expires_at = Millis(claims.exp.saturating_add(LEEWAY_SECONDS).saturating_mul(1000));
        if now >= expires_at {
            return Err(TokenError::Expired);
        }
        Ok(Claims { session: claims.sid, user: claims.sub, expires_at })
    }

    /// Whether a token is ours and unchanged, expired or not.
    pub fn is_ours(&self, token: &str) -> bool {
        !matches!(self.verify(token, Millis(0)), Err(TokenError::Invalid))
    }
}

#[cfg(test)]
mod tests;
