//! Nobody answers, or refuses to.

use insta::assert_snapshot;

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;

use crate::resolve::{script, works};
use crate::resume::{input, signal, until_seen};
use crate::util::fake::{Fault, Script};
use crate::util::{Dir, Fake, Run, public, usual};

use super::{folder, hidden, shown};

/// A folder in which nobody waits for an outage to pass.
fn impatient() -> Dir {
    let dir = folder();
    dir.write("config.toml", "[crossref]\nmax_outage = \"0\"\n");
    dir
}

/// An address at which nobody listens.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// A server that always says so.
fn always(code: u16, body: &'static str) -> Fake {
    Fake::start(Script {
        fault: Some(Box::new(move |_| Some(Fault::Status(code, body, vec![])))),
        ..script(works(1, |_| false))
    })
}

fn asked(dir: &Dir, url: &str, env: &[(&str, &str)]) -> String {
    let mut command = dir.command(&usual(url));
    command.envs(env.iter().copied());
    shown(dir, &Run::new(&usual(url), command.output().unwrap()))
}

#[test]
fn no_network() {
    let (dir, url) = (impatient(), format!("http://{}", nobody()));
    assert_snapshot!(asked(&dir, &url, &[]), @r"
    exit 4
    error: cannot reach 127.0.0.1: no connection: Connection refused (os error 111)
    hint: check the network and `base_url`, or use --offline to take only what the store knows
    ");
    // Without an address that is told first.
    assert_snapshot!(shown(&dir, &dir.run(&public(&url))), @r"
    exit 4
    no address given: Crossref's public pool, 1 list request a second; with your `mailto` it is 3
    error: cannot reach 127.0.0.1: no connection: Connection refused (os error 111)
    hint: check the network and `base_url`, or use --offline to take only what the store knows
    ");
}

#[test]
fn a_proxy_that_is_not_there() {
    let (dir, proxy) = (impatient(), format!("http://{}", nobody()));
    let env = [("https_proxy", proxy.as_str())];
    assert_snapshot!(asked(&dir, "https://crossfill.invalid", &env), @r"
    exit 4
    error: cannot reach crossfill.invalid: no connection: Connection refused (os error 111)
    hint: check the network and the proxy that https_proxy names, or use --offline to take only what the store knows
    ");
}

#[test]
fn a_server_that_does_not_speak_tls() {
    let (dir, fake) = (impatient(), always(200, ""));
    assert_snapshot!(asked(&dir, &fake.url().replace("http:", "https:"), &[]), @r"
    exit 4
    error: cannot reach 127.0.0.1: no secure connection: received corrupt message of type InvalidContentType
    hint: check the network and `base_url`, or use --offline to take only what the store knows
    ");
}

#[test]
fn a_server_that_refuses() {
    let dir = folder();
    assert_snapshot!(asked(&dir, &always(401, "no such token").url(), &[]), @r"
    exit 4
    error: 127.0.0.1 refuses to answer (HTTP 401: no such token)
    hint: do not repeat this at once: check `base_url`, `mailto` and the token, and ask who runs that server; the same command goes on from here: what was answered is in the store
    ");
    assert_snapshot!(asked(&dir, &always(403, "blocked").url(), &[]), @r"
    exit 4
    error: 127.0.0.1 refuses to answer (HTTP 403: blocked)
    hint: do not repeat this at once: check `base_url`, `mailto` and the token, and ask who runs that server; the same command goes on from here: what was answered is in the store
    ");
}

/// As with a `base_url` that is none of the API.
#[test]
fn a_server_that_knows_nothing_of_this() {
    let (dir, fake) = (impatient(), always(404, "<html>Nothing here</html>"));
    let first = |said: String| said.lines().take(2).collect::<Vec<_>>().join("\n");
    assert_snapshot!(first(asked(&dir, &fake.url(), &[])), @r#"
    exit 3
     WARN "10.5555/12345678": the service refuses to answer (-v says why); the next run asks again
    "#);
    let more = dir.ask(&fake, &["-v"]).says("DEBUG refused: HTTP 404");
    assert_eq!(more.code, Some(3), "{}", more.told());
}

#[test]
fn a_token_that_cannot_be_sent() {
    let (dir, url) = (impatient(), format!("http://{}", nobody()));
    assert_snapshot!(asked(&dir, &url, &[("CROSSREF_PLUS_API_TOKEN", "one\ntwo")]), @r"
    exit 1
    error: the Plus token holds line breaks or other characters that can't be sent
    hint: CROSSREF_PLUS_API_TOKEN, or the file of `token_file`, should hold the token alone, on one line
    ");
}

/// Other runs of the same user can't know what this one asks for.
#[test]
fn limits_that_cannot_be_shared() {
    let dir = impatient();
    dir.write("cache", "a file");
    let url = format!("http://{}", nobody());
    let said = asked(&dir, &url, &[]);
    assert_snapshot!(hidden(&said, "limits/127.0.0.1-", "`", "[USER]"), @r"
    exit 4
     WARN the limits are not shared with other runs: cannot use `[DIR]/cache/crossfill/limits/127.0.0.1-[USER]`: Not a directory (os error 20); allow writing there, or name another folder for caches with XDG_CACHE_HOME
    error: cannot reach 127.0.0.1: no connection: Connection refused (os error 111)
    hint: check the network and `base_url`, or use --offline to take only what the store knows
    ");
}

#[test]
fn an_outage() {
    let dir = folder();
    dir.write("in.jsonl", input(200));
    dir.write("config.toml", "[crossref]\nmax_outage = \"0\"\nbatch = 1\n");
    let fake = Fake::start(Script {
        fault: Some(Box::new(|seen| (seen.n > 0).then_some(Fault::Reset))),
        ..script(works(200, |_| false))
    });
    let run = dir.ask(&fake, &[]);
    assert_snapshot!(hidden(&shown(&dir, &run), "no usable answer for ", ":", "[TIME]"), @r"
    exit 4
    error: 127.0.0.1 has given no usable answer for [TIME]: the connection broke: connection closed before message completed
    hint: later, the same command goes on from here: what was answered is in the store
    ");
}

#[cfg(unix)]
#[test]
fn an_interrupt() {
    let dir = folder();
    dir.write("in.jsonl", input(10));
    let mut stuck = script(works(10, |_| false));
    stuck.latency = std::time::Duration::from_secs(60);
    let fake = Fake::start(stuck);
    let mut child = dir.start(&fake);
    until_seen(&fake, 1, &mut child);
    signal(&child, "-INT");
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    // A second signal that came before the first was heard would be the same one.
    while !said.contains("stopping: ") {
        assert_ne!(stderr.read_line(&mut said).unwrap(), 0, "it says nothing");
    }
    signal(&child, "-TERM");
    stderr.read_to_string(&mut said).unwrap();
    let mut run = Run::new(&[], child.wait_with_output().unwrap());
    run.err = said;
    assert_snapshot!(shown(&dir, &run), @r"
    exit 130
    stopping: what was asked for is still waited for; once more stops at once
    error: interrupted
    hint: the same command goes on from here: what was answered is in the store
    ");
}
