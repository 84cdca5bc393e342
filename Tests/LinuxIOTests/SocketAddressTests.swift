import LinuxIO
import Testing

struct SocketAddressTests {
    @Test(
        arguments: [
            ("127.0.0.1:50052", "127.0.0.1:50052", 50052),
            ("0.0.0.0:0", "0.0.0.0:0", 0),
            ("10.1.2.3:65535", "10.1.2.3:65535", 65535),
            ("localhost:50051", "127.0.0.1:50051", 50051),
            ("http://127.0.0.1:50051", "127.0.0.1:50051", 50051),
            ("http://127.0.0.1:50051/", "127.0.0.1:50051", 50051),
            ("http://localhost:1", "127.0.0.1:1", 1),
            ("[::1]:50052", "[::1]:50052", 50052),
            ("[0:0:0:0:0:0:0:1]:7", "[::1]:7", 7),
            ("http://[fe80::1]:7/", "[fe80::1]:7", 7),
            ("unix:/run/op-agents/supervisor.sock", "unix:/run/op-agents/supervisor.sock", nil),
            ("unix:///run/a.sock", "unix:/run/a.sock", nil),
            ("unix:/with:colon/and space", "unix:/with:colon/and space", nil),
        ] as [(String, String, UInt16?)])
    func isRead(text: String, canonical: String, port: UInt16?) throws {
        let address = try SocketAddress(parsing: text)
        #expect(address.description == canonical)
        #expect(address.port == port)
        #expect(try SocketAddress(parsing: address.description) == address)
    }

    @Test(arguments: [
        ("", "no port"),
        ("127.0.0.1", "no port"),
        ("/run/a.sock", "no port"),
        ("127.0.0.1:", "port"),
        ("127.0.0.1:65536", "65535"),
        ("127.0.0.1:-1", "65535"),
        ("127.0.0.1:+80", "65535"),
        ("127.0.0.1:http", "65535"),
        ("127.0.0.1: 80", "65535"),
        (":80", "not an IP address"),
        ("example.org:80", "not an IP address"),
        ("127.0.0.256:80", "not an IP address"),
        ("127.1:80", "not an IP address"),
        ("::1:80", "not an IP address"),
        ("[::1:80", "not an IP address"),
        ("[127.0.0.1]:80", "not an IPv6 address"),
        ("[fe80::1%lo]:80", "not an IPv6 address"),
        ("unix:relative.sock", "absolute path"),
        ("unix:", "absolute path"),
        ("unix://host/path", "absolute path"),
        ("unix:/" + String(repeating: "p", count: 107), "107 bytes"),
    ])
    func isRefusedWithTheReason(text: String, reason: String) {
        let error = #expect(throws: SocketAddressError.self) {
            try SocketAddress(parsing: text)
        }
        #expect(error?.text == text)
        #expect(error?.reason.contains(reason) == true)
        #expect(error?.description.hasPrefix("cannot use the address \(text)") == true)
    }

    @Test func longestPathOfAUnixSocketIsTaken() throws {
        let path = "/" + String(repeating: "p", count: 106)
        #expect(try SocketAddress(parsing: "unix:\(path)") == .unix(path: path))
    }

    @Test func loopbackIsAnIPv4Address() throws {
        #expect(try SocketAddress(parsing: "127.0.0.1:8080") == .loopback(port: 8080))
    }
}
