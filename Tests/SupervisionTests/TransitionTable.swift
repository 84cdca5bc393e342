/// What each event leads to in each state, written down by hand.
///
/// A row is: event, the state after it, and the actions in order. "time" is the arrival of the
/// state's next deadline. News (spawnFailed, ready, passed, failed, used, exited) is of the present
/// instance; "held" is stopped by an operator.
enum TransitionTable {
    struct Cell: Sendable, CustomStringConvertible {
        let state: String
        let event: String
        let next: String
        let actions: String

        var description: String { "\(state) + \(event)" }
    }

    static let events = [
        "start", "stop", "restart", "reconfigure", "unhold", "needed", "released", "connection",
        "spawnFailed", "ready", "passed", "failed", "used", "exited", "time", "attach", "detach",
    ]

    static let cells: [Cell] = rows.flatMap { state, text in
        text.split(separator: "\n").map { line in
            let columns = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingBlanks }
            return Cell(
                state: state, event: columns[0], next: columns[1],
                actions: columns.count > 2 ? columns[2] : "")
        }
    }

    private static let rows: [(state: String, text: String)] = [
        (
            "stopped",
            """
            start       | starting    | open spawn
            stop        | stopped     | close
            restart     | starting    | open spawn
            reconfigure | stopped
            unhold      | stopped
            needed      | starting    | open spawn
            released    | stopped
            connection  | starting    | open spawn
            spawnFailed | stopped
            ready       | stopped
            passed      | stopped
            failed      | stopped
            used        | stopped
            exited      | stopped
            time        | stopped
            attach      | external    | close probe
            detach      | stopped
            """
        ),
        (
            "held",
            """
            start       | starting    | open spawn
            stop        | stopped
            restart     | starting    | open spawn
            reconfigure | stopped
            unhold      | stopped     | watch
            needed      | stopped
            released    | stopped
            connection  | stopped
            spawnFailed | stopped
            ready       | stopped
            passed      | stopped
            failed      | stopped
            used        | stopped
            exited      | stopped
            time        | stopped
            attach      | external    | probe
            detach      | stopped
            """
        ),
        (
            "starting",
            """
            start       | starting
            stop        | draining    | close term
            restart     | draining    | term
            reconfigure | draining    | term
            unhold      | starting
            needed      | starting
            released    | starting
            connection  | starting
            spawnFailed | backing off
            ready       | starting
            passed      | serving
            failed      | starting
            used        | starting
            exited      | backing off
            time        | draining    | kill
            attach      | draining    | close term
            detach      | starting
            """
        ),
        (
            "serving",
            """
            start       | serving
            stop        | draining    | close term
            restart     | draining    | term
            reconfigure | draining    | term
            unhold      | serving
            needed      | serving
            released    | serving
            connection  | serving
            spawnFailed | serving
            ready       | serving
            passed      | serving
            failed      | unhealthy   | busy
            used        | serving
            exited      | backing off
            time        | serving
            attach      | draining    | close term
            detach      | serving
            """
        ),
        (
            "unhealthy",
            """
            start       | unhealthy
            stop        | draining    | close term
            restart     | draining    | term
            reconfigure | draining    | term
            unhold      | unhealthy
            needed      | unhealthy
            released    | unhealthy
            connection  | unhealthy
            spawnFailed | unhealthy
            ready       | unhealthy
            passed      | serving
            failed      | draining    | kill
            used        | unhealthy
            exited      | backing off
            time        | unhealthy
            attach      | draining    | close term
            detach      | unhealthy
            """
        ),
        (
            "draining",
            """
            start       | draining
            stop        | draining    | close
            restart     | draining
            reconfigure | draining
            unhold      | draining
            needed      | draining
            released    | draining
            connection  | draining
            spawnFailed | draining
            ready       | draining
            passed      | draining
            failed      | draining
            used        | draining
            exited      | starting    | spawn
            time        | draining    | kill
            attach      | draining    | close
            detach      | draining
            """
        ),
        (
            "backing off",
            """
            start       | starting    | spawn
            stop        | stopped     | close
            restart     | starting    | spawn
            reconfigure | backing off
            unhold      | backing off
            needed      | backing off
            released    | backing off
            connection  | backing off
            spawnFailed | backing off
            ready       | backing off
            passed      | backing off
            failed      | backing off
            used        | backing off
            exited      | backing off
            time        | starting    | spawn
            attach      | external    | close probe
            detach      | backing off
            """
        ),
        (
            "degraded",
            """
            start       | starting    | open spawn
            stop        | stopped
            restart     | starting    | open spawn
            reconfigure | degraded
            unhold      | degraded
            needed      | degraded
            released    | degraded
            connection  | degraded
            spawnFailed | degraded
            ready       | degraded
            passed      | degraded
            failed      | degraded
            used        | degraded
            exited      | degraded
            time        | starting    | open spawn
            attach      | external    | probe
            detach      | degraded
            """
        ),
        (
            "external",
            """
            start       | external
            stop        | external
            restart     | external
            reconfigure | external
            unhold      | external
            needed      | external
            released    | external
            connection  | external
            spawnFailed | external
            ready       | external
            passed      | external
            failed      | external
            used        | external
            exited      | external
            time        | external
            attach      | external
            detach      | stopped     | watch
            """
        ),
    ]
}

extension Substring {
    fileprivate var trimmingBlanks: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
