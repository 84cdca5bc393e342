import Glibc

/// Whether a descriptor becomes readable before a test would have failed anyway (poll(2)).
func becomesReadable(_ descriptor: CInt) -> Bool {
    becomes(CInt(POLLIN), descriptor, within: 30_000)
}

/// Whether a descriptor becomes writable before a test would have failed anyway.
func becomesWritable(_ descriptor: CInt) -> Bool {
    becomes(CInt(POLLOUT), descriptor, within: 30_000)
}

/// Whether a descriptor is readable now.
func isReadable(_ descriptor: CInt) -> Bool {
    becomes(CInt(POLLIN), descriptor, within: 0)
}

private func becomes(_ event: CInt, _ descriptor: CInt, within milliseconds: CInt) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(event), revents: 0)
    return poll(&entry, 1, milliseconds) == 1 && entry.revents & Int16(event) != 0
}
