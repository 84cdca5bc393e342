import AgentAPI
import Testing

struct LossyUTF8Tests {
    @Test(arguments: ["", "plain", "hällo 🙂", "line\r\n"])
    func validBytesStayAsTheyAre(text: String) {
        let decoded = LossyUTF8(Array(text.utf8))
        #expect(decoded.text == text)
        #expect(!decoded.hasReplacements)
    }

    @Test(
        arguments: [
            ([0x61, 0xff, 0x62], "a\u{FFFD}b"), ([0xc3], "\u{FFFD}"), ([0xed, 0xa0, 0x80], nil),
        ] as [([UInt8], String?)])
    func invalidBytesAreReplacedAndSaid(bytes: [UInt8], text: String?) {
        let decoded = LossyUTF8(bytes)
        #expect(decoded.hasReplacements)
        if let text { #expect(decoded.text == text) }
    }
}
