private import Glibc

/// Strings in the form that execve(2) takes, with a null pointer at the end.
struct CStringArray: ~Copyable {
    private let pointers: UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>

    init(_ strings: [String]) {
        pointers = .allocate(capacity: strings.count + 1)
        _ = pointers.initialize(from: strings.map { strdup($0) } + [nil])
    }

    deinit {
        for pointer in pointers { free(pointer) }
        pointers.deallocate()
    }

    /// Valid while this value lives.
    var baseAddress: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? { pointers.baseAddress }
}
