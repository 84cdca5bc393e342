import Supervision
import Testing

/// A session's name that is known to be valid.
func makeSessionID(_ name: String) throws -> Supervision.SessionID {
    let id = Supervision.SessionID(rawValue: name)
    return try #require(id)
}
