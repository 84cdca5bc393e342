//! Sleeps until killed, beside three children that are hard to end: one ignores SIGTERM, one has a process
//! group of its own, one has lost its parent.
//!
//! Where `SLOW_PIDS` names a file, it holds the pids of all four once they run: one a line, and then "ready".

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::{env, fs, process, thread};

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]).stdin(Stdio::null());
    command
}

fn spawn(command: &mut Command) -> Child {
    command.spawn().expect("sh can be started")
}

fn main() {
    let deaf = spawn(&mut shell("trap '' TERM; exec sleep 86400"));
    let apart = spawn(shell("exec sleep 86400").process_group(0));
    let orphan = shell("setsid sleep 86400 >/dev/null 2>&1 & echo $!")
        .output()
        .expect("sh can be started");
    let orphan = String::from_utf8_lossy(&orphan.stdout).trim().to_owned();

    if let Ok(path) = env::var("SLOW_PIDS") {
        let pids = [process::id(), deaf.id(), apart.id()].map(|pid| pid.to_string());
        let text = format!("{}\n{orphan}\nready\n", pids.join("\n"));
        // Renamed into place, so that nobody reads half of it.
        let unfinished = format!("{path}.new");
        fs::write(&unfinished, text).expect("SLOW_PIDS can be written");
        fs::rename(&unfinished, &path).expect("SLOW_PIDS can be written");
    }
    loop {
        thread::park();
    }
}
