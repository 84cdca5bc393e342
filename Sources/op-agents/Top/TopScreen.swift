import AgentClient
import Glibc

/// `top` on a terminal: the table in place, keys that sort it, until `q` is pressed.
struct TopScreen {
    private enum Event: Sendable {
        case sampled(FleetSample)
        case failed(String)
        case terminal(TerminalInput.Event)
    }

    private static let controlC: UInt8 = 3

    private let palette: Palette
    private var order: TopOrder
    private var previous: FleetSample?
    private var latest: FleetSample
    /// Why there is nothing newer.
    private var trouble: String?

    /// Prepares to show a fleet.
    ///
    /// - Parameters:
    ///   - first: How it is at the start.
    ///   - order: What the agents are sorted by at first.
    ///   - palette: Paints the table.
    init(_ first: FleetSample, order: TopOrder, palette: Palette) {
        latest = first
        self.order = order
        self.palette = palette
    }

    /// Shows the fleet until a person quits, or a signal ends the program.
    ///
    /// - Parameters:
    ///   - supervisor: Whom to ask; one that went away is asked again.
    ///   - interval: The time between two samples.
    mutating func run(_ supervisor: SupervisorClient, every interval: Duration) async {
        let (events, sending) = AsyncStream.makeStream(of: Event.self)
        let sampling = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: interval)
                do throws(AgentCallError) {
                    sending.yield(.sampled(try await FleetSample.take(from: supervisor)))
                } catch {
                    sending.yield(.failed(error.message))
                }
            }
        }
        let screen = LiveScreen()
        let input = TerminalInput { sending.yield(.terminal($0)) }
        draw(on: screen)
        var ending: CInt?
        loop: for await event in events {
            switch event {
            case .sampled(let sample):
                (previous, latest, trouble) = (latest, sample, nil)
            case .failed(let reason): trouble = reason
            case .terminal(.resized): break
            case .terminal(.signal(let number)):
                ending = number
                break loop
            case .terminal(.key(UInt8(ascii: "q"))), .terminal(.key(Self.controlC)): break loop
            case .terminal(.key(let key)):
                guard let wanted = TopOrder.allCases.first(where: { $0.key.asciiValue == key })
                else { continue }
                order = wanted
            }
            draw(on: screen)
        }
        sampling.cancel()
        screen.leave()
        input.restore()
        if let ending { TerminalInput.end(by: ending) }
    }

    private func draw(on screen: LiveScreen) {
        let size = StandardStream.output.size
        let view = TopView(
            status: latest.status, agents: AgentActivity.between(previous, and: latest),
            order: order)
        let footer = trouble.map { palette.paint($0.printable, .bad) } ?? keys
        let lines = view.lines(palette, size: (size.lines - 2, size.columns))
        screen.draw(lines + ["", footer])
    }

    private var keys: String {
        let orders = TopOrder.allCases.map { each in
            each == order ? "[\(each.key) \(each.rawValue)]" : "\(each.key) \(each.rawValue)"
        }
        return palette.paint("sort: " + (orders + ["q quit"]).joined(separator: "  "), .faint)
    }
}
