//! Sleeps until killed, beside three children that are hard to end: one ignores SIGTERM, one has a session
//! of its own, one has lost its parent too.
//!
//! Where `SLOW_PIDS` names a file, it holds the pids of all four once they run: one a line, and then "ready". It may
//! be a FIFO, to wait for that.

use std::os::unix::fs::FileTypeExt;
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

/// Writes a file that nobody sees half written.
fn publish(path: &str, text: &str) {
    let is_fifo = fs::metadata(path).map_or(false, |file| file.file_type().is_fifo());
    if is_fifo {
        return fs::write(path, text).expect("SLOW_PIDS can be written");
    }
    let unfinished = format!("{path}.new");
    fs::write(&unfinished, text).expect("SLOW_PIDS can be written");
    fs::rename(&unfinished, path).expect("SLOW_PIDS can be written");
}

fn main() {
    let deaf = spawn(&mut shell("trap '' TERM; exec sleep 86400"));
    let apart = spawn(&mut shell("exec setsid sleep 86400"));
    let orphan = shell("setsid sleep 86400 >/dev/null 2>&1 & echo $!")
        .output()
        .expect("sh can be started");
    let orphan = String::from_utf8_lossy(&orphan.stdout).trim().to_owned();

    if let Ok(path) = env::var("SLOW_PIDS") {
        let pids = [process::id(), deaf.id(), apart.id()].map(|pid| pid.to_string());
        publish(&path, &format!("{}\n{orphan}\nready\n", pids.join("\n")));
    }
    loop {
        thread::park();
    }
}
