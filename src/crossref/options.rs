//! Where and as whom Crossref is asked.

use std::path::PathBuf;

use reqwest::Url;
use reqwest::header::{HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::ledger::{Ledger, Wall};

/// Where and as whom to ask.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// `https://api.crossref.org`, or a server of one's own.
    pub base_url: String,
    /// The user's address: the polite pool.
    pub mailto: Option<String>,
    /// A Plus token; it appears in no message.
    pub token: Option<Token>,
    /// How much of the allowed rate is used, 0 to 1.
    pub pace: f64,
    /// Ask for whole works, not only for the fields that most runs need.
    pub whole: bool,
    /// A folder in which processes that ask as the same user share their budget; without one this
    /// process has it for itself.
    pub budget: Option<PathBuf>,
}

/// A secret: it has no way into a message.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Takes a token as it was read, blanks around it aside.
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Why there can't be a client.
#[derive(Debug, Error)]
pub enum ClientError {
    /// An address that can't be asked.
    #[error("base_url = `{url}`: {reason}")]
    BaseUrl {
        /// As it was given.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A token that no header can hold.
    #[error("the Plus token holds line breaks or other characters that can't be sent")]
    Token,
    /// TLS or proxy settings.
    #[error("cannot set up the HTTP client: {0}")]
    Setup(String),
}

impl ClientOptions {
    /// Headers of each request, the user agent aside.
    pub(super) fn headers(&self) -> Result<HeaderMap, ClientError> {
        let mut headers = HeaderMap::new();
        if let Some(Token(token)) = &self.token {
            let value = HeaderValue::try_from(format!("Bearer {token}"));
            let mut value = value.map_err(|_| ClientError::Token)?;
            value.set_sensitive(true);
            headers.insert("Crossref-Plus-API-Token", value);
        }
        Ok(headers)
    }
}

/// The address that is asked.
///
/// # Errors
/// If it can't be asked.
pub(crate) fn base_of(base_url: &str) -> Result<Url, ClientError> {
    let bad = |reason: &str| ClientError::BaseUrl {
        url: base_url.to_owned(),
        reason: reason.to_owned(),
    };
    let base = base_url.trim_end_matches('/');
    let base: Url = base.parse().map_err(|error| {
        bad(&format!(
            "{error}; write it like `https://api.crossref.org`"
        ))
    })?;
    let local = match base.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => {
            return Err(bad(
                "it has no host; write it like `https://api.crossref.org`",
            ));
        }
    };
    match base.scheme() {
        "https" => Ok(base),
        "http" if local => Ok(base),
        _ => Err(bad(
            "only `https://` is used for another machine, `http://` for this one",
        )),
    }
}

/// The budget of this user at this service, shared if that is possible.
pub(super) fn ledger_of(options: &ClientOptions, base: &Url) -> Ledger {
    let Some(folder) = &options.budget else {
        return Ledger::alone(Wall::System);
    };
    let user = match (&options.token, &options.mailto) {
        (Some(Token(token)), _) => format!("token {token}"),
        (None, Some(mailto)) => format!("mailto {}", mailto.to_ascii_lowercase()),
        (None, None) => "public".to_owned(),
    };
    // Whoever reads the folder learns neither address nor token.
    let digest = Sha256::digest(format!("{} {user}", base.origin().ascii_serialization()));
    let name: String = digest.iter().take(8).map(|b| format!("{b:02x}")).collect();
    let folder = folder.join(format!("{}-{name}", base.host_str().unwrap_or("host")));
    Ledger::open(&folder, Wall::System).unwrap_or_else(|error| {
        let folder = folder.display();
        tracing::warn!("the limits are not shared with other runs: cannot use `{folder}`: {error}; allow writing there, or name another folder for caches with XDG_CACHE_HOME");
        Ledger::alone(Wall::System)
    })
}

/// `crossfill/VERSION (URL; mailto:…)`, as Crossref's etiquette asks for.
pub(super) fn user_agent(mailto: Option<&str>) -> String {
    let product = concat!("crossfill/", env!("CARGO_PKG_VERSION"));
    let url = "https://crates.io/crates/crossfill";
    match mailto {
        Some(mailto) => format!("{product} ({url}; mailto:{mailto})"),
        None => format!("{product} ({url})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_for_other_machines() {
        let client = |url: &str| {
            super::super::Client::new(&ClientOptions {
                base_url: url.into(),
                mailto: None,
                token: Some(Token::new("secret")),
                pace: 1.0,
                budget: None,
                whole: false,
            })
        };
        assert!(client("http://127.0.0.1:80").is_ok());
        assert!(client("http://localhost:80/api").is_ok());
        assert!(client("http://api.crossref.org").is_err());
        assert!(client("ftp://localhost").is_err());
        assert!(client("nonsense").is_err());
        assert!(!format!("{:?}", Token::new("secret")).contains("secret"));
    }
}
