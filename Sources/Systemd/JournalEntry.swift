/// A structured entry of the journal (systemd.journal-fields(7)).
package struct JournalEntry: Sendable, Hashable {
    /// The severities of syslog(3).
    package enum Priority: Int32, Sendable, Comparable {
        case emergency
        case alert
        case critical
        case error
        case warning
        case notice
        case info
        case debug

        /// The more severe one, whose number is lower, is the greater.
        package static func < (left: Self, right: Self) -> Bool { left.rawValue > right.rawValue }
    }

    /// The text for people.
    package var message: String
    package var priority: Priority
    /// Further fields by name.
    ///
    /// Names are of upper-case letters, digits and underscores, and begin with a letter: the
    /// journal drops others. Values may hold anything, line feeds too.
    package var fields: [String: String]

    /// An entry with a text, a severity and further fields.
    package init(_ message: String, priority: Priority, fields: [String: String] = [:]) {
        self.message = message
        self.priority = priority
        self.fields = fields
    }

    /// The `NAME=value` items that the journal takes.
    var items: [String] {
        ["MESSAGE=\(message)", "PRIORITY=\(priority.rawValue)"]
            + fields.map { name, value in "\(name)=\(value)" }
    }
}
