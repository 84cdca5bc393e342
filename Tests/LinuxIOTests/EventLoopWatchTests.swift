import Glibc
import LinuxIO
import Testing

@Suite(.timeLimit(.minutes(1)))
final class EventLoopWatchTests {
    private let loop: EventLoop

    init() throws {
        loop = try EventLoop(name: "watches")
    }

    deinit {
        loop.stop()
    }

    @Test func handlerIsCalledOnTheLoopWhileTheDescriptorIsReady() async throws {
        let loop = loop
        let calls: [Bool] = try await loop.wait { finish in
            let event = try SharedEvent()
            let calls = Log<Bool>()
            var watch: Watch?
            watch = try loop.watch(event.descriptor, for: .readable) { readiness in
                calls.append(loop.isCurrent && readiness == .readable)
                // Level-triggered: it is called again until the descriptor is read.
                guard calls.entries.count == 3 else { return }
                event.clear()
                watch?.cancel()
                finish(calls.entries)
            }
            event.signal()
        }
        #expect(calls == [true, true, true])
    }

    @Test func anotherThreadMayMakeADescriptorReady() async throws {
        let loop = loop
        let event = try SharedEvent()
        let (calls, continuation) = AsyncStream<Int>.makeStream()
        try await loop.perform {
            var count = 0
            var watch: Watch?
            watch = try loop.watch(event.descriptor, for: .readable) { _ in
                event.clear()
                count += 1
                continuation.yield(count)
                if count == 100 {
                    watch?.cancel()
                    continuation.finish()
                }
            }
        }
        event.signal()
        var last = 0
        for await count in calls {
            #expect(count == last + 1)
            last = count
            event.signal()
        }
        #expect(last == 100)
    }

    @Test func interestCanBeChanged() async throws {
        let loop = loop
        let seen: [Readiness] = try await loop.wait { finish in
            // An eventfd is always writable, and readable once it was signalled.
            let event = try SharedEvent()
            let seen = Log<Readiness>()
            var watch: Watch?
            watch = try loop.watch(event.descriptor, for: .readable) { readiness in
                seen.append(readiness)
                switch seen.entries.count {
                case 1: watch?.update(.writable)
                case 2: watch?.update([.readable, .writable])
                default: watch?.update([])
                }
                guard watch?.interest == [] else { return }
                // Time for calls that must not come.
                loop.schedule(after: .milliseconds(1)) {
                    watch?.cancel()
                    event.clear()
                    finish(seen.entries)
                }
            }
            event.signal()
        }
        #expect(seen == [.readable, .writable, [.readable, .writable]])
    }

    @Test func hangUpIsReportedUnasked() async throws {
        let loop = loop
        let readiness: Readiness = try await loop.wait { finish in
            try Pipe().split { reader, writer in
                let number = try OwnedDescriptor(owning: dup(reader.rawValue), from: "dup")
                    .release()
                var watch: Watch?
                watch = try loop.watch(number, for: []) { readiness in
                    watch?.cancel()
                    close(number)
                    finish(readiness)
                }
                close(writer.release())
            }
        }
        #expect(!readiness.isDisjoint(with: .hungUp))
    }

    @Test func handlerOfACancelledWatchIsNotCalledInTheSameBatch() async throws {
        let loop = loop
        let calls: [Int] = try await loop.wait { finish in
            let calls = Log<Int>()
            let events = try [SharedEvent(), SharedEvent()]
            var watches: [Watch] = []
            for (number, event) in events.enumerated() {
                watches.append(
                    try loop.watch(event.descriptor, for: .readable) { _ in
                        calls.append(number)
                        // Whichever comes first ends both. The other one's event is in the batch.
                        for watch in watches { watch.cancel() }
                        loop.schedule(after: .milliseconds(1)) {
                            finish(calls.entries)
                            withExtendedLifetime(events) {}
                        }
                    })
                event.signal()
            }
        }
        #expect(calls.count == 1)
    }

    @Test func watchInAReusedSlotDoesNotGetItsPredecessorsEvent() async throws {
        let loop = loop
        let calls: [String] = try await loop.wait { finish in
            let calls = Log<String>()
            let events = try [SharedEvent(), SharedEvent()]
            let quiet = try SharedEvent()
            var watches: [Watch] = []
            for event in events {
                watches.append(
                    try loop.watch(event.descriptor, for: .readable) { _ in
                        calls.append("first of the batch")
                        for watch in watches { watch.cancel() }
                        // Two watches, so that both slots are taken again.
                        let successors = (0..<2).compactMap { _ in
                            try? loop.watch(dup(quiet.descriptor), for: .readable) { _ in
                                calls.append("successor")
                            }
                        }
                        loop.schedule(after: .milliseconds(1)) {
                            for successor in successors {
                                successor.cancel()
                                close(successor.descriptor)
                            }
                            finish(calls.entries + ["\(successors.count) successors"])
                            withExtendedLifetime((events, quiet)) {}
                        }
                    })
                event.signal()
            }
        }
        #expect(calls == ["first of the batch", "2 successors"])
    }

    @Test func cancellingTwiceLeavesTheSuccessorAlone() async throws {
        let loop = loop
        let calls: [String] = try await loop.wait { finish in
            let calls = Log<String>()
            let event = try SharedEvent()
            let first = try loop.watch(event.descriptor, for: .readable) { _ in
                calls.append("first")
            }
            first.cancel()
            var second: Watch?
            second = try loop.watch(event.descriptor, for: .readable) { _ in
                calls.append("second")
                second?.cancel()
                finish(calls.entries)
                withExtendedLifetime(event) {}
            }
            first.cancel()
            first.update(.writable)
            event.signal()
        }
        #expect(calls == ["second"])
    }

    @Test func ordinaryFileCannotBeWatched() async throws {
        let loop = loop
        let code: CInt? = try await loop.perform {
            let directory = try TemporaryDirectory()
            let path = "\(directory.path)/file"
            let file = try OwnedDescriptor(
                owning: open(path, O_CREAT | O_RDWR, 0o600), from: "make \(path)")
            do {
                _ = try loop.watch(file.rawValue, for: .readable) { _ in }
                return nil
            } catch let error as SystemError {
                return error.code
            }
        }
        #expect(code == EPERM)
    }

    @Test func jobsWithoutEndDoNotStarveDescriptors() async throws {
        let loop = loop
        let _: Bool = try await loop.wait { finish in
            let event = try SharedEvent()
            let isDone = Log<Bool>()
            var watch: Watch?
            watch = try loop.watch(event.descriptor, for: .readable) { _ in
                watch?.cancel()
                event.clear()
                isDone.append(true)
            }
            @Sendable func spin() {
                guard isDone.entries.isEmpty else { return finish(true) }
                loop.execute { spin() }
            }
            event.signal()
            spin()
        }
    }
}
