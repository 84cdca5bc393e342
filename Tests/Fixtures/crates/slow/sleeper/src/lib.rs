//! Is never reached: its build script sleeps until it is killed.
