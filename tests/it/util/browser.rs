//! A browser without a window, for what only a browser can tell of a page.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::Dir;

/// A browser, and what it makes of a page.
pub struct Browser(PathBuf);

impl Browser {
    /// One that is in `PATH`.
    pub fn find() -> Option<Self> {
        let path = std::env::var_os("PATH")?;
        let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
        let names = ["chromium", "chromium-browser", "google-chrome"];
        let programs = names
            .iter()
            .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
        programs
            .into_iter()
            .find(|program| program.is_file())
            .map(Self)
    }

    /// The document once its script is done, and what was said on the console.
    pub fn open(&self, dir: &Dir, page: &Path, search: &str) -> (String, Vec<String>) {
        let (dom, said) = (dir.path("dom.html"), dir.path("browser.log"));
        let mut child = Command::new(&self.0)
            .args([
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
            ])
            .args([
                "--no-first-run",
                "--enable-logging=stderr",
                "--v=0",
                "--dump-dom",
            ])
            .arg(format!("--user-data-dir={}", dir.path("browser").display()))
            .arg(format!("file://{}{search}", page.display()))
            .stdin(Stdio::null())
            .stdout(File::create(&dom).unwrap())
            .stderr(File::create(&said).unwrap())
            .spawn()
            .unwrap();
        let start = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if start.elapsed() > Duration::from_secs(180) {
                child.kill().unwrap();
                panic!("{} did not come to an end", self.0.display());
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let read =
            |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
        let (dom, said) = (read(&dom), read(&said));
        assert!(
            status.success() && dom.contains("</html>"),
            "{status}\n{said}"
        );
        let console = said.lines().filter(|line| line.contains("CONSOLE"));
        (dom, console.map(str::to_owned).collect())
    }
}
