/// Whom the fleet serves beside root and the user that it runs as.
package struct AllowedAccounts: Equatable, Sendable {
    /// Users, by their numbers.
    package var users: Set<UInt32> = []
    /// Groups, by their numbers: all of their members.
    package var groups: Set<UInt32> = []

    /// Allows nobody.
    package init() {}
}
