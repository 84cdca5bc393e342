#if THREAD_SANITIZER
    private import Glibc

    /// A value behind a lock, for builds that the thread sanitizer watches.
    ///
    /// The sanitizer sees what is instrumented, and what pthreads do. The standard library's `Mutex` waits with
    /// futex(2) inside a library that is neither: each use of it would be reported as a race. Its interface is
    /// `Mutex`'s, as far as it is used here.
    ///
    /// Sendable as the value is only reached under the lock, and comes and goes by `sending`.
    package struct Locked<Value>: ~Copyable, @unchecked Sendable {
        private let value: UnsafeMutablePointer<Value>
        // Where it is must not change, which a stored property does not promise.
        private let mutex: UnsafeMutablePointer<pthread_mutex_t>

        /// Creates a lock that nobody holds.
        package init(_ initialValue: consuming sending Value) {
            value = .allocate(capacity: 1)
            value.initialize(to: initialValue)
            mutex = .allocate(capacity: 1)
            mutex.initialize(to: pthread_mutex_t())
            pthread_mutex_init(mutex, nil)
        }

        deinit {
            pthread_mutex_destroy(mutex)
            mutex.deinitialize(count: 1)
            mutex.deallocate()
            value.deinitialize(count: 1)
            value.deallocate()
        }

        /// Runs a body that has the value to itself.
        ///
        /// - Parameter body: Must not take the lock again.
        /// - Returns: What the body does.
        /// - Throws: What the body does.
        package borrowing func withLock<Result, Failure: Error>(
            _ body: (inout sending Value) throws(Failure) -> sending Result
        ) throws(Failure) -> sending Result {
            pthread_mutex_lock(mutex)
            defer { pthread_mutex_unlock(mutex) }
            return try body(&value.pointee)
        }
    }
#else
    package import Synchronization

    /// A value behind a lock.
    ///
    /// Another name, so that it costs nothing; a type of our own only where the thread sanitizer, which does not
    /// understand `Mutex`, looks on (`THREAD_SANITIZER`).
    package typealias Locked<Value> = Mutex<Value>
#endif
