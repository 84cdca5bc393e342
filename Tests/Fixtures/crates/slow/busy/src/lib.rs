//! Keeps rustc at work until it is killed: counts to the end of u64 while it compiles.

#![allow(long_running_const_eval)]

/// The end of the count.
pub const END: u64 = {
    let mut count = 0;
    while count < u64::MAX {
        count += 1;
    }
    count
};
