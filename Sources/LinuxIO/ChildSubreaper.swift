private import CLinuxIO

/// A process that inherits its orphaned descendants, in the place of init (prctl(2), PR_SET_CHILD_SUBREAPER).
package enum ChildSubreaper {
    /// Makes the calling process one: whatever it or its descendants start stays below it, and it has to reap it.
    package static func enable() throws(SystemError) {
        guard clinuxio_become_subreaper() == 0 else {
            throw SystemError("become the reaper of orphaned descendants")
        }
    }
}
