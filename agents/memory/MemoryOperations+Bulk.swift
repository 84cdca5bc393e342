import AgentRuntime

extension MemoryOperations {
    var bulkRemember: Operation {
        Operation(
            "bulk_remember", "Stores many values; what is wrong with single ones is in errors.",
            arguments: [
                Argument(
                    "entries",
                    .array(.object(Self.elementArguments), maxCount: MemoryLimits.bulkCount),
                    isRequired: true, "At most 10,000, each as the arguments of remember."),
                .atomic("where one is refused, none is stored"),
                .namespace,
            ]
        ) { arguments, _ in
            let namespace = arguments.text("namespace")
            let isAtomic = arguments.bool("atomic") ?? false
            let entries = arguments.objects("entries").map { element in
                BulkElement<NewEntry>.of { () throws(OperationError) in
                    try NewEntry(element, in: element.string("namespace") ?? namespace)
                }
            }
            let outcome = try await store.atLength {
                try $0.rememberAll(entries, atomic: isAtomic)
            }
            return outcome.result(
                "stored", of: entries.count,
                fields: [
                    "stored": .int(Int64(outcome.done)),
                    "overwritten": .int(Int64(outcome.overwritten)),
                ])
        }
    }

    var bulkRecall: Operation {
        Operation(
            "bulk_recall", "Reads the values of many keys, in their order, misses included.",
            isReadOnly: true, arguments: [.keys, .namespace]
        ) { arguments, _ in
            let namespace = arguments.text("namespace")
            var errors: [BulkError] = []
            var names: [EntryName] = []
            for (index, key) in arguments.strings("keys").enumerated() {
                do throws(OperationError) {
                    names.append(try EntryName(key, in: namespace))
                } catch {
                    errors.append(BulkError(index: index, error: error))
                }
            }
            let wanted = names
            let entries = try await store.atLength { try $0.recallAll(wanted[...]) }
            let found = entries.count { $0 != nil }
            var fields: [String: JSONValue] = [
                "entries": .array(
                    zip(names, entries).map { name, entry in
                        .object(entry?.fields ?? ["found": false, "key": .string(name.key)])
                    }),
                "found": .int(Int64(found)),
                "missing": .int(Int64(entries.count - found)),
                "errors": .array(errors.map(\.json)),
            ]
            var summary = "found \(found) of \(names.count + errors.count) keys"
            if entries.count < names.count {
                fields["truncated"] = true
                summary +=
                    "; the answer is full, send the keys after \"\(names[entries.count - 1].key)\" again"
            }
            return OperationResult(summary: summary, success: errors.isEmpty, fields: fields)
        }
    }

    var bulkForget: Operation {
        Operation(
            "bulk_forget", "Removes many keys; those that do not exist are no error.",
            arguments: [.keys, .atomic("with an invalid key nothing is removed"), .namespace]
        ) { arguments, _ in
            let namespace = arguments.text("namespace")
            let isAtomic = arguments.bool("atomic") ?? false
            let names = arguments.strings("keys").map { key in
                BulkElement<EntryName>.of { () throws(OperationError) in
                    try EntryName(key, in: namespace)
                }
            }
            let outcome = try await store.atLength { try $0.forgetAll(names, atomic: isAtomic) }
            return outcome.result(
                "forgot", of: names.count, fields: ["forgotten": .int(Int64(outcome.done))])
        }
    }

    /// As the arguments of remember, but open: what is wrong with one element is for the store to say, of that
    /// element alone.
    private static let elementArguments = [
        Argument("key", .string(maxBytes: .max), "1 to 512 bytes."),
        Argument("value", .string(maxBytes: .max), "At most 1 MiB."),
        Argument("ttl_secs", .integer(0...Int64.max), "Seconds until it expires; 0 never."),
        Argument(
            "tags", .array(.string(maxBytes: .max), maxCount: .max),
            "At most 32, each at most 128 bytes."),
        Argument(
            "namespace", .string(maxBytes: .max), "The namespace of the call where there is none."),
        Argument("overwrite", .boolean, "Replace an existing entry; true by default."),
        Argument("if_version", .integer(0...Int64.max), "As in remember."),
    ]
}

extension Argument {
    fileprivate static let keys = Argument(
        "keys", .array(.string(maxBytes: .max), maxCount: MemoryLimits.bulkCount), isRequired: true,
        "At most 10,000, each 1 to 512 bytes.")

    fileprivate static func atomic(_ meaning: String) -> Argument {
        Argument("atomic", .boolean, default: false, "All or nothing: \(meaning).")
    }
}

extension Result where Failure == OperationError {
    /// The element, or why it is none.
    static func of(_ body: () throws(OperationError) -> Success) -> Self {
        do throws(OperationError) {
            return .success(try body())
        } catch {
            return .failure(error)
        }
    }
}

extension BulkOutcome {
    fileprivate func result(
        _ verb: String, of count: Int, fields: [String: JSONValue]
    ) -> OperationResult {
        var summary = "\(verb) \(done) of \(count)"
        if let first = errors.first {
            summary += ", \(errors.count) refused; element \(first.index): \(first.error.message)"
        }
        return OperationResult(
            summary: summary, success: errors.isEmpty,
            fields: fields.merging(["errors": .array(errors.map(\.json))]) { _, last in last })
    }
}

extension BulkError {
    fileprivate var json: JSONValue {
        ["index": .int(Int64(index)), "message": .string(error.message)]
    }
}
