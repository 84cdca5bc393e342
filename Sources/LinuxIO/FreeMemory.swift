private import CLinuxIO

/// What the C library does with memory that is freed.
enum FreeMemory {
    /// Keeps enough of it for the messages of the next calls.
    ///
    /// glibc gives the end of an arena back to the kernel once 128 KiB of it are free, and maps what is larger by
    /// itself: with messages of 64 KiB and more, every call would have the kernel take its memory away, and
    /// clear and map it again, which costs more than the call. Takes effect once in a process, and not at all where
    /// the environment chooses (mallopt(3), MALLOC_TRIM_THRESHOLD_ and its kin).
    static let isKept: Void = clinuxio_set_malloc_thresholds(mmapThreshold, trimThreshold)

    private static let mmapThreshold: CInt = 1 << 20
    private static let trimThreshold: CInt = 2 << 20
}
